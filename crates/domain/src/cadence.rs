//! How often a job was asked to run, how often it really ran, and why the two differ.

use crate::{
    clock::Timestamp,
    job::Overlap,
    run::{Run, TriggerKind},
    schedule::{CompiledSchedule, Schedule, When},
    stats::percentile,
};

/// How many runs, the latest, are looked at.
pub const RUNS: usize = 50;

/// The truth about a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Cadence {
    /// What was asked: the usual time from one planned instant to the next; `None` when nothing repeats.
    pub asked_seconds: Option<f64>,
    /// What happened: the usual time from one start to the next; `None` with fewer than two scheduled runs.
    pub real_seconds: Option<f64>,
    /// How long half of the runs take at most.
    pub run_p50_seconds: Option<f64>,
    /// How long all but the slowest twentieth take at most.
    pub run_p95_seconds: Option<f64>,
    /// The same in words.
    pub explanation: String,
}

/// The usual time between instants to come; `None` when the schedule does not repeat, or not any more.
///
/// Usual is the median: a job of every weekday is asked for every 24 h, whatever its weekends are.
pub fn asked_seconds(schedule: &Schedule, anchor: Timestamp, now: Timestamp) -> Option<f64> {
    if matches!(schedule.when, When::Once { .. }) {
        return None;
    }
    let compiled: CompiledSchedule = schedule.compile().ok()?;
    let instants: Vec<Timestamp> = compiled.instants_after(anchor, now).take(RUNS + 1).collect();
    usual_step(instants)
}

/// Compares what was asked with what happened. `runs` are the latest runs of the job in any order; only scheduled ones
/// that started count for the pace, all that ended for the durations.
pub fn cadence<'a>(asked_seconds: Option<f64>, overlap: Overlap, runs: impl IntoIterator<Item = &'a Run>) -> Cadence {
    let mut runs: Vec<&Run> = runs.into_iter().collect();
    runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.created_at));
    runs.truncate(RUNS);
    let scheduled = runs.iter().filter(|run| run.trigger.kind == TriggerKind::Schedule);
    let real = usual_step(scheduled.filter_map(|run| run.started_at).collect());
    let lasting = |run: &&Run| {
        let micros = (run.finished_at? - run.started_at?).num_microseconds()?;
        Some(micros.max(0))
    };
    let mut durations: Vec<i64> = runs.iter().filter_map(lasting).collect();
    durations.sort_unstable();
    let duration = |percent| percentile(&durations, percent).map(seconds);
    let (p50, p95) = (duration(50), duration(95));
    Cadence {
        asked_seconds,
        real_seconds: real,
        run_p50_seconds: p50,
        run_p95_seconds: p95,
        explanation: explain(asked_seconds, real, p50, overlap),
    }
}

/// The median of the steps between instants.
fn usual_step(mut instants: Vec<Timestamp>) -> Option<f64> {
    instants.sort_unstable();
    let steps = instants.iter().zip(instants.iter().skip(1));
    let mut steps: Vec<i64> = steps
        .filter_map(|(one, next)| (*next - *one).num_microseconds())
        .collect();
    steps.sort_unstable();
    percentile(&steps, 50).map(seconds)
}

/// Microseconds as seconds, to the millisecond.
#[expect(clippy::cast_precision_loss, reason = "for people, not for reckoning")]
fn seconds(micros: i64) -> f64 {
    ((micros as f64) / 1_000.0).round() / 1_000.0
}

/// What differs by less than a tenth, or by less than a second, is kept.
fn near(asked: f64, real: f64) -> bool {
    (real - asked).abs() <= (asked / 10.0).max(0.999)
}

fn explain(asked: Option<f64>, real: Option<f64>, run: Option<f64>, overlap: Overlap) -> String {
    let Some(asked) = asked else {
        return "this job has no schedule that repeats".to_owned();
    };
    let every = format!("every {} asked", words(asked));
    let Some(real) = real else {
        return format!("{every}; too few scheduled runs yet to say what is real");
    };
    let both = format!("{every}, {} real", words(real));
    if near(asked, real) {
        return format!("{both}: as asked");
    }
    if real < asked {
        return format!("{both}: runs of missed instants were caught up with, or the schedule was a faster one before");
    }
    match (run, overlap) {
        (Some(run), Overlap::Skip | Overlap::Queue) if run > asked => {
            let takes = format!("{both}, because runs take {} and overlap is", words(run));
            match overlap {
                Overlap::Skip => format!("{takes} skip: instants that come while one runs are left out"),
                _ => format!("{takes} queue: each waits for the one before"),
            }
        }
        (Some(run), _) if run > asked => format!(
            "{both}, and runs take {}: starts come late or instants were left out; the occurrences say which",
            words(run)
        ),
        _ => format!(
            "{both}: instants were left out (missed, paused or skipped), or starts come late; the occurrences say which"
        ),
    }
}

/// A length of time as people say it.
fn words(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1.0 => (s * 1_000.0, "ms"),
        s if s < 120.0 => (s, "s"),
        s if s < 7_200.0 => (s / 60.0, "min"),
        s if s < 172_800.0 => (s / 3_600.0, "h"),
        s => (s / 86_400.0, "days"),
    };
    let rounded = (value * 10.0).round() / 10.0;
    format!("{rounded} {unit}")
}

#[cfg(test)]
mod tests;
