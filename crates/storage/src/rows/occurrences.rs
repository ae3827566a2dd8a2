//! Rows of the ledger.

use super::{Place, instant, int, naive};
use crate::{key::Key, schema, value::new_row};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{error::StoreError, ids::UserId, occurrence::Occurrence, user::Word};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::occurrences)]
pub(crate) struct OccurrenceRow {
    pub(crate) occurrence_id: Key,
    pub(crate) job_id: Key,
    pub(crate) user_id: Key,
    pub(crate) planned_at: NaiveDateTime,
    pub(crate) last_planned_at: Option<NaiveDateTime>,
    pub(crate) count: i32,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    pub(crate) run_id: Option<Key>,
    pub(crate) recorded_at: NaiveDateTime,
}

new_row!(OccurrenceRow, "occurrences", {
    "occurrence_id": occurrence_id,
    "job_id": job_id,
    "user_id": user_id,
    "planned_at": planned_at,
    "last_planned_at": last_planned_at,
    "count": count,
    "outcome": outcome,
    "reason": reason,
    "run_id": run_id,
    "recorded_at": recorded_at,
});

impl OccurrenceRow {
    pub(crate) fn new(row: &Occurrence, owner: UserId) -> Self {
        Self {
            occurrence_id: row.occurrence_id.into(),
            job_id: row.job_id.into(),
            user_id: owner.into(),
            planned_at: naive(row.planned_at),
            last_planned_at: row.last_planned_at.map(naive),
            count: int(row.count),
            outcome: row.outcome.word().to_owned(),
            reason: row.reason.clone(),
            run_id: row.run_id.map(Key::from),
            recorded_at: naive(row.recorded_at),
        }
    }
}

impl TryFrom<OccurrenceRow> for Occurrence {
    type Error = StoreError;

    fn try_from(row: OccurrenceRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "occurrences",
            row: &row.occurrence_id,
        };
        Ok(Self {
            occurrence_id: row.occurrence_id.into(),
            job_id: row.job_id.into(),
            planned_at: instant(row.planned_at),
            last_planned_at: row.last_planned_at.map(instant),
            count: place.count("count", row.count)?,
            outcome: place.word("outcome", &row.outcome)?,
            reason: row.reason,
            run_id: row.run_id.map(Into::into),
            recorded_at: instant(row.recorded_at),
        })
    }
}
