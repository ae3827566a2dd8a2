//! What has become of jobs, in words.

use super::{Frame, Rendered, mails, phrase};
use scheduler_domain::{
    mail::JobNotice,
    notice::{Facts, HEARTBEAT_MISSED, NoticeKind},
};

/// How many notices one mail names; the rest is counted.
const NAMED: usize = 20;
/// How many characters of a job's name fit into a subject.
const SUBJECT_NAME: usize = 48;
/// How many characters of an error stand in a list.
const LINE: usize = 160;

const RED: &str = "#b91c1c";
const AMBER: &str = "#b45309";
const GREEN: &str = "#15803d";

/// A line of a mail that tells much.
pub(super) struct Line {
    pub(super) badge: &'static str,
    pub(super) colour: &'static str,
    pub(super) job_name: String,
    pub(super) at: String,
    pub(super) detail: String,
    pub(super) link: String,
}

/// Label and value.
pub(super) type Row = (&'static str, String);

fn badge(kind: NoticeKind) -> (&'static str, &'static str) {
    match kind {
        NoticeKind::FinalFailure => ("Failed", RED),
        NoticeKind::Missed => ("Missed", RED),
        NoticeKind::Reminder => ("Still failing", RED),
        NoticeKind::Failure => ("Attempt failed", AMBER),
        NoticeKind::Late => ("Late", AMBER),
        NoticeKind::Recovery => ("Works again", GREEN),
    }
}

/// Whether the latest trouble is a ping that never came.
fn is_silence(facts: &Facts) -> bool {
    facts.error.as_ref().is_some_and(|error| error.code == HEARTBEAT_MISSED)
}

fn heading(notice: &JobNotice) -> String {
    let name = phrase::one_line(&notice.facts.job_name);
    match notice.kind {
        NoticeKind::FinalFailure => format!("“{name}” failed"),
        NoticeKind::Missed if is_silence(&notice.facts) => format!("No ping came for “{name}”"),
        NoticeKind::Missed => format!("“{name}” was not run"),
        NoticeKind::Reminder => format!("“{name}” is still not well"),
        NoticeKind::Failure => format!("An attempt of “{name}” failed"),
        NoticeKind::Late => format!("“{name}” began late"),
        NoticeKind::Recovery => format!("“{name}” works again"),
    }
}

fn intro(notice: &JobNotice, zone: &str) -> String {
    let facts = &notice.facts;
    let at = |at| phrase::local(at, zone);
    match notice.kind {
        NoticeKind::FinalFailure if facts.attempt > 1 => {
            format!("The run failed for good, after {} attempts.", facts.attempt)
        }
        NoticeKind::FinalFailure => "The run failed, and it is not tried again.".to_owned(),
        NoticeKind::Missed if is_silence(facts) => match facts.planned_at {
            Some(planned) => format!("The ping that was expected at {} did not come in time.", at(planned)),
            None => "The ping that was expected did not come in time.".to_owned(),
        },
        NoticeKind::Missed => match (facts.planned_at, facts.last_planned_at) {
            (Some(first), Some(last)) => format!(
                "{} planned instants passed without a run, from {} to {}.",
                facts.instants,
                at(first),
                at(last)
            ),
            (Some(only), None) => format!("The instant that was planned for {} passed without a run.", at(only)),
            (None, _) => "A planned instant passed without a run.".to_owned(),
        },
        NoticeKind::Reminder => format!(
            "It has not been well for {}, since {}: {}.",
            phrase::span(notice.at - notice.opened_at),
            at(notice.opened_at),
            failures(notice)
        ),
        NoticeKind::Failure => {
            let next = facts
                .retry_at
                .map(|next| format!(" The next one is due at {}.", at(next)));
            let (attempt, most) = (facts.attempt, facts.max_attempts);
            format!("Attempt {attempt} of {most} failed.{}", next.unwrap_or_default())
        }
        NoticeKind::Late => match facts.planned_at {
            Some(planned) => format!(
                "The run planned for {} began {} late: no server was there in time.",
                at(planned),
                phrase::span(facts.at - planned)
            ),
            None => "A run began late, because no server was there in time.".to_owned(),
        },
        NoticeKind::Recovery => format!(
            "It had not been well for {}, since {}: {}.",
            phrase::span(notice.at - notice.opened_at),
            at(notice.opened_at),
            failures(notice)
        ),
    }
}

fn failures(notice: &JobNotice) -> String {
    match notice.failures {
        0 => "attempts failed".to_owned(),
        1 => "1 failure".to_owned(),
        many => format!("{many} failures"),
    }
}

/// What was reported, as it was reported.
fn report(facts: &Facts, kind: NoticeKind) -> String {
    match (kind, &facts.error, &facts.reason) {
        (NoticeKind::Recovery | NoticeKind::Late, ..) | (_, None, None) => String::new(),
        (_, Some(error), _) => error.message.clone(),
        (_, None, Some(reason)) => reason.clone(),
    }
}

fn rows(notice: &JobNotice, zone: &str) -> Vec<Row> {
    let facts = &notice.facts;
    let mut rows = vec![("When", phrase::local(facts.at, zone))];
    let has_report = !matches!(notice.kind, NoticeKind::Recovery | NoticeKind::Late);
    if let Some(error) = facts.error.as_ref().filter(|_| has_report) {
        rows.push(("Error", error.code.clone()));
    }
    if has_report && facts.max_attempts > 1 {
        rows.push(("Attempts", format!("{} of {}", facts.attempt, facts.max_attempts)));
    }
    if let Some(next) = notice.next_run_at {
        rows.push(("Next run", phrase::local(next, zone)));
    }
    rows
}

fn link(frame: &Frame<'_>, notice: &JobNotice) -> (&'static str, String) {
    match notice.facts.run_id {
        Some(run_id) => ("Open the run", frame.page(&format!("runs/{run_id}"))),
        None => ("Open the job", frame.page(&format!("jobs/{}", notice.job_id))),
    }
}

fn settings(frame: &Frame<'_>) -> String {
    frame.page("account/notices")
}

fn short(text: &str, most: usize) -> String {
    let text = phrase::one_line(text);
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// One notice in a mail of its own.
fn one(frame: &Frame<'_>, notice: &JobNotice, zone: &str) -> Result<Rendered, askama::Error> {
    let (badge, colour) = badge(notice.kind);
    let (action, link) = link(frame, notice);
    let after = match notice.kind {
        NoticeKind::Recovery | NoticeKind::Late => "",
        NoticeKind::Failure => "You are told again only if it gets worse, and when it works again.",
        _ => "Further failures are not told one by one: you hear of it again when it works.",
    };
    mails::JobNotice {
        frame,
        subject: format!("{badge}: {}", short(&notice.facts.job_name, SUBJECT_NAME)),
        badge,
        colour,
        heading: heading(notice),
        intro: intro(notice, zone),
        quote: report(&notice.facts, notice.kind),
        rows: rows(notice, zone),
        action,
        link,
        after: after.to_owned(),
        settings: settings(frame),
    }
    .render()
}

/// Many notices in one mail.
fn many(frame: &Frame<'_>, notices: &[JobNotice], zone: &str) -> Result<Rendered, askama::Error> {
    let good = notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Recovery)
        .count();
    let bad = notices.len() - good;
    let problems = if bad == 1 {
        "1 problem".to_owned()
    } else {
        format!("{bad} problems")
    };
    let subject = match (bad, good) {
        (_, 0) => format!("{problems} with your jobs"),
        (0, good) => format!("{good} jobs work again"),
        (_, 1) => format!("{problems} with your jobs, 1 works again"),
        (_, good) => format!("{problems} with your jobs, {good} work again"),
    };
    let line = |notice: &JobNotice| {
        let (badge, colour) = badge(notice.kind);
        Line {
            badge,
            colour,
            job_name: short(&notice.facts.job_name, 80),
            at: phrase::local(notice.facts.at, zone),
            detail: short(&report(&notice.facts, notice.kind), LINE),
            link: link(frame, notice).1,
        }
    };
    let more = notices.len().saturating_sub(NAMED);
    let more = if more == 0 {
        String::new()
    } else {
        format!("And {more} more, which the dashboard shows.")
    };
    mails::JobDigest {
        frame,
        heading: subject.clone(),
        subject,
        intro: format!(
            "{} things happened at about the same time; this mail tells of all of them.",
            notices.len()
        ),
        lines: notices.iter().take(NAMED).map(line).collect(),
        more,
        link: frame.page("jobs"),
        after: String::new(),
        settings: settings(frame),
    }
    .render()
}

pub(super) fn jobs(frame: &Frame<'_>, notices: &[JobNotice], zone: &str) -> Result<Rendered, askama::Error> {
    match notices {
        [only] => one(frame, only, zone),
        many => self::many(frame, many, zone),
    }
}
