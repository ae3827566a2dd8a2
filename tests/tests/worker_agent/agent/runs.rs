//! What a command is given, and what becomes of what it does.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_gets_its_payload_tells_and_completes() {
    let stage = Stage::set().await;
    let script = r#"
        echo "in: $(cat)"
        echo "payload: $JOBS_PAYLOAD"
        echo "about: $JOBS_JOB_NAME, $JOBS_QUEUE, $JOBS_ATTEMPT of $JOBS_MAX_ATTEMPTS, key ${JOBS_API_KEY-none}"
        echo "ids: $JOBS_RUN_ID $JOBS_JOB_ID $JOBS_EXTERNAL_ID"
        echo "progress 40 page 2 of 5"
        echo "low on paper" >&2
        echo "<3>on fire"
        echo 'result {"rows": 1.50}'
    "#;
    let agent = stage.agent(&["--name", "printer-1"], script);
    let payload = json!({"city": "Vienna", "digits": 1.50});
    let run = stage
        .owner
        .run_of(json!({"payload": payload, "external_id": "erp-7", "retry": {"max_attempts": 3}}))
        .await;
    let run = stage.owner.client.run_becomes(&run, "Completed").await;
    assert_eq!(run["result"], json!({"rows": 1.50}));
    assert_eq!(
        (&run["progress"], &run["progress_message"]),
        (&json!(40), &json!("page 2 of 5"))
    );
    assert_eq!(run["attempts"][0]["worker_name"], "printer-1");
    let path = format!("/api/v1/runs/{}/log", text(&run, "run_id"));
    let log = stage.owner.client.get(&path, 200).await;
    let mut lines: Vec<String> = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{} {}", text(line, "level"), text(line, "text")))
        .collect();
    // The two pipes are read side by side.
    lines.sort();
    let ids = format!("info ids: {} {} erp-7", text(&run, "run_id"), text(&run, "job_id"));
    assert_eq!(
        lines,
        [
            "error on fire",
            "info about: Nightly report, reports, 1 of 3, key none",
            &ids,
            r#"info in: {"city":"Vienna","digits":1.5}"#,
            r#"info payload: {"city":"Vienna","digits":1.5}"#,
            "warn low on paper",
        ]
    );
    agent.prints("waits for runs of reports at ").await;
    agent.prints("Completed after").await;
    stage.is_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_come_from_the_file_first_and_must_be_acceptable() {
    let stage = Stage::set().await;
    // The payload is a script.
    let _agent = stage.agent_of(&[], &["sh", "-c", r#"eval "$(cat | tr -d '"')""#]);
    let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
    for (script, status, result) in [
        ("echo result 1; echo 2 > $JOBS_RESULT_FILE", "Completed", json!(2)),
        ("echo two words > $JOBS_RESULT_FILE", "Completed", json!("two words")),
        ("echo result 1; echo result 2; echo done", "Completed", json!(2)),
        ("echo result of the vote", "Completed", Value::Null),
        ("true", "Completed", Value::Null),
        (&format!("echo result '{deep}'"), "Failed", Value::Null),
        ("seq 1 60000 > $JOBS_RESULT_FILE", "Failed", Value::Null),
    ] {
        let run = stage
            .owner
            .run_of(json!({"payload": script, "retry": {"max_attempts": 2}}))
            .await;
        let run = stage.owner.client.run_becomes(&run, status).await;
        assert_eq!(run["result"], result, "{script}");
        if status == "Failed" {
            assert_eq!(
                (&run["error"]["code"], &run["reason"]),
                (&json!("result_refused"), &json!("not_retryable"))
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_codes_decide_about_another_attempt() {
    let stage = Stage::set().await;
    let script = r#"[ "$JOBS_ATTEMPT" = 2 ] || { echo "no paper" >&2; exit $(cat); }"#;
    let agent = stage.agent(&[], script);
    let retry = json!({"max_attempts": 2, "initial_seconds": 1, "jitter": 0});
    let run = stage.owner.run_of(json!({"payload": 75, "retry": retry})).await;
    let run = stage.owner.client.run_becomes(&run, "Completed").await;
    let first = &run["attempts"][0];
    assert_eq!(
        first["error"],
        json!({"code": "exit_75", "message": "the command ended with exit code 75\nno paper"})
    );
    let run = stage.owner.run_of(json!({"payload": 65, "retry": retry})).await;
    let run = stage.owner.client.run_becomes(&run, "Failed").await;
    assert_eq!((&run["reason"], &run["attempt"]), (&json!("not_retryable"), &json!(1)));
    agent.prints("Retrying after").await;
    agent.prints("Failed after").await;
    drop(agent);

    let _agent = stage.agent(&["--no-retry", "3,4"], "exit $(cat)");
    for (code, reason) in [(4, "not_retryable"), (65, "attempts_exhausted")] {
        let run = stage.owner.run(json!(code)).await;
        assert_eq!(
            stage.owner.client.run_becomes(&run, "Failed").await["reason"],
            reason,
            "{code}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_dies_or_cannot_be_started_fails_the_attempt() {
    let stage = Stage::set().await;
    let script = stage.dir.path().join("script");
    std::fs::write(&script, "#!/bin/sh\nkill -9 $$\n").unwrap();
    std::process::Command::new("chmod")
        .arg("+x")
        .arg(&script)
        .status()
        .unwrap();
    let _agent = stage.agent_of(&[], &[script.to_str().unwrap()]);
    let run = stage.owner.run(json!(null)).await;
    let run = stage.owner.client.run_becomes(&run, "Failed").await;
    assert_eq!(
        run["error"],
        json!({"code": "signal_9", "message": "the command was killed by signal 9 (SIGKILL)"})
    );
    std::fs::remove_file(&script).unwrap();
    let run = stage.owner.run(json!(null)).await;
    let run = stage.owner.client.run_becomes(&run, "Failed").await;
    assert_eq!(run["error"]["code"], "cannot_start");
    assert!(text(&run["error"], "message").contains("No such file"), "{run}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_and_no_more_than_allowed() {
    let stage = Stage::set().await;
    for _ in 0..5 {
        stage.owner.run(json!(null)).await;
    }
    let running = async || {
        let runs = stage.owner.client.get("/api/v1/runs?status=Running", 200).await;
        runs["data"].as_array().unwrap().len()
    };
    let mut agent = stage.agent(&["--concurrency", "3", "--once"], WAIT);
    until("three are under way", async || (running().await == 3).then_some(())).await;
    let waiting = stage.owner.client.get("/api/v1/queues", 200).await;
    assert_eq!(waiting["data"][0]["waiting"], 2);
    stage.raise_the_flag();
    // With --once it ends when nothing waits any more.
    assert!(agent.ends().await.success());
    let done = stage.owner.client.get("/api/v1/runs?status=Completed", 200).await;
    assert_eq!(done["data"].as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_are_told_at_once() {
    let stage = Stage::set().await;
    let mut agent = stage.agent_of(&[], &["no-such-program-anywhere"]);
    assert_eq!(agent.ends().await.code(), Some(2));
    assert!(
        agent.printed().contains("there is no program no-such-program-anywhere"),
        "{}",
        agent.printed()
    );
    for (flags, what) in [
        (["--concurrency", "0"], "0 is not in 1..=100"),
        (["--lease", "4"], "4 is not in 5..=300"),
        (["--no-retry", "0"], "0 is not in 1..=255"),
    ] {
        let mut agent = stage.agent(&flags, "true");
        assert_eq!(agent.ends().await.code(), Some(2));
        assert!(agent.printed().contains(what), "{}", agent.printed());
    }
    let mut agent = stage.agent(&["--queue", "two words"], "true");
    assert_eq!(agent.ends().await.code(), Some(6));
    assert!(agent.printed().contains("/queues/1: "), "{}", agent.printed());
    // A key that is good for something else.
    let (_, key) = stage.owner.client.api_key(&["jobs:read"]).await;
    let stage = Stage {
        owner: Owner {
            key: text(&key, "key").to_owned(),
            ..stage.owner
        },
        ..stage
    };
    let mut agent = stage.agent(&[], "true");
    assert_eq!(agent.ends().await.code(), Some(3));
    assert!(
        agent.printed().contains("an API key with the scope worker"),
        "{}",
        agent.printed()
    );
}
