//! The domain's `Notifier`: one message, one try.

use crate::{
    compose::{Composer, Letter},
    config::{ConfigError, MailConfig, NotifyConfig},
    render::{self, Rendered},
    sms::SmsGateway,
    transport::{
        MailTransport,
        file::FileTransport,
        mailbox::{DevMail, DeveloperMailbox},
        smtp::SmtpTransport,
    },
};
use async_trait::async_trait;
use scheduler_domain::{
    clock::{Clock, Random},
    mail::{Message, Recipient},
    ports::{Notifier, NotifyError},
    user::{Email, Phone},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use url::Url;

/// How long a test mail may take; whoever asked is waiting.
const TEST_WITHIN: Duration = Duration::from_secs(20);

fn unrenderable(error: &askama::Error) -> NotifyError {
    NotifyError::Permanent(format!("the mail could not be rendered: {error}"))
}

/// Hands messages over by the configured ways.
pub struct Notify {
    composer: Composer,
    mail: MailTransport,
    sms: Option<SmsGateway>,
    public_url: String,
    clock: Arc<dyn Clock>,
}

impl Notify {
    /// Checks the configuration and makes ready; connects to nothing yet.
    ///
    /// # Panics
    /// Outside a tokio runtime, where a mail server is configured: its pool has a task that closes idle connections.
    pub fn new(config: NotifyConfig, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, ConfigError> {
        let url = Url::parse(&config.public_url).map_err(|error| ConfigError::PublicUrl(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ConfigError::PublicUrl(
                "it must begin with http:// or https://".to_owned(),
            ));
        }
        Ok(Self {
            composer: Composer::new(&config.from, &url, Arc::clone(&clock), random)?,
            mail: match config.mail {
                MailConfig::Smtp { url } => MailTransport::Smtp(SmtpTransport::new(&url)?),
                MailConfig::File { dir } => MailTransport::File(FileTransport::new(dir)),
                MailConfig::Developer => MailTransport::Developer(Arc::default()),
            },
            sms: config.sms_url.as_ref().map(SmsGateway::new).transpose()?,
            public_url: config.public_url,
            clock,
        })
    }

    /// The developer mailbox, where mails stay in it.
    pub fn developer_mailbox(&self) -> Option<Arc<DeveloperMailbox>> {
        match &self.mail {
            MailTransport::Developer(mailbox) => Some(Arc::clone(mailbox)),
            _ => None,
        }
    }

    /// Whether mails would go out now, in a sentence: a mail server is connected to, a folder written to. Sends nothing.
    pub async fn check(&self) -> Result<String, NotifyError> {
        self.mail.check().await
    }

    /// Sends a test mail, once and now; what the mail server or the folder said to it, word for word.
    ///
    /// # Errors
    /// What went wrong, in the words of the other side. Nothing is redacted: it is for the administrator who asked.
    pub async fn test(&self, to: &Email, full_name: &str) -> Result<String, NotifyError> {
        let now = self.clock.now();
        let rendered = render::test(full_name, &self.public_url, now).map_err(|error| unrenderable(&error))?;
        let letter = self.compose(to, rendered)?;
        timeout(TEST_WITHIN, self.mail.send_telling(letter))
            .await
            .unwrap_or_else(|_| {
                Err(NotifyError::Temporary(format!(
                    "no answer within {} s",
                    TEST_WITHIN.as_secs()
                )))
            })
    }

    async fn by_mail(&self, email: &Email, message: &Message) -> Result<(), NotifyError> {
        let rendered = render::mail(message, &self.public_url).map_err(|error| unrenderable(&error))?;
        self.mail.send(self.compose(email, rendered)?).await
    }

    /// The letter; the developer mailbox keeps what was rendered.
    fn compose(&self, email: &Email, rendered: Rendered) -> Result<Letter, NotifyError> {
        let letter = self.composer.letter(email, &rendered)?;
        if let MailTransport::Developer(mailbox) = &self.mail {
            mailbox.push(DevMail {
                id: letter.id.clone(),
                to: email.as_str().to_owned(),
                subject: rendered.subject,
                at: self.clock.now(),
                text: rendered.text,
                html: rendered.html,
            });
        }
        Ok(letter)
    }

    async fn by_sms(&self, phone: &Phone, message: &Message) -> Result<(), NotifyError> {
        let text = render::sms(message);
        match (&self.sms, &self.mail) {
            (Some(gateway), _) => gateway.send(phone, &text).await,
            (None, MailTransport::Developer(mailbox)) => {
                mailbox.push(DevMail {
                    id: self.composer.id(),
                    to: phone.as_str().to_owned(),
                    subject: "SMS".to_owned(),
                    at: self.clock.now(),
                    text,
                    html: String::new(),
                });
                Ok(())
            }
            (None, _) => Err(NotifyError::Permanent("no SMS gateway is configured".to_owned())),
        }
    }
}

#[async_trait]
impl Notifier for Notify {
    async fn deliver(&self, to: &Recipient, message: &Message) -> Result<(), NotifyError> {
        match to {
            Recipient::Email(email) => self.by_mail(email, message).await?,
            Recipient::Phone(phone) => self.by_sms(phone, message).await?,
        }
        if let (MailTransport::Developer(mailbox), Message::Otp { code, expires_at, .. }) = (&self.mail, message) {
            mailbox.tell_otp(to, code, *expires_at);
        }
        Ok(())
    }

    fn has_sms(&self) -> bool {
        self.sms.is_some() || matches!(self.mail, MailTransport::Developer(_))
    }
}

#[cfg(test)]
mod tests;
