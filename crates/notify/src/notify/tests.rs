use super::*;
use chrono::{DateTime, TimeDelta};
use scheduler_domain::{
    clock::{ManualClock, SeededRandom, Timestamp},
    mail::OtpPurpose,
};
use std::sync::Mutex;

mod logs;

const NOW: i64 = 1_795_500_000;

fn notify(config: NotifyConfig) -> Result<Notify, ConfigError> {
    let clock = ManualClock::at(DateTime::from_timestamp(NOW, 0).unwrap());
    Notify::new(config, Arc::new(clock), Arc::new(SeededRandom::new(7)))
}

fn otp() -> Message {
    Message::Otp {
        purpose: OtpPurpose::LogIn,
        code: "04829173".to_owned(),
        full_name: "Ada Lovelace".to_owned(),
        expires_at: DateTime::from_timestamp(NOW + 300, 0).unwrap(),
        minutes: 5,
    }
}

fn email() -> Recipient {
    Recipient::Email(Email::parse("", "ada@example.com").unwrap())
}

fn phone() -> Recipient {
    Recipient::Phone(Phone::parse("", "+441632960961").unwrap())
}

#[tokio::test]
async fn developers_see_mails_short_messages_and_codes() {
    let notify = notify(NotifyConfig::developer("http://127.0.0.1:8080")).unwrap();
    let mailbox = notify.developer_mailbox().unwrap();
    let told = Arc::<Mutex<Vec<(Recipient, String, Timestamp)>>>::default();
    let notes = Arc::clone(&told);
    mailbox.on_otp(move |to, code, until| notes.lock().unwrap().push((to.clone(), code.to_owned(), until)));
    assert!(notify.has_sms());

    notify.deliver(&email(), &otp()).await.unwrap();
    notify.deliver(&phone(), &otp()).await.unwrap();
    notify
        .deliver(
            &email(),
            &Message::AccountExists {
                full_name: "Ada".to_owned(),
            },
        )
        .await
        .unwrap();

    let mails = mailbox.list();
    let tos: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(tos, ["ada@example.com", "+441632960961", "ada@example.com"]);
    assert_eq!(mailbox.get(&mails[2].id).unwrap(), mails[2]);
    assert!(mails[2].text.contains("\n04829173\n") && mails[2].html.contains("<!doctype html>"));
    assert!(mails[1].text.starts_with("04829173 ") && mails[1].html.is_empty());
    assert_eq!(mails[0].at.timestamp(), NOW);
    let until = mails[0].at + TimeDelta::seconds(300);
    assert_eq!(
        *told.lock().unwrap(),
        [
            (email(), "04829173".to_owned(), until),
            (phone(), "04829173".to_owned(), until)
        ]
    );
    assert!(notify.check().await.unwrap().contains("developer mailbox"));
}

#[tokio::test]
async fn a_folder_gets_mails_but_no_short_messages() {
    let dir = tempfile::tempdir().unwrap();
    let config = NotifyConfig {
        mail: MailConfig::File {
            dir: dir.path().to_owned(),
        },
        ..NotifyConfig::developer("https://jobs.example.com")
    };
    let notify = notify(config).unwrap();
    notify.deliver(&email(), &otp()).await.unwrap();
    let file = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("\r\n04829173\r\n"), "{text}");
    assert!(
        text.contains("From: \"Job Scheduler\" <no-reply@localhost>\r\n"),
        "{text}"
    );
    assert!(!notify.has_sms() && notify.developer_mailbox().is_none());
    assert!(matches!(
        notify.deliver(&phone(), &otp()).await,
        Err(NotifyError::Permanent(_))
    ));
}

#[tokio::test]
async fn a_test_mail_goes_the_way_of_the_others() {
    let ada = Email::parse("", "ada@example.com").unwrap();
    let developer = notify(NotifyConfig::developer("https://jobs.example.com")).unwrap();
    assert!(developer.test(&ada, "Ada").await.unwrap().contains("developer mailbox"));
    let mails = developer.developer_mailbox().unwrap().list();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "ada@example.com"));
    for part in ["Hello Ada,", "24 November 2026, 06:00 UTC", "https://jobs.example.com"] {
        assert!(mails[0].text.contains(part) && mails[0].html.contains(part), "{part}");
    }

    let dir = tempfile::tempdir().unwrap();
    let mail = MailConfig::File {
        dir: dir.path().to_owned(),
    };
    let folder = notify(NotifyConfig {
        mail,
        ..NotifyConfig::developer("https://jobs.example.com")
    })
    .unwrap();
    let told = folder.test(&ada, "Ada").await.unwrap();
    let path = told.strip_prefix("written to ").unwrap();
    assert!(std::fs::read_to_string(path).unwrap().contains("Test mail"));
}

#[tokio::test]
async fn addresses_that_mail_cannot_carry_are_refused_for_good() {
    let notify = notify(NotifyConfig::developer("http://localhost")).unwrap();
    let odd = Recipient::Email(Email::from_stored("a b@example.com\r\nBcc: x@y.zz".to_owned()));
    assert!(matches!(
        notify.deliver(&odd, &otp()).await,
        Err(NotifyError::Permanent(_))
    ));
    assert!(notify.developer_mailbox().unwrap().list().is_empty());
}

#[test]
fn mistakes_in_the_configuration_are_told_at_the_start() {
    let base = || NotifyConfig::developer("http://localhost");
    assert!(matches!(
        notify(NotifyConfig {
            public_url: "javascript:alert(1)".to_owned(),
            ..base()
        }),
        Err(ConfigError::PublicUrl(_))
    ));
    assert!(matches!(
        notify(NotifyConfig {
            from: "nobody".to_owned(),
            ..base()
        }),
        Err(ConfigError::From(_))
    ));
    assert!(matches!(
        notify(NotifyConfig {
            sms_url: Some("x".into()),
            ..base()
        }),
        Err(ConfigError::SmsUrl(_))
    ));
    assert!(matches!(
        notify(NotifyConfig {
            mail: MailConfig::Smtp { url: "smtp:".into() },
            ..base()
        }),
        Err(ConfigError::MailUrl(_))
    ));
}

#[tokio::test]
async fn encrypted_ways_are_ready_without_a_connection() {
    let mail = MailConfig::from_url(Some("smtps://user:pass@mail.example")).unwrap();
    let sms_url = Some("https://user:pass@sms.example/send?to={to}&text={text}".into());
    let notify = notify(NotifyConfig {
        mail,
        sms_url,
        ..NotifyConfig::developer("https://jobs.example.com")
    })
    .unwrap();
    assert!(notify.has_sms() && notify.developer_mailbox().is_none());
}
