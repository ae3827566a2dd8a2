//! Schedules, crontabs, webhooks, keys, completions.

use super::{
    log_in,
    program::{Program, binary},
};
use scheduler_tests::client::text;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedules_are_previewed_and_crontabs_imported() {
    let program = Program::with_key().await;
    let flags = [
        "schedule",
        "preview",
        "30 2 * * *",
        "--time-zone",
        "Europe/Berlin",
        "--from",
        "2026-03-27T12:00:00Z",
        "-n",
        "3",
    ];
    let preview = program.jobs(&flags).ok();
    assert!(
        preview.contains("2026-03-28T02:30:00+01:00") && preview.contains("does not exist on that day"),
        "{preview}"
    );
    program
        .jobs(&["schedule", "preview", "61 * * * *"])
        .fails(6, &["expression"]);
    program.jobs(&["schedule", "preview"]).fails(2, &["which schedule?"]);

    let file = program.file(
        "crontab",
        "# nightly\n30 2 * * * /usr/local/bin/backup\n*/5 * * * * ping\n",
    );
    let report = program.json(&["crontab", "import", &file, "--dry-run"], 0);
    let ok = |report: &serde_json::Value| {
        report["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["status"] == "ok")
            .count()
    };
    assert_eq!(ok(&report), 2);
    assert_eq!(program.json(&["list"], 0)["data"].as_array().unwrap().len(), 0);
    assert_eq!(
        ok(&program.json(&["crontab", "import", &file, "--time-zone", "Europe/Berlin"], 0)),
        2
    );
    assert_eq!(program.json(&["list"], 0)["data"].as_array().unwrap().len(), 2);

    // Once more, and nothing changes.
    let again = program.jobs(&["crontab", "import", &file, "--time-zone", "Europe/Berlin"]);
    assert!(again.err.contains("0 jobs made, 2 there already, 0 lines"), "{again:?}");
    assert!(again.ok().contains("has been imported already, as job"));

    let file = program.file("crontab", "30 2 * * * a\n99 2 * * * b\n");
    let done = program.jobs(&["crontab", "import", &file, "--dry-run"]);
    assert!(done.out.contains("error"), "{done:?}");
    done.fails(1, &["not understood: 1 line"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_are_made_tested_and_replayed() {
    let program = Program::with_key().await;
    let secret = program
        .jobs(&[
            "webhooks",
            "create",
            "http://127.0.0.1:9/",
            "--type",
            "run.failed,run.completed",
            "--header",
            "X-A: b",
        ])
        .ok();
    assert!(secret.starts_with("whsec_") && secret.lines().count() == 1, "{secret}");
    let webhook = program.json(&["webhooks", "list"], 0)["data"][0].clone();
    assert_eq!(
        (&webhook["types"][0], &webhook["headers"]["X-A"]),
        (&"run.failed".into(), &"b".into())
    );
    let id = text(&webhook, "webhook_id");
    program.jobs(&["webhooks", "test", id]).ok();
    let delivery = program.json(&["webhooks", "deliveries", id], 0)["data"][0].clone();
    program
        .jobs(&["webhooks", "replay", text(&delivery, "delivery_id")])
        .ok();
    assert!(
        program
            .jobs(&["webhooks", "deliveries", id])
            .ok()
            .contains("webhook.test")
    );
    let shown = program
        .jobs(&["webhooks", "delivery", text(&delivery, "delivery_id")])
        .ok();
    assert!(shown.contains("webhook.test") && shown.contains("event_id"), "{shown}");
    change_and_replay(&program, id);
    let rotated = program.json(&["webhooks", "rotate-secret", id], 0);
    assert_ne!(text(&rotated, "secret"), secret.trim());
    program.jobs(&["webhooks", "delete", id]).fails(2, &["--yes"]);
    program.jobs(&["webhooks", "delete", id, "--yes"]).ok();
    program.jobs(&["webhooks", "show", id]).fails(4, &[]);
    program
        .jobs(&["webhooks", "create", "http://x/", "--header", "bad"])
        .fails(2, &["--header: \"bad\" has no colon"]);
}

/// Switched off, an endpoint ends what is on its way; that can be replayed when it is on again.
fn change_and_replay(program: &Program, id: &str) {
    program
        .jobs(&["webhooks", "edit", id])
        .fails(2, &["nothing is to be changed", "--endpoint"]);
    let changed = program.json(
        &[
            "webhooks",
            "edit",
            id,
            "--type",
            "run.failed",
            "--description",
            "for the shop",
            "--header",
            "X-C: d",
            "--disable",
        ],
        0,
    );
    assert_eq!(changed["types"], json!(["run.failed"]));
    assert_eq!(changed["headers"], json!({"X-A": "b", "X-C": "d"}), "the other stays");
    assert_eq!(
        (&changed["enabled"], &changed["description"]),
        (&json!(false), &json!("for the shop"))
    );
    let range = ["webhooks", "replay", "--webhook", id, "--from", "1h"];
    program.jobs(&range).fails(
        5,
        &["it is switched off and cannot be delivered to; switch it on first"],
    );
    let said = program
        .jobs(&[
            "webhooks",
            "edit",
            id,
            "--enable",
            "--description",
            "",
            "--header",
            "X-C:",
        ])
        .ok();
    assert!(said.contains("(on)"), "{said}");
    let shown = program.json(&["webhooks", "show", id], 0);
    assert_eq!(
        (&shown["description"], &shown["headers"]),
        (&json!(null), &json!({"X-A": "b"}))
    );
    program
        .jobs(&["webhooks", "edit", id, "--type", "run.fried"])
        .fails(6, &["/types/0", "run.fried"]);
    assert_eq!(program.json(&range, 0), json!({"count": 1}));
    let delivered = [&range[..], &["--status", "Delivered", "--to", "2100-01-01T00:00:00Z"]].concat();
    assert_eq!(
        program.jobs(&delivered).ok().trim(),
        "0 deliveries are on their way again, oldest first"
    );
    program
        .jobs(&["webhooks", "replay", "--webhook", id, "--from", "yesterday"])
        .fails(2, &["--from: \"yesterday\" is no instant", "how long ago"]);
    program
        .jobs(&["webhooks", "replay", "--webhook", id])
        .fails(2, &["--from"]);
    let stats = program.json(&["webhooks", "stats", id], 0);
    assert!(stats["last_24h"]["attempts"].is_number(), "{stats}");
    let stats = program.jobs(&["webhooks", "stats", id]).ok();
    assert!(stats.contains("24 h") && stats.contains("on their way"), "{stats}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_made_used_and_revoked() {
    let mut program = Program::start().await;
    log_in::log_in(&program).await;
    let key = program
        .jobs(&[
            "keys",
            "create",
            "deploy",
            "--scope",
            "jobs:read,runs:read",
            "--expires",
            "90d",
        ])
        .ok();
    let listed = program.json(&["keys", "list"], 0)["data"][0].clone();
    assert_eq!(
        (&listed["name"], listed["scopes"].as_array().unwrap().len()),
        (&"deploy".into(), 2)
    );
    assert!(listed["expires_at"].is_string());
    program
        .jobs(&["keys", "create", "x", "--scope", "jobs:fly"])
        .fails(6, &["jobs:fly"]);
    program.set("JOBS_API_KEY", key.trim());
    program.jobs(&["list"]).ok();
    program
        .jobs(&["keys", "list"])
        .fails(3, &["403", "a log-in (jobs login)"]);
    program.environment.remove("JOBS_API_KEY");
    program
        .jobs(&["keys", "revoke", text(&listed, "api_key_id"), "--yes"])
        .ok();
    program.set("JOBS_API_KEY", key.trim());
    program.jobs(&["list"]).fails(3, &["401 unauthenticated"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completions_are_for_jobs() {
    let program = Program::start().await;
    for (shell, part) in [
        ("bash", "complete -F"),
        ("bash", "-o default jobctl"),
        ("zsh", "#compdef jobs jobctl\n"),
        ("fish", "complete -c jobs"),
        ("fish", "complete -c jobctl"),
    ] {
        assert!(program.jobs(&["completions", shell]).ok().contains(part), "{shell}");
    }
}

/// Shells have a `jobs` of their own, which goes before every program: the guide has a line that parts them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_line_of_the_guide_parts_the_program_from_the_word_of_the_shell() {
    let mut program = Program::with_key().await;
    let bin = program.home.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(binary(), bin.join("jobs")).unwrap();
    let path = format!("{}:{}", bin.display(), program.environment["PATH"]);
    program.set("PATH", &path);
    let shell = |script: &str| {
        let output = program.command("bash", &["-c", script]).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8(said).unwrap()
    };
    assert!(shell("jobs list").contains("no such job"), "the shell's own goes first");
    let guide = include_str!("../../../docs/api/cli.md");
    let (_, rest) = guide.split_once("```sh function\n").unwrap();
    let function = rest.split("```").next().unwrap();
    let shell = |line: &str| shell(&format!("{function}\n{line}"));
    assert!(shell("jobs list").contains("No jobs. Make one"));
    assert!(shell("jobs --json list").contains("\"data\":[]"));
    assert!(shell("jobs run ext:nothing || echo code $?").contains("code 4"));
    for own in ["jobs", "jobs -l", "jobs %1", "jobs 1"] {
        let said = shell(&format!("sleep 60 & {own}; kill $!"));
        assert!(said.contains("sleep 60"), "{own}: {said}");
    }
}
