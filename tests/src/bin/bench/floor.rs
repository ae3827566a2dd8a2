//! `single`: what the database does alone, one row and one durable commit at a time.

use crate::{
    load::{Samples, drive},
    sql::Sql,
};
use mysql_async::{Conn, prelude::Queryable};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Mutex;

const BODY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The table for [`single`].
pub(crate) async fn make_table(url: &str) -> anyhow::Result<()> {
    let mut sql = Sql::open(url).await?;
    let key = if sql.is_sqlite() {
        "INTEGER PRIMARY KEY"
    } else {
        "BIGINT AUTO_INCREMENT PRIMARY KEY"
    };
    sql.run(&format!(
        "CREATE TABLE IF NOT EXISTS bench_single (id {key}, body VARCHAR(255) NOT NULL)"
    ))
    .await
}

/// Inserts `count` rows, each with its own commit, over `at_once` connections (one on SQLite, which has one writer).
pub(crate) async fn single(url: &str, count: usize, at_once: usize) -> anyhow::Result<Samples> {
    if url.starts_with("sqlite:") {
        let sql = Arc::new(Mutex::new(Sql::open(url).await?));
        return drive(count, at_once, move |_| {
            let sql = sql.clone();
            async move {
                let insert = format!("INSERT INTO bench_single (body) VALUES ('{BODY}')");
                sql.lock().await.run(&insert).await
            }
        })
        .await;
    }
    let mut conns = Vec::new();
    for _ in 0..at_once {
        let mut conn = Conn::from_url(url).await?;
        let insert = conn.prep("INSERT INTO bench_single (body) VALUES (?)").await?;
        conns.push(Mutex::new((conn, insert)));
    }
    let (conns, next) = (Arc::new(conns), Arc::new(AtomicUsize::new(0)));
    let held = conns.clone();
    let samples = drive(count, at_once, move |_| {
        let (conns, next) = (conns.clone(), next.clone());
        async move {
            // As many at once as there are connections: a free one is never far.
            let first = next.fetch_add(1, Ordering::Relaxed);
            for number in first.. {
                if let Ok(mut held) = conns[number % conns.len()].try_lock() {
                    let (conn, insert) = &mut *held;
                    conn.exec_drop(&*insert, (BODY,)).await?;
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
