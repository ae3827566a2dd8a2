//! One WebSocket: `GET /ws`.

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{CloseCode, CloseReason, Message, MessageStream, Session};
use scheduler_domain::{
    event::{Cursor, EventType},
    page::Limit,
    ports::EventFilter,
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    message::{ClientMessage, Selection},
    socket::{Closing, LiveEvent, Socket},
};
use crate::{
    http::{
        auth::{Principal, bearer},
        origin,
        problem::{Code, Problem},
        scopes::Events,
    },
    state::State,
};

const MAX_MESSAGE_BYTES: usize = 64 * 1024;
const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(5);
const PING_EVERY: Duration = Duration::from_secs(15);
/// A peer that answers no two pings is gone.
const SILENCE: Duration = Duration::from_secs(40);
/// How long a peer may take to read what fills its buffers.
const TOO_SLOW: Duration = Duration::from_secs(30);
/// The life of a socket whose credential has no end; no socket lives that long.
const NO_END: Duration = Duration::from_secs(20 * 365 * 86_400);
/// How many messages a client may send a minute.
const MESSAGES_A_MINUTE: u32 = 100;
/// A reader that is further behind than this is told to start over instead of being read everything.
const MAX_CATCH_UP: i64 = 10_000;

/// `GET /ws`
pub async fn open(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let state = web::Data::clone(request.app_data::<web::Data<State>>().ok_or_else(Problem::not_found)?);
    if let Some(value) = request.headers().get("origin")
        && !value.to_str().is_ok_and(|value| origin::is_ours(&state, value))
    {
        return Err(Problem::forbidden());
    }
    let principal = match bearer(&request) {
        Some(token) => {
            let principal = Principal::of_token(&state, token).await?;
            principal.must_have::<Events>()?;
            Some(principal)
        }
        None => None,
    };
    let (response, session, messages) = actix_ws::handle(&request, payload).map_err(|error| {
        Problem::new(
            Code::InvalidParameter,
            format!("this address speaks WebSocket: {error}"),
        )
    })?;
    let messages = messages.max_frame_size(MAX_MESSAGE_BYTES);
    actix_web::rt::spawn(async move {
        let mut connection = Connection {
            state: state.into_inner(),
            session,
            messages,
            received: (Instant::now(), 0),
        };
        let (closing, reason) = connection.live(principal).await;
        connection.close(closing, reason).await;
    });
    Ok(response)
}

/// Why a connection ends, with a sentence for the close frame.
type End = (Closing, Option<String>);

struct Connection {
    state: Arc<State>,
    session: Session,
    messages: MessageStream,
    /// Since when how many messages came.
    received: (Instant, u32),
}

impl Connection {
    /// Authenticates, then serves until something ends it.
    async fn live(&mut self, known: Option<Principal>) -> End {
        let (principal, since) = match known {
            Some(principal) => (principal, None),
            None => match timeout(AUTHENTICATE_WITHIN, self.authenticate()).await {
                Ok(Ok(authenticated)) => authenticated,
                Ok(Err(end)) => return end,
                Err(_) => return (Closing::NoAuthentication, Some("authenticate within 5 s".to_owned())),
            },
        };
        let bounds = match self.state.events.bounds(principal.user_id).await {
            Ok(bounds) => bounds,
            Err(error) => {
                tracing::warn!(%error, "a socket could not start");
                return (Closing::TryLater, Some("the database is away".to_owned()));
            }
        };
        let socket = Arc::new(Socket::new(Some(principal.credential)));
        if !self.state.hub.enter(principal.user_id, bounds.last, socket.clone()) {
            return (Closing::TryLater, Some("too many sockets".to_owned()));
        }
        let start = since.unwrap_or(bounds.last);
        let has_hole = start < bounds.pruned_up_to || start > bounds.last;
        let mut reader = Reader {
            principal,
            sent: if has_hole { bounds.last } else { start },
            selection: Selection::default(),
        };
        let hub = self.state.hub.clone();
        let end = match self.begin(&reader, has_hole).await {
            Ok(()) => self.serve(&mut reader, &socket).await,
            Err(end) => end,
        };
        hub.leave(principal.user_id, &socket);
        end
    }

