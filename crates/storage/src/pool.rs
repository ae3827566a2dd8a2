//! A few connections, handed out in the order of asking.
//!
//! A connection comes back only when whoever had it says that it is clean. Whatever goes wrong in between, it is
//! closed instead, and the next one who asks gets a new one: that is also how the program reconnects.

use scheduler_domain::{error::StoreError, ports::PoolWaits};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) struct Pool<C> {
    idle: Mutex<Vec<C>>,
    permits: Arc<Semaphore>,
    wait: Duration,
    /// How many wait for a place.
    waiting: AtomicUsize,
    waits: AtomicU64,
    waited_micros: AtomicU64,
}

impl<C> Pool<C> {
    pub(crate) fn new(size: usize, wait: Duration) -> Arc<Self> {
        Arc::new(Self {
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(size.max(1))),
            wait,
            waiting: AtomicUsize::new(0),
            waits: AtomicU64::new(0),
            waited_micros: AtomicU64::new(0),
        })
    }

    /// Waits for a place. It may hold an idle connection, or none yet.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Place<C>, StoreError> {
        let permit = match self.permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait_for_permit().await?,
        };
        Ok(self.place(permit))
    }

    /// A place behind all who wait for one now, for somebody who does not count as waiting; `None` when the pool is closed.
    pub(crate) async fn take_aside(self: &Arc<Self>) -> Option<Place<C>> {
        let permit = self.permits.clone().acquire_owned().await.ok()?;
        Some(self.place(permit))
    }

    /// How many wait for a place.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    fn place(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Place<C> {
        Place {
            conn: self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop(),
            pool: self.clone(),
            _permit: permit,
        }
    }

    async fn wait_for_permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let _waiting = Waiting::begin(&self.waiting);
        let began = Instant::now();
        let permit = tokio::time::timeout(self.wait, self.permits.clone().acquire_owned()).await;
        self.waits.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited_micros.fetch_add(micros, Ordering::Relaxed);
        permit
            .map_err(|_| StoreError::Unavailable("all connections are busy".to_owned()))?
            .map_err(|_| StoreError::Unavailable("the pool is closed".to_owned()))
    }

    pub(crate) fn waits(&self) -> PoolWaits {
        PoolWaits {
            waits: self.waits.load(Ordering::Relaxed),
            micros: self.waited_micros.load(Ordering::Relaxed),
        }
    }
}

/// Counts as waiting until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::AcqRel);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The right to use one connection.
pub(crate) struct Place<C> {
    /// The connection; `None` if one must be opened.
    pub(crate) conn: Option<C>,
    pool: Arc<Pool<C>>,
    _permit: OwnedSemaphorePermit,
}

impl<C> Place<C> {
    /// Hands a clean connection back.
    pub(crate) fn give_back(self, conn: C) {
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_is_not_handed_back_is_gone_but_its_place_is_free() {
        let pool = Pool::new(1, Duration::from_millis(50));
        pool.take().await.unwrap().give_back("one");
        let place = pool.take().await.unwrap();
        assert_eq!(place.conn, Some("one"));
        assert!(matches!(pool.take().await, Err(StoreError::Unavailable(_))));
        drop(place);
        assert_eq!(pool.take().await.unwrap().conn, None);
    }

    #[tokio::test]
    async fn who_gave_up_is_not_waiting_any_more() {
        let pool = Pool::new(1, Duration::from_secs(5));
        pool.take().await.unwrap().give_back("one");
        let place = pool.take().await.unwrap();
        let mut waiter = Box::pin(pool.take());
        assert!(futures_util::poll!(&mut waiter).is_pending());
        assert_eq!(pool.waiting(), 1);
        drop(waiter);
        assert_eq!(pool.waiting(), 0);
        let mut aside = Box::pin(pool.take_aside());
        assert!(futures_util::poll!(&mut aside).is_pending());
        assert_eq!(pool.waiting(), 0);
        place.give_back("two");
        assert_eq!(aside.await.unwrap().conn, Some("two"));
    }
}
