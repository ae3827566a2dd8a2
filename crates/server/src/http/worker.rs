//! The protocol of workers: programs of the user that claim runs and carry them out.

pub mod claim;
pub mod complete;
pub mod fail;
pub mod heartbeat;
pub mod log;
pub mod release;

use scheduler_domain::ids::{RunId, UserId};
use serde::de::DeserializeOwned;

use super::{body::RawBody, problem::Problem};
use crate::state::State;

/// The body of a call about a run. For a run that is not the caller's, 404 comes before whatever is wrong with it.
async fn body_about<T: DeserializeOwned>(
    state: &State,
    owner: UserId,
    run_id: RunId,
    body: RawBody,
) -> Result<T, Problem> {
    match body.json() {
        Ok(body) => Ok(body),
        Err(problem) => {
            state.workers.knows(owner, run_id).await?;
            Err(problem)
        }
    }
}
