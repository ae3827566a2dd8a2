//! What a run says while it works.

use crate::{clock::Timestamp, user::Word, words};
use serde::{Deserialize, Serialize};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

impl LogLevel {
    /// This level and what matters more.
    pub fn and_above(self) -> Vec<Self> {
        let levels = Self::ALL.iter().map(|(level, _)| *level);
        levels.skip_while(|level| *level != self).collect()
    }
}

words!(LogLevel { Debug = "debug", Info = "info", Warn = "warn", Error = "error" });

/// One line of the log of a run. Field order and names are the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Its number, from 1 and without gaps.
    pub line: u32,
    /// When it was written.
    pub at: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// The text, one line.
    pub text: String,
}

/// How many lines of its own a run may write.
pub const MAX_LOG_LINES: u32 = 10_000;
/// How many bytes of text a run may write.
pub const MAX_LOG_BYTES: u32 = 1024 * 1024;

/// How much of its log a run has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRoom {
    /// Lines, the one that says that there is no more room among them.
    pub lines: u32,
    /// Bytes of text; more than [`MAX_LOG_BYTES`] once a line was dropped.
    pub bytes: u32,
}

impl LogRoom {
    /// What the last line of a log says that had no room for more.
    pub const FULL: &'static str = "the log is full (10,000 lines or 1 MiB); what follows is dropped";

    /// Whether a line was dropped before: then every later one is, however short.
    pub const fn is_full(self) -> bool {
        self.lines > MAX_LOG_LINES || self.bytes > MAX_LOG_BYTES
    }

    /// Takes lines of these lengths, as far as there is room; answers how many. When not all of them fit, the log is
    /// full from now on, and one more line, counted here, says so.
    pub fn take(&mut self, lengths: impl IntoIterator<Item = usize>) -> usize {
        if self.is_full() {
            return 0;
        }
        let mut taken = 0;
        for length in lengths {
            let bytes = self.bytes.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
            if self.lines >= MAX_LOG_LINES || bytes > MAX_LOG_BYTES {
                self.lines += 1;
                self.bytes = MAX_LOG_BYTES + 1;
                break;
            }
            self.lines += 1;
            self.bytes = bytes;
            taken += 1;
        }
        taken
    }
}

/// A text as one line that does nothing to a terminal: without the line break at its end, control characters other than
/// tab replaced by blanks.
pub fn clean_line(text: &str) -> String {
    clean(text.trim_end_matches(['\r', '\n']))
}

fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\t' { ' ' } else { c })
        .collect()
}

/// A [`clean_line`] that may have colours: escape sequences that only style the text after them (SGR, `ESC [ … m`) stay;
/// those that would move the cursor or erase something go, with all that belongs to them.
pub fn styled_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        out.push_str(&clean(&rest[..at]));
        let (sequence, after) = rest[at..].split_at(escape_length(&rest[at..]));
        if is_style(sequence) {
            out.push_str(sequence);
        }
        rest = after;
    }
    out.push_str(&clean_line(rest));
    out
}

/// How many bytes belong to the escape sequence that a text begins with (ECMA-48: CSI, OSC, and two-character ones).
fn escape_length(text: &str) -> usize {
    let body = text.get(1..).unwrap_or_default();
    let end = match body.chars().next() {
        Some('[') => body
            .char_indices()
            .skip(1)
            .find(|(_, c)| !(' '..='?').contains(c))
            .map(|(at, c)| if ('@'..='~').contains(&c) { at + 1 } else { at }),
        Some(']') => body.find(['\x07', '\x1b']).map(|at| {
            if body[at..].starts_with("\x1b\\") {
                at + 2
            } else {
                at + 1
            }
        }),
        Some(c) if ('@'..='_').contains(&c) => Some(1),
        _ => Some(0),
    };
    1 + end.unwrap_or(body.len())
}

