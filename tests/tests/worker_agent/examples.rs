//! The examples in examples/workers, in both languages.

use super::{
    program::{Program, command},
    work::Owner,
};
use scheduler_tests::{
    client::text,
    databases::Backend,
    server::{TestServer, until},
};
use serde_json::{Value, json};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn python() -> Option<Command> {
    let mut python = command("python3");
    python.arg(root().join("examples/workers/worker.py"));
    Some(python)
}

/// The example in TypeScript, checked and stripped of its types by the compiler of the dashboard. `None`, with a word about
/// it, where that is not installed.
fn typescript() -> Option<Command> {
    let (sources, modules) = (root().join("examples/workers"), root().join("web-ui/node_modules"));
    let compiler = modules.join(".bin/tsc");
    if !compiler.exists() {
        eprintln!("not tested: worker.ts (npm ci --ignore-scripts in web-ui brings the compiler)");
        return None;
    }
    // Each test is a process of its own, and the compiler is slow: what it made of the same sources is kept.
    let mut hash = DefaultHasher::new();
    for file in ["worker.ts", "tsconfig.json", "package.json"] {
        std::fs::read(sources.join(file)).unwrap().hash(&mut hash);
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("worker-{:016x}", hash.finish()));
    if !kept.exists() {
        let out = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::copy(sources.join("package.json"), out.path().join("package.json")).unwrap();
        let compiled = command("node")
            .arg(compiler)
            .arg("--project")
            .arg(&sources)
            .arg("--typeRoots")
            .arg(modules.join("@types"))
            .arg("--outDir")
            .arg(out.path())
            .output()
            .unwrap();
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stdout)
        );
        // Another test may have been faster; its files are the same.
        let _ = std::fs::rename(out.path(), &kept);
    }
    let mut node = command("node");
    node.arg(kept.join("worker.js"));
    Some(node)
}

/// Makes a test for each language out of functions that take what starts the example.
macro_rules! in_both_languages {
    ($($name:ident)+) => {
        mod python {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::python).await; })+
        }

        mod typescript {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if super::typescript().is_some() {
                    super::$name(super::typescript).await;
                }
            })+
        }
    };
}

in_both_languages! {
    it_works_tells_and_completes
    it_fails_with_and_without_hope
    it_stops_when_asked_to
    it_ends_its_run_on_sigterm_and_leaves_the_rest
    it_bears_a_server_that_is_away
    it_is_silent_about_a_run_that_is_not_its_own_any_more
}

type Example = fn() -> Option<Command>;

async fn server() -> (TestServer, Owner) {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let owner = Owner::of(&server).await;
    (server, owner)
}

fn start(example: Example, server: &TestServer, owner: &Owner) -> Program {
    Program::start(
        example()
            .unwrap()
            .env("JOBS_URL", &server.base)
            .env("JOBS_API_KEY", &owner.key)
            .env("QUEUE", "reports")
            .env("LEASE_SECONDS", "5"),
    )
}

/// More pages than anybody waits for.
fn endless() -> Value {
    json!({"pages": 100_000, "seconds": 0.05})
}

async fn it_works_tells_and_completes(example: Example) {
    let (server, owner) = server().await;
    let _worker = start(example, &server, &owner);
    let run = owner.run(json!({"pages": 2, "seconds": 0})).await;
    let run = owner.client.run_becomes(&run, "Completed").await;
    assert_eq!(run["result"], json!({"pages": 2}));
    assert_eq!(
        (&run["progress"], &run["progress_message"]),
        (&json!(100), &json!("page 2"))
    );
    assert_eq!(owner.log(&run).await, ["page 1 of 2", "page 2 of 2"]);
    // And once more, with what it does when nobody says anything.
    let run = owner
        .run_of(json!({"payload": {"seconds": 0}, "job_name": "again"}))
        .await;
    assert_eq!(
        owner.client.run_becomes(&run, "Completed").await["result"],
        json!({"pages": 5})
    );
}

