//! A statement whose text is put together by hand: where the database must be told which index to walk along, which
//! diesel cannot say.

use super::{Conn, Sql, update::bind};
use crate::{error::Fault, key::Key, rows::naive, value::Value};
use diesel::{
    QueryResult,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Binary,
};
use diesel_async::RunQueryDsl;
use scheduler_domain::clock::Timestamp;

enum Part {
    Sql(String),
    Bind(Value),
}

/// A SELECT of one column of ids.
#[derive(Default)]
pub(super) struct Ids {
    parts: Vec<Part>,
}

impl Ids {
    pub(super) fn select(sql: impl Into<String>) -> Self {
        Self::default().sql(sql)
    }

    pub(super) fn sql(mut self, sql: impl Into<String>) -> Self {
        self.parts.push(Part::Sql(sql.into()));
        self
    }

    pub(super) fn bind(mut self, value: Value) -> Self {
        self.parts.push(Part::Bind(value));
        self
    }

    /// ` AND column = value`, or ` AND column IN (…)`.
    pub(super) fn and_any(mut self, column: &str, values: impl IntoIterator<Item = Value>) -> Self {
        let values: Vec<Value> = values.into_iter().collect();
        if let [_] = values.as_slice() {
            self = self.sql(format!(" AND {column} = "));
            for value in values {
                self = self.bind(value);
            }
            return self;
        }
        self = self.sql(format!(" AND {column} IN ("));
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self = self.sql(", ");
            }
            self = self.bind(value);
        }
        self.sql(")")
    }

    /// ` AND column > instant`, or another comparison; nothing without an instant.
    pub(super) fn and_at(self, column: &str, comparison: &str, at: Option<Timestamp>) -> Self {
        match at {
            None => self,
            Some(at) => self
                .sql(format!(" AND {column} {comparison} "))
                .bind(Value::from(naive(at))),
        }
    }

    /// Leaves out the first rows.
    pub(super) fn offset(self, rows: i64) -> Self {
        self.sql(" OFFSET ").bind(Value::Big(Some(rows)))
    }

    /// Orders by a column and the id, and goes on after the last row of the page before. The first condition says what
    /// the second implies; it is what makes a range of an index out of it.
    pub(super) fn keyset(
        mut self,
        (column, id): (&str, &str),
        descending: bool,
        after: Option<(Value, Key)>,
        limit: i64,
    ) -> Self {
        let (from, beyond, order) = if descending {
            ("<=", "<", "DESC")
        } else {
            (">=", ">", "ASC")
        };
        if let Some((value, last)) = after {
            self = self
                .sql(format!(" AND {column} {from} "))
                .bind(value.clone())
                .sql(format!(" AND ({column} {beyond} "))
                .bind(value)
                .sql(format!(" OR {id} {beyond} "))
                .bind(Value::Key(Some(last)))
                .sql(")");
        }
        self.sql(format!(" ORDER BY {column} {order}, {id} {order} LIMIT "))
            .bind(Value::Big(Some(limit)))
    }

    pub(super) async fn load(self, conn: &mut Conn) -> Result<Vec<Key>, Fault> {
        Ok(RunQueryDsl::load(self, conn).await?)
    }
}

impl QueryId for Ids {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Ids {
    type SqlType = Binary;
}

impl QueryFragment<Sql> for Ids {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Bind(value) => bind(value, out.reborrow())?,
            }
        }
        Ok(())
    }
}
