//! Takes deliveries that are due, a few of each endpoint.

use super::super::{Conn, Db, Tx, dialect, statement::Ids};
use crate::{
    error::Fault,
    key::Key,
    rows::{
        events::{DeliveryRow, EventRow},
        naive,
        webhooks::EndpointRow,
    },
    schema::{events, webhook_deliveries, webhook_endpoints},
    value::Value,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::{Timestamp, random_bytes},
    error::StoreError,
    event::StoredEvent,
    ports::ClaimDeliveries,
    user::Word,
    webhook::{DeliveryStatus, DueDelivery, Endpoint},
};
use std::collections::{BTreeMap, HashMap};

/// The most endpoints that one claim looks at.
const ENDPOINTS: usize = 2_000;

/// How often to look again when another node took everything that was found.
const LOOKS: usize = 3;

const PENDING: DeliveryStatus = DeliveryStatus::Pending;

pub(super) async fn claim_due(db: &Db, claim: &ClaimDeliveries) -> Result<Vec<DueDelivery>, StoreError> {
    for _ in 0..LOOKS {
        // Looked for without locks: an idle node never stands in the way of writers.
        let found = db
            .read(claim.clone(), |conn, claim| candidates(conn, claim).boxed())
            .await?;
        if found.is_empty() {
            break;
        }
        let taken = db
            .write((claim.clone(), found), |tx, (claim, found)| {
                take(tx, claim, found).boxed()
            })
            .await?;
        if !taken.is_empty() {
            return Ok(taken);
        }
    }
    Ok(Vec::new())
}

/// What is due, in the order in which endpoints have their turn: the oldest of each, then the second of each, and so on.
async fn candidates(conn: &mut Conn, claim: &ClaimDeliveries) -> Result<Vec<Key>, Fault> {
    let now = naive(claim.now);
    let first_due: Option<Key> = webhook_deliveries::table
        .filter(webhook_deliveries::next_attempt_at.le(now))
        .select(webhook_deliveries::delivery_id)
        .first(conn)
        .await
        .optional()?;
    if first_due.is_none() {
        return Ok(Vec::new());
    }
    let busy: HashMap<Key, u32> = claim.busy.iter().map(|(id, count)| (Key::from(*id), *count)).collect();
    let places: HashMap<Key, u32> = claim
        .places
        .iter()
        .map(|(id, count)| (Key::from(*id), *count))
        .collect();
    let max = usize::try_from(claim.max).unwrap_or(usize::MAX);
    let start = claim.after.map(Key::from);
    let mut queues = Vec::new();
    let (mut place, mut wrapped) = (start, start.is_none());
    for _ in 0..ENDPOINTS {
        let Some((endpoint, oldest)) = next_endpoint(conn, place).await? else {
            if wrapped {
                break;
            }
            (place, wrapped) = (None, true);
            continue;
        };
        place = Some(endpoint);
        let places = places.get(&endpoint).copied().unwrap_or(claim.per_endpoint);
        let free = places.saturating_sub(busy.get(&endpoint).copied().unwrap_or(0));
        if oldest <= now && free > 0 {
            let queue = due_of(conn, endpoint, claim, free.min(claim.max)).await?;
            if !queue.is_empty() {
                queues.push(queue);
            }
        }
        let round = wrapped && start.is_some_and(|start| endpoint >= start);
        if queues.len() >= max || round {
            break;
        }
    }
    let longest = queues.iter().map(Vec::len).max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| queues.iter().filter_map(move |queue| queue.get(turn).copied()));
    Ok(turns.take(max).collect())
}

/// The next endpoint behind `place` that deliveries wait for, and when the first of them is due: one step along the
/// index, however many wait.
async fn next_endpoint(conn: &mut Conn, place: Option<Key>) -> Result<Option<(Key, chrono::NaiveDateTime)>, Fault> {
    let place = place.unwrap_or(Key([0; 16]));
    Ok(webhook_deliveries::table
        .filter(
            webhook_deliveries::status
                .eq(PENDING.word())
                .and(webhook_deliveries::webhook_id.gt(place)),
        )
        .order((webhook_deliveries::webhook_id, webhook_deliveries::next_attempt_at))
        .select((
            webhook_deliveries::webhook_id,
            webhook_deliveries::next_attempt_at.assume_not_null(),
        ))
        .first(conn)
        .await
        .optional()?)
}

/// The oldest deliveries to an endpoint that is switched on.
async fn due_of(conn: &mut Conn, endpoint: Key, claim: &ClaimDeliveries, free: u32) -> Result<Vec<Key>, Fault> {
    let enabled: Option<bool> = webhook_endpoints::table
        .filter(webhook_endpoints::webhook_id.eq(endpoint))
        .select(webhook_endpoints::enabled)
        .first(conn)
        .await
        .optional()?;
    if enabled != Some(true) {
        return Ok(Vec::new());
    }
    let along = dialect::along("idx_webhook_deliveries_due");
    Ids::select(format!(
        "SELECT delivery_id FROM webhook_deliveries{along} WHERE status = "
    ))
    .bind(Value::text(PENDING.word()))
    .sql(" AND webhook_id = ")
    .bind(Value::Key(Some(endpoint)))
    .sql(" AND next_attempt_at <= ")
    .bind(Value::from(naive(claim.now)))
    .sql(" ORDER BY next_attempt_at, delivery_id LIMIT ")
    .bind(Value::Big(Some(i64::from(free))))
    .load(conn)
    .await
}

