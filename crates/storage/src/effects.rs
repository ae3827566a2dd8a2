//! What a transaction does besides its rows: events, counters, and what the listener hears. Gathered while rows change,
//! written near the end (`queries/emit.rs`), because the row of a user's stream is locked from then on.

use chrono::NaiveDateTime;
use scheduler_domain::{
    audit::{Acting, Actor, Changes, Deed, NewEntry},
    clock::Timestamp,
    event::NewEvent,
    ids::{JobId, RunId, UserId},
    job::{JobSpec, JobStatus},
    ports::ClaimedRun,
    run::RunStatus,
    stats::{Grain, JobCounts, Results},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What happens to one user's stream.
#[derive(Debug, Default)]
pub(crate) struct StreamEffects {
    /// The events, oldest first.
    pub(crate) events: Vec<NewEvent>,
    /// How the number of jobs in each status changes.
    pub(crate) jobs: JobCounts,
    /// How the number of enabled endpoints changes.
    pub(crate) endpoints: i32,
    /// How many runs ended, by the length and the start of the bucket.
    pub(crate) results: BTreeMap<(i32, NaiveDateTime), Results>,
    /// How many runs can be claimed that could not before.
    pub(crate) claimable: i32,
    /// Whether an instant of a schedule was planned, other than after one that was due.
    pub(crate) has_planned: bool,
    /// Whether deliveries were written besides those that the events bring about.
    pub(crate) has_deliveries: bool,
    /// Running runs that were cancelled.
    pub(crate) cancelled_runs: Vec<RunId>,
    /// How the number of runs that are Running changes.
    pub(crate) running: i64,
    /// Queues in which workers find a run that they could not claim before.
    pub(crate) worker_queues: BTreeSet<String>,
    /// Jobs whose runs begin late.
    pub(crate) late: BTreeSet<JobId>,
    /// Trouble that somebody wants to hear of though it comes with runs that end well: bits of
    /// [`NoticePolicy::extra`](scheduler_domain::notice::NoticePolicy::extra).
    pub(crate) notice_extra: i32,
    /// Runs that start in this transaction on this node.
    pub(crate) claimed: Vec<ClaimedRun>,
}

/// What a transaction does besides its rows, by user. Sorted: locks are taken in this order.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) streams: BTreeMap<UserId, StreamEffects>,
    /// The smallest key under which a run can be claimed that could not before.
    pub(crate) claimable_from: Option<i64>,
    /// For whom the work is done; `None`: for nobody in particular.
    pub(crate) acting: Option<Arc<Acting>>,
    /// What the audit log is going to say of it.
    pub(crate) audit: Vec<NewEntry>,
}

impl Effects {
    /// Writes down what is done, if it is done for somebody.
    pub(crate) fn audit(&mut self, deed: Deed) {
        if let Some(acting) = &self.acting {
            self.audit.push(deed.by(acting.actor(), acting.origin.clone()));
        }
    }

    /// The same, where it is not who sent the request but somebody who is known only now.
    pub(crate) fn audit_by(&mut self, actor: Actor, deed: Deed) {
        if let Some(acting) = &self.acting {
            self.audit.push(deed.by(actor, acting.origin.clone()));
        }
    }

    /// Adds to the latest entry what was changed.
    pub(crate) fn explain(&mut self, changes: Changes) {
        if let Some(latest) = self.audit.last_mut() {
            latest.deed.changes = changes;
        }
    }

    pub(crate) fn of(&mut self, owner: UserId) -> &mut StreamEffects {
        self.streams.entry(owner).or_default()
    }

    /// An event happened.
    pub(crate) fn emit(&mut self, owner: UserId, event: NewEvent) {
        self.of(owner).events.push(event);
    }

    /// A job came (`before` is `None`), went (`after` is `None`) or changed its status.
    pub(crate) fn job_moved(&mut self, owner: UserId, before: Option<JobStatus>, after: Option<JobStatus>) {
        let jobs = &mut self.of(owner).jobs;
        if let Some(before) = before {
            *jobs.of(before) -= 1;
        }
        if let Some(after) = after {
            *jobs.of(after) += 1;
        }
    }

    /// A job is written with what its owner wants to be told about it.
    pub(crate) fn notices_wanted(&mut self, owner: UserId, spec: &JobSpec) {
        if let Some(policy) = &spec.notices {
            self.of(owner).notice_extra |= policy.extra();
        }
    }

    /// A run ended.
    pub(crate) fn run_ended(&mut self, owner: UserId, status: RunStatus, at: Timestamp) {
        let one = match status {
            RunStatus::Completed => Results {
                completed: 1,
                ..Results::default()
            },
            RunStatus::Failed => Results {
                failed: 1,
                ..Results::default()
            },
            RunStatus::Cancelled => Results {
                cancelled: 1,
                ..Results::default()
            },
            RunStatus::Queued | RunStatus::Running | RunStatus::Retrying => return,
        };
        for grain in [Grain::Minute, Grain::Hour] {
            let length = i32::try_from(grain.seconds()).unwrap_or(i32::MAX);
            let bucket = (length, grain.bucket(at).naive_utc());
            self.of(owner).results.entry(bucket).or_default().add(one);
        }
    }

    /// A worker of this queue can claim a run.
    pub(crate) fn worker_claimable(&mut self, owner: UserId, queue: &str) {
        self.of(owner).worker_queues.insert(queue.to_owned());
    }

    /// A run can be claimed under this key.
    pub(crate) fn claimable(&mut self, owner: UserId, key: i64) {
        self.of(owner).claimable += 1;
        self.claimable_from = Some(self.claimable_from.map_or(key, |least| least.min(key)));
    }
}
