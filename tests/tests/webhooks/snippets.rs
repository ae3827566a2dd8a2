//! The code of the guide that verifies, in each of its languages, as it stands there.
//!
//! JavaScript, Python and Rust are always run; PHP, Go and Java where the machine has them (`scripts/install-test-packages`
//! brings PHP).

use super::{
    programs::{Verifier, check, check_age, delivered, has, run},
    verify_in_rust,
};
use crate::guides::{blocks, guide};
use scheduler_tests::{databases::Backend, server::TestServer};
use std::{collections::BTreeMap, path::Path};

const JAVASCRIPT: &str = r#"
import { readFileSync } from "node:fs";
const [secret, id, timestamp, signature] = process.argv.slice(2);
console.log(verify(secret, { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature }, readFileSync(0)));
"#;

const PYTHON: &str = r#"
import sys
names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
print(str(verify(sys.argv[1], dict(zip(names, sys.argv[2:])), sys.stdin.buffer.read())).lower())
"#;

const PHP: &str = r#"
$names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
echo verify($argv[1], array_combine($names, array_slice($argv, 2)), file_get_contents('php://stdin')) ? 'true' : 'false';
"#;

const GO: &str = r#"package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	header := http.Header{}
	for at, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		header.Set(name, os.Args[at+2])
	}
	body, _ := io.ReadAll(os.Stdin)
	fmt.Println(Verify(os.Args[1], header, body))
}
"#;

const JAVA: &str = r#"
import java.util.Map;

class Main {
    public static void main(String[] a) throws Exception {
        Map<String, String> headers = Map.of("webhook-id", a[1], "webhook-timestamp", a[2], "webhook-signature", a[3]);
        System.out.println(Webhooks.verify(a[0], headers, System.in.readAllBytes()));
    }
}
"#;

/// The programs that this machine can run, each made of the guide's code and a few lines that call it.
fn programs(folder: &Path, snippets: &BTreeMap<String, String>) -> Vec<Verifier> {
    let write = |name: &str, parts: &[&str]| std::fs::write(folder.join(name), parts.concat()).unwrap();
    write("verify.mjs", &[&snippets["js"], JAVASCRIPT]);
    write("verify.py", &[&snippets["python"], PYTHON]);
    write("verify.php", &[&snippets["php"], PHP]);
    write("verify.go", &[&snippets["go"]]);
    write("main.go", &[GO]);
    write("Webhooks.java", &[&snippets["java"]]);
    write("Main.java", &[JAVA]);
    let mut programs = vec![
        ("JavaScript", vec!["node", "verify.mjs"]),
        ("Python", vec!["python3", "verify.py"]),
    ];
    if has("php") {
        programs.push(("PHP", vec!["php", "verify.php"]));
    }
    if has("go") {
        run(
            folder,
            &[
                "env",
                "GO111MODULE=off",
                "GOCACHE=/tmp/go-cache",
                "go",
                "build",
                "-o",
                "verify-go",
                "verify.go",
                "main.go",
            ],
        );
        programs.push(("Go", vec!["./verify-go"]));
    }
    if has("javac") {
        run(folder, &["javac", "Webhooks.java", "Main.java"]);
        programs.push(("Java", vec!["java", "-Xshare:auto", "Main"]));
    }
    programs
        .into_iter()
        .map(|(name, command)| Verifier {
            name,
            command: command.into_iter().map(str::to_owned).collect(),
            folder: folder.to_owned(),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_of_the_guide_verifies_in_every_language() {
    let snippets: BTreeMap<String, String> = blocks(&guide("webhooks"), "verify").into_iter().collect();
    let languages: Vec<&str> = snippets.keys().map(String::as_str).collect();
    assert_eq!(languages, ["go", "java", "js", "php", "python", "rust"]);
    assert_eq!(
        snippets["rust"],
        include_str!("verify_in_rust.rs"),
        "copy the guide's Rust to tests/tests/webhooks/verify_in_rust.rs"
    );

    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let (received, secret) = delivered(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let programs = programs(folder.path(), &snippets);
    for program in &programs {
        let takes = |secret: &str, id: &str, timestamp: &str, signature: &str, body: &[u8]| {
            program.takes(secret, id, timestamp, signature, body)
        };
        check(program.name, &received, &secret, takes);
        check_age(program.name, takes);
    }
    let rust = |secret: &str, id: &str, timestamp: &str, signature: &str, body: &[u8]| {
        let header = |name: &str| match name {
            "webhook-id" => Some(id),
            "webhook-timestamp" => Some(timestamp),
            "webhook-signature" => Some(signature),
            _ => None,
        };
        verify_in_rust::verify(secret, header, body)
    };
    check("Rust", &received, &secret, rust);
    check_age("Rust", rust);
    let run: Vec<&str> = programs.iter().map(|program| program.name).collect();
    println!("run: {run:?} and Rust");
}
