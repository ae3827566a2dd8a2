//! Keeps the lease of an attempt: signs of life in time, progress with them, and what their answers order.

use super::{
    orders::{Orders, Why},
    pauses::Pauses,
    protocol::{Failure, Held},
    said::Progress,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until, timeout_at},
};

/// The server tells the world of progress at most this often.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);
/// A cancellation is heard of at the latest after this, however long the lease.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// What a command has between SIGTERM and SIGKILL when its run is another's already.
const LOST_GRACE: Duration = Duration::from_secs(2);

/// The latest progress that the server does not know yet.
#[derive(Debug, Default)]
pub(super) struct Untold {
    progress: Mutex<Option<Progress>>,
    news: Notify,
    /// Held while a heartbeat is under way.
    beating: tokio::sync::Mutex<()>,
}

impl Untold {
    pub(super) fn tell(&self, progress: Progress) {
        *self.slot() = Some(progress);
        self.news.notify_one();
    }

    /// Sends what is left when nothing more comes. The keeper is held up from then on, as long as the result is kept.
    pub(super) async fn flush(&self, held: &Held) -> tokio::sync::MutexGuard<'_, ()> {
        let beating = self.beating.lock().await;
        if let Some(progress) = self.take() {
            // It was only to be seen for a moment.
            let _ = held.heartbeat(Some(&progress)).await;
        }
        beating
    }

    pub(super) fn take(&self) -> Option<Progress> {
        self.slot().take()
    }

    /// It was not told after all, unless there is something newer.
    fn put_back(&self, progress: Option<Progress>) {
        let mut slot = self.slot();
        *slot = slot.take().or(progress);
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Progress>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until when a run is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease {
    pub until: Instant,
    /// It ends with the timeout of the job, and is not extended any more.
    pub is_last: bool,
}

/// The keeper of one attempt.
#[derive(Debug)]
pub(super) struct Keeper {
    pub held: Held,
    pub orders: Arc<Orders>,
    pub untold: Arc<Untold>,
    pub lease: Arc<watch::Sender<Lease>>,
    /// How long a lease is.
    pub length: Duration,
    /// Between SIGTERM and SIGKILL when somebody cancels.
    pub kill_after: Duration,
}

impl Keeper {
    /// Keeps the lease until it is lost.
    pub(super) async fn keep(self) {
        let every = (self.length / 3).min(BEAT_EVERY);
        let mut pauses = Pauses::up_to(every);
        let mut last = Instant::now();
        let mut next = last + every;
        loop {
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.untold.news.notified() => sleep_until(next.min(last + PROGRESS_EVERY)).await,
            }
            let _beating = self.untold.beating.lock().await;
            last = Instant::now();
            let progress = self.untold.take();
            // An answer that comes later than the lease ends is worth nothing.
            let until = self.lease.borrow().until;
            let beaten = timeout_at(until, self.held.heartbeat(progress.as_ref())).await;
            next = match beaten {
                Ok(Ok(beaten)) => {
                    pauses = Pauses::up_to(every);
                    let left = beaten.left.unwrap_or(self.length);
                    self.lease.send_replace(Lease {
                        until: last + left.min(self.length),
                        // Instants of the `Date` header are whole seconds.
                        is_last: left + Duration::from_secs(1) < self.length,
                    });
                    if beaten.cancel_requested {
                        self.orders.end(Why::Cancelled, self.kill_after);
                    }
                    last + every
                }
                Ok(Err(Failure::LeaseLost)) => {
                    let is_last = self.lease.borrow().is_last;
                    let why = if is_last { Why::TimedOut } else { Why::LeaseLost };
                    return self.orders.end(why, LOST_GRACE);
                }
                Ok(Err(Failure::Away(_) | Failure::Refused(_))) | Err(_) => {
                    self.untold.put_back(progress);
                    Instant::now() + pauses.next()
                }
            };
        }
    }
}

/// Returns when a lease runs out that nobody extends, and what the command has between SIGTERM and SIGKILL then. That is
/// shortly before the end, because the command must be gone when the run may be another's; but what has a timeout gets
/// all of it.
pub(super) async fn running_out(
    lease: &watch::Sender<Lease>,
    length: Duration,
    kill_after: Duration,
) -> (Why, Duration) {
    let mut changes = lease.subscribe();
    let spare = kill_after.min(length / 5);
    loop {
        let Lease { until, is_last } = *changes.borrow_and_update();
        let (at, out) = if is_last {
            (until, (Why::TimedOut, LOST_GRACE))
        } else {
            (until - spare, (Why::Silent, spare))
        };
        tokio::select! {
            () = sleep_until(at) => return out,
            Ok(()) = changes.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_is_extended_does_not_run_out() {
        let (length, kill_after) = (Duration::from_secs(30), Duration::from_secs(10));
        let start = Instant::now();
        let lease = watch::Sender::new(Lease {
            until: start + length,
            is_last: false,
        });
        let extend = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            lease.send_replace(Lease {
                until: Instant::now() + length,
                is_last: false,
            });
            std::future::pending::<()>().await;
        };
        let (why, left) = tokio::select! {
            run_out = running_out(&lease, length, kill_after) => run_out,
            () = extend => unreachable!(),
        };
        // A fifth of the lease before its end.
        assert_eq!(
            (why, start.elapsed(), left),
            (Why::Silent, Duration::from_secs(44), Duration::from_secs(6))
        );
    }

    #[test]
    fn only_the_latest_progress_is_told() {
        let untold = Untold::default();
        let at = |percent| Progress {
            percent,
            message: String::new(),
        };
        untold.tell(at(1));
        untold.tell(at(2));
        let taken = untold.take();
        assert_eq!(taken, Some(at(2)));
        untold.put_back(taken);
        assert_eq!(untold.take(), Some(at(2)));
        untold.tell(at(3));
        untold.put_back(Some(at(2)));
        assert_eq!((untold.take(), untold.take()), (Some(at(3)), None));
    }
}
