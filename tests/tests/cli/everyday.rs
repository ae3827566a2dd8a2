//! Jobs and runs, day by day.

use super::program::{Program, binary};
use scheduler_tests::client::text;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_from_its_making_to_its_end() {
    let program = Program::with_key().await;
    let job = program.json(
        &[
            "create",
            "Nightly report",
            "--external-id",
            "nightly",
            "--simulate",
            "1s",
            "--tag",
            "a,b",
            "--priority",
            "High",
            "--payload",
            "{\"x\": 1.50}",
        ],
        0,
    );
    assert_eq!((&job["priority"], &job["tags"][1]), (&"High".into(), &"b".into()));
    let id = text(&job, "job_id").to_owned();

    let listed = program.jobs(&["list", "--tag", "a", "--status", "Pending,Failed"]).ok();
    assert!(
        listed.contains("Nightly report") && listed.contains("ext:nightly") && !listed.contains('\x1b'),
        "{listed}"
    );
    assert_eq!(program.json(&["list", "-q", "nightly"], 0)["data"][0]["job_id"], *id);
    assert_eq!(program.json(&["show", &id], 0)["external_id"], "nightly");
    // Digits stay as they were written.
    assert!(program.jobs(&["show", "ext:nightly", "--json"]).ok().contains("1.50"));

    let run = program.json(&["run", "ext:nightly", "--wait"], 0);
    assert_eq!(run["status"], "Completed");
    let runs = program.json(&["runs", "list", "--job", "ext:nightly"], 0);
    assert_eq!(runs["data"][0]["run_id"], run["run_id"]);
    let count = |flags: &[&str]| {
        let runs = program.json(&[&["runs", "list"], flags].concat(), 0);
        runs["data"].as_array().unwrap().len()
    };
    assert_eq!(
        count(&["--trigger", "api", "--created-after", "1h", "--started-after", "1h"]),
        1
    );
    assert_eq!(count(&["--trigger", "schedule,manual"]), 0);
    assert_eq!(count(&["--job", "ext:nightly", "--created-before", "1h"]), 0);
    assert_eq!(count(&["--reason", "timed_out"]) + count(&["--error", "refused"]), 0);
    assert_eq!(count(&["--started-before", "2100-01-01T00:00:00Z"]), 1);
    program
        .jobs(&["runs", "list", "--created-after", "monday"])
        .fails(2, &["--created-after: \"monday\" is no instant", "1h30m"]);
    program
        .jobs(&["runs", "list", "--reason", "boredom"])
        .fails(6, &["boredom", "timed_out"]);
    let shown = program.jobs(&["runs", "show", text(&run, "run_id")]).ok();
    assert!(shown.contains("Completed") && shown.contains("attempts"), "{shown}");

    program.jobs(&["pause", "ext:nightly", "--reason", "holidays"]).ok();
    assert_eq!(program.json(&["show", "ext:nightly"], 0)["pause_reason"], "holidays");
    program.jobs(&["resume", "ext:nightly"]).ok();

    program
        .jobs(&["delete", "ext:nightly"])
        .fails(2, &["Delete \"Nightly report\"", "--yes"]);
    program.jobs(&["delete", "ext:nightly", "--yes"]).ok();
    program
        .jobs(&["show", "ext:nightly"])
        .fails(4, &["404 not_found", "jobs list"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_fails_is_an_exit_code() {
    let program = Program::with_key().await;
    let file = program.file(
        "job.yaml",
        "job_name: Never works\nexternal_id: bad\nexecutor:\n  type: simulated\n  duration_ms: 10\n  outcome: Failed\n",
    );
    program.jobs(&["create", "--file", &file]).ok();
    program
        .jobs(&["run", "ext:bad", "--wait"])
        .fails(1, &["ended as Failed"]);
    let run = program.json(&["runs", "list", "--status", "Failed"], 0)["data"][0]["run_id"].clone();
    program
        .jobs(&["runs", "retry", run.as_str().unwrap(), "--wait"])
        .fails(1, &["ended as Failed"]);
    program
        .jobs(&["logs", "-f", "--job", "ext:bad"])
        .fails(1, &["ended as Failed"]);
    program
        .jobs(&["runs", "cancel", run.as_str().unwrap()])
        .fails(5, &["invalid_transition"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_followed_to_its_end() {
    let program = Program::with_key().await;
    program
        .jobs(&["create", "By worker", "--worker", "q", "--external-id", "w"])
        .ok();
    let run = program.json(&["run", "ext:w"], 0);
    let claim =
        serde_json::json!({"queues": ["q"], "max": 1, "wait_seconds": 5, "lease_seconds": 30, "worker_name": "w"});
    let claimed = program.user.post("/api/v1/worker/claim", claim, 200).await;
    let (path, lease) = (
        format!("/api/v1/worker/runs/{}", text(&run, "run_id")),
        &claimed["data"][0]["lease_token"],
    );
    let lines: Vec<_> = (1..=250)
        .map(|n| serde_json::json!({"text": format!("line {n}")}))
        .collect();
    program
        .user
        .post(
            &format!("{path}/log"),
            serde_json::json!({"lease_token": lease, "lines": lines}),
            200,
        )
        .await;
    let mut follower = program
        .command(binary(), &["logs", "-f", text(&run, "run_id")])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let more =
        serde_json::json!({"lease_token": lease, "lines": [{"text": "the last \u{1b}[2J one", "level": "warn"}]});
    program.user.post(&format!("{path}/log"), more, 200).await;
    program
        .user
        .post(
            &format!("{path}/complete"),
            serde_json::json!({"lease_token": lease}),
            200,
        )
        .await;
    assert!(follower.wait().unwrap().success());
    let mut out = String::new();
    std::io::Read::read_to_string(&mut follower.stdout.take().unwrap(), &mut out).unwrap();
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), 251, "{out}");
    assert!(
        lines[0].ends_with(" line 1") && lines[249].ends_with(" line 250"),
        "{out}"
    );
    assert!(
        lines[250].contains("warn") && lines[250].contains("the last") && !out.contains('\x1b'),
        "{out}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_joined_and_a_closed_pipe_is_quiet() {
    let program = Program::with_key().await;
    let jobs: Vec<_> = (0..230)
        .map(|n| serde_json::json!({"job_name": format!("Job {n}")}))
        .collect();
    program
        .user
        .post("/api/v1/jobs/batch", serde_json::json!({"jobs": jobs}), 200)
        .await;
    assert_eq!(
        program.json(&["list", "--all"], 0)["data"].as_array().unwrap().len(),
        230
    );
    let page = program.json(&["list", "--limit", "205"], 0);
    assert_eq!(
        (page["data"].as_array().unwrap().len(), &page["has_more"]),
        (205, &true.into())
    );
    let rest = program.json(&["list", "--cursor", text(&page, "next_cursor")], 0);
    assert_eq!(rest["data"].as_array().unwrap().len(), 25);

    let piped = format!(
        "'{}' export --json | true; '{}' list --all | head -n 1",
        binary(),
        binary()
    );
    let output = program.command("sh", &["-c", &piped]).output().unwrap();
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(
        out.starts_with("STATUS") && !err.contains("panicked") && !err.contains("Broken pipe"),
        "{out}{err}"
    );
}
