//! The end of a transaction: events get their numbers, counters move, deliveries are written.

use super::{
    Conn, Tx, audit, dialect,
    incidents::{self, Known},
    insert::insert,
    update::{Change, update},
};
use crate::{
    effects::StreamEffects,
    error::Fault,
    key::Key,
    rows::{
        Place,
        events::{DeliveryRow, EventRow, selection},
        json, naive,
    },
    schema::{user_streams, webhook_endpoints},
    value::{NewRow, Value},
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Random,
    event::{Cursor, StoredEvent},
    ids::{DeliveryId, UserId, WebhookId},
    ports::Committed,
    stats::Results,
    user::Word,
    webhook::{DeliveryStatus, EventSelection},
};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = user_streams)]
struct StreamRow {
    user_id: Key,
    last_seq: i64,
    jobs_pending: i64,
    jobs_running: i64,
    jobs_completed: i64,
    jobs_failed: i64,
    jobs_cancelled: i64,
    endpoints: i32,
    runs_running: i64,
    incidents: i64,
    notice_extra: i32,
}

const COLUMNS: &[&str] = &[
    "last_seq",
    "jobs_pending",
    "jobs_running",
    "jobs_completed",
    "jobs_failed",
    "jobs_cancelled",
    "endpoints",
    "runs_running",
    "incidents",
    "notice_extra",
];

impl StreamRow {
    fn add(&mut self, effects: &StreamEffects) {
        self.last_seq += i64::try_from(effects.events.len()).unwrap_or(0);
        self.jobs_pending += effects.jobs.pending;
        self.jobs_running += effects.jobs.running;
        self.jobs_completed += effects.jobs.completed;
        self.jobs_failed += effects.jobs.failed;
        self.jobs_cancelled += effects.jobs.cancelled;
        self.endpoints += effects.endpoints;
        self.runs_running += effects.running;
        self.notice_extra |= effects.notice_extra;
    }

    fn change(&self) -> Change {
        let counts = [
            self.last_seq,
            self.jobs_pending,
            self.jobs_running,
            self.jobs_completed,
            self.jobs_failed,
            self.jobs_cancelled,
        ];
        let mut values: Vec<Value> = counts.into_iter().map(|count| Value::Big(Some(count))).collect();
        values.push(Value::Int(Some(self.endpoints)));
        values.push(Value::Big(Some(self.runs_running)));
        values.push(Value::Big(Some(self.incidents)));
        values.push(Value::Int(Some(self.notice_extra)));
        Change {
            key: self.user_id,
            values,
        }
    }
}

/// Locks the streams of these users, in the order of their ids.
async fn lock(conn: &mut Conn, owners: &[Key]) -> Result<Vec<StreamRow>, Fault> {
    let rows = user_streams::table.select(StreamRow::as_select());
    Ok(match owners {
        [one] => {
            dialect::locked!(rows.filter(user_streams::user_id.eq(one)))
                .load(conn)
                .await?
        }
        many => {
            dialect::locked!(
                rows.filter(user_streams::user_id.eq_any(many))
                    .order(user_streams::user_id)
            )
            .load(conn)
            .await?
        }
    })
}

/// Writes what the transaction does besides its rows and answers what the listener is told after the commit.
pub(crate) async fn flush(tx: &mut Tx) -> Result<Vec<Committed>, Fault> {
    let mut effects = std::mem::take(&mut tx.effects);
    // Before streams are locked, so that nobody waits for it.
    let entries = std::mem::take(&mut effects.audit);
    if !entries.is_empty() {
        audit::write(tx, entries).await?;
    }
    if effects.streams.is_empty() {
        return Ok(Vec::new());
    }
    let owners: Vec<Key> = effects.streams.keys().map(|owner| Key::from(*owner)).collect();
    // Likewise: all that costs time is done while nobody waits for the streams.
    let all_texts: Vec<Vec<String>> = effects.streams.values().map(texts).collect();
    let before = lock(&mut tx.conn, &owners).await?;
    let mut streams: BTreeMap<Key, StreamRow> = before.into_iter().map(|row| (row.user_id, row)).collect();

    let (mut changes, mut event_rows, mut delivery_rows) = (Vec::new(), Vec::new(), Vec::new());
    let (mut result_rows, mut all) = (Vec::new(), Vec::new());
    for ((owner, mut stream), texts) in effects.streams.into_iter().zip(all_texts) {
        let key = Key::from(owner);
        let Some(row) = streams.get_mut(&key) else {
            let place = Place {
                table: "user_streams",
                row: &key,
            };
            return Err(place.inconsistent("user_id", "the user has no stream").into());
        };
        let first = row.last_seq + 1;
        row.add(&stream);
        row.incidents += incidents::fold(
            &mut tx.conn,
            &*tx.random,
            owner,
            &mut stream,
            Known {
                incidents: row.incidents,
                extra: row.notice_extra,
            },
        )
        .await?;
        changes.push(row.change());
        let stored = number(owner, first, &stream, texts, &mut event_rows);
        let mut has_deliveries = stream.has_deliveries;
        if row.endpoints > 0 && !stored.is_empty() {
            let endpoints = wanting(&mut tx.conn, key).await?;
            has_deliveries |= deliver(owner, &stored, &endpoints, tx.random(), &mut delivery_rows);
        }
        result_rows.extend(stream.results.iter().map(|(bucket, results)| ResultsRow {
            user_id: key,
            grain_seconds: bucket.0,
            bucket_at: bucket.1,
            results: *results,
        }));
        all.push(Committed {
            owner,
            events: stored,
            has_deliveries,
            has_claimable: stream.claimable > 0,
            has_planned: stream.has_planned,
            cancelled_runs: stream.cancelled_runs,
            worker_queues: stream.worker_queues.into_iter().collect(),
            claimed: stream.claimed,
        });
    }
    update(&mut tx.conn, "user_streams", "user_id", COLUMNS, changes, None).await?;
    insert(&mut tx.conn, event_rows).await?;
    insert(&mut tx.conn, delivery_rows).await?;
    insert(&mut tx.conn, result_rows).await?;
    Ok(all)
}

