//! A model in memory beside the database, through long sequences of random operations: whatever happens, the counters
//! are what counting says, every event tells of a legal step, and the queue agrees with the model about who may run.

use super::{
    people::{at, limit, somebody},
    work::{FAIL, claim, finish, new_run, node, retrying},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use scheduler_domain::{
    event::{Cursor, EventType},
    ids::{JobId, UserId},
    job::{JobSpec, JobStatus, Overlap, Priority},
    ports::{ClaimedRun, EventFilter, Finished, NewJob, Started},
    run::{RunStatus, Trigger},
    stats::JobCounts,
    user::Word,
};
use scheduler_tests::databases::Database;
use std::collections::HashMap;

on_both! {
    counters_and_events_agree_with_the_tables_after_any_sequence
}

const STEPS: u32 = 350;

struct World {
    database: Database,
    dice: StdRng,
    owners: Vec<UserId>,
    jobs: Vec<(UserId, JobId)>,
    held: Vec<ClaimedRun>,
    now: i64,
}

async fn counters_and_events_agree_with_the_tables_after_any_sequence(mut database: Database) {
    for seed in [1, 2] {
        let mut owners = Vec::new();
        for name in ["ada", "bob"] {
            owners.push(somebody(&database, &format!("{name}{seed}")).await);
        }
        let mut world = World {
            database,
            dice: StdRng::seed_from_u64(seed),
            owners,
            jobs: Vec::new(),
            held: Vec::new(),
            now: 0,
        };
        for _ in 0..STEPS {
            world.step().await;
        }
        world.check().await;
        world.drain().await;
        world.check().await;
        return_to(&mut world).await;
        database = world.database;
    }
}

async fn return_to(world: &mut World) {
    // The next seed starts with nobody's work left over.
    for (owner, job) in std::mem::take(&mut world.jobs) {
        let _ = world.database.stores.jobs.delete(owner, job, None, at(world.now)).await;
    }
}

impl World {
    fn pick_job(&mut self) -> Option<(UserId, JobId)> {
        (!self.jobs.is_empty()).then(|| self.jobs[self.dice.random_range(0..self.jobs.len())])
    }

    async fn step(&mut self) {
        self.now += self.dice.random_range(0..4);
        let now = at(self.now);
        let stores = self.database.stores.clone();
        match self.dice.random_range(0..100u32) {
            0..15 => self.create().await,
            15..35 => {
                if let Some((owner, job)) = self.pick_job() {
                    let new = new_run(&self.database, owner, now);
                    let started = stores.jobs.start(owner, job, new, now).await.unwrap();
                    if let Started::Run { job, run } = started {
                        assert_eq!(job.last_run.unwrap().run_id, run.run_id);
                    }
                }
            }
            35..55 => {
                let max = self.dice.random_range(1..6);
                self.held.extend(
                    stores
                        .queue
                        .claim(&claim(self.dice.random_range(1..3), max, now))
                        .await
                        .unwrap(),
                );
            }
            55..75 => self.finish_some().await,
            75..80 => {
                if let Some((owner, job)) = self.pick_job() {
                    stores.jobs.cancel_active(owner, job, now).await.unwrap();
                }
            }
            80..84 => {
                if let Some((owner, job)) = self.pick_job() {
                    stores.jobs.delete(owner, job, None, now).await.unwrap();
                    self.jobs.retain(|(_, id)| *id != job);
                }
            }
            84..88 => {
                stores.queue.reap(now, self.dice.random_range(1..5)).await.unwrap();
            }
            88..90 => {
                stores
                    .queue
                    .free_leases_of(node(self.dice.random_range(1..3)), now)
                    .await
                    .unwrap();
            }
            90..96 => {
                stores.queue.queue_due_retries(now, 5).await.unwrap();
            }
            _ => {
                if let Some((owner, job)) = self.pick_job() {
                    let found = stores.jobs.find(owner, job).await.unwrap();
                    let mut spec = found.spec;
                    spec.overlap = self.overlap();
                    stores
                        .jobs
                        .update(owner, job, found.version, &spec, None, now)
                        .await
                        .unwrap();
                }
            }
        }
    }

    fn overlap(&mut self) -> Overlap {
        [Overlap::Allow, Overlap::Skip, Overlap::Queue, Overlap::CancelRunning][self.dice.random_range(0..4)]
    }

    async fn create(&mut self) {
        let owner = self.owners[self.dice.random_range(0..self.owners.len())];
        let spec = JobSpec {
            overlap: self.overlap(),
            priority: [Priority::Low, Priority::High][self.dice.random_range(0..2)],
            ..retrying("job", self.dice.random_range(1..4))
        };
        let now = at(self.now);
        let run = self.dice.random_bool(0.5).then(|| new_run(&self.database, owner, now));
        let new = NewJob {
            timing: scheduler_domain::ports::Timing::default(),
            job_id: JobId::new(now, &*self.database.random),
            spec,
            run,
        };
        let job = self.database.stores.jobs.create(owner, new, now).await.unwrap();
        self.jobs.push((owner, job.job_id));
    }

    async fn finish_some(&mut self) {
        let many = self.dice.random_range(0..4).min(self.held.len());
        let mut batch = Vec::new();
        for _ in 0..many {
            let claimed = self.held.swap_remove(self.dice.random_range(0..self.held.len()));
            let fail = |retryable, timed_out, seconds: Option<i64>| Trigger::Fail {
                retryable,
                timed_out,
                retry_after: seconds.map(chrono::TimeDelta::seconds),
            };
            let triggers = [
                Trigger::Succeed,
                Trigger::Succeed,
                Trigger::HandBack,
                FAIL,
                fail(true, true, None),
                fail(true, false, Some(2)),
                fail(false, false, None),
            ];
            let trigger = triggers[self.dice.random_range(0..triggers.len())];
            batch.push(finish(&claimed, trigger, at(self.now)));
        }
        let count = batch.len();
        assert_eq!(self.database.stores.queue.finish(batch).await.unwrap().len(), count);
    }

    /// Lets everything end: nothing may be stuck.
    async fn drain(&mut self) {
        for _ in 0..400 {
            self.now += 4_000;
            let (queue, now) = (self.database.stores.queue.clone(), at(self.now));
            queue.reap(now, 500).await.unwrap();
            queue.queue_due_retries(now, 500).await.unwrap();
            let claimed = queue.claim(&claim(1, 500, now)).await.unwrap();
            let batch: Vec<_> = claimed
                .iter()
                .map(|claimed| finish(claimed, Trigger::Succeed, now))
                .collect();
            let answers = queue.finish(batch).await.unwrap();
            assert!(answers.iter().all(|answer| *answer == Finished::Written));
            if self
                .database
                .number("SELECT COUNT(*) FROM runs WHERE finished_at IS NULL")
                .await
                == 0
            {
                return;
            }
        }
        panic!(
            "runs are stuck: {:?}",
            self.database
                .query("SELECT status, claim_key FROM runs WHERE finished_at IS NULL")
                .await
        );
    }

    async fn check(&self) {
        let database = &self.database;
        for owner in &self.owners {
            let user = owner.as_uuid().simple().to_string();
            let mut counts = JobCounts::default();
            for (status, word) in JobStatus::ALL {
                let sql = format!(
                    "SELECT COUNT(*) FROM jobs WHERE created_by = x'{user}' AND deleted_at IS NULL AND status = '{word}'"
                );
                *counts.of(*status) = database.number(&sql).await;
            }
            assert_eq!(database.stores.jobs.counts(*owner).await.unwrap(), counts);
            self.check_stats(&user).await;
            self.check_events(*owner).await;
        }
        for (column, condition) in [
            ("active_runs", "1 = 1"),
            ("waiting_runs", "status = 'Queued' AND claim_key IS NULL"),
        ] {
            let sql = format!(
                "SELECT COUNT(*) FROM jobs WHERE {column} <> (SELECT COUNT(*) FROM runs \
                 WHERE runs.job_id = jobs.job_id AND finished_at IS NULL AND {condition})"
            );
            assert_eq!(database.number(&sql).await, 0, "{column}");
        }
        // A run waits only while another of its job is under way.
        let stuck = "SELECT COUNT(*) FROM jobs WHERE waiting_runs > 0 AND waiting_runs = active_runs";
        assert_eq!(database.number(stuck).await, 0);
        // The job follows its latest run.
        let words = "CASE runs.status WHEN 'Queued' THEN 'Pending' WHEN 'Retrying' THEN 'Pending' ELSE runs.status END";
        let astray = format!(
            "SELECT COUNT(*) FROM jobs JOIN runs ON runs.run_id = jobs.last_run_id WHERE jobs.status <> {words}"
        );
        assert_eq!(database.number(&astray).await, 0);
    }

    async fn check_stats(&self, user: &str) {
        for (column, word) in [
            ("completed", "Completed"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ] {
            let counted = format!("SELECT COUNT(*) FROM runs WHERE user_id = x'{user}' AND status = '{word}'");
            for grain in [60, 3600] {
                let kept = format!(
                    "SELECT COALESCE(SUM({column}) , 0) FROM run_stats WHERE user_id = x'{user}' AND grain_seconds = {grain}"
                );
                assert_eq!(
                    self.database.number(&kept.replace(" , ", ",")).await,
                    self.database.number(&counted).await,
                    "{word}"
                );
            }
        }
    }

    /// The events of each run are a path along the arrows, and end where the run is.
    async fn check_events(&self, owner: UserId) {
        let (mut since, mut at_status): (Cursor, HashMap<String, RunStatus>) = (Cursor::START, HashMap::new());
        loop {
            let some = self
                .database
                .stores
                .events
                .read_after(owner, since, &EventFilter::default(), limit(200))
                .await
                .unwrap();
            for event in &some {
                assert_eq!(event.cursor.0, since.0 + 1);
                since = event.cursor;
                let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
                let Some(run) = data.get("run") else { continue };
                let entered = RunStatus::from_word(run["status"].as_str().unwrap()).unwrap();
                let before = at_status.insert(run["run_id"].to_string(), entered);
                assert!(is_arrow(before, entered), "{before:?} -> {entered:?}");
                assert_eq!(event.kind, entered_by(entered));
            }
            if some.is_empty() {
                break;
            }
        }
        for (run, status) in at_status {
            let hex = run.trim_matches('"').replace('-', "");
            let stored = self
                .database
                .query(&format!("SELECT status FROM runs WHERE run_id = x'{hex}'"))
                .await;
            assert_eq!(stored, [[status.word()]]);
        }
    }
}

fn is_arrow(from: Option<RunStatus>, to: RunStatus) -> bool {
    use RunStatus as S;
    matches!(
        (from, to),
        (None | Some(S::Running | S::Retrying), S::Queued)
            | (Some(S::Queued), S::Running)
            | (Some(S::Running), S::Completed | S::Retrying | S::Failed)
            | (Some(S::Queued | S::Running | S::Retrying), S::Cancelled)
    )
}

fn entered_by(status: RunStatus) -> EventType {
    match status {
        RunStatus::Queued => EventType::RunQueued,
        RunStatus::Running => EventType::RunStarted,
        RunStatus::Retrying => EventType::RunRetrying,
        RunStatus::Completed => EventType::RunCompleted,
        RunStatus::Failed => EventType::RunFailed,
        RunStatus::Cancelled => EventType::RunCancelled,
    }
}
