//! Blocks of shell that are marked `run` are carried out, those of one guide one after the other, against a real server.

use super::guides::{blocks, guide, names};
use scheduler_tests::{databases::Backend, server::TestServer};
use std::process::Command;

const ALL: &[&str] = &[
    "jobs:read",
    "jobs:write",
    "runs:read",
    "runs:write",
    "worker",
    "webhooks:manage",
    "account:read",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_samples_of_every_guide_work() {
    let mut count = 0;
    for name in names() {
        let samples = blocks(&guide(&name), "run");
        if samples.is_empty() {
            continue;
        }
        count += samples.len();
        assert!(
            samples.iter().all(|(language, _)| language == "sh"),
            "{name}: only sh is run"
        );
        let script: String = samples.into_iter().map(|(_, code)| code).collect();
        let server = TestServer::start(Backend::Sqlite).await.unwrap();
        let ada = server.sign_up().await;
        let (program, _) = ada.api_key(ALL).await;
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .env("API", format!("{}/api/v1", server.base))
            .env("HOST", &server.base)
            .env("TOKEN", program.access())
            .output()
            .expect("bash, curl and jq are there");
        assert!(
            output.status.success(),
            "{name}.md: {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(count >= 8, "{count} samples only");
}
