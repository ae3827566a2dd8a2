//! The words of the log.

use crate::words;
use serde::{Deserialize, Serialize};

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
    BulkCreated,
    BulkAborted,
    InboundCreated,
    InboundRevoked,
    HeartbeatCreated,
    HeartbeatRevoked,
    BadgeCreated,
    BadgeRevoked,
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
    BulkCreated = "bulk_operation.created",
    BulkAborted = "bulk_operation.aborted",
    InboundCreated = "inbound.created",
    InboundRevoked = "inbound.revoked",
    HeartbeatCreated = "heartbeat.created",
    HeartbeatRevoked = "heartbeat.revoked",
    BadgeCreated = "badge.created",
    BadgeRevoked = "badge.revoked",
    UserChanged = "user.changed",
});

/// What kind of actor did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    BulkOperation,
}

words!(TargetKind {
    User = "user",
    Session = "session",
    ApiKey = "api_key",
    Job = "job",
    Run = "run",
    Webhook = "webhook",
    BulkOperation = "bulk_operation",
});
