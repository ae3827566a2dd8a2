//! Wire types of the audit log.

use chrono::{DateTime, Utc};
use scheduler_domain::{
    audit::{ActorKind, Change, Entry, Target},
    user::Word,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryOut {
    pub audit_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    #[schema(value_type = ActionWord)]
    pub action: &'static str,
    pub actor: AuditActorOut,
    /// To what; null where it was to nothing in particular.
    #[schema(required)]
    pub target: Option<AuditTargetOut>,
    /// From where; null where that is not told.
    #[schema(required)]
    pub ip: Option<String>,
    #[schema(required)]
    pub user_agent: Option<String>,
    /// The `X-Request-Id` of the request.
    #[schema(required)]
    pub request_id: Option<String>,
    /// The operation on many jobs that did it; `request_id` is then that of the request which asked for the operation.
    #[schema(required)]
    pub bulk_operation_id: Option<Uuid>,
    pub changes: Vec<AuditChangeOut>,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct AuditActorOut {
    #[serde(rename = "type")]
    #[schema(value_type = ActorTypeWord)]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub user_id: Option<Uuid>,
    /// The log-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub session_id: Option<Uuid>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub api_key_id: Option<Uuid>,
}

/// What it was done to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditTarget)]
pub struct AuditTargetOut {
    #[serde(rename = "type")]
    #[schema(value_type = TargetTypeWord)]
    pub kind: &'static str,
    pub id: Uuid,
    /// What it was called then.
    #[schema(required)]
    pub name: Option<String>,
}

/// A field that changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditChange)]
pub struct AuditChangeOut {
    /// Its name.
    pub field: String,
    /// Secrets are `***`; a long value is told by its length.
    pub before: Value,
    pub after: Value,
}

/// What can be done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditAction)]
pub enum ActionWord {
    #[serde(rename = "login.succeeded")]
    LoginSucceeded,
    #[serde(rename = "login.failed")]
    LoginFailed,
    #[serde(rename = "otp.failed")]
    OtpFailed,
    #[serde(rename = "password.reset")]
    PasswordReset,
    #[serde(rename = "session.ended")]
    SessionEnded,
    #[serde(rename = "api_key.created")]
    ApiKeyCreated,
    #[serde(rename = "api_key.first_used")]
    ApiKeyFirstUsed,
    #[serde(rename = "api_key.revoked")]
    ApiKeyRevoked,
    #[serde(rename = "job.created")]
    JobCreated,
    #[serde(rename = "job.updated")]
    JobUpdated,
    #[serde(rename = "job.deleted")]
    JobDeleted,
    #[serde(rename = "job.paused")]
    JobPaused,
    #[serde(rename = "job.resumed")]
    JobResumed,
    #[serde(rename = "run.cancelled")]
    RunCancelled,
    #[serde(rename = "webhook.created")]
    WebhookCreated,
    #[serde(rename = "webhook.updated")]
    WebhookUpdated,
    #[serde(rename = "webhook.deleted")]
    WebhookDeleted,
    #[serde(rename = "webhook.secret_rotated")]
    WebhookSecretRotated,
    #[serde(rename = "webhook.replayed")]
    WebhookReplayed,
    #[serde(rename = "bulk_operation.created")]
    BulkCreated,
    #[serde(rename = "bulk_operation.aborted")]
    BulkAborted,
    #[serde(rename = "inbound.created")]
    InboundCreated,
    #[serde(rename = "inbound.revoked")]
    InboundRevoked,
    #[serde(rename = "heartbeat.created")]
    HeartbeatCreated,
    #[serde(rename = "heartbeat.revoked")]
    HeartbeatRevoked,
    #[serde(rename = "badge.created")]
    BadgeCreated,
    #[serde(rename = "badge.revoked")]
    BadgeRevoked,
    #[serde(rename = "user.changed")]
    UserChanged,
}

/// Who can do it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActorType)]
#[serde(rename_all = "snake_case")]
pub enum ActorTypeWord {
    Session,
    ApiKey,
    Anonymous,
    Administrator,
}

/// What it can be done to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditTargetType)]
#[serde(rename_all = "snake_case")]
pub enum TargetTypeWord {
    User,
    Session,
    ApiKey,
    Job,
    Run,
    Webhook,
    BulkOperation,
}

impl From<Target> for AuditTargetOut {
    fn from(target: Target) -> Self {
        Self {
            kind: target.kind.word(),
            id: target.id,
            name: target.name,
        }
    }
}

impl From<Change> for AuditChangeOut {
    fn from(change: Change) -> Self {
        Self {
            field: change.field,
            before: change.before,
            after: change.after,
        }
    }
}

impl From<Entry> for AuditEntryOut {
    fn from(entry: Entry) -> Self {
        let Entry { audit_id, entry } = entry;
        let actor = entry.actor;
        let of_kind = |kind| actor.id.filter(|_| actor.kind == kind);
        Self {
            audit_id: audit_id.as_uuid(),
            at: entry.deed.at,
            action: entry.deed.action.word(),
            actor: AuditActorOut {
                kind: actor.kind.word(),
                user_id: actor.user_id.map(|user_id| user_id.as_uuid()),
                session_id: of_kind(ActorKind::Session),
                api_key_id: of_kind(ActorKind::ApiKey),
            },
            target: entry.deed.target.map(Into::into),
            ip: entry.origin.ip,
            user_agent: entry.origin.user_agent,
            request_id: entry.origin.request_id,
            bulk_operation_id: entry.origin.bulk_id.map(|bulk_id| bulk_id.as_uuid()),
            changes: entry.deed.changes.0.into_iter().map(Into::into).collect(),
        }
    }
}
