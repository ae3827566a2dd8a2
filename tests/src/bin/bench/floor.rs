//! `single`: what the database does alone, one row and one durable commit at a time.

use crate::{
    load::{Samples, drive},
    sql::Sql,
    stage::now,
};
use mysql_async::{Conn, prelude::Queryable};
use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};
use tokio::sync::Mutex;

const BODY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// An id in the order of time, as those of the server.
fn next_id() -> u128 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let millis = u128::from(now().timestamp_millis().unsigned_abs());
    (millis << 80) | u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A row that is inserted, again and again with another first value.
pub(crate) struct Row {
    before: String,
    after: String,
    is_job: bool,
}

impl Row {
    /// One text in a table of its own: the barest that can be.
    pub(crate) async fn bare(url: &str) -> anyhow::Result<Self> {
        let mut sql = Sql::open(url).await?;
        let key = if sql.is_sqlite() {
            "INTEGER PRIMARY KEY"
        } else {
            "BIGINT AUTO_INCREMENT PRIMARY KEY"
        };
        sql.run(&format!(
            "CREATE TABLE IF NOT EXISTS bench_single (id {key}, body VARCHAR(255) NOT NULL)"
        ))
        .await?;
        Ok(Self {
            before: "INSERT INTO bench_single (body) VALUES (".to_owned(),
            after: ")".to_owned(),
            is_job: false,
        })
    }

    /// A copy of a job, in its own table with all its indexes.
    pub(crate) async fn job(url: &str) -> anyhow::Result<Self> {
        let mut sql = Sql::open(url).await?;
        sql.run("CREATE TABLE bench_job AS SELECT * FROM jobs LIMIT 1").await?;
        let mut columns = sql.columns("jobs").await?;
        columns.retain(|column| column != "job_id");
        let columns = columns.join(", ");
        Ok(Self {
            before: format!("INSERT INTO jobs (job_id, {columns}) SELECT "),
            after: format!(", {columns} FROM bench_job"),
            is_job: true,
        })
    }

    /// The first value, as SQL text.
    fn literal(&self) -> String {
        if self.is_job {
            format!("x'{:032x}'", next_id())
        } else {
            format!("'{BODY}'")
        }
    }

    fn value(&self) -> mysql_async::Value {
        if self.is_job {
            mysql_async::Value::Bytes(next_id().to_be_bytes().to_vec())
        } else {
            mysql_async::Value::from(BODY)
        }
    }
}

/// Inserts `count` rows, each with its own commit, over `at_once` connections (one on SQLite, which has one writer).
pub(crate) async fn single(url: &str, row: &Arc<Row>, count: usize, at_once: usize) -> anyhow::Result<Samples> {
    let row = row.clone();
    if url.starts_with("sqlite:") {
        let sql = Arc::new(Mutex::new(Sql::open(url).await?));
        return drive(count, at_once, move |_| {
            let (sql, row) = (sql.clone(), row.clone());
            async move {
                let insert = format!("{}{}{}", row.before, row.literal(), row.after);
                sql.lock().await.run(&insert).await
            }
        })
        .await;
    }
    let mut conns = Vec::new();
    for _ in 0..at_once {
        let mut conn = Conn::from_url(url).await?;
        let insert = conn.prep(format!("{}?{}", row.before, row.after)).await?;
        conns.push(Mutex::new((conn, insert)));
    }
    let (conns, next) = (Arc::new(conns), Arc::new(AtomicUsize::new(0)));
    let held = conns.clone();
    let samples = drive(count, at_once, move |_| {
        let (conns, next, row) = (conns.clone(), next.clone(), row.clone());
        async move {
            // As many at once as there are connections: a free one is never far.
            let first = next.fetch_add(1, Ordering::Relaxed);
            for number in first.. {
                if let Ok(mut held) = conns[number % conns.len()].try_lock() {
                    let (conn, insert) = &mut *held;
                    conn.exec_drop(&*insert, (row.value(),)).await?;
                    break;
                }
            }
            Ok(())
        }
    })
    .await?;
    for conn in Arc::into_inner(held).into_iter().flatten() {
        conn.into_inner().0.disconnect().await?;
    }
    Ok(samples)
}
