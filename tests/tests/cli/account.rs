//! How things stand, the account, and what administrators do.

use super::{log_in, program::Program};
use scheduler_tests::client::text;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_things_stand_is_told_at_a_glance() {
    let program = Program::with_key().await;
    let empty = program.jobs(&["overview"]).ok();
    assert_eq!(empty, "Jobs: none\nRuns of the last 24h: none\n");
    for (name, more) in [
        ("Report", &["--simulate", "1s"][..]),
        ("Broken", &["--http", "http://127.0.0.1:9/"]),
        ("Nightly", &["--cron", "0 3 * * *"]),
        ("Long", &["--simulate", "10m"]),
    ] {
        program
            .jobs(&[&["create", name, "--external-id", name][..], more].concat())
            .ok();
    }
    program.jobs(&["run", "ext:Report", "--wait"]).ok();
    program.jobs(&["run", "ext:Broken", "--wait"]).fails(1, &["Failed"]);
    let long = program.json(&["run", "ext:Long"], 0);
    program.user.run_becomes(&long, "Running").await;
    let told = program.jobs(&["overview", "--window", "1h"]).ok();
    for part in [
        "Jobs: 1 Pending, 1 Running, 1 Completed, 1 Failed",
        "Runs of the last 1h: 1 Completed, 1 Failed; 50.0 % succeeded",
        text(&long, "run_id"),
        "Nightly",
        "Needs attention",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert_eq!(program.json(&["overview"], 0)["counts"]["total"], 4);
    program
        .jobs(&["overview", "--window", "1y"])
        .fails(2, &["1y", "1h, 24h, 7d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_shown_and_changed() {
    let mut program = Program::with_key().await;
    assert_eq!(program.json(&["account", "show"], 0)["email"], program.user.email);
    let set = [
        "account",
        "set",
        "--full-name",
        "Grace Hopper",
        "--phone",
        "+44 1632 960961",
    ];
    program.jobs(&set).fails(3, &["a log-in (jobs login)"]);
    program.environment.remove("JOBS_API_KEY");
    log_in::log_in(&program).await;
    let said = program.jobs(&set).ok();
    assert!(
        said.contains("Grace Hopper") && said.contains("+441632960961"),
        "{said}"
    );
    let changed = program.json(&["account", "set", "--phone", "", "--time-zone", "Asia/Tokyo"], 0);
    assert_eq!(
        (&changed["phone"], &changed["time_zone"], &changed["full_name"]),
        (&json!(null), &json!("Asia/Tokyo"), &json!("Grace Hopper"))
    );
    program
        .jobs(&["account", "set"])
        .fails(2, &["nothing is to be changed", "--time-zone"]);
    program
        .jobs(&["account", "set", "--time-zone", "Mars/Olympus"])
        .fails(6, &["/time_zone", "Mars/Olympus"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrators_look_after_accounts_and_nodes() {
    let mut program = Program::start().await;
    let customer = program.server.sign_up().await;
    log_in::log_in(&program).await;
    program.jobs(&["admin", "nodes"]).fails(3, &["403 forbidden"]);
    program.jobs(&["logout"]).ok();
    program.user = program.server.sign_up_admin().await;
    log_in::log_in(&program).await;

    let found = program.json(&["admin", "users", "list", "-q", &customer.email], 0);
    let id = text(&found["data"][0], "user_id");
    assert_eq!((id, found["data"].as_array().unwrap().len()), (customer.user_id(), 1));
    assert!(program.jobs(&["admin", "users", "list"]).ok().contains(&customer.email));
    assert!(
        program
            .jobs(&["admin", "users", "show", id])
            .ok()
            .contains(&customer.email)
    );
    let out = ["admin", "users", "set", id, "--status", "Deactivated"];
    program
        .jobs(&out)
        .fails(2, &[&format!("Log {} out everywhere", customer.email), "--yes"]);
    customer.get("/me", 200).await;
    program.jobs(&[&out[..], &["--yes"]].concat()).ok();
    customer.get("/me", 401).await;
    let back = program.json(
        &["admin", "users", "set", id, "--status", "active", "--role", "admin"],
        0,
    );
    assert_eq!((&back["status"], &back["role"]), (&json!("Active"), &json!("admin")));
    program
        .jobs(&["admin", "users", "set", id])
        .fails(2, &["nothing is to be changed", "--role"]);
    program
        .jobs(&["admin", "users", "show", "nobody"])
        .fails(4, &["404 not_found"]);

    let nodes = program.jobs(&["admin", "nodes"]).ok();
    assert!(nodes.contains("at work") && nodes.contains("0 of "), "{nodes}");
    let engine = program.jobs(&["admin", "engine"]).ok();
    assert!(
        engine.contains("creation to start") && engine.contains("lost leases"),
        "{engine}"
    );
    assert!(program.json(&["admin", "engine"], 0)["engine"]["concurrency"].is_number());
    let config = program.jobs(&["admin", "config"]).ok();
    assert!(config.contains("retention_days"), "{config}");
    let set = program.jobs(&["admin", "config", "--set"]).ok();
    assert!(set.contains("data_dir") && !set.contains("retention_days"), "{set}");
    let mail = program.jobs(&["admin", "mail-test", "ops@example.com"]).ok();
    assert!(mail.starts_with("ops@example.com (developer"), "{mail}");
    program
        .jobs(&["admin", "mail-test", "nowhere"])
        .fails(6, &["/to", "e-mail address"]);
}
