//! A page of jobs. Every order has an index that starts with the owner, so a page costs the same however many jobs
//! there are; filters that no index serves read along the order until the page is full.

use super::{Conn, Sql, users::contains};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{jobs::JobRow, naive, runs::RunRow},
    schema::{job_tags, jobs, runs},
};
use diesel::{dsl::exists, prelude::*};
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

/// The last row of the page before: the value of the sort column and the id.
fn last_row(after: Option<&PageKey>) -> Option<(&str, Key)> {
    let after = after?;
    Some((after.sort.as_str(), after.id.parse::<JobId>().ok()?.into()))
}

/// Orders by a column and the id, and goes on after the last row of the page before. The first condition says what the
/// second implies; it is what makes a range of an index out of it.
macro_rules! keyset {
    ($query:expr, $after:expr, $column:expr, $order:ident, $from:ident, $beyond:ident) => {{
        let query = $query.order(($column.$order(), jobs::job_id.$order()));
        match $after {
            Some((value, id)) => query
                .filter($column.$from(value.clone()))
                .filter($column.$beyond(value).or(jobs::job_id.$beyond(id))),
            None => query,
        }
    }};
}

/// The ids of the rows of a page, and of one more, in order.
///
/// Only ids: what the index covers, MariaDB reads as a range from where the page before ended. Asked for whole rows it
/// takes the index for the owner alone and reads every newer job before the page (128 ms instead of 5 at 100,000 jobs).
pub(crate) async fn page_ids(
    conn: &mut Conn,
    owner: Key,
    filter: &JobFilter,
    sort: JobSort,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Vec<Key>, Fault> {
    let mut query = jobs::table
        .filter(jobs::created_by.eq(owner).and(jobs::deleted_at.is_null()))
        .select(jobs::job_id)
        .limit(i64::from(limit.get()) + 1)
        .into_boxed::<Sql>();
    if !filter.status.is_empty() {
        query = query.filter(jobs::status.eq_any(filter.status.iter().map(|status| status.word())));
    }
    if !filter.priority.is_empty() {
        query = query.filter(jobs::priority.eq_any(filter.priority.iter().map(|priority| priority.word())));
    }
    if let Some(tag) = &filter.tag {
        let tagged = job_tags::table
            .filter(job_tags::created_by.eq(owner).and(job_tags::tag.eq(tag.clone())))
            .filter(job_tags::job_id.eq(jobs::job_id));
        query = query.filter(exists(tagged));
    }
    if let Some(q) = &filter.q {
        let in_text = jobs::search_key.like(contains(q)).escape('!').nullable();
        // External ids are visible ASCII, so what begins with `q` lies before `q` and the character after the last.
        let by_external_id = jobs::external_id
            .ge(q.clone())
            .and(jobs::external_id.lt(format!("{q}\u{7f}")));
        query = match id_range(&q.to_ascii_lowercase()) {
            Some((from, to)) => query.filter(in_text.or(by_external_id).or(jobs::job_id.between(from, to))),
            None => query.filter(in_text.or(by_external_id)),
        };
    }
    if let Some(at) = filter.created_after {
        query = query.filter(jobs::created_at.gt(naive(at)));
    }
    if let Some(at) = filter.created_before {
        query = query.filter(jobs::created_at.lt(naive(at)));
    }
    let name = || last_row(after).map(|(name, id)| (name.to_owned(), id));
    query = match sort {
        JobSort::CreatedDesc => keyset!(query, last_time(after), jobs::created_at, desc, le, lt),
        JobSort::CreatedAsc => keyset!(query, last_time(after), jobs::created_at, asc, ge, gt),
        JobSort::UpdatedDesc => keyset!(query, last_time(after), jobs::updated_at, desc, le, lt),
        JobSort::UpdatedAsc => keyset!(query, last_time(after), jobs::updated_at, asc, ge, gt),
        JobSort::NameDesc => keyset!(query, name(), jobs::name_key, desc, le, lt),
        JobSort::NameAsc => keyset!(query, name(), jobs::name_key, asc, ge, gt),
    };
    Ok(query.load(conn).await?)
}

pub(crate) async fn list(
    conn: &mut Conn,
    owner: UserId,
    filter: &JobFilter,
    sort: JobSort,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Job>, Fault> {
    let ids = page_ids(conn, Key::from(owner), filter, sort, after, limit).await?;
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
