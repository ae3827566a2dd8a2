//! The port for notices: what people want to be told, incidents, and the outbox.

use crate::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, NoticeId, UserId},
    notice::{Incident, Notice, NoticePolicy, NoticeStatus},
    page::{Limit, Page, PageKey},
    run::LeaseToken,
};
use async_trait::async_trait;

/// A notice whose turn it is, with what its job is like by now.
#[derive(Debug, Clone, PartialEq)]
pub struct DueNotice {
    /// The notice.
    pub notice: Notice,
    /// How often telling it was tried in vain.
    pub tries: u32,
    /// What the owner wants to be told about this job; `None`: what they want about any.
    pub policy: Option<NoticePolicy>,
    /// When the job runs next.
    pub next_run_at: Option<Timestamp>,
    /// Whether the job is still there.
    pub job_exists: bool,
}

/// What one person is to be told now.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// The person.
    pub owner: UserId,
    /// What they want to be told about jobs that say nothing of it.
    pub defaults: NoticePolicy,
    /// Oldest first; at most [`Round::MOST`].
    pub notices: Vec<DueNotice>,
    /// When they were last written to, oldest first: within [`WINDOW`](crate::notice::WINDOW), and no more than
    /// [`PER_WINDOW`](crate::notice::PER_WINDOW) of the times.
    pub told_at: Vec<Timestamp>,
}

impl Round {
    /// The most notices of one round.
    pub const MOST: u32 = 200;
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was told, at this instant; those told in one mail have the same.
    Sent {
        /// When.
        at: Timestamp,
        /// When to tell it again if the incident is still open then.
        remind_at: Option<Timestamp>,
    },
    /// Nobody wanted to hear of it.
    NotWanted,
    /// It waits until then; nothing was tried.
    Held(Timestamp),
    /// A try was in vain; the next is due then.
    Again(Timestamp, String),
    /// It is given up.
    Failed(String),
}

/// An entry of the outbox, as its owner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeEntry {
    /// The notice.
    pub notice: Notice,
    /// Where it stands.
    pub status: NoticeStatus,
    /// When it was told.
    pub sent_at: Option<Timestamp>,
    /// Why the latest try was in vain.
    pub error: Option<String>,
}

/// Notices. Incidents and entries of the outbox come to be in the transactions that bring events about; nothing else
/// makes them.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait NoticeStore: Send + Sync + 'static {
    /// What the owner wants to be told about jobs that say nothing of it.
    async fn defaults(&self, owner: UserId) -> Result<NoticePolicy, StoreError>;

    /// Changes that.
    async fn set_defaults(&self, owner: UserId, policy: &NoticePolicy, now: Timestamp) -> Result<(), StoreError>;

    /// The incident of a job, if it has one. `NotFound` when the job is not the owner's.
    async fn incident(&self, owner: UserId, job_id: JobId) -> Result<Option<Incident>, StoreError>;

    /// A page of the outbox, newest first.
    async fn list(&self, owner: UserId, after: Option<PageKey>, limit: Limit) -> Result<Page<NoticeEntry>, StoreError>;

    /// Takes what is due of the person who has waited longest; nobody else is given it until `until`.
    async fn claim(&self, now: Timestamp, until: Timestamp, lease: LeaseToken) -> Result<Option<Round>, StoreError>;

    /// Writes what became of notices. Those that somebody else has taken meanwhile are left alone.
    async fn settle(&self, lease: LeaseToken, settled: Vec<(NoticeId, Settled)>) -> Result<(), StoreError>;

    /// Puts into the outbox up to `batch` reminders that are due, and answers how many.
    async fn remind(&self, now: Timestamp, batch: u32) -> Result<u32, StoreError>;

    /// Deletes up to `batch` notices that were made before `before` and wait for nothing; answers how many.
    async fn delete_old(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}
