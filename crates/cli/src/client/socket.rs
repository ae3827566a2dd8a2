//! The WebSocket: the handshake is a request like any other (same proxies, same TLS, same credential), then the
//! connection speaks frames.

use super::{Client, builder, unreachable_by};
use crate::error::{Error, Problem, Result};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Upgraded, header};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::{client::generate_key, derive_accept_key},
        protocol::Role,
    },
};

/// The server pings every 15 s. A line that is silent for longer than this is dead.
const SILENCE: Duration = Duration::from_secs(45);

/// An open socket.
pub struct Socket {
    stream: WebSocketStream<Upgraded>,
    /// When the line last gave a sign of life.
    alive_at: Instant,
}

/// What came.
#[derive(Debug)]
pub enum Heard {
    /// A message of the server.
    Message(Value),
    /// The connection is over; the close code, where one was told.
    Closed(Option<u16>),
}

impl Client {
    /// Opens `/api/v1/ws` and authenticates; events after the cursor `since` come first.
    pub async fn open_socket(&self, since: Option<&str>) -> Result<Socket> {
        let url = &self.settings().url;
        // Frames follow a switch of protocols, which HTTP/2 does not have.
        let http = builder()
            .http1_only()
            .build()
            .map_err(|error| unreachable_by(url, &error))?;
        let address = super::Request::get(&["ws"]).url(url)?;
        let key = generate_key();
        let answer = http
            .get(address.clone())
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key)
            .send()
            .await
            .map_err(|error| unreachable_by(url, &error))?;
        let accepted = answer
            .headers()
            .get(header::SEC_WEBSOCKET_ACCEPT)
            .map(header::HeaderValue::as_bytes);
        if answer.status().as_u16() != 101 || accepted != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(Error::Problem(Box::new(Problem {
                status: answer.status().as_u16(),
                code: "no_websocket".into(),
                detail: "the server, or a proxy before it, does not open a WebSocket".into(),
                request: format!("GET {address}"),
                ..Problem::default()
            })));
        }
        let line = answer.upgrade().await.map_err(|error| unreachable_by(url, &error))?;
        let mut socket = Socket {
            stream: WebSocketStream::from_raw_socket(line, Role::Client, None).await,
            alive_at: Instant::now(),
        };
        let mut hello = serde_json::json!({"type": "authenticate", "token": self.bearer().await?});
        if let Some(since) = since {
            hello["since"] = since.into();
        }
        socket.say(&hello).await?;
        Ok(socket)
    }
}

impl Socket {
    /// Sends a message.
    pub async fn say(&mut self, message: &Value) -> Result<()> {
        self.stream
            .send(Message::text(message.to_string()))
            .await
            .map_err(|error| Error::Unreachable {
                what: format!("the WebSocket broke: {error}"),
                hint: None,
            })
    }

    /// The next message; a silent line counts as closed. It may be given up and called again.
    pub async fn hear(&mut self) -> Heard {
        loop {
            let next = tokio::time::timeout_at(self.alive_at + SILENCE, self.stream.next()).await;
            match next {
                Ok(Some(Ok(Message::Close(frame)))) => return Heard::Closed(frame.map(|frame| frame.code.into())),
                // Pings are answered by the library.
                Ok(Some(Ok(message))) => {
                    self.alive_at = Instant::now();
                    if let Message::Text(text) = message
                        && let Ok(message) = serde_json::from_str(&text)
                    {
                        return Heard::Message(message);
                    }
                }
                Ok(Some(Err(_)) | None) | Err(_) => return Heard::Closed(None),
            }
        }
    }
}
