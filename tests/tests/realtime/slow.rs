//! A reader that does not keep up.

use scheduler_tests::{client::text, databases::Backend, server::TestServer, sockets::Socket};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_slow_reader_slows_nobody_and_misses_nothing() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let (mut slow, _) = Socket::open(&server, ada.access(), None).await;
    let (mut quick, _) = Socket::open(&server, ada.access(), None).await;
    let quick_reader = tokio::spawn(async move {
        let mut cursors = Vec::new();
        while cursors.len() < 1_500 {
            cursors.push(text(&quick.message().await, "cursor").to_owned());
        }
        cursors
    });
    // Long names, so that the buffers between the two programs are full long before the end; the slow one reads nothing.
    let name = "n".repeat(200);
    let started = Instant::now();
    let job = ada.job(json!({"job_name": name, "tags": ["t".repeat(50)]})).await;
    let path = format!("/api/v1/jobs/{}", text(&job, "job_id"));
    for n in 1..1_500 {
        ada.patch(&path, json!({"job_name": format!("{name:.150}{n}")}), 200)
            .await;
    }
    let written = started.elapsed();
    let of_quick = quick_reader.await.unwrap();
    assert!(
        started.elapsed() < written + Duration::from_secs(15),
        "the quick one heard it all while it happened"
    );
    // Now the slow one reads: all in order, once each, or a word that it must begin anew.
    let mut of_slow = Vec::new();
    while of_slow.last() != of_quick.last() {
        let message = slow.message().await;
        assert_ne!(message["type"], "resync", "so few are caught up with");
        of_slow.push(text(&message, "cursor").to_owned());
    }
    assert_eq!(of_slow, of_quick);
}
