//! Whatever goes wrong, at whatever level of detail: logs hold no code, no password and no whole address.

use super::*;
use crate::QueuedPostbox;
use scheduler_domain::ports::Postbox;
use std::io::{self, Write};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tracing::Level;

/// What was logged so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server that gives the answers one after the other, whatever it is asked, and hangs up.
async fn server(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            for answer in answers {
                stream.write_all(answer.as_bytes()).await.unwrap();
                let _ = stream.read(&mut [0; 4096]).await;
            }
        }
    });
    place
}

#[tokio::test]
async fn logs_tell_what_went_wrong_and_nothing_private() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let smtp = server(&[
        "220 hi\r\n",
        "250-x\r\n250 AUTH PLAIN\r\n",
        "235 in\r\n",
        "250 ok\r\n",
        "550 no <ada@example.com> for 04829173\r\n",
        "221 bye\r\n",
    ])
    .await;
    let sms = server(&[
        "",
        "HTTP/1.1 400 Bad +441632960961 04829173\r\ncontent-length: 0\r\n\r\n",
    ])
    .await;
    let config = NotifyConfig {
        mail: MailConfig::from_url(Some(&format!("smtp://user:hunter2@{smtp}"))).unwrap(),
        sms_url: Some(format!("http://user:hunter2@{sms}/send?to={{to}}&text={{text}}").into()),
        ..NotifyConfig::developer("https://jobs.example.com")
    };
    let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(NOW, 0).unwrap()));
    let postbox = QueuedPostbox::start(Arc::new(notify(config).unwrap()), clock);
    postbox.post(email(), otp());
    postbox.post(phone(), otp());
    postbox.shutdown().await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("a message was dropped") && log.contains("a***@example.com") && log.contains("550"),
        "{log}"
    );
    assert!(
        log.contains("the SMS gateway answered 400") && log.contains("+44***61"),
        "{log}"
    );
    for private in [
        "ada@",
        "04829173",
        "hunter2",
        "960961",
        "aHVudGVyMg",
        "Authorization",
        "Lovelace",
    ] {
        assert!(!log.contains(private), "{private} in {log}");
    }
}
