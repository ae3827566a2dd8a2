//! From a message to the words that people read.

use crate::PRODUCT;
use scheduler_domain::{clock::Timestamp, mail::Message};

mod jobs;
mod mails;
mod phrase;
mod sms;

pub(crate) use sms::sms;

/// A mail, ready but for its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// One line, without the code.
    pub(crate) subject: String,
    /// For programs and plain readers.
    pub(crate) text: String,
    /// The same, good-looking.
    pub(crate) html: String,
}

/// What stands around every mail.
pub(crate) struct Frame<'a> {
    product: &'static str,
    public_url: &'a str,
    greeting: String,
}

impl<'a> Frame<'a> {
    fn around(full_name: &str, public_url: &'a str) -> Self {
        Self {
            product: PRODUCT,
            public_url,
            greeting: phrase::greeting(full_name),
        }
    }

    /// The address of a page of the dashboard.
    fn page(&self, path: &str) -> String {
        format!("{}/app/{path}", self.public_url.trim_end_matches('/'))
    }
}

/// Renders the mail that only shows that mails arrive.
pub(crate) fn test(full_name: &str, public_url: &str, at: Timestamp) -> Result<Rendered, askama::Error> {
    mails::test(&Frame::around(full_name, public_url), at)
}

/// Renders a mail.
pub(crate) fn mail(message: &Message, public_url: &str) -> Result<Rendered, askama::Error> {
    let full_name = match message {
        Message::Otp { full_name, .. }
        | Message::AccountExists { full_name }
        | Message::PasswordChanged { full_name, .. }
        | Message::WebhookDisabled { full_name, .. }
        | Message::Jobs { full_name, .. }
        | Message::SessionRevoked { full_name, .. } => full_name,
    };
    let frame = &Frame::around(full_name, public_url);
    match message {
        Message::Otp {
            purpose,
            code,
            expires_at,
            minutes,
            ..
        } => mails::otp(frame, *purpose, code, *expires_at, *minutes),
        Message::AccountExists { .. } => mails::account_exists(frame),
        Message::PasswordChanged { at, .. } => mails::password_changed(frame, *at),
        Message::WebhookDisabled { url, reason, .. } => mails::webhook_disabled(frame, url, reason),
        Message::Jobs { time_zone, notices, .. } => jobs::jobs(frame, notices, time_zone),
        Message::SessionRevoked { at, .. } => mails::session_revoked(frame, *at),
    }
}

#[cfg(test)]
mod tests;
