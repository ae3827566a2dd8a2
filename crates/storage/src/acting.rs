//! For whom the present task works, so that transactions can write down who made them.
//!
//! It belongs to the task that serves a request, like the id of the request, and not to the arguments of every port:
//! what a request causes is then written down by whichever store does it, and no handler can forget to say who asked.
//! Work without a request (the engine, housekeeping) has nobody, and leaves no entries.

use scheduler_domain::audit::Acting;
use std::sync::Arc;

tokio::task_local! {
    static ACTING: Option<Arc<Acting>>;
}

/// For whom this task works.
pub fn current() -> Option<Arc<Acting>> {
    ACTING.try_with(Clone::clone).ok().flatten()
}

/// Does work for somebody.
pub async fn within<F: Future>(acting: Option<Arc<Acting>>, work: F) -> F::Output {
    ACTING.scope(acting, work).await
}
