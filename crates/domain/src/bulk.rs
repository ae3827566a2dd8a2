//! The same thing done to many jobs: in the background, a batch at a time, so that nothing else waits for it.

use crate::{
    audit::Asked,
    clock::Timestamp,
    ids::{BulkId, JobId, RunId, UserId, uuid_v7},
    job::Payload,
    page::PageKey,
    ports::JobFilter,
    run::Asker,
    user::Word,
    validate::{FieldError, Problems, line},
    words,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most jobs that may be named one by one.
pub const MAX_IDS: usize = 1_000;
/// The most operations of a user that have not ended.
pub const MAX_OPEN: u32 = 20;
/// The most failures that an operation remembers; further ones are only counted.
pub const MAX_ERRORS: usize = 100;
/// Up to here the jobs that a filter finds are counted before the work begins.
pub const COUNTED: u32 = 10_000;
/// How many jobs are handled between two looks at whether to go on.
pub const BATCH: u32 = 25;

/// What is done to each job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// A run is started.
    Run,
    /// Its schedule is paused.
    Pause,
    /// Its schedule goes on.
    Resume,
    /// Its runs that have not ended are cancelled.
    Cancel,
    /// It is deleted.
    Delete,
    /// Tags are added and removed.
    Tag,
}

words!(BulkAction {
    Run = "run",
    Pause = "pause",
    Resume = "resume",
    Cancel = "cancel",
    Delete = "delete",
    Tag = "tag",
});

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkStatus {
    /// No node has begun with it.
    Pending,
    /// It is under way.
    Running,
    /// Every job was handled, well or badly. Final.
    Completed,
    /// Somebody stopped it; what was done stays done. Final.
    Aborted,
}

words!(BulkStatus {
    Pending = "Pending",
    Running = "Running",
    Completed = "Completed",
    Aborted = "Aborted",
});

impl BulkStatus {
    /// Whether nothing happens any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Aborted)
    }
}

/// What an action needs to know besides the jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkParams {
    /// `run`: a payload for these runs alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// `pause`: why, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `tag`: tags that each job has afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// `tag`: tags that no job has afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

impl BulkParams {
    /// The parameters as this action takes them, or every one that it does not.
    pub fn validated(mut self, action: BulkAction) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::new();
        let given = [
            ("payload", self.payload.is_some(), BulkAction::Run),
            ("reason", self.reason.is_some(), BulkAction::Pause),
            ("add", !self.add.is_empty(), BulkAction::Tag),
            ("remove", !self.remove.is_empty(), BulkAction::Tag),
        ];
        for (name, is_given, goes_with) in given {
            if is_given && action != goes_with {
                let message = format!("goes with action \"{}\" only", goes_with.word());
                problems.push(FieldError::new(format!("/params/{name}"), "not_applicable", message));
            }
        }
        if let Some(reason) = &self.reason {
            problems.take(line("/params/reason", reason, 1, 500));
        }
        if action == BulkAction::Tag && self.add.is_empty() && self.remove.is_empty() {
            let message = "needs tags to add or to remove";
            problems.push(FieldError::new("/params", "required", message));
        }
        for (name, tags) in [("add", &mut self.add), ("remove", &mut self.remove)] {
            if tags.len() > 20 {
                let message = format!("has {} tags; at most 20 are allowed", tags.len());
                problems.push(FieldError::new(format!("/params/{name}"), "too_many", message));
            }
            for (index, tag) in tags.iter_mut().take(21).enumerate() {
                if let Some(clean) = problems.take(line(&format!("/params/{name}/{index}"), tag, 1, 50)) {
                    *tag = clean;
                }
            }
        }
        if let Some(both) = self.add.iter().find(|tag| self.remove.contains(tag)) {
            let message = format!("\"{both}\" is to be added and to be removed");
            problems.push(FieldError::new("/params/remove", "contradiction", message));
        }
        problems.finish()?;
        Ok(self)
    }

    /// The tags of a job afterwards.
    pub fn retagged(&self, mut tags: Vec<String>) -> Vec<String> {
        tags.retain(|tag| !self.remove.contains(tag));
        tags.extend(self.add.iter().cloned());
        tags.sort();
        tags.dedup();
        tags
    }
}

/// Which jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkTarget {
    /// These, in the order of their ids.
    Ids(Vec<JobId>),
    /// Those that the filter finds when their turn comes, oldest first.
    Filter(JobFilter),
}

