//! Requests over real sockets, past the real guard.

use super::world::{World, settings};
use crate::outbound::GuardedCaller;
use scheduler_domain::{
    job::{Executor, HttpCall},
    net_guard::Guard,
    ports::{CallError, Finish, MockHttpCaller},
    run::Trigger,
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};

/// A server that gives one answer to everybody and keeps the requests; without an answer it tells when the other side
/// is gone.
async fn server(answer: Option<String>) -> (String, Arc<Mutex<String>>, oneshot::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (seen, (gone, is_gone)) = (Arc::new(Mutex::new(String::new())), oneshot::channel());
    let log = seen.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            log.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
            let whole = log.lock().unwrap().contains("\r\n\r\n");
            if let Some(answer) = answer.as_ref().filter(|_| whole) {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
        let _ = gone.send(());
    });
    (url, seen, is_gone)
}

#[expect(clippy::unnecessary_wraps, reason = "the servers of these tests may also not answer")]
fn answer(head: &str, body: &str) -> Option<String> {
    Some(format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn get(url: &str) -> Executor {
    let call: HttpCall = serde_json::from_value(json!({
        "method": "GET", "url": url, "headers": {"X-Team": "{{run.attempt}}"}, "expect": "2xx",
        "sealed_headers": {"Authorization": {"sealed":
            "jobs.executor.headers.00000000-0000-0000-0000-000000000002.authorization|Bearer s3cret-word"}}
    }))
    .unwrap();
    Executor::Http(call)
}

fn open() -> World {
    let guard = Guard::new("127.0.0.0/8".parse().unwrap(), Vec::new());
    World::calling(settings(), Arc::new(GuardedCaller::new(guard).unwrap()))
}

/// What came of the one run that there is.
async fn finish(world: &World) -> Finish {
    world.start();
    let wait = async {
        loop {
            if let Some(finish) = world.state(|state| state.finishes.first().cloned()) {
                return finish;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap()
}

async fn answered(answer: Option<String>) -> Finish {
    let (url, ..) = server(answer).await;
    let world = open();
    world.add(get(&url), None, 2);
    finish(&world).await
}

fn result(finish: &Finish) -> Value {
    serde_json::from_str(finish.result.as_ref().unwrap().as_str()).unwrap()
}

fn failed(finish: &Finish) -> (&str, bool, Option<i64>) {
    let Trigger::Fail {
        retryable, retry_after, ..
    } = finish.trigger
    else {
        panic!("{finish:?}")
    };
    let code = &finish.error.as_ref().unwrap().code;
    (code, retryable, retry_after.map(|wait| wait.num_seconds()))
}

#[tokio::test]
async fn a_request_is_sent_and_its_answer_is_the_result() {
    let head = "200 OK\r\nX-A: b\r\nSet-Cookie: c=d";
    let (url, seen, _) = server(answer(head, "hello Bearer s3cret-word")).await;
    let world = open();
    let run = world.add(get(&url), None, 1);
    let finish = finish(&world).await;
    assert_eq!(finish.trigger, Trigger::Succeed);
    let result = result(&finish);
    assert_eq!((&result["status"], &result["truncated"]), (&json!(200), &json!(false)));
    assert_eq!(result["body"], "hello ***", "an answer does not carry the secret on");
    assert_eq!(
        (&result["headers"]["x-a"], &result["headers"]["set-cookie"]),
        (&json!("b"), &json!("***"))
    );
    let sent = seen.lock().unwrap().to_lowercase();
    for line in [
        "get /hook http/1.1".to_owned(),
        format!("idempotency-key: {run}"),
        format!("x-scheduler-run-id: {run}"),
        "x-scheduler-attempt: 1".to_owned(),
        "user-agent: job-scheduler/1.2.3".to_owned(),
        "authorization: bearer s3cret-word".to_owned(),
        "x-team: 1".to_owned(),
    ] {
        assert!(sent.contains(&format!("{line}\r\n")), "{line}: {sent}");
    }
}

#[tokio::test]
async fn failures_say_what_they_are_and_whether_to_try_again() {
    let not_found = answered(answer("404 Not Found", "no such page")).await;
    assert_eq!(failed(&not_found), ("http_404", false, None));
    assert!(not_found.error.as_ref().unwrap().message.contains("no such page"));
    assert_eq!(result(&not_found)["status"], 404, "what was answered is kept");
    let broken = answered(answer("500 Oops\r\nRetry-After: 7", "")).await;
    assert_eq!(failed(&broken), ("http_500", true, None));
    let busy = answered(answer("503 Busy\r\nRetry-After: 7", "")).await;
    assert_eq!(failed(&busy), ("http_503", true, Some(7)));
    let later = answered(answer("429 Slow\r\nRetry-After: 999999999", "")).await;
    assert_eq!(failed(&later), ("http_429", true, Some(86_400)));
    let moved = answered(answer("302 Found\r\nLocation: http://127.0.0.1/x", "")).await;
    assert_eq!(failed(&moved), ("redirect_refused", false, None));
}

#[tokio::test]
async fn a_large_answer_is_cut() {
    let finish = answered(answer("200 OK", &"é".repeat(40_000))).await;
    let result = result(&finish);
    assert_eq!(result["truncated"], true);
    assert!(result["body"].as_str().unwrap().len() <= 65_536);
}

#[tokio::test]
async fn inner_addresses_are_refused_for_good() {
    let (url, seen, _) = server(answer("200 OK", "")).await;
    let world = World::calling(settings(), Arc::new(GuardedCaller::new(Guard::default()).unwrap()));
    world.add(get(&url), None, 3);
    assert_eq!(failed(&finish(&world).await), ("target_refused", false, None));
    assert_eq!(*seen.lock().unwrap(), "");
}

#[tokio::test]
async fn what_brings_no_answer_is_told_apart() {
    for (error, code) in [
        (CallError::Dns("x".into()), "dns_failed"),
        (CallError::Tls("x".into()), "tls_failed"),
        (CallError::Failed("x".into()), "connection_failed"),
        (CallError::TimedOut(3), "timeout"),
    ] {
        let mut caller = MockHttpCaller::new();
        caller.expect_call().return_once(|_| Err(error));
        let world = World::calling(settings(), Arc::new(caller));
        world.add(get("http://example.com/"), None, 2);
        assert_eq!(failed(&finish(&world).await), (code, true, None));
    }
}

#[tokio::test]
async fn silence_ends_with_the_time_of_the_attempt() {
    let (url, _, gone) = server(None).await;
    let world = open();
    world.add(get(&url), Some(1), 2);
    let finish = finish(&world).await;
    assert_eq!(failed(&finish), ("timeout", true, None));
    assert!(matches!(finish.trigger, Trigger::Fail { timed_out: true, .. }));
    tokio::time::timeout(Duration::from_secs(30), gone)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_cancelled_run_breaks_its_request_off() {
    let (url, seen, gone) = server(None).await;
    let world = open();
    let run = world.add(get(&url), None, 1);
    world.start();
    while seen.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    world.cancel(run);
    tokio::time::timeout(Duration::from_secs(30), gone)
        .await
        .unwrap()
        .unwrap();
    assert!(world.state(|state| state.finishes.is_empty()));
}
