//! Two servers on one MySQL.

use scheduler_tests::{
    client::text,
    databases::Backend,
    server::TestServer,
    sockets::{Heard, Socket},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn two() -> Option<(TestServer, TestServer)> {
    let one = TestServer::start(Backend::Mysql).await?;
    let other = one.beside(&[]);
    Some((other, one))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_shows_the_events_of_the_other_within_a_second() {
    let Some((other, one)) = two().await else { return };
    let ada = one.sign_up().await;
    let there = ada.towards(&other.base);
    there.get("/me", 200).await;
    let (mut here, _) = Socket::open(&one, ada.access(), None).await;
    let (mut beside, _) = Socket::open(&other, ada.access(), None).await;
    for client in [&ada, &there] {
        let job = client.job(json!({})).await;
        for socket in [&mut here, &mut beside] {
            assert_eq!(socket.message().await["data"]["job_id"], job["job_id"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_both_are_heard_in_one_order_without_a_hole() {
    let Some((other, one)) = two().await else { return };
    let ada = one.sign_up().await;
    let there = ada.towards(&other.base);
    let (mut here, _) = Socket::open(&one, ada.access(), None).await;
    let (mut beside, _) = Socket::open(&other, ada.access(), None).await;
    let writers: Vec<_> = [&ada, &there, &ada, &there]
        .into_iter()
        .map(|client| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..15 {
                    client
                        .job(json!({"run": true, "executor": {"type": "simulated", "duration_ms": 0}}))
                        .await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    // Each job: created, queued, started, completed.
    let collect = async |socket: &mut Socket| {
        let mut heard: Vec<Value> = Vec::new();
        while heard.len() < 240 {
            match socket.hear(Duration::from_secs(30)).await {
                Heard::Message(event) => heard.push(event),
                other => panic!("{other:?} after {}", heard.len()),
            }
        }
        heard
    };
    let (one_heard, other_heard) = (collect(&mut here).await, collect(&mut beside).await);
    assert_eq!(one_heard, other_heard);
    let numbers: Vec<i64> = one_heard
        .iter()
        .map(|event| i64::from_str_radix(text(event, "cursor"), 16).unwrap())
        .collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    // No run was carried out twice.
    let started = one_heard.iter().filter(|event| event["type"] == "run.started").count();
    assert_eq!(started, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_on_one_ends_the_session_on_the_other_within_5_s() {
    let Some((other, one)) = two().await else { return };
    let ada = one.sign_up().await;
    let there = ada.towards(&other.base);
    let (mut socket, _) = Socket::open(&other, ada.access(), None).await;
    there.get("/me", 200).await;
    ada.log_out().await;
    let ended = Instant::now();
    assert_eq!(socket.close_code(Duration::from_secs(30)).await, Some(4401));
    scheduler_tests::server::until("the token is refused", async || {
        let answer = there.send(reqwest::Method::GET, "/me", None, &[]).await;
        (answer.status == 401).then_some(())
    })
    .await;
    assert!(ended.elapsed() < Duration::from_secs(30), "{:?}", ended.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_cancelled_from_the_server_that_does_not_carry_it_out() {
    let Some((other, one)) = two().await else { return };
    let ada = one.sign_up().await;
    let there = ada.towards(&other.base);
    let job = ada.quick_job(60_000, "Completed").await;
    let started = ada.act(&format!("/run-job/{}", text(&job, "job_id")), 202).await;
    there.run_becomes(&started["run"], "Running").await;
    for client in [&ada, &there] {
        let run = client
            .get(&format!("/api/v1/runs/{}", text(&started["run"], "run_id")), 200)
            .await;
        assert_eq!(run["attempt"], 1);
    }
    there
        .act(&format!("/api/v1/runs/{}/cancel", text(&started["run"], "run_id")), 202)
        .await;
    ada.run_becomes(&started["run"], "Cancelled").await;
}
