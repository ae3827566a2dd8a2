//! The domain's `Postbox`: takes messages at once, hands them over in the background, tries again.

use delivery::Delivery;
use scheduler_domain::{
    clock::Clock,
    mail::{Message, Recipient},
    ports::{Notifier, Postbox},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    time::timeout,
};
use tracing::warn;

mod delivery;

/// How many messages may wait, those between two tries included.
const CAPACITY: u32 = 1_024;
/// How many are handed over at the same time.
const WORKERS: usize = 4;
/// How long [`QueuedPostbox::shutdown`] waits for the rest.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// What the tasks are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Phase {
    /// Work as usual.
    Open,
    /// One last try each, without waiting.
    Closing,
    /// Stop.
    Closed,
}

/// A bounded letter box in memory. Messages that wait in it are lost with the process; a code can be asked for again.
///
/// Each message is a task that holds a place in the box and, while it is handed over, one of four workers' places. So a
/// message that waits for its next try holds up nobody, and one that panics harms nobody.
pub struct QueuedPostbox {
    notifier: Arc<dyn Notifier>,
    clock: Arc<dyn Clock>,
    places: Arc<Semaphore>,
    workers: Arc<Semaphore>,
    phase: watch::Sender<Phase>,
    runtime: Handle,
}

impl QueuedPostbox {
    /// Opens a box that works on the present tokio runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(notifier: Arc<dyn Notifier>, clock: Arc<dyn Clock>) -> Self {
        Self {
            notifier,
            clock,
            places: Arc::new(Semaphore::new(CAPACITY as usize)),
            workers: Arc::new(Semaphore::new(WORKERS)),
            phase: watch::Sender::new(Phase::Open),
            runtime: Handle::current(),
        }
    }

    /// Takes nothing more, gives what waits one last try, and returns when all is done or after five seconds.
    pub async fn shutdown(&self) {
        self.phase.send_replace(Phase::Closing);
        if timeout(SHUTDOWN_GRACE, self.places.acquire_many(CAPACITY))
            .await
            .is_err()
        {
            let left = CAPACITY as usize - self.places.available_permits();
            warn!(left, "messages are given up at shutdown");
        }
        self.phase.send_replace(Phase::Closed);
    }
}

impl Postbox for QueuedPostbox {
    fn post(&self, to: Recipient, message: Message) {
        let delivery = Delivery::new(to, message, Arc::clone(&self.notifier), Arc::clone(&self.clock));
        if *self.phase.borrow() != Phase::Open {
            delivery.dropped("the postbox is closed");
            return;
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            delivery.dropped("the postbox is full");
            return;
        };
        let (workers, phase) = (Arc::clone(&self.workers), self.phase.subscribe());
        self.runtime.spawn(async move {
            delivery.run(&workers, phase).await;
            drop(place);
        });
    }

    fn has_sms(&self) -> bool {
        self.notifier.has_sms()
    }
}

#[cfg(test)]
mod tests;
