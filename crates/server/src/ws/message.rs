//! What clients say over the WebSocket.

use scheduler_domain::{
    event::{Cursor, EventType},
    ids::JobId,
    user::Word,
};
use serde::Deserialize;

use super::socket::LiveEvent;

/// A message of a client.
#[derive(Debug)]
pub(super) enum ClientMessage {
    /// The first message.
    Authenticate { token: String, since: Option<Cursor> },
    /// Narrows what is sent from now on.
    Subscribe(Selection),
    /// Wants a `pong`, for clients that cannot see the protocol's own pings.
    Ping,
}

/// Which events a socket wants. `None` means all.
#[derive(Debug, Default, Clone)]
pub(super) struct Selection {
    jobs: Option<Vec<JobId>>,
    types: Option<Vec<EventType>>,
}

impl Selection {
    pub(super) fn wants(&self, event: &LiveEvent) -> bool {
        let of_job = self
            .jobs
            .as_ref()
            .is_none_or(|jobs| event.job_id.is_some_and(|job_id| jobs.contains(&job_id)));
        of_job && self.types.as_ref().is_none_or(|types| types.contains(&event.kind))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    jobs: Option<Vec<String>>,
    #[serde(default)]
    types: Option<Vec<String>>,
}

impl ClientMessage {
    /// Reads a message; the error is a sentence for the close frame.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let wire: Wire = serde_json::from_str(text).map_err(|error| format!("not a message: {error}"))?;
        let kind = wire
            .kind
            .as_deref()
            .or(wire.jobs.as_ref().or(wire.types.as_ref()).map(|_| "subscribe"));
        match kind {
            Some("authenticate") => {
                let token = wire.token.ok_or("authenticate needs a token")?;
                let since = match wire.since {
                    None => None,
                    Some(text) => Some(Cursor::decode(&text).ok_or("since is not a cursor")?),
                };
                Ok(Self::Authenticate { token, since })
            }
            Some("subscribe") => Ok(Self::Subscribe(Selection {
                jobs: jobs(wire.jobs)?,
                types: types(wire.types)?,
            })),
            Some("ping") => Ok(Self::Ping),
            Some(_) => Err("type must be authenticate, subscribe or ping".to_owned()),
            None => Err("type is required".to_owned()),
        }
    }
}

fn jobs(texts: Option<Vec<String>>) -> Result<Option<Vec<JobId>>, String> {
    let Some(texts) = texts else { return Ok(None) };
    if texts.len() > 500 {
        return Err("jobs has more than 500 ids".to_owned());
    }
    // A text that is no id is an id that does not exist: it matches nothing.
    Ok(Some(texts.iter().filter_map(|text| text.parse().ok()).collect()))
}

fn types(words: Option<Vec<String>>) -> Result<Option<Vec<EventType>>, String> {
    let Some(words) = words else { return Ok(None) };
    if words.iter().any(|word| word == "*") {
        return Ok(None);
    }
    let parse = |word: &String| EventType::from_word(word).ok_or_else(|| "types has an unknown event type".to_owned());
    words.iter().map(parse).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_refused_with_a_reason() {
        for text in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"type":"x"}"#,
            r#"{"type":"authenticate"}"#,
            r#"{"type":"authenticate","token":"t","since":"zz"}"#,
            r#"{"type":"subscribe","types":["x"]}"#,
            r#"{"type":"ping","x":1}"#,
        ] {
            assert!(ClientMessage::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn types_alone_subscribe() {
        assert!(matches!(
            ClientMessage::read(r#"{"types":["run.started"]}"#),
            Ok(ClientMessage::Subscribe(_))
        ));
    }
}
