//! What the program is told from outside: flags, environment, file, defaults, in this order.
//!
//! This module is the only reader of the environment. Every key stands once, in [`keys::KEYS`].

mod keys;
mod sources;

pub use keys::{KEYS, Key};
pub use sources::{Setting, Source, Values};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use std::{net::SocketAddr, path::PathBuf, str::FromStr};

/// How mail is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailMode {
    /// Through a mail server: `smtp://` or `smtps://`.
    Smtp(String),
    /// Into a folder, one file a mail.
    File(PathBuf),
    /// Nothing is sent; mails show in the developer mailbox and codes in the terminal.
    Developer,
}

impl MailMode {
    /// The word for the API and the log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::File(_) => "file",
            Self::Developer => "developer",
        }
    }
}

/// The configuration, typed and checked.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is described with its key in keys.rs")]
pub struct Config {
    pub listen: SocketAddr,
    /// Whether the address was chosen by somebody; otherwise a taken port gives way to the next free one.
    pub listen_is_explicit: bool,
    pub public_url: Option<String>,
    pub data_dir: PathBuf,
    pub database_url: String,
    pub mail: MailMode,
    pub mail_from: String,
    pub sms_url: Option<String>,
    pub secret: Option<String>,
    pub secret_previous: Option<String>,
    pub allow_private_targets: String,
    pub trusted_proxies: String,
    pub rate_limits: bool,
    pub log: String,
    pub log_json: bool,
    pub otp_ttl: TimeDelta,
    pub otp_cleanup: String,
    pub access_token: TimeDelta,
    pub password_cost: u32,
    pub concurrency: u32,
    /// Runs of one user at once, on all nodes together.
    pub user_concurrency: Option<u32>,
    pub lease_seconds: u32,
    pub shutdown_seconds: u32,
    pub retention_days: u32,
    /// At most `retention_days`.
    pub retention_log_days: u32,
    pub retention_runs_per_user: u32,
    pub max_body_bytes: usize,
    pub max_payload_bytes: usize,
    /// All keys as they may be shown.
    pub settings: Vec<Setting>,
}

impl Config {
    /// The file of the database, when it is SQLite.
    pub fn database_file(&self) -> Option<PathBuf> {
        self.database_url.strip_prefix("sqlite://").map(PathBuf::from)
    }

