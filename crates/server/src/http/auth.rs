//! Who calls: the access token or API key of a request becomes a [`Principal`].
//!
//! A handler says in its arguments whom it serves: [`Allowed`] takes log-ins, and keys that have the scope; a bare
//! [`Principal`] takes log-ins only, and so does [`Admin`].

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use scheduler_domain::{
    api_key::{KeyText, Scopes},
    audit::Actor,
    ids::{ApiKeyId, SessionId, UserId},
    ports::Limited,
    run::Asker,
    user::Role,
};
use scheduler_storage::acting;
use std::{marker::PhantomData, ops::Deref};

use super::{
    idempotency::Needed,
    problem::Problem,
    scopes::{Need, Work},
};
use crate::{rate_limit::Left, state::State};

/// What a caller shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// The access token of a log-in.
    Session(SessionId),
    /// An API key.
    ApiKey(ApiKeyId),
}

/// The caller of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// The user; the owner in every query.
    pub user_id: UserId,
    /// The log-in or the key.
    pub credential: Credential,
    /// What the user may do.
    pub role: Role,
    /// What the credential may do for the user.
    pub scopes: Scopes,
    /// When the credential expires, in seconds since 1970; `None`: it does not.
    pub expires: Option<i64>,
}

impl Principal {
    /// Reads an access token or an API key. Also used by the WebSocket, where it comes in a message.
    pub async fn of_token(state: &State, token: &str) -> Result<Self, Problem> {
        if KeyText::looks_like_one(token) {
            Self::of_key(state, token).await
        } else {
            Self::of_access_token(state, token).await
        }
    }

    async fn of_access_token(state: &State, token: &str) -> Result<Self, Problem> {
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
            credential: Credential::Session(claims.sid),
            role: caller.role,
            scopes: Scopes::ALL,
            expires: Some(claims.exp),
        })
    }

    async fn of_key(state: &State, text: &str) -> Result<Self, Problem> {
        let key = KeyText::parse(text).ok_or_else(Problem::unauthenticated)?;
        let caller = state.keys.caller(key.hash(), state.clock.now()).await?;
        let caller = caller.ok_or_else(Problem::unauthenticated)?;
        Ok(Self {
            user_id: caller.user_id,
            credential: Credential::ApiKey(caller.api_key_id),
            role: caller.role,
            scopes: caller.scopes,
            expires: caller.expires_at.map(|at| at.timestamp()),
        })
    }

    /// The log-in, if it is one.
    pub fn session_id(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(session_id) => Some(session_id),
            Credential::ApiKey(_) => None,
        }
    }

    /// The key, if it is one.
    pub fn api_key_id(&self) -> Option<ApiKeyId> {
        match self.credential {
            Credential::ApiKey(api_key_id) => Some(api_key_id),
            Credential::Session(_) => None,
        }
    }

    /// Who asks for runs.
    pub fn asker(&self) -> Asker {
        Asker {
            user_id: self.user_id,
            api_key_id: self.api_key_id(),
        }
    }

    /// Who the audit log says it was.
    fn actor(&self) -> Actor {
        match self.credential {
            Credential::Session(session_id) => Actor::session(self.user_id, session_id),
            Credential::ApiKey(api_key_id) => Actor::api_key(self.user_id, api_key_id),
        }
    }

    /// Refuses a key that has none of the scopes.
    pub fn must_have<N: Need>(&self) -> Result<(), Problem> {
        if self.scopes.has_any(N::ANY_OF) {
            Ok(())
        } else {
            Err(Problem::insufficient_scope(N::ANY_OF, self.scopes))
        }
    }

    /// Refuses every key.
    pub fn must_be_logged_in(&self) -> Result<SessionId, Problem> {
        self.session_id().ok_or_else(Problem::log_in_needed)
    }

    /// Reads the token of a request, and takes one from the bucket that such requests have. Done once a request.
    pub async fn of_request(request: &HttpRequest, limited: fn(UserId) -> Limited) -> Result<Self, Problem> {
        if let Some(known) = request.extensions().get::<Self>() {
            return Ok(*known);
        }
        let state = State::of(request);
        let token = bearer(request).ok_or_else(Problem::unauthenticated)?;
        let principal = Self::of_token(state, token).await?;
        if state.buckets.enabled() {
            let left = state.buckets.take_one(limited(principal.user_id), state.clock.now())?;
            request.extensions_mut().insert::<Left>(left);
        }
        request.extensions_mut().insert(principal);
        if let Some(acting) = acting::current() {
            acting.identify(principal.actor());
        }
        Ok(principal)
    }
}

/// The bearer token of a request.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// A log-in. Keys are refused, so that an operation that says nothing of scopes is closed to them.
impl FromRequest for Principal {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let principal = Self::of_request(&request, Limited::Request).await?;
            principal.must_be_logged_in()?;
            Ok(principal)
        })
    }
}

/// A caller who may do what `N` says: a log-in, or a key with the scope.
#[derive(Debug, Clone, Copy)]
pub struct Allowed<N>(Principal, PhantomData<N>);

impl<N> Deref for Allowed<N> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl<N: Need> Allowed<N> {
    async fn of_request(request: HttpRequest, limited: fn(UserId) -> Limited) -> Result<Self, Problem> {
        let principal = Principal::of_request(&request, limited).await?;
        principal.must_have::<N>()?;
        request.extensions_mut().insert(Needed(N::ANY_OF));
        Ok(Self(principal, PhantomData))
    }
}

impl<N: Need> FromRequest for Allowed<N> {
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
        Box::pin(async move { Ok(Self(*Allowed::<Work>::of_request(request, Limited::Worker).await?)) })
    }
}

/// A caller who is an administrator, logged in.
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
