//! Whether this node should get traffic.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Set while the node works, cleared as soon as it is asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    serving: Arc<AtomicBool>,
}

impl Readiness {
    /// The node works.
    pub fn serve(&self) {
        self.serving.store(true, Ordering::SeqCst);
    }

    /// The node is about to stop.
    pub fn withdraw(&self) {
        self.serving.store(false, Ordering::SeqCst);
    }

    /// Whether the node works.
    pub fn is_serving(&self) -> bool {
        self.serving.load(Ordering::SeqCst)
    }
}
