//! Many rows of a table changed at once, each to its own values.
//!
//! Where all rows get the same value it is bound once; where they differ, a tree of `CASE` looks the value up by key: as a
//! list, which the database walks along for each row, 64 rows took as long as all the rest of the statement. One row is a
//! plain UPDATE, and those that come with every run are known by name (`usual_changes`).

use super::{Conn, Sql, dialect, insert::STATEMENT_BYTES};
use crate::{error::Fault, key::Key, value::Value};
use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamp},
};
use std::{marker::PhantomData, sync::Arc};

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

struct Update {
    table: &'static str,
    key: &'static str,
    columns: Arc<[&'static str]>,
    /// In the order of their keys.
    rows: Vec<Change>,
    /// For how many rows the statement is made, at least as many as there are: the last one fills it up.
    size: usize,
    guard: Option<Arc<(&'static str, Value)>>,
}

impl Update {
    fn row(&self, index: usize) -> Option<&Change> {
        self.rows.get(index).or(self.rows.last())
    }

    /// The value of a column for the rows from `from` to before `to`, found by halves.
    fn pick<'b>(&'b self, column: usize, from: usize, to: usize, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        if to - from == 1 {
            return match self.row(from).and_then(|row| row.values.get(column)) {
                Some(value) => bind(value, out),
                None => Ok(()),
            };
        }
        let half = from.midpoint(to);
        let Some(first_right) = self.row(half) else {
            return Ok(());
        };
        out.push_sql("CASE WHEN ");
        out.push_sql(self.key);
        out.push_sql(" < ");
        out.push_bind_param::<Binary, _>(&first_right.key)?;
        out.push_sql(" THEN ");
        self.pick(column, from, half, out.reborrow())?;
        out.push_sql(" ELSE ");
        self.pick(column, half, to, out.reborrow())?;
        out.push_sql(" END");
        Ok(())
    }
}

impl QueryId for Update {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sql> for Update {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        let [first, others @ ..] = self.rows.as_slice() else {
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
            self.pick(index, 0, self.size, out.reborrow())?;
        }
        out.push_sql(" WHERE ");
        out.push_sql(self.key);
        for index in 0..self.size {
            out.push_sql(if index == 0 { " IN (" } else { ", " });
            if let Some(row) = self.row(index) {
                out.push_bind_param::<Binary, _>(&row.key)?;
            }
        }
        out.push_sql(")");
        if let Some((column, value)) = self.guard.as_deref() {
            out.push_sql(" AND ");
            out.push_sql(column);
            out.push_sql(" = ");
            bind(value, out.reborrow())?;
        }
        Ok(())
    }
}

/// Columns that change together with nearly every run.
trait Usual: 'static {
    const TABLE: &'static str;
    const KEY: &'static str;
    const COLUMNS: &'static [&'static str];
    const GUARD: Option<&'static str>;
}

/// The usual change of one row. Its type says what the statement is, so a prepared one is found by it and the text is put
/// together once: for SQLite, which is handed every row by itself, the text cost as much as binding the values.
struct One<U> {
    row: Change,
    guard: Option<Arc<(&'static str, Value)>>,
    usual: PhantomData<fn() -> U>,
}

impl<U: Usual> QueryId for One<U> {
    type QueryId = One<U>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<U: Usual> QueryFragment<Sql> for One<U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        out.push_sql(U::TABLE);
        for (index, (column, value)) in U::COLUMNS.iter().zip(&self.row.values).enumerate() {
            out.push_sql(if index == 0 { " SET " } else { ", " });
            out.push_sql(column);
            out.push_sql(" = ");
            bind(value, out.reborrow())?;
        }
        out.push_sql(" WHERE ");
        out.push_sql(U::KEY);
        out.push_sql(" = ");
        out.push_bind_param::<Binary, _>(&self.row.key)?;
        if let Some((column, value)) = self.guard.as_deref() {
            out.push_sql(" AND ");
            out.push_sql(column);
            out.push_sql(" = ");
            bind(value, out.reborrow())?;
        }
        Ok(())
    }
}

