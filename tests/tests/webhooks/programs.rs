//! Programs of others that say whether a delivery is genuine: each is handed the secret and the headers as arguments and
//! the body on its standard input, and answers `true` or `false`.

use super::receiver::{Received, Receiver, Reply};
use scheduler_tests::{client::text, server::TestServer};
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A program that verifies.
pub struct Verifier {
    /// What it is, for people.
    pub name: &'static str,
    /// What is called, with its first arguments.
    pub command: Vec<String>,
    /// Where.
    pub folder: PathBuf,
}

impl Verifier {
    /// Whether it takes this for genuine.
    pub fn takes(&self, secret: &str, id: &str, timestamp: &str, signature: &str, body: &[u8]) -> bool {
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .args([secret, id, timestamp, signature])
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        child.stdin.take().unwrap().write_all(body).unwrap();
        let output = child.wait_with_output().unwrap();
        match String::from_utf8_lossy(&output.stdout).trim() {
            "true" => true,
            "false" => false,
            other => panic!("{}: {other} {}", self.name, String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// Runs a command that prepares something.
#[track_caller]
pub fn run(folder: &Path, command: &[&str]) {
    let output = Command::new(command[0])
        .args(&command[1..])
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Whether a command is on this machine.
pub fn has(command: &str) -> bool {
    Command::new("sh")
        .args(["-c", "command -v \"$1\"", "sh", command])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// A delivery of a server, and the secret that signed it; with a name that is more than ASCII.
pub async fn delivered(server: &TestServer) -> (Received, String) {
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(204)]).await;
    let made = client
        .post(
            "/api/v1/webhooks",
            json!({"url": receiver.url, "types": ["job.created"]}),
            201,
        )
        .await;
    client.job(json!({"job_name": "Nächtlicher Bericht ✓"})).await;
    (receiver.wait_for(1).await.remove(0), text(&made, "secret").to_owned())
}

/// Holds a verifier against a genuine delivery, and against what must not pass.
pub fn check(name: &str, received: &Received, secret: &str, takes: impl Fn(&str, &str, &str, &str, &[u8]) -> bool) {
    let header = |name: &str| received.header(name).to_owned();
    let (id, timestamp, signature) = (
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
    );
    let body = &received.body;
    assert!(takes(secret, &id, &timestamp, &signature, body), "{name}: genuine");
    let two = format!("v1,{} {signature}", "A".repeat(43) + "=");
    assert!(
        takes(secret, &id, &timestamp, &two, body),
        "{name}: the second of two signatures fits"
    );
    let mut forged = body.clone();
    *forged.last_mut().unwrap() = b' ';
    assert!(
        !takes(secret, &id, &timestamp, &signature, &forged),
        "{name}: another body"
    );
    assert!(
        !takes(secret, "msg_other", &timestamp, &signature, body),
        "{name}: another id"
    );
    let stranger = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert!(
        !takes(stranger, &id, &timestamp, &signature, body),
        "{name}: another secret"
    );
    let old = (timestamp.parse::<i64>().unwrap() - 600).to_string();
    assert!(!takes(secret, &id, &old, &signature, body), "{name}: another time");
}

/// The same for a time that was signed, and is too long ago.
pub fn check_age(name: &str, takes: impl Fn(&str, &str, &str, &str, &[u8]) -> bool) {
    use scheduler_domain::webhook::{SigningSecret, sign};
    let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let secret = SigningSecret::parse(text).unwrap();
    let signature = sign("msg_1", 1_700_000_000, b"{}", &[secret]);
    assert!(
        !takes(text, "msg_1", "1700000000", &signature, b"{}"),
        "{name}: years ago"
    );
}
