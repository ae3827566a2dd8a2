//! What people are told by e-mail or SMS. How it looks is the notify crate's business.

use crate::{
    clock::Timestamp,
    ids::JobId,
    notice::{Facts, NoticeKind},
    user::{Email, Phone},
    words,
};
use serde::{Deserialize, Serialize};

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtpPurpose {
    /// To prove the address of a new account.
    SignUp,
    /// The second factor of a log-in.
    LogIn,
    /// To set a new password.
    PasswordReset,
}

words!(OtpPurpose { SignUp = "sign_up", LogIn = "log_in", PasswordReset = "password_reset" });

/// The way a code takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By SMS.
    Sms,
}

words!(Channel { Email = "email", Sms = "sms" });

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// An e-mail address.
    Email(Email),
    /// A telephone.
    Phone(Phone),
}

/// What has become of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobNotice {
    /// What there is to tell.
    pub kind: NoticeKind,
    /// The job.
    pub job_id: JobId,
    /// When it became worth telling.
    pub at: Timestamp,
    /// What happened; of a recovery, the success; of a reminder, the latest trouble.
    pub facts: Facts,
    /// When the incident began.
    pub opened_at: Timestamp,
    /// How many runs failed for good, and instants were missed, since then.
    pub failures: u32,
    /// When the job runs next.
    pub next_run_at: Option<Timestamp>,
}

/// A message to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A one-time code.
    Otp {
        /// What it is for.
        purpose: OtpPurpose,
        /// Eight digits.
        code: String,
        /// Whom to address.
        full_name: String,
        /// When the code stops working.
        expires_at: Timestamp,
        /// How many minutes it works from now, rounded up.
        minutes: i64,
    },
    /// Somebody tried to sign up with the address of an account that exists.
    AccountExists {
        /// Whom to address.
        full_name: String,
    },
    /// The password was changed and every session ended.
    PasswordChanged {
        /// Whom to address.
        full_name: String,
        /// When.
        at: Timestamp,
    },
    /// A webhook endpoint was switched off.
    WebhookDisabled {
        /// Whom to address.
        full_name: String,
        /// The endpoint.
        url: String,
        /// Why.
        reason: String,
    },
    /// What has become of jobs: one notice, or many in one mail.
    Jobs {
        /// Whom to address.
        full_name: String,
        /// IANA zone in which instants are told.
        time_zone: String,
        /// Oldest first.
        notices: Vec<JobNotice>,
    },
    /// A refresh token was used a second time: the session was ended because it may be stolen.
    SessionRevoked {
        /// Whom to address.
        full_name: String,
        /// When.
        at: Timestamp,
    },
}
