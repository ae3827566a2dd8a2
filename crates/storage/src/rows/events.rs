//! Rows of events, their deliveries, and the endpoints that want them.

use super::{Place, instant, naive};
use crate::{key::Key, schema, value::new_row};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{
    error::StoreError,
    event::{Cursor, EventType, NewEvent, StoredEvent},
    ids::UserId,
    user::Word,
    webhook::EventSelection,
};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::events)]
pub(crate) struct EventRow {
    pub(crate) user_id: Key,
    pub(crate) seq: i64,
    pub(crate) event_id: Key,
    pub(crate) kind: String,
    pub(crate) occurred_at: NaiveDateTime,
    pub(crate) job_id: Option<Key>,
    pub(crate) run_id: Option<Key>,
    pub(crate) data: String,
}

impl EventRow {
    pub(crate) fn new(owner: UserId, seq: i64, event: &NewEvent, data: String) -> Self {
        Self {
            user_id: owner.into(),
            seq,
            event_id: event.event_id.into(),
            kind: event.kind.word().to_owned(),
            occurred_at: naive(event.at),
            job_id: event.job_id.map(Key::from),
            run_id: event.run_id.map(Key::from),
            data,
        }
    }
}

new_row!(EventRow, "events", {
    "user_id": user_id,
    "seq": seq,
    "event_id": event_id,
    "type": kind,
    "occurred_at": occurred_at,
    "job_id": job_id,
    "run_id": run_id,
    "data": data,
});

impl TryFrom<EventRow> for StoredEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "events",
            row: &row.event_id,
        };
        Ok(Self {
            kind: place.word("type", &row.kind)?,
            cursor: Cursor(row.seq),
            event_id: row.event_id.into(),
            at: instant(row.occurred_at),
            job_id: row.job_id.map(Into::into),
            data: row.data,
        })
    }
}

/// What the column `types` of an endpoint says: a list of words, `"*"` among them.
pub(crate) fn selection(place: Place<'_>, text: &str) -> Result<EventSelection, StoreError> {
    let words: Vec<String> = place.json("types", text)?;
    let named = words.iter().filter(|word| *word != "*");
    Ok(EventSelection {
        all: words.iter().any(|word| word == "*"),
        named: named
            .map(|word| place.word::<EventType>("types", word))
            .collect::<Result<_, _>>()?,
    })
}

/// The other way round.
pub(crate) fn selection_text(selection: &EventSelection) -> String {
    let all = selection.all.then_some("*");
    let words: Vec<&str> = all
        .into_iter()
        .chain(selection.named.iter().map(|kind| kind.word()))
        .collect();
    super::json(&words)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::webhook_deliveries)]
pub(crate) struct DeliveryRow {
    pub(crate) delivery_id: Key,
    pub(crate) webhook_id: Key,
    pub(crate) user_id: Key,
    pub(crate) event_seq: i64,
    pub(crate) event_id: Key,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) next_attempt_at: Option<NaiveDateTime>,
    pub(crate) lease: Option<Key>,
    pub(crate) attempts: String,
    pub(crate) attempt_count: i32,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) finished_at: Option<NaiveDateTime>,
}

new_row!(DeliveryRow, "webhook_deliveries", {
    "delivery_id": delivery_id,
    "webhook_id": webhook_id,
    "user_id": user_id,
    "event_seq": event_seq,
    "event_id": event_id,
    "type": kind,
    "status": status,
    "next_attempt_at": next_attempt_at,
    "lease": lease,
    "attempts": attempts,
    "attempt_count": attempt_count,
    "created_at": created_at,
    "finished_at": finished_at,
});
