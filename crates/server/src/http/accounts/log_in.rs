//! `POST /login`

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dto::ChallengeOut;
use crate::{
    http::{body::RawBody, client, problem::Problem, query::Query},
    state::State,
};

/// The first factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogInRequest)]
pub struct LogInIn {
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "violet-gears-1843", format = "password")]
    password: String,
}

/// What is left to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogInChallenge)]
pub struct LogInOut {
    #[serde(flatten)]
    challenge: ChallengeOut,
    /// Always true: the code in the mail is the second factor.
    otp_required: bool,
}

/// Log in with password
///
/// The first of two factors. Sends a code; enter it at `/verify-otp`. Any wrong pair is the same 401. A new log-in makes
/// the code of an older one worthless.
#[utoipa::path(
    post, path = "/api/v1/login", operation_id = "logIn", tag = "Accounts", security(()),
    request_body = LogInIn,
    responses((status = 200, description = "A code is on its way", body = LogInOut))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let body: LogInIn = body.json()?;
    let ticket = State::of(&request)
        .accounts
        .log_in(&body.email, &body.password, &client::info(&request))
        .await?;
    Ok(HttpResponse::Ok().json(LogInOut {
        challenge: ticket.into(),
        otp_required: true,
    }))
}