fn is_style(sequence: &str) -> bool {
    let inner = sequence.strip_prefix("\x1b[").and_then(|text| text.strip_suffix('m'));
    inner.is_some_and(|inner| {
        inner
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EMPTY: LogRoom = LogRoom { lines: 0, bytes: 0 };

    #[test]
    fn ten_thousand_lines_and_one_that_says_so() {
        let mut room = EMPTY;
        assert_eq!(room.take(std::iter::repeat_n(1, 9_999)), 9_999);
        assert!(!room.is_full());
        assert_eq!(room.take([1]), 1);
        assert!(!room.is_full(), "nothing was dropped yet");
        assert_eq!(room.take([1, 1]), 0);
        assert_eq!((room.is_full(), room.lines), (true, MAX_LOG_LINES + 1));
        assert_eq!(room.take([0]), 0);
        assert_eq!(room.lines, MAX_LOG_LINES + 1, "it is said once");
    }

    #[test]
    fn a_mebibyte_and_not_a_byte_more() {
        let mut room = EMPTY;
        assert_eq!(room.take([1024 * 1024 - 1]), 1);
        assert_eq!(room.take([1, 1]), 1);
        assert_eq!((room.is_full(), room.lines), (true, 3));
        assert_eq!(room.take([0]), 0, "a short line does not slip in later");
    }

    proptest! {
        #[test]
        fn no_more_is_kept_than_allowed(calls in proptest::collection::vec(proptest::collection::vec(0usize..8192, 0..500), 0..40)) {
            let (mut room, mut lines, mut bytes) = (EMPTY, 0, 0);
            for lengths in calls {
                let taken = room.take(lengths.iter().copied());
                lines += taken;
                bytes += lengths.iter().take(taken).sum::<usize>();
                prop_assert_eq!(taken < lengths.len(), room.is_full() && !lengths.is_empty());
            }
            prop_assert!(lines <= 10_000 && bytes <= 1024 * 1024);
            prop_assert_eq!(room.lines, u32::try_from(lines).unwrap() + u32::from(room.is_full()));
        }

        #[test]
        fn a_styled_line_is_one_line_with_nothing_but_styles(text in "(\\PC|\\x1b|\\[|[0-9;m]|\n|\\x07){0,60}") {
            let styled = styled_line(&text);
            let mut rest = styled.as_str();
            while let Some(at) = rest.find('\x1b') {
                let length = escape_length(&rest[at..]);
                prop_assert!(is_style(&rest[at..at + length]), "{:?}", styled);
                prop_assert!(!rest[..at].chars().any(|c| c.is_control() && c != '\t'));
                rest = &rest[at + length..];
            }
            prop_assert!(!rest.chars().any(|c| c.is_control() && c != '\t'));
        }

        #[test]
        fn a_cleaned_line_is_one_line(text in ".{0,60}") {
            prop_assert!(!clean_line(&text).chars().any(|c| c.is_control() && c != '\t'));
        }
    }

    #[test]
    fn colours_stay_and_whatever_else_escapes_does_not() {
        for (text, styled) in [
            ("plain\r\n", "plain"),
            ("a\x1b[31mb\x1b[0m c", "a\x1b[31mb\x1b[0m c"),
            ("\x1b[1;38;5;208mé\x1b[m", "\x1b[1;38;5;208mé\x1b[m"),
            ("\x1b[2K\x1b[1Adone\x1b[?25h", "done"),
            ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x1b\\", "link"),
            ("\x1b]0;title never ends", ""),
            ("\x1bcreset \x1bMup", "creset up"),
            ("end\x1b", "end"),
            ("end\x1b[", "end"),
            ("\x1b[31\nm", " m"),
            ("\x1b[>4;1mx", "x"),
        ] {
            assert_eq!(styled_line(text), styled, "{text:?}");
        }
    }

    #[test]
    fn escapes_and_line_breaks_are_defused() {
        assert_eq!(clean_line("a\tb\x1b[31mc\nd\r\n"), "a\tb [31mc d");
    }
}
