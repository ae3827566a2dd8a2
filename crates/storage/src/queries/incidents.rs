//! Incidents: what events mean to the jobs that they are about, found out where events get their places in the stream of
//! their user. The lock on the stream is what keeps two transactions from opening one incident twice.

use super::{
    Conn,
    insert::insert,
    keys_in::keys_in,
    update::{Change, update},
};
use crate::{
    effects::StreamEffects,
    error::Fault,
    key::Key,
    rows::{
        Place,
        notices::{IncidentRow, NoticeRow, policy},
    },
    schema::{incidents, jobs, users},
    value::Value,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Random,
    error::StoreError,
    event::NewEvent,
    ids::{NoticeId, UserId},
    notice::{Facts, Incident, Notice, NoticeKind, NoticePolicy, Signal, Trouble, Turn},
};
use std::collections::BTreeMap;

/// What the row of a user's stream says, before anything is looked up.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// How many incidents are open.
    pub(super) incidents: i64,
    /// See [`NoticePolicy::extra`].
    pub(super) extra: i32,
}

/// A signal with the index of its event.
type Found = (usize, Key, Signal);

/// What the events of a transaction mean. Successes count only while there are incidents; attempts and lateness only where
/// somebody ever wanted to hear of them: most transactions are done here.
fn signals(stream: &StreamEffects, known: Known) -> Vec<Found> {
    let events = stream.events.iter().enumerate();
    let mut found: Vec<Found> = events
        .filter_map(|(index, event)| {
            let job_id = event.job_id?;
            let signal = Signal::of(event, stream.late.contains(&job_id))?;
            Some((index, job_id.into(), signal))
        })
        .filter(|(.., signal)| match signal {
            Signal::Trouble(trouble) => trouble.extra() & !known.extra == 0,
            Signal::Good | Signal::Gone => true,
        })
        .collect();
    let has_trouble = found.iter().any(|(.., signal)| matches!(signal, Signal::Trouble(_)));
    if known.incidents == 0 && !has_trouble {
        found.clear();
    }
    found
}

/// What the owner of these jobs wants to hear of each.
async fn policies(conn: &mut Conn, owner: UserId, keys: &[Key]) -> Result<BTreeMap<Key, NoticePolicy>, Fault> {
    let defaults = defaults(conn, owner).await?;
    let rows: Vec<(Key, Option<String>)> = jobs::table
        .filter(keys_in("jobs.job_id", keys))
        .select((jobs::job_id, jobs::notices))
        .load(conn)
        .await?;
    let mut policies = BTreeMap::new();
    for (key, text) in rows {
        let place = Place {
            table: "jobs",
            row: &key,
        };
        policies.insert(key, policy(place, text.as_deref())?.unwrap_or(defaults));
    }
    Ok(policies)
}

/// What somebody wants to hear of jobs that say nothing of it.
pub(super) async fn defaults(conn: &mut Conn, owner: UserId) -> Result<NoticePolicy, Fault> {
    let key = Key::from(owner);
    let text: Option<String> = users::table.find(key).select(users::notices).first(conn).await?;
    let place = Place {
        table: "users",
        row: &key,
    };
    Ok(policy(place, text.as_deref())?.unwrap_or_default())
}

/// The incidents that these jobs have.
async fn open(conn: &mut Conn, keys: &[Key]) -> Result<BTreeMap<Key, IncidentRow>, Fault> {
    let rows: Vec<IncidentRow> = incidents::table
        .filter(keys_in("incidents.job_id", keys))
        .select(IncidentRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.job_id, row)).collect())
}

