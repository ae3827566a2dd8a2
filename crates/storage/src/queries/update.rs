//! Many rows of a table changed at once, each to its own values.
//!
//! Where all rows get the same value it is bound once; where they differ, `CASE` picks by key. One row is a plain UPDATE
//! whose text is always the same, so it stays prepared.

use super::{Conn, Sql, dialect};
use crate::{error::Fault, key::Key};
use chrono::NaiveDateTime;
use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamp},
};
use diesel_async::RunQueryDsl;

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
    pub(super) fn walk<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        match self {
            Self::Key(value) => out.push_bind_param::<Nullable<Binary>, _>(value),
            Self::Text(value) => out.push_bind_param::<Nullable<Text>, _>(value),
            Self::Int(value) => out.push_bind_param::<Nullable<Integer>, _>(value),
            Self::Big(value) => out.push_bind_param::<Nullable<BigInt>, _>(value),
            Self::At(value) => out.push_bind_param::<Nullable<Timestamp>, _>(value),
        }
    }
}

/// One row: its key and its new values, in the order of the columns.
pub(crate) struct Change {
    pub(crate) key: Key,
    pub(crate) values: Vec<Value>,
}

struct Update<'a> {
    table: &'static str,
    key: &'static str,
    columns: &'a [&'static str],
    rows: &'a [Change],
    guard: Option<(&'static str, Value)>,
}

impl QueryId for Update<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sql> for Update<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        let [first, others @ ..] = self.rows else {
            return Ok(());
        };
        if !others.is_empty() {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql("UPDATE ");
        out.push_sql(self.table);
        for (index, column) in self.columns.iter().enumerate() {
            out.push_sql(if index == 0 { " SET " } else { ", " });
            out.push_sql(column);
            out.push_sql(" = ");
            let Some(value) = first.values.get(index) else {
                continue;
            };
            if others.iter().all(|row| row.values.get(index) == Some(value)) {
                value.walk(out.reborrow())?;
                continue;
            }
            out.push_sql("CASE ");
            out.push_sql(self.key);
            for row in self.rows {
                out.push_sql(" WHEN ");
                out.push_bind_param::<Binary, _>(&row.key)?;
                out.push_sql(" THEN ");
                if let Some(value) = row.values.get(index) {
                    value.walk(out.reborrow())?;
                }
            }
            out.push_sql(" END");
        }
        out.push_sql(" WHERE ");
        out.push_sql(self.key);
        for (index, row) in self.rows.iter().enumerate() {
            out.push_sql(if index == 0 { " IN (" } else { ", " });
            out.push_bind_param::<Binary, _>(&row.key)?;
        }
        out.push_sql(")");
        if let Some((column, value)) = &self.guard {
            out.push_sql(" AND ");
            out.push_sql(column);
            out.push_sql(" = ");
            value.walk(out.reborrow())?;
        }
        Ok(())
    }
}

/// Writes the changes and answers how many rows matched key and guard.
pub(crate) async fn update(
    conn: &mut Conn,
    table: &'static str,
    key: &'static str,
    columns: &[&'static str],
    rows: &[Change],
    guard: Option<(&'static str, Value)>,
) -> Result<usize, Fault> {
    if columns.is_empty() {
        return Ok(0);
    }
    let mut matched = 0;
    for rows in rows.chunks(dialect::UPDATE_ROWS) {
        let guard = guard.clone();
        matched += Update {
            table,
            key,
            columns,
            rows,
            guard,
        }
        .execute(conn)
        .await?;
    }
    Ok(matched)
}
