//! Values of columns, and rows made of them, where statements are put together by hand.

use crate::key::Key;
use chrono::NaiveDateTime;

/// A value of any column that the hot path writes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Key(Option<Key>),
    Text(Option<String>),
    Int(Option<i32>),
    Big(Option<i64>),
    At(Option<NaiveDateTime>),
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

        impl From<&$type> for Value {
            fn from(value: &$type) -> Self {
                Self::$kind(Some(value.clone()))
            }
        }

        impl From<&Option<$type>> for Value {
            fn from(value: &Option<$type>) -> Self {
                Self::$kind(value.clone())
            }
        }
    )+};
}

values_from! {
    Key: Key;
    Text: String;
    Int: i32;
    Big: i64;
    At: NaiveDateTime;
}

/// A row that is written for the first time.
pub(crate) trait NewRow {
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];
    /// In the order of the columns.
    fn values(&self) -> Vec<Value>;
}

/// Says how a row is written: its table, and its columns with the fields that they hold.
macro_rules! new_row {
    ($row:ty, $table:literal, { $($column:literal: $field:ident $(. $nested:ident)*,)+ }) => {
        impl $crate::value::NewRow for $row {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$($column),+];

            fn values(&self) -> Vec<$crate::value::Value> {
                vec![$($crate::value::Value::from(&self.$field $(. $nested)*)),+]
            }
        }
    };
}
pub(crate) use new_row;
