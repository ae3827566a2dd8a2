//! Wire types of secret addresses.

use chrono::{DateTime, Utc};
use scheduler_domain::{
    link::{Link, LinkKind},
    user::Word,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::State;

/// What an address is good for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkKind)]
#[serde(rename_all = "snake_case")]
pub enum LinkKindWord {
    Inbound,
    Heartbeat,
    Badge,
}

/// A secret address of a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub struct LinkOut {
    #[schema(value_type = LinkKindWord)]
    kind: &'static str,
    /// The last four characters of the secret.
    #[schema(example = "x4Qz")]
    last4: String,
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    /// Only in the answer that makes it: nobody learns it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secret: Option<String>,
    /// The whole address, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://jobs.example.com/hooks/jsh_…")]
    url: Option<String>,
}

/// The address that a secret makes.
pub fn url(state: &State, kind: LinkKind, secret: &str) -> String {
    let origin = &state.origin;
    match kind {
        LinkKind::Inbound => format!("{origin}/hooks/{secret}"),
        LinkKind::Heartbeat => format!("{origin}/heartbeats/{secret}"),
        LinkKind::Badge => format!("{origin}/badges/{secret}.svg"),
    }
}

impl LinkOut {
    pub(super) fn new(state: &State, link: Link, secret: Option<String>) -> Self {
        Self {
            kind: link.kind.word(),
            last4: link.last4,
            created_at: link.created_at,
            last_used_at: link.last_used_at,
            url: secret.as_deref().map(|secret| url(state, link.kind, secret)),
            secret,
        }
    }
}