    /// Types and checks the values. The error names the key, where its value came from, and what would be right.
    pub fn from_values(values: &Values) -> anyhow::Result<Self> {
        let listen: SocketAddr = typed(values, "listen", "an address and port such as 127.0.0.1:8080")?;
        let data_dir = PathBuf::from(values.text("data_dir"));
        let data_dir = std::path::absolute(&data_dir).with_context(|| format!("data_dir {}", data_dir.display()))?;
        let database_url = match values.optional("database_url") {
            Some(url) => url,
            None => format!("sqlite://{}", data_dir.join("scheduler.db").display()),
        };
        let config = Self {
            listen,
            listen_is_explicit: values.source("listen") != Source::Default,
            public_url: values.optional("public_url").map(|url| public_url(&url)).transpose()?,
            database_url,
            mail: mail_mode(values.optional("mail_url"), listen)?,
            mail_from: values.text("mail_from"),
            sms_url: values.optional("sms_url"),
            secret: values.set("secret"),
            secret_previous: values.set("secret_previous"),
            allow_private_targets: values.text("allow_private_targets"),
            trusted_proxies: values.text("trusted_proxies"),
            rate_limits: word(values, "rate_limits", &["on", "off"])? == "on",
            log: values.text("log"),
            log_json: word(values, "log_format", &["pretty", "json"])? == "json",
            otp_ttl: TimeDelta::seconds(number(values, "otp_ttl_seconds", 30, 600)?.into()),
            otp_cleanup: values.text("otp_cleanup"),
            access_token: TimeDelta::seconds(number(values, "access_token_seconds", 5, 600)?.into()),
            password_cost: number(values, "password_cost", 10, 15)?,
            concurrency: number(values, "concurrency", 1, 10_000)?,
            user_concurrency: values
                .optional("user_concurrency")
                .map(|_| number(values, "user_concurrency", 1, 100_000))
                .transpose()?,
            lease_seconds: number(values, "lease_seconds", 3, 300)?,
            shutdown_seconds: number(values, "shutdown_seconds", 0, 600)?,
            retention_days: number(values, "retention_days", 1, 3_650)?,
            retention_log_days: match values.optional("retention_log_days") {
                Some(_) => number(
                    values,
                    "retention_log_days",
                    1,
                    number(values, "retention_days", 1, 3_650)?,
                )?,
                None => number(values, "retention_days", 1, 3_650)?,
            },
            retention_runs_per_user: number(values, "retention_runs_per_user", 100, 100_000_000)?,
            max_body_bytes: usize::try_from(number(values, "max_body_bytes", 1_024, 64 * 1024 * 1024)?)?,
            max_payload_bytes: usize::try_from(number(values, "max_payload_bytes", 64, 16 * 1024 * 1024)?)?,
            data_dir,
            settings: values.shown(),
        };
        if let Some(secret) = &config.secret
            && secret.len() < crate::secrets::MIN_SECRET_BYTES
        {
            bail!(
                "{}",
                values.wrong(
                    "secret",
                    "is too short: it must have at least 32 bytes. Make one with: openssl rand -base64 48"
                )
            );
        }
        cron::Schedule::from_str(&config.otp_cleanup).map_err(|error| {
            let why = format!("is not a cron expression with seconds, such as \"0 */10 * * * *\": {error}");
            anyhow::anyhow!(values.wrong("otp_cleanup", &why))
        })?;
        Ok(config)
    }
}

fn typed<T: FromStr>(values: &Values, key: &str, wanted: &str) -> anyhow::Result<T> {
    let text = values.text(key);
    text.parse()
        .map_err(|_| anyhow::anyhow!(values.wrong(key, &format!("must be {wanted}"))))
}

fn number(values: &Values, key: &str, min: u32, max: u32) -> anyhow::Result<u32> {
    let wanted = format!("a whole number from {min} to {max}");
    let number = typed(values, key, &wanted)?;
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        bail!(values.wrong(key, &format!("must be {wanted}")))
    }
}

fn word(values: &Values, key: &str, words: &[&str]) -> anyhow::Result<String> {
    let text = values.text(key);
    if words.contains(&text.as_str()) {
        Ok(text)
    } else {
        bail!(values.wrong(key, &format!("must be one of: {}", words.join(", "))))
    }
}

fn public_url(text: &str) -> anyhow::Result<String> {
    let url = url::Url::parse(text).with_context(|| format!("public_url \"{text}\" is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.path() != "/" || url.query().is_some() {
        bail!("public_url \"{text}\" must be like https://jobs.example.com, without a path");
    }
    Ok(url.origin().ascii_serialization())
}

fn mail_mode(url: Option<String>, listen: SocketAddr) -> anyhow::Result<MailMode> {
    match url {
        None if listen.ip().is_loopback() => Ok(MailMode::Developer),
        None => bail!(
            "listening on {listen}, which others can reach, needs a way to send mail: without one nobody could log in. \
             Set SCHED_MAIL_URL, such as smtp://user:password@mail.example.com:587, or listen on 127.0.0.1"
        ),
        Some(url) if url.starts_with("smtp://") || url.starts_with("smtps://") => Ok(MailMode::Smtp(url)),
        Some(url) => match url.strip_prefix("file://") {
            Some(path) if path.starts_with('/') => Ok(MailMode::File(PathBuf::from(path))),
            _ => bail!("mail_url must start with smtp://, smtps:// or file:/// and an absolute path"),
        },
    }
}

#[cfg(test)]
mod tests;
