//! Many jobs at once, and what belongs to a job or an account: addresses, notices, the audit log, the ledger.

use super::{log_in, program::Program};
use scheduler_tests::client::text;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_jobs_are_handled_by_one_command() {
    let program = Program::with_key().await;
    for (name, tag) in [("A", "night"), ("B", "night"), ("C", "day")] {
        program
            .jobs(&["create", name, "--external-id", name, "--tag", tag, "--simulate", "1s"])
            .ok();
    }
    program.jobs(&["bulk", "pause"]).fails(2, &["which jobs?", "--every"]);
    let rehearsed = program.json(&["bulk", "pause", "--tag", "night", "--dry-run"], 0);
    assert_eq!(
        (&rehearsed["status"], &rehearsed["matched"]),
        (&json!("DryRun"), &json!(2))
    );
    program
        .jobs(&["bulk", "pause", "--tag", "night"])
        .fails(2, &["Really pause 2 jobs?", "--yes"]);
    assert_eq!(program.json(&["show", "ext:A"], 0)["paused"], false, "nobody said yes");
    let said = program
        .jobs(&["bulk", "pause", "--tag", "night", "--reason", "moving", "--yes"])
        .ok();
    assert_eq!(said.trim(), "pause Completed: 2 of 2 jobs done, 0 failed");
    assert_eq!(program.json(&["show", "ext:B"], 0)["pause_reason"], "moving");
    program.jobs(&["bulk", "resume", "ext:A", "--yes"]).ok();
    assert_eq!(program.json(&["show", "ext:A"], 0)["paused"], false);
    let payload = "{\"n\": 12345678901234567890.10}";
    let ran = program.json(&["bulk", "run", "ext:C", "--payload", payload, "--yes"], 0);
    assert_eq!((&ran["action"], &ran["done"]), (&json!("run"), &json!(1)));
    let run = program.json(&["runs", "list", "--job", "ext:C", "--trigger", "api"], 0)["data"][0].clone();
    let shown = program.jobs(&["runs", "show", text(&run, "run_id"), "--json"]).ok();
    assert!(shown.contains("12345678901234567890.10"), "{shown}");
    // One that is under way is not started again: the others are, and the exit code says it.
    program
        .jobs(&[
            "create",
            "D",
            "--external-id",
            "D",
            "--tag",
            "busy",
            "--simulate",
            "10m",
            "--run",
        ])
        .ok();
    let done = program.jobs(&["bulk", "run", "--tag", "busy", "--yes"]);
    assert!(done.out.contains("overlap_skipped"), "{done:?}");
    done.fails(1, &["1 could not be handled"]);
    let listed = program.json(&["bulk", "list"], 0);
    assert_eq!(listed["data"].as_array().unwrap().len(), 4);
    let id = text(&ran, "bulk_operation_id");
    assert!(
        program
            .jobs(&["bulk", "show", id])
            .ok()
            .starts_with("run Completed: 1 of 1 job")
    );
    program
        .jobs(&["bulk", "abort", id])
        .fails(5, &["409 invalid_transition"]);
    program
        .jobs(&["bulk", "tag", "--every", "--yes"])
        .fails(6, &["/params"]);
    program.jobs(&["bulk", "delete", "--every", "--yes", "--no-wait"]).ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_are_made_shown_once_and_revoked() {
    let program = Program::with_key().await;
    program.jobs(&["create", "Build", "--external-id", "build"]).ok();
    let none = program.jobs(&["links", "list", "ext:build"]);
    assert!(none.err.contains("jobs links create ext:build inbound"), "{none:?}");
    let url = program.jobs(&["links", "create", "ext:build", "inbound"]).ok();
    assert!(url.contains("/hooks/jsh_") && url.lines().count() == 1, "{url}");
    let path = url.trim().strip_prefix(&program.server.base).unwrap();
    program.server.client().act(path, 202).await;
    program
        .jobs(&["links", "create", "ext:build", "inbound"])
        .fails(2, &["stops working", "--yes"]);
    let links = program.json(&["links", "list", "ext:build"], 0);
    let link = &links["data"][0];
    assert!(
        url.trim().ends_with(text(link, "last4")) && link.get("secret").is_none(),
        "{link}"
    );
    program
        .jobs(&["links", "create", "ext:build", "heartbeat"])
        .fails(6, &["executor of type heartbeat"]);
    program
        .jobs(&["links", "revoke", "ext:build", "inbound"])
        .fails(2, &["--yes"]);
    program.jobs(&["links", "revoke", "ext:build", "inbound", "--yes"]).ok();
    program.server.client().act(path, 404).await;
    program
        .jobs(&["links", "revoke", "ext:build", "inbound", "--yes"])
        .fails(4, &[]);
    program
        .jobs(&["links", "list", "ext:nothing"])
        .fails(4, &["404 not_found"]);
    program
        .jobs(&["links", "create", "ext:build", "door"])
        .fails(2, &["inbound, heartbeat, badge"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_are_switched_for_the_account_and_for_a_job() {
    let mut program = Program::with_key().await;
    program.jobs(&["create", "Build", "--external-id", "build"]).ok();
    let set = [
        "notices",
        "set",
        "ext:build",
        "--on",
        "failure,late",
        "--off",
        "recovery",
        "--remind-hours",
        "24",
    ];
    let own = program.json(&set, 0)["own"].clone();
    assert_eq!(
        own,
        json!({"failure": true, "final_failure": true, "missed": true, "late": true, "recovery": false, "remind_hours": 24})
    );
    // It is part of the job's description.
    let export = program.jobs(&["export"]).ok();
    assert!(
        export.contains("notices:") && export.contains("remind_hours: 24"),
        "{export}"
    );
    let file = program.file("jobs.yaml", &export);
    assert_eq!(program.jobs(&["plan", &file, "--exit-code"]).code, 0, "{export}");
    let shown = program.jobs(&["notices", "set", "ext:build", "--inherit"]);
    assert!(shown.err.contains("those of your account hold"), "{shown:?}");
    assert_eq!(program.json(&["notices", "show", "ext:build"], 0)["own"], json!(null));
    program
        .jobs(&["notices", "set", "ext:build", "--on", "sunshine"])
        .fails(2, &["--on: \"sunshine\" is no switch", "final_failure"]);
    program
        .jobs(&["notices", "set", "ext:build", "--on", "late", "--off", "late"])
        .fails(2, &["late cannot be on and off"]);
    program
        .jobs(&["notices", "set"])
        .fails(2, &["nothing is to be changed"]);
    program.jobs(&["notices", "set", "--inherit"]).fails(2, &["JOB"]);
    // Those of the account are a person's.
    assert_eq!(program.json(&["notices", "show"], 0)["late"], false);
    program
        .jobs(&["notices", "set", "--on", "late"])
        .fails(3, &["a log-in"]);
    program.environment.remove("JOBS_API_KEY");
    log_in::log_in(&program).await;
    assert_eq!(program.json(&["notices", "set", "--on", "late"], 0)["late"], true);
    assert_eq!(program.json(&["notices", "list"], 0)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_are_listed_and_limited() {
    let program = Program::with_key().await;
    let none = program.jobs(&["queues", "list"]);
    assert!(none.err.contains("No queue has a limit"), "{none:?}");
    program.jobs(&["create", "Report", "--worker", "reports", "--run"]).ok();
    let said = program.jobs(&["queues", "limit", "reports", "0"]).ok();
    assert_eq!(said.trim(), "reports: limit 0 (stopped)");
    let queue = program.json(&["queues", "list"], 0)["data"][0].clone();
    assert_eq!((&queue["name"], &queue["max_running"]), (&json!("reports"), &json!(0)));
    let limit = ["queues", "limit", "reports", "--none"];
    assert_eq!(program.json(&limit, 0)["max_running"], json!(null));
    assert!(
        program
            .jobs(&["queues", "list"])
            .ok()
            .contains("reports  1        0        none")
    );
    program.jobs(&["queues", "limit", "reports"]).fails(2, &["MAX_RUNNING"]);
    program
        .jobs(&["queues", "limit", "reports", "1000000"])
        .fails(6, &["/max_running"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_is_read_and_exported() {
    let program = Program::with_key().await;
    let job = program.json(&["create", "Build", "--external-id", "build"], 0);
    program.jobs(&["bulk", "tag", "ext:build", "--add", "x", "--yes"]).ok();
    let log = program
        .jobs(&["audit", "--action", "job.updated", "--after", "1h"])
        .ok();
    assert!(
        log.contains("Build") && log.contains("api_key, in bulk") && log.contains("tags: [] → [\"x\"]"),
        "{log}"
    );
    let about = program.json(
        &["audit", "--target", text(&job, "job_id"), "--action", "job.created"],
        0,
    );
    assert_eq!(about["data"].as_array().unwrap().len(), 1);
    let csv = program
        .jobs(&["audit", "--csv", "--action", "job.created,job.updated"])
        .ok();
    assert!(csv.starts_with("at,action,") && csv.lines().count() == 3, "{csv}");
    program
        .jobs(&["audit", "--action", "job.burnt"])
        .fails(6, &["job.burnt"]);
    program.jobs(&["audit", "--csv", "--json"]).fails(2, &["--csv"]);
    assert_eq!(program.json(&["audit", "--before", "10d"], 0)["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planned_instants_are_listed_and_made_up_for() {
    let program = Program::with_key().await;
    program
        .jobs(&[
            "create",
            "Build",
            "--external-id",
            "build",
            "--simulate",
            "1s",
            "--cron",
            "0 3 * * *",
        ])
        .ok();
    let none = program.jobs(&["occurrences", "ext:build"]);
    assert!(none.err.contains("No planned instant has passed yet"), "{none:?}");
    let window = [
        "backfill",
        "ext:build",
        "--from",
        "2026-01-01T00:00:00Z",
        "--to",
        "2026-01-03T12:00:00Z",
    ];
    let said = program.jobs(&[&window[..], &["--dry-run"]].concat()).ok();
    assert!(
        said.starts_with("3 planned instants from 2026-01-01T03:00:00"),
        "{said}"
    );
    assert_eq!(
        program.json(&["occurrences", "ext:build"], 0)["data"],
        json!([]),
        "a rehearsal"
    );
    let done = program.json(&[&window[..], &["--max-runs", "1"]].concat(), 0);
    assert_eq!((&done["planned"], &done["started"]), (&json!(1), &json!(1)));
    let runs = program.json(&["runs", "list", "--trigger", "backfill"], 0);
    assert_eq!(runs["data"][0]["trigger"]["planned_at"], "2026-01-01T03:00:00Z");
    let flags = [
        "create",
        "Watched",
        "--external-id",
        "watched",
        "--heartbeat",
        "60s",
        "--every",
        "1h",
    ];
    let watched = program.json(&flags, 0);
    let ping = text(&watched, "ping_url").strip_prefix(&program.server.base).unwrap();
    let counted = program.server.client().act(ping, 200).await;
    let listed = program.jobs(&["occurrences", "ext:watched"]).ok();
    assert!(
        listed.contains("Ran") && listed.contains(text(&counted, "planned_at")),
        "{listed}"
    );
    program
        .jobs(&["backfill", "ext:build", "--from", "soon"])
        .fails(2, &["--from: \"soon\" is no instant"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_copied_and_its_history_told() {
    let program = Program::with_key().await;
    program
        .jobs(&["create", "Build", "--external-id", "build", "--simulate", "1s"])
        .ok();
    program.jobs(&["pause", "ext:build", "--reason", "moving"]).ok();
    let said = program.jobs(&["duplicate", "ext:build"]).ok();
    assert!(said.starts_with("Created Build (copy) ("), "{said}");
    let copy = program.json(&["duplicate", "ext:build"], 0);
    assert_eq!(
        (&copy["job_name"], &copy["external_id"]),
        (&json!("Build (copy)"), &json!(null))
    );
    program.jobs(&["duplicate", "ext:nothing"]).fails(4, &["404 not_found"]);

    // Of a job, the newest first; of all, the oldest first, from where one has read to.
    let history = program.jobs(&["events", "ext:build"]).ok();
    let kinds: Vec<_> = history
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    assert_eq!(kinds, ["job.paused", "job.created"]);
    let all = program.json(&["events", "--type", "job.created", "--limit", "2"], 0);
    let names: Vec<_> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(&event["data"], "job_name"))
        .collect();
    assert_eq!((names, &all["has_more"]), (vec!["Build", "Build (copy)"], &json!(true)));
    let since = text(&all, "next_cursor");
    let rest = program.json(&["events", "--type", "job.created", "--cursor", since, "--all"], 0);
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
    program
        .jobs(&["events", "--type", "job.burnt"])
        .fails(6, &["job.burnt"]);
    program
        .jobs(&["events", "ext:build", "--type", "job.created"])
        .fails(2, &["--type"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_often_a_job_really_runs_is_told() {
    let program = Program::with_key().await;
    let flags = ["create", "Poll", "--external-id", "poll", "--simulate", "1s"];
    program.jobs(&[&flags[..], &["--every", "1h"]].concat()).ok();
    let cadence = program.json(&["cadence", "ext:poll"], 0);
    assert_eq!(cadence["asked_seconds"], 3600.0);
    let said = program.jobs(&["cadence", "ext:poll"]).ok();
    assert_eq!(said.trim(), text(&cadence, "explanation"));
}
