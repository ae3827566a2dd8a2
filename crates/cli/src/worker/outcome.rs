//! What becomes of a run, from how its command ended.

use super::{
    command::Exit,
    lines::MAX_RESULT,
    orders::{End, Why},
    protocol::{Failure, Held},
};
use crate::client::Request;
use serde_json::value::{RawValue, to_raw_value};
use std::{fs, path::Path};

/// What the server is told.
#[derive(Debug)]
pub(super) enum Outcome {
    Complete(Option<Box<RawValue>>),
    Fail {
        code: String,
        message: String,
        retryable: bool,
    },
    Release,
}

/// The result of a command: what is in its file, else its last `result` line; or what is wrong with it.
pub(super) type ResultOf = Result<Option<Box<RawValue>>, String>;

impl Outcome {
    /// Judges the end of a command. `complaints` are its last words, each on a line of its own.
    pub(super) fn of(exit: &Exit, end: Option<End>, result: ResultOf, complaints: &str, no_retry: &[u8]) -> Self {
        let fail = |code: String, why: &str, retryable| Self::Fail {
            code,
            message: format!("{why}{complaints}"),
            retryable,
        };
        match (end.map(|end| end.why), exit) {
            // Many commands end well after SIGTERM, whether or not they are done: what was asked for counts.
            (Some(Why::Stopping), _) => Self::Release,
            (Some(_), _) => fail("cancelled".into(), "the command was stopped on request", false),
            (None, Exit::Code(0)) => match result {
                Ok(result) => Self::Complete(result),
                Err(why) => Self::refused(&why),
            },
            (None, Exit::Code(code)) => {
                let is_final = no_retry.iter().any(|final_code| i32::from(*final_code) == *code);
                fail(
                    format!("exit_{code}"),
                    &format!("the command ended with exit code {code}"),
                    !is_final,
                )
            }
            (None, Exit::Signal(signal)) => fail(
                format!("signal_{signal}"),
                &format!("the command was killed by signal {}", signal_name(*signal)),
                true,
            ),
            (None, Exit::NotStarted(why)) => fail(
                "cannot_start".into(),
                &format!("the command cannot be started: {why}"),
                true,
            ),
            (None, Exit::Unguarded) => fail(
                "guard_killed".into(),
                "the guard of the command was killed, and the command with it",
                true,
            ),
        }
    }

    /// The command ended well, but its result cannot be kept. Others may rely on it, so the run does not pass for completed;
    /// and the work was done, so it is not done again.
    pub(super) fn refused(why: &str) -> Self {
        Self::Fail {
            code: "result_refused".into(),
            message: format!("the command ended well, but its result was refused: {why}"),
            retryable: false,
        }
    }

    /// The call that tells of it.
    pub(super) fn request(&self, held: &Held) -> Result<Request, Failure> {
        match self {
            Self::Complete(result) => held.complete(result.as_deref()),
            Self::Fail {
                code,
                message,
                retryable,
            } => held.fail(code, &message.chars().take(8_000).collect::<String>(), *retryable),
            Self::Release => held.release(),
        }
    }

    /// The explanation of a failure.
    pub(super) fn message(&self) -> Option<&str> {
        match self {
            Self::Fail { message, .. } => Some(message),
            Self::Complete(_) | Self::Release => None,
        }
    }
}

/// Reads the file that a command may have written. What is no JSON is a text.
pub(super) fn result_in(file: &Path) -> ResultOf {
    let size = match fs::metadata(file) {
        Ok(about) if about.is_file() => about.len(),
        Ok(_) => return Err("JOBS_RESULT_FILE is no regular file".into()),
        Err(_) => return Ok(None),
    };
    if size > MAX_RESULT as u64 {
        return Err(format!("it has {size} bytes; at most {MAX_RESULT} are allowed"));
    }
    let bytes = fs::read(file).map_err(|error| format!("JOBS_RESULT_FILE cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let result = serde_json::from_str(text).or_else(|_| to_raw_value(text));
    result.map(Some).map_err(|error| error.to_string())
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return signal.to_string(),
    };
    format!("{signal} ({name})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::Instant;

    fn show(exit: &Exit, end: Option<Why>, result: ResultOf) -> String {
        let end = end.map(|why| End {
            why,
            kill_at: Instant::now() + Duration::from_secs(1),
        });
        match Outcome::of(exit, end, result, "\nno paper", &[65, 78]) {
            Outcome::Complete(result) => format!("complete {}", result.map(|r| r.get().to_owned()).unwrap_or_default()),
            Outcome::Fail {
                code,
                message,
                retryable,
            } => format!("{code} {retryable}: {message}"),
            Outcome::Release => "release".to_owned(),
        }
    }

    #[test]
    fn exit_codes_decide() {
        let one = || Ok(Some(to_raw_value(&1).unwrap()));
        assert_eq!(show(&Exit::Code(0), None, one()), "complete 1");
        assert_eq!(show(&Exit::Code(0), None, Ok(None)), "complete ");
        assert_eq!(
            show(&Exit::Code(0), None, Err("it is not UTF-8".into())),
            "result_refused false: the command ended well, but its result was refused: it is not UTF-8"
        );
        assert_eq!(
            show(&Exit::Code(75), None, one()),
            "exit_75 true: the command ended with exit code 75\nno paper"
        );
        assert_eq!(
            show(&Exit::Code(65), None, one()),
            "exit_65 false: the command ended with exit code 65\nno paper"
        );
        assert_eq!(
            show(&Exit::Signal(11), None, one()),
            "signal_11 true: the command was killed by signal 11 (SIGSEGV)\nno paper"
        );
        assert!(show(&Exit::NotStarted("no".into()), None, Ok(None)).starts_with("cannot_start true: "));
    }

    #[test]
    fn what_was_asked_for_comes_before_exit_codes() {
        for exit in [Exit::Code(0), Exit::Code(65), Exit::Signal(15)] {
            assert_eq!(show(&exit, Some(Why::Stopping), Ok(None)), "release");
            assert!(show(&exit, Some(Why::Cancelled), Ok(None)).starts_with("cancelled false: "));
        }
    }

    #[test]
    fn a_file_is_json_or_a_text() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("result");
        let read = || result_in(&file).map(|result| result.map(|result| result.get().to_owned()));
        assert_eq!(read(), Ok(None));
        for (content, result) in [
            ("", None),
            ("\n", None),
            ("{\"a\": 1.50}\n", Some("{\"a\": 1.50}")),
            ("42\n", Some("42")),
            ("two words\n", Some("\"two words\"")),
        ] {
            fs::write(&file, content).unwrap();
            assert_eq!(read(), Ok(result.map(str::to_owned)));
        }
        fs::write(&file, vec![b'1'; MAX_RESULT + 1]).unwrap();
        assert!(read().unwrap_err().contains("at most 262144"));
        fs::write(&file, [0xff]).unwrap();
        assert_eq!(read().unwrap_err(), "it is not UTF-8");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(read().is_err());
    }
}
