//! Wire types of operations on many jobs.

use chrono::{DateTime, Utc};
use scheduler_domain::{
    bulk::{BulkError, BulkOperation},
    user::Word,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is done to each job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkAction)]
#[serde(rename_all = "snake_case")]
pub enum BulkActionWord {
    Run,
    Pause,
    Resume,
    Cancel,
    Delete,
    Tag,
}

/// Where an operation stands; `DryRun` is one that was only rehearsed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkStatus)]
pub enum BulkStatusWord {
    Pending,
    Running,
    Completed,
    Aborted,
    DryRun,
}

/// A job to which it could not be done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkError)]
pub struct BulkErrorOut {
    job_id: Uuid,
    /// Stable word for programs.
    #[schema(example = "overlap_skipped")]
    code: String,
    /// A sentence for people.
    message: String,
}

impl From<BulkError> for BulkErrorOut {
    fn from(error: BulkError) -> Self {
        Self {
            job_id: error.job_id.as_uuid(),
            code: error.code,
            message: error.message,
        }
    }
}

/// The same thing done to many jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkOperation)]
pub struct BulkOut {
    /// Null for a rehearsal, which leaves nothing behind.
    #[schema(required)]
    bulk_operation_id: Option<Uuid>,
    #[schema(value_type = BulkActionWord)]
    action: &'static str,
    #[schema(value_type = BulkStatusWord)]
    status: &'static str,
    /// How many jobs there are to handle.
    matched: u32,
    /// Whether `matched` is all of them. It is false where a filter finds more than 10,000: they are handled all the
    /// same, and counted as they are.
    matched_exactly: bool,
    /// Jobs to which it was done.
    done: u32,
    /// Jobs to which it could not be done.
    failed: u32,
    /// The first 100 of those; empty in lists.
    errors: Vec<BulkErrorOut>,
    created_at: DateTime<Utc>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

impl From<BulkOperation> for BulkOut {
    fn from(operation: BulkOperation) -> Self {
        Self {
            bulk_operation_id: Some(operation.bulk_id.as_uuid()),
            action: operation.action.word(),
            status: operation.status.word(),
            matched: operation.matched,
            matched_exactly: operation.matched_exactly,
            done: operation.done,
            failed: operation.failed,
            errors: operation.errors.into_iter().map(Into::into).collect(),
            created_at: operation.created_at,
            finished_at: operation.finished_at,
        }
    }
}

impl BulkOut {
    /// What a rehearsal found.
    pub(super) fn rehearsed(operation: BulkOperation) -> Self {
        Self {
            bulk_operation_id: None,
            status: "DryRun",
            ..operation.into()
        }
    }

    /// As lists show it.
    pub(super) fn in_list(operation: BulkOperation) -> Self {
        Self {
            errors: Vec::new(),
            ..operation.into()
        }
    }
}

crate::list_schema!(
    /// Operations on many jobs.
    BulkList,
    BulkOut
);
