//! The id of a request: taken from `X-Request-Id` or made, echoed, logged and put into problems.

use actix_web::HttpRequest;
use scheduler_domain::{
    clock::{Clock, Random, random_bytes},
    ids::uuid_v7,
};

tokio::task_local! {
    static CURRENT: String;
}

/// The header.
pub const HEADER: &str = "x-request-id";

/// The id of the request that this task works on; empty outside of requests.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Runs a future as work on the request `id`.
pub async fn within<F: Future>(id: String, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}

/// The client's id when it is one to 64 plain characters, else a new one.
pub fn of(request: &HttpRequest, clock: &dyn Clock, random: &dyn Random) -> String {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
    match given {
        Some(id) if is_plain(id) => id.to_owned(),
        _ => uuid_v7(clock.now(), random_bytes(random)).to_string(),
    }
}

fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}
