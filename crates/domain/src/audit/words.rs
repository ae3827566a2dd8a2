//! The words of the log.

use crate::words;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words below say it all")]
pub enum Action {
    LoginSucceeded,
    LoginFailed,
    OtpFailed,
    PasswordReset,
    SessionEnded,
    ApiKeyCreated,
    ApiKeyFirstUsed,
    ApiKeyRevoked,
    JobCreated,
    JobUpdated,
    JobDeleted,
    JobPaused,
    JobResumed,
    RunCancelled,
    WebhookCreated,
    WebhookUpdated,
    WebhookDeleted,
    WebhookSecretRotated,
    WebhookReplayed,
    UserChanged,
}

words!(Action {
    LoginSucceeded = "login.succeeded",
    LoginFailed = "login.failed",
    OtpFailed = "otp.failed",
    PasswordReset = "password.reset",
    SessionEnded = "session.ended",
    ApiKeyCreated = "api_key.created",
    ApiKeyFirstUsed = "api_key.first_used",
    ApiKeyRevoked = "api_key.revoked",
    JobCreated = "job.created",
    JobUpdated = "job.updated",
    JobDeleted = "job.deleted",
    JobPaused = "job.paused",
    JobResumed = "job.resumed",
    RunCancelled = "run.cancelled",
    WebhookCreated = "webhook.created",
    WebhookUpdated = "webhook.updated",
    WebhookDeleted = "webhook.deleted",
    WebhookSecretRotated = "webhook.secret_rotated",
    WebhookReplayed = "webhook.replayed",
    UserChanged = "user.changed",
});

/// What kind of actor did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person who was logged in.
    Session,
    /// A program with an API key.
    ApiKey,
    /// Somebody who was not logged in: they tried to.
    Anonymous,
    /// An administrator, who is not named to others.
    Administrator,
}

words!(ActorKind {
    Session = "session",
    ApiKey = "api_key",
    Anonymous = "anonymous",
    Administrator = "administrator",
});

/// What kind of thing it was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words below say it all")]
pub enum TargetKind {
    User,
    Session,
    ApiKey,
    Job,
    Run,
    Webhook,
}

words!(TargetKind {
    User = "user",
    Session = "session",
    ApiKey = "api_key",
    Job = "job",
    Run = "run",
    Webhook = "webhook",
});
