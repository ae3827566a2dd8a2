//! Runs `jobs` with an environment of its own.

use scheduler_tests::{
    client::{Client, text},
    databases::Backend,
    server::TestServer,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

const ALL_SCOPES: &[&str] = &[
    "jobs:read",
    "jobs:write",
    "runs:read",
    "runs:write",
    "worker",
    "webhooks:manage",
    "account:read",
];

/// A server, a user of it, and the program in a home of its own.
pub(super) struct Program {
    pub server: TestServer,
    pub user: Client,
    pub home: TempDir,
    pub environment: BTreeMap<String, String>,
}

/// What the program did.
#[derive(Debug)]
pub(super) struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Program {
    /// Not logged in.
    #[expect(
        clippy::disallowed_methods,
        reason = "the editor, sh and setsid are where this machine has them"
    )]
    pub(super) async fn start() -> Self {
        let server = TestServer::start(Backend::Sqlite).await.unwrap();
        let user = server.sign_up().await;
        let home = tempfile::tempdir().unwrap();
        let environment = [
            ("PATH", std::env::var("PATH").unwrap()),
            ("HOME", home.path().display().to_string()),
            ("JOBS_URL", server.base.clone()),
            ("TERM", "xterm".to_owned()),
        ];
        let environment = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Self {
            server,
            user,
            home,
            environment,
        }
    }

    /// With an API key that may do everything.
    pub(super) async fn with_key() -> Self {
        let mut program = Self::start().await;
        let (_, key) = program.user.api_key(ALL_SCOPES).await;
        program.set("JOBS_API_KEY", text(&key, "key"));
        program
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// The program, ready to start.
    pub(super) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.home.path());
        command
    }

    /// Runs it to its end.
    pub(super) fn jobs(&self, args: &[&str]) -> Done {
        let mut command = self.command(binary(), args);
        let output = command.stdin(Stdio::null()).output().unwrap();
        Done {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs it with `--json`; it must end with `code`, and standard output must be JSON and nothing else.
    #[track_caller]
    pub(super) fn json(&self, args: &[&str], code: i32) -> Value {
        let done = self.jobs(&[args, &["--json"]].concat());
        assert_eq!(done.code, code, "{args:?}: {done:?}");
        serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{args:?}: {error}: {done:?}"))
    }

    /// A file in the home.
    pub(super) fn file(&self, name: &str, content: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Where the profile file is.
    pub(super) fn profiles(&self) -> PathBuf {
        self.home.path().join(".config/job-scheduler/profiles.toml")
    }
}

impl Done {
    /// It must have worked; what it wrote.
    #[track_caller]
    pub(super) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// It must have failed like this, saying all these parts on standard error and nothing on standard output.
    #[track_caller]
    pub(super) fn fails(self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in {self:?}");
        }
    }
}

/// The program that was built with these tests.
pub(super) fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_jobs-under-test")
}

/// Permission bits.
pub(super) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
