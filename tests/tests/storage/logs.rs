//! What runs say while they work: numbered, bounded, told.

use super::{
    people::{at, limit, somebody},
    workers::{held, queued_in, taken},
};
use scheduler_domain::{
    error::StoreError,
    event::EventType,
    ports::{Held, Logged, NewLogLine},
    run::{LogLevel, LogRoom},
};
use scheduler_tests::databases::Database;

on_both! {
    lines_are_numbered_over_calls_and_told_as_they_come
    a_log_is_read_in_pages_and_by_level
    ten_thousand_lines_and_no_more
    a_mebibyte_and_no_more
    a_large_call_is_told_in_several_events
}

pub fn lines(texts: &[&str]) -> Vec<NewLogLine> {
    let line = |text: &&str| NewLogLine {
        at: at(0),
        level: LogLevel::Info,
        text: (*text).to_owned(),
    };
    texts.iter().map(line).collect()
}

async fn append(database: &Database, held: Held, texts: &[&str]) -> (u32, u32) {
    let Logged { accepted, dropped } = database.stores.log.append(held, &lines(texts), at(5)).await.unwrap();
    (accepted, dropped)
}

async fn lines_are_numbered_over_calls_and_told_as_they_come(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    database.listener.take();
    assert_eq!(append(&database, held(ada, &claimed), &["one", "two"]).await, (2, 0));
    assert_eq!(append(&database, held(ada, &claimed), &["three"]).await, (1, 0));
    let told = database.listener.take();
    let events: Vec<_> = told.iter().flat_map(|what| &what.events).collect();
    assert_eq!(events.len(), 2, "a call is an event");
    assert!(events.iter().all(|event| event.kind == EventType::RunLog));
    let data: serde_json::Value = serde_json::from_str(&events[1].data).unwrap();
    assert_eq!(
        data["lines"],
        serde_json::json!([{"line": 3, "at": at(0), "level": "info", "text": "three"}])
    );
    assert_eq!(data["run"]["run_id"], claimed.run.run_id.to_string());
}

async fn a_log_is_read_in_pages_and_by_level(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let claimed = taken(&database, ada, queued_in("default")).await;
    let mut some = lines(&["1", "2", "3", "4", "5"]);
    some[1].level = LogLevel::Warn;
    some[3].level = LogLevel::Error;
    some[4].level = LogLevel::Debug;
    database
        .stores
        .log
        .append(held(ada, &claimed), &some, at(2))
        .await
        .unwrap();
    let read = async |levels: &[LogLevel], after, rows| {
        let run_id = claimed.run.run_id;
        let page = database
            .stores
            .log
            .read(ada, run_id, levels, after, limit(rows))
            .await
            .unwrap();
        let texts: Vec<String> = page.data.iter().map(|line| line.text.clone()).collect();
        (texts.join(" "), page.next.map(|key| key.id))
    };
    assert_eq!(read(&[], 0, 2).await, ("1 2".into(), Some("2".into())));
    assert_eq!(read(&[], 2, 3).await, ("3 4 5".into(), None));
    assert_eq!(
        read(&LogLevel::Warn.and_above(), 0, 1).await,
        ("2".into(), Some("2".into()))
    );
    assert_eq!(read(&LogLevel::Warn.and_above(), 2, 9).await, ("4".into(), None));
    let foreign = database
        .stores
        .log
        .read(bob, claimed.run.run_id, &[], 0, limit(9))
        .await;
    assert!(matches!(foreign, Err(StoreError::NotFound)));
}

async fn ten_thousand_lines_and_no_more(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    database
        .execute("UPDATE runs SET log_lines = 9998, log_bytes = 9998")
        .await;
    assert_eq!(
        append(&database, held(ada, &claimed), &["a", "b", "c", "d"]).await,
        (2, 2)
    );
    assert_eq!(append(&database, held(ada, &claimed), &["e"]).await, (0, 1));
    let read = database
        .stores
        .log
        .read(ada, claimed.run.run_id, &[], 0, limit(9))
        .await
        .unwrap();
    let seen: Vec<_> = read.data.iter().map(|line| (line.line, line.text.as_str())).collect();
    assert_eq!(seen, [(9_999, "a"), (10_000, "b"), (10_001, LogRoom::FULL)]);
}

async fn a_mebibyte_and_no_more(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    let line = "é".repeat(4 * 1024);
    let call = vec![line.as_str(); 50];
    assert_eq!(append(&database, held(ada, &claimed), &call).await, (50, 0));
    assert_eq!(append(&database, held(ada, &claimed), &call).await, (50, 0));
    assert_eq!(append(&database, held(ada, &claimed), &call).await, (28, 22));
    assert_eq!(database.number("SELECT SUM(log_lines) FROM runs").await, 129);
    database.listener.take();
    assert_eq!(append(&database, held(ada, &claimed), &["short"]).await, (0, 1));
    assert!(
        database.listener.take().is_empty(),
        "nothing is told of what is dropped"
    );
}

async fn a_large_call_is_told_in_several_events(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    database.listener.take();
    let line = "x".repeat(8 * 1024);
    append(&database, held(ada, &claimed), &vec![line.as_str(); 20]).await;
    let told = database.listener.take();
    let sizes: Vec<usize> = told[0]
        .events
        .iter()
        .map(|event| event.data.len() / (8 * 1024))
        .collect();
    assert_eq!(sizes, [8, 8, 4]);
}
