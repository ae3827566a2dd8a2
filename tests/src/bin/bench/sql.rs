//! A connection past the server, for preparing tables and for the floors that the server is held against.

use anyhow::{Context, bail};
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::Text,
};
use mysql_async::{Conn, Row, prelude::Queryable};
use std::fmt::Display;

/// Durable like the server's own connections: SQLite in WAL with FULL, MySQL with READ COMMITTED.
pub(crate) enum Sql {
    Sqlite(Box<SqliteConnection>),
    Mysql(Box<Conn>),
}

impl Sql {
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        let Some(path) = url.strip_prefix("sqlite://") else {
            let mut conn = Conn::from_url(url).await?;
            conn.query_drop("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
                .await?;
            return Ok(Self::Mysql(Box::new(conn)));
        };
        let mut conn = SqliteConnection::establish(path)?;
        conn.batch_execute(
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -64000;",
        )?;
        Ok(Self::Sqlite(Box::new(conn)))
    }

    /// A statement without an answer.
    pub(crate) async fn run(&mut self, sql: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql).with_context(|| start_of(sql))?,
            Self::Mysql(conn) => conn.query_drop(sql).await.with_context(|| start_of(sql))?,
        }
        Ok(())
    }

    /// The only column, `line`, of each row as text.
    pub(crate) async fn lines(&mut self, sql: &str) -> anyhow::Result<Vec<String>> {
        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = Text)]
            line: String,
        }
        match self {
            Self::Sqlite(conn) => {
                let rows: Vec<Line> = sql_query(sql).load(conn.as_mut()).with_context(|| start_of(sql))?;
                Ok(rows.into_iter().map(|row| row.line).collect())
            }
            Self::Mysql(conn) => {
                let rows: Vec<Row> = conn.query(sql).await.with_context(|| start_of(sql))?;
                rows.into_iter()
                    .map(|row| mysql_async::from_row_opt::<String>(row).context("no text"))
                    .collect()
            }
        }
    }

    /// One text; a query of one column `line` and one row.
    pub(crate) async fn line(&mut self, sql: &str) -> anyhow::Result<String> {
        let lines = self.lines(sql).await?;
        match <[String; 1]>::try_from(lines) {
            Ok([line]) => Ok(line),
            Err(lines) => bail!("{} rows for {}", lines.len(), start_of(sql)),
        }
    }

    /// One number.
    pub(crate) async fn number(&mut self, sql: &str) -> anyhow::Result<i64> {
        let line = self.line(sql).await?;
        line.parse().with_context(|| format!("{line} is no number"))
    }

    /// The columns of a table.
    pub(crate) async fn columns(&mut self, table: &str) -> anyhow::Result<Vec<String>> {
        let sql = match self {
            Self::Sqlite(_) => format!("SELECT name AS line FROM pragma_table_info('{table}')"),
            Self::Mysql(_) => format!(
                "SELECT column_name AS line FROM information_schema.columns WHERE table_schema = DATABASE() \
                 AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        self.lines(&sql).await
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => self.run("BEGIN IMMEDIATE").await,
            Self::Mysql(_) => self.run("START TRANSACTION").await,
        }
    }

    pub(crate) async fn commit(&mut self) -> anyhow::Result<()> {
        self.run("COMMIT").await
    }

    /// Whether this is SQLite.
    pub(crate) const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// `expression` divided, without a remainder.
    pub(crate) fn divided(&self, expression: impl Display, by: usize) -> String {
        if self.is_sqlite() {
            format!("(({expression}) / {by})")
        } else {
            format!("(({expression}) DIV {by})")
        }
    }

    /// `expression` as twelve hexadecimal digits.
    pub(crate) fn hex12(&self, expression: impl Display) -> String {
        if self.is_sqlite() {
            format!("printf('%012x', {expression})")
        } else {
            format!("LOWER(LPAD(HEX({expression}), 12, '0'))")
        }
    }
}

fn start_of(sql: &str) -> String {
    sql.chars().take(300).collect()
}
