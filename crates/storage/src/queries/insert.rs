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

/// One statement carries no more text than this: far below the smallest packet that a server takes (1 MiB on old ones is
/// 16 MiB today).
pub(super) const STATEMENT_BYTES: usize = 700 * 1024;

struct Insert {
    table: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
}

impl QueryId for Insert {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sql> for Insert {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_sql(self.table);
        for (index, column) in self.columns.iter().enumerate() {
            out.push_sql(if index == 0 { " (" } else { ", " });
            out.push_identifier(column)?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            out.push_sql(if index == 0 { ") VALUES (" } else { "), (" });
            for (index, value) in row.iter().enumerate() {
                if index > 0 {
                    out.push_sql(", ");
                }
                bind(value, out.reborrow())?;
            }
        }
        out.push_sql(")");
        Ok(())
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
pub(super) async fn insert<R: NewRow>(conn: &mut Conn, rows: Vec<R>) -> Result<(), Fault> {
    let rows: Vec<Vec<Value>> = rows.into_iter().map(NewRow::into_values).collect();
    let (mut sizes, mut from) = (Vec::new(), 0);
    while let Some(rest) = rows.get(from..).filter(|rest| !rest.is_empty()) {
        let size = next_size(rest).min(rest.len());
        sizes.push(size);
        from += size;
    }
    let mut rows = rows.into_iter();
    let statements = sizes.into_iter().map(|size| Insert {
        table: R::TABLE,
        columns: R::COLUMNS,
        rows: rows.by_ref().take(size).collect(),
    });
    let statements = statements.collect();
    dialect::execute_each(conn, statements).await?;
    Ok(())
}