/// A job to which it could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkError {
    /// The job.
    pub job_id: JobId,
    /// The stable word of the problem.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// The same thing done to many jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOperation {
    /// Its id.
    pub bulk_id: BulkId,
    /// Whose jobs.
    pub owner: UserId,
    /// Who asked for it, and from where; `None` where nobody is known who did.
    pub asked: Option<Asked>,
    /// What is done.
    pub action: BulkAction,
    /// And how.
    pub params: BulkParams,
    /// To which jobs.
    pub target: BulkTarget,
    /// Where it stands.
    pub status: BulkStatus,
    /// How many jobs there are to handle.
    pub matched: u32,
    /// Whether `matched` is all of them; otherwise there are at least so many.
    pub matched_exactly: bool,
    /// Jobs to which it was done.
    pub done: u32,
    /// Jobs to which it could not be done.
    pub failed: u32,
    /// The first of those, at most [`MAX_ERRORS`].
    pub errors: Vec<BulkError>,
    /// The last job that was handled.
    pub after: Option<PageKey>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl BulkOperation {
    /// Who asks for the runs that it starts.
    pub fn asker(&self) -> Asker {
        let asked = self.asked.as_ref();
        asked.map_or_else(|| self.owner.into(), |asked| asked.actor.asker(self.owner))
    }

    /// Notes what became of a job.
    pub fn handled(&mut self, job_id: JobId, outcome: Result<(), (String, String)>) {
        match outcome {
            Ok(()) => self.done += 1,
            Err((code, message)) => {
                self.failed += 1;
                if self.errors.len() < MAX_ERRORS {
                    self.errors.push(BulkError { job_id, code, message });
                }
            }
        }
        self.matched = self.matched.max(self.done + self.failed);
    }

    /// Every job was handled.
    pub fn complete(&mut self, now: Timestamp) {
        self.status = BulkStatus::Completed;
        self.finished_at = Some(now);
        // Jobs that no longer were what the filter asks for when their turn came are not among those that matched.
        self.matched = self.done + self.failed;
        self.matched_exactly = true;
    }

    /// The run that it starts of a job: always the same one, so that a batch which is handled twice after a crash starts
    /// no job twice.
    pub fn run_of(&self, job_id: JobId) -> RunId {
        let mut digest = Sha256::new();
        digest.update(self.bulk_id.as_uuid().as_bytes());
        digest.update(job_id.as_uuid().as_bytes());
        let digest: [u8; 32] = digest.finalize().into();
        let mut chance = [0; 10];
        for (to, from) in chance.iter_mut().zip(digest) {
            *to = from;
        }
        RunId::from_uuid(uuid_v7(self.created_at, chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;
    use proptest::prelude::*;

    fn operation() -> BulkOperation {
        let random = SeededRandom::new(1);
        BulkOperation {
            bulk_id: BulkId::new(Timestamp::UNIX_EPOCH, &random),
            owner: UserId::new(Timestamp::UNIX_EPOCH, &random),
            asked: None,
            action: BulkAction::Run,
            params: BulkParams::default(),
            target: BulkTarget::Ids(Vec::new()),
            status: BulkStatus::Running,
            matched: 3,
            matched_exactly: true,
            done: 0,
            failed: 0,
            errors: Vec::new(),
            after: None,
            created_at: Timestamp::UNIX_EPOCH,
            finished_at: None,
        }
    }

    fn codes(params: BulkParams, action: BulkAction) -> Vec<String> {
        let errors = params.validated(action).err().unwrap_or_default();
        errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect()
    }

    #[test]
    fn each_action_takes_its_own_parameters_only() {
        let all = BulkParams {
            payload: Some(Payload::from_json("1".to_owned()).unwrap()),
            reason: Some("x".to_owned()),
            add: vec!["a".to_owned()],
            remove: vec!["b".to_owned()],
        };
        let refused = |action| codes(all.clone(), action);
        assert_eq!(
            refused(BulkAction::Delete),
            [
                "/params/payload not_applicable",
                "/params/reason not_applicable",
                "/params/add not_applicable",
                "/params/remove not_applicable"
            ]
        );
        assert_eq!(
            refused(BulkAction::Tag),
            ["/params/payload not_applicable", "/params/reason not_applicable"]
        );
        assert_eq!(codes(BulkParams::default(), BulkAction::Tag), ["/params required"]);
        assert_eq!(codes(BulkParams::default(), BulkAction::Pause), [""; 0]);
    }

    #[test]
    fn a_tag_cannot_come_and_go() {
        let params = BulkParams {
            add: vec![" a ".to_owned()],
            remove: vec!["a".to_owned(), String::new()],
            ..BulkParams::default()
        };
        assert_eq!(
            codes(params, BulkAction::Tag),
            ["/params/remove/1 too_short", "/params/remove contradiction"]
        );
    }

    #[test]
    fn the_run_of_a_job_is_always_the_same_and_never_that_of_another() {
        let (one, other) = (operation(), operation());
        let random = SeededRandom::new(7);
        let jobs: Vec<JobId> = (0..50).map(|_| JobId::new(Timestamp::UNIX_EPOCH, &random)).collect();
        let mut runs: Vec<RunId> = jobs.iter().map(|job| one.run_of(*job)).collect();
        assert_eq!(runs, jobs.iter().map(|job| other.run_of(*job)).collect::<Vec<_>>());
        runs.sort_unstable();
        runs.dedup();
        assert_eq!(runs.len(), jobs.len());
    }

    proptest! {
        #[test]
        fn every_job_is_counted_once(outcomes in prop::collection::vec(any::<bool>(), 0..300)) {
            let mut operation = operation();
            let random = SeededRandom::new(3);
            for well in &outcomes {
                let outcome = if *well { Ok(()) } else { Err(("code".to_owned(), "message".to_owned())) };
                operation.handled(JobId::new(Timestamp::UNIX_EPOCH, &random), outcome);
                prop_assert!(operation.matched >= operation.done + operation.failed);
            }
            operation.complete(Timestamp::UNIX_EPOCH);
            let bad = outcomes.iter().filter(|well| !**well).count();
            prop_assert_eq!(operation.matched as usize, outcomes.len());
            prop_assert_eq!(operation.failed as usize, bad);
            prop_assert_eq!(operation.errors.len(), bad.min(MAX_ERRORS));
        }

        #[test]
        fn tags_come_and_go(before in prop::collection::vec("[a-e]", 0..6), add in prop::collection::vec("[a-c]", 0..3),
            remove in prop::collection::vec("[d-e]", 0..3)) {
            let params = BulkParams { add: add.clone(), remove: remove.clone(), ..BulkParams::default() };
            let after = params.retagged(before);
            prop_assert!(add.iter().all(|tag| after.contains(tag)));
            prop_assert!(!remove.iter().any(|tag| after.contains(tag)));
            prop_assert!(after.is_sorted());
        }
    }
}
