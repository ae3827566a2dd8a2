//! One struct for each mail, and three templates over its fields.

use super::{
    Frame, Rendered,
    jobs::{Line, Row},
    phrase,
};
use askama::Template;
use scheduler_domain::{clock::Timestamp, mail::OtpPurpose};

/// Declares the three parts of a mail with the same fields, and how all of them are rendered.
macro_rules! mail {
    ($name:ident, $subject:literal, $text:literal, $html:literal, { $($field:ident: $type:ty),* }) => {
        pub(super) struct $name<'a> {
            pub(super) frame: &'a Frame<'a>,
            $(pub(super) $field: $type,)*
        }

        impl $name<'_> {
            pub(super) fn render(&self) -> Result<Rendered, askama::Error> {
                #[derive(Template)]
                #[template(path = $subject)]
                #[allow(dead_code)]
                struct Subject<'a> { frame: &'a Frame<'a>, $($field: &'a $type,)* }
                #[derive(Template)]
                #[template(path = $text)]
                #[allow(dead_code)]
                struct Text<'a> { frame: &'a Frame<'a>, $($field: &'a $type,)* }
                #[derive(Template)]
                #[template(path = $html)]
                #[allow(dead_code)]
                struct Html<'a> { frame: &'a Frame<'a>, $($field: &'a $type,)* }
                let Self { frame, $($field,)* } = self;
                Ok(Rendered {
                    subject: phrase::one_line(&Subject { frame, $($field,)* }.render()?),
                    text: Text { frame, $($field,)* }.render()?,
                    html: Html { frame, $($field,)* }.render()?,
                })
            }
        }
    };
}

mail!(Otp, "otp/subject.txt", "otp/body.txt", "otp/body.html", {
    purpose: &'static str,
    title: &'static str,
    intro: &'static str,
    not_you: &'static str,
    code: String,
    first_half: String,
    second_half: String,
    until: String,
    minutes: String
});
mail!(
    AccountExists,
    "account_exists/subject.txt",
    "account_exists/body.txt",
    "account_exists/body.html",
    {}
);
mail!(PasswordChanged, "password_changed/subject.txt", "password_changed/body.txt", "password_changed/body.html", { at: String });
mail!(SessionRevoked, "session_revoked/subject.txt", "session_revoked/body.txt", "session_revoked/body.html", { at: String });
mail!(WebhookDisabled, "webhook_disabled/subject.txt", "webhook_disabled/body.txt", "webhook_disabled/body.html", { url: String, reason: String });
mail!(Test, "test/subject.txt", "test/body.txt", "test/body.html", { at: String });

mail!(JobNotice, "job_notice/subject.txt", "job_notice/body.txt", "job_notice/body.html", {
    subject: String,
    badge: &'static str,
    colour: &'static str,
    heading: String,
    intro: String,
    quote: String,
    rows: Vec<Row>,
    action: &'static str,
    link: String,
    after: String,
    settings: String
});
mail!(JobDigest, "job_digest/subject.txt", "job_digest/body.txt", "job_digest/body.html", {
    subject: String,
    heading: String,
    intro: String,
    lines: Vec<Line>,
    more: String,
    link: String,
    after: String,
    settings: String
});

pub(super) fn otp(
    frame: &Frame<'_>,
    purpose: OtpPurpose,
    code: &str,
    expires_at: Timestamp,
    minutes: i64,
) -> Result<Rendered, askama::Error> {
    let (title, intro, not_you) = match purpose {
        OtpPurpose::SignUp => (
            "Confirm your e-mail address",
            "Welcome! Enter this code to confirm that this address is yours:",
            "Then somebody mistyped an address. Ignore this mail: without the code no account is opened.",
        ),
        OtpPurpose::LogIn => (
            "Your log-in code",
            "Your password was right. Enter this code to finish logging in:",
            "Then somebody knows your password. Do not pass the code on, and change your password now.",
        ),
        OtpPurpose::PasswordReset => (
            "Set a new password",
            "Enter this code together with your new password:",
            "Ignore this mail: without the code your password stays as it is.",
        ),
    };
    // Two halves to look at; they stand next to each other, so that copying them gives eight digits in a row.
    let middle = code
        .char_indices()
        .nth(code.chars().count() / 2)
        .map_or(0, |(at, _)| at);
    let (first_half, second_half) = code.split_at(middle);
    Otp {
        frame,
        purpose: phrase::purpose(purpose),
        title,
        intro,
        not_you,
        code: code.to_owned(),
        first_half: first_half.to_owned(),
        second_half: second_half.to_owned(),
        until: phrase::instant(expires_at),
        minutes: phrase::minutes(minutes),
    }
    .render()
}

pub(super) fn account_exists(frame: &Frame<'_>) -> Result<Rendered, askama::Error> {
    AccountExists { frame }.render()
}

pub(super) fn password_changed(frame: &Frame<'_>, at: Timestamp) -> Result<Rendered, askama::Error> {
    PasswordChanged {
        frame,
        at: phrase::instant(at),
    }
    .render()
}

pub(super) fn session_revoked(frame: &Frame<'_>, at: Timestamp) -> Result<Rendered, askama::Error> {
    SessionRevoked {
        frame,
        at: phrase::instant(at),
    }
    .render()
}

pub(super) fn webhook_disabled(frame: &Frame<'_>, url: &str, reason: &str) -> Result<Rendered, askama::Error> {
    WebhookDisabled {
        frame,
        url: phrase::one_line(url),
        reason: phrase::one_line(reason),
    }
    .render()
}

pub(super) fn test(frame: &Frame<'_>, at: Timestamp) -> Result<Rendered, askama::Error> {
    Test {
        frame,
        at: phrase::instant(at),
    }
    .render()
}
