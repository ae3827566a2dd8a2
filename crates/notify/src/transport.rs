//! The ways of a mail.

use crate::compose::Letter;
use mailbox::DeveloperMailbox;
use scheduler_domain::ports::NotifyError;
use std::sync::Arc;

pub(crate) mod file;
pub(crate) mod mailbox;
pub(crate) mod smtp;

/// The way that is configured.
pub(crate) enum MailTransport {
    Smtp(smtp::SmtpTransport),
    File(file::FileTransport),
    Developer(Arc<DeveloperMailbox>),
}

impl MailTransport {
    /// Hands one letter over. The developer mailbox keeps what was rendered instead: see `Notify`.
    pub(crate) async fn send(&self, letter: Letter) -> Result<(), NotifyError> {
        match self {
            Self::Smtp(smtp) => smtp.send(letter.mail).await,
            Self::File(folder) => folder.write(&letter).await,
            Self::Developer(_) => Ok(()),
        }
    }

    /// Hands one letter over; what the other side said to it, word for word.
    pub(crate) async fn send_telling(&self, letter: Letter) -> Result<String, NotifyError> {
        match self {
            Self::Smtp(smtp) => smtp.send_telling(letter.mail).await,
            Self::File(folder) => folder.write(&letter).await.map(|()| folder.path_of(&letter)),
            Self::Developer(_) => Ok("kept in the developer mailbox".to_owned()),
        }
    }

    /// Whether mails would go out now; what was found, for people.
    pub(crate) async fn check(&self) -> Result<String, NotifyError> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::File(folder) => folder.check().await,
            Self::Developer(_) => Ok("mails stay in the developer mailbox".to_owned()),
        }
    }
}
