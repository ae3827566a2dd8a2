//! The two factors: password, then code.

use super::{Accounts, ChallengeTicket, ClientInfo, LoggedIn, NewChallenge};
use crate::{
    audit::Action,
    error::{Refusal, StoreError},
    mail::{Channel, OtpPurpose, Recipient},
    otp::{Challenge, ChallengeId, OtpCode},
    password::Password,
    ports::{Limited, Redemption},
    user::{Email, UserStatus},
};

impl Accounts {
    /// The first factor. Any wrong pair is the same refusal and takes the same time.
    pub async fn log_in(&self, email: &str, password: &str, client: &ClientInfo) -> Result<ChallengeTicket, Refusal> {
        let email = Email::parse("/email", email)?;
        let password = Password::attempt("/password", password)?;
        let now = self.clock.now();
        self.limiter.take(Limited::LogInFrom(client.ip.clone()), now)?;
        self.limiter
            .take(Limited::LogIn(format!("{} {email}", client.ip)), now)?;
        let known = self.users.find_by_email(&email).await?;
        let hash = known.as_ref().map(|known| known.password_hash.as_str());
        let right = self.hasher.verify(password.as_str(), hash).await?;
        let known = match known {
            Some(known) if right && known.user.status != UserStatus::Deactivated => known,
            Some(known) => {
                self.note_failure(Action::LoginFailed, known.user.user_id, now);
                return Err(Refusal::InvalidCredentials);
            }
            None => return Err(Refusal::InvalidCredentials),
        };
        // Only now: whoever does not know the password learns nothing from this limit.
        self.limiter.take(Limited::MessagesTo(email.to_string()), now)?;
        if self.hasher.is_outdated(&known.password_hash) {
            let renewed = self.hasher.hash(password.as_str()).await?;
            self.users.set_password_hash(known.user.user_id, &renewed, now).await?;
        }
        let new = NewChallenge {
            user_id: Some(known.user.user_id),
            purpose: OtpPurpose::LogIn,
            channel: Channel::Email,
            pending: None,
        };
        let (challenge, code) = self.challenge(new, now).await?;
        self.post_code(Recipient::Email(email), &challenge, &code, &known.user.full_name);
        Ok(self.ticket(&challenge))
    }

    /// The second factor of a log-in, or the proof of a sign-up's address. Both log in.
    pub async fn verify_otp(&self, challenge_id: &str, otp: &str, client: &ClientInfo) -> Result<LoggedIn, Refusal> {
        let challenge = self.burn_try(challenge_id, otp, client).await?;
        // The code of a reset proves who asks, but must not log in without a new password.
        let (OtpPurpose::SignUp | OtpPurpose::LogIn, Some(user_id)) = (challenge.purpose, challenge.user_id) else {
            return Err(Refusal::OtpInvalid);
        };
        let now = self.clock.now();
        let activate = match challenge.purpose {
            OtpPurpose::SignUp => true,
            _ => match self.users.find(user_id).await {
                Ok(user) => user.status == UserStatus::Unverified,
                Err(StoreError::NotFound) => return Err(Refusal::OtpInvalid),
                Err(error) => return Err(error.into()),
            },
        };
        let session = self.new_session(user_id, client, now);
        let what = Redemption::LogIn {
            session: session.clone(),
            activate,
        };
        let user = self
            .otps
            .redeem(challenge.otp_id, user_id, &what, now)
            .await?
            .ok_or(Refusal::OtpInvalid)?;
        let refresh_token = session.refresh_token(&self.refresh_key());
        Ok(LoggedIn {
            user,
            session,
            refresh_token,
        })
    }

    /// Burns one try of the challenge and returns it if the code is right. Everything that can be wrong is the same
    /// refusal.
    pub(super) async fn burn_try(
        &self,
        challenge_id: &str,
        otp: &str,
        client: &ClientInfo,
    ) -> Result<Challenge, Refusal> {
        let now = self.clock.now();
        self.limit_codes(challenge_id.get(..22).unwrap_or(challenge_id), client, now)?;
        let challenge_id = ChallengeId::parse(challenge_id).ok_or(Refusal::OtpInvalid)?;
        let challenge = self
            .otps
            .take_try(&challenge_id, now)
            .await?
            .ok_or(Refusal::OtpInvalid)?;
        match OtpCode::parse(otp) {
            Some(code) if self.answers(&challenge, &code) => Ok(challenge),
            _ => {
                if let Some(user_id) = challenge.user_id {
                    self.note_failure(Action::OtpFailed, user_id, now);
                }
                Err(Refusal::OtpInvalid)
            }
        }
    }
}
