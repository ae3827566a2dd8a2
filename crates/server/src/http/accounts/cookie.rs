//! The refresh token as a cookie that scripts cannot read.

use actix_web::{
    HttpRequest, HttpResponseBuilder,
    cookie::{Cookie, SameSite, time::Duration},
    http::header,
};
use scheduler_domain::{
    ids::{SessionId, UserId},
    session::SESSION_IDLE,
    usecase::accounts::LoggedIn,
};

use super::dto::TokensOut;
use crate::{http::problem::Problem, state::State};

/// Over TLS the name has the `__Host-` prefix, which ties the cookie to this host (RFC 6265bis, section 4.1.3.2).
fn name(state: &State) -> &'static str {
    if state.is_https() {
        "__Host-refresh_token"
    } else {
        "refresh_token"
    }
}

fn build(state: &State, value: String, life: Duration) -> Cookie<'static> {
    Cookie::build(name(state), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.is_https())
        .max_age(life)
        .finish()
}

/// The refresh token that the browser sent.
pub(super) fn read(request: &HttpRequest) -> Option<String> {
    request
        .cookie(name(State::of(request)))
        .map(|cookie| cookie.value().to_owned())
}

/// Forgets the refresh token.
pub(super) fn clear(state: &State, response: &mut HttpResponseBuilder) {
    response.cookie(build(state, String::new(), Duration::ZERO));
}

/// The tokens of a log-in; for a browser the refresh token goes into the cookie instead of the body.
pub(super) fn tokens(
    state: &State,
    logged_in: LoggedIn,
    browser: bool,
    response: &mut HttpResponseBuilder,
) -> Result<TokensOut, Problem> {
    let access_token = access_token(state, logged_in.user.user_id, logged_in.session.session_id)?;
    let refresh_token = if browser {
        let life = Duration::seconds(SESSION_IDLE.num_seconds());
        response.cookie(build(state, logged_in.refresh_token, life));
        None
    } else {
        Some(logged_in.refresh_token)
    };
    Ok(TokensOut {
        access_token,
        token_type: "Bearer",
        expires_in: state.tokens.lifetime_seconds(),
        refresh_token,
        user: logged_in.user.into(),
    })
}

fn access_token(state: &State, user_id: UserId, session_id: SessionId) -> Result<String, Problem> {
    let now = state.clock.now();
    state
        .tokens
        .issue(user_id, session_id, now, &*state.random)
        .map_err(|error| Problem::internal(&error))
}

/// Refuses a call that carries the cookie from another site (the cookie is `SameSite=Strict`; this is the second lock).
pub(super) fn check_origin(request: &HttpRequest) -> Result<(), Problem> {
    let state = State::of(request);
    let header = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let foreign_origin = header(header::ORIGIN).is_some_and(|origin| !crate::http::origin::is_ours(state, origin));
    let foreign_site =
        header(header::HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site == "cross-site");
    if foreign_origin || foreign_site {
        Err(Problem::forbidden())
    } else {
        Ok(())
    }
}
