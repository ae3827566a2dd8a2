//! Where events are sent.

use crate::{
    clock::Timestamp,
    event::EventType,
    ids::{UserId, WebhookId},
    user::Word,
    validate::{FieldError, block},
    webhook::ROTATION_OVERLAP,
};

/// Which events an endpoint wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSelection {
    /// `"*"`: all but those that must be named (see [`EventType::must_be_named`]).
    pub all: bool,
    /// Named ones.
    pub named: Vec<EventType>,
}

impl EventSelection {
    /// All but those that must be named.
    pub const ALL: Self = Self {
        all: true,
        named: Vec::new(),
    };

    /// Whether events of this type are wanted. `webhook.test` is sent to its endpoint whatever it wants.
    pub fn wants(&self, kind: EventType) -> bool {
        self.named.contains(&kind) || (self.all && !kind.must_be_named() && kind != EventType::WebhookTest)
    }

    /// Every word that can be chosen.
    pub fn known_words() -> Vec<&'static str> {
        let named = EventType::words().into_iter();
        let known = named.filter(|word| *word != EventType::WebhookTest.word());
        std::iter::once("*").chain(known).collect()
    }

    /// Reads the list that a client sends, or that the database holds.
    pub fn parse(words: &[String]) -> Result<Self, FieldError> {
        if words.is_empty() {
            let message = "must name at least one type; [\"*\"] is all but those that must be named";
            return Err(FieldError::new("/types", "too_short", message));
        }
        let mut selection = Self {
            all: false,
            named: Vec::new(),
        };
        for (index, word) in words.iter().enumerate() {
            match EventType::from_word(word) {
                _ if word == "*" => selection.all = true,
                Some(kind) if kind != EventType::WebhookTest => {
                    if !selection.named.contains(&kind) {
                        selection.named.push(kind);
                    }
                }
                _ => {
                    let at = format!("/types/{index}");
                    return Err(FieldError::unknown_word(at, word, &Self::known_words()));
                }
            }
        }
        Ok(selection)
    }

    /// The list as it is sent and stored.
    pub fn words(&self) -> Vec<&'static str> {
        let all = self.all.then_some("*").into_iter();
        all.chain(self.named.iter().map(|kind| kind.word())).collect()
    }
}

/// A signing secret, encrypted as it lies in the database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SealedSecret {
    /// The ciphertext that [`Vault`](crate::ports::Vault) made.
    pub sealed: String,
    /// When it stops signing (the old one after a rotation); `None` for the current one.
    pub expires_at: Option<Timestamp>,
}

/// A webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub webhook_id: WebhookId,
    /// Its owner.
    pub user_id: UserId,
    /// Where events are sent.
    pub url: String,
    /// Which events.
    pub types: EventSelection,
    /// Words for people, at most 500 characters.
    pub description: Option<String>,
    /// Own headers as encrypted JSON (`[["name","value"],…]`); they may hold credentials.
    pub sealed_headers: Option<String>,
    /// The current secret, then those that still sign for a while.
    pub secrets: Vec<SealedSecret>,
    /// Whether events are sent.
    pub enabled: bool,
    /// Why it was switched off.
    pub disabled_reason: Option<String>,
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// Grows with every change; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How many endpoints a user may have.
pub const MAX_ENDPOINTS: usize = 50;

/// How long a URL may be.
pub const MAX_URL: usize = 2_000;

impl Endpoint {
    /// The place to which [`Vault`](crate::ports::Vault) binds the signing secrets of an endpoint.
    pub fn secrets_place(webhook_id: WebhookId) -> String {
        format!("webhook_endpoints.secrets.{webhook_id}")
    }

    /// The place to which the own headers of an endpoint are bound.
    pub fn headers_place(webhook_id: WebhookId) -> String {
        format!("webhook_endpoints.headers.{webhook_id}")
    }

    /// The secrets that sign now, the current one first.
    pub fn live_secrets(&self, now: Timestamp) -> impl Iterator<Item = &SealedSecret> {
        self.secrets
            .iter()
            .filter(move |secret| secret.expires_at.is_none_or(|end| end > now))
    }

    /// Makes `sealed` the current secret. The one before goes on signing for a day; older ones stop at once.
    pub fn rotate(&mut self, sealed: String, now: Timestamp) {
        let before = self.secrets.iter().find(|secret| secret.expires_at.is_none());
        let before = before.map(|secret| SealedSecret {
            sealed: secret.sealed.clone(),
            expires_at: Some(now + ROTATION_OVERLAP),
        });
        let current = SealedSecret {
            sealed,
            expires_at: None,
        };
        self.secrets = std::iter::once(current).chain(before).collect();
    }

    /// Switches sending on or off by the owner's hand.
    pub fn enable(&mut self, enabled: bool) {
        if enabled != self.enabled {
            self.enabled = enabled;
            self.disabled_reason = (!enabled).then(|| "switched off by its owner".to_owned());
            self.failing_since = None;
        }
    }
}

/// What can be said about the URL of an endpoint without knowing which ranges are open; the rest is
/// [`HttpCaller::vet`](crate::ports::HttpCaller::vet)'s.
pub fn check_url(text: &str) -> Result<(), FieldError> {
    let length = text.chars().count();
    if length > MAX_URL {
        let message = format!("has {length} characters; at most {MAX_URL} are allowed");
        return Err(FieldError::new("/url", "too_long", message));
    }
    if text.contains('#') {
        let message = "must not have a fragment (#…): it is never sent";
        return Err(FieldError::new("/url", "fragment_not_allowed", message));
    }
    // Only the form is judged here, so every range is taken as open.
    let form = crate::net_guard::Guard::default().vet_url(text);
    match form {
        Err(error) if error.code() != "target_not_allowed" => {
            Err(FieldError::new("/url", error.code(), error.to_string()))
        }
        _ => Ok(()),
    }
}

/// Words for people: at most 500 characters; empty is none.
pub fn check_description(text: &str) -> Result<Option<String>, FieldError> {
    let text = block("/description", text.trim(), 500)?;
    Ok((!text.is_empty()).then_some(text))
}

#[cfg(test)]
mod tests;
