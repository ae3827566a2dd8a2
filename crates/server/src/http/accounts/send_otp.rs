//! `POST /send-otp`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{
    mail::{Channel, OtpPurpose},
    usecase::accounts::ResetFor,
    user::{Email, Phone, Word},
    validate::FieldError,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::ChallengeOut;
use crate::{
    http::{body::RawBody, client, problem::Problem, query::Query},
    state::State,
};

/// Either `challenge_id`, to send its code again, or `email` or `phone` with `purpose`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SendOtpRequest)]
pub struct SendOtpIn {
    /// The challenge whose code is to be sent again.
    #[serde(default)]
    challenge_id: Option<String>,
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    /// `password_reset`
    #[serde(default)]
    #[schema(example = "password_reset")]
    purpose: Option<String>,
    /// `email` or `sms`
    #[serde(default)]
    channel: Option<String>,
}

enum Wanted {
    Resend(String),
    Reset(ResetFor),
}

impl SendOtpIn {
    fn read(self) -> Result<(Wanted, Option<Channel>), FieldError> {
        let channel = self
            .channel
            .as_deref()
            .map(|word| Channel::parse("/channel", word))
            .transpose()?;
        let wanted = match (self.challenge_id, self.email, self.phone) {
            (Some(challenge_id), None, None) if self.purpose.is_none() => {
                return Ok((Wanted::Resend(challenge_id), channel));
            }
            (None, Some(email), None) => ResetFor::Email(Email::parse("/email", &email)?),
            (None, None, Some(phone)) => ResetFor::Phone(Phone::parse("/phone", &phone)?),
            _ => {
                let message =
                    "send either challenge_id alone, or exactly one of email and phone with purpose \"password_reset\"";
                return Err(FieldError::new("", "ambiguous", message));
            }
        };
        let reset = OtpPurpose::PasswordReset.word();
        match self.purpose.as_deref() {
            Some(word) if word == reset => Ok((Wanted::Reset(wanted), channel)),
            Some(other) => Err(FieldError::unknown_word("/purpose", other, &[reset])),
            None => Err(FieldError::new(
                "/purpose",
                "required",
                "is required with email or phone: \"password_reset\"",
            )),
        }
    }
}

/// Send a code
///
/// Sends the code of a challenge again (a new code, the same `challenge_id`; the old code stops working), or starts a
/// password reset. The answer is the same for an unknown address.
#[utoipa::path(
    post, path = "/api/v1/send-otp", operation_id = "sendOtp", tag = "Accounts", security(()),
    request_body = SendOtpIn,
    responses((status = 200, description = "If the account exists, a code is on its way", body = ChallengeOut))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let (wanted, channel) = body
        .json::<SendOtpIn>()?
        .read()
        .map_err(|error| Problem::invalid(vec![error]))?;
    let (accounts, client) = (&State::of(&request).accounts, client::info(&request));
    let ticket = match wanted {
        Wanted::Resend(challenge_id) => accounts.resend(&challenge_id, channel, &client).await?,
        Wanted::Reset(whose) => accounts.start_reset(&whose, channel, &client).await?,
    };
    Ok(HttpResponse::Ok().json(ChallengeOut::from(ticket)))
}
