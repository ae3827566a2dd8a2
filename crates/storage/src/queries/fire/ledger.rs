//! The ledger of instants while schedules fire: what it holds already, and what is added to it.

use super::super::{
    Conn,
    update::{Change, update},
};
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, occurrences::OccurrenceRow},
    schema::occurrences,
    transitions::Batch,
    value::Value,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{clock::Timestamp, occurrence::OccurrenceOutcome, user::Word};
use std::collections::HashMap;

/// Up to where each job has rows in the ledger, for those that have any at or after their next instant: where the clock of
/// a node was behind when a schedule was changed, or was set back.
pub(super) async fn recorded(conn: &mut Conn, batch: &Batch) -> Result<HashMap<Key, Timestamp>, Fault> {
    let mut found = HashMap::new();
    for (key, job) in &batch.jobs {
        let Some(planned) = job.now.next_run_at else { continue };
        let row: Option<OccurrenceRow> = occurrences::table
            .filter(occurrences::job_id.eq(key).and(occurrences::planned_at.ge(planned)))
            .order(occurrences::planned_at.desc())
            .select(OccurrenceRow::as_select())
            .first(conn)
            .await
            .optional()?;
        if let Some(row) = row {
            found.insert(*key, instant(row.last_planned_at.unwrap_or(row.planned_at)));
        }
    }
    Ok(found)
}

/// The newest row of a job.
enum Newest {
    /// In the database.
    Stored(OccurrenceRow),
    /// Among the rows to insert.
    New(usize),
    None,
}

/// Joins rows without a run to the newest row of their job where that has the same outcome and reason: a job that is
/// paused for a month has one row for it. What is left is to be inserted.
pub(super) async fn merge(conn: &mut Conn, rows: Vec<OccurrenceRow>) -> Result<Vec<OccurrenceRow>, Fault> {
    let mut new: Vec<OccurrenceRow> = Vec::with_capacity(rows.len());
    let mut newest: HashMap<Key, Newest> = HashMap::new();
    let mut grown: HashMap<Key, OccurrenceRow> = HashMap::new();
    for row in rows {
        let joins = row.outcome == OccurrenceOutcome::Paused.word() || row.outcome == OccurrenceOutcome::Skipped.word();
        if joins && !newest.contains_key(&row.job_id) {
            let stored = occurrences::table
                .filter(occurrences::job_id.eq(row.job_id))
                .order(occurrences::planned_at.desc())
                .select(OccurrenceRow::as_select())
                .first(conn)
                .await
                .optional()?;
            newest.insert(row.job_id, stored.map_or(Newest::None, Newest::Stored));
        }
        let before = match newest.get_mut(&row.job_id) {
            Some(Newest::Stored(before)) => Some(before),
            Some(Newest::New(index)) => new.get_mut(*index),
            Some(Newest::None) | None => None,
        };
        let same = before.filter(|before| joins && before.outcome == row.outcome && before.reason == row.reason);
        let Some(before) = same else {
            newest.insert(row.job_id, Newest::New(new.len()));
            new.push(row);
            continue;
        };
        before.last_planned_at = Some(row.last_planned_at.unwrap_or(row.planned_at));
        before.count = before.count.saturating_add(row.count);
        before.recorded_at = row.recorded_at;
        if let Some(Newest::Stored(before)) = newest.get(&row.job_id) {
            grown.insert(before.occurrence_id, before.clone());
        }
    }
    let changes: Vec<Change> = grown
        .into_values()
        .map(|row| Change {
            key: row.occurrence_id,
            values: vec![
                Value::from(row.last_planned_at),
                Value::Int(Some(row.count)),
                Value::from(row.recorded_at),
            ],
        })
        .collect();
    let columns = ["last_planned_at", "count", "recorded_at"];
    update(conn, "occurrences", "occurrence_id", &columns, changes, None).await?;
    Ok(new)
}
