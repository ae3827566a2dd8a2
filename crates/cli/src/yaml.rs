//! YAML: read by a library, written by hand. What is written here is read back as the same value, by any reader of
//! YAML 1.1 or 1.2: whatever could be taken for something else than a string stands in quotes.

mod node;

use crate::{
    error::{Error, Result},
    numbers,
};
use serde_json::{Map, Value};
use serde_saphyr::options::NonFiniteFloatPolicy;
use std::fmt::Write;

/// Reads a document, YAML or JSON. `place` says where the text stood.
pub(crate) fn read(place: &str, text: &str) -> Result<Value> {
    let wrong = |error: String| {
        Error::usage_with(
            format!("{place}: {}", error.trim_end()),
            "YAML or JSON; jobs export shows the form",
        )
    };
    if text.trim_start().starts_with(['{', '[']) {
        return numbers::read(text).map_err(|error| wrong(error.to_string()));
    }
    // Too large for 64 bits is not too large: the digits count.
    let options = serde_saphyr::options! { non_finite_float_policy: NonFiniteFloatPolicy::PassThrough };
    let read = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let error = error.to_string();
        wrong(error.strip_prefix("error: ").unwrap_or(&error).to_owned())
    });
    node::value(text, read?).map_err(wrong)
}

/// Writes a value as a document. In each object `type` stands first: it says what the others mean.
pub(crate) fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => object(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => array(&mut out, items, 0),
        other => {
            scalar(&mut out, other, 0);
        }
    }
    out
}

/// Writes fields in this order, as the object at `indent`.
pub(crate) fn fields<'a>(out: &mut String, fields: impl IntoIterator<Item = (&'a str, &'a Value)>, indent: usize) {
    for (key, value) in fields {
        out.push_str(&" ".repeat(indent));
        entry(out, key, value, indent);
    }
}

fn object(out: &mut String, map: &Map<String, Value>, indent: usize) {
    let (first, others): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| *key == "type");
    let ordered = first.into_iter().chain(others);
    fields(out, ordered.map(|(key, value)| (key.as_str(), value)), indent);
}

fn entry(out: &mut String, key: &str, value: &Value, indent: usize) {
    string(out, key, indent, false);
    out.push(':');
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            object(out, map, indent + 2);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            array(out, items, indent + 2);
        }
        other => {
            out.push(' ');
            scalar(out, other, indent);
        }
    }
}

fn array(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        out.push_str(&" ".repeat(indent));
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => {
                let mut inner = String::new();
                object(&mut inner, map, indent + 2);
                out.push_str(inner.trim_start_matches(' '));
            }
            Value::Array(items) if !items.is_empty() => {
                let mut inner = String::new();
                array(&mut inner, items, indent + 2);
                out.push_str(inner.trim_start_matches(' '));
            }
            other => scalar(out, other, indent),
        }
    }
}

fn scalar(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(text) => match numbers::digits(value) {
            Some(digits) => out.push_str(digits),
            None => string(out, text, indent, true),
        },
        // Empty ones, and numbers, true, false, null, are written as in JSON.
        other => out.push_str(&other.to_string()),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

fn string(out: &mut String, text: &str, indent: usize, may_be_block: bool) {
    if is_plain(text) {
        out.push_str(text);
    } else if may_be_block && is_block(text) {
        out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                out.push_str(&" ".repeat(indent + 2));
                out.push_str(line);
            }
            out.push('\n');
        }
    } else {
        quoted(out, text);
    }
}

/// The escapes of JSON are escapes of YAML too; what JSON leaves alone and YAML does not print is added.
fn quoted(out: &mut String, text: &str) {
    let json = Value::from(text).to_string();
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Whether the text needs no quotes: it begins with a letter and has nothing that YAML gives a meaning to.
fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ];
    text.starts_with(|c: char| c.is_alphabetic())
        && !text.ends_with([' ', ':'])
        && !WORDS.contains(&text.to_lowercase().as_str())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || " _./:@+-()=~$;".contains(c))
        && !text.contains(": ")
}

