//! The official libraries of Standard Webhooks take our deliveries for genuine: JavaScript, Python, Rust.
//!
//! The first two are installed privately, into the target folder, at the versions that tests/libraries pins by hash.

use super::programs::{Verifier, check, check_age, delivered, run};
use reqwest::header::HeaderMap;
use scheduler_tests::{databases::Backend, server::TestServer};
use standardwebhooks::Webhook;
use std::path::{Path, PathBuf};

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("libraries")
        .canonicalize()
        .unwrap()
}

/// A folder with what a file of ours pins, made anew when the file changes.
fn installed(name: &str, pins: &str, install: impl Fn(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("webhook-libraries")
        .join(name);
    let (mark, wanted) = (folder.join("installed"), std::fs::read(sources().join(pins)).unwrap());
    if std::fs::read(&mark).ok().as_ref() != Some(&wanted) {
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        install(&folder);
        std::fs::write(&mark, wanted).unwrap();
    }
    folder
}

fn javascript() -> Verifier {
    let folder = installed("javascript", "package-lock.json", |folder| {
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(sources().join(file), folder.join(file)).unwrap();
        }
        run(folder, &["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    });
    let program = sources().join("verify.mjs").display().to_string();
    Verifier {
        name: "standardwebhooks for JavaScript",
        command: vec!["node".to_owned(), program],
        folder,
    }
}

fn python() -> Verifier {
    let folder = installed("python", "requirements.txt", |folder| {
        let pins = sources().join("requirements.txt").display().to_string();
        run(folder, &["python3", "-m", "venv", "venv"]);
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            &pins,
        ];
        let command: Vec<&str> = ["venv/bin/python"].into_iter().chain(install).collect();
        run(folder, &command);
    });
    let program = sources().join("verify.py").display().to_string();
    Verifier {
        name: "standardwebhooks for Python",
        command: vec!["venv/bin/python".to_owned(), program],
        folder,
    }
}

fn rust(secret: &str, id: &str, timestamp: &str, signature: &str, body: &[u8]) -> bool {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signature),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    Webhook::new(secret).unwrap().verify(body, &headers).is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_libraries_verify_what_is_delivered() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let (received, secret) = delivered(&server).await;
    for library in [javascript(), python()] {
        let takes = |secret: &str, id: &str, timestamp: &str, signature: &str, body: &[u8]| {
            library.takes(secret, id, timestamp, signature, body)
        };
        check(library.name, &received, &secret, takes);
        check_age(library.name, takes);
    }
    check("standardwebhooks for Rust", &received, &secret, rust);
    check_age("standardwebhooks for Rust", rust);
}
