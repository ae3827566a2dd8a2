//! Workers over HTTP, as programs of a user would be.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, assert_fields, broken, text},
    on_both_databases,
    server::{PATIENCE, TestServer},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

mod waiting;

on_both_databases! {
    a_worker_carries_a_run_out
    a_worker_loop_works_off_a_queue
    a_failed_run_comes_back_until_no_attempt_is_left
    a_stale_token_is_409_and_a_foreign_run_404
    absurd_numbers_are_named
    a_cancelled_run_ends_with_its_workers_answer
    a_run_that_is_given_back_is_claimed_again_and_counts_nothing
    the_log_is_read_in_pages
    queues_are_limited
}

/// A job in a queue, with a run that waits there.
async fn work_in(ada: &Client, queue: &str, more: Value) -> Value {
    let mut job = json!({"executor": {"type": "worker", "queue": queue}, "run": true, "overlap": "allow"});
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ada.job(job).await
}

async fn claim(ada: &Client, more: Value) -> Vec<Value> {
    let mut body = json!({"queues": ["default"], "worker_name": "printer-1"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let claimed = ada.post("/api/v1/worker/claim", body, 200).await;
    claimed["data"].as_array().unwrap().clone()
}

fn about(claimed: &Value, what: &str) -> String {
    format!("/api/v1/worker/runs/{}/{what}", text(&claimed["run"], "run_id"))
}

/// A call about a claimed run, with its token.
async fn call(ada: &Client, claimed: &Value, what: &str, more: Value, expected: u16) -> Value {
    let mut body = json!({"lease_token": claimed["lease_token"]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ada.post(&about(claimed, what), body, expected).await
}

async fn a_worker_carries_a_run_out(server: TestServer) {
    let ada = server.sign_up().await;
    work_in(
        &ada,
        "default",
        json!({"payload": {"page": 1}, "priority": "High", "tags": ["t"]}),
    )
    .await;
    let claimed = claim(&ada, json!({"lease_seconds": 60})).await.remove(0);
    assert_fields(&claimed, "run, job, payload, lease_token, lease_expires_at, attempt");
    assert_fields(
        &claimed["job"],
        "job_id, job_name, priority, tags, description, external_id, version",
    );
    assert_eq!(
        (&claimed["payload"], &claimed["attempt"]),
        (&json!({"page": 1}), &json!(1))
    );
    assert_eq!(
        (&claimed["run"]["status"], &claimed["run"]["worker_name"]),
        (&json!("Running"), &json!("printer-1"))
    );
    assert_eq!(claim(&ada, json!({})).await, Vec::<Value>::new());

    let beat = call(
        &ada,
        &claimed,
        "heartbeat",
        json!({"progress": 40, "message": "page 1"}),
        200,
    )
    .await;
    assert_eq!(beat["cancel_requested"], false);
    assert!(text(&beat, "lease_expires_at") > text(&claimed, "lease_expires_at"));
    let logged = call(
        &ada,
        &claimed,
        "log",
        json!({"lines": [{"text": "\u{1b}[1Ahello\u{1b}[0m"}]}),
        200,
    )
    .await;
    assert_eq!(logged, json!({"accepted": 1, "dropped": 0}));
    let path = format!("/api/v1/runs/{}", text(&claimed["run"], "run_id"));
    let run = ada.get(&path, 200).await;
    assert_eq!(
        (&run["progress"], &run["progress_message"]),
        (&json!(40), &json!("page 1"))
    );

    let run = call(&ada, &claimed, "complete", json!({"result": {"rows": 1.50}}), 200).await;
    assert_eq!(
        (&run["status"], &run["result"]),
        (&json!("Completed"), &json!({"rows": 1.50}))
    );
    for (what, body) in [
        ("complete", json!({"result": {"rows": 1.50}})),
        ("fail", json!({"error": {"message": "x"}})),
        ("heartbeat", json!({})),
        ("log", json!({"lines": [{"text": "late"}]})),
    ] {
        assert_eq!(
            call(&ada, &claimed, what, body, 409).await["code"],
            "lease_lost",
            "{what}"
        );
    }
    let run = ada.get(&path, 200).await;
    assert_eq!(
        (&run["attempts"][0]["worker_name"], &run["attempts"][0]["node"]),
        (&json!("printer-1"), &Value::Null)
    );
    let events = ada.get("/api/v1/events?limit=50", 200).await;
    let types: Vec<&str> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(event, "type"))
        .collect();
    assert_eq!(
        types,
        [
            "job.created",
            "run.queued",
            "run.started",
            "run.progress",
            "run.log",
            "run.completed"
        ]
    );
    assert_eq!(events["data"][4]["data"]["lines"][0]["text"], "hello\u{1b}[0m");
}

async fn a_worker_loop_works_off_a_queue(server: TestServer) {
    let ada = server.sign_up().await;
    for _ in 0..6 {
        work_in(&ada, "default", json!({})).await;
    }
    let worker = async || {
        let mut done = 0;
        loop {
            let claimed = claim(&ada, json!({"max": 2, "wait_seconds": 1})).await;
            if claimed.is_empty() {
                return done;
            }
            for one in &claimed {
                call(&ada, one, "complete", json!({}), 200).await;
                done += 1;
            }
        }
    };
    let (one, two, three) = tokio::join!(worker(), worker(), worker());
    assert_eq!(one + two + three, 6);
    assert_eq!(
        ada.get("/api/v1/runs?status=Completed", 200).await["data"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
}

async fn a_failed_run_comes_back_until_no_attempt_is_left(server: TestServer) {
    let ada = server.sign_up().await;
    work_in(
        &ada,
        "default",
        json!({"retry": {"max_attempts": 2, "initial_seconds": 600}}),
    )
    .await;
    let first = claim(&ada, json!({})).await.remove(0);
    let failure = json!({"error": {"message": "on fire", "code": "no_printer"}, "retry_after_seconds": 0});
    let run = call(&ada, &first, "fail", failure, 200).await;
    assert_eq!(
        (&run["status"], &run["error"]["code"]),
        (&json!("Retrying"), &json!("no_printer"))
    );
    let second = claim(&ada, json!({"wait_seconds": 30})).await.remove(0);
    assert_eq!(
        (&second["attempt"], &second["run"]["run_id"]),
        (&json!(2), &first["run"]["run_id"])
    );
    assert_ne!(second["lease_token"], first["lease_token"]);
    call(&ada, &first, "complete", json!({}), 409).await;
    let run = call(&ada, &second, "fail", json!({"error": {"message": "still"}}), 200).await;
    assert_eq!(
        (&run["status"], &run["reason"]),
        (&json!("Failed"), &json!("attempts_exhausted"))
    );
    assert_eq!(run["error"]["code"], "worker_error");
    work_in(&ada, "default", json!({"retry": {"max_attempts": 9}})).await;
    let third = claim(&ada, json!({})).await.remove(0);
    let run = call(
        &ada,
        &third,
        "fail",
        json!({"error": {"message": "no"}, "retryable": false}),
        200,
    )
    .await;
    assert_eq!(
        (&run["status"], &run["reason"]),
        (&json!("Failed"), &json!("not_retryable"))
    );
}

async fn a_stale_token_is_409_and_a_foreign_run_404(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    work_in(&ada, "default", json!({})).await;
    let claimed = claim(&ada, json!({})).await.remove(0);
    let calls = [
        ("complete", json!({})),
        ("fail", json!({"error": {"message": "x"}})),
        ("release", json!({})),
        ("heartbeat", json!({"progress": 1})),
        ("log", json!({"lines": [{"text": "x"}]})),
    ];
    for (what, body) in calls {
        for token in ["AAAAAAAAAAAAAAAAAAAAAA", "", "no token at all"] {
            let mut body = body.clone();
            body["lease_token"] = token.into();
            let problem = ada.post(&about(&claimed, what), body.clone(), 409).await;
            assert_eq!(problem["code"], "lease_lost", "{what} {token}");
        }
        assert_eq!(call(&bob, &claimed, what, body.clone(), 404).await["code"], "not_found");
        // Whatever else is wrong.
        bob.post(&about(&claimed, what), json!({"nonsense": 1}), 404).await;
        bob.send_raw(Method::POST, &about(&claimed, what), Some(b"{".to_vec()), &[])
            .await
            .problem(404, "not_found");
        for id in ["0192d3a4-0000-7000-8000-000000000000", "42"] {
            ada.post(&format!("/api/v1/worker/runs/{id}/{what}"), body.clone(), 404)
                .await;
        }
    }
    assert!(claim(&bob, json!({})).await.is_empty());
    bob.get(&format!("/api/v1/runs/{}/log", text(&claimed["run"], "run_id")), 404)
        .await;
    server.client().post("/api/v1/worker/claim", json!({}), 401).await;
    call(&ada, &claimed, "complete", json!({}), 200).await;
}

async fn absurd_numbers_are_named(server: TestServer) {
    let ada = server.sign_up().await;
    for (field, value) in [
        ("max", json!(0)),
        ("max", json!(101)),
        ("max", json!(-1)),
        ("max", json!(1e30)),
        ("max", json!("1")),
        ("wait_seconds", json!(31)),
        ("wait_seconds", json!(i64::MAX)),
        ("lease_seconds", json!(4)),
        ("lease_seconds", json!(301)),
        ("queues", json!([])),
        ("queues", json!("default")),
        ("worker_name", json!("")),
        ("worker_name", json!("w".repeat(201))),
        ("unknown", json!(1)),
    ] {
        let mut body = json!({"queues": ["default"], "worker_name": "w"});
        body[field] = value.clone();
        let problem = ada.post("/api/v1/worker/claim", body, 422).await;
        assert_eq!(broken(&problem)[0].0, format!("/{field}"), "{value}: {problem}");
    }
    work_in(&ada, "default", json!({})).await;
    let claimed = claim(&ada, json!({})).await.remove(0);
    for (what, body, pointer) in [
        ("heartbeat", json!({"progress": 101}), "/progress"),
        ("heartbeat", json!({"progress": -1}), "/progress"),
        ("heartbeat", json!({"message": "m".repeat(1_001)}), "/message"),
        ("log", json!({"lines": []}), "/lines"),
        ("log", json!({"lines": vec![json!({"text": ""}); 501]}), "/lines"),
        ("log", json!({"lines": [{"text": "t".repeat(8_193)}]}), "/lines/0/text"),
        (
            "log",
            json!({"lines": [{"text": "", "level": "loud"}]}),
            "/lines/0/level",
        ),
        ("log", json!({"lines": [{"text": "", "at": "noon"}]}), "/lines/0/at"),
        ("log", json!({"lines": [{}]}), "/lines/0/text"),
        ("complete", json!({"result": "r".repeat(256 * 1024)}), "/result"),
        ("fail", json!({}), "/error"),
        ("fail", json!({"error": {"message": ""}}), "/error/message"),
        (
            "fail",
            json!({"error": {"message": "x"}, "retry_after_seconds": 86_401}),
            "/retry_after_seconds",
        ),
    ] {
        let problem = call(&ada, &claimed, what, body, 422).await;
        assert_eq!(broken(&problem)[0].0, pointer, "{problem}");
    }
    for (path, code) in [
        ("after=-1", "invalid_parameter"),
        ("level=loud", "invalid_parameter"),
        ("cursor=x", "invalid_cursor"),
    ] {
        let path = format!("/api/v1/runs/{}/log?{path}", text(&claimed["run"], "run_id"));
        assert_eq!(ada.get(&path, 400).await["code"], code);
    }
    call(&ada, &claimed, "complete", json!({}), 200).await;
}

async fn a_cancelled_run_ends_with_its_workers_answer(server: TestServer) {
    let ada = server.sign_up().await;
    for (what, body, status) in [
        ("complete", json!({}), "Completed"),
        ("fail", json!({"error": {"message": "stopped"}}), "Cancelled"),
    ] {
        let job = work_in(&ada, "default", json!({"retry": {"max_attempts": 5}})).await;
        let claimed = claim(&ada, json!({})).await.remove(0);
        let path = format!("/api/v1/runs/{}/cancel", text(&claimed["run"], "run_id"));
        let run = ada.act(&path, 202).await;
        assert_eq!(
            (&run["status"], run["cancel_requested_at"].is_string()),
            (&json!("Running"), true)
        );
        assert_eq!(ada.job_becomes(&job, "Running").await["status"], "Running");
        assert_eq!(
            call(&ada, &claimed, "heartbeat", json!({}), 200).await["cancel_requested"],
            true
        );
        assert_eq!(call(&ada, &claimed, what, body, 200).await["status"], status);
    }
    // What nobody has claimed is cancelled at once.
    let job = work_in(&ada, "default", json!({})).await;
    let path = format!("/api/v1/runs/{}/cancel", text(&job["last_run"], "run_id"));
    assert_eq!(ada.act(&path, 202).await["status"], "Cancelled");
}

async fn a_run_that_is_given_back_is_claimed_again_and_counts_nothing(server: TestServer) {
    let ada = server.sign_up().await;
    work_in(&ada, "default", json!({"retry": {"max_attempts": 1}})).await;
    // More often than a run may crash.
    for _ in 0..4 {
        let claimed = claim(&ada, json!({})).await.remove(0);
        assert_eq!(claimed["attempt"], 1);
        let run = call(&ada, &claimed, "release", json!({}), 200).await;
        assert_eq!(
            (&run["status"], &run["reason"], &run["crashes"]),
            (&json!("Queued"), &json!("handed_back"), &json!(0))
        );
        assert_eq!(
            call(&ada, &claimed, "complete", json!({}), 409).await["code"],
            "lease_lost"
        );
    }
    let claimed = claim(&ada, json!({})).await.remove(0);
    let path = format!("/api/v1/runs/{}/cancel", text(&claimed["run"], "run_id"));
    ada.act(&path, 202).await;
    assert_eq!(
        call(&ada, &claimed, "release", json!({}), 200).await["status"],
        "Cancelled"
    );
}

async fn the_log_is_read_in_pages(server: TestServer) {
    let ada = server.sign_up().await;
    work_in(&ada, "default", json!({})).await;
    let claimed = claim(&ada, json!({})).await.remove(0);
    let lines = json!({"lines": [
        {"text": "one", "at": "2026-01-31T09:00:00+01:00"}, {"text": "two", "level": "warn"}, {"text": "three", "level": "debug"},
        {"text": "four", "level": "error"}, {"text": "five"},
    ]});
    call(&ada, &claimed, "log", lines, 200).await;
    let log = format!("/api/v1/runs/{}/log", text(&claimed["run"], "run_id"));
    let page = ada.get(&format!("{log}?limit=2"), 200).await;
    assert_fields(&page["data"][0], "line, at, level, text");
    assert_eq!(
        page["data"][0],
        json!({"line": 1, "at": "2026-01-31T08:00:00Z", "level": "info", "text": "one"})
    );
    assert_eq!(page["has_more"], true);
    let texts = async |query: &str| {
        let page = ada.get(&format!("{log}?{query}"), 200).await;
        let lines = page["data"].as_array().unwrap();
        lines
            .iter()
            .map(|line| text(line, "text").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        texts(&format!("limit=2&cursor={}", text(&page, "next_cursor"))).await,
        "three four"
    );
    assert_eq!(texts("after=3").await, "four five");
    assert_eq!(texts("level=warn").await, "two four");
    assert_eq!(texts("level=debug&after=5").await, "");
}

async fn queues_are_limited(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    for _ in 0..4 {
        work_in(&ada, "a/b", json!({})).await;
    }
    let limit = async |body: Value, status: u16| {
        ada.send(Method::PUT, "/api/v1/queues/a%2Fb", Some(body), &[])
            .await
            .expect(status)
    };
    let queue = limit(json!({"max_running": 1}), 200).await;
    assert_eq!(
        queue,
        json!({"name": "a/b", "max_running": 1, "waiting": 4, "running": 0})
    );
    let first = claim(&ada, json!({"queues": ["a/b"], "max": 9})).await;
    assert_eq!(first.len(), 1);
    assert!(claim(&ada, json!({"queues": ["a/b"]})).await.is_empty());
    let list = ada.get("/api/v1/queues", 200).await;
    assert_fields(&list, "data, has_more, next_cursor");
    assert_eq!(
        list["data"],
        json!([{"name": "a/b", "max_running": 1, "waiting": 3, "running": 1}])
    );
    assert_eq!(bob.get("/api/v1/queues", 200).await["data"], json!([]));
    // Whoever waits for room is told as soon as there is some.
    let waiting = claim(&ada, json!({"queues": ["a/b"], "wait_seconds": 30}));
    let done = async {
        waiting::until_waiting(&server, 1).await;
        call(&ada, &first[0], "complete", json!({}), 200).await;
    };
    let (second, ()) = tokio::join!(waiting, done);
    assert_eq!(second.len(), 1);
    assert_eq!(
        limit(json!({"max_running": null}), 200).await["max_running"],
        Value::Null
    );
    assert_eq!(claim(&ada, json!({"queues": ["a/b"], "max": 9})).await.len(), 2);
    for body in [
        json!({}),
        json!({"max_running": -1}),
        json!({"max_running": 1.5}),
        json!({"max_running": 1, "x": 1}),
    ] {
        limit(body, 422).await;
    }
    ada.send(
        Method::PUT,
        "/api/v1/queues/two%20words",
        Some(json!({"max_running": 1})),
        &[],
    )
    .await
    .problem(422, "validation_failed");
}
