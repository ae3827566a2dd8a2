//! Another program's webhook receiver.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use scheduler_tests::server::until;
use serde_json::Value;
use standardwebhooks::Webhook;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Status(u16),
    Redirect(String),
    /// Takes the request and says nothing.
    Silence,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether another implementation of the standard takes it for genuine.
    pub fn verifies(&self, secret: &str) -> bool {
        Webhook::new(secret).unwrap().verify(&self.body, &self.headers).is_ok()
    }
}

/// A receiver that listens until the test is over.
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Gives each request the next reply; the last one for ever.
    pub async fn start(replies: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (log, replies) = (received.clone(), replies.to_vec());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone(), replies.clone()));
            }
        });
        Self { url, received }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for so many requests.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} requests"), async || {
            Some(self.received()).filter(|all| all.len() >= count)
        })
        .await
    }

    /// Waits for an event of a type.
    pub async fn wait_for_type(&self, kind: &str) -> Received {
        until(kind, async || {
            self.received().into_iter().find(|one| one.json()["type"] == kind)
        })
        .await
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Received>>>, replies: Vec<Reply>) {
    let mut bytes = Vec::new();
    loop {
        let Some((received, used)) = request(&bytes) else {
            let mut buffer = [0; 8_192];
            match stream.read(&mut buffer).await {
                Ok(read @ 1..) => bytes.extend_from_slice(&buffer[..read]),
                _ => return,
            }
            continue;
        };
        bytes.drain(..used);
        let number = {
            let mut log = log.lock().unwrap();
            log.push(received);
            log.len() - 1
        };
        let answer = match replies.get(number).or(replies.last()).unwrap() {
            Reply::Status(status) => format!("HTTP/1.1 {status} Word\r\nContent-Length: 6\r\n\r\nthanks"),
            Reply::Redirect(to) => format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"),
            Reply::Silence => std::future::pending().await,
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The request at the beginning of the bytes and its length, once it is whole.
fn request(bytes: &[u8]) -> Option<(Received, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    let length: usize = headers
        .get("content-length")
        .map_or(0, |value| value.to_str().unwrap().parse().unwrap());
    let body = bytes.get(end..end + length)?.to_vec();
    Some((Received { headers, body }, end + length))
}
