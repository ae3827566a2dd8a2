//! `jobs edit` with an editor that is a script.

use super::program::{Program, binary};
use scheduler_tests::client::text;

/// An editor that does this to the file.
fn editor(program: &mut Program, script: &str) {
    let path = program.file("editor.sh", &format!("#!/bin/sh\n{script}\n"));
    program.set("EDITOR", &format!("sh {path}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_in_the_editor_is_changed() {
    let mut program = Program::with_key().await;
    program
        .jobs(&[
            "create",
            "Report",
            "--external-id",
            "r",
            "--description",
            "old",
            "--every",
            "5m",
        ])
        .ok();
    editor(
        &mut program,
        "sed -i 's/every_seconds: 300/every_seconds: 600/; /^description/d' \"$1\"",
    );
    let said = program.jobs(&["edit", "ext:r"]).ok();
    assert!(
        said.contains("schedule.every_seconds") && said.contains("300 → 600"),
        "{said}"
    );
    let job = program.json(&["show", "ext:r"], 0);
    assert_eq!(
        (&job["schedule"]["every_seconds"], &job["description"]),
        (&600.into(), &serde_json::Value::Null)
    );

    editor(&mut program, "true");
    let done = program.jobs(&["edit", "ext:r"]);
    assert!(done.code == 0 && done.err.contains("Nothing was changed"), "{done:?}");
    editor(&mut program, "echo 'job_nam: x' >> \"$1\"");
    program.jobs(&["edit", "ext:r"]).fails(
        2,
        &["job_nam: a job has no such field; did you mean job_name?", "is kept in"],
    );
    editor(&mut program, "exit 7");
    program
        .jobs(&["edit", "ext:r"])
        .fails(2, &["ended with exit status: 7"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_somebody_else_is_not_overwritten() {
    let mut program = Program::with_key().await;
    program.jobs(&["create", "Report", "--external-id", "r"]).ok();
    // While the editor is open, somebody applies a file.
    let file = program.file("theirs.yaml", "jobs:\n  - {external_id: r, priority: Critical}\n");
    let script = format!(
        "'{}' apply '{file}' >/dev/null\nsed -i 's/priority: Medium/priority: Low/' \"$1\"",
        binary()
    );
    editor(&mut program, &script);
    program.jobs(&["edit", "ext:r"]).fails(
        5,
        &[
            "stored now (version 2):\n    priority: \"Medium\" → \"Critical\"",
            "yours (made of version 1):\n    priority: \"Medium\" → \"Low\"",
            "412 version_conflict",
            "is kept in",
        ],
    );
    assert_eq!(text(&program.json(&["show", "ext:r"], 0), "priority"), "Critical");
}
