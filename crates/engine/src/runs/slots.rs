//! The attempts under way on this node.

use scheduler_domain::{ids::RunId, run::LeaseToken};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, watch};

/// What an attempt is told while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    Work,
    /// The run is no longer ours: stop, and write nothing.
    Stop,
    /// The node shuts down: give the run back.
    HandBack,
}

#[derive(Debug)]
struct Slot {
    lease: LeaseToken,
    order: watch::Sender<Order>,
}

/// Every attempt under way, by run.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    slots: Arc<Mutex<HashMap<RunId, Slot>>>,
    freed: Arc<Notify>,
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Slot>> {
        // The map is whole after every statement, so a panic elsewhere leaves nothing half done.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters an attempt; its orders come through the receiver.
    pub(super) fn enter(&self, run_id: RunId, lease: LeaseToken) -> watch::Receiver<Order> {
        let (order, orders) = watch::channel(Order::Work);
        self.lock().insert(run_id, Slot { lease, order });
        orders
    }

    /// Forgets an attempt, unless a later one of the same run took its place.
    pub(super) fn leave(&self, run_id: RunId, lease: LeaseToken) {
        let mut slots = self.lock();
        if slots.get(&run_id).is_some_and(|slot| slot.lease == lease) {
            slots.remove(&run_id);
            drop(slots);
            self.freed.notify_waiters();
            self.freed.notify_one();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn leases(&self) -> Vec<(RunId, LeaseToken)> {
        self.lock().iter().map(|(run_id, slot)| (*run_id, slot.lease)).collect()
    }

    pub(super) fn stop(&self, run_id: RunId) {
        if let Some(slot) = self.lock().get(&run_id) {
            slot.order.send_replace(Order::Stop);
        }
    }

    /// Stops the attempt under this lease, and no later one of the same run.
    pub(super) fn stop_leased(&self, run_id: RunId, lease: LeaseToken) {
        if let Some(slot) = self.lock().get(&run_id).filter(|slot| slot.lease == lease) {
            slot.order.send_replace(Order::Stop);
        }
    }

    pub(super) fn hand_back_all(&self) {
        for slot in self.lock().values() {
            slot.order.send_replace(Order::HandBack);
        }
    }

    /// Returns when a slot was freed since the last call, or is.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Returns when no attempt is under way.
    pub(super) async fn empty(&self) {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.len() == 0 {
                return;
            }
            freed.await;
        }
    }
}
