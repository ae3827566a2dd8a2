//! What a key may do.

use crate::{user::Word, validate::excerpt, words};
use serde::{Deserialize, Serialize};

/// One thing that a key may do. A log-in may do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// See jobs, schedules and the dashboard.
    #[serde(rename = "jobs:read")]
    JobsRead,
    /// Make, change, pause and delete jobs.
    #[serde(rename = "jobs:write")]
    JobsWrite,
    /// See runs, their logs and queues.
    #[serde(rename = "runs:read")]
    RunsRead,
    /// Start, cancel and repeat runs; limit queues.
    #[serde(rename = "runs:write")]
    RunsWrite,
    /// Claim runs and carry them out.
    #[serde(rename = "worker")]
    Worker,
    /// Everything about webhooks and their deliveries.
    #[serde(rename = "webhooks:manage")]
    WebhooksManage,
    /// See the account and its audit log.
    #[serde(rename = "account:read")]
    AccountRead,
}

words!(Scope {
    JobsRead = "jobs:read",
    JobsWrite = "jobs:write",
    RunsRead = "runs:read",
    RunsWrite = "runs:write",
    Worker = "worker",
    WebhooksManage = "webhooks:manage",
    AccountRead = "account:read",
});

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// All there are.
    pub const ALL: Self = Self((1 << Scope::ALL.len()) - 1);

    /// This set and one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | 1 << scope as u16)
    }

    /// Whether the scope is in it.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & 1 << scope as u16 != 0
    }

    /// Whether any of these is in it.
    pub fn has_any(self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.has(*scope))
    }

    /// The scopes in it, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .map(|(scope, _)| *scope)
            .filter(move |scope| self.has(*scope))
    }

    /// Their words.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(Word::word)
    }

    /// As it is stored: words with blanks between them.
    pub fn encode(self) -> String {
        self.words().collect::<Vec<_>>().join(" ")
    }

    /// Reads what [`encode`](Self::encode) wrote; the error names the word that is unknown.
    pub fn decode(text: &str) -> Result<Self, String> {
        text.split_whitespace().try_fold(Self::NONE, |scopes, word| {
            let scope = Scope::from_word(word).ok_or_else(|| format!("unknown scope {:?}", excerpt(word)))?;
            Ok(scopes.with(scope))
        })
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::NONE, Self::with)
    }
}
