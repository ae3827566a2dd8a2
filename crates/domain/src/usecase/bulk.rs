//! The same thing done to many jobs: asked for, rehearsed, carried out a batch at a time, stopped.

use crate::{
    audit::Acting,
    bulk::{BATCH, BulkAction, BulkOperation, BulkParams, BulkStatus, BulkTarget, COUNTED, MAX_IDS},
    clock::{Clock, Random, Timestamp, random_bytes},
    error::{Refusal, StoreError},
    ids::{BulkId, JobId, UserId},
    job::JobSpec,
    page::{Limit, PageKey},
    ports::{BulkStore, JobFilter, JobSort, JobStore},
    run::{LeaseToken, RunTrigger},
    usecase::{jobs::Jobs, schedules::Schedules},
    user::Word,
    validate::{FieldError, Problems},
};
use chrono::TimeDelta;
use std::{collections::HashSet, sync::Arc};

/// How long a node may take for a batch before another takes the operation up.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// A batch that has taken so long ends before it is done, well within the lease.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);
/// The most ids that are named in an answer because they are no jobs.
const NAMED: usize = 20;

/// The rules of operations on many jobs over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Bulk {
    pub store: Arc<dyn BulkStore>,
    pub jobs_store: Arc<dyn JobStore>,
    pub jobs: Jobs,
    pub schedules: Schedules,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct BulkRequest {
    /// What is done.
    pub action: BulkAction,
    /// And how.
    pub params: BulkParams,
    /// To which jobs.
    pub target: BulkTarget,
    /// Only count.
    pub dry_run: bool,
}

/// An operation of which a batch is to be handled.
#[derive(Debug)]
pub struct Taken {
    operation: BulkOperation,
    lease: LeaseToken,
    since: Timestamp,
}

impl Taken {
    /// For whom the work is done.
    pub fn acting(&self) -> Option<Acting> {
        self.operation.asked.clone().map(Acting::on_behalf_of)
    }
}

impl Bulk {
    /// Notes an operation, which begins shortly; or with `dry_run` only says how many jobs it would handle.
    pub async fn create(&self, owner: UserId, asked: BulkRequest) -> Result<BulkOperation, Refusal> {
        let now = self.clock.now();
        let params = asked.params.validated(asked.action).map_err(Refusal::Invalid)?;
        let params = BulkParams {
            payload: params
                .payload
                .map(|payload| payload.within("/params/payload", self.jobs.payload_limits))
                .transpose()?,
            ..params
        };
        let (target, matched, matched_exactly) = match asked.target {
            BulkTarget::Ids(ids) => {
                let ids = self.named(owner, ids).await?;
                let matched = u32::try_from(ids.len()).unwrap_or(u32::MAX);
                (BulkTarget::Ids(ids), matched, true)
            }
            BulkTarget::Filter(filter) => {
                // Jobs that are made while it is under way are none of its business.
                let before = filter.created_before.map_or(now, |before| before.min(now));
                let filter = JobFilter {
                    created_before: Some(before),
                    ..filter
                };
                let found = self.jobs_store.count_matching(owner, &filter, COUNTED + 1).await?;
                (BulkTarget::Filter(filter), found.min(COUNTED), found <= COUNTED)
            }
        };
        let operation = BulkOperation {
            bulk_id: BulkId::new(now, &*self.random),
            owner,
            asked: None,
            action: asked.action,
            params,
            target,
            status: BulkStatus::Pending,
            matched,
            matched_exactly,
            done: 0,
            failed: 0,
            errors: Vec::new(),
            after: None,
            created_at: now,
            finished_at: None,
        };
        if !asked.dry_run {
            self.store.insert(&operation).await?;
        }
        Ok(operation)
    }

