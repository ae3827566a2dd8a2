//! Short messages: one line of at most 160 characters that every telephone can show.

use super::phrase;
use crate::PRODUCT;
use scheduler_domain::mail::{Message, OtpPurpose};

/// Renders a short message. No names and no links: they are long, and telephones make links of everything.
pub(crate) fn sms(message: &Message) -> String {
    match message {
        Message::Otp {
            purpose,
            code,
            expires_at,
            minutes,
            ..
        } => {
            let purpose = match purpose {
                OtpPurpose::SignUp => "confirm your account",
                other => phrase::purpose(*other),
            };
            let until = expires_at.format("%H:%M");
            format!(
                "{code} is your {PRODUCT} code to {purpose}, valid until {until} UTC ({minutes} min). Tell it to nobody."
            )
        }
        Message::AccountExists { .. } => {
            format!("{PRODUCT}: you already have an account; log in instead of signing up.")
        }
        Message::PasswordChanged { at, .. } => {
            format!(
                "{PRODUCT}: your password was changed at {} UTC. Was it not you? Reset it now.",
                at.format("%H:%M")
            )
        }
        Message::WebhookDisabled { .. } => {
            format!("{PRODUCT}: one of your webhook endpoints was switched off. The dashboard says why.")
        }
        Message::Jobs { .. } => {
            format!("{PRODUCT}: something has become of your jobs. The dashboard says what.")
        }
        Message::SessionRevoked { at, .. } => {
            format!(
                "{PRODUCT}: a session of yours was ended for safety at {} UTC. Log in again.",
                at.format("%H:%M")
            )
        }
    }
}
