//! Values of columns, and rows made of them, where statements are put together by hand.

use crate::{key::Key, moment::Moment};
use chrono::NaiveDateTime;

/// A value of any column that the hot path writes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Key(Option<Key>),
    Text(Option<String>),
    Int(Option<i32>),
    Big(Option<i64>),
    At(Option<Moment>),
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    /// About how many bytes it is.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len(),
            _ => 16,
        }
    }
}

macro_rules! values_from {
    ($($kind:ident: $type:ty;)+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$kind(Some(value))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$kind(value)
            }
        }
    )+};
}

values_from! {
    Key: Key;
    Text: String;
    Int: i32;
    Big: i64;
    At: Moment;
}

impl From<NaiveDateTime> for Value {
    fn from(value: NaiveDateTime) -> Self {
        Self::At(Some(Moment(value)))
    }
}

impl From<Option<NaiveDateTime>> for Value {
    fn from(value: Option<NaiveDateTime>) -> Self {
        Self::At(value.map(Moment))
    }
}

/// A value as it stands in a row, for comparing rows without copying them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seen<'a> {
    Key(Option<Key>),
    Text(Option<&'a str>),
    Int(Option<i32>),
    Big(Option<i64>),
    At(Option<NaiveDateTime>),
}

impl From<Seen<'_>> for Value {
    fn from(seen: Seen<'_>) -> Self {
        match seen {
            Seen::Key(value) => Self::Key(value),
            Seen::Text(value) => Self::Text(value.map(str::to_owned)),
            Seen::Int(value) => Self::Int(value),
            Seen::Big(value) => Self::Big(value),
            Seen::At(value) => value.into(),
        }
    }
}

/// A row that is written for the first time.
pub(crate) trait NewRow {
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];
    /// What becomes of a row that is there already, in the words of the database; an error where it says nothing.
    const IF_THERE: &'static str = "";
    /// In the order of the columns.
    fn into_values(self) -> Vec<Value>;
}

/// Says how a row is written: its table, and its columns with the fields that they hold.
macro_rules! new_row {
    ($row:ty, $table:literal, { $($column:literal: $field:ident $(. $nested:ident)*,)+ }) => {
        impl $crate::value::NewRow for $row {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$($column),+];

            fn into_values(self) -> Vec<$crate::value::Value> {
                vec![$($crate::value::Value::from(self.$field $(. $nested)*)),+]
            }
        }
    };
}
pub(crate) use new_row;
