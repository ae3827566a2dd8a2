//! What a line means that a command printed.

use super::lines::{Line, MAX_LINE, RESULT};
use serde::Serialize;
use serde_json::value::RawValue;

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Output,
    Errors,
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    pub percent: u8,
    /// Empty takes back what was said before.
    pub message: String,
}

/// The meaning of a line.
#[derive(Debug)]
pub(super) enum Said {
    /// `progress 40 page 2 of 5`
    Progress(Progress),
    /// `result {"rows": 1200}`
    Result(Box<RawValue>),
    /// Anything else: a line of the log.
    Text { level: Level, text: String },
}

/// Understands a line. Only standard output has progress and results; what merely looks like one is text.
pub(super) fn understand(line: &Line, from: Stream) -> Said {
    let text = String::from_utf8_lossy(&line.bytes);
    if from == Stream::Output && line.cut == 0 {
        if let Some(progress) = text.strip_prefix("progress ").and_then(progress) {
            return Said::Progress(progress);
        }
        if let Some(result) = text.strip_prefix(RESULT)
            && let Ok(result) = serde_json::from_str(result)
        {
            return Said::Result(result);
        }
    }
    let (level, text) = level(&text, from);
    Said::Text {
        level,
        text: shortened(text, line.cut),
    }
}

/// `40`, `40%`, `40 page 2 of 5`
fn progress(text: &str) -> Option<Progress> {
    let text = text.trim();
    let (number, message) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let percent = number.strip_suffix('%').unwrap_or(number).parse().ok()?;
    (percent <= 100).then(|| Progress {
        percent,
        // As many characters as the server takes.
        message: clean(message.trim()).chars().take(1_000).collect(),
    })
}

/// The priority of sd-daemon(3) that a line may begin with, such as `<3>`; otherwise what comes from standard error is a
/// warning.
fn level(text: &str, from: Stream) -> (Level, &str) {
    let digit = text.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    let level = match digit {
        Some(("0" | "1" | "2" | "3", _)) => Level::Error,
        Some(("4", _)) => Level::Warn,
        Some(("5" | "6", _)) => Level::Info,
        Some(("7", _)) => Level::Debug,
        _ if from == Stream::Errors => return (Level::Warn, text),
        _ => return (Level::Info, text),
    };
    (level, digit.map_or(text, |(_, rest)| rest))
}

/// At most as long as a line of the log may be; a line that was cut says so.
fn shortened(text: &str, cut: usize) -> String {
    let mut text = clean(text);
    if cut == 0 && text.len() <= MAX_LINE {
        return text;
    }
    let whole = text.len() + cut;
    let mark = |kept: usize| format!(" … [{} bytes cut]", whole - kept);
    let mut end = MAX_LINE - mark(0).len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text += &mark(end);
    text
}

/// Without control characters, which the server would take out as well: escaped in JSON they are six bytes each.
fn clean(text: &str) -> String {
    let visible = |c: char| if c.is_control() && c != '\t' { ' ' } else { c };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &[u8]) -> Line {
        Line {
            bytes: text.to_vec(),
            cut: 0,
        }
    }

    fn show(text: &str, from: Stream) -> String {
        match understand(&line(text.as_bytes()), from) {
            Said::Progress(progress) => format!("{} {:?}", progress.percent, progress.message),
            Said::Result(result) => format!("result: {result}"),
            Said::Text { level, text } => format!("{level:?}: {text}"),
        }
    }

    #[test]
    fn progress_is_a_number_up_to_100_and_maybe_a_word() {
        for (text, meaning) in [
            ("progress 40", r#"40 """#),
            ("progress 40%", r#"40 """#),
            ("progress 0 starting", r#"0 "starting""#),
            ("progress  100  page 5 of 5 ", r#"100 "page 5 of 5""#),
            ("progress 101", "Info: progress 101"),
            ("progress -1", "Info: progress -1"),
            ("progress 4.5", "Info: progress 4.5"),
            ("progress report of May", "Info: progress report of May"),
            ("progress ", "Info: progress "),
            ("progress", "Info: progress"),
            (" progress 40", "Info:  progress 40"),
        ] {
            assert_eq!(show(text, Stream::Output), meaning);
        }
        assert_eq!(show("progress 40", Stream::Errors), "Warn: progress 40");
    }

    #[test]
    fn a_result_is_json_and_keeps_every_digit() {
        for (text, meaning) in [
            (r#"result {"rows": 1.50}"#, r#"result: {"rows": 1.50}"#),
            ("result 12345678901234567890.10", "result: 12345678901234567890.10"),
            ("result null", "result: null"),
            ("result of the vote: no", "Info: result of the vote: no"),
            (r#"result {"rows": }"#, r#"Info: result {"rows": }"#),
        ] {
            assert_eq!(show(text, Stream::Output), meaning);
        }
        assert_eq!(show("result 1", Stream::Errors), "Warn: result 1");
    }

    #[test]
    fn levels_are_those_of_sd_daemon() {
        for (text, meaning) in [
            ("<3>on fire", "Error: on fire"),
            ("<4>warm", "Warn: warm"),
            ("<6>fine", "Info: fine"),
            ("<7>see", "Debug: see"),
            ("<8>what", "Info: <8>what"),
            ("<b>bold</b>", "Info: <b>bold</b>"),
            ("", "Info: "),
        ] {
            assert_eq!(show(text, Stream::Output), meaning);
        }
        assert_eq!(show("<6>fine", Stream::Errors), "Info: fine");
        assert_eq!(show("oh", Stream::Errors), "Warn: oh");
    }

    #[test]
    fn whatever_bytes_come_the_text_fits() {
        let ugly = line(&[0xff; MAX_LINE]);
        let long = Line {
            bytes: "ä".repeat(MAX_LINE / 2).into_bytes(),
            cut: 1_000,
        };
        for (line, whole) in [(ugly, 3 * MAX_LINE), (long, MAX_LINE + 1_000)] {
            let Said::Text { text, .. } = understand(&line, Stream::Output) else {
                panic!("{line:?}");
            };
            assert!(text.len() <= MAX_LINE && text.len() > MAX_LINE - 40, "{}", text.len());
            let (kept, mark) = text.split_once(" … [").unwrap();
            assert_eq!(mark, format!("{} bytes cut]", whole - kept.len()));
        }
        assert_eq!(show("a\u{1b}[1mb\u{0}c\td", Stream::Output), "Info: a [1mb c\td");
    }
}
