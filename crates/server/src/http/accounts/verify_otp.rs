//! `POST /verify-otp`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{user::Role, validate::FieldError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{cookie, dto::TokensOut};
use crate::{
    http::{body::RawBody, client, problem::Problem, query::Query},
    state::State,
};

/// The second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VerifyOtpRequest)]
pub struct VerifyOtpIn {
    challenge_id: String,
    /// Eight digits.
    #[schema(example = "12345678")]
    otp: String,
    /// `browser` gets the refresh token as a cookie that scripts cannot read.
    #[serde(default)]
    client: Option<String>,
}

/// Enter the code
///
/// Logs in. A code works once, for five tries and until `expires_at`; whatever is wrong with it, the answer is one and
/// the same 401.
#[utoipa::path(
    post, path = "/api/v1/verify-otp", operation_id = "verifyOtp", tag = "Accounts", security(()),
    request_body = VerifyOtpIn,
    responses((status = 200, description = "Logged in", body = TokensOut))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: VerifyOtpIn = body.json()?;
    let browser = match body.client.as_deref() {
        None => false,
        Some("browser") => true,
        Some(other) => {
            return Err(Problem::invalid(vec![FieldError::unknown_word(
                "/client",
                other,
                &["browser"],
            )]));
        }
    };
    if browser {
        cookie::check_origin(&request)?;
    }
    let logged_in = state
        .accounts
        .verify_otp(&body.challenge_id, &body.otp, &client::info(&request))
        .await?;
    if logged_in.user.role == Role::Admin {
        state.setup.revoke();
    }
    let mut response = HttpResponse::Ok();
    let tokens = cookie::tokens(state, logged_in, browser, &mut response)?;
    Ok(response.json(tokens))
}
