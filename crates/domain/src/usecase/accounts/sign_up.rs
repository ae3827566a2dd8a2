//! A new account.

use super::{Accounts, ChallengeTicket, ClientInfo, NewChallenge};
use crate::{
    error::{Refusal, StoreError},
    ids::UserId,
    mail::{Channel, Message, OtpPurpose, Recipient},
    otp::PendingSignUp,
    password::{Password, PasswordContext},
    ports::{Credentials, Limited},
    user::{Email, Phone, Role, User, UserStatus, full_name},
    validate::Problems,
};

/// What somebody wants to sign up with, as sent.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    /// The name.
    pub full_name: String,
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The telephone, if given.
    pub phone: Option<String>,
}

struct Valid {
    full_name: String,
    email: Email,
    password: Password,
    phone: Option<Phone>,
}

impl SignUp {
    fn validated(&self) -> Result<Valid, Refusal> {
        let mut problems = Problems::new();
        let name = problems.take(full_name("/full_name", &self.full_name));
        let email = problems.take(Email::parse("/email", &self.email));
        let context = PasswordContext {
            email: Some(&self.email),
            full_name: Some(&self.full_name),
        };
        let password = problems.take(Password::parse("/password", &self.password, &context));
        let phone = match self.phone.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => problems.take(Phone::parse("/phone", text)),
            None => None,
        };
        problems.finish().map_err(Refusal::Invalid)?;
        match (name, email, password) {
            (Some(full_name), Some(email), Some(password)) => Ok(Valid {
                full_name,
                email,
                password,
                phone,
            }),
            _ => Err(Refusal::Invalid(Vec::new())),
        }
    }
}

impl Accounts {
    /// Starts a sign-up. The answer is the same for a known address, whose owner is told by mail.
    pub async fn sign_up(&self, sign_up: &SignUp, client: &ClientInfo) -> Result<ChallengeTicket, Refusal> {
        self.start_sign_up(sign_up, client, false).await
    }

    /// Starts the sign-up of an administrator. The caller has checked that the set-up link is genuine and unused.
    pub async fn sign_up_admin(&self, sign_up: &SignUp, client: &ClientInfo) -> Result<ChallengeTicket, Refusal> {
        self.start_sign_up(sign_up, client, true).await
    }

    async fn start_sign_up(
        &self,
        sign_up: &SignUp,
        client: &ClientInfo,
        admin: bool,
    ) -> Result<ChallengeTicket, Refusal> {
        let valid = sign_up.validated()?;
        let now = self.clock.now();
        self.limit_codes(valid.email.as_str(), client, now)?;
        self.limiter.take(Limited::MessagesTo(valid.email.to_string()), now)?;
        let password_hash = self.hasher.hash(valid.password.as_str()).await?;
        let pending = PendingSignUp {
            full_name: valid.full_name.clone(),
            password_hash: password_hash.clone(),
            phone: valid.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            admin,
        };
        let existing = match self.users.find_by_email(&valid.email).await? {
            Some(existing) => Some(existing),
            None => self.insert_unverified(&valid, &password_hash).await?,
        };
        let owner = existing.as_ref().map(|Credentials { user, .. }| user);
        let may_proceed = owner.is_some_and(|user| user.status == UserStatus::Unverified);
        let new = NewChallenge {
            user_id: owner.filter(|_| may_proceed).map(|user| user.user_id),
            purpose: OtpPurpose::SignUp,
            channel: Channel::Email,
            // A decoy carries the same columns, so that its row takes the same work.
            pending: Some(pending),
        };
        let (challenge, code) = self.challenge(new, now).await?;
        let to = Recipient::Email(valid.email);
        match owner {
            Some(user) if !may_proceed => {
                self.postbox.post(
                    to,
                    Message::AccountExists {
                        full_name: user.full_name.clone(),
                    },
                );
            }
            Some(_) => self.post_code(to, &challenge, &code, &valid.full_name),
            // The account that took the address is gone again: the challenge is a decoy, and its code would be a lie.
            None => {}
        }
        Ok(self.ticket(&challenge))
    }

    /// Writes the account. When somebody else was faster, their account counts.
    async fn insert_unverified(&self, valid: &Valid, password_hash: &str) -> Result<Option<Credentials>, StoreError> {
        let now = self.clock.now();
        let user = User {
            user_id: UserId::new(now, &*self.random),
            full_name: valid.full_name.clone(),
            email: valid.email.clone(),
            phone: valid.phone.clone(),
            role: Role::Customer,
            status: UserStatus::Unverified,
            last_login: None,
            time_zone: "UTC".to_owned(),
            email_verified_at: None,
            created_at: now,
            updated_at: now,
        };
        match self.users.insert(&user, password_hash).await {
            Ok(()) => Ok(Some(Credentials {
                user,
                password_hash: password_hash.to_owned(),
            })),
            Err(StoreError::Taken(_)) => self.users.find_by_email(&valid.email).await,
            Err(error) => Err(error),
        }
    }
}
