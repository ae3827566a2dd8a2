//! Many rows inserted at once, with few statements whose texts repeat, so that they stay prepared.

use super::{Conn, Sql, dialect, update::bind};
use crate::{
    error::Fault,
    value::{NewRow, Value},
};
use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryFragment, QueryId},
};
use std::marker::PhantomData;

/// One statement carries no more text than this: far below the smallest packet that a server takes (1 MiB on old ones is
/// 16 MiB today).
pub(super) const STATEMENT_BYTES: usize = 700 * 1024;

fn walk<'b, R: NewRow>(rows: &'b [Vec<Value>], mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
    out.push_sql("INSERT INTO ");
    out.push_sql(R::TABLE);
    for (index, column) in R::COLUMNS.iter().enumerate() {
        out.push_sql(if index == 0 { " (" } else { ", " });
        out.push_identifier(column)?;
    }
    for (index, row) in rows.iter().enumerate() {
        out.push_sql(if index == 0 { ") VALUES (" } else { "), (" });
        for (index, value) in row.iter().enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            bind(value, out.reborrow())?;
        }
    }
    out.push_sql(")");
    out.push_sql(R::IF_THERE);
    Ok(())
}

/// One row. What kind of row it is says what the statement is, so a prepared one is found by its type, and its text is
/// put together once: for SQLite, which is handed every row by itself, the text was a tenth of the work.
struct One<R> {
    values: [Vec<Value>; 1],
    row: PhantomData<fn() -> R>,
}

impl<R: NewRow + 'static> QueryId for One<R> {
    type QueryId = One<R>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<R: NewRow> QueryFragment<Sql> for One<R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        walk::<R>(&self.values, out)
    }
}

/// Several rows.
struct Many<R> {
    rows: Vec<Vec<Value>>,
    row: PhantomData<fn() -> R>,
}

impl<R> QueryId for Many<R> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<R: NewRow> QueryFragment<Sql> for Many<R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        walk::<R>(&self.rows, out)
    }
}

/// How many of the rows the next statement takes.
fn next_size(rows: &[Vec<Value>]) -> usize {
    let bytes = |rows: &[Vec<Value>]| rows.iter().flatten().map(Value::size).sum::<usize>();
    dialect::INSERT_SIZES
        .iter()
        .copied()
        .find(|size| rows.get(..*size).is_some_and(|rows| bytes(rows) <= STATEMENT_BYTES))
        .unwrap_or(1)
}

/// Inserts the rows.
pub(super) async fn insert<R: NewRow + 'static>(conn: &mut Conn, rows: Vec<R>) -> Result<(), Fault> {
    let rows: Vec<Vec<Value>> = rows.into_iter().map(NewRow::into_values).collect();
    let (mut sizes, mut from) = (Vec::new(), 0);
    while let Some(rest) = rows.get(from..).filter(|rest| !rest.is_empty()) {
        let size = next_size(rest).min(rest.len());
        sizes.push(size);
        from += size;
    }
    let mut rows = rows.into_iter();
    let (mut groups, mut singles) = (Vec::new(), Vec::new());
    for size in sizes {
        let group: Vec<Vec<Value>> = rows.by_ref().take(size).collect();
        match <[Vec<Value>; 1]>::try_from(group) {
            Ok(values) => singles.push(One::<R> {
                values,
                row: PhantomData,
            }),
            Err(rows) => groups.push(Many::<R> { rows, row: PhantomData }),
        }
    }
    if !groups.is_empty() {
        dialect::execute_each(conn, groups).await?;
    }
    if !singles.is_empty() {
        dialect::execute_each(conn, singles).await?;
    }
    Ok(())
}
