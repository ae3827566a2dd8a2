//! A page of jobs. Every order has an index that starts with the owner, so a page costs the same however many jobs
//! there are; filters that no index serves read along the order until the page is full.

use super::{Conn, Sql, users::contains};
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, jobs::JobRow, naive, runs::RunRow},
    schema::{job_tags, jobs, runs},
};
use chrono::{NaiveDateTime, SecondsFormat};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, UserId},
    job::Job,
    page::{Limit, Page, PageKey},
    ports::{JobFilter, JobSort},
    user::Word,
};

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

fn last_time(after: Option<&PageKey>) -> Option<(NaiveDateTime, Key)> {
    let (text, id) = last_row(after)?;
    Some((naive(text.parse::<Timestamp>().ok()?), id))
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

pub(crate) async fn list(
    conn: &mut Conn,
    owner: UserId,
    filter: &JobFilter,
    sort: JobSort,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Job>, Fault> {
    let owner = Key::from(owner);
    let mut query = jobs::table
        .left_join(runs::table.on(jobs::last_run_id.eq(runs::run_id.nullable())))
        .filter(jobs::created_by.eq(owner).and(jobs::deleted_at.is_null()))
        .select((JobRow::as_select(), Option::<RunRow>::as_select()))
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
    let rows: Vec<(JobRow, Option<RunRow>)> = query.load(conn).await?;
    let page = Page::from_rows(rows, limit, |(job, _)| page_key(job, sort));
    let data = page.data.into_iter().map(|(job, run)| job.into_job(run.as_ref()));
    Ok(Page {
        data: data.collect::<Result<_, StoreError>>()?,
        next: page.next,
    })
}

/// The key of a row: whoever has it goes on after the row.
fn page_key(job: &JobRow, sort: JobSort) -> PageKey {
    let time = |at: NaiveDateTime| instant(at).to_rfc3339_opts(SecondsFormat::Micros, true);
    PageKey {
        sort: match sort {
            JobSort::CreatedDesc | JobSort::CreatedAsc => time(job.created_at),
            JobSort::UpdatedDesc | JobSort::UpdatedAsc => time(job.updated_at),
            JobSort::NameDesc | JobSort::NameAsc => job.name_key.clone(),
        },
        id: JobId::from(job.job_id).to_string(),
    }
}