/// Whether several lines can stand below each other as they are.
fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with("\n\n")
        && text
            .chars()
            .all(|c| c == '\n' || (!c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{85}')))
        && text.lines().all(|line| !line.ends_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_back() {
        let words = [
            "",
            " ",
            "a",
            "true",
            "Yes",
            "null",
            "~",
            "12",
            "1e3",
            "0x1f",
            "2026-11-27",
            "30 2 * * *",
            "a: b",
            "a #b",
            "- a",
            "a\nb",
            "a\nb\n",
            "a\n\nb\n\n",
            " a\nb",
            "a \nb",
            "a\tb",
            "\u{1}",
            "\u{85}",
            "\u{2028}",
            "'",
            "\"",
            "\\",
            "{",
            "[1]",
            "&a",
            "*",
            "!x",
            "|",
            ">",
            "%",
            "@",
            "`",
            "夜間 report",
            "***",
            "=",
            "<<",
            "a:",
            "http://x/y?z=1",
            "\u{feff}x",
            "key: |\n  x",
            "---",
            "...",
            "a\n---\nb",
            "e5",
            "😀",
        ];
        for word in words {
            for value in [
                json!(word),
                json!({word: word}),
                json!([word]),
                json!({"a": {"b": [word, {"c": word, "d": [[word]]}]}}),
            ] {
                let text = write(&value);
                assert_eq!(read("test", &text).unwrap(), value, "{text:?}");
            }
        }
        for value in [
            json!(null),
            json!({}),
            json!([]),
            json!({"a": [], "b": {}, "c": null, "d": true, "e": 1.5, "f": -3, "g": u64::MAX}),
            json!([[1, 2], [[]], {}]),
        ] {
            let text = write(&value);
            assert_eq!(read("test", &text).unwrap(), value, "{text:?}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = "a: 12345678901234567890.100\nb:\n  - 1e400\n  - -0.10\n  - 7\n  - 1234567890123456789012345678901234567890123456789\nc: \"1.50\"\nd: 1.50 # exactly\n";
        let value = read("test", text).unwrap();
        assert_eq!(write(&value), text.replace(" # exactly", ""));
        let json = r#"{"a":12345678901234567890.100,"b":[1e400,-0.10,7,1234567890123456789012345678901234567890123456789],"c":"1.50","d":1.50}"#;
        assert_eq!(numbers::write(&value), json);
        assert_eq!(read("test", json).unwrap(), value);
        // Also behind an alias, in the flow style, and where YAML writes them otherwise.
        let text = "{a: &n 2.50, b: *n, c: 0x1f, d: [0.10, +3]}";
        let expected = r#"{"a":2.50,"b":2.50,"c":31,"d":[0.10,3]}"#;
        assert_eq!(
            numbers::write(&read("test", &format!("- {text}\n")).unwrap()),
            format!("[{expected}]")
        );
        let error = read("test", "a: .inf\n").unwrap_err().to_string();
        assert_eq!(error, "test: line 1 column 4: .inf is no number of JSON");
    }

    #[test]
    fn it_looks_as_a_person_would_write_it() {
        let value = json!({"job_name": "Nightly report", "tags": ["a", "b"], "schedule": {"type": "cron", "expression": "30 2 * * *"}, "text": "one\ntwo\n"});
        let expected = "job_name: Nightly report\nschedule:\n  type: cron\n  expression: \"30 2 * * *\"\ntags:\n  - a\n  - b\ntext: |\n  one\n  two\n";
        assert_eq!(write(&value), expected);
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let error = read("jobs.yaml", "a: 1\nb: [1, 2\n").unwrap_err().to_string();
        assert!(error.starts_with("jobs.yaml: ") && error.contains("line "), "{error}");
        let error = read("jobs.json", "{\"a\": }").unwrap_err().to_string();
        assert!(error.contains("line 1 column 7"), "{error}");
        let error = read("twice.yaml", "a: 1\na: 2\n").unwrap_err().to_string();
        assert!(error.contains("duplicate"), "{error}");
    }
}
