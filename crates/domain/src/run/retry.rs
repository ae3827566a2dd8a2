//! How long to wait before the next attempt.

use crate::{
    validate::{FieldError, Problems, range},
    words,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How the wait grows from attempt to attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backoff {
    /// Always `initial_seconds`.
    Fixed,
    /// `initial_seconds` more each time.
    Linear,
    /// Twice as long each time.
    Exponential,
}

words!(Backoff { Fixed = "fixed", Linear = "linear", Exponential = "exponential" });

/// When a failed attempt is followed by another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// How many attempts there are in all, 1 to 100.
    pub max_attempts: u32,
    /// How the wait grows.
    pub backoff: Backoff,
    /// The first wait, 1 to 86,400 s.
    pub initial_seconds: u32,
    /// No wait is longer, 1 to 604,800 s.
    pub max_seconds: u32,
    /// The part of the wait that chance decides, 0 to 1: at 0.2 a wait of 10 s becomes 8 to 12 s.
    pub jitter: f64,
    /// Own list of waits in seconds, one for each failed attempt; the last one repeats. Goes before `backoff`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delays: Option<Vec<u32>>,
    /// Only failures with one of these codes (`timeout`, `http_503`, `http_5xx`, …) are tried again; `None`: all that
    /// can be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on: Option<Vec<String>>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 1,
            backoff: Backoff::Exponential,
            initial_seconds: 10,
            max_seconds: 3600,
            jitter: 0.2,
            delays: None,
            on: None,
        }
    }
}

impl RetryPolicy {
    /// Whether a failure with this code is tried again. `http_5xx` in the list stands for every code from `http_500` on.
    pub fn retries(&self, code: &str) -> bool {
        self.on.is_none() || self.names(code)
    }

    /// Whether `on` names this code: then its owner wants another attempt even where it is of little hope, as after
    /// `http_404`.
    pub fn names(&self, code: &str) -> bool {
        let class = code
            .strip_prefix("http_")
            .filter(|digits| digits.len() == 3)
            .and_then(|digits| digits.get(..1))
            .map(|first| format!("http_{first}xx"));
        self.on
            .as_ref()
            .is_some_and(|listed| listed.iter().any(|word| word == code || Some(word) == class.as_ref()))
    }

