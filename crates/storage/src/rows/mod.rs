//! Rows as primitives, and what they mean to the rules. A row that the rules cannot read is reported, never guessed.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod bulk;
pub(crate) mod events;
pub(crate) mod jobs;
pub(crate) mod notices;
pub(crate) mod occurrences;
pub(crate) mod runs;
pub(crate) mod webhooks;

use chrono::NaiveDateTime;
use scheduler_domain::{
    clock::{Timestamp, to_micros},
    error::StoreError,
    user::Word,
};
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// An instant as it is stored.
pub(crate) fn naive(at: Timestamp) -> NaiveDateTime {
    to_micros(at).naive_utc()
}

/// An instant as it was stored.
pub(crate) fn instant(at: NaiveDateTime) -> Timestamp {
    at.and_utc()
}

/// Where a value was read, for the report of one that cannot be.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a dyn Display,
}

impl Place<'_> {
    pub(crate) fn inconsistent(self, column: &'static str, why: impl Display) -> StoreError {
        StoreError::Inconsistent {
            table: self.table,
            column,
            row: self.row.to_string(),
            why: why.to_string(),
        }
    }

    /// A word of a closed set.
    pub(crate) fn word<T: Word>(self, column: &'static str, text: &str) -> Result<T, StoreError> {
        T::from_word(text).ok_or_else(|| self.inconsistent(column, format!("unknown word {text:?}")))
    }

    /// JSON of ours.
    pub(crate) fn json<T: DeserializeOwned>(self, column: &'static str, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.inconsistent(column, error))
    }

    /// A count.
    pub(crate) fn count(self, column: &'static str, value: i32) -> Result<u32, StoreError> {
        u32::try_from(value).map_err(|error| self.inconsistent(column, error))
    }
}

/// JSON of ours, as text. Types of ours always have one.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// A count as it is stored.
pub(crate) fn int(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
