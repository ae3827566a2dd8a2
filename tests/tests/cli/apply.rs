//! Jobs described by files.

use super::program::Program;
use scheduler_tests::client::text;
use serde_json::json;

const FILE: &str = "\
jobs:
  - external_id: nightly
    job_name: Nightly report
    priority: High
    tags: [reports, night]
    schedule:
      type: cron
      expression: \"30 2 * * *\"
      time_zone: Europe/Berlin
    executor:
      type: http
      method: POST
      url: https://example.com/x
      headers:
        Authorization: Bearer s3cret
    retry:
      max_attempts: 3
  - external_id: ping
    job_name: Ping
    paused: true
    executor:
      type: worker
";

fn actions(report: &serde_json::Value) -> Vec<String> {
    let data = report["data"].as_array().unwrap().iter();
    data.map(|item| format!("{} {}", text(item, "action"), text(item, "external_id")))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_file_twice_changes_nothing() {
    let program = Program::with_key().await;
    let file = program.file("jobs.yaml", FILE);
    assert_eq!(
        actions(&program.json(&["plan", &file], 0)),
        ["create nightly", "create ping"]
    );
    assert_eq!(program.jobs(&["plan", &file, "--exit-code"]).code, 8);
    assert_eq!(program.json(&["list"], 0)["data"], json!([]));

    program.jobs(&["apply", &file]).ok();
    let before = [
        program.json(&["show", "ext:nightly"], 0),
        program.json(&["show", "ext:ping"], 0),
    ];
    assert_eq!(before[1]["paused"], true);
    let again = program.jobs(&["apply", &file]).ok();
    assert_eq!(again.trim(), "0 applied, 2 unchanged, 0 failed");
    let after = [
        program.json(&["show", "ext:nightly"], 0),
        program.json(&["show", "ext:ping"], 0),
    ];
    assert_eq!(before, after, "not even their versions change");

    // What is exported is what is there: also its secret, which nobody can read.
    let export = program.jobs(&["export"]).ok();
    assert!(export.contains("\"***\"") && !export.contains("s3cret"), "{export}");
    let exported = program.file("exported.yaml", &export);
    assert_eq!(program.jobs(&["plan", &exported, "--exit-code"]).code, 0, "{export}");
    assert_eq!(
        program.jobs(&["apply", &exported]).ok().trim(),
        "0 applied, 2 unchanged, 0 failed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_keep_every_digit() {
    let program = Program::with_key().await;
    let exact = "12345678901234567890.100";
    let payload = format!("{{\"id\": {exact}, \"price\": 1.50, \"list\": [1e400, \"1.50\"]}}");
    program
        .jobs(&["create", "Pay", "--external-id", "pay", "--payload", &payload])
        .ok();
    let export = program.jobs(&["export"]).ok();
    for line in ["id: 12345678901234567890.100", "price: 1.50", "- 1e400", "- \"1.50\""] {
        assert!(export.contains(line), "{line} is not in {export}");
    }
    assert!(program.jobs(&["export", "--json"]).ok().contains(exact));
    let file = program.file("jobs.yaml", &export);
    assert_eq!(program.jobs(&["plan", &file, "--exit-code"]).code, 0, "{export}");
    // The smallest difference is one, and what is sent is what was written.
    let file = program.file("jobs.yaml", &export.replace("7890.100", "7890.101"));
    let plan = program.jobs(&["plan", &file]).ok();
    assert!(plan.contains("7890.100") && plan.contains("1 to change"), "{plan}");
    program.jobs(&["apply", &file]).ok();
    let shown = program.jobs(&["show", "ext:pay", "--json"]).ok();
    assert!(
        shown.contains("12345678901234567890.101") && shown.contains("1.50"),
        "{shown}"
    );
    assert!(
        program
            .jobs(&["show", "ext:pay"])
            .ok()
            .contains("12345678901234567890.101")
    );
    // A new job as well; a number that JSON has not is told with its place.
    let new = export.replace("external_id: pay", "external_id: new");
    program.jobs(&["apply", &program.file("new.yaml", &new)]).ok();
    assert!(program.jobs(&["show", "ext:new", "--json"]).ok().contains(exact));
    let bad = program.file(
        "bad.yaml",
        "jobs:\n  - external_id: x\n    job_name: X\n    payload: {a: .inf}\n",
    );
    program
        .jobs(&["apply", &bad])
        .fails(2, &["bad.yaml", "line 4", ".inf is no number of JSON"]);
    let bad = program.file("bad.yaml", "jobs:\n  - external_id: 1.50\n    job_name: X\n");
    program
        .jobs(&["apply", &bad])
        .fails(2, &["jobs[0].external_id: 1.50 is a number; write \"1.50\""]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_shows_the_difference_and_apply_makes_it() {
    let program = Program::with_key().await;
    let file = program.file("jobs.yaml", FILE);
    program.jobs(&["apply", &file]).ok();
    let changed = FILE
        .replace("priority: High", "priority: Low")
        .replace("30 2 * * *", "45 3 * * *")
        .replace("    paused: true", "    paused: false\n    description: null")
        .replace("max_attempts: 3", "max_attempts: 5");
    let file = program.file("jobs.yaml", &changed);
    let plan = program.jobs(&["plan", &file]).ok();
    for part in [
        "~ nightly",
        "\"High\" → \"Low\"",
        "schedule.expression",
        "\"30 2 * * *\" → \"45 3 * * *\"",
        "retry.max_attempts",
        "paused",
        "true → false",
        "0 to create, 2 to change, 0 to delete, 0 unchanged",
    ] {
        assert!(plan.contains(part), "{part} is not in {plan}");
    }
    program.jobs(&["apply", &file]).ok();
    let job = program.json(&["show", "ext:nightly"], 0);
    assert_eq!(
        (&job["priority"], &job["retry"]["max_attempts"]),
        (&json!("Low"), &json!(5))
    );
    assert_eq!(job["executor"]["headers"]["Authorization"], "***");
    assert_eq!(program.json(&["show", "ext:ping"], 0)["paused"], false);
    assert_eq!(program.jobs(&["plan", &file, "--exit-code"]).code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_refused_leaves_the_others_alone() {
    let program = Program::with_key().await;
    let text = "jobs:\n  - {external_id: a, job_name: A}\n  - {external_id: b, job_name: B, priority: Urgent}\n  - {external_id: c, job_name: C}\n";
    let file = program.file("jobs.yaml", text);
    let done = program.jobs(&["apply", &file]);
    assert!(
        done.out.contains("created a") && done.out.contains("created c"),
        "{done:?}"
    );
    assert!(
        done.out.contains("b (create): /priority: \"Urgent\" is not one of"),
        "{done:?}"
    );
    done.fails(1, &["1 job not applied"]);
    let report = program.json(&["apply", &file], 1);
    assert_eq!(
        (&report["data"][0]["action"], &report["data"][2]["ok"]),
        (&json!("unchanged"), &json!(false))
    );

    // A file with a mistake that is seen here is not begun with.
    let file = program.file(
        "bad.yaml",
        "jobs:\n  - {external_id: d, job_name: D}\n  - {job_name: E}\n",
    );
    program
        .jobs(&["apply", &file])
        .fails(2, &["jobs[1]: external_id is missing", "nothing was applied"]);
    program.jobs(&["show", "ext:d"]).fails(4, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prune_deletes_what_is_not_in_the_file_and_only_on_request() {
    let program = Program::with_key().await;
    for (name, id) in [("A", "a"), ("B", "b")] {
        program.jobs(&["create", name, "--external-id", id]).ok();
    }
    program.jobs(&["create", "Not by file"]).ok();
    let file = program.file("jobs.yaml", "jobs:\n  - {external_id: a, job_name: A}\n");
    program.jobs(&["apply", &file]).ok();
    program.jobs(&["show", "ext:b"]).ok();
    program
        .jobs(&["apply", &file, "--prune"])
        .fails(2, &["Delete 1 job?", "--yes"]);
    program.jobs(&["show", "ext:b"]).ok();
    program.jobs(&["apply", &file, "--prune", "--yes"]).ok();
    program.jobs(&["show", "ext:b"]).fails(4, &[]);
    assert_eq!(program.json(&["list"], 0)["data"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_jobs_are_applied_in_few_requests() {
    let program = Program::with_key().await;
    let jobs: Vec<_> = (0..250)
        .map(|n| json!({"external_id": format!("j{n}"), "job_name": format!("Job {n}")}))
        .collect();
    let file = program.file("jobs.json", &json!({"jobs": jobs}).to_string());
    assert!(
        program
            .jobs(&["apply", &file])
            .ok()
            .contains("250 applied, 0 unchanged, 0 failed")
    );
    assert_eq!(
        program.jobs(&["apply", &file]).ok().trim(),
        "0 applied, 250 unchanged, 0 failed"
    );
}
