//! Secret addresses of jobs: made, revoked, and what strangers do with them.

use crate::{
    clock::{Clock, Random, Timestamp},
    error::{Refusal, StoreError},
    ids::{JobId, UserId},
    job::{Executor, Job, Payload},
    link::{Link, LinkHash, LinkKind},
    ports::{JobStore, Limited, LinkStore, Pinged, RateLimiter, ScheduleStore},
    run::{Run, RunTrigger, TriggerKind},
    usecase::jobs::Jobs,
    validate::FieldError,
};
use chrono::TimeDelta;
use std::sync::Arc;

/// How many jobs are brought up to date when a ping finds that the scheduler has not come to its instant yet.
const CATCH_UP: u32 = 100;
/// How many addresses are made in one transaction.
const AT_ONCE: usize = 100;
/// The use of an address is noted no more often than this.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(60);

/// The rules of secret addresses over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Links {
    pub store: Arc<dyn LinkStore>,
    pub jobs_store: Arc<dyn JobStore>,
    pub schedules: Arc<dyn ScheduleStore>,
    pub jobs: Jobs,
    pub limiter: Arc<dyn RateLimiter>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Links {
    /// Makes an address, in place of the one that the job had; answers it with its secret, which nobody learns again.
    pub async fn issue(&self, owner: UserId, job_id: JobId, kind: LinkKind) -> Result<(Link, String), Refusal> {
        let job = self.jobs_store.find(owner, job_id).await?;
        let is_heartbeat = matches!(job.spec.executor, Executor::Heartbeat { .. });
        let refused = match kind {
            LinkKind::Heartbeat if !is_heartbeat => Some("only a job with an executor of type heartbeat is pinged"),
            LinkKind::Inbound if is_heartbeat => Some("a job that expects pings is started by nobody; ping it instead"),
            _ => None,
        };
        if let Some(message) = refused {
            return Err(FieldError::new("", "not_applicable", message).into());
        }
        let (link, secret) = self.new_link(owner, job_id, kind);
        self.store.put(&[(link.clone(), LinkHash::of(&secret))]).await?;
        Ok((link, secret))
    }

    /// Makes the ping addresses of jobs that have just been made; answers their secrets, in the order of the jobs.
    pub async fn issue_pings(&self, owner: UserId, jobs: &[JobId]) -> Result<Vec<String>, StoreError> {
        let mut secrets = Vec::with_capacity(jobs.len());
        for jobs in jobs.chunks(AT_ONCE) {
            let links = jobs.iter().map(|job_id| {
                let (link, secret) = self.new_link(owner, *job_id, LinkKind::Heartbeat);
                let hash = LinkHash::of(&secret);
                secrets.push(secret);
                (link, hash)
            });
            let links: Vec<_> = links.collect();
            self.store.put(&links).await?;
        }
        Ok(secrets)
    }

    fn new_link(&self, owner: UserId, job_id: JobId, kind: LinkKind) -> (Link, String) {
        let secret = kind.new_secret(&*self.random);
        let link = Link {
            job_id,
            owner,
            kind,
            last4: secret.chars().skip(secret.len().saturating_sub(4)).collect(),
            created_at: self.clock.now(),
            last_used_at: None,
        };
        (link, secret)
    }

    /// The address that the secret belongs to. Each use of it is counted here.
    pub async fn resolve(&self, secret: &str, kind: LinkKind) -> Result<Link, Refusal> {
        let link = self.store.resolve(LinkHash::of(secret), kind).await?;
        self.limiter.take(Limited::Link(link.job_id, kind), self.clock.now())?;
        Ok(link)
    }

    /// Starts the job of an inbound address.
    pub async fn hook(&self, link: &Link, secret: &str, payload: Option<Payload>) -> Result<Run, Refusal> {
        let now = self.clock.now();
        let trigger = RunTrigger {
            kind: TriggerKind::Inbound,
            user_id: None,
            ..RunTrigger::manual(link.owner)
        };
        let started = self
            .jobs
            .start_by(link.owner, link.job_id, trigger, payload, None)
            .await;
        self.note(link, secret, now).await?;
        started.map(|(_, run)| run)
    }

    /// Notes that what the job watches is alive.
    pub async fn ping(&self, link: &Link, secret: &str) -> Result<Pinged, Refusal> {
        let now = self.clock.now();
        let mut pinged = self.schedules.ping(link.owner, link.job_id, now).await?;
        if pinged == Pinged::Overdue {
            // The instant that it is too late for is decided about first; the ping then counts for the next one.
            self.schedules.fire_due(now, CATCH_UP, None).await?;
            pinged = self.schedules.ping(link.owner, link.job_id, now).await?;
        }
        self.note(link, secret, now).await?;
        Ok(pinged)
    }

    /// The job whose picture is asked for.
    pub async fn badge(&self, link: &Link) -> Result<Job, Refusal> {
        Ok(self.jobs_store.find(link.owner, link.job_id).await?)
    }

    async fn note(&self, link: &Link, secret: &str, now: Timestamp) -> Result<(), StoreError> {
        if link.last_used_at.is_none_or(|last| now - last >= NOTED_EVERY) {
            self.store.used(LinkHash::of(secret), now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
