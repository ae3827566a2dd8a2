//! Wire types of accounts.

use chrono::{DateTime, Utc};
use scheduler_domain::{
    usecase::accounts::ChallengeTicket,
    user::{User, Word},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserOut {
    pub user_id: Uuid,
    pub full_name: String,
    pub email: String,
    #[schema(required)]
    pub phone: Option<String>,
    #[schema(value_type = RoleWord)]
    pub role: &'static str,
    #[schema(value_type = UserStatusWord)]
    pub status: &'static str,
    pub is_active: bool,
    #[schema(required)]
    pub last_login: Option<DateTime<Utc>>,
    /// IANA time zone.
    #[schema(example = "Europe/Vienna")]
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What an account may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
#[serde(rename_all = "lowercase")]
pub enum RoleWord {
    Customer,
    Admin,
}

/// Where an account stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserStatus)]
pub enum UserStatusWord {
    Unverified,
    Active,
    Deactivated,
}

impl From<User> for UserOut {
    fn from(user: User) -> Self {
        Self {
            user_id: user.user_id.as_uuid(),
            is_active: user.is_active(),
            full_name: user.full_name,
            email: user.email.to_string(),
            phone: user.phone.map(|phone| phone.as_str().to_owned()),
            role: user.role.word(),
            status: user.status.word(),
            last_login: user.last_login,
            time_zone: user.time_zone,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// A question that the code in the mail answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Challenge)]
pub struct ChallengeOut {
    /// Send it back with the code.
    pub challenge_id: String,
    /// When the code stops working.
    pub expires_at: DateTime<Utc>,
    /// When the code can be sent again.
    pub resend_after: DateTime<Utc>,
}

impl From<ChallengeTicket> for ChallengeOut {
    fn from(ticket: ChallengeTicket) -> Self {
        Self {
            challenge_id: ticket.challenge_id.as_str().to_owned(),
            expires_at: ticket.expires_at,
            resend_after: ticket.resend_after,
        }
    }
}

/// Tokens of a session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensOut {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// For `/token/refresh`. Absent for `"client": "browser"`, which gets it as a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    pub user: UserOut,
}
