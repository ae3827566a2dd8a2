//! Logging in at a terminal, with a key, and out.

use super::{
    program::{Program, mode},
    pseudo_terminal::Terminal,
};
use scheduler_tests::client::{PASSWORD, text};

/// Logs in as a person would.
pub(super) async fn log_in(program: &Program) {
    let email = &program.user.email;
    let seen = program.user.mails_to(email).await.len();
    let mut terminal = Terminal::start(program, &["login"]);
    terminal.wait_for("E-mail: ");
    terminal.types(&format!("{email}\n"));
    terminal.wait_for("Password: ");
    terminal.types(&format!("{PASSWORD}\n"));
    terminal.wait_for("Code (nothing: send another one): ");
    let code = program.user.code_after(email, seen).await;
    let wrong = if code.starts_with('1') { "20000000" } else { "10000000" };
    terminal.types(&format!("{wrong}\n"));
    terminal.wait_for("That is not the code");
    terminal.types(&format!("{} {}\n", &code[..4], &code[4..]));
    terminal.wait_for("Logged in at http://127.0.0.1:");
    assert_eq!(terminal.ends(), 0);
    assert!(!terminal.shown().contains(PASSWORD), "the password is on the screen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_and_code_at_a_terminal() {
    let program = Program::start().await;
    log_in(&program).await;
    let profiles = program.profiles();
    assert_eq!((mode(&profiles), mode(profiles.parent().unwrap())), (0o600, 0o700));
    let me = program.json(&["whoami"], 0);
    assert_eq!(me["email"], program.user.email);
    // What others could read is closed to them.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&profiles, open).unwrap();
    program.jobs(&["list"]).ok();
    assert_eq!(mode(&profiles), 0o600);

    program.jobs(&["logout"]).ok();
    program
        .jobs(&["whoami"])
        .fails(3, &["error: not logged in at http://127.0.0.1:", "try: jobs login"]);
    assert!(!std::fs::read_to_string(&profiles).unwrap().contains("token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_have_expired_are_renewed_once_for_all_processes() {
    let program = Program::start().await;
    log_in(&program).await;
    let profiles = program.profiles();
    for _ in 0..3 {
        // For the program the access token has expired; a refresh token works once.
        let text = std::fs::read_to_string(&profiles).unwrap();
        let lines: Vec<_> = text
            .lines()
            .map(|line| {
                if line.starts_with("expires_at") {
                    "expires_at = 0"
                } else {
                    line
                }
            })
            .collect();
        std::fs::write(&profiles, lines.join("\n")).unwrap();
        std::thread::scope(|scope| {
            let several: Vec<_> = (0..4).map(|_| scope.spawn(|| program.jobs(&["list"]))).collect();
            for one in several {
                one.join().unwrap().ok();
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_kept_and_stays_with_its_server() {
    let mut program = Program::start().await;
    let (_, key) = program.user.api_key(&["jobs:read"]).await;
    let key = text(&key, "key");
    program.jobs(&["login", "--api-key", key]).ok();
    program.environment.remove("JOBS_URL");
    program.jobs(&["list"]).ok();
    assert_eq!(mode(&program.profiles()), 0o600);
    // The same machine under another name is another server.
    let elsewhere = program.server.base.replace("127.0.0.1", "localhost");
    program
        .jobs(&["list", "--url", &elsewhere])
        .fails(3, &["not logged in at http://localhost", "its credentials stay there"]);
    program.jobs(&["create", "x"]).fails(
        3,
        &[
            "jobs:write",
            "insufficient_scope",
            "jobs keys create NAME --scope jobs:write",
        ],
    );

    let mut mistyped = key.to_owned();
    mistyped.replace_range(10..11, if &key[10..11] == "a" { "b" } else { "a" });
    program
        .jobs(&["login", "--api-key", &mistyped])
        .fails(2, &["--api-key", "checksum"]);
    program.set("JOBS_API_KEY", "jsk_short");
    let done = program.jobs(&["list"]);
    assert!(!done.err.contains("jsk_short"), "{done:?}");
    done.fails(2, &["JOBS_API_KEY: this is no API key", "instead of 40"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_are_listed_and_logged_out() {
    let program = Program::start().await;
    log_in(&program).await;
    let sessions = program.json(&["sessions", "list"], 0);
    let (mine, others): (Vec<_>, Vec<_>) = sessions["data"]
        .as_array()
        .unwrap()
        .iter()
        .partition(|session| session["current"] == true);
    assert_eq!((mine.len(), others.len()), (1, 1), "{sessions}");
    let listed = program.jobs(&["sessions", "list"]).ok();
    assert!(listed.contains("now, by this"), "{listed}");
    let other = text(others[0], "session_id");
    program.jobs(&["sessions", "end", other]).fails(2, &["--yes"]);
    program.jobs(&["sessions", "end", other, "--yes"]).ok();
    assert_eq!(
        program.json(&["sessions", "list"], 0)["data"].as_array().unwrap().len(),
        1
    );
    program
        .jobs(&["sessions", "end", other, "--yes"])
        .fails(4, &["404 not_found"]);
    // The one that asks may go as well.
    program
        .jobs(&["sessions", "end", text(mine[0], "session_id"), "--yes"])
        .ok();
    program.jobs(&["sessions", "list"]).fails(3, &["jobs login"]);
}
