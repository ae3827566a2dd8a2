//! Ports to people: e-mail and SMS.

use crate::mail::{Message, Recipient};
use async_trait::async_trait;

/// Why a message could not be handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// Trying again later may help: the server is away or asks for patience.
    #[error("not handed over yet: {0}")]
    Temporary(String),
    /// Trying again will not help: the address or the message was refused, or the channel is not configured.
    #[error("refused: {0}")]
    Permanent(String),
}

/// Hands one message over to a mail server, a folder, the developer mailbox or an SMS gateway.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Notifier: Send + Sync + 'static {
    /// Hands the message over, and returns when the other side has taken it.
    async fn deliver(&self, to: &Recipient, message: &Message) -> Result<(), NotifyError>;

    /// Whether SMS can be sent at all.
    fn has_sms(&self) -> bool;
}

/// A letter box: takes messages at once and hands them over in the background, so that an answer takes the same time
/// whether a message is sent or not.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait Postbox: Send + Sync + 'static {
    /// Takes a message. Never blocks and never fails; a full box drops the message and says so in the log.
    fn post(&self, to: Recipient, message: Message);

    /// Whether SMS can be sent at all.
    fn has_sms(&self) -> bool;
}
