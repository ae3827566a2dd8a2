//! Everything that can go wrong, what is told about it, and the exit code that it ends in.

use serde::Deserialize;
use std::{fmt, process::ExitCode};

/// The exit codes of `jobs`. They are part of its contract: scripts look at them.
pub mod exit {
    /// A run that was waited for failed or was cancelled, or some items of a file were not applied.
    pub const FAILED: u8 = 1;
    /// Wrong use: a flag, a file, a value that cannot be right. Nothing was sent.
    pub const USAGE: u8 = 2;
    /// Not logged in, or not allowed to (401, 403).
    pub const NOT_ALLOWED: u8 = 3;
    /// No such thing (404).
    pub const NOT_FOUND: u8 = 4;
    /// It does not fit what is there: somebody else was faster, or the state forbids it (409, 412).
    pub const CONFLICT: u8 = 5;
    /// The server refuses the values (400, 413, 415, 422).
    pub const REFUSED: u8 = 6;
    /// The server is away, too busy, or broken (no connection, 429, 5xx).
    pub const UNAVAILABLE: u8 = 7;
    /// `plan --exit-code`: there are differences.
    pub const DIFFERENT: u8 = 8;
    /// Interrupted (Ctrl-C).
    pub const INTERRUPTED: u8 = 130;
}

/// What every command answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user's mistake, found before anything was sent.
    #[error("{what}")]
    Usage { what: String, hint: Option<String> },
    /// Nobody is logged in at this server, or not any more.
    #[error("{what}")]
    NotLoggedIn { what: String },
    /// The server's refusal.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No answer from the server.
    #[error("{what}")]
    Unreachable { what: String, hint: Option<String> },
    /// What was asked for was done, and ended badly: a run that failed, items that were not applied.
    #[error("{0}")]
    Failed(String),
    /// Something on this machine does not work: a file, the terminal.
    #[error("{what}: {why}")]
    Local { what: String, why: std::io::Error },
    /// A plain answer by exit code, which the command has explained already.
    #[error("exit code {0}")]
    Exit(u8),
}

impl Error {
    /// A mistake of the user.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            hint: None,
        }
    }

    /// A mistake of the user, and what would be right.
    pub fn usage_with(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            hint: Some(hint.into()),
        }
    }

    /// A file, folder or terminal that does not do what it should.
    pub fn local(what: impl Into<String>, why: std::io::Error) -> Self {
        Self::Local { what: what.into(), why }
    }

    /// The `code` of the server's problem, such as `lease_lost`.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }

    /// The HTTP status of the server's problem.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Local { .. } => exit::USAGE,
            Self::NotLoggedIn { .. } => exit::NOT_ALLOWED,
            Self::Problem(problem) => match problem.status {
                401 | 403 => exit::NOT_ALLOWED,
                404 => exit::NOT_FOUND,
                409 | 412 => exit::CONFLICT,
                429 | 500.. => exit::UNAVAILABLE,
                _ => exit::REFUSED,
            },
            Self::Unreachable { .. } => exit::UNAVAILABLE,
            Self::Failed(_) => exit::FAILED,
            Self::Exit(code) => *code,
        }
    }

    /// Lines for people: what was wrong, where, and what would be right.
    pub fn report(&self) -> String {
        let mut lines = vec![format!("error: {self}")];
        let mut add = |label: &str, text: &str| lines.push(format!("  {label}: {text}"));
        match self {
            Self::Usage { hint: Some(hint), .. } | Self::Unreachable { hint: Some(hint), .. } => add("try", hint),
            Self::NotLoggedIn { .. } => add("try", "jobs login, or an API key in JOBS_API_KEY"),
            Self::Problem(problem) => {
                add("where", &problem.place());
                if let Some(hint) = problem.hint() {
                    add("try", &hint);
                }
                if let Some(id) = &problem.request_id {
                    add("request id", id);
                }
            }
            _ => {}
        }
        lines.join("\n")
    }
}

impl From<Error> for ExitCode {
    fn from(error: Error) -> Self {
        Self::from(error.exit_code())
    }
}

