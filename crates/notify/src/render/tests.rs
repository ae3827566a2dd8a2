use super::*;
use chrono::DateTime;
use scheduler_domain::{
    clock::{SeededRandom, Timestamp},
    ids::{JobId, RunId},
    mail::{JobNotice, OtpPurpose},
    notice::{Facts, NoticeKind},
    run::RunError,
};

const URL: &str = "https://jobs.example.com";

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_795_500_000 + seconds, 0).unwrap()
}

fn otp(purpose: OtpPurpose, full_name: &str) -> Message {
    Message::Otp {
        purpose,
        code: "04829173".to_owned(),
        full_name: full_name.to_owned(),
        expires_at: at(300),
        minutes: 5,
    }
}

fn notice(kind: NoticeKind) -> JobNotice {
    let random = SeededRandom::new(7);
    let is_instant = kind == NoticeKind::Missed;
    let error = matches!(
        kind,
        NoticeKind::FinalFailure | NoticeKind::Failure | NoticeKind::Reminder
    );
    JobNotice {
        kind,
        job_id: JobId::new(at(0), &random),
        at: at(12_000),
        facts: Facts {
            job_name: "Nightly <report> & co".to_owned(),
            at: at(12_000),
            run_id: (!is_instant).then(|| RunId::new(at(0), &random)),
            attempt: 3,
            max_attempts: 5,
            error: error.then(|| RunError::new("http_503", "the server answered 503: <b>try later</b>")),
            retry_at: Some(at(12_300)),
            planned_at: Some(at(0)),
            last_planned_at: is_instant.then(|| at(9_000)),
            instants: 4,
            reason: is_instant.then(|| "no server was there in time: found 50 min late".to_owned()),
        },
        opened_at: at(0),
        failures: 17,
        next_run_at: Some(at(86_400)),
    }
}

fn jobs(full_name: &str, notices: Vec<JobNotice>) -> Message {
    Message::Jobs {
        full_name: full_name.to_owned(),
        time_zone: "Europe/Vienna".to_owned(),
        notices,
    }
}

fn every_message(full_name: &str) -> Vec<(&'static str, Message)> {
    let full_name = full_name.to_owned();
    let about_jobs = [
        ("job_failed", vec![NoticeKind::FinalFailure]),
        ("job_attempt_failed", vec![NoticeKind::Failure]),
        ("job_missed", vec![NoticeKind::Missed]),
        ("job_late", vec![NoticeKind::Late]),
        ("job_recovered", vec![NoticeKind::Recovery]),
        ("job_still_failing", vec![NoticeKind::Reminder]),
        (
            "job_digest",
            [NoticeKind::FinalFailure, NoticeKind::Missed, NoticeKind::Recovery].repeat(8),
        ),
    ];
    let about_jobs = about_jobs.map(|(name, kinds)| (name, jobs(&full_name, kinds.into_iter().map(notice).collect())));
    let others = vec![
        ("otp_sign_up", otp(OtpPurpose::SignUp, &full_name)),
        ("otp_log_in", otp(OtpPurpose::LogIn, &full_name)),
        ("otp_password_reset", otp(OtpPurpose::PasswordReset, &full_name)),
        (
            "account_exists",
            Message::AccountExists {
                full_name: full_name.clone(),
            },
        ),
        (
            "password_changed",
            Message::PasswordChanged {
                full_name: full_name.clone(),
                at: at(0),
            },
        ),
        (
            "session_revoked",
            Message::SessionRevoked {
                full_name: full_name.clone(),
                at: at(0),
            },
        ),
        (
            "webhook_disabled",
            Message::WebhookDisabled {
                full_name,
                url: "https://hooks.example.net/in?a=1&b=<2>".to_owned(),
                reason: "410 Gone".to_owned(),
            },
        ),
    ];
    others.into_iter().chain(about_jobs).collect()
}

#[test]
fn every_mail_reads_well() {
    for (name, message) in every_message("Ada Lovelace") {
        let mail = mail(&message, URL).unwrap();
        insta::assert_snapshot!(
            name,
            format!("Subject: {}\nSMS: {}\n\n{}", mail.subject, sms(&message), mail.text)
        );
    }
}

#[test]
fn the_code_stands_on_a_line_of_its_own_and_not_in_the_subject() {
    for purpose in [OtpPurpose::SignUp, OtpPurpose::LogIn, OtpPurpose::PasswordReset] {
        let mail = mail(&otp(purpose, "Ada"), URL).unwrap();
        let eight = |line: &&str| line.len() == 8 && line.bytes().all(|b| b.is_ascii_digit());
        assert_eq!(mail.text.lines().filter(eight).collect::<Vec<_>>(), ["04829173"]);
        assert!(!mail.subject.contains("0482"));
        assert!(
            mail.html.contains(">0482</span><span>9173</span>"),
            "copied as eight digits in a row"
        );
    }
}

#[test]
fn nothing_is_fetched_and_only_the_installation_is_linked() {
    for (name, message) in every_message("Ada Lovelace") {
        let html = mail(&message, URL).unwrap().html;
        for remote in [
            "<img",
            "src=",
            "url(",
            "<link",
            "@import",
            "<script",
            "<iframe",
            "background=",
        ] {
            assert!(!html.contains(remote), "{name}: {remote}");
        }
        let links: Vec<&str> = html
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(
            !links.is_empty()
                && links.iter().all(|link| link
                    .strip_prefix(URL)
                    .is_some_and(|path| path.is_empty() || path.starts_with("/app/"))),
            "{name}: {links:?}"
        );
        assert!(!html.contains("{{") && !html.contains("{%"));
    }
}

#[test]
fn everything_is_escaped() {
    let nasty = "<script>alert('x')</script>\" & co";
    for (name, message) in every_message("Ada <b>&\"'") {
        let html = mail(&message, URL).unwrap().html;
        assert!(!html.contains("<b>"), "{name}");
        assert!(html.contains("Hello Ada &#60;b&#62;&#38;&#34;&#39;,"), "{name}");
    }
    let message = Message::WebhookDisabled {
        full_name: String::new(),
        url: nasty.to_owned(),
        reason: nasty.to_owned(),
    };
    let html = mail(&message, "https://x.example/\"><script>").unwrap().html;
    assert!(!html.contains("<script"));
    assert!(html.contains("&#60;script&#62;alert(&#39;x&#39;)"));
}

#[test]
fn mails_have_no_long_lines_and_subjects_are_one() {
    for (name, message) in every_message("Ada Lovelace") {
        let mail = mail(&message, URL).unwrap();
        assert!(
            !mail.subject.is_empty() && mail.subject.len() <= 78 && !mail.subject.contains('\n'),
            "{name}"
        );
        assert!(mail.text.lines().all(|line| line.chars().count() <= 120), "{name}");
    }
}

#[test]
fn short_messages_are_short_and_show_on_every_telephone() {
    for (name, message) in every_message("Ada Lovelace") {
        let text = sms(&message);
        assert!(text.len() <= 160, "{name}: {}", text.len());
        assert!(
            text.is_ascii() && !text.contains(['[', ']', '{', '}', '\\', '^', '~', '|', '`', '\n']),
            "{name}"
        );
    }
    assert!(sms(&otp(OtpPurpose::LogIn, "x")).starts_with("04829173 "));
}
