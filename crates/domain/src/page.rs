//! Pages of lists: a bounded number of rows and a cursor to go on from. Never an offset, never a total.

use crate::validate::FieldError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many rows a page may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    /// The largest page.
    pub const MAX: u32 = 200;
    /// The page when nobody asks.
    pub const DEFAULT: Self = Self(50);

    /// 1 to 200.
    pub fn new(value: u32) -> Result<Self, FieldError> {
        if (1..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(FieldError::new(
                "limit",
                "out_of_range",
                format!("is {value}; must be 1 to {}", Self::MAX),
            ))
        }
    }

    /// The number of rows.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The key of the last row of a page: the values of its sort column and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageKey {
    /// The sort column's value as text.
    pub sort: String,
    /// The row's id, or another unique text.
    pub id: String,
}

impl PageKey {
    /// The opaque text for clients. `scope` names the list with its filters and sort: a cursor of one list is refused
    /// by another.
    pub fn encode(&self, scope: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}\n{}\n{}", scope_mark(scope), self.id, self.sort))
    }

    /// Reads what a client handed back; `None` when it is not a cursor of this list.
    pub fn decode(text: &str, scope: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let decoded = String::from_utf8(bytes).ok()?;
        let mut parts = decoded.splitn(3, '\n');
        let (mark, id, sort) = (parts.next()?, parts.next()?, parts.next()?);
        (mark == scope_mark(scope)).then(|| Self {
            sort: sort.to_owned(),
            id: id.to_owned(),
        })
    }
}

fn scope_mark(scope: &str) -> String {
    let digest = Sha256::digest(scope.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.get(..6).unwrap_or_default())
}

/// Rows of a page, and where the next one starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// The key to go on from; `None` on the last page.
    pub next: Option<PageKey>,
}

impl<T> Page<T> {
    /// Makes a page of one row more than the limit, which tells whether there is a next page.
    pub fn from_rows(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> PageKey) -> Self {
        let size = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next = if more { rows.last().map(key) } else { None };
        Self { data: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_survives_the_wire(sort in ".{0,40}", id in "[a-z0-9-]{1,36}") {
            let key = PageKey { sort, id };
            prop_assert_eq!(PageKey::decode(&key.encode("jobs"), "jobs"), Some(key));
        }

        #[test]
        fn garbage_is_refused(text in ".{0,60}") {
            prop_assert_eq!(PageKey::decode(&text, "jobs"), None);
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let key = PageKey {
            sort: "a".into(),
            id: "b".into(),
        };
        assert_eq!(PageKey::decode(&key.encode("jobs?status=Failed"), "jobs"), None);
    }

    #[test]
    fn the_row_beyond_the_limit_tells_of_a_next_page() {
        let key = |n: &i32| PageKey {
            sort: n.to_string(),
            id: n.to_string(),
        };
        let limit = Limit::new(2).unwrap();
        assert_eq!(Page::from_rows(vec![1, 2], limit, key).next, None);
        let page = Page::from_rows(vec![1, 2, 3], limit, key);
        assert_eq!((page.data, page.next.unwrap().id), (vec![1, 2], "2".to_owned()));
    }
}