    /// The wait after the given number of counted attempts has failed (1 for the first), with `roll` in 0..1.
    pub fn wait_after(&self, failed: u32, roll: f64) -> TimeDelta {
        let nth = failed.max(1);
        let base = match &self.delays {
            Some(delays) if !delays.is_empty() => {
                let index = usize::try_from(nth - 1).unwrap_or(usize::MAX).min(delays.len() - 1);
                f64::from(delays.get(index).copied().unwrap_or(self.initial_seconds))
            }
            _ => {
                let initial = f64::from(self.initial_seconds);
                match self.backoff {
                    Backoff::Fixed => initial,
                    Backoff::Linear => initial * f64::from(nth),
                    Backoff::Exponential => initial * 2f64.powi(i32::try_from(nth - 1).unwrap_or(i32::MAX).min(40)),
                }
            }
        };
        let capped = base.min(f64::from(self.max_seconds));
        let spread = 1.0 + self.jitter * (2.0 * roll - 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most 604,800 s doubled, in microseconds, fits an i64"
        )]
        let micros = (capped * spread * 1e6) as i64;
        TimeDelta::microseconds(micros.max(0))
    }

    /// Names every field that is out of bounds.
    pub fn validate(&self, pointer: &str) -> Result<(), Vec<FieldError>> {
        let mut problems = Problems::new();
        problems.take(range(
            &format!("{pointer}/max_attempts"),
            i64::from(self.max_attempts),
            1,
            100,
            "attempts",
        ));
        problems.take(range(
            &format!("{pointer}/initial_seconds"),
            i64::from(self.initial_seconds),
            1,
            86_400,
            "seconds",
        ));
        problems.take(range(
            &format!("{pointer}/max_seconds"),
            i64::from(self.max_seconds),
            1,
            604_800,
            "seconds",
        ));
        if !(0.0..=1.0).contains(&self.jitter) {
            problems.push(FieldError::new(
                format!("{pointer}/jitter"),
                "out_of_range",
                format!("is {}; must be 0 to 1", self.jitter),
            ));
        }
        if let Some(codes) = &self.on {
            problems.take(range(
                &format!("{pointer}/on"),
                i64::try_from(codes.len()).unwrap_or(i64::MAX),
                1,
                50,
                "codes",
            ));
            for (index, code) in codes.iter().enumerate() {
                let is_word = (1..=64).contains(&code.len())
                    && code
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                if !is_word {
                    problems.push(FieldError::new(
                        format!("{pointer}/on/{index}"),
                        "invalid_code",
                        "must be an error code such as timeout, http_503, http_5xx or connection_failed",
                    ));
                }
            }
        }
        if let Some(delays) = &self.delays {
            problems.take(range(
                &format!("{pointer}/delays"),
                i64::try_from(delays.len()).unwrap_or(i64::MAX),
                1,
                100,
                "waits",
            ));
            for (index, delay) in delays.iter().enumerate() {
                problems.take(range(
                    &format!("{pointer}/delays/{index}"),
                    i64::from(*delay),
                    0,
                    604_800,
                    "seconds",
                ));
            }
        }
        problems.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_chosen_failures_are_tried_again() {
        assert!(RetryPolicy::default().retries("anything") && !RetryPolicy::default().names("anything"));
        let policy = RetryPolicy {
            on: Some(vec!["timeout".to_owned(), "http_5xx".to_owned(), "http_429".to_owned()]),
            ..RetryPolicy::default()
        };
        for (code, expected) in [
            ("timeout", true),
            ("http_503", true),
            ("http_429", true),
            ("http_404", false),
            ("connection_failed", false),
        ] {
            assert_eq!(policy.retries(code), expected, "{code}");
        }
    }

    use proptest::prelude::*;

    fn seconds(policy: &RetryPolicy, failed: u32) -> i64 {
        policy.wait_after(failed, 0.5).num_seconds()
    }

    #[test]
    fn waits_grow_as_named_and_stop_at_the_cap() {
        let policy = |backoff| RetryPolicy {
            backoff,
            max_seconds: 60,
            ..RetryPolicy::default()
        };
        let waits = |backoff| (1..=4).map(|n| seconds(&policy(backoff), n)).collect::<Vec<_>>();
        assert_eq!(waits(Backoff::Fixed), [10, 10, 10, 10]);
        assert_eq!(waits(Backoff::Linear), [10, 20, 30, 40]);
        assert_eq!(waits(Backoff::Exponential), [10, 20, 40, 60]);
    }

    #[test]
    fn an_own_list_repeats_its_last_wait() {
        let policy = RetryPolicy {
            delays: Some(vec![1, 5]),
            ..RetryPolicy::default()
        };
        assert_eq!((1..=4).map(|n| seconds(&policy, n)).collect::<Vec<_>>(), [1, 5, 5, 5]);
    }

    #[test]
    fn every_broken_bound_is_named() {
        let policy = RetryPolicy {
            max_attempts: 0,
            jitter: 1.5,
            delays: Some(vec![]),
            ..RetryPolicy::default()
        };
        let pointers: Vec<_> = policy
            .validate("/retry")
            .unwrap_err()
            .into_iter()
            .map(|e| e.pointer)
            .collect();
        assert_eq!(pointers, ["/retry/max_attempts", "/retry/jitter", "/retry/delays"]);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_its_part(failed in 1u32..200, roll in 0.0f64..1.0, jitter in 0.0f64..1.0) {
            let policy = RetryPolicy { jitter, ..RetryPolicy::default() };
            let plain = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() }.wait_after(failed, roll).as_seconds_f64();
            let wait = policy.wait_after(failed, roll).as_seconds_f64();
            prop_assert!((wait - plain).abs() <= plain * jitter + 0.001);
        }
    }
}
