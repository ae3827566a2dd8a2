//! A WebSocket client that knows the protocol of the hub.

use crate::server::{PATIENCE, TestServer};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest},
};

/// A connection to `/ws`.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came of waiting for a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A JSON message.
    Message(Value),
    /// The server closed with this code.
    Closed(Option<u16>),
    /// Nothing in the time given.
    Silence,
}

impl Socket {
    /// Connects with headers; the error is that of the handshake.
    pub async fn connect(server: &TestServer, headers: &[(&'static str, &str)]) -> Result<Self, tungstenite::Error> {
        Self::connect_to(server, "/ws", headers).await
    }

    /// The same at another path.
    pub async fn connect_to(
        server: &TestServer,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{}{path}", server.address).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        Ok(Self(tokio_tungstenite::connect_async(request).await?.0))
    }

    /// Connects and authenticates by message; answers the socket and the cursor of `ready`.
    pub async fn open(server: &TestServer, token: &str, since: Option<&str>) -> (Self, String) {
        let mut socket = Self::connect(server, &[]).await.unwrap();
        socket.authenticate(token, since).await;
        let ready = socket.message().await;
        assert_eq!(ready["type"], "ready", "{ready}");
        let cursor = ready["cursor"].as_str().expect("a cursor").to_owned();
        (socket, cursor)
    }

    /// Sends the first message.
    pub async fn authenticate(&mut self, token: &str, since: Option<&str>) {
        let mut message = json!({"type": "authenticate", "token": token});
        if let Some(since) = since {
            message["since"] = since.into();
        }
        self.say(&message).await;
    }

    /// Sends a JSON message.
    pub async fn say(&mut self, message: &Value) {
        self.say_text(message.to_string()).await;
    }

    /// Sends any text. That the server closes meanwhile is no mistake here.
    pub async fn say_text(&mut self, text: String) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// Sends bytes.
    pub async fn say_bytes(&mut self, bytes: Vec<u8>) {
        let _ = self.0.send(Message::binary(bytes)).await;
    }

    /// What comes next within the time.
    pub async fn hear(&mut self, within: Duration) -> Heard {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Heard::Message(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(frame))) => return Heard::Closed(frame.map(|frame| frame.code.into())),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Heard::Closed(None),
                }
            }
        };
        timeout(within, next).await.unwrap_or(Heard::Silence)
    }

    /// The next message.
    pub async fn message(&mut self) -> Value {
        match self.hear(PATIENCE).await {
            Heard::Message(message) => message,
            other => panic!("{other:?} instead of a message"),
        }
    }

    /// Messages up to and with the first one that `last` is true for.
    pub async fn messages_until(&mut self, last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut messages = Vec::new();
        loop {
            let message = self.message().await;
            let done = last(&message);
            messages.push(message);
            if done {
                return messages;
            }
        }
    }

    /// Reads on until the server closes; answers the code.
    pub async fn close_code(&mut self, within: Duration) -> Option<u16> {
        let deadline = tokio::time::Instant::now() + within;
        loop {
            match self.hear(deadline - tokio::time::Instant::now()).await {
                Heard::Message(_) => {}
                Heard::Closed(code) => return code,
                Heard::Silence => panic!("the socket is open still after {within:?}"),
            }
        }
    }
}
