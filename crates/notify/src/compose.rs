//! From rendered words to a mail with all its headers.

use crate::{config::ConfigError, render::Rendered};
use lettre::{
    Address,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use scheduler_domain::{
    clock::{Clock, Random, random_bytes},
    ids::uuid_v7,
    ports::NotifyError,
    user::Email,
};
use std::{sync::Arc, time::SystemTime};
use url::Url;

/// Writes envelopes and headers.
pub(crate) struct Composer {
    from: Mailbox,
    /// The right half of message ids: the host of the installation.
    host: String,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A mail, and the id that it is found under.
pub(crate) struct Letter {
    pub(crate) id: String,
    pub(crate) mail: lettre::Message,
}

impl Composer {
    pub(crate) fn new(
        from: &str,
        public_url: &Url,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, ConfigError> {
        let from = from
            .parse::<Mailbox>()
            .map_err(|error| ConfigError::From(error.to_string()))?;
        let host = public_url
            .host_str()
            .unwrap_or("localhost")
            .trim_matches(['[', ']'])
            .to_owned();
        Ok(Self {
            from,
            host,
            clock,
            random,
        })
    }

    /// A new id; ids sort by time.
    pub(crate) fn id(&self) -> String {
        uuid_v7(self.clock.now(), random_bytes(&*self.random)).to_string()
    }

    pub(crate) fn letter(&self, to: &Email, rendered: &Rendered) -> Result<Letter, NotifyError> {
        let refused = |_| NotifyError::Permanent("the address cannot be written to".to_owned());
        let id = self.id();
        let to = Mailbox::new(None, to.as_str().parse::<Address>().map_err(refused)?);
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(rendered.subject.clone())
            .date(SystemTime::from(self.clock.now()))
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .multipart(MultiPart::alternative_plain_html(
                rendered.text.clone(),
                rendered.html.clone(),
            ))
            .map_err(|error| NotifyError::Permanent(format!("the mail could not be written: {error}")))?;
        Ok(Letter { id, mail })
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use scheduler_domain::clock::{ManualClock, SeededRandom};

    fn composer(from: &str, url: &str) -> Result<Composer, ConfigError> {
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_500_000, 0).unwrap()));
        Composer::new(from, &url.parse().unwrap(), clock, Arc::new(SeededRandom::new(1)))
    }

    #[test]
    fn every_header_is_there() {
        let composer = composer("Jobs <jobs@example.com>", "https://jobs.example.com").unwrap();
        let rendered = Rendered {
            subject: "Grüße".to_owned(),
            text: "Hello é,\n\n12345678\n\nbye\n".to_owned(),
            html: "<p>Hello</p>".to_owned(),
        };
        let letter = composer
            .letter(&Email::parse("", "ada@example.com").unwrap(), &rendered)
            .unwrap();
        let text = String::from_utf8(letter.mail.formatted()).unwrap();
        for expected in [
            "From: Jobs <jobs@example.com>\r\n",
            "To: ada@example.com\r\n",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n",
            "Date: Tue, 24 Nov 2026 06:00:00 +0000\r\n",
            &format!("Message-ID: <{}@jobs.example.com>\r\n", letter.id),
            "Auto-Submitted: auto-generated\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
            "\r\n12345678\r\n",
        ] {
            assert!(text.contains(expected), "{expected:?} in\n{text}");
        }
    }

    #[test]
    fn senders_are_checked_at_the_start() {
        assert!(composer("no-reply@localhost", "http://[::1]:8080").is_ok());
        for bad in ["", "nobody", "Jobs <>", "a@b\r\nBcc: c@d"] {
            assert!(
                matches!(composer(bad, "http://x.example"), Err(ConfigError::From(_))),
                "{bad:?}"
            );
        }
    }
}
