//! Outside programs at work: they claim runs, tell how far they are, and end them.

mod input;

pub use input::{ClaimIn, ClaimSpec, ErrorIn, FailIn, HeartbeatIn, LogIn, LogLineIn, MAX_WAIT_SECONDS};

use crate::{
    clock::Clock,
    error::{Refusal, StoreError},
    ids::{RunId, UserId},
    job::{Payload, PayloadLimits},
    ports::{Beaten, Finish, Held, Logged, Queue, RunLog, WorkerClaim, WorkerQueue, WorkerRun},
    run::{LeaseToken, Run, RunError, Trigger},
    validate::{FieldError, range},
};
use std::sync::Arc;

/// The most runs of a queue that a limit may allow at once.
const MAX_RUNNING: i64 = 100_000;

/// The rules of workers over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Workers {
    pub queue: Arc<dyn WorkerQueue>,
    pub log: Arc<dyn RunLog>,
    pub clock: Arc<dyn Clock>,
    /// How large a result may be.
    pub payload_limits: PayloadLimits,
}

impl Workers {
    /// Claims runs that wait now; whether and how to wait for others is up to the caller.
    pub async fn claim(&self, owner: UserId, spec: &ClaimSpec) -> Result<Vec<WorkerRun>, Refusal> {
        let claim = WorkerClaim {
            owner,
            queues: spec.queues.clone(),
            max: spec.max,
            worker_name: spec.worker_name.clone(),
            lease_seconds: spec.lease_seconds,
            now: self.clock.now(),
        };
        Ok(self.queue.claim(&claim).await?)
    }

    /// Gives runs back that their worker never heard of: it went away while they were claimed. Nothing is counted.
    pub async fn hand_back(&self, owner: UserId, claimed: Vec<WorkerRun>) {
        for one in claimed {
            let finish = self.finish_of(one.run.run_id, one.lease, Trigger::HandBack);
            // What fails here comes back when the lease ends.
            let _ = self.queue.finish(owner, finish).await;
        }
    }

    /// A foreign id is unknown, whatever else is wrong with a request.
    pub async fn knows(&self, owner: UserId, run_id: RunId) -> Result<(), Refusal> {
        Ok(self.queue.knows(owner, run_id).await?)
    }

    /// Takes a sign of life.
    pub async fn heartbeat(
        &self,
        owner: UserId,
        run_id: RunId,
        token: &str,
        beat: HeartbeatIn,
    ) -> Result<Beaten, Refusal> {
        let beat = self.checked(owner, run_id, beat.checked()).await?;
        let held = self.held(owner, run_id, token).await?;
        Ok(self.queue.heartbeat(held, &beat, self.clock.now()).await?)
    }

    /// Keeps lines, as far as there is room.
    pub async fn log(&self, owner: UserId, run_id: RunId, token: &str, lines: LogIn) -> Result<Logged, Refusal> {
        let now = self.clock.now();
        let lines = self.checked(owner, run_id, lines.checked(now)).await?;
        let held = self.held(owner, run_id, token).await?;
        Ok(self.log.append(held, &lines, now).await?)
    }

    /// Ends a run well.
    pub async fn complete(
        &self,
        owner: UserId,
        run_id: RunId,
        token: &str,
        result: Option<Payload>,
    ) -> Result<Run, Refusal> {
        let within = result.map(|result| result.within("/result", self.payload_limits));
        let within = within.transpose().map_err(|error| vec![error]);
        let result = self.checked(owner, run_id, within).await?;
        let held = self.held(owner, run_id, token).await?;
        let finish = Finish {
            result,
            ..self.finish_of(run_id, held.lease, Trigger::Succeed)
        };
        Ok(self.queue.finish(owner, finish).await?)
    }

    /// Ends an attempt badly.
    pub async fn fail(&self, owner: UserId, run_id: RunId, token: &str, failure: FailIn) -> Result<Run, Refusal> {
        let (error, trigger) = self.checked(owner, run_id, failure.checked()).await?;
        let held = self.held(owner, run_id, token).await?;
        let finish = Finish {
            error: Some(error),
            ..self.finish_of(run_id, held.lease, trigger)
        };
        Ok(self.queue.finish(owner, finish).await?)
    }

    /// Gives a run back that its worker cannot bring to an end. Nothing is counted.
    pub async fn release(&self, owner: UserId, run_id: RunId, token: &str) -> Result<Run, Refusal> {
        let held = self.held(owner, run_id, token).await?;
        let finish = self.finish_of(run_id, held.lease, Trigger::HandBack);
        Ok(self.queue.finish(owner, finish).await?)
    }

    /// The queues of a user.
    pub async fn queues(&self, owner: UserId) -> Result<Vec<Queue>, Refusal> {
        Ok(self.queue.queues(owner).await?)
    }

    /// Limits how many runs of a queue are Running at once, or lifts the limit; 0 stops the queue.
    pub async fn limit(&self, owner: UserId, queue: &str, max_running: Option<i64>) -> Result<Queue, Refusal> {
        let name = crate::job::queue_name("/queue", queue)?;
        let max = max_running
            .map(|runs| range("/max_running", runs, 0, MAX_RUNNING, "runs"))
            .transpose()?;
        let max = max.map(|runs| u32::try_from(runs).unwrap_or(u32::MAX));
        Ok(self.queue.limit(owner, &name, max, self.clock.now()).await?)
    }

    async fn checked<T>(&self, owner: UserId, run_id: RunId, input: Result<T, Vec<FieldError>>) -> Result<T, Refusal> {
        match input {
            Ok(input) => Ok(input),
            Err(errors) => {
                self.knows(owner, run_id).await?;
                Err(Refusal::Invalid(errors))
            }
        }
    }

    /// The attempt that a token names. Tokens are opaque: a text that cannot be one is the token of another lease.
    async fn held(&self, owner: UserId, run_id: RunId, token: &str) -> Result<Held, Refusal> {
        match LeaseToken::decode(token) {
            Some(lease) => Ok(Held { owner, run_id, lease }),
            None => {
                self.knows(owner, run_id).await?;
                Err(StoreError::LeaseLost.into())
            }
        }
    }

    fn finish_of(&self, run_id: RunId, lease: LeaseToken, trigger: Trigger) -> Finish {
        Finish {
            run_id,
            lease,
            at: self.clock.now(),
            trigger,
            result: None,
            error: None::<RunError>,
        }
    }
}

#[cfg(test)]
mod tests;