/// What the events say, as JSON.
fn texts(stream: &StreamEffects) -> Vec<String> {
    stream.events.iter().map(|event| json(&event.data)).collect()
}

/// Gives the events their places in the stream.
fn number(
    owner: UserId,
    first: i64,
    stream: &StreamEffects,
    texts: Vec<String>,
    rows: &mut Vec<EventRow>,
) -> Vec<StoredEvent> {
    let mut stored = Vec::with_capacity(stream.events.len());
    for ((seq, event), text) in (first..).zip(&stream.events).zip(texts) {
        // What an event means to an incident is known only under the lock.
        let text = event.data.incident.as_ref().map_or(text, |_| json(&event.data));
        stored.push(StoredEvent {
            cursor: Cursor(seq),
            event_id: event.event_id,
            kind: event.kind,
            at: event.at,
            job_id: event.job_id,
            data: text.clone(),
        });
        rows.push(EventRow::new(owner, seq, event, text));
    }
    stored
}

/// The enabled endpoints of a user and what they want.
async fn wanting(conn: &mut Conn, owner: Key) -> Result<Vec<(WebhookId, EventSelection)>, Fault> {
    let rows: Vec<(Key, String)> = webhook_endpoints::table
        .filter(
            webhook_endpoints::user_id
                .eq(owner)
                .and(webhook_endpoints::enabled.eq(true)),
        )
        .select((webhook_endpoints::webhook_id, webhook_endpoints::types))
        .load(conn)
        .await?;
    let mut wanting = Vec::with_capacity(rows.len());
    for (key, types) in rows {
        let place = Place {
            table: "webhook_endpoints",
            row: &key,
        };
        wanting.push((key.into(), selection(place, &types)?));
    }
    Ok(wanting)
}

/// Puts into the outbox what each endpoint wants; answers whether there was anything.
fn deliver(
    owner: UserId,
    events: &[StoredEvent],
    endpoints: &[(WebhookId, EventSelection)],
    random: &dyn Random,
    rows: &mut Vec<DeliveryRow>,
) -> bool {
    let before = rows.len();
    for event in events {
        for (webhook_id, _) in endpoints.iter().filter(|(_, wants)| wants.wants(event.kind)) {
            rows.push(pending_delivery(owner, *webhook_id, event, random));
        }
    }
    rows.len() > before
}

/// A delivery that is due now.
pub(crate) fn pending_delivery(
    owner: UserId,
    webhook_id: WebhookId,
    event: &StoredEvent,
    random: &dyn Random,
) -> DeliveryRow {
    DeliveryRow {
        delivery_id: DeliveryId::new(event.at, random).into(),
        webhook_id: webhook_id.into(),
        user_id: owner.into(),
        event_seq: event.cursor.0,
        event_id: event.event_id.into(),
        kind: event.kind.word().to_owned(),
        status: DeliveryStatus::Pending.word().to_owned(),
        next_attempt_at: Some(naive(event.at)),
        lease: None,
        attempts: "[]".to_owned(),
        attempt_count: 0,
        created_at: naive(event.at),
        finished_at: None,
    }
}

/// How many runs ended in a bucket, and how, in addition to those that are counted already.
struct ResultsRow {
    user_id: Key,
    grain_seconds: i32,
    bucket_at: NaiveDateTime,
    results: Results,
}

impl NewRow for ResultsRow {
    const TABLE: &'static str = "run_stats";
    const COLUMNS: &'static [&'static str] = &[
        "user_id",
        "grain_seconds",
        "bucket_at",
        "completed",
        "failed",
        "cancelled",
    ];
    const IF_THERE: &'static str = dialect::ADD_TO_STATS;

    fn into_values(self) -> Vec<Value> {
        vec![
            self.user_id.into(),
            self.grain_seconds.into(),
            self.bucket_at.into(),
            self.results.completed.into(),
            self.results.failed.into(),
            self.results.cancelled.into(),
        ]
    }
}
