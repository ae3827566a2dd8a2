//! A page of jobs. Every order has an index that starts with the owner, so a page costs the same however many jobs
//! there are; filters that no index serves read along the order until the page is full.

use super::{Conn, dialect, statement::Ids, users::contains};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{jobs::JobRow, runs::RunRow},
    schema::{jobs, runs},
    value::Value,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    error::StoreError,
    ids::{JobId, UserId},
    job::Job,
    page::{Limit, Page, PageKey},
    ports::{JobFilter, JobSort},
    user::Word,
};
use std::collections::HashMap;

/// The smallest and the largest id that begin with a text of at least four digits, such as `0192f`.
fn id_range(text: &str) -> Option<(Key, Key)> {
    const SHAPE: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    let at_its_place = |(byte, shape)| {
        if shape == b'-' {
            byte == b'-'
        } else {
            u8::is_ascii_hexdigit(&byte)
        }
    };
    if !(4..=SHAPE.len()).contains(&text.len()) || !text.bytes().zip(SHAPE.bytes()).all(at_its_place) {
        return None;
    }
    let digits = text.replace('-', "");
    let filled = |digit: &str| {
        let all = format!("{digits}{}", digit.repeat(32 - digits.len()));
        u128::from_str_radix(&all, 16)
            .ok()
            .map(|number| Key(number.to_be_bytes()))
    };
    Some((filled("0")?, filled("f")?))
}

/// The last row of the page before, in the order of names.
fn last_name(after: Option<&PageKey>) -> Option<(Value, Key)> {
    let after = after?;
    Some((text(&after.sort), after.id.parse::<JobId>().ok()?.into()))
}

/// The index that gives the order, if possible narrowed to what the filter asks for.
fn index_of(filter: &JobFilter, sort: JobSort) -> &'static str {
    let by_age = matches!(sort, JobSort::CreatedDesc | JobSort::CreatedAsc);
    match (sort, filter.status.as_slice(), filter.priority.as_slice()) {
        (_, [_], _) if by_age => "idx_status",
        (_, _, [_]) if by_age => "idx_priority",
        (JobSort::CreatedDesc | JobSort::CreatedAsc, _, _) => "idx_jobs_created",
        (JobSort::UpdatedDesc | JobSort::UpdatedAsc, _, _) => "idx_jobs_updated",
        (JobSort::NameDesc | JobSort::NameAsc, _, _) => "idx_jobs_name",
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(Some(text.into()))
}

/// The ids of the first `rows` rows after the page before, in order.
async fn page_ids(
    conn: &mut Conn,
    owner: Key,
    filter: &JobFilter,
    sort: JobSort,
    after: Option<&PageKey>,
    rows: i64,
) -> Result<Vec<Key>, Fault> {
    let along = dialect::along(index_of(filter, sort));
    let mut ids = Ids::select(format!("SELECT job_id FROM jobs{along} WHERE created_by = "))
        .bind(Value::Key(Some(owner)))
        .sql(" AND deleted_at IS NULL");
    if !filter.status.is_empty() {
        ids = ids.and_any("status", filter.status.iter().map(|status| text(status.word())));
    }
    if !filter.priority.is_empty() {
        ids = ids.and_any("priority", filter.priority.iter().map(|priority| text(priority.word())));
    }
    if let Some(tag) = &filter.tag {
        ids = ids
            .sql(" AND EXISTS (SELECT 1 FROM job_tags WHERE job_tags.created_by = ")
            .bind(Value::Key(Some(owner)))
            .sql(" AND job_tags.tag = ")
            .bind(text(tag))
            .sql(" AND job_tags.job_id = jobs.job_id)");
    }
    if let Some(q) = &filter.q {
        // External ids are visible ASCII, so what begins with `q` lies before `q` and the character after the last.
        ids = ids
            .sql(" AND (search_key LIKE ")
            .bind(text(contains(q)))
            .sql(" ESCAPE '!' OR (external_id >= ")
            .bind(text(q))
            .sql(" AND external_id < ")
            .bind(text(format!("{q}\u{7f}")))
            .sql(")");
        if let Some((from, to)) = id_range(&q.to_ascii_lowercase()) {
            ids = ids
                .sql(" OR job_id BETWEEN ")
                .bind(Value::Key(Some(from)))
                .sql(" AND ")
                .bind(Value::Key(Some(to)));
        }
        ids = ids.sql(")");
    }
    ids = ids
        .and_at("created_at", ">", filter.created_after)
        .and_at("created_at", "<", filter.created_before);
    let by_time = || last_time(after).map(|(at, id)| (Value::from(at), id));
    let (column, descending, last) = match sort {
        JobSort::CreatedDesc => ("created_at", true, by_time()),
        JobSort::CreatedAsc => ("created_at", false, by_time()),
        JobSort::UpdatedDesc => ("updated_at", true, by_time()),
        JobSort::UpdatedAsc => ("updated_at", false, by_time()),
        JobSort::NameDesc => ("name_key", true, last_name(after)),
        JobSort::NameAsc => ("name_key", false, last_name(after)),
    };
    ids.keyset((column, "job_id"), descending, last, rows).load(conn).await
}

/// How many jobs the filter finds, up to `most`.
pub(crate) async fn count(conn: &mut Conn, owner: UserId, filter: &JobFilter, most: u32) -> Result<u32, Fault> {
    let ids = page_ids(
        conn,
        Key::from(owner),
        filter,
        JobSort::CreatedAsc,
        None,
        i64::from(most),
    )
    .await?;
    Ok(u32::try_from(ids.len()).unwrap_or(most))
}

pub(crate) async fn list(
    conn: &mut Conn,
    owner: UserId,
    filter: &JobFilter,
    sort: JobSort,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Job>, Fault> {
    let more = i64::from(limit.get()) + 1;
    let ids = page_ids(conn, Key::from(owner), filter, sort, after, more).await?;
    let rows: Vec<(JobRow, Option<RunRow>)> = jobs::table
        .left_join(runs::table.on(jobs::last_run_id.eq(runs::run_id.nullable())))
        .filter(jobs::job_id.eq_any(&ids))
        .select((JobRow::as_select(), Option::<RunRow>::as_select()))
        .load(conn)
        .await?;
    let mut found: HashMap<Key, _> = rows.into_iter().map(|row| (row.0.job_id, row)).collect();
    let size = usize::try_from(limit.get()).unwrap_or(usize::MAX);
    let rows: Vec<_> = ids.iter().take(size).filter_map(|id| found.remove(id)).collect();
    // A job that was deleted between the two reads is left out, but must not make the page look like the last one.
    let next = rows
        .last()
        .filter(|_| ids.len() > size)
        .map(|(job, _)| page_key(job, sort));
    let page = Page { data: rows, next };
    let data = page.data.into_iter().map(|(job, run)| job.into_job(run.as_ref()));
    Ok(Page {
        data: data.collect::<Result<_, StoreError>>()?,
        next: page.next,
    })
}

/// The key of a row: whoever has it goes on after the row.
fn page_key(job: &JobRow, sort: JobSort) -> PageKey {
    let id = JobId::from(job.job_id);
    match sort {
        JobSort::CreatedDesc | JobSort::CreatedAsc => time_key(job.created_at, id),
        JobSort::UpdatedDesc | JobSort::UpdatedAsc => time_key(job.updated_at, id),
        JobSort::NameDesc | JobSort::NameAsc => PageKey {
            sort: job.name_key.clone(),
            id: id.to_string(),
        },
    }
}
