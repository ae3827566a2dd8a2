use super::Db;
use async_trait::async_trait;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::*,
    ids::*,
    job::*,
    page::{Limit, Page, PageKey},
    ports::*,
    run::*,
    stats::*,
};

#[async_trait]
impl JobStore for Db {
    async fn create(&self, _owner: UserId, _new: NewJob, _now: Timestamp) -> Result<Job, StoreError> {
        Err(unwritten())
    }
    async fn find(&self, _owner: UserId, _job_id: JobId) -> Result<Job, StoreError> {
        Err(unwritten())
    }
    async fn list<'a>(
        &self,
        _owner: UserId,
        _filter: &'a JobFilter,
        _sort: JobSort,
        _after: Option<&'a PageKey>,
        _limit: Limit,
    ) -> Result<Page<Job>, StoreError> {
        Err(unwritten())
    }
    async fn update(
        &self,
        _owner: UserId,
        _job_id: JobId,
        _expected: i64,
        _spec: &JobSpec,
        _now: Timestamp,
    ) -> Result<Job, StoreError> {
        Err(unwritten())
    }
    async fn delete(
        &self,
        _owner: UserId,
        _job_id: JobId,
        _expected: Option<i64>,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        Err(unwritten())
    }
    async fn counts(&self, _owner: UserId) -> Result<JobCounts, StoreError> {
        Err(unwritten())
    }
    async fn start(
        &self,
        _owner: UserId,
        _job_id: JobId,
        _new: NewRun,
        _now: Timestamp,
    ) -> Result<Started, StoreError> {
        Err(unwritten())
    }
    async fn cancel_active(
        &self,
        _owner: UserId,
        _job_id: JobId,
        _now: Timestamp,
    ) -> Result<Option<(Job, Run)>, StoreError> {
        Err(unwritten())
    }
}
#[async_trait]
impl RunHistory for Db {
    async fn find_run(&self, _owner: UserId, _run_id: RunId) -> Result<Run, StoreError> {
        Err(unwritten())
    }
    async fn list_runs<'a>(
        &self,
        _owner: UserId,
        _filter: &'a RunFilter,
        _after: Option<&'a PageKey>,
        _limit: Limit,
    ) -> Result<Page<Run>, StoreError> {
        Err(unwritten())
    }
    async fn cancel_run(
        &self,
        _owner: UserId,
        _run_id: RunId,
        _now: Timestamp,
    ) -> Result<Result<Run, InvalidTransition>, StoreError> {
        Err(unwritten())
    }
    async fn recent_durations(&self, _owner: UserId, _since: Timestamp) -> Result<Vec<i64>, StoreError> {
        Err(unwritten())
    }
    async fn results(
        &self,
        _owner: UserId,
        _grain: Grain,
        _since: Timestamp,
    ) -> Result<Vec<(Timestamp, Results)>, StoreError> {
        Err(unwritten())
    }
}
#[async_trait]
impl EventStore for Db {
    async fn read_after<'a>(
        &self,
        _owner: UserId,
        _since: Cursor,
        _filter: &'a EventFilter,
        _limit: Limit,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        Err(unwritten())
    }
    async fn job_events<'a>(
        &self,
        _owner: UserId,
        _job_id: JobId,
        _after: Option<&'a PageKey>,
        _limit: Limit,
    ) -> Result<Page<StoredEvent>, StoreError> {
        Err(unwritten())
    }
    async fn bounds(&self, _owner: UserId) -> Result<StreamBounds, StoreError> {
        Err(unwritten())
    }
    async fn heads(&self, _owners: &[UserId]) -> Result<Vec<(UserId, Cursor)>, StoreError> {
        Err(unwritten())
    }
    async fn delete_events(&self, _before: Timestamp, _batch: u32) -> Result<u32, StoreError> {
        Err(unwritten())
    }
}
#[async_trait]
impl RunQueue for Db {
    async fn claim(&self, _claim: &Claim) -> Result<Vec<ClaimedRun>, StoreError> {
        Err(unwritten())
    }
    async fn finish(&self, _batch: Vec<Finish>) -> Result<Vec<Finished>, StoreError> {
        Err(unwritten())
    }
    async fn renew(
        &self,
        _leases: &[(RunId, LeaseToken)],
        _until: Timestamp,
        _now: Timestamp,
    ) -> Result<Vec<RunId>, StoreError> {
        Err(unwritten())
    }
    async fn reap(&self, _now: Timestamp, _batch: u32) -> Result<u32, StoreError> {
        Err(unwritten())
    }
    async fn free_leases_of(&self, _node: NodeId, _now: Timestamp) -> Result<u32, StoreError> {
        Err(unwritten())
    }
    async fn queue_due_retries(&self, _now: Timestamp, _batch: u32) -> Result<u32, StoreError> {
        Err(unwritten())
    }
    async fn next_retry_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Err(unwritten())
    }
    async fn delete_ended(&self, _before: Timestamp, _batch: u32) -> Result<u32, StoreError> {
        Err(unwritten())
    }
    async fn heartbeat(&self, _node: NodeId, _name: &str, _version: &str, _now: Timestamp) -> Result<(), StoreError> {
        Err(unwritten())
    }
}
fn unwritten() -> StoreError {
    StoreError::Driver("not written yet".to_owned())
}
