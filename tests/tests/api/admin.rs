//! What administrators learn of the installation, and the test mail.

use scheduler_tests::{
    client::{Client, assert_fields, broken, text},
    databases::Backend,
    on_both_databases,
    server::{TestServer, fresh_email},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

on_both_databases! {
    the_configuration_is_shown_without_its_secrets
    a_test_mail_arrives_in_the_developer_mailbox
    strangers_and_customers_are_refused
}

const CONFIGURATION: &str = "/api/v1/admin/configuration";
const MAIL_TEST: &str = "/api/v1/admin/mail-test";

async fn the_configuration_is_shown_without_its_secrets(server: TestServer) {
    let admin = server.sign_up_admin().await;
    let list = admin.get(CONFIGURATION, 200).await;
    assert_fields(&list, "data, has_more, next_cursor");
    let settings = list["data"].as_array().unwrap();
    let named = |key: &str| settings.iter().find(|setting| setting["key"] == key).unwrap();
    for setting in settings {
        assert_fields(
            setting,
            "key, variable, description, value, otherwise, source, place, secret",
        );
    }
    let limits = named("rate_limits");
    assert_eq!((&limits["value"], &limits["source"]), (&json!("off"), &json!("flag")));
    let days = named("retention_days");
    assert_eq!((&days["value"], &days["source"]), (&json!("30"), &json!("default")));
    assert_eq!(days["variable"], "SCHED_RETENTION_DAYS");
    let sms = named("sms_url");
    assert_eq!((&sms["value"], &sms["otherwise"]), (&Value::Null, &json!("no SMS")));
    assert_eq!(named("secret")["value"], "***");
    let last = settings.last().unwrap();
    assert_eq!(last["key"], scheduler_server::config::KEYS.last().unwrap().name);
    assert_eq!(settings.len(), scheduler_server::config::KEYS.len());
    admin.get(&format!("{CONFIGURATION}?x=1"), 400).await;
}

async fn a_test_mail_arrives_in_the_developer_mailbox(server: TestServer) {
    let admin = server.sign_up_admin().await;
    let told = admin.post(MAIL_TEST, json!({}), 200).await;
    assert_fields(&told, "outcome, transport, to, message, duration_ms");
    assert_eq!(
        (&told["outcome"], &told["transport"], &told["to"]),
        (&json!("accepted"), &json!("developer"), &json!(admin.email))
    );
    let mails = admin.mails_to(&admin.email).await;
    let mail = mails.last().unwrap();
    assert_eq!(mail["subject"], "Test mail from Job Scheduler");
    assert!(text(mail, "text").contains("asked for on") && text(mail, "html").contains("Mails arrive"));
    // Without a body it is the same; to somebody else it goes there.
    admin.act(MAIL_TEST, 200).await;
    let other = fresh_email();
    let told = admin.post(MAIL_TEST, json!({"to": other}), 200).await;
    assert_eq!((&told["to"], admin.mails_to(&other).await.len()), (&json!(other), 1));
    let problem = admin.post(MAIL_TEST, json!({"to": "nobody"}), 422).await;
    assert_eq!(broken(&problem)[0].0, "/to");
    let problem = admin.post(MAIL_TEST, json!({"from": other}), 422).await;
    assert_eq!(broken(&problem)[0].0, "/from");
}

async fn strangers_and_customers_are_refused(server: TestServer) {
    let ada = server.sign_up().await;
    let admin = server.sign_up_admin().await;
    let (key, _) = admin.api_key(&["account:read", "jobs:write"]).await;
    ada.get(CONFIGURATION, 403).await;
    ada.post(MAIL_TEST, json!({"to": "x"}), 403).await;
    ada.anonymous().get(CONFIGURATION, 401).await;
    ada.anonymous().post(MAIL_TEST, json!({}), 401).await;
    key.get(CONFIGURATION, 403).await;
    key.post(MAIL_TEST, json!({}), 403).await;
}

/// A mail server that answers to `RCPT` as it is told.
async fn mail_server(rcpt: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                let mut answer = "220 fake".to_owned();
                let mut is_data = false;
                loop {
                    if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                        return;
                    }
                    loop {
                        let Ok(Some(line)) = lines.next_line().await else {
                            return;
                        };
                        if is_data && line != "." {
                            continue;
                        }
                        let word = line.split(' ').next().unwrap_or_default();
                        answer = match word {
                            "." => "250 2.0.0 queued as 4XyZ",
                            "EHLO" => "250-fake\r\n250 AUTH PLAIN",
                            "AUTH" => "235 welcome",
                            "RCPT" => rcpt,
                            "DATA" => "354 go on",
                            _ => "250 fine",
                        }
                        .to_owned();
                        is_data = word == "DATA";
                        break;
                    }
                }
            });
        }
    });
    format!("smtp://user:hunter2@{address}")
}

/// A server whose mails go elsewhere has no mailbox to read codes in, so its administrator logs in before that.
async fn administrator(mail_url: &str) -> (TestServer, Client) {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let admin = server.sign_up_admin().await;
    let server = tokio::task::spawn_blocking({
        let mail_url = mail_url.to_owned();
        move || server.again(&[("mail_url", &mail_url)])
    });
    let server = server.await.unwrap();
    let admin = admin.towards(&server.base);
    (server, admin)
}

#[tokio::test]
async fn a_mail_server_is_quoted_word_for_word() {
    for (rcpt, outcome, quoted) in [
        ("250 fine", "accepted", "queued as 4XyZ"),
        (
            "550 5.1.1 <ada@example.com> unknown here",
            "refused",
            "<ada@example.com> unknown here",
        ),
        ("451 4.7.1 try again later", "unavailable", "try again later"),
    ] {
        let (_server, admin) = administrator(&mail_server(rcpt).await).await;
        let told = admin.post(MAIL_TEST, json!({"to": "ada@example.com"}), 200).await;
        assert_eq!(
            (&told["outcome"], &told["transport"]),
            (&json!(outcome), &json!("smtp")),
            "{told}"
        );
        assert!(text(&told, "message").contains(quoted), "{told}");
        assert!(!told.to_string().contains("hunter2"), "{told}");
        let list = admin.get(CONFIGURATION, 200).await;
        assert!(list.to_string().contains("user:***@") && !list.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (_server, admin) = administrator(&format!("smtp://{free}")).await;
    let told = admin.post(MAIL_TEST, json!({}), 200).await;
    assert_eq!(told["outcome"], "unavailable", "{told}");
    assert!(text(&told, "message").contains(&free.to_string()), "{told}");
}

#[tokio::test]
async fn test_mails_are_limited() {
    let server = TestServer::with(Backend::Sqlite, &[("rate_limits", "on")])
        .await
        .unwrap();
    let admin = server.sign_up_admin().await;
    for _ in 0..5 {
        admin.post(MAIL_TEST, json!({"to": fresh_email()}), 200).await;
    }
    let problem = admin.post(MAIL_TEST, json!({"to": fresh_email()}), 429).await;
    assert_eq!(problem["code"], "rate_limited");
}
