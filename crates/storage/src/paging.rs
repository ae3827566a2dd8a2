//! The keys of pages that are ordered by age.
//!
//! Ids grow with time too, but lists are ordered by the instant and only then by id: an order by the primary key alone
//! tempts planners to walk along it through the rows of everybody, instead of along the index of the owner.

use crate::{
    key::Key,
    rows::{instant, naive},
};
use chrono::{NaiveDateTime, SecondsFormat};
use scheduler_domain::{clock::Timestamp, ids::JobId, page::PageKey};
use std::fmt::Display;

/// The instant and the id of the last row of the page before.
pub(crate) fn last_time(after: Option<&PageKey>) -> Option<(NaiveDateTime, Key)> {
    let after = after?;
    // Every kind of id reads the same text.
    let id = after.id.parse::<JobId>().ok()?;
    Some((naive(after.sort.parse::<Timestamp>().ok()?), id.into()))
}

/// The key of a row that was made at an instant.
pub(crate) fn time_key(at: NaiveDateTime, id: impl Display) -> PageKey {
    PageKey {
        sort: instant(at).to_rfc3339_opts(SecondsFormat::Micros, true),
        id: id.to_string(),
    }
}