/// Finds out what the events of a transaction do to incidents, writes that, puts into the outbox what may be worth telling,
/// and says it in the events. Answers by how many there are more incidents.
pub(super) async fn fold(
    conn: &mut Conn,
    random: &dyn Random,
    owner: UserId,
    stream: &mut StreamEffects,
    known: Known,
) -> Result<i64, Fault> {
    let mut found = signals(stream, known);
    if found.is_empty() {
        return Ok(0);
    }
    if found.iter().any(|(.., signal)| is_extra(*signal)) {
        let keys = keys_of(&found);
        let policies = policies(conn, owner, &keys).await?;
        found.retain(|(_, key, signal)| match signal {
            Signal::Trouble(trouble) if is_extra(*signal) => {
                policies.get(key).is_some_and(|policy| policy.tells(*trouble))
            }
            _ => true,
        });
    }
    let before = open(conn, &keys_of(&found)).await?;
    let mut now: BTreeMap<Key, Incident> = BTreeMap::new();
    for (key, row) in &before {
        now.insert(*key, row.clone().try_into()?);
    }
    let mut outbox = Vec::new();
    for (index, key, signal) in found {
        let Some(event) = stream.events.get_mut(index) else {
            continue;
        };
        let (incident, turn) = Incident::step(now.remove(&key), signal, || Facts::of(event));
        event.data.incident = turn.as_ref().and_then(|turn| turn.note(incident.as_ref()));
        if let Some(notice) = turn.and_then(|turn| notice(event, turn, incident.as_ref(), (owner, random))) {
            outbox.push(NoticeRow::new(&notice));
        }
        if let Some(incident) = incident {
            now.insert(key, incident);
        }
    }
    insert(conn, outbox).await?;
    write(conn, owner, &before, &now).await
}

fn is_extra(signal: Signal) -> bool {
    matches!(signal, Signal::Trouble(trouble) if trouble.extra() != 0)
}

fn keys_of(found: &[Found]) -> Vec<Key> {
    let mut keys: Vec<Key> = found.iter().map(|(_, key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What the outbox gets of a turn; `now` is the incident after it.
fn notice(
    event: &NewEvent,
    turn: Turn,
    now: Option<&Incident>,
    (owner, random): (UserId, &dyn Random),
) -> Option<Notice> {
    let (kind, incident, before) = match turn {
        Turn::Trouble { trouble, before } => (trouble.into(), now?.clone(), before),
        // That a run which began late went well is told to nobody.
        Turn::Over(was) if was.troubles == [Trouble::Late] => return None,
        Turn::Over(was) => (NoticeKind::Recovery, was, Vec::new()),
    };
    Some(Notice {
        notice_id: NoticeId::new(event.at, random),
        owner,
        job_id: event.job_id?,
        kind,
        facts: Facts::of(event),
        incident,
        before,
        created_at: event.at,
    })
}

/// Writes what changed.
async fn write(
    conn: &mut Conn,
    owner: UserId,
    before: &BTreeMap<Key, IncidentRow>,
    now: &BTreeMap<Key, Incident>,
) -> Result<i64, Fault> {
    let closed: Vec<Key> = before.keys().filter(|key| !now.contains_key(key)).copied().collect();
    if !closed.is_empty() {
        diesel::delete(incidents::table.filter(keys_in("incidents.job_id", &closed)))
            .execute(conn)
            .await?;
    }
    let (mut opened, mut worsened) = (Vec::new(), Vec::new());
    for (key, incident) in now {
        let row = IncidentRow::new(*key, owner, incident);
        match before.get(key) {
            None => opened.push(row),
            Some(before) if *before == row => {}
            Some(_) => worsened.push(row),
        }
    }
    let new = opened.len();
    insert(conn, opened).await?;
    let changes = worsened
        .into_iter()
        .map(|row| Change {
            key: row.job_id,
            values: vec![
                Value::from(row.opened_at),
                Value::text(row.troubles),
                Value::Int(Some(row.failures)),
                Value::text(row.latest),
            ],
        })
        .collect();
    let columns = ["opened_at", "troubles", "failures", "latest"];
    update(conn, "incidents", "job_id", &columns, changes, None).await?;
    let difference =
        |more: usize, less: usize| -> Option<i64> { Some(i64::try_from(more).ok()? - i64::try_from(less).ok()?) };
    difference(new, closed.len())
        .ok_or_else(|| StoreError::Driver("more incidents than can be counted".to_owned()).into())
}
