//! One message on its way, with all its tries.

use super::Phase;
use crate::redact;
use chrono::TimeDelta;
use scheduler_domain::{
    clock::{Clock, Timestamp},
    mail::{Message, Recipient},
    ports::{Notifier, NotifyError},
};
use std::{ops::ControlFlow, sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tracing::{debug, warn};

/// The pauses between tries; after the last one the message is dropped.
const BACKOFF: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_secs(60),
];
/// The longest that one try may take, whatever the transport's own limits are.
const TRY: Duration = Duration::from_secs(30);

pub(super) struct Delivery {
    to: Recipient,
    message: Message,
    notifier: Arc<dyn Notifier>,
    clock: Arc<dyn Clock>,
}

impl Delivery {
    pub(super) fn new(to: Recipient, message: Message, notifier: Arc<dyn Notifier>, clock: Arc<dyn Clock>) -> Self {
        Self {
            to,
            message,
            notifier,
            clock,
        }
    }

    /// Tries until it is handed over, given up, or the box closes.
    pub(super) async fn run(&self, workers: &Semaphore, mut phase: watch::Receiver<Phase>) {
        let mut closed = phase.clone();
        tokio::select! {
            // First, so that the place of one that is cut off does not start the next.
            biased;
            _ = closed.wait_for(|phase| *phase == Phase::Closed) => self.dropped("the postbox was closed"),
            () = self.tries(workers, &mut phase) => {}
        }
    }

    async fn tries(&self, workers: &Semaphore, phase: &mut watch::Receiver<Phase>) {
        let mut tries = 0;
        loop {
            let ControlFlow::Continue(pause) = self.attempt(workers, tries).await else {
                return;
            };
            // A try that ends while the box closes is the last one.
            if *phase.borrow() != Phase::Open {
                return self.dropped("the postbox is closing");
            }
            tokio::select! {
                () = sleep(pause) => {}
                _ = phase.wait_for(|phase| *phase != Phase::Open) => {}
            }
            tries += 1;
        }
    }

    /// One try; how long to wait before the next, if there should be one.
    async fn attempt(&self, workers: &Semaphore, tries: usize) -> ControlFlow<(), Duration> {
        let Ok(_worker) = workers.acquire().await else {
            return ControlFlow::Break(());
        };
        if self.is_expired(Duration::ZERO) {
            self.dropped("the code expired before it could be handed over");
            return ControlFlow::Break(());
        }
        let outcome = timeout(TRY, self.notifier.deliver(&self.to, &self.message))
            .await
            .unwrap_or_else(|_| Err(NotifyError::Temporary("it took longer than 30 seconds".to_owned())));
        let why = match outcome {
            Ok(()) => {
                debug!(
                    message = self.kind(),
                    to = redact::recipient(&self.to),
                    tries = tries + 1,
                    "handed over"
                );
                return ControlFlow::Break(());
            }
            Err(NotifyError::Temporary(why)) => why,
            Err(NotifyError::Permanent(why)) => {
                self.dropped(&why);
                return ControlFlow::Break(());
            }
        };
        match BACKOFF.get(tries) {
            Some(pause) if !self.is_expired(*pause) => {
                debug!(
                    message = self.kind(),
                    to = redact::recipient(&self.to),
                    why,
                    ?pause,
                    "not handed over yet"
                );
                ControlFlow::Continue(*pause)
            }
            _ => {
                self.dropped(&why);
                ControlFlow::Break(())
            }
        }
    }

    /// Whether the message will have lost its point after the pause.
    fn is_expired(&self, pause: Duration) -> bool {
        let pause = TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX);
        let then = self.clock.now().checked_add_signed(pause).unwrap_or(Timestamp::MAX_UTC);
        matches!(&self.message, Message::Otp { expires_at, .. } if then >= *expires_at)
    }

    /// Says in the log that the message is lost, without what it says and to whom.
    pub(super) fn dropped(&self, why: &str) {
        warn!(
            message = self.kind(),
            to = redact::recipient(&self.to),
            why,
            "a message was dropped"
        );
    }

    fn kind(&self) -> &'static str {
        match self.message {
            Message::Otp { .. } => "otp",
            Message::AccountExists { .. } => "account_exists",
            Message::PasswordChanged { .. } => "password_changed",
            Message::WebhookDisabled { .. } => "webhook_disabled",
            Message::Jobs { .. } => "jobs",
            Message::SessionRevoked { .. } => "session_revoked",
        }
    }
}
