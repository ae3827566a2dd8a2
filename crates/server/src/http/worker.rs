//! The protocol of workers: programs of the user that claim runs and carry them out.

pub mod claim;
pub mod complete;
pub mod fail;
pub mod heartbeat;
pub mod log;
pub mod release;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use scheduler_domain::ids::{RunId, UserId};
use serde::de::DeserializeOwned;

use super::{auth::WorkerPrincipal, body::RawBody, path, problem::Problem, query::Query};
use crate::state::State;

/// A call about a run that was claimed: whose it is, which one, and what is said of it.
#[derive(Debug)]
pub struct About<T> {
    owner: UserId,
    run_id: RunId,
    said: T,
}

impl<T: DeserializeOwned + 'static> FromRequest for About<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let principal = WorkerPrincipal::from_request(request, payload);
        let body = RawBody::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let WorkerPrincipal(principal) = principal.await?;
            let body = body.await?;
            Query::of(&request).finish()?;
            let (owner, run_id) = (principal.user_id, path::id(&request)?);
            match body.json() {
                Ok(said) => Ok(Self { owner, run_id, said }),
                Err(problem) => {
                    // For a run that is not the caller's, 404 comes before whatever is wrong with the body.
                    State::of(&request).workers.knows(owner, run_id).await?;
                    Err(problem)
                }
            }
        })
    }
}
