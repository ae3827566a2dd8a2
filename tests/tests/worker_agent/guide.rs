//! The guide to the protocol, carried out as it stands.

use super::{
    program::{Program, command},
    work::Owner,
};
use scheduler_tests::{client::text, databases::Backend, server::TestServer};
use serde_json::json;
use std::{io::Write, path::Path, process::Stdio};

/// The shell blocks of a guide, one after the other.
fn commands(guide: &str) -> String {
    let mut script = String::from("set -euo pipefail\n");
    let mut within = false;
    for line in guide.lines() {
        match (within, line) {
            (false, "```sh") => within = true,
            (true, "```") => within = false,
            (true, line) => script += &format!("{line}\n"),
            _ => {}
        }
    }
    script
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_protocol_by_hand() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let owner = Owner::of(&server).await;
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api/workers.md");
    let script = commands(&std::fs::read_to_string(guide).unwrap());
    let mut bash = command("bash")
        .env("API", format!("{}/api/v1", server.base))
        .env("TOKEN", owner.client.access())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = tokio::task::spawn_blocking(|| bash.wait_with_output().unwrap())
        .await
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for expected in [
        r#""job":"Report","payload":{"city":"Vienna"},"attempt":1}"#,
        r#""cancel_requested":false"#,
        r#"{"accepted":2,"dropped":0}"#,
        r#"{"status":"Completed","result":{"rows":1200}}"#,
    ] {
        assert!(printed.contains(expected), "{expected} is missing in {printed}");
    }
    let runs = owner.client.get("/api/v1/runs", 200).await;
    assert_eq!(runs["data"][0]["progress_message"], "page 2 of 5");
}

/// The command that the cron guide has for imported crontabs: with input, quotes, and an exit code of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_crontab_is_carried_out() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let owner = Owner::of(&server).await;
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api/cron.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let recipe = "jobs worker --queue default -- sh -c '";
    let (_, rest) = guide.split_once(recipe).unwrap();
    let (script, _) = rest.split_once("'\n").unwrap();
    let crontab = r#"0 3 * * * echo "a \"b\" $((20 + 1))"; cat; exit 3%one%two
0 4 * * * echo none; cat
"#;
    let import = json!({"crontab": crontab, "time_zone": "UTC"});
    let made = owner.client.post("/api/v1/schedules/import", import, 200).await;
    let mut runs = Vec::new();
    for line in made["data"].as_array().unwrap() {
        let path = format!("/api/v1/jobs/{}/runs", text(line, "job_id"));
        runs.push(owner.client.act(&path, 202).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut agent = Program::start(
        command(env!("CARGO_BIN_EXE_jobs-under-test"))
            .env("JOBS_URL", &server.base)
            .env("JOBS_API_KEY", &owner.key)
            .env("JOBS_CONFIG_DIR", folder.path())
            .args(["worker", "--queue", "default", "--once", "--", "sh", "-c", script]),
    );
    assert!(agent.ends().await.success());
    let told = owner.see(&runs[0]).await;
    assert_eq!(told["error"]["code"], "exit_3", "{told}");
    assert_eq!(owner.log(&runs[0]).await, [r#"a "b" 21"#, "one", "two"]);
    assert_eq!(owner.see(&runs[1]).await["status"], "Completed");
    assert_eq!(owner.log(&runs[1]).await, ["none"]);
}
