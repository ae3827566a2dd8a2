//! The tokens of a log-in: used, and refreshed under the lock of the profile file, because a refresh token works once.

use super::{Client, Request};
use crate::{
    clock,
    config::{Credential, Session},
    error::{Error, Result},
};
use serde::Deserialize;
use serde_json::json;

/// A token that ends sooner than this is refreshed before it is used.
const SPARE_SECONDS: i64 = 30;

/// The answer of `verify-otp` and of `token/refresh`.
#[derive(Debug, Deserialize)]
pub(crate) struct Tokens {
    access_token: String,
    expires_in: i64,
    refresh_token: String,
    user: TokenUser,
}

#[derive(Debug, Deserialize)]
struct TokenUser {
    email: String,
}

impl From<Tokens> for Session {
    fn from(tokens: Tokens) -> Self {
        Self {
            email: tokens.user.email,
            access_token: tokens.access_token,
            expires_at: clock::now().timestamp() + tokens.expires_in,
            refresh_token: tokens.refresh_token,
        }
    }
}

impl Client {
    /// What goes behind `Authorization: Bearer` now.
    pub(crate) async fn bearer(&self) -> Result<String> {
        let mut credential = self.0.credential.lock().await;
        match &*credential {
            Credential::ApiKey(key) => Ok(key.clone()),
            Credential::None => Err(self.settings().not_logged_in()),
            Credential::Session(session) => {
                if session.expires_at - clock::now().timestamp() > SPARE_SECONDS {
                    return Ok(session.access_token.clone());
                }
                let fresh = self.refresh(session).await?;
                let token = fresh.access_token.clone();
                *credential = Credential::Session(fresh);
                Ok(token)
            }
        }
    }

    /// After a 401: whether there is another token than `refused` now.
    pub(super) async fn renew(&self, refused: &str) -> Result<bool> {
        let mut credential = self.0.credential.lock().await;
        let Credential::Session(session) = &*credential else {
            return Ok(false);
        };
        if session.access_token == refused {
            let fresh = self.refresh(session).await?;
            *credential = Credential::Session(fresh);
        }
        Ok(true)
    }

    /// New tokens: those that another process has fetched meanwhile, or else from the server.
    async fn refresh(&self, old: &Session) -> Result<Session> {
        let settings = self.settings();
        let store = settings.store.clone();
        let lock = tokio::task::spawn_blocking(move || store.lock())
            .await
            .map_err(|error| Error::local("cannot wait for the profile file", std::io::Error::other(error)))??;
        let mut profiles = settings.store.load()?;
        let stored = profiles
            .profiles
            .get(&settings.profile)
            .and_then(|profile| profile.session.clone());
        match stored {
            Some(stored) if stored.access_token != old.access_token => return Ok(stored),
            Some(_) => {}
            None => return Err(self.settings().not_logged_in()),
        }
        let request = Request::post(&["token", "refresh"])
            .json(&json!({"refresh_token": old.refresh_token}))
            .without_key()
            .anonymous();
        // A lost answer: the old token works once more for 10 s, so a second attempt by the user succeeds.
        let answer = Box::pin(self.send(request))
            .await
            .map_err(|error| match error.status() {
                Some(401) => Error::NotLoggedIn {
                    what: format!("the log-in of {} at {} is over", old.email, settings.url),
                },
                _ => error,
            })?;
        let fresh = Session::from(answer.parse::<Tokens>()?);
        if let Some(profile) = profiles.profiles.get_mut(&settings.profile) {
            profile.session = Some(fresh.clone());
        }
        settings.store.save(&profiles, &lock)?;
        Ok(fresh)
    }
}
