//! API keys: what programs use in the place of a log-in.
//!
//! A key is `jsk_`, thirty random characters and a checksum of six. The checksum tells a slip of the hand, and most of
//! what scanners find in other people's files, from a key without asking the database. Only a hash is stored; 178
//! random bits need neither salt nor a slow hash (docs/adr/0020).

mod scope;
mod text;

pub use scope::{Scope, Scopes};
pub use text::{KeyHash, KeyText};

use crate::{
    clock::Timestamp,
    ids::{ApiKeyId, UserId},
    user::Word,
    validate::{FieldError, Problems, line},
};
use chrono::TimeDelta;

/// How many keys a user may have.
pub const MAX_API_KEYS: usize = 100;
/// The longest name, in characters.
pub const MAX_NAME: usize = 100;
/// How far ahead a key may expire.
pub const MAX_LIFE: TimeDelta = TimeDelta::days(3_660);
/// `last_used_at` is written at most so often.
pub const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(15);

/// A key, as its owner sees it: without the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub api_key_id: ApiKeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What is stored of the key.
    pub hash: KeyHash,
    /// The first characters of the key.
    pub prefix: String,
    /// The last four.
    pub last4: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; `None`: when it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to [`USE_NOTED_EVERY`].
    pub last_used_at: Option<Timestamp>,
}

/// What somebody wants a key to be, as sent.
#[derive(Debug, Clone, Default)]
pub struct NewApiKey {
    /// What its owner calls it, 1 to [`MAX_NAME`] characters.
    pub name: String,
    /// Words of [`Scope`], at least one.
    pub scopes: Vec<String>,
    /// When it stops working: in the future, at most [`MAX_LIFE`] ahead.
    pub expires_at: Option<Timestamp>,
}

impl NewApiKey {
    /// The key that this becomes, with `text`. Every broken rule is named.
    pub fn checked(
        &self,
        api_key_id: ApiKeyId,
        user_id: UserId,
        text: &KeyText,
        now: Timestamp,
    ) -> Result<ApiKey, Vec<FieldError>> {
        let mut problems = Problems::new();
        let name = problems.take(line("/name", &self.name, 1, MAX_NAME));
        let mut scopes = Scopes::NONE;
        for (index, word) in self.scopes.iter().enumerate() {
            if let Some(scope) = problems.take(Scope::parse(&format!("/scopes/{index}"), word)) {
                scopes = scopes.with(scope);
            }
        }
        if self.scopes.is_empty() {
            let mut error = FieldError::new("/scopes", "too_short", "must name at least one scope");
            error.allowed = Some(Scopes::ALL.words().map(str::to_owned).collect());
            problems.push(error);
        }
        match self.expires_at {
            Some(at) if at <= now => {
                problems.push(FieldError::new("/expires_at", "out_of_range", "must lie in the future"));
            }
            Some(at) if at > now + MAX_LIFE => {
                let message = "must lie at most ten years ahead; leave it out for a key that does not expire";
                problems.push(FieldError::new("/expires_at", "out_of_range", message));
            }
            _ => {}
        }
        problems.finish()?;
        Ok(ApiKey {
            api_key_id,
            user_id,
            name: name.unwrap_or_default(),
            hash: text.hash(),
            prefix: text.prefix().to_owned(),
            last4: text.last4().to_owned(),
            scopes,
            created_at: now,
            expires_at: self.expires_at,
            last_used_at: None,
        })
    }
}

impl ApiKey {
    /// Whether it works at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }

    /// Whether a use at `now` is worth writing down.
    pub fn should_note_use(last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
        last_used_at.is_none_or(|last| now - last >= USE_NOTED_EVERY)
    }
}

#[cfg(test)]
mod tests;
