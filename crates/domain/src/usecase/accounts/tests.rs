//! What people are promised about accounts, told by the doubles of the ports.

mod administer;
mod limits;
mod log_in;
mod resend;
mod reset;
mod session;
mod sign_up;
mod verify;
mod world;

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// The result of a future over doubles, which never wait: no async runtime is needed.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a double waited"),
    }
}

macro_rules! assert_refused {
    ($result:expr, $pattern:pat) => {
        let result = $result;
        assert!(matches!(result, Err($pattern)), "{result:?}");
    };
}
use assert_refused;
