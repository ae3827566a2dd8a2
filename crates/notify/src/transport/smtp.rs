//! To a mail server.

use crate::{
    config::{ConfigError, SecretUrl},
    redact,
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{Error, PoolConfig},
};
use scheduler_domain::ports::NotifyError;
use std::{error::Error as _, time::Duration};
use url::{Host, Url};

const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECTIONS: u32 = 8;

/// A pool of connections to one mail server.
pub(crate) struct SmtpTransport {
    pool: AsyncSmtpTransport<Tokio1Executor>,
    /// Host and port, without the credentials.
    place: String,
}

impl SmtpTransport {
    pub(crate) fn new(url: &SecretUrl) -> Result<Self, ConfigError> {
        let unusable = |error: &dyn std::fmt::Display| ConfigError::MailUrl(error.to_string());
        let url = with_tls(Url::parse(url.reveal()).map_err(|error| unusable(&error))?)?;
        let place = format!(
            "{}{}",
            url.host_str().unwrap_or_default(),
            url.port().map(|port| format!(":{port}")).unwrap_or_default()
        );
        let pool = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|error| unusable(&error))?
            .timeout(Some(TIMEOUT))
            .pool_config(
                PoolConfig::new()
                    .max_size(CONNECTIONS)
                    .idle_timeout(Duration::from_secs(60)),
            )
            .build();
        Ok(Self { pool, place })
    }

    pub(crate) async fn send(&self, mail: lettre::Message) -> Result<(), NotifyError> {
        self.pool.send(mail).await.map(|_| ()).map_err(|error| told(&error))
    }

    /// Hands a mail over for somebody who wants to know what the server says, and is told it unredacted.
    pub(crate) async fn send_telling(&self, mail: lettre::Message) -> Result<String, NotifyError> {
        match self.pool.send(mail).await {
            Ok(response) => {
                let words: Vec<&str> = response.message().collect();
                Ok(redact::quoted(&format!(
                    "{} said: {} {}",
                    self.place,
                    response.code(),
                    words.join(" ")
                )))
            }
            Err(error) => Err(classified(
                &error,
                format!("{}: {}", self.place, redact::quoted(&whole(&error))),
            )),
        }
    }

    /// Connects, logs in and says NOOP.
    pub(crate) async fn check(&self) -> Result<String, NotifyError> {
        match self.pool.test_connection().await {
            Ok(true) => Ok(format!("the mail server {} answers", self.place)),
            Ok(false) => Err(NotifyError::Temporary(format!(
                "the mail server {} does not answer",
                self.place
            ))),
            Err(error) => Err(told(&error)),
        }
    }
}

/// The URL with what lettre leaves open said explicitly: STARTTLS when it is offered, and nothing less when a password
/// would be heard otherwise. Towards this machine neither is worth a certificate that is seldom there.
fn with_tls(mut url: Url) -> Result<Url, ConfigError> {
    let tls = url
        .query_pairs()
        .find(|(key, _)| key == "tls")
        .map(|(_, value)| value.into_owned());
    if url.scheme() != "smtp" || tls.as_deref().is_some_and(|tls| tls != "none") {
        return Ok(url);
    }
    let local = match url.host() {
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(ConfigError::MailUrl("there is no host in it".to_owned())),
    };
    match (local || tls.is_some(), url.password().is_some()) {
        (true, _) => url.set_query(None),
        (false, true) => url.set_query(Some("tls=required")),
        (false, false) => {
            // Without a password it is a relay, and relays listen on port 25.
            let port = url.port().unwrap_or(25);
            url.set_port(Some(port))
                .map_err(|()| ConfigError::MailUrl("the port is not usable".to_owned()))?;
            url.set_query(Some("tls=opportunistic"));
        }
    }
    Ok(url)
}

/// What may be told of an error: its kind, and the words of the server without people in them.
fn told(error: &Error) -> NotifyError {
    classified(error, redact::foreign(&whole(error)))
}

/// The error with all its causes.
fn whole(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

fn classified(error: &Error, text: String) -> NotifyError {
    if error.is_permanent() || error.is_client() {
        NotifyError::Permanent(text)
    } else {
        NotifyError::Temporary(text)
    }
}

#[cfg(test)]
mod tests;
