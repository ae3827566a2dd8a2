//! Much output, large payloads, lines for programs.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_bounded_and_stops_nobody() {
    let stage = Stage::set().await;
    let script = r#"
        head -c 3000000 /dev/zero | tr '\0' x; echo
        seq 1 200000
        echo 'result "done"'
    "#;
    let _agent = stage.agent(&[], script);
    let run = stage.owner.run(json!(null)).await;
    let run = stage.owner.client.run_becomes(&run, "Completed").await;
    assert_eq!(run["result"], "done");
    let first = stage.owner.log(&run).await;
    assert!(
        first[0].ends_with(" bytes cut]") && first[0].len() <= 8 * 1024,
        "{}",
        first[0].len()
    );
    assert_eq!(first[1], "1");
    // The server says in the last line that there was more.
    let path = format!("/api/v1/runs/{}/log?after=10000", text(&run, "run_id"));
    let last = stage.owner.client.get(&path, 200).await;
    assert!(text(&last["data"][0], "text").starts_with("the log is full"), "{last}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_arrive_while_the_command_works() {
    let stage = Stage::set().await;
    let _agent = stage.agent(&[], &format!("echo first; {WAIT}; echo second"));
    let run = stage.owner.run(json!(null)).await;
    until("the first line arrives", async || {
        (stage.owner.log(&run).await == ["first"]).then_some(())
    })
    .await;
    assert_eq!(stage.owner.see(&run).await["status"], "Running");
    stage.raise_the_flag();
    stage.owner.client.run_becomes(&run, "Completed").await;
    assert_eq!(stage.owner.log(&run).await, ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_that_no_variable_can_hold_comes_on_standard_input() {
    let stage = Stage::set().await;
    let script = r#"echo "$(wc -c) bytes, variable ${#JOBS_PAYLOAD}""#;
    let agent = stage.agent(&[], script);
    let run = stage.owner.run(json!("x".repeat(200_000))).await;
    stage.owner.client.run_becomes(&run, "Completed").await;
    assert_eq!(stage.owner.log(&run).await, ["200002 bytes, variable 0"]);
    drop(agent);
    // A command need not read it.
    let _agent = stage.agent(&[], "exec <&-; echo fine");
    let run = stage.owner.run(json!("x".repeat(200_000))).await;
    stage.owner.client.run_becomes(&run, "Completed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_programs_each_line_is_an_object() {
    let stage = Stage::set().await;
    let run = stage.owner.run(json!(null)).await;
    let mut agent = stage.agent(&["--once", "--json"], "true");
    assert!(agent.ends().await.success());
    let lines: Vec<Value> = agent
        .printed()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let events: Vec<&str> = lines.iter().map(|line| text(line, "event")).collect();
    assert_eq!(events, ["started", "run_started", "run_ended", "stopped"]);
    assert_eq!(lines[1]["run_id"], run["run_id"]);
}
