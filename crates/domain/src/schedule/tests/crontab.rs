//! A whole crontab: what each line becomes.

use super::*;
use crate::schedule::crontab::{Entry, LineKind, MAX_LINES, parse};

fn now() -> Timestamp {
    at("2026-05-01 12:00")
}

/// One line of words per line of the crontab.
fn told(crontab: &str) -> Vec<String> {
    let lines = parse(crontab, "Europe/Berlin", now()).unwrap();
    for (line, (index, text)) in lines.iter().zip(crontab.lines().enumerate()) {
        assert_eq!((line.line, line.text.as_str()), (index + 1, text));
    }
    let tell = |kind: &LineKind| match kind {
        LineKind::Ignored(why) => format!("ignored: {why}"),
        LineKind::Error(error) => format!("error {} {}: {}", error.pointer, error.code, error.message),
        LineKind::Entry(entry) => {
            let When::Cron {
                expression, time_zone, ..
            } = &entry.schedule.when
            else {
                panic!("no cron: {entry:?}");
            };
            let stdin = entry
                .stdin
                .as_ref()
                .map(|text| format!(" <- {text:?}"))
                .unwrap_or_default();
            format!("{expression} in {time_zone}: {}{stdin}", entry.command)
        }
    };
    lines.iter().map(|line| tell(&line.kind)).collect()
}

fn entry(line: &str) -> Entry {
    match parse(line, "UTC", now()).unwrap().remove(0).kind {
        LineKind::Entry(entry) => entry,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn a_crontab_as_people_have_them() {
    let crontab = "\
# m h dom mon dow command
SHELL=/bin/bash
MAILTO = \"ops@example.org\"

30 2 * * *  /usr/local/bin/backup --all
*/15\t9-17 * *  MON-FRI\tcurl -fsS https://example.org/ping?a=b
  @daily /opt/report.sh
CRON_TZ=America/New_York
0 9 * * 1 echo hello
TZ='Asia/Tokyo'
0 9 * * 1 echo konnichiwa
0 0 1 1 * mail -s \"100\\% done\" me%Dear me,%%it is done.
";
    assert_eq!(
        told(crontab),
        [
            "ignored: comment",
            "ignored: sets SHELL, which jobs here do not have",
            "ignored: sets MAILTO, which jobs here do not have",
            "ignored: blank line",
            "30 2 * * * in Europe/Berlin: /usr/local/bin/backup --all",
            "*/15 9-17 * * MON-FRI in Europe/Berlin: curl -fsS https://example.org/ping?a=b",
            "@daily in Europe/Berlin: /opt/report.sh",
            "ignored: sets the time zone of the lines below to America/New_York",
            "0 9 * * 1 in America/New_York: echo hello",
            "ignored: sets the time zone of the lines below to Asia/Tokyo",
            "0 9 * * 1 in Asia/Tokyo: echo konnichiwa",
            "0 0 1 1 * in Asia/Tokyo: mail -s \"100% done\" me <- \"Dear me,\\n\\nit is done.\"",
        ]
    );
}

#[test]
fn a_bad_line_says_why_and_the_others_go_on() {
    let told = told("0 25 * * * a\n* * * *\n@daily\n@reboot start\n0 0 30 2 * never\n* * * * * %in\n0 1 * * * fine\n");
    for (line, part) in told.iter().zip([
        "error /expression invalid_cron: hour field \"25\": 25 is not between 0 and 23 (character 3)",
        "error  incomplete_line: must have 5 fields (minute, hour, day of month, month, day of week) and a command",
        "error  incomplete_line: must have a nickname and a command",
        "error /expression unknown_nickname: \"@reboot\" names no time",
        "error /expression never_runs: never matches within eight years",
        "error  incomplete_line: must have a command before the first %",
        "0 1 * * * in Europe/Berlin: fine",
    ]) {
        assert!(line.starts_with(part), "{line}");
    }
    assert_eq!(told.len(), 7);
}

#[test]
fn the_zone_of_the_request_may_be_wrong_too() {
    let lines = parse("0 1 * * * a", "Europe/Berln", now()).unwrap();
    let LineKind::Error(error) = &lines[0].kind else {
        panic!("{lines:?}");
    };
    assert_eq!(
        (error.pointer.as_str(), error.code.as_str()),
        ("/time_zone", "unknown_time_zone")
    );
}

#[test]
fn lines_below_an_unknown_zone_do_not_run_in_another() {
    let told = told("CRON_TZ=Mars/Olympus\n0 1 * * * a\nCRON_TZ=UTC\n0 1 * * * b");
    assert!(
        told[0].starts_with("error /time_zone unknown_time_zone: \"Mars/Olympus\""),
        "{told:?}"
    );
    assert_eq!(
        told[1],
        "error /time_zone unknown_time_zone: the time zone set in line 1 is not known: mend that line first"
    );
    assert_eq!(told[3], "0 1 * * * in UTC: b");
}

#[test]
fn names_are_made_of_the_program_and_fit() {
    for (command, name) in [
        ("/usr/local/bin/backup --all /srv", "backup --all /srv"),
        ("backup", "backup"),
        ("/opt/a/b.sh", "b.sh"),
        ("cd /srv && ./run", "cd /srv && ./run"),
        ("FOO=/a/b run it", "FOO=/a/b run it"),
        ("/srv/ x", "/srv/ x"),
        ("a\tb\u{7}c", "a b c"),
    ] {
        assert_eq!(entry(&format!("0 1 * * * {command}")).name, name);
    }
    let long = entry(&format!("0 1 * * * /bin/echo {}", "ä".repeat(200)));
    assert_eq!(long.name.chars().count(), 100);
    assert!(long.name.starts_with("echo ää") && long.name.ends_with('…'));
    assert_eq!(long.command.chars().count(), 210);
}

#[test]
fn percent_signs_split_command_and_input_as_cron_does() {
    let split = |command: &str| {
        let entry = entry(&format!("@hourly {command}"));
        (entry.command, entry.stdin)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(split("date +\\%F"), ("date +%F".to_owned(), None));
    assert_eq!(split("cat%a%b\\%c"), ("cat".to_owned(), some("a\nb%c")));
    assert_eq!(split("cat %"), ("cat".to_owned(), some("")));
    assert_eq!(split("echo a\\b"), ("echo a\\b".to_owned(), None));
}

#[test]
fn line_breaks_of_windows_and_the_limit() {
    assert_eq!(told("0 1 * * * a\r\n\r\n# b\r\n").len(), 3);
    assert_eq!(entry("0 1 * * * a\r\n").command, "a");
    assert_eq!(
        parse(&"\n".repeat(MAX_LINES), "UTC", now()).map(|lines| lines.len()),
        Ok(MAX_LINES)
    );
    let error = parse(&"\n".repeat(MAX_LINES + 1), "UTC", now()).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("too_many", "has 1001 lines; at most 1000 are allowed")
    );
    assert_eq!(parse("", "UTC", now()), Ok(Vec::new()));
}
