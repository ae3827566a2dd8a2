//! Rows of operations on many jobs.

use super::{Place, instant, int, json, naive};
use crate::{key::Key, schema};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{bulk::BulkOperation, error::StoreError, user::Word};

/// An operation as it is kept, without its lease.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::bulk_operations)]
pub(crate) struct BulkRow {
    pub(crate) bulk_operation_id: Key,
    pub(crate) user_id: Key,
    action: String,
    params: String,
    target: String,
    pub(crate) status: String,
    matched: i32,
    matched_exactly: bool,
    done: i32,
    failed: i32,
    errors: String,
    after_key: Option<String>,
    pub(crate) asked: Option<String>,
    created_at: NaiveDateTime,
    pub(crate) finished_at: Option<NaiveDateTime>,
}

impl From<&BulkOperation> for BulkRow {
    fn from(operation: &BulkOperation) -> Self {
        Self {
            bulk_operation_id: operation.bulk_id.into(),
            user_id: operation.owner.into(),
            action: operation.action.word().to_owned(),
            params: json(&operation.params),
            target: json(&operation.target),
            status: operation.status.word().to_owned(),
            matched: int(operation.matched),
            matched_exactly: operation.matched_exactly,
            done: int(operation.done),
            failed: int(operation.failed),
            errors: json(&operation.errors),
            after_key: operation.after.as_ref().map(json),
            asked: operation.asked.as_ref().map(json),
            created_at: naive(operation.created_at),
            finished_at: operation.finished_at.map(naive),
        }
    }
}

impl TryFrom<BulkRow> for BulkOperation {
    type Error = StoreError;

    fn try_from(row: BulkRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "bulk_operations",
            row: &row.bulk_operation_id,
        };
        Ok(Self {
            bulk_id: row.bulk_operation_id.into(),
            owner: row.user_id.into(),
            action: place.word("action", &row.action)?,
            params: place.json("params", &row.params)?,
            target: place.json("target", &row.target)?,
            status: place.word("status", &row.status)?,
            matched: place.count("matched", row.matched)?,
            matched_exactly: row.matched_exactly,
            done: place.count("done", row.done)?,
            failed: place.count("failed", row.failed)?,
            errors: place.json("errors", &row.errors)?,
            after: row
                .after_key
                .as_deref()
                .map(|text| place.json("after_key", text))
                .transpose()?,
            asked: row.asked.as_deref().map(|text| place.json("asked", text)).transpose()?,
            created_at: instant(row.created_at),
            finished_at: row.finished_at.map(instant),
        })
    }
}

/// What a batch changes.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = schema::bulk_operations)]
pub(crate) struct ProgressRow {
    matched: i32,
    matched_exactly: bool,
    done: i32,
    failed: i32,
    errors: String,
    after_key: Option<String>,
}

impl From<&BulkOperation> for ProgressRow {
    fn from(operation: &BulkOperation) -> Self {
        let row = BulkRow::from(operation);
        Self {
            matched: row.matched,
            matched_exactly: row.matched_exactly,
            done: row.done,
            failed: row.failed,
            errors: row.errors,
            after_key: row.after_key,
        }
    }
}
