//! The attempts under way on this node.

use scheduler_domain::{ids::RunId, run::LeaseToken};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
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
    taken: Arc<Mutex<HashMap<RunId, Slot>>>,
    freed: Arc<Notify>,
    /// Places kept for runs that are being made.
    reserved: Arc<AtomicU32>,
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Slot>> {
        // The map is whole after every statement, so a panic elsewhere leaves nothing half done.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// How many of `concurrency` places are free.
    pub(super) fn free(&self, concurrency: u32) -> u32 {
        let busy = u32::try_from(self.len()).unwrap_or(u32::MAX);
        concurrency
            .saturating_sub(busy)
            .saturating_sub(self.reserved.load(Ordering::Acquire))
    }

    /// Keeps up to `most` free places.
    pub(super) fn reserve(&self, most: u32, concurrency: u32) -> Option<Places> {
        // The map is locked, so that nobody else reserves meanwhile.
        let slots = self.lock();
        let busy = u32::try_from(slots.len()).unwrap_or(u32::MAX);
        let reserved = self.reserved.load(Ordering::Acquire);
        let count = most.min(concurrency.saturating_sub(busy).saturating_sub(reserved));
        if count == 0 {
            return None;
        }
        self.reserved.fetch_add(count, Ordering::AcqRel);
        Some(Places {
            slots: self.clone(),
            count,
        })
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
            if self.len() == 0 && self.reserved.load(Ordering::Acquire) == 0 {
                return;
            }
            freed.await;
        }
    }
}

/// Places that are kept free until this is dropped.
#[derive(Debug)]
pub(super) struct Places {
    slots: Slots,
    pub(super) count: u32,
}

impl Drop for Places {
    fn drop(&mut self) {
        self.slots.reserved.fetch_sub(self.count, Ordering::AcqRel);
        self.slots.freed.notify_waiters();
        self.slots.freed.notify_one();
    }
}
