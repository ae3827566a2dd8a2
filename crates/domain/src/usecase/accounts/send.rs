//! Codes that are sent again, and codes for a password reset.

use super::{Accounts, ChallengeTicket, ClientInfo, NewChallenge};
use crate::{
    error::{Refusal, StoreError},
    mail::{Channel, OtpPurpose},
    otp::{ChallengeId, OtpCode},
    ports::{Credentials, Limited},
    user::{Email, Phone, User},
    validate::FieldError,
};
use chrono::TimeDelta;

/// Whose code is asked for, in a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResetFor {
    /// The account with this address.
    Email(Email),
    /// The account with this number.
    Phone(Phone),
}

impl Accounts {
    /// Sends the code of a challenge again: a new code, the same challenge, the tries already made stay made.
    pub async fn resend(
        &self,
        challenge_id: &str,
        channel: Option<Channel>,
        client: &ClientInfo,
    ) -> Result<ChallengeTicket, Refusal> {
        self.check_channel(channel)?;
        let now = self.clock.now();
        self.limit_codes(challenge_id.get(..22).unwrap_or(challenge_id), client, now)?;
        let id = ChallengeId::parse(challenge_id).ok_or(Refusal::OtpInvalid)?;
        let mut challenge = self.otps.find_live(&id, now).await?.ok_or(Refusal::OtpInvalid)?;
        let wait = challenge.resend_after() - now;
        if self.settings.resend_spacing && wait > TimeDelta::zero() {
            let retry_after_seconds =
                u64::try_from((wait.num_milliseconds() + 999) / 1000).map_or(1, |wait| wait.max(1));
            return Err(Refusal::RateLimited { retry_after_seconds });
        }
        let user = match challenge.user_id {
            Some(user_id) => match self.users.find(user_id).await {
                Ok(user) => Some(user),
                Err(StoreError::NotFound) => return Err(Refusal::OtpInvalid),
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        // Counted by the challenge for real ones and decoys alike. How full the mailbox is may not show: only a real
        // challenge has one.
        self.limiter.take(Limited::MessagesTo(id.as_str().to_owned()), now)?;
        let recipient = user.filter(|user| {
            let mailbox = Limited::MessagesTo(user.email.to_string());
            self.limiter.take(mailbox, now).is_ok()
        });
        let code = OtpCode::draw(&*self.random);
        // With no room in the mailbox the code that was sent before goes on working.
        let seal = match (&recipient, challenge.user_id) {
            (None, Some(_)) => challenge.otp.clone(),
            _ => code.seal(&self.otp_key(), &id),
        };
        let expires_at = now + self.settings.otp_ttl;
        if !self
            .otps
            .resend(challenge.otp_id, challenge.sent_at, &seal, now, expires_at)
            .await?
        {
            // Another resend was faster; its code is on the way.
            return Err(Refusal::RateLimited { retry_after_seconds: 1 });
        }
        challenge.sent_at = now;
        challenge.expires_at = expires_at;
        if let Some(user) = recipient {
            let name = challenge
                .pending
                .as_ref()
                .map_or(user.full_name.as_str(), |pending| &pending.full_name);
            let to = self.recipient(&user, channel.unwrap_or(challenge.channel));
            self.post_code(to, &challenge, &code, name);
        }
        Ok(self.ticket(&challenge))
    }

    /// Starts a password reset. The answer is the same for an unknown address.
    pub async fn start_reset(
        &self,
        whose: &ResetFor,
        channel: Option<Channel>,
        client: &ClientInfo,
    ) -> Result<ChallengeTicket, Refusal> {
        self.check_channel(channel)?;
        let now = self.clock.now();
        let address = match whose {
            ResetFor::Email(email) => email.to_string(),
            ResetFor::Phone(phone) => phone.as_str().to_owned(),
        };
        self.limit_codes(&address, client, now)?;
        self.limiter.take(Limited::MessagesTo(address), now)?;
        let known = match whose {
            ResetFor::Email(email) => self.users.find_by_email(email).await?,
            ResetFor::Phone(phone) => self.users.find_by_phone(phone).await?,
        };
        let user: Option<User> = known.map(|Credentials { user, .. }| user).filter(User::is_active);
        let channel = channel.unwrap_or(match whose {
            ResetFor::Phone(_) if self.postbox.has_sms() => Channel::Sms,
            _ => Channel::Email,
        });
        let new = NewChallenge {
            user_id: user.as_ref().map(|user| user.user_id),
            purpose: OtpPurpose::PasswordReset,
            channel,
            pending: None,
        };
        let (challenge, code) = self.challenge(new, now).await?;
        if let Some(user) = user {
            self.post_code(self.recipient(&user, channel), &challenge, &code, &user.full_name);
        }
        Ok(self.ticket(&challenge))
    }

    fn check_channel(&self, channel: Option<Channel>) -> Result<(), Refusal> {
        if channel == Some(Channel::Sms) && !self.postbox.has_sms() {
            let message = "this installation sends no SMS; use \"email\", or ask its operator to set SCHED_SMS_URL";
            return Err(FieldError::new("/channel", "not_available", message).into());
        }
        Ok(())
    }
}
