//! Every mistake says what was wrong, where, and what would be right.

use super::program::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_are_told_with_their_place_and_a_way_out() {
    let program = Program::with_key().await;
    let missing = program.home.path().join("missing.yaml").display().to_string();
    let broken = program.file("broken.yaml", "jobs:\n  - {external_id: a\n");
    let cases: &[(&[&str], i32, &[&str])] = &[
        (
            &["create", "x", "--priority", "Urgent"],
            6,
            &["/priority", "Low, Medium, High, Critical", "422"],
        ),
        (
            &["create", "x", "--payload", "{city: Vienna}"],
            2,
            &["--payload: this is not JSON", "'{\"city\": \"Vienna\"}'"],
        ),
        (
            &["create", "x", "--every", "soon"],
            2,
            &["--every: \"soon\" is no length of time", "1h30m"],
        ),
        (&["create"], 2, &["<NAME>"]),
        (&["create", "x", "--http", "ftp://x"], 6, &["/executor"]),
        (&["show", "no-such-id"], 4, &["not_found", "jobs list", "ext:"]),
        (&["show", ".."], 2, &["\"..\" is no id"]),
        (&["show", "ext:a/../../me"], 4, &["not_found"]),
        (&["list", "--status", "Done"], 6, &["status", "Pending"]),
        (&["list", "--limit", "0"], 2, &["--limit"]),
        (&["list", "--cursor", "bogus"], 6, &["invalid_cursor"]),
        (&["lst"], 2, &["list"]),
        (&["apply", &missing], 2, &["cannot read", "missing.yaml"]),
        (&["apply", &broken], 2, &["broken.yaml", "line"]),
        (&["run", "ext:x", "--timeout", "1w"], 2, &["--timeout"]),
        (
            &["list", "--url", "example.com"],
            2,
            &["--url: \"example.com\" is no address", "https://jobs.example.com"],
        ),
        (
            &["list", "--url", "http://127.0.0.1:1"],
            7,
            &["cannot reach http://127.0.0.1:1", "refused", "JOBS_URL"],
        ),
        (&["list", "--profile", "../x"], 2, &["is no name of a profile"]),
    ];
    for (args, code, parts) in cases {
        let done = program.jobs(args);
        assert_eq!(done.out, "", "{args:?}");
        done.fails(*code, parts);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_file_that_is_broken_is_named_with_the_line() {
    let program = Program::start().await;
    let profiles = program.profiles();
    std::fs::create_dir_all(profiles.parent().unwrap()).unwrap();
    std::fs::write(&profiles, "[profiles.default]\nurl = \"http://x\"\ntokken = 1\n").unwrap();
    program.jobs(&["list"]).fails(2, &["profiles.toml", "line 3", "tokken"]);
}
