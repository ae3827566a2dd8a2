//! The guide to the protocol, carried out as it stands.

use super::{program::command, work::Owner};
use scheduler_tests::{databases::Backend, server::TestServer};
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