    async fn authenticate(&mut self) -> Result<(Principal, Option<Cursor>), End> {
        loop {
            let Some(text) = self.next_text().await? else { continue };
            match ClientMessage::read(&text) {
                Ok(ClientMessage::Authenticate { token, since }) => {
                    let refused = |why: &str| (Closing::Unauthenticated, Some(why.to_owned()));
                    let principal = Principal::of_token(&self.state, &token).await;
                    let principal = principal.map_err(|_| refused("the token is not valid"))?;
                    let allowed = principal.must_have::<Events>();
                    allowed.map_err(|_| refused("the API key needs the scope jobs:read or runs:read"))?;
                    return Ok((principal, since));
                }
                Ok(ClientMessage::Ping) => self.send(json!({"type": "pong"}).to_string()).await?,
                Ok(ClientMessage::Subscribe(_)) => return Err(bad("authenticate first")),
                Err(why) => return Err(bad(&why)),
            }
        }
    }

    async fn begin(&mut self, reader: &Reader, has_hole: bool) -> Result<(), End> {
        self.send(json!({"type": "ready", "cursor": reader.sent.encode()}).to_string())
            .await?;
        if has_hole {
            self.send(resync(reader.sent)).await?;
        }
        Ok(())
    }

    async fn serve(&mut self, reader: &mut Reader, socket: &Socket) -> End {
        // What was committed between `since` and now.
        if let Err(end) = self.catch_up(reader).await {
            return end;
        }
        let expiry = Instant::now() + self.life(&reader.principal);
        let mut ping = tokio::time::interval(PING_EVERY);
        ping.reset();
        let mut heard = Instant::now();
        loop {
            let result = tokio::select! {
                message = self.next_text() => {
                    heard = Instant::now();
                    match message {
                        Ok(Some(text)) => self.on_message(&text, reader).await,
                        Ok(None) => Ok(()),
                        Err(end) => Err(end),
                    }
                }
                () = socket.rung() => self.deliver(reader, socket).await,
                _ = ping.tick() => {
                    if heard.elapsed() > SILENCE {
                        Err((Closing::Done, None))
                    } else {
                        self.ping().await
                    }
                }
                () = sleep_until(expiry) => Err((Closing::Unauthenticated, Some("the token or key has expired".to_owned()))),
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    /// How long the credential is good for.
    fn life(&self, principal: &Principal) -> Duration {
        let Some(expires) = principal.expires else {
            return NO_END;
        };
        let seconds = expires - self.state.clock.now().timestamp();
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).min(NO_END)
    }

    async fn on_message(&mut self, text: &str, reader: &mut Reader) -> Result<(), End> {
        match ClientMessage::read(text) {
            Ok(ClientMessage::Subscribe(selection)) => {
                reader.selection = selection;
                self.send(json!({"type": "subscribed", "cursor": reader.sent.encode()}).to_string())
                    .await
            }
            Ok(ClientMessage::Ping) => self.send(json!({"type": "pong"}).to_string()).await,
            Ok(ClientMessage::Authenticate { .. }) => Err(bad("authenticated already; open another socket")),
            Err(why) => Err(bad(&why)),
        }
    }

    /// Sends what waits in the queue, in order and each event once.
    async fn deliver(&mut self, reader: &mut Reader, socket: &Socket) -> Result<(), End> {
        let taken = socket.take();
        if let Some(why) = taken.closing {
            return Err((why, None));
        }
        if taken.overflowed {
            return self.catch_up(reader).await;
        }
        for event in taken.events {
            self.send_event(reader, &event).await?;
        }
        Ok(())
    }

    /// Reads from the database what the queue does not hold; a reader too far behind is told to start over.
    async fn catch_up(&mut self, reader: &mut Reader) -> Result<(), End> {
        let limit = Limit::new(Limit::MAX).unwrap_or(Limit::DEFAULT);
        let all = EventFilter::default();
        let user_id = reader.principal.user_id;
        let head = self.state.hub.head(user_id).unwrap_or(reader.sent);
        if head.0 - reader.sent.0 > MAX_CATCH_UP {
            reader.sent = head;
            return self.send(resync(head)).await;
        }
        loop {
            let events = self
                .state
                .events
                .read_after(user_id, reader.sent, &all, limit)
                .await
                .map_err(|error| {
                    tracing::warn!(%error, "a socket could not catch up");
                    (Closing::TryLater, Some("the database is away".to_owned()))
                })?;
            for event in &events {
                self.send_event(reader, &LiveEvent::new(event)).await?;
            }
            if events.len() < usize::try_from(limit.get()).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }

    async fn send_event(&mut self, reader: &mut Reader, event: &LiveEvent) -> Result<(), End> {
        if event.cursor <= reader.sent {
            return Ok(());
        }
        reader.sent = event.cursor;
        let is_told = event.kind != EventType::WebhookTest && reader.principal.scopes.has(event.kind.scope());
        if is_told && reader.selection.wants(event) {
            self.send(event.text.clone()).await?;
        }
        Ok(())
    }

    async fn send(&mut self, text: impl Into<bytestring::ByteString>) -> Result<(), End> {
        match timeout(TOO_SLOW, self.session.text(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err((Closing::Done, None)),
            Err(_) => Err((Closing::TryLater, Some("too slow".to_owned()))),
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        match timeout(TOO_SLOW, self.session.ping(b"")).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err((Closing::Done, None)),
            Err(_) => Err((Closing::TryLater, Some("too slow".to_owned()))),
        }
    }

    /// The next text message; `None` for what needs no answer but shows that the peer lives.
    async fn next_text(&mut self) -> Result<Option<String>, End> {
        match self.messages.recv().await {
            Some(Ok(Message::Text(text))) => {
                self.count_message()?;
                Ok(Some(text.to_string()))
            }
            Some(Ok(Message::Ping(bytes))) => {
                self.count_message()?;
                if self.session.pong(&bytes).await.is_err() {
                    Err((Closing::Done, None))
                } else {
                    Ok(None)
                }
            }
            Some(Ok(Message::Pong(_) | Message::Nop)) => Ok(None),
            Some(Ok(Message::Binary(_) | Message::Continuation(_))) => {
                Err(bad("only text messages in one piece are read"))
            }
            Some(Ok(Message::Close(_))) | None => Err((Closing::Done, None)),
            Some(Err(error)) => Err(bad(&error.to_string())),
        }
    }

    fn count_message(&mut self) -> Result<(), End> {
        let (since, count) = &mut self.received;
        if since.elapsed() > Duration::from_secs(60) {
            (*since, *count) = (Instant::now(), 0);
        }
        *count += 1;
        if *count > MESSAGES_A_MINUTE {
            Err(bad("more than 100 messages a minute"))
        } else {
            Ok(())
        }
    }

    async fn close(self, closing: Closing, description: Option<String>) {
        let code = match closing {
            Closing::BadMessage => CloseCode::Other(4400),
            Closing::Unauthenticated => CloseCode::Other(4401),
            Closing::NoAuthentication => CloseCode::Other(4408),
            Closing::TryLater => CloseCode::Again,
            Closing::GoingAway => CloseCode::Away,
            Closing::Done => CloseCode::Normal,
        };
        // A close frame holds 123 bytes of text (RFC 6455, section 5.5).
        let description = description.map(|text| text.chars().filter(char::is_ascii).take(120).collect());
        let _ = timeout(
            Duration::from_secs(1),
            self.session.close(Some(CloseReason { code, description })),
        )
        .await;
    }
}

/// How far a socket has read, and what it wants.
struct Reader {
    principal: Principal,
    sent: Cursor,
    selection: Selection,
}

fn bad(why: &str) -> End {
    (Closing::BadMessage, Some(why.to_owned()))
}

fn resync(cursor: Cursor) -> String {
    json!({"type": "resync", "cursor": cursor.encode()}).to_string()
}
