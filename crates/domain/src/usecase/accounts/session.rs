//! Sessions: refreshed, listed, ended.

use super::{Accounts, LoggedIn};
use crate::{
    error::{Refusal, StoreError},
    ids::{SessionId, UserId},
    mail::{Message, Recipient},
    session::{EndReason, Judgement, PresentedToken, Session},
};

impl Accounts {
    /// Answers a refresh token with its successor.
    pub async fn refresh(&self, token: &str) -> Result<LoggedIn, Refusal> {
        let token = PresentedToken::parse(token).map_err(|_| Refusal::Unauthenticated)?;
        // A rotation can be lost to another one at the same instant; then the token is judged anew.
        for _ in 0..3 {
            let now = self.clock.now();
            let live = self
                .sessions
                .find_live(token.session_id, now)
                .await?
                .ok_or(Refusal::Unauthenticated)?;
            let session = live.session;
            match session.judge(&token, &self.settings.refresh_keys, now) {
                Judgement::Reject => return Err(Refusal::Unauthenticated),
                Judgement::Reused => return Err(self.end_reused(&session).await?),
                Judgement::Rotate => {
                    let rotated = session.rotated(now);
                    if self.sessions.rotate(&rotated).await? {
                        return self.logged_in(rotated).await;
                    }
                }
                Judgement::RepeatCurrent => {
                    if self.sessions.use_grace(session.session_id, session.generation).await? {
                        return self.logged_in(session).await;
                    }
                }
            }
        }
        Err(Refusal::Unauthenticated)
    }

    /// Ends the caller's session.
    pub async fn log_out(&self, user_id: UserId, session_id: SessionId) -> Result<(), Refusal> {
        self.end(user_id, session_id, EndReason::LoggedOut).await
    }

    /// Ends a session of the caller from another device.
    pub async fn end_session(&self, user_id: UserId, session_id: SessionId) -> Result<(), Refusal> {
        self.end(user_id, session_id, EndReason::EndedByUser).await
    }

    async fn end(&self, user_id: UserId, session_id: SessionId, reason: EndReason) -> Result<(), Refusal> {
        self.sessions.end(user_id, session_id, reason, self.clock.now()).await?;
        self.watch.session_ended(session_id);
        Ok(())
    }

    async fn end_reused(&self, session: &Session) -> Result<Refusal, Refusal> {
        match self
            .end(session.user_id, session.session_id, EndReason::TokenReused)
            .await
        {
            Ok(()) => {
                let user = self.users.find(session.user_id).await?;
                let message = Message::SessionRevoked {
                    full_name: user.full_name,
                    at: self.clock.now(),
                };
                self.postbox.post(Recipient::Email(user.email), message);
            }
            Err(Refusal::Store(StoreError::NotFound)) => {} // Ended by somebody else just now.
            Err(error) => return Err(error),
        }
        Ok(Refusal::Unauthenticated)
    }

    async fn logged_in(&self, session: Session) -> Result<LoggedIn, Refusal> {
        let user = self.users.find(session.user_id).await?;
        let refresh_token = session.refresh_token(&self.refresh_key());
        Ok(LoggedIn {
            user,
            session,
            refresh_token,
        })
    }
}