async fn it_fails_with_and_without_hope(example: Example) {
    let (server, owner) = server().await;
    let _worker = start(example, &server, &owner);
    let retry = json!({"max_attempts": 2, "initial_seconds": 600});
    let run = owner
        .run_of(json!({"payload": {"broken": "no paper"}, "retry": retry}))
        .await;
    let run = owner.client.run_becomes(&run, "Retrying").await;
    assert!(text(&run["error"], "message").ends_with("Error: no paper"), "{run}");
    let run = owner
        .run_of(json!({"payload": {"pages": "many"}, "retry": retry}))
        .await;
    let run = owner.client.run_becomes(&run, "Failed").await;
    assert_eq!(run["reason"], "not_retryable");
    assert!(
        text(&run["error"], "message").contains("pages must be a number, not "),
        "{run}"
    );
}

async fn it_stops_when_asked_to(example: Example) {
    let (server, owner) = server().await;
    let worker = start(example, &server, &owner);
    let run = owner.run(endless()).await;
    owner.progresses(&run).await;
    owner.cancel(&run).await;
    let run = owner.client.run_becomes(&run, "Cancelled").await;
    assert!(text(&run["error"], "message").contains("stopped on request"), "{run}");
    worker.prints("Cancelled").await;
}

async fn it_ends_its_run_on_sigterm_and_leaves_the_rest(example: Example) {
    let (server, owner) = server().await;
    let mut worker = start(example, &server, &owner);
    let run = owner.run(json!({"pages": 20, "seconds": 0.1})).await;
    owner.progresses(&run).await;
    let rest = owner.run_of(json!({"job_name": "the rest"})).await;
    worker.signal("TERM");
    assert!(worker.ends().await.success());
    assert_eq!(owner.see(&run).await["status"], "Completed");
    assert_eq!(owner.see(&rest).await["status"], "Queued");
    // One that waits for work stops at once.
    owner.cancel(&rest).await;
    let mut worker = start(example, &server, &owner);
    until("it waits", async || (server.state.polls.waiting() == 1).then_some(())).await;
    worker.signal("TERM");
    assert!(worker.ends().await.success());
}

async fn it_bears_a_server_that_is_away(example: Example) {
    let (server, owner) = server().await;
    let worker = start(example, &server, &owner);
    let run = owner.run(json!({"pages": 30, "seconds": 0.1})).await;
    owner.progresses(&run).await;
    let address = server.address.clone();
    let server = server.again(&[("listen", &address)]);
    let owner = owner.towards(&server);
    let run = owner.client.run_becomes(&run, "Completed").await;
    assert_eq!((&run["attempt"], &run["crashes"]), (&json!(1), &json!(0)));
    let mut pages = owner.log(&run).await;
    pages.dedup();
    assert_eq!(pages.len(), 30, "{pages:?}");
    let run = owner
        .run_of(json!({"job_name": "after", "payload": {"pages": 1, "seconds": 0}}))
        .await;
    owner.client.run_becomes(&run, "Completed").await;
    drop(worker);
}

async fn it_is_silent_about_a_run_that_is_not_its_own_any_more(example: Example) {
    let (server, owner) = server().await;
    let worker = start(example, &server, &owner);
    let run = owner.run(endless()).await;
    owner.progresses(&run).await;
    worker.signal("STOP");
    // Its lease ends; another worker takes the run.
    let claim = json!({"queues": ["reports"], "worker_name": "another", "wait_seconds": 30});
    let claimed = owner.client.post("/api/v1/worker/claim", claim, 200).await["data"][0].clone();
    assert_eq!(claimed["attempt"], 2);
    let pages = owner.log(&run).await.len();
    worker.signal("CONT");
    worker.prints("lost").await;
    let run = owner.see(&run).await;
    assert_eq!(
        (&run["status"], &run["worker_name"]),
        (&json!("Running"), &json!("another"))
    );
    assert_eq!(owner.log(&run).await.len(), pages);
}
