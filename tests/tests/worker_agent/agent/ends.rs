//! Runs that are ended from outside: cancelled, lost, out of time, and agents that are killed.

use super::*;

/// Three generations in one group, none of which heeds SIGTERM.
const STUBBORN: &str = r#"
    trap '' TERM
    sh -c 'sleep 1000 & echo "$!" > "$JOBS_RESULT_FILE"; wait' &
    until [ -s "$JOBS_RESULT_FILE" ]; do sleep 0.02; done
    echo "pids $$ $! $(cat "$JOBS_RESULT_FILE")"
    wait
    sleep 1000
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_command_goes_with_everything_it_started() {
    let stage = Stage::set().await;
    let agent = stage.agent(&["--kill-after", "1"], STUBBORN);
    let run = stage.owner.run_of(json!({"retry": {"max_attempts": 3}})).await;
    let pids = stage.pids(&run).await;
    assert_eq!(pids.len(), 3);
    stage.owner.cancel(&run).await;
    let run = stage.owner.client.run_becomes(&run, "Cancelled").await;
    // The server hears of it when they are gone.
    are_gone(&pids).await;
    assert_eq!(run["error"]["code"], "cancelled");
    agent.prints("Cancelled after").await;
    stage.is_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_command_may_say_goodbye() {
    let stage = Stage::set().await;
    let script = r#"trap 'echo "goodbye"; exit 0' TERM; echo "pids $$"; while :; do sleep 0.05; done"#;
    let _agent = stage.agent(&[], script);
    let run = stage.owner.run(json!(null)).await;
    stage.pids(&run).await;
    stage.owner.cancel(&run).await;
    let run = stage.owner.client.run_becomes(&run, "Cancelled").await;
    // The shell may complain about its `sleep`, before or after.
    let log = stage.owner.log(&run).await;
    assert!(log.iter().any(|line| line == "goodbye"), "{log:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_leaves_behind_ends_with_it() {
    let stage = Stage::set().await;
    let _agent = stage.agent(&[], r#"sleep 1000 & echo "pids $!""#);
    let run = stage.owner.run(json!(null)).await;
    let run = stage.owner.client.run_becomes(&run, "Completed").await;
    are_gone(&stage.pids(&run).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_is_killed_takes_its_command_along_and_another_one_finishes() {
    let stage = Stage::set().await;
    let script = format!(r#"[ "$JOBS_ATTEMPT" = 2 ] && exit 0; {STUBBORN}"#);
    let mut first = stage.agent(&["--name", "first", "--kill-after", "1"], &script);
    let run = stage.owner.run(json!(null)).await;
    let pids = stage.pids(&run).await;
    let second = stage.agent(&["--name", "second"], &script);
    first.signal("KILL");
    first.ends().await;
    are_gone(&pids).await;
    // Within the lease, so before anybody else began.
    assert_eq!(stage.owner.see(&run).await["attempt"], 1);
    let run = stage.owner.client.run_becomes(&run, "Completed").await;
    assert_eq!((&run["attempt"], &run["crashes"]), (&json!(2), &json!(1)));
    assert_eq!(run["worker_name"], "second");
    second.prints("Completed after").await;
    stage.is_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_is_killed_fails_the_attempt_and_leaves_nothing() {
    let stage = Stage::set().await;
    let agent = stage.agent(&[], r#"echo "pids $$ $PPID"; sleep 1000"#);
    let run = stage.owner.run(json!(null)).await;
    let pids = stage.pids(&run).await;
    signal(pids[1], "KILL");
    let run = stage.owner.client.run_becomes(&run, "Failed").await;
    assert_eq!(run["error"]["code"], "guard_killed");
    are_gone(&pids).await;
    drop(agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_lease_ends_the_command_and_nothing_more_is_said() {
    let stage = Stage::set().await;
    let script = r#"echo "pids $$"; while :; do echo again; sleep 0.05; done"#;
    let agent = stage.agent(&[], script);
    let run = stage.owner.run(json!(null)).await;
    let pids = stage.pids(&run).await;
    agent.signal("STOP");
    let claim = json!({"queues": ["reports"], "worker_name": "another", "wait_seconds": 30});
    let claimed = stage.owner.client.post("/api/v1/worker/claim", claim, 200).await["data"][0].clone();
    assert_eq!(claimed["attempt"], 2);
    let path = format!("/api/v1/runs/{}/log?limit=200&after=", text(&run, "run_id"));
    let lines = async || {
        let mut after = 0;
        loop {
            let page = stage.owner.client.get(&format!("{path}{after}"), 200).await;
            match page["data"].as_array().unwrap().last() {
                Some(line) => after = line["line"].as_i64().unwrap(),
                None => return after,
            }
        }
    };
    let before = lines().await;
    agent.signal("CONT");
    agent.prints("lost after").await;
    are_gone(&pids).await;
    assert_eq!(lines().await, before);
    let run = stage.owner.see(&run).await;
    assert_eq!(
        (&run["status"], &run["worker_name"]),
        (&json!("Running"), &json!("another"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_of_a_deleted_job_is_ended() {
    let stage = Stage::set().await;
    let agent = stage.agent(&["--kill-after", "1"], STUBBORN);
    let run = stage.owner.run(json!(null)).await;
    let pids = stage.pids(&run).await;
    stage
        .owner
        .client
        .delete(&format!("/api/v1/jobs/{}", text(&run, "job_id")), 204)
        .await;
    are_gone(&pids).await;
    agent.prints("the run is not ours any more").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_takes_longer_than_its_job_allows_is_ended() {
    let stage = Stage::set().await;
    let agent = stage.agent(&[], r#"echo "pids $$"; sleep 1000"#);
    let run = stage.owner.run_of(json!({"timeout_seconds": 3})).await;
    let pids = stage.pids(&run).await;
    agent.prints("its time is up").await;
    are_gone(&pids).await;
    let run = stage.owner.client.run_becomes(&run, "Failed").await;
    assert_eq!(run["reason"], "timed_out");
}
