use super::*;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A gateway that gives one answer to everything and notes what it was asked.
async fn gateway(status: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let notes = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 64 * 1024];
            let mut read = 0;
            loop {
                let more = stream.read(&mut bytes[read..]).await.unwrap();
                read += more;
                let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
                let whole = text.starts_with("GET") && text.ends_with("\r\n\r\n") || text.ends_with('}');
                if whole || more == 0 {
                    notes.lock().unwrap().push(text);
                    break;
                }
            }
            let answer = format!(
                "HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (place, heard)
}

fn phone() -> Phone {
    Phone::parse("", "+441632960961").unwrap()
}

#[tokio::test]
async fn with_placeholders_it_is_a_get() {
    let (place, heard) = gateway("200 OK").await;
    let gateway =
        SmsGateway::new(&format!("http://us%40er:pa:ss@{place}/send?to={{to}}&text={{text}}").into()).unwrap();
    gateway.send(&phone(), "12345678 & more + é").await.unwrap();
    let heard = heard.lock().unwrap()[0].clone();
    assert!(
        heard.starts_with("GET /send?to=%2B441632960961&text=12345678%20%26%20more%20%2B%20%C3%A9 HTTP/1.1\r\n"),
        "{heard}"
    );
    // us@er:pa:ss
    assert!(
        heard
            .to_lowercase()
            .contains("authorization: basic dxnazxi6cge6c3m=\r\n"),
        "{heard}"
    );
    assert!(!heard.contains("us%40er"));
}

#[tokio::test]
async fn without_it_is_a_post() {
    let (place, heard) = gateway("202 Accepted").await;
    let gateway = SmsGateway::new(&format!("http://{place}/sms").into()).unwrap();
    gateway.send(&phone(), "say \"hi\"").await.unwrap();
    let heard = heard.lock().unwrap()[0].clone();
    assert!(heard.starts_with("POST /sms HTTP/1.1\r\n"));
    assert!(heard.contains("application/json") && !heard.to_lowercase().contains("authorization"));
    let body: serde_json::Value = serde_json::from_str(heard.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body, serde_json::json!({ "to": "+441632960961", "text": "say \"hi\"" }));
}

#[tokio::test]
async fn answers_are_told_apart_and_errors_tell_nothing_private() {
    for (status, temporary) in [
        ("500 Oops", true),
        ("503 Busy", true),
        ("429 Slow Down", true),
        ("400 Bad", false),
        ("401 Who", false),
        ("302 Found", false),
    ] {
        let (place, heard) = gateway(status).await;
        let gateway =
            SmsGateway::new(&format!("http://user:hunter2@{place}/send?to={{to}}&text={{text}}").into()).unwrap();
        let error = gateway.send(&phone(), "12345678").await.unwrap_err();
        assert_eq!(matches!(error, NotifyError::Temporary(_)), temporary, "{status}");
        let text = format!("{error} {error:?}");
        assert!(
            text.contains(&status[..3])
                && !text.contains("hunter2")
                && !text.contains("960961")
                && !text.contains("12345678"),
            "{text}"
        );
        assert_eq!(heard.lock().unwrap().len(), 1, "no redirect is followed");
    }
}

#[tokio::test]
async fn a_gateway_that_is_away_is_temporary() {
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gateway = SmsGateway::new(&format!("http://user:hunter2@{place}/{{to}}/{{text}}").into()).unwrap();
    let error = gateway.send(&phone(), "12345678").await.unwrap_err();
    assert_eq!(
        error,
        NotifyError::Temporary("the SMS gateway cannot be reached".to_owned())
    );
}

#[test]
fn addresses_are_checked_at_the_start() {
    for bad in [
        "",
        "gateway",
        "ftp://gateway.example",
        "https://",
        "https://g.example/?to={to}",
        "https://{to}.example/?text={text}",
        "https://g.example:{to}/{text}",
    ] {
        let error = SmsGateway::new(&bad.into()).err();
        assert!(matches!(error, Some(ConfigError::SmsUrl(_))), "{bad}");
    }
}

#[test]
fn credentials_are_taken_out() {
    assert_eq!(
        take_credentials("https://a%3Ab:c%zz@h:1/p?x=@"),
        Some((
            "https://h:1/p?x=@".to_owned(),
            Some(("a:b".to_owned(), "c%zz".to_owned()))
        ))
    );
    assert_eq!(
        take_credentials("https://h/p@q"),
        Some(("https://h/p@q".to_owned(), None))
    );
    assert_eq!(take_credentials("h/p"), None);
}
