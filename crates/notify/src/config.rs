//! Where mails and SMS go.

use std::{fmt, path::PathBuf};
use url::Url;

/// Everything that [`crate::Notify`] wants to know.
#[derive(Debug, Clone)]
pub struct NotifyConfig {
    /// The way of mails.
    pub mail: MailConfig,
    /// The sender, such as `Job Scheduler <no-reply@example.com>`.
    pub from: String,
    /// The address of the installation, the only link that mails carry.
    pub public_url: String,
    /// The SMS gateway (`SCHED_SMS_URL`), see [`MailConfig::from_url`] for mails. With `{to}` and `{text}` in it, it
    /// is called with GET; without, it gets `{"to","text"}` by POST. User and password become basic authentication.
    pub sms_url: Option<SecretUrl>,
}

impl NotifyConfig {
    /// The sender when nothing is configured.
    pub const DEFAULT_FROM: &str = "Job Scheduler <no-reply@localhost>";

    /// The configuration that needs no server: everything goes to the developer mailbox.
    pub fn developer(public_url: impl Into<String>) -> Self {
        Self {
            mail: MailConfig::Developer,
            from: Self::DEFAULT_FROM.to_owned(),
            public_url: public_url.into(),
            sms_url: None,
        }
    }
}

/// The way of mails.
#[derive(Debug, Clone)]
pub enum MailConfig {
    /// To a mail server.
    Smtp {
        /// `smtp://user:password@host:port` or `smtps://…`.
        url: SecretUrl,
    },
    /// Into a folder, one `.eml` file each.
    File {
        /// The folder; made when it is missing.
        dir: PathBuf,
    },
    /// Into memory, for the developer to read.
    Developer,
}

impl MailConfig {
    /// Reads `SCHED_MAIL_URL`: `smtp://`, `smtps://` or `file:///dir`; nothing means the developer mailbox.
    ///
    /// `smtp://` speaks in the clear to this machine, takes STARTTLS when the server offers it, and insists on it when
    /// a password is sent. `?tls=required` and `?tls=opportunistic` say so explicitly, `?tls=none` forgoes it.
    pub fn from_url(url: Option<&str>) -> Result<Self, ConfigError> {
        let Some(text) = url.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Self::Developer);
        };
        let url = Url::parse(text).map_err(|error| ConfigError::MailUrl(error.to_string()))?;
        match url.scheme() {
            "smtp" | "smtps" => Ok(Self::Smtp {
                url: SecretUrl::from(text),
            }),
            "file" => url.to_file_path().map(|dir| Self::File { dir }).map_err(|()| {
                ConfigError::MailUrl("file:// wants an absolute path, as in file:///var/mail/out".to_owned())
            }),
            other => Err(ConfigError::MailUrl(format!(
                "{other}:// is not known; smtp://, smtps:// and file:// are"
            ))),
        }
    }
}

/// An address that may hold a password; it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The address in the clear.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SecretUrl {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for SecretUrl {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.split_once("://").map_or("", |(scheme, _)| scheme);
        write!(f, "SecretUrl({scheme}://***)")
    }
}

/// What is wrong with the configuration. Never repeats a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The address of the mail server or folder.
    #[error("the mail URL is not usable: {0}")]
    MailUrl(String),
    /// The sender.
    #[error("the sender is not an address like \"Job Scheduler <no-reply@example.com>\": {0}")]
    From(String),
    /// The address of this installation.
    #[error("the public URL is not usable: {0}")]
    PublicUrl(String),
    /// The address of the SMS gateway.
    #[error("the SMS URL is not usable: {0}")]
    SmsUrl(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides() {
        assert!(matches!(MailConfig::from_url(None), Ok(MailConfig::Developer)));
        assert!(matches!(MailConfig::from_url(Some(" ")), Ok(MailConfig::Developer)));
        assert!(matches!(
            MailConfig::from_url(Some("smtp://localhost:25")),
            Ok(MailConfig::Smtp { .. })
        ));
        assert!(matches!(
            MailConfig::from_url(Some("smtps://u:p@mail.example")),
            Ok(MailConfig::Smtp { .. })
        ));
        assert!(
            matches!(MailConfig::from_url(Some("file:///var/mails")), Ok(MailConfig::File { dir }) if dir.ends_with("mails"))
        );
        assert!(matches!(
            MailConfig::from_url(Some("gopher://x")),
            Err(ConfigError::MailUrl(_))
        ));
        assert!(matches!(
            MailConfig::from_url(Some("not a url")),
            Err(ConfigError::MailUrl(_))
        ));
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = NotifyConfig {
            sms_url: Some("https://user:hunter2@sms.example".into()),
            ..NotifyConfig::developer("http://localhost")
        };
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
