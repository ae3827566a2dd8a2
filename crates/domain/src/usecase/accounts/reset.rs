//! A new password for a forgotten one.

use super::{Accounts, ClientInfo};
use crate::{
    error::{Refusal, StoreError},
    mail::{Message, OtpPurpose, Recipient},
    password::{Password, PasswordContext},
    ports::Redemption,
};

impl Accounts {
    /// Sets a new password and ends every session of the user.
    pub async fn reset_password(
        &self,
        challenge_id: &str,
        otp: &str,
        new_password: &str,
        client: &ClientInfo,
    ) -> Result<(), Refusal> {
        // What can be judged without knowing the account is judged first, and costs no try.
        let nobody = PasswordContext {
            email: None,
            full_name: None,
        };
        Password::parse("/new_password", new_password, &nobody)?;
        let challenge = self.burn_try(challenge_id, otp, client).await?;
        let (OtpPurpose::PasswordReset, Some(user_id)) = (challenge.purpose, challenge.user_id) else {
            return Err(Refusal::OtpInvalid);
        };
        let user = match self.users.find(user_id).await {
            Ok(user) => user,
            Err(StoreError::NotFound) => return Err(Refusal::OtpInvalid),
            Err(error) => return Err(error.into()),
        };
        // Whether the password fits the person may be told only to who has proved to be that person.
        let context = PasswordContext {
            email: Some(user.email.as_str()),
            full_name: Some(&user.full_name),
        };
        let password = Password::parse("/new_password", new_password, &context)?;
        let password_hash = self.hasher.hash(password.as_str()).await?;
        let now = self.clock.now();
        let what = Redemption::ResetPassword { password_hash };
        let user = self
            .otps
            .redeem(challenge.otp_id, user_id, &what, now)
            .await?
            .ok_or(Refusal::OtpInvalid)?;
        self.watch.sessions_of_user_ended(user_id);
        let message = Message::PasswordChanged {
            full_name: user.full_name,
            at: now,
        };
        self.postbox.post(Recipient::Email(user.email), message);
        Ok(())
    }
}
