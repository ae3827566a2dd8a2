//! Writes every mail as an HTML file, to look at: `cargo run -p scheduler-notify --example preview -- <folder>`.

use chrono::{DateTime, TimeDelta};
use scheduler_domain::{
    clock::{Clock, ManualClock, SeededRandom, Timestamp},
    ids::{JobId, RunId},
    mail::{JobNotice, Message, OtpPurpose, Recipient},
    notice::{Facts, NoticeKind},
    ports::Notifier,
    run::RunError,
    user::{Email, Word},
};
use scheduler_notify::{Notify, NotifyConfig};
use std::{error::Error, fs, path::PathBuf, sync::Arc};

/// What has become of jobs: each kind in a mail of its own, and many in one.
fn about_jobs(at: Timestamp, full_name: &str) -> Vec<(&'static str, Message)> {
    let random = SeededRandom::new(2);
    let notice = |kind: NoticeKind| JobNotice {
        kind,
        job_id: JobId::new(at, &random),
        at,
        facts: Facts {
            job_name: "Nightly report".to_owned(),
            at,
            run_id: Some(RunId::new(at, &random)),
            attempt: 3,
            max_attempts: 3,
            error: Some(RunError::new("http_503", "the server answered 503 Service Unavailable")),
            retry_at: Some(at + TimeDelta::minutes(5)),
            planned_at: Some(at - TimeDelta::hours(2)),
            last_planned_at: None,
            instants: 1,
            reason: None,
        },
        opened_at: at - TimeDelta::minutes(200),
        failures: 17,
        next_run_at: Some(at + TimeDelta::days(1)),
    };
    let mail = |notices: Vec<JobNotice>| Message::Jobs {
        full_name: full_name.to_owned(),
        time_zone: "Europe/Vienna".to_owned(),
        notices,
    };
    let each = NoticeKind::ALL
        .iter()
        .map(|(kind, word)| (*word, mail(vec![notice(*kind)])));
    let digest = NoticeKind::ALL
        .iter()
        .cycle()
        .take(24)
        .map(|(kind, _)| notice(*kind))
        .collect();
    each.chain([("digest", mail(digest))]).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    fs::create_dir_all(&folder)?;
    let clock = Arc::new(ManualClock::at(
        DateTime::from_timestamp(1_795_500_000, 0).unwrap_or_default(),
    ));
    let (at, full_name) = (clock.now(), "Ada Lovelace".to_owned());
    let otp = |purpose: OtpPurpose| Message::Otp {
        purpose,
        code: "04829173".to_owned(),
        full_name: full_name.clone(),
        expires_at: at + TimeDelta::seconds(300),
        minutes: 5,
    };
    let url = "https://hooks.example.net/incoming/scheduler?team=analytical-engines".to_owned();
    let reason = "the endpoint answered 410 Gone".to_owned();
    let mails = OtpPurpose::ALL
        .iter()
        .map(|(purpose, word)| (*word, otp(*purpose)))
        .chain([
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
                    at,
                },
            ),
            (
                "session_revoked",
                Message::SessionRevoked {
                    full_name: full_name.clone(),
                    at,
                },
            ),
            (
                "webhook_disabled",
                Message::WebhookDisabled {
                    full_name: full_name.clone(),
                    url,
                    reason,
                },
            ),
        ])
        .chain(about_jobs(at, &full_name));
    let notify = Notify::new(
        NotifyConfig::developer("https://jobs.example.com"),
        clock,
        Arc::new(SeededRandom::new(1)),
    )?;
    let mailbox = notify.developer_mailbox().ok_or("no mailbox")?;
    let to = Recipient::Email(Email::from_stored("ada@example.com".to_owned()));
    for (name, message) in mails {
        notify.deliver(&to, &message).await?;
        if let Some(mail) = mailbox.list().first() {
            fs::write(folder.join(format!("{name}.html")), &mail.html)?;
        }
    }
    Ok(())
}
