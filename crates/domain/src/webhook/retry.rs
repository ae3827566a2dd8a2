//! What an attempt means: for its delivery, and for its endpoint.

use crate::{
    clock::Timestamp,
    webhook::{AfterAttempt, EndpointEffect},
};
use chrono::{DateTime, TimeDelta};

/// Seconds from a failed attempt to the next one: ten attempts over 75 hours.
const DELAYS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How many attempts there are in all.
pub const MAX_ATTEMPTS: u32 = 10;

/// An endpoint that has failed for so long is switched off.
pub const DISABLE_AFTER: TimeDelta = TimeDelta::days(5);

/// No `Retry-After` puts an attempt off for longer.
pub const MAX_RETRY_AFTER: TimeDelta = TimeDelta::hours(24);

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The endpoint answered.
    Answered {
        /// The status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<TimeDelta>,
    },
    /// No answer: refused by the guard, no connection, too late.
    NoAnswer,
    /// The fault is ours (a secret cannot be opened): nothing was sent, and the endpoint is not to blame.
    NotSent,
}

impl AttemptOutcome {
    /// Whether the endpoint took the event.
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if *status >= 200 && *status < 300)
    }

    /// Why an answer is a failure, in words for the log of deliveries.
    pub fn failure(&self) -> Option<String> {
        match self {
            Self::Answered { .. } if self.is_success() => None,
            Self::Answered { status, .. } => Some(match status {
                300..=399 => format!("answered {status}: redirects are not followed"),
                410 => "answered 410 Gone: the endpoint was switched off".to_owned(),
                _ => format!("answered {status}: only 2xx counts as taken"),
            }),
            Self::NoAnswer => Some("no answer".to_owned()),
            Self::NotSent => Some("not sent".to_owned()),
        }
    }
}

/// Reads the value of `Retry-After`: seconds, or a date.
pub fn parse_retry_after(value: &str, now: Timestamp) -> Option<TimeDelta> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a number can hold are simply very long.
        TimeDelta::seconds(value.parse().unwrap_or(i64::MAX).min(MAX_RETRY_AFTER.num_seconds()))
    } else {
        DateTime::parse_from_rfc2822(value).ok()?.to_utc() - now
    };
    Some(wait.clamp(TimeDelta::zero(), MAX_RETRY_AFTER))
}

/// Decides what follows attempt number `attempt` (from 1, counted from the beginning or from the latest replay).
///
/// `failing_since` is the endpoint's before this attempt; `roll` is chance in 0..1: it lengthens a wait by up to a
/// tenth, so that deliveries that failed together do not come back together.
pub fn judge(
    attempt: u32,
    outcome: &AttemptOutcome,
    failing_since: Option<Timestamp>,
    now: Timestamp,
    roll: f64,
) -> (AfterAttempt, EndpointEffect) {
    if outcome.is_success() {
        return (AfterAttempt::Delivered, EndpointEffect::Healthy);
    }
    let retry_after = match outcome {
        AttemptOutcome::Answered { status: 410, .. } => {
            let reason = "the endpoint answered 410 Gone".to_owned();
            return (AfterAttempt::GiveUp, EndpointEffect::Disable(reason));
        }
        AttemptOutcome::Answered { retry_after, .. } => *retry_after,
        AttemptOutcome::NoAnswer => None,
        AttemptOutcome::NotSent => return (next(attempt, None, now, roll), EndpointEffect::Unchanged),
    };
    if failing_since.is_some_and(|since| now - since >= DISABLE_AFTER) {
        let reason = format!("every attempt has failed for {} days", DISABLE_AFTER.num_days());
        return (AfterAttempt::GiveUp, EndpointEffect::Disable(reason));
    }
    (next(attempt, retry_after, now, roll), EndpointEffect::Failing)
}

fn next(attempt: u32, retry_after: Option<TimeDelta>, now: Timestamp, roll: f64) -> AfterAttempt {
    let index = usize::try_from(attempt.max(1) - 1).unwrap_or(usize::MAX);
    let Some(seconds) = DELAYS.get(index) else {
        return AfterAttempt::GiveUp;
    };
    #[expect(clippy::cast_possible_truncation, reason = "per mille of 0..=1")]
    let jitter = (roll.clamp(0.0, 1.0) * 100.0) as i64;
    // Seconds times 0..=100 per mille are just so many milliseconds.
    let planned = TimeDelta::seconds(*seconds) + TimeDelta::milliseconds(seconds * jitter);
    let asked = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
    AfterAttempt::RetryAt(now + planned.max(asked))
}

#[cfg(test)]
mod tests;