/// Leases those that are still due; nobody waits for rows that another node is taking.
async fn take(tx: &mut Tx, claim: &ClaimDeliveries, found: &[Key]) -> Result<Vec<DueDelivery>, Fault> {
    let mut keys = found.to_vec();
    keys.sort_unstable();
    let rows = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq_any(&keys))
        .filter(webhook_deliveries::status.eq(PENDING.word()))
        .filter(webhook_deliveries::next_attempt_at.le(naive(claim.now)))
        .order(webhook_deliveries::delivery_id)
        .select(DeliveryRow::as_select());
    let rows: Vec<DeliveryRow> = dialect::locked_skipping!(rows).load(&mut tx.conn).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let lease: [u8; 16] = random_bytes(tx.random());
    let Loaded { mut due, lost } = load(&mut tx.conn, rows, lease).await?;
    end_lost(&mut tx.conn, lost, claim.now).await?;
    let taken: Vec<Key> = due.iter().map(|due| due.delivery.delivery_id.into()).collect();
    diesel::update(webhook_deliveries::table.filter(webhook_deliveries::delivery_id.eq_any(taken)))
        .set((
            webhook_deliveries::lease.eq(Key(lease)),
            webhook_deliveries::next_attempt_at.eq(naive(claim.lease_until)),
        ))
        .execute(&mut tx.conn)
        .await?;
    let turns: HashMap<Key, usize> = found.iter().enumerate().map(|(turn, key)| (*key, turn)).collect();
    due.sort_by_key(|due| turns.get(&due.delivery.delivery_id.into()).copied());
    Ok(due)
}

struct Loaded {
    due: Vec<DueDelivery>,
    /// Deliveries whose event is gone.
    lost: Vec<Key>,
}

/// Deliveries that nobody can make any more.
async fn end_lost(conn: &mut Conn, lost: Vec<Key>, now: Timestamp) -> Result<(), Fault> {
    if lost.is_empty() {
        return Ok(());
    }
    tracing::error!(deliveries = ?lost, "the events of these deliveries are gone; the deliveries have failed");
    diesel::update(webhook_deliveries::table.filter(webhook_deliveries::delivery_id.eq_any(lost)))
        .set((
            webhook_deliveries::status.eq(DeliveryStatus::Failed.word()),
            webhook_deliveries::next_attempt_at.eq(None::<chrono::NaiveDateTime>),
            webhook_deliveries::lease.eq(None::<Key>),
            webhook_deliveries::finished_at.eq(naive(now)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts endpoints and events beside the deliveries. What has lost its endpoint meanwhile is left out, and goes with it.
async fn load(conn: &mut Conn, rows: Vec<DeliveryRow>, lease: [u8; 16]) -> Result<Loaded, Fault> {
    let mut asked: Vec<Key> = rows.iter().map(|row| row.webhook_id).collect();
    asked.sort_unstable();
    asked.dedup();
    let endpoints: Vec<EndpointRow> = webhook_endpoints::table
        .filter(webhook_endpoints::webhook_id.eq_any(asked))
        .filter(webhook_endpoints::enabled.eq(true))
        .select(EndpointRow::as_select())
        .load(conn)
        .await?;
    let mut by_id: HashMap<Key, Endpoint> = HashMap::new();
    for row in endpoints {
        by_id.insert(row.webhook_id, row.try_into()?);
    }
    let mut wanted: BTreeMap<Key, Vec<i64>> = BTreeMap::new();
    for row in &rows {
        wanted.entry(row.user_id).or_default().push(row.event_seq);
    }
    let mut stored: HashMap<(Key, i64), StoredEvent> = HashMap::new();
    for (owner, numbers) in wanted {
        let rows: Vec<EventRow> = events::table
            .filter(events::user_id.eq(owner).and(events::seq.eq_any(numbers)))
            .select(EventRow::as_select())
            .load(conn)
            .await?;
        for row in rows {
            stored.insert((owner, row.seq), row.try_into()?);
        }
    }
    let mut loaded = Loaded {
        due: Vec::with_capacity(rows.len()),
        lost: Vec::new(),
    };
    for row in rows {
        let Some(event) = stored.get(&(row.user_id, row.event_seq)).cloned() else {
            loaded.lost.push(row.delivery_id);
            continue;
        };
        if let Some(endpoint) = by_id.get(&row.webhook_id).cloned() {
            loaded.due.push(DueDelivery {
                tries: u32::try_from(row.attempt_count).unwrap_or(0),
                delivery: row.try_into()?,
                lease,
                endpoint,
                event,
            });
        }
    }
    Ok(loaded)
}
