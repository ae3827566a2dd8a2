use super::*;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

type Heard = Arc<Mutex<Vec<String>>>;

/// A mail server that answers `rcpt` to every recipient and notes every line.
async fn server(rcpt: &'static str) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let heard = Heard::default();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let notes = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, rcpt, Arc::clone(&notes)));
        }
    });
    (url, heard)
}

async fn talk(stream: TcpStream, rcpt: &'static str, heard: Heard) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 fake\r\n").await.unwrap();
    let mut data = false;
    while let Ok(Some(line)) = lines.next_line().await {
        heard.lock().unwrap().push(line.clone());
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." if data => {
                data = false;
                "250 taken"
            }
            _ if data => continue,
            "EHLO" => "250-fake\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "RCPT" => rcpt,
            "AUTH" => "235 welcome",
            "DATA" => {
                data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
    }
}

fn mail() -> lettre::Message {
    lettre::Message::builder()
        .from("jobs@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .subject("hello")
        .body("body of it".to_owned())
        .unwrap()
}

#[tokio::test]
async fn mails_arrive_over_one_connection() {
    let (url, heard) = server("250 fine").await;
    let smtp = SmtpTransport::new(&url.into()).unwrap();
    assert!(smtp.check().await.unwrap().contains("127.0.0.1"));
    for _ in 0..2 {
        // A connection goes back into the pool a moment after its use.
        tokio::time::sleep(Duration::from_millis(100)).await;
        smtp.send(mail()).await.unwrap();
    }
    let heard = heard.lock().unwrap();
    let count = |line: &str| heard.iter().filter(|l| *l == line).count();
    assert_eq!((count("RCPT TO:<ada@example.com>"), count("body of it")), (2, 2));
    assert_eq!(heard.iter().filter(|l| l.starts_with("EHLO")).count(), 1);
}

#[tokio::test]
async fn credentials_are_used_and_never_shown() {
    let (url, heard) = server("550 5.1.1 <ada@example.com>: go away").await;
    let url = SecretUrl::from(url.replace("smtp://", "smtp://user:hunt%40er2@"));
    let smtp = SmtpTransport::new(&url).unwrap();
    assert!(!smtp.check().await.unwrap().contains("hunt"));
    let error = smtp.send(mail()).await.unwrap_err();
    assert!(
        matches!(&error, NotifyError::Permanent(why) if why.contains("550") && why.contains("go away")),
        "{error:?}"
    );
    assert!(!error.to_string().contains("ada@"));
    // AUTH PLAIN of "\0user\0hunt@er2"
    assert!(
        heard
            .lock()
            .unwrap()
            .iter()
            .any(|line| line == "AUTH PLAIN AHVzZXIAaHVudEBlcjI=")
    );
}

#[tokio::test]
async fn whoever_asks_is_told_the_very_words() {
    let (url, _) = server("250 fine").await;
    let smtp = SmtpTransport::new(&url.into()).unwrap();
    let said = smtp.send_telling(mail()).await.unwrap();
    assert!(
        said.starts_with("127.0.0.1") && said.ends_with("said: 250 taken"),
        "{said}"
    );

    let (url, _) = server("550 5.1.1 <ada@example.com>: go away, ticket 12345678").await;
    let smtp = SmtpTransport::new(&url.into()).unwrap();
    let error = smtp.send_telling(mail()).await.unwrap_err();
    assert!(
        matches!(&error, NotifyError::Permanent(why) if why.contains("<ada@example.com>: go away, ticket 12345678")),
        "{error:?}"
    );
}

#[tokio::test]
async fn asked_for_patience_or_away_is_temporary() {
    let (url, _) = server("451 later").await;
    let error = SmtpTransport::new(&url.into()).unwrap().send(mail()).await.unwrap_err();
    assert!(matches!(error, NotifyError::Temporary(why) if why.contains("451")));

    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = SmtpTransport::new(&format!("smtp://{free}").into()).unwrap();
    assert!(matches!(away.send(mail()).await, Err(NotifyError::Temporary(_))));
    assert!(matches!(away.check().await, Err(NotifyError::Temporary(_))));
}

#[test]
fn passwords_are_not_sent_in_the_clear_over_the_net() {
    for (text, expected) in [
        ("smtp://localhost:1025", "smtp://localhost:1025"),
        ("smtp://u:p@127.0.0.1:1025", "smtp://u:p@127.0.0.1:1025"),
        ("smtp://u:p@mail.example", "smtp://u:p@mail.example?tls=required"),
        ("smtp://mail.example", "smtp://mail.example:25?tls=opportunistic"),
        ("smtp://mail.example:2525", "smtp://mail.example:2525?tls=opportunistic"),
        ("smtp://u:p@mail.example?tls=none", "smtp://u:p@mail.example"),
        (
            "smtp://u:p@mail.example?tls=opportunistic",
            "smtp://u:p@mail.example?tls=opportunistic",
        ),
        ("smtps://u:p@mail.example", "smtps://u:p@mail.example"),
    ] {
        assert_eq!(with_tls(text.parse().unwrap()).unwrap().as_str(), expected);
    }
    assert!(SmtpTransport::new(&"smtp://".into()).is_err());
    assert!(SmtpTransport::new(&"smtp://mail.example?tls=maybe".into()).is_err());
}
