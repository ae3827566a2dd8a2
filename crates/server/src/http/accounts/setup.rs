//! `POST /setup`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::usecase::accounts::SignUp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::ChallengeOut;
use crate::{
    http::{
        body::RawBody,
        client,
        problem::{Code, Problem},
        query::Query,
    },
    state::State,
};

/// The first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetupRequest)]
pub struct SetupIn {
    /// The token of the link that the server printed.
    token: String,
    #[schema(example = "Ada Lovelace")]
    full_name: String,
    #[schema(example = "ada@example.com", format = "email")]
    email: String,
    #[schema(format = "password")]
    password: String,
}

/// Make the first administrator
///
/// Works once, with the link that the server prints at its start while there is no administrator. Goes on like a
/// sign-up: the code in the mail, at `/verify-otp`.
#[utoipa::path(
    post, path = "/api/v1/setup", operation_id = "setUp", tag = "Accounts", security(()),
    request_body = SetupIn,
    responses((status = 201, description = "A code is on its way", body = ChallengeOut))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: SetupIn = body.json()?;
    let usable = state.setup.accepts(&body.token, state.clock.now()) && !state.users.has_admin().await?;
    if !usable {
        let detail = "this set-up link was used or is older than 30 minutes; restart the server for a new one, \
                      or run: job-scheduler admin create you@example.com";
        return Err(Problem::new(Code::Forbidden, detail));
    }
    let sign_up = SignUp {
        full_name: body.full_name,
        email: body.email,
        password: body.password,
        phone: None,
    };
    let ticket = state.accounts.sign_up_admin(&sign_up, &client::info(&request)).await?;
    Ok(HttpResponse::Created().json(ChallengeOut::from(ticket)))
}
