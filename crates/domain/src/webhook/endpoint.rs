//! Where events are sent.

use crate::{
    clock::Timestamp,
    event::EventType,
    ids::{UserId, WebhookId},
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
