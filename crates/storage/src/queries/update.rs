//! Many rows of a table changed at once, each to its own values.
//!
//! Where all rows get the same value it is bound once; where they differ, `CASE` picks by key. One row is a plain UPDATE.

use super::{Conn, Sql, dialect};
use crate::{error::Fault, key::Key, value::Value};
use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamp},
};
use diesel_async::RunQueryDsl;

/// Binds a value.
pub(super) fn bind<'b>(value: &'b Value, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
    match value {
        Value::Key(value) => out.push_bind_param::<Nullable<Binary>, _>(value),
        Value::Text(value) => out.push_bind_param::<Nullable<Text>, _>(value),
        Value::Int(value) => out.push_bind_param::<Nullable<Integer>, _>(value),
        Value::Big(value) => out.push_bind_param::<Nullable<BigInt>, _>(value),
        Value::At(value) => out.push_bind_param::<Nullable<Timestamp>, _>(value),
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
                bind(value, out.reborrow())?;
                continue;
            }
            out.push_sql("CASE ");
            out.push_sql(self.key);
            for row in self.rows {
                out.push_sql(" WHEN ");
                out.push_bind_param::<Binary, _>(&row.key)?;
                out.push_sql(" THEN ");
                if let Some(value) = row.values.get(index) {
                    bind(value, out.reborrow())?;
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
            bind(value, out.reborrow())?;
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
    let mut rest = rows;
    while !rest.is_empty() {
        // A few sizes only, so that the statements stay prepared.
        let size = dialect::UPDATE_SIZES.iter().copied().find(|size| *size <= rest.len());
        let (rows, others) = rest.split_at(size.unwrap_or(1));
        rest = others;
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
