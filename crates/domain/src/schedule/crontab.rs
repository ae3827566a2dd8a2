//! A user's whole crontab, line by line.

use super::{Schedule, When, zone};
use crate::{
    clock::Timestamp,
    validate::{FieldError, excerpt},
};
use sha2::{Digest, Sha256};

/// The longest crontab, in lines.
pub const MAX_LINES: usize = 1_000;

/// The longest name that is made of a command, in characters.
const MAX_NAME: usize = 100;

/// A line of the crontab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub line: usize,
    /// Its text as it was, without the line break.
    pub text: String,
    /// What it is.
    pub kind: LineKind,
}

/// What a line of a crontab is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineKind {
    /// It plans nothing; says why.
    Ignored(String),
    /// It seems to plan something, but cannot be taken over; says why, and what would be right. The pointer is empty
    /// or names a field of the schedule, such as `/expression`.
    Error(FieldError),
    /// It plans a command.
    Entry(Entry),
}

/// A planned command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it runs; valid at the given present.
    pub schedule: Schedule,
    /// What cron would give to the shell: the text up to the first `%`, with `\%` read as `%`.
    pub command: String,
    /// What cron would give to the command as input: the text after the first `%`, further ones being line breaks.
    pub stdin: Option<String>,
    /// A name for a job: the command without the folder of its program, at most 100 characters.
    pub name: String,
}

impl Entry {
    /// The first 64 bits of the SHA-256 of when and what, as hexadecimal digits: the same for the same line and zone,
    /// however it is spaced, and never changed by a later version, because jobs are found again by it.
    pub fn digest(&self) -> String {
        let when = match &self.schedule.when {
            When::Cron { expression, .. } => expression.split_whitespace().collect::<Vec<_>>().join(" "),
            When::Once { .. } | When::Interval { .. } => String::new(),
        };
        let parts = [
            &when,
            self.schedule.time_zone(),
            &self.command,
            self.stdin.as_deref().unwrap_or_default(),
        ];
        let digest = Sha256::digest(parts.join("\n"));
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Reads a crontab of a user: five fields (or a nickname) and a command; comments; and settings, of which `CRON_TZ` and
/// `TZ` set the zone of the lines after them. Debian's cron reads `TZ` only for the commands; whoever writes it here
/// means the times.
///
/// # Errors
///
/// More than [`MAX_LINES`] lines. A mistake in one line is that line's [`LineKind::Error`].
pub fn parse(crontab: &str, time_zone: &str, now: Timestamp) -> Result<Vec<Line>, FieldError> {
    let count = crontab.lines().count();
    if count > MAX_LINES {
        let message = format!("has {count} lines; at most {MAX_LINES} are allowed");
        return Err(FieldError::new("", "too_many", message));
    }
    let mut zone = Ok(time_zone.to_owned());
    Ok(crontab
        .lines()
        .enumerate()
        .map(|(index, text)| Line {
            line: index + 1,
            text: text.to_owned(),
            kind: read(text, index + 1, &mut zone, now),
        })
        .collect())
}

/// The zone in force, or the number of the line that named an unknown one.
type Zone = Result<String, usize>;

fn read(text: &str, number: usize, zone: &mut Zone, now: Timestamp) -> LineKind {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return LineKind::Ignored("blank line".to_owned());
    }
    if trimmed.starts_with('#') {
        return LineKind::Ignored("comment".to_owned());
    }
    if let Some((name, value)) = setting(trimmed) {
        return set(name, value, number, zone);
    }
    entry(trimmed, zone, now).unwrap_or_else(LineKind::Error)
}

/// `NAME=value`, with blanks around the sign and quotes around either side.
fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = unquoted(name.trim());
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    (starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')).then(|| (name, unquoted(value.trim())))
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

fn set(name: &str, value: &str, number: usize, zone: &mut Zone) -> LineKind {
    if !matches!(name, "CRON_TZ" | "TZ") {
        return LineKind::Ignored(format!("sets {}, which jobs here do not have", excerpt(name)));
    }
    match zone::parse(value) {
        Ok(_) => {
            *zone = Ok(value.to_owned());
            LineKind::Ignored(format!("sets the time zone of the lines below to {value}"))
        }
        Err(message) => {
            *zone = Err(number);
            LineKind::Error(FieldError::new("/time_zone", "unknown_time_zone", message))
        }
    }
}

fn entry(line: &str, zone: &Zone, now: Timestamp) -> Result<LineKind, FieldError> {
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let (expression, command) = split_after(line, fields).ok_or_else(|| {
        let expected = if fields == 1 {
            "a nickname and a command, separated by a blank"
        } else {
            "5 fields (minute, hour, day of month, month, day of week) and a command, separated by blanks"
        };
        FieldError::new("", "incomplete_line", format!("must have {expected}"))
    })?;
    let zone = zone.as_ref().map_err(|number| {
        let message = format!("the time zone set in line {number} is not known: mend that line first");
        FieldError::new("/time_zone", "unknown_time_zone", message)
    })?;
    let schedule = Schedule::cron(expression, zone.as_str())
        .validated("", now)
        .map_err(|errors| {
            let fallback = FieldError::new("", "invalid_line", "cannot be read");
            errors.into_iter().next().unwrap_or(fallback)
        })?;
    let (command, stdin) = command_and_input(command);
    if command.is_empty() {
        return Err(FieldError::new(
            "",
            "incomplete_line",
            "must have a command before the first %",
        ));
    }
    Ok(LineKind::Entry(Entry {
        schedule,
        name: name_of(&command),
        command,
        stdin,
    }))
}

/// The first `fields` words of a line, and what follows them; both without outer blanks.
fn split_after(line: &str, fields: usize) -> Option<(&str, &str)> {
    let mut rest = line;
    for _ in 0..fields {
        let end = rest.find(char::is_whitespace)?;
        rest = rest[end..].trim_start();
    }
    let head = line[..line.len() - rest.len()].trim_end();
    (!rest.is_empty()).then_some((head, rest))
}

fn command_and_input(text: &str) -> (String, Option<String>) {
    let (mut command, mut stdin) = (String::new(), None::<String>);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let c = match c {
            '\\' if letters.peek() == Some(&'%') => {
                letters.next();
                '%'
            }
            '%' => match &mut stdin {
                Some(_) => '\n',
                None => {
                    stdin = Some(String::new());
                    continue;
                }
            },
            c => c,
        };
        stdin.as_mut().unwrap_or(&mut command).push(c);
    }
    (command.trim_end().to_owned(), stdin)
}

fn name_of(command: &str) -> String {
    let (program, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    // `VAR=/a/b program` starts with a setting, not with a path.
    let program = match program.rsplit_once('/') {
        Some((_, file)) if !file.is_empty() && !program.contains('=') => file,
        _ => program,
    };
    let name = format!("{program} {}", rest.trim());
    let name: String = name
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if name.chars().count() <= MAX_NAME {
        return name;
    }
    name.chars().take(MAX_NAME - 1).chain(['…']).collect()
}
