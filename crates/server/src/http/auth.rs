//! Who calls: the access token of a request becomes a [`Principal`].

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use scheduler_domain::{
    ids::{SessionId, UserId},
    ports::Limited,
    user::Role,
};

use super::problem::Problem;
use crate::{rate_limit::Left, state::State};

/// The caller of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// The user; the owner in every query.
    pub user_id: UserId,
    /// The session of the token.
    pub session_id: SessionId,
    /// What the user may do.
    pub role: Role,
    /// When the token expires, in seconds since 1970.
    pub expires: i64,
}

impl Principal {
    /// Reads a token. Also used by the WebSocket, whose token comes in a message.
    pub async fn of_token(state: &State, token: &str) -> Result<Self, Problem> {
        let now = state.clock.now();
        let claims = state.tokens.read(token, now).ok_or_else(Problem::unauthenticated)?;
        let caller = state
            .sessions
            .caller(claims.sid, now)
            .await?
            .ok_or_else(Problem::unauthenticated)?;
        if caller.user_id != claims.sub {
            return Err(Problem::unauthenticated());
        }
        Ok(Self {
            user_id: caller.user_id,
            session_id: claims.sid,
            role: caller.role,
            expires: claims.exp,
        })
    }
}

/// The bearer token of a request.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

impl Principal {
    /// Reads the token of a request, and takes one from the bucket that such requests have.
    async fn of_request(request: HttpRequest, limited: fn(UserId) -> Limited) -> Result<Self, Problem> {
        let state = State::of(&request);
        let token = bearer(&request).ok_or_else(Problem::unauthenticated)?;
        let principal = Self::of_token(state, token).await?;
        if state.buckets.enabled() {
            let left = state.buckets.take_one(limited(principal.user_id), state.clock.now())?;
            request.extensions_mut().insert::<Left>(left);
        }
        Ok(principal)
    }
}

impl FromRequest for Principal {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(Self::of_request(request.clone(), Limited::Request))
    }
}

/// The caller of a worker's request. Workers have a bucket of their own: their signs of life must not shut their owner
/// out, nor the owner them.
#[derive(Debug, Clone, Copy)]
pub struct WorkerPrincipal(pub Principal);

impl FromRequest for WorkerPrincipal {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(Principal::of_request(request, Limited::Worker).await?)) })
    }
}

/// A caller who is an administrator.
#[derive(Debug, Clone, Copy)]
pub struct Admin(pub Principal);

impl FromRequest for Admin {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let principal = Principal::from_request(request, payload);
        Box::pin(async move {
            let principal = principal.await?;
            if principal.role == Role::Admin {
                Ok(Self(principal))
            } else {
                Err(Problem::forbidden())
            }
        })
    }
}
