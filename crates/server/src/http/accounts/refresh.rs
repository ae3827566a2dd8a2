//! `POST /token/refresh`

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{cookie, dto::TokensOut};
use crate::{
    http::{body::RawBody, problem::Problem, query::Query},
    state::State,
};

/// The refresh token; absent for a browser, which has it as a cookie.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefreshRequest)]
pub struct RefreshIn {
    #[serde(default)]
    refresh_token: Option<String>,
}

/// Renew the tokens
///
/// Answers a new pair; the old refresh token stops working. Used a second time, it ends the session, because somebody
/// holds a copy. A client that lost the answer may repeat the call once within 10 s.
#[utoipa::path(
    post, path = "/api/v1/token/refresh", operation_id = "refreshTokens", tag = "Accounts", security(()),
    request_body(content = RefreshIn, description = "Nothing for a browser with the cookie"),
    responses((status = 200, description = "A new pair", body = TokensOut))
)]
pub async fn handle(request: HttpRequest, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: RefreshIn = body.json_or_default()?;
    let (token, browser) = match body.refresh_token {
        Some(token) => (token, false),
        None => {
            cookie::check_origin(&request)?;
            (cookie::read(&request).ok_or_else(Problem::unauthenticated)?, true)
        }
    };
    let logged_in = state.accounts.refresh(&token).await?;
    let mut response = HttpResponse::Ok();
    let tokens = cookie::tokens(state, logged_in, browser, &mut response)?;
    Ok(response.json(tokens))
}
