//! `POST /signup`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::usecase::accounts::SignUp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::ChallengeOut;
use crate::{
    http::{body::RawBody, client, problem::Problem, query::Query},
    state::State,
};

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignUpRequest)]
pub struct SignUpIn {
    /// 1 to 100 characters.
    #[schema(example = "Ada Lovelace", pattern = r"^\s*\S(?:.{0,98}\S)?\s*$")]
    full_name: String,
    #[schema(example = "ada@example.com", format = "email")]
    email: String,
    /// 10 to 128 characters of any alphabet; common ones, and those made of your name or address, are refused.
    #[schema(
        example = "violet-gears-1843",
        format = "password",
        min_length = 10,
        max_length = 128
    )]
    password: String,
    /// In international form.
    #[serde(default)]
    #[schema(example = "+441632960961")]
    phone: Option<String>,
}

impl From<SignUpIn> for SignUp {
    fn from(body: SignUpIn) -> Self {
        Self {
            full_name: body.full_name,
            email: body.email,
            password: body.password,
            phone: body.phone,
        }
    }
}

/// Sign up
///
/// Sends a code to the address. The answer is the same for an address that has an account already: its owner is told by
/// mail. Entering the code at `/verify-otp` activates the account and logs in.
#[utoipa::path(
    post, path = "/api/v1/signup", operation_id = "signUp", tag = "Accounts", security(()),
    request_body = SignUpIn,
    responses((status = 201, description = "A code is on its way", body = ChallengeOut))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let sign_up: SignUp = body.json::<SignUpIn>()?.into();
    let ticket = State::of(&request)
        .accounts
        .sign_up(&sign_up, &client::info(&request))
        .await?;
    Ok(HttpResponse::Created().json(ChallengeOut::from(ticket)))
}
