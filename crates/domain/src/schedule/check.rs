//! Every mistake in a schedule, at once.

use super::{CompiledSchedule, LAST_SECOND, MAX_EVERY_SECONDS, MAX_JITTER_SECONDS, Schedule, When, clocks::HORIZON};
use crate::{
    clock::Timestamp,
    validate::{FieldError, Problems, range},
};

/// How many civil times are looked at to find the shortest step of an expression.
const STEPS_LOOKED_AT: usize = 64;

impl Schedule {
    /// The schedule in its normal form (blanks of the expression trimmed and single), or every broken rule with a
    /// pointer below `pointer`.
    ///
    /// For new and changed schedules: what was accepted once may lie in the past later and is no mistake then.
    pub fn validated(mut self, pointer: &str, now: Timestamp) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::new();
        self.check_bounds(pointer, now, &mut problems);
        if let When::Cron { expression, .. } = &self.when
            && expression.trim().is_empty()
        {
            let message = "must not be empty; write 5 fields, such as 30 2 * * *, or a nickname, such as @daily";
            problems.push(FieldError::new(format!("{pointer}/expression"), "too_short", message));
        } else {
            match self.compile() {
                Ok(compiled) => compiled.check_instants(pointer, now, &mut problems),
                Err(errors) => errors.into_iter().for_each(|error| {
                    problems.push(FieldError {
                        pointer: format!("{pointer}{}", error.pointer),
                        ..error
                    });
                }),
            }
        }
        problems.finish()?;
        if let When::Cron { expression, .. } = &mut self.when {
            *expression = expression.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        Ok(self)
    }

    /// The rules that need no instants.
    fn check_bounds(&self, pointer: &str, now: Timestamp, problems: &mut Problems) {
        let mut say = |field: &str, code: &str, message: String| {
            problems.push(FieldError::new(format!("{pointer}/{field}"), code, message));
        };
        let mut in_range = |field: &str, instant: Timestamp| {
            let fine = (0..=LAST_SECOND).contains(&instant.timestamp());
            if !fine {
                say(
                    field,
                    "out_of_range",
                    format!("is {}; must lie from 1970 to 2199", text(instant)),
                );
            }
            fine
        };
        if let When::Once { at } = self.when {
            let fine = in_range("at", at);
            if fine && at <= now {
                let message = format!("{} is in the past; now is {}", text(at), text(now));
                say("at", "in_the_past", message);
            }
            for (field, given) in [("start_at", self.start_at), ("end_at", self.end_at)] {
                if given.is_some() {
                    let message = "does not go with the type \"once\", which has one instant: leave it out";
                    say(field, "not_allowed", message.to_owned());
                }
            }
        } else {
            let start_fine = self.start_at.is_none_or(|start| in_range("start_at", start));
            if let Some(end) = self.end_at
                && in_range("end_at", end)
            {
                if start_fine && let Some(start) = self.start_at.filter(|start| end <= *start) {
                    let message = format!("{} must lie after start_at, {}", text(end), text(start));
                    say("end_at", "end_before_start", message);
                } else if end <= now {
                    let message = format!("{} is in the past; now is {}", text(end), text(now));
                    say("end_at", "in_the_past", message);
                }
            }
        }
        if let When::Interval { every_seconds } = self.when {
            let (value, max) = (i64::from(every_seconds), i64::from(MAX_EVERY_SECONDS));
            problems.take(range(&format!("{pointer}/every_seconds"), value, 1, max, "seconds"));
        }
        let (value, max) = (i64::from(self.jitter_seconds), i64::from(MAX_JITTER_SECONDS));
        problems.take(range(&format!("{pointer}/jitter_seconds"), value, 0, max, "seconds"));
    }
}

impl CompiledSchedule {
    /// The rules about its instants: there is one, and jitter never carries one past the next.
    fn check_instants(&self, pointer: &str, now: Timestamp, problems: &mut Problems) {
        let schedule = &self.schedule;
        let jitter = i64::from(schedule.jitter_seconds);
        if let Some(step) = self.shortest_step(now)
            && (1..=i64::from(MAX_JITTER_SECONDS)).contains(&jitter)
            && jitter >= step
        {
            problems.push(FieldError::new(
                format!("{pointer}/jitter_seconds"),
                "jitter_too_long",
                format!("is {jitter}; must be less than the shortest time between two instants, {step} seconds"),
            ));
        }
        let bounds_are_fine = schedule.end_at.is_none_or(|end| end > now)
            && schedule
                .start_at
                .zip(schedule.end_at)
                .is_none_or(|(start, end)| start < end);
        if matches!(schedule.when, When::Once { .. }) || !bounds_are_fine || self.next_after(now, now).is_some() {
            return;
        }
        let endless = Self {
            schedule: Schedule {
                end_at: None,
                ..schedule.clone()
            },
            clocks: self.clocks.clone(),
        };
        let (field, message) = match endless.next_after(now, now) {
            Some(first) if schedule.end_at.is_some() => (
                "end_at",
                format!("lies before the first instant, {}: it would never run", text(first)),
            ),
            _ if matches!(schedule.when, When::Cron { .. }) => (
                "expression",
                "never matches within eight years: no such day is left in the calendar (31 April, 30 February), or \
                 clock changes leave the time out"
                    .to_owned(),
            ),
            _ => ("start_at", "leaves no instant before the year 2200".to_owned()),
        };
        problems.push(FieldError::new(format!("{pointer}/{field}"), "never_runs", message));
    }

    /// The shortest time between two neighbouring instants, in seconds; for cron on the clock, among the next few.
    fn shortest_step(&self, now: Timestamp) -> Option<i64> {
        if let Some(step) = self.step() {
            return Some(step.num_seconds());
        }
        let clocks = self.clocks.as_ref()?;
        let from = self.schedule.start_at.map_or(now, |start| start.max(now)).timestamp();
        let next = |civil: &i64| clocks.cron.next(civil + 1, from + HORIZON);
        let times: Vec<i64> = std::iter::successors(clocks.cron.next(from, from + HORIZON), next)
            .take(STEPS_LOOKED_AT)
            .collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).min()
    }
}

/// An instant in messages.
pub(super) fn text(instant: Timestamp) -> String {
    let seconds = if instant.timestamp() % 60 == 0 { "" } else { ":%S" };
    instant.format(&format!("%Y-%m-%d %H:%M{seconds} UTC")).to_string()
}
