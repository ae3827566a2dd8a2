//! A crontab becomes jobs.

use super::Schedules;
use crate::{
    clock::Timestamp,
    error::{Refusal, StoreError},
    ids::{JobId, UserId},
    job::{Executor, Job, JobSpec, Payload},
    schedule::{
        crontab::{self, Entry, LineKind},
        zone,
    },
    validate::{FieldError, Problems},
};
use std::collections::HashMap;

/// What became of a line of a crontab.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its number, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// What became of it.
    pub outcome: ImportOutcome,
}

/// See [`Imported`].
#[derive(Debug, Clone)]
pub enum ImportOutcome {
    /// It is, or would be, a job.
    Ok {
        /// The job; `None` in a rehearsal.
        job: Option<Box<Job>>,
        /// Its name.
        name: String,
        /// The next instants.
        next: Vec<Timestamp>,
    },
    /// It means nothing for jobs.
    Ignored(String),
    /// An import before has made a job of it: this one.
    Known(JobId),
    /// It is wrong.
    Error(String),
}

impl Schedules {
    /// Makes a job of each line of a crontab, or with `dry_run` says what it would make. A command becomes the payload
    /// of a `worker` job: commands run where their owner wants them, never on the server.
    ///
    /// The external id of each job is made of its line, so that the same line makes no second job when the crontab is
    /// imported again. A line that has changed is another line.
    pub async fn import(
        &self,
        owner: UserId,
        text: &str,
        time_zone: &str,
        dry_run: bool,
    ) -> Result<Vec<Imported>, Refusal> {
        let now = self.clock.now();
        let mut problems = Problems::new();
        if let Err(message) = zone::parse(time_zone) {
            problems.push(FieldError::new("/time_zone", "unknown_time_zone", message));
        }
        let lines = crontab::parse(text, time_zone, now).map_err(|error| FieldError {
            pointer: "/crontab".to_owned(),
            ..error
        });
        let lines = problems.take(lines).unwrap_or_default();
        problems.finish().map_err(Refusal::Invalid)?;
        let mut imported = Vec::with_capacity(lines.len());
        // cron runs a line that is there twice twice.
        let mut copies: HashMap<String, u32> = HashMap::new();
        for line in lines {
            let outcome = match line.kind {
                LineKind::Ignored(why) => ImportOutcome::Ignored(why),
                LineKind::Error(error) => ImportOutcome::Error(error.message),
                LineKind::Entry(entry) => {
                    let copy = copies.entry(entry.digest()).or_default();
                    *copy += 1;
                    let external_id = match copy {
                        1 => format!("crontab:{}", entry.digest()),
                        copy => format!("crontab:{}:{copy}", entry.digest()),
                    };
                    self.import_one(owner, entry, external_id, (now, dry_run)).await?
                }
            };
            imported.push(Imported {
                line: line.line,
                text: line.text,
                outcome,
            });
        }
        Ok(imported)
    }

    async fn import_one(
        &self,
        owner: UserId,
        entry: Entry,
        external_id: String,
        (now, dry_run): (Timestamp, bool),
    ) -> Result<ImportOutcome, Refusal> {
        match self.jobs_store.id_of_external(owner, &external_id).await {
            Ok(job_id) => return Ok(ImportOutcome::Known(job_id)),
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        let compiled = entry.schedule.compile().map_err(Refusal::Invalid)?;
        let next = compiled.instants_after(now, now).take(3).collect();
        let mut payload = serde_json::json!({ "command": entry.command });
        if let Some(stdin) = entry.stdin
            && let Some(fields) = payload.as_object_mut()
        {
            fields.insert("stdin".to_owned(), stdin.into());
        }
        let name = entry.name;
        let spec = JobSpec {
            payload: Payload::of(&payload).ok(),
            executor: Executor::Worker {
                queue: "default".to_owned(),
            },
            schedule: Some(entry.schedule),
            external_id: Some(external_id.clone()),
            ..JobSpec::named(name.clone())
        };
        let made = if dry_run {
            self.jobs.rehearse(spec).map(|()| None)
        } else {
            self.jobs
                .create(owner, spec, false)
                .await
                .map(|job| Some(Box::new(job)))
        };
        match made {
            Ok(job) => Ok(ImportOutcome::Ok { job, name, next }),
            Err(Refusal::Invalid(errors)) => Ok(ImportOutcome::Error(told(&errors))),
            // The same crontab was imported twice at the same time, and the other import was faster with this line.
            Err(Refusal::Store(StoreError::Taken("external_id"))) => Ok(ImportOutcome::Known(
                self.jobs_store.id_of_external(owner, &external_id).await?,
            )),
            Err(other) => Err(other),
        }
    }
}

fn told(errors: &[FieldError]) -> String {
    let parts: Vec<String> = errors
        .iter()
        .map(|error| format!("{}: {}", error.pointer.trim_start_matches('/'), error.message))
        .collect();
    parts.join("; ")
}