/// `application/problem+json` (RFC 9457), and what it was the answer to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub status: u16,
    /// Stable; see `docs/api/errors.md`.
    pub code: String,
    pub title: String,
    pub detail: String,
    pub request_id: Option<String>,
    /// Each rule that the values break.
    pub errors: Vec<ProblemField>,
    /// What `invalid_transition` would have admitted.
    pub allowed: Vec<String>,
    /// What `version_conflict` found stored.
    pub version: Option<i64>,
    /// `POST http://…`: the request.
    #[serde(skip)]
    pub request: String,
    /// The scope that the API key lacks, of `insufficient_scope`.
    #[serde(skip)]
    pub missing_scope: Option<String>,
}

/// One broken rule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ProblemField {
    /// JSON pointer into the body, or the name of a parameter.
    pub pointer: String,
    pub code: String,
    pub message: String,
}

impl Problem {
    fn place(&self) -> String {
        format!("{} ({} {})", self.request, self.status, self.code)
    }

    fn hint(&self) -> Option<String> {
        Some(match self.code.as_str() {
            "unauthenticated" => {
                "jobs login, or another API key in JOBS_API_KEY: this one is expired, revoked or of another server"
                    .into()
            }
            "insufficient_scope" => match &self.missing_scope {
                Some(scope) => format!("an API key with the scope {scope}: jobs keys create NAME --scope {scope}"),
                None => "an API key with the scope that is missing".into(),
            },
            "forbidden" => "a log-in (jobs login): API keys cannot do this".into(),
            "not_found" => "jobs list or jobs runs list shows what there is; ids of your own begin with ext:".into(),
            "invalid_transition" if !self.allowed.is_empty() => format!("allowed now: {}", self.allowed.join(", ")),
            "overlap_skipped" => {
                "wait for the run under way, cancel it (jobs runs cancel RUN), or change the job's overlap".into()
            }
            "external_id_taken" => "jobs edit ext:EXTERNAL_ID changes the job that has it".into(),
            "rate_limited" | "unavailable" => "the same again in a little while".into(),
            _ => return None,
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.errors.is_empty() {
            return f.write_str(if self.detail.is_empty() {
                &self.title
            } else {
                &self.detail
            });
        }
        let lines: Vec<_> = self
            .errors
            .iter()
            .map(|error| {
                if error.pointer.is_empty() {
                    error.message.clone()
                } else {
                    format!("{}: {}", error.pointer, error.message)
                }
            })
            .collect();
        f.write_str(&lines.join("\n       "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_exit_code() {
        for (status, code) in [
            (400, exit::REFUSED),
            (401, exit::NOT_ALLOWED),
            (403, exit::NOT_ALLOWED),
            (404, exit::NOT_FOUND),
            (409, exit::CONFLICT),
            (412, exit::CONFLICT),
            (413, exit::REFUSED),
            (422, exit::REFUSED),
            (429, exit::UNAVAILABLE),
            (500, exit::UNAVAILABLE),
            (503, exit::UNAVAILABLE),
        ] {
            let problem = Problem {
                status,
                ..Problem::default()
            };
            assert_eq!(Error::Problem(Box::new(problem)).exit_code(), code, "{status}");
        }
        assert_eq!(Error::usage("x").exit_code(), 2);
        assert_eq!(Error::Failed("x".into()).exit_code(), 1);
    }

    #[test]
    fn a_report_says_what_where_and_what_would_be_right() {
        let problem: Problem = serde_json::from_str(
            r#"{"status":422,"code":"validation_failed","detail":"d","request_id":"r1","errors":[
                {"pointer":"/priority","code":"unknown_word","message":"no such word"},{"pointer":"","code":"x","message":"whole"}]}"#,
        )
        .unwrap();
        let problem = Problem {
            request: "POST http://x/api/v1/jobs".into(),
            ..problem
        };
        assert_eq!(
            Error::Problem(Box::new(problem)).report(),
            "error: /priority: no such word\n       whole\n  where: POST http://x/api/v1/jobs (422 validation_failed)\n  request id: r1"
        );
        assert_eq!(Error::usage_with("a", "b").report(), "error: a\n  try: b");
    }
}
