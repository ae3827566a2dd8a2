//! Claims that wait for work.

use super::*;

on_both_databases! {
    a_claim_that_waits_is_served_at_once
    one_run_ends_one_of_many_waits
    a_client_that_goes_away_is_given_nothing
    a_stop_ends_the_wait
}

/// Returns when so many workers wait.
pub(super) async fn until_waiting(server: &TestServer, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    while server.state.polls.waiting() != count {
        assert!(Instant::now() < deadline, "{} wait", server.state.polls.waiting());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Five times over: by the question that is asked once a second alone, that would take four seconds at least.
async fn a_claim_that_waits_is_served_at_once(server: TestServer) {
    let ada = server.sign_up().await;
    let mut waited = Duration::ZERO;
    for _ in 0..5 {
        let waiting = claim(
            &ada,
            json!({"queues": ["other", "default"], "wait_seconds": 30, "worker_name": "w"}),
        );
        let enqueue = async {
            until_waiting(&server, 1).await;
            work_in(&ada, "default", json!({})).await;
        };
        let started = Instant::now();
        let (claimed, ()) = tokio::join!(waiting, enqueue);
        waited += started.elapsed();
        assert_eq!(claimed.len(), 1);
        until_waiting(&server, 0).await;
    }
    assert!(waited < Duration::from_millis(3_500), "{waited:?}");
}

async fn one_run_ends_one_of_many_waits(server: TestServer) {
    let ada = server.sign_up().await;
    let waits = (0..5).map(|_| claim(&ada, json!({"wait_seconds": 3})));
    let enqueue = async {
        until_waiting(&server, 5).await;
        work_in(&ada, "default", json!({})).await;
        until_waiting(&server, 4).await;
    };
    let (all, ()) = tokio::join!(futures_util::future::join_all(waits), enqueue);
    assert_eq!(all.iter().map(Vec::len).sum::<usize>(), 1);
}

async fn a_client_that_goes_away_is_given_nothing(server: TestServer) {
    let ada = server.sign_up().await;
    let body = r#"{"queues":["default"],"worker_name":"gone","wait_seconds":30}"#;
    let request = format!(
        "POST /api/v1/worker/claim HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        server.address,
        text(&ada.tokens, "access_token"),
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect(&server.address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    until_waiting(&server, 1).await;
    let gone = Instant::now();
    drop(socket);
    until_waiting(&server, 0).await;
    assert!(
        gone.elapsed() < Duration::from_secs(15),
        "it was noticed, not waited for"
    );
    work_in(&ada, "default", json!({})).await;
    assert_eq!(claim(&ada, json!({})).await.len(), 1, "nobody else has it");
}

async fn a_stop_ends_the_wait(server: TestServer) {
    let ada = server.sign_up().await;
    let waiting = tokio::spawn(async move {
        let body = json!({"queues": ["default"], "worker_name": "w", "wait_seconds": 30});
        ada.send(Method::POST, "/api/v1/worker/claim", Some(body), &[]).await
    });
    until_waiting(&server, 1).await;
    let started = Instant::now();
    tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
    assert_eq!(waiting.await.unwrap().expect(200), json!({"data": []}));
    assert!(started.elapsed() < Duration::from_secs(20));
}
