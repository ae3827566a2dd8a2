//! [`RunLog`]: what runs say while they work.

use super::{Conn, Db, Tx, batch, insert::insert, workers};
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, instant, int, naive},
    schema::{run_logs, runs},
    transitions::{About, Context},
    value::new_row,
};
use async_trait::async_trait;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{RunId, UserId},
    page::{Limit, Page},
    ports::{Held, Logged, NewLogLine, RunLog, WorkerQueue, log_key},
    run::{LogLevel, LogLine, LogRoom},
    user::Word,
};

/// An event has lines of at most so much text (and at least one): readers load many events at once.
const EVENT_BYTES: usize = 64 * 1024;

#[derive(Queryable)]
struct LineRow {
    run_id: Key,
    line: i32,
    logged_at: NaiveDateTime,
    level: String,
    text: String,
}

new_row!(LineRow, "run_logs", {
    "run_id": run_id,
    "line": line,
    "logged_at": logged_at,
    "level": level,
    "text": text,
});

/// The lines that find room, numbered, and one that says so when not all of them do.
fn numbered(room: &mut LogRoom, lines: &[NewLogLine], now: Timestamp) -> (Vec<LogLine>, Logged) {
    let (first, was_full) = (room.lines + 1, room.is_full());
    let taken = room.take(lines.iter().map(|line| line.text.len()));
    let mut kept: Vec<LogLine> = lines
        .iter()
        .take(taken)
        .zip(first..)
        .map(|(line, number)| LogLine {
            line: number,
            at: line.at,
            level: line.level,
            text: line.text.clone(),
        })
        .collect();
    if room.is_full() && !was_full {
        kept.push(LogLine {
            line: room.lines,
            at: now,
            level: LogLevel::Warn,
            text: LogRoom::FULL.to_owned(),
        });
    }
    let logged = Logged {
        accepted: u32::try_from(taken).unwrap_or(u32::MAX),
        dropped: u32::try_from(lines.len() - taken).unwrap_or(u32::MAX),
    };
    (kept, logged)
}

async fn append_in_tx(tx: &mut Tx, attempt: Held, lines: &[NewLogLine], now: Timestamp) -> Result<Logged, Fault> {
    let (run, log_lines, log_bytes) = workers::held(&mut tx.conn, attempt).await?;
    let mut room = LogRoom {
        lines: run.place().count("log_lines", log_lines)?,
        bytes: run.place().count("log_bytes", log_bytes)?,
    };
    let (kept, logged) = numbered(&mut room, lines, now);
    if kept.is_empty() {
        return Ok(logged);
    }
    let row = |line: &LogLine| LineRow {
        run_id: run.run_id,
        line: int(line.line),
        logged_at: naive(line.at),
        level: line.level.word().to_owned(),
        text: line.text.clone(),
    };
    let rows: Vec<LineRow> = kept.iter().map(row).collect();
    insert(&mut tx.conn, rows).await?;
    let is_held = runs::run_id
        .eq(run.run_id)
        .and(runs::lease_token.eq(Key(attempt.lease.0)));
    diesel::update(runs::table.filter(is_held))
        .set((runs::log_lines.eq(int(room.lines)), runs::log_bytes.eq(int(room.bytes))))
        .execute(&mut tx.conn)
        .await?;

    let batch = batch::with_jobs(&mut tx.conn, vec![run]).await?;
    for (run, job) in batch.runs.values().zip(batch.jobs.values()) {
        let (run, status) = (run.now.summary()?.summary(), job.now.status()?);
        for lines in parts(kept.clone()) {
            let about = About {
                job: &job.now,
                status,
                previous: None,
                run: Some(run.clone()),
            };
            emit(&mut tx.context(), now, about, lines);
        }
    }
    Ok(logged)
}

fn emit(context: &mut Context<'_>, now: Timestamp, about: About<'_>, lines: Vec<LogLine>) {
    let owner = UserId::from(about.job.created_by);
    context.emit(EventType::RunLog, now, about);
    if let Some(event) = context.effects.of(owner).events.last_mut() {
        event.data.lines = Some(lines);
    }
}

/// Lines in the portions of events: one for an ordinary call, more for a large one.
fn parts(lines: Vec<LogLine>) -> Vec<Vec<LogLine>> {
    let (mut parts, mut current, mut bytes) = (Vec::new(), Vec::new(), 0);
    for line in lines {
        if bytes + line.text.len() > EVENT_BYTES && !current.is_empty() {
            parts.push(std::mem::take(&mut current));
            bytes = 0;
        }
        bytes += line.text.len();
        current.push(line);
    }
    parts.push(current);
    parts
}

pub(crate) async fn read(
    conn: &mut Conn,
    run_id: RunId,
    levels: &[LogLevel],
    after: u32,
    limit: Limit,
) -> Result<Page<LogLine>, Fault> {
    let key = Key::from(run_id);
    let mut query = run_logs::table
        .filter(run_logs::run_id.eq(key).and(run_logs::line.gt(int(after))))
        .order(run_logs::line)
        .limit(i64::from(limit.get()) + 1)
        .into_boxed::<super::Sql>();
    if !levels.is_empty() {
        query = query.filter(run_logs::level.eq_any(levels.iter().map(|level| level.word())));
    }
    let rows: Vec<LineRow> = query.load(conn).await?;
    let place = Place {
        table: "run_logs",
        row: &key,
    };
    let lines = rows.into_iter().map(|row| {
        Ok(LogLine {
            line: place.count("line", row.line)?,
            at: instant(row.logged_at),
            level: place.word("level", &row.level)?,
            text: row.text,
        })
    });
    let lines = lines.collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Page::from_rows(lines, limit, |line| log_key(line.line)))
}

#[async_trait]
impl RunLog for Db {
    async fn append(&self, held: Held, lines: &[NewLogLine], now: Timestamp) -> Result<Logged, StoreError> {
        self.write((held, lines.to_vec(), now), |tx, (held, lines, now)| {
            append_in_tx(tx, *held, lines, *now).boxed()
        })
        .await
    }

    async fn read<'a>(
        &self,
        owner: UserId,
        run_id: RunId,
        levels: &'a [LogLevel],
        after: u32,
        limit: Limit,
    ) -> Result<Page<LogLine>, StoreError> {
        self.knows(owner, run_id).await?;
        Db::read(
            self,
            (run_id, levels.to_vec(), after, limit),
            |conn, (run_id, levels, after, limit)| read(conn, *run_id, levels, *after, *limit).boxed(),
        )
        .await
    }
}
