//! The tour of README.md, carried out as it stands.

use scheduler_tests::{databases::Backend, server::TestServer};
use std::{path::Path, process::Command};

/// What waits for people, or installs something.
const LEFT_OUT: &[&str] = &["just ", "cargo install", "jobs watch", "JOBS_API_KEY=$TOKEN QUEUE"];

/// The blocks of shell.
fn shell_blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "```sh" {
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(code.join("\n") + "\n");
        }
    }
    blocks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tour_works() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let blocks = shell_blocks(&readme);
    let script: String = blocks
        .iter()
        .flat_map(|code| code.lines())
        .filter(|line| !LEFT_OUT.iter().any(|start| line.starts_with(start)))
        .map(|line| line.replace("http://127.0.0.1:8080", &server.base) + "\n")
        .collect();
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_jobs-under-test"), home.path().join("jobs")).unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "bash, curl and jq are where this machine has them"
    )]
    let path = format!("{}:{}", home.path().display(), std::env::var("PATH").unwrap());
    let bash = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(home.path())
        .env("HOME", home.path())
        .env("PATH", path)
        .output();
    let output = bash.expect("bash, curl and jq are there");
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{}\n{said}{complained}", output.status);
    for part in [
        "Completed",
        "job.created",
        "At 02:30 on Monday to Friday",
        "it worked",
        "0 to create, 0 to change",
        "SECRET=whsec_",
        "webhook.test",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}{complained}");
    }
    // The same Idempotency-Key twice: one run.
    let ids: Vec<_> = said
        .lines()
        .filter(|line| line.len() == 36 && line.starts_with("01"))
        .collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?} in {said}");
}
