//! Ctrl-C ends the program, unless somebody else is meant: an editor in the foreground, a view with an end of its own.

use std::sync::atomic::{AtomicUsize, Ordering};

static HELD: AtomicUsize = AtomicUsize::new(0);

/// While it lives, Ctrl-C does not end the program.
pub(crate) struct Held(());

impl Held {
    pub(crate) fn begin() -> Self {
        HELD.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Ends when Ctrl-C is pressed and nobody holds it.
pub(crate) async fn interrupted() {
    loop {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the system's own way remains: the process ends.
            std::future::pending::<()>().await;
        }
        if HELD.load(Ordering::Relaxed) == 0 {
            return;
        }
    }
}
