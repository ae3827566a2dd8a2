//! E-mail and SMS: what people are told, how it looks, and the ways it takes.
//!
//! - [`Notify`] implements the domain's `Notifier`: it renders a message and hands it to a mail server, a folder, the
//!   [`DeveloperMailbox`] or an SMS gateway, once.
//! - [`QueuedPostbox`] implements the domain's `Postbox`: it takes messages at once, hands them over in the background
//!   and tries again.
//!
//! Nothing here ever logs a code, a password, a telephone number or a whole address; errors of mail servers pass
//! through a filter first, because they like to repeat what they were sent.
#![warn(missing_docs)]

mod compose;
mod config;
mod notify;
mod postbox;
mod redact;
mod render;
mod sms;
mod transport;

pub use config::{ConfigError, MailConfig, NotifyConfig, SecretUrl};
pub use notify::Notify;
pub use postbox::{QueuedPostbox, SHUTDOWN_GRACE};
pub use transport::mailbox::{DevMail, DeveloperMailbox, OtpHook};

/// What this is called in mails.
pub(crate) const PRODUCT: &str = "Job Scheduler";