    /// The ids in order, each once; those that are no jobs of the owner are named.
    async fn named(&self, owner: UserId, ids: Vec<JobId>) -> Result<Vec<JobId>, Refusal> {
        if ids.is_empty() || ids.len() > MAX_IDS {
            let message = format!("has {} ids; must be 1 to {MAX_IDS}", ids.len());
            return Err(FieldError::new("/ids", "out_of_range", message).into());
        }
        let known: HashSet<JobId> = self.jobs_store.known(owner, &ids).await?.into_iter().collect();
        let mut problems = Problems::new();
        let unknown = ids.iter().enumerate().filter(|(_, id)| !known.contains(id));
        for (index, _) in unknown.take(NAMED) {
            let message = "is no job, or not yours";
            problems.push(FieldError::new(format!("/ids/{index}"), "not_found", message));
        }
        problems.finish().map_err(Refusal::Invalid)?;
        let mut ids = ids;
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Stops an operation. A batch that is at work is still brought to its end.
    pub async fn abort(&self, owner: UserId, bulk_id: BulkId) -> Result<BulkOperation, Refusal> {
        match self.store.abort(owner, bulk_id, self.clock.now()).await? {
            (true, operation) => Ok(operation),
            (false, operation) => Err(Refusal::InvalidTransition {
                from: operation.status.word().to_owned(),
                wanted: BulkStatus::Aborted.word().to_owned(),
                allowed: Vec::new(),
            }),
        }
    }

    /// Takes up the operation that has waited longest, for one batch.
    pub async fn take(&self) -> Result<Option<Taken>, StoreError> {
        let since = self.clock.now();
        let lease = LeaseToken(random_bytes(&*self.random));
        let operation = self.store.claim(since, since + LEASE, lease).await?;
        Ok(operation.map(|operation| Taken {
            operation,
            lease,
            since,
        }))
    }

    /// Handles one batch of it.
    pub async fn carry_out(&self, taken: Taken) -> Result<(), StoreError> {
        let Taken {
            mut operation,
            lease,
            since,
        } = taken;
        operation.status = BulkStatus::Running;
        let (batch, is_last) = self.next(&operation).await?;
        let mut cut_short = false;
        for (job_id, key) in batch {
            if self.clock.now() - since > PATIENCE {
                cut_short = true;
                break;
            }
            match self.handle(&operation, job_id).await {
                // The database is away: the rest of the batch would only be counted as failed.
                Err(Refusal::Store(StoreError::Unavailable(_))) => {
                    cut_short = true;
                    break;
                }
                outcome => operation.handled(job_id, outcome.map_err(|refusal| told(&refusal))),
            }
            operation.after = Some(key);
        }
        if is_last && !cut_short {
            operation.complete(self.clock.now());
        }
        match self.store.progress(&operation, lease, self.clock.now()).await {
            // Whoever has taken it handles the batch again, and finds most of it done.
            Err(StoreError::LeaseLost) => Ok(()),
            other => other,
        }
    }

    /// The next jobs with the keys to go on from, and whether they are the last ones.
    async fn next(&self, operation: &BulkOperation) -> Result<(Vec<(JobId, PageKey)>, bool), StoreError> {
        let size = usize::try_from(BATCH).unwrap_or(usize::MAX);
        match &operation.target {
            BulkTarget::Ids(ids) => {
                let last = operation
                    .after
                    .as_ref()
                    .and_then(|after| after.id.parse::<JobId>().ok());
                let mut rest = ids.iter().copied().filter(|id| last.is_none_or(|last| *id > last));
                let batch: Vec<JobId> = rest.by_ref().take(size).collect();
                let is_last = rest.next().is_none();
                let keyed = |id: JobId| {
                    let key = PageKey {
                        sort: String::new(),
                        id: id.to_string(),
                    };
                    (id, key)
                };
                Ok((batch.into_iter().map(keyed).collect(), is_last))
            }
            BulkTarget::Filter(filter) => {
                let limit = Limit::new(BATCH).unwrap_or(Limit::DEFAULT);
                let after = operation.after.as_ref();
                let page = self
                    .jobs_store
                    .list(operation.owner, filter, JobSort::CreatedAsc, after, limit)
                    .await?;
                let keyed = |job: &crate::job::Job| (job.job_id, key_of(job.created_at, job.job_id));
                Ok((page.data.iter().map(keyed).collect(), page.next.is_none()))
            }
        }
    }

    async fn handle(&self, operation: &BulkOperation, job_id: JobId) -> Result<(), Refusal> {
        let owner = operation.owner;
        match operation.action {
            BulkAction::Run => {
                let (trigger, run_id) = (RunTrigger::asked_by(operation.asker()), operation.run_of(job_id));
                let payload = operation.params.payload.clone();
                let started = self.jobs.start_by(owner, job_id, trigger, payload, Some(run_id)).await;
                started.map(drop)
            }
            BulkAction::Pause => {
                let reason = operation.params.reason.clone();
                self.schedules.pause(owner, job_id, reason).await.map(drop)
            }
            BulkAction::Resume => self.schedules.resume(owner, job_id).await.map(drop),
            BulkAction::Cancel => {
                // Where nothing is under way there is nothing to cancel: that is what was wanted.
                let now = self.clock.now();
                Ok(self.jobs_store.cancel_active(owner, job_id, now).await.map(drop)?)
            }
            BulkAction::Delete => {
                match self.jobs_store.delete(owner, job_id, None, self.clock.now()).await {
                    // Gone already: by this operation, before a crash, or by somebody else.
                    Ok(()) | Err(StoreError::NotFound) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
            BulkAction::Tag => {
                let params = operation.params.clone();
                let change = move |spec: JobSpec| {
                    Ok(JobSpec {
                        tags: params.retagged(spec.tags),
                        ..spec
                    })
                };
                self.jobs.change(owner, job_id, None, &change).await.map(drop)
            }
        }
    }
}

/// The key of a job in the order of making.
fn key_of(at: Timestamp, job_id: JobId) -> PageKey {
    PageKey {
        sort: at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        id: job_id.to_string(),
    }
}

/// Why a job could not be handled: the stable word, and a sentence.
fn told(refusal: &Refusal) -> (String, String) {
    let code = match refusal {
        Refusal::Invalid(errors) => {
            let first = errors.first().map_or_else(String::new, |error| {
                format!("{}: {}", error.pointer.trim_start_matches('/'), error.message)
            });
            return ("validation_failed".to_owned(), first);
        }
        Refusal::InvalidTransition { .. } => "invalid_transition",
        Refusal::OverlapSkipped => "overlap_skipped",
        Refusal::Store(StoreError::NotFound) => {
            return ("not_found".to_owned(), "it was deleted meanwhile".to_owned());
        }
        Refusal::Store(StoreError::VersionConflict { .. }) => "version_conflict",
        _ => return ("internal".to_owned(), "this is a mistake of the server".to_owned()),
    };
    (code.to_owned(), refusal.to_string())
}

#[cfg(test)]
mod tests;
