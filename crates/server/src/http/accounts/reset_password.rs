//! `POST /reset-password`

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{body::RawBody, client, problem::Problem, query::Query},
    state::State,
};

/// The code and the new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResetPasswordRequest)]
pub struct ResetPasswordIn {
    challenge_id: String,
    #[schema(example = "12345678")]
    otp: String,
    #[schema(format = "password", min_length = 10, max_length = 128)]
    new_password: String,
}

/// It is done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResetPasswordAnswer)]
pub struct ResetPasswordOut {
    /// What happened, for people.
    message: &'static str,
}

/// Set a new password
///
/// With a challenge of `/send-otp` with purpose `password_reset`. Ends every session of the user.
#[utoipa::path(
    post, path = "/api/v1/reset-password", operation_id = "resetPassword", tag = "Accounts", security(()),
    request_body = ResetPasswordIn,
    responses((status = 200, description = "The password is set; log in with it", body = ResetPasswordOut))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let body: ResetPasswordIn = body.json()?;
    let accounts = &State::of(&request).accounts;
    accounts
        .reset_password(
            &body.challenge_id,
            &body.otp,
            &body.new_password,
            &client::info(&request),
        )
        .await?;
    Ok(HttpResponse::Ok().json(ResetPasswordOut {
        message: "the password is set and every session has ended; log in with it",
    }))
}
