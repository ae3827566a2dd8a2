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
    /// Whether the attempt is over and its result is being written.
    is_over: bool,
}

/// The most results that may wait to be written before their attempts keep their places.
const MOST_UNWRITTEN: usize = 2_000;

#[derive(Debug, Default)]
struct Taken {
    by_run: HashMap<RunId, Slot>,
    /// How many of them are over.
    over: usize,
}

impl Taken {
    fn remove(&mut self, run_id: RunId, lease: LeaseToken) -> bool {
        if self.by_run.get(&run_id).is_none_or(|slot| slot.lease != lease) {
            return false;
        }
        if self.by_run.remove(&run_id).is_some_and(|slot| slot.is_over) {
            self.over -= 1;
        }
        true
    }

    /// How many places are taken: those of attempts at work, and of results beyond what may wait.
    fn busy(&self) -> u32 {
        let busy = self.by_run.len() - self.over.min(MOST_UNWRITTEN);
        u32::try_from(busy).unwrap_or(u32::MAX)
    }
}

/// Every attempt under way, by run. It is kept, and its lease renewed, until its result is written; its place is free
/// as soon as the writing begins, so that the next runs are claimed meanwhile.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    taken: Arc<Mutex<Taken>>,
    freed: Arc<Notify>,
    /// Places kept for runs that are being made.
    reserved: Arc<AtomicU32>,
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        // The map is whole after every statement, so a panic elsewhere leaves nothing half done.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters an attempt; its orders come through the receiver.
    pub(super) fn enter(&self, run_id: RunId, lease: LeaseToken) -> watch::Receiver<Order> {
        let (order, orders) = watch::channel(Order::Work);
        let slot = Slot {
            lease,
            order,
            is_over: false,
        };
        let mut taken = self.lock();
        if taken.by_run.insert(run_id, slot).is_some_and(|slot| slot.is_over) {
            taken.over -= 1;
        }
        orders
    }

    /// These attempts are over, and their results are being written: others may have their places.
    pub(super) fn over<'a>(&self, attempts: impl IntoIterator<Item = (&'a RunId, &'a LeaseToken)>) {
        let mut taken = self.lock();
        for (run_id, lease) in attempts {
            let slot = taken.by_run.get_mut(run_id).filter(|slot| slot.lease == *lease);
            if slot.is_some_and(|slot| !std::mem::replace(&mut slot.is_over, true)) {
                taken.over += 1;
            }
        }
        drop(taken);
        self.tell_freed();
    }

    /// Forgets an attempt, unless a later one of the same run took its place.
    pub(super) fn leave(&self, run_id: RunId, lease: LeaseToken) {
        self.leave_all([(&run_id, &lease)]);
    }

    /// Forgets attempts, except where a later one of the same run took the place.
    pub(super) fn leave_all<'a>(&self, attempts: impl IntoIterator<Item = (&'a RunId, &'a LeaseToken)>) {
        let mut taken = self.lock();
        for (run_id, lease) in attempts {
            taken.remove(*run_id, *lease);
        }
        drop(taken);
        self.tell_freed();
    }

    fn tell_freed(&self) {
        self.freed.notify_waiters();
        self.freed.notify_one();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().by_run.len()
    }

    /// How many of `concurrency` places are free.
    pub(super) fn free(&self, concurrency: u32) -> u32 {
        concurrency
            .saturating_sub(self.lock().busy())
            .saturating_sub(self.reserved.load(Ordering::Acquire))
    }

    /// Keeps up to `most` free places.
    pub(super) fn reserve(&self, most: u32, concurrency: u32) -> Option<Places> {
        // The map is locked, so that nobody else reserves meanwhile.
        let taken = self.lock();
        let reserved = self.reserved.load(Ordering::Acquire);
        let count = most.min(concurrency.saturating_sub(taken.busy()).saturating_sub(reserved));
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
        self.lock()
            .by_run
            .iter()
            .map(|(run_id, slot)| (*run_id, slot.lease))
            .collect()
    }

    pub(super) fn stop(&self, run_id: RunId) {
        if let Some(slot) = self.lock().by_run.get(&run_id) {
            slot.order.send_replace(Order::Stop);
        }
    }

    /// Stops the attempt under this lease, and no later one of the same run.
    pub(super) fn stop_leased(&self, run_id: RunId, lease: LeaseToken) {
        if let Some(slot) = self.lock().by_run.get(&run_id).filter(|slot| slot.lease == lease) {
            slot.order.send_replace(Order::Stop);
        }
    }

    pub(super) fn hand_back_all(&self) {
        for slot in self.lock().by_run.values() {
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
        self.slots.tell_freed();
    }
}