/// Writes changes of one row each, if they are usual ones; gives them back if they are not. A set of columns that is not
/// named here is written as well, only slower.
macro_rules! usual_changes {
    ($($name:ident: $table:literal, $key:literal, $guard:expr, [$($column:literal),+];)+) => {
        $(
            struct $name;

            impl Usual for $name {
                const TABLE: &'static str = $table;
                const KEY: &'static str = $key;
                const COLUMNS: &'static [&'static str] = &[$($column),+];
                const GUARD: Option<&'static str> = $guard;
            }
        )+

        async fn write_usual(
            conn: &mut Conn,
            (table, columns): (&str, &[&str]),
            rows: Vec<Change>,
            guard: Option<&Arc<(&'static str, Value)>>,
        ) -> Result<Result<usize, Vec<Change>>, Fault> {
            let guarded_by = guard.map(|guard| guard.0);
            $(
                if table == $name::TABLE && columns == $name::COLUMNS && guarded_by == $name::GUARD {
                    let one = |row| One::<$name> { row, guard: guard.cloned(), usual: PhantomData };
                    let rows = rows.into_iter().map(one).collect();
                    return Ok(Ok(dialect::execute_each(conn, rows).await?));
                }
            )+
            Ok(Err(rows))
        }
    };
}

usual_changes! {
    RunClaimed: "runs", "run_id", Some("status"),
        ["status", "attempt", "started_at", "lease_token", "lease_until", "node_id", "claim_key", "claim_user"];
    RunEnded: "runs", "run_id", Some("status"),
        ["status", "finished_at", "lease_token", "lease_until", "active_job_id", "duration_ms"];
    RunEndedWithResult: "runs", "run_id", Some("status"),
        ["status", "result", "finished_at", "lease_token", "lease_until", "active_job_id", "duration_ms"];
    JobFollowed: "jobs", "job_id", None, ["status"];
    JobRan: "jobs", "job_id", None, ["completed_at", "active_runs"];
    JobEnded: "jobs", "job_id", None, ["status", "completed_at", "active_runs"];
}

impl Change {
    fn bytes(&self) -> usize {
        self.values.iter().map(Value::size).sum()
    }
}

/// How many of the rows the next statement takes, and for how many it is made: few lengths, so that the statements stay
/// prepared.
fn next_size(rows: &[Change]) -> (usize, usize) {
    let (mut taken, mut bytes) = (0, 0);
    for row in rows.iter().take(dialect::UPDATE_ROWS) {
        bytes += row.bytes();
        if taken > 0 && bytes > STATEMENT_BYTES {
            break;
        }
        taken += 1;
    }
    (taken, taken.next_power_of_two())
}

/// Writes the changes and answers how many rows matched key and guard.
pub(crate) async fn update(
    conn: &mut Conn,
    table: &'static str,
    key: &'static str,
    columns: &[&'static str],
    mut rows: Vec<Change>,
    guard: Option<(&'static str, Value)>,
) -> Result<usize, Fault> {
    if columns.is_empty() || rows.is_empty() {
        return Ok(0);
    }
    rows.sort_unstable_by_key(|row| row.key);
    let (mut sizes, mut from) = (Vec::new(), 0);
    while let Some(rest) = rows.get(from..).filter(|rest| !rest.is_empty()) {
        let (taken, size) = next_size(rest);
        sizes.push((taken, size));
        from += taken;
    }
    let guard = guard.map(Arc::new);
    if sizes.iter().all(|(taken, _)| *taken == 1) {
        rows = match write_usual(conn, (table, columns), rows, guard.as_ref()).await? {
            Ok(written) => return Ok(written),
            Err(rows) => rows,
        };
    }
    let columns = Arc::from(columns);
    let mut rows = rows.into_iter();
    let statements = sizes.into_iter().map(|(taken, size)| Update {
        table,
        key,
        columns: Arc::clone(&columns),
        rows: rows.by_ref().take(taken).collect(),
        size,
        guard: guard.clone(),
    });
    Ok(dialect::execute_each(conn, statements.collect()).await?)
}
