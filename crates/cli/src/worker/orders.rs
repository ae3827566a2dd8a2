//! Why an attempt is to be ended before it ends by itself, and how soon.

use std::time::Duration;
use tokio::{sync::watch, time::Instant};

/// The reason; a later one is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The agent stops.
    Stopping,
    /// Somebody asked for it.
    Cancelled,
    /// The time that the job's timeout allows is over; the server sees to it.
    TimedOut,
    /// No sign of life got through for a whole lease.
    Silent,
    /// The server said that the run is not ours any more.
    LeaseLost,
}

impl Why {
    /// Whether nothing may be said about the run any more.
    pub(super) fn is_lost(self) -> bool {
        self >= Self::TimedOut
    }
}

/// An order to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub why: Why,
    /// When SIGKILL follows SIGTERM.
    pub kill_at: Instant,
}

/// The orders of one attempt. The strongest reason and the earliest instant count.
#[derive(Debug)]
pub(super) struct Orders(watch::Sender<Option<End>>);

impl Orders {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Orders the end.
    pub(super) fn end(&self, why: Why, within: Duration) {
        let kill_at = Instant::now() + within;
        self.0.send_if_modified(|present| {
            let merged = present.map_or(End { why, kill_at }, |before| End {
                why: before.why.max(why),
                kill_at: before.kill_at.min(kill_at),
            });
            let is_news = *present != Some(merged);
            *present = Some(merged);
            is_news
        });
    }

    /// What was ordered up to now.
    pub(super) fn present(&self) -> Option<End> {
        *self.0.borrow()
    }

    /// Sees each order that comes from now on, and the one that is there.
    pub(super) fn watch(&self) -> watch::Receiver<Option<End>> {
        let mut watch = self.0.subscribe();
        watch.mark_changed();
        watch
    }

    /// Returns when nothing may be said about the run any more.
    pub(super) async fn lost(&self) {
        let is_lost = |end: &Option<End>| end.is_some_and(|end| end.why.is_lost());
        // The sender is ours, so it is there.
        let _ = self.0.subscribe().wait_for(is_lost).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_strongest_reason_and_the_earliest_instant_count() {
        let orders = Orders::new();
        assert_eq!(orders.present(), None);
        orders.end(Why::Cancelled, Duration::from_secs(5));
        orders.end(Why::Stopping, Duration::from_secs(10));
        let five = Instant::now() + Duration::from_secs(5);
        assert_eq!(
            orders.present(),
            Some(End {
                why: Why::Cancelled,
                kill_at: five
            })
        );
        orders.end(Why::LeaseLost, Duration::from_secs(2));
        let two = Instant::now() + Duration::from_secs(2);
        assert_eq!(
            orders.present(),
            Some(End {
                why: Why::LeaseLost,
                kill_at: two
            })
        );
        orders.lost().await;
    }
}
