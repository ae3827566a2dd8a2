//! Which web pages may use the cookies and sockets of their visitors here.

use crate::state::State;

/// Whether a page of this origin is ours: that of `SCHED_PUBLIC_URL`.
pub fn is_ours(state: &State, origin: &str) -> bool {
    origin == state.origin
}
