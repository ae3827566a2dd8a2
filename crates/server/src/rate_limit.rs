//! Token buckets in memory: bounded, one lock, no background work. Each node counts for itself.

use scheduler_domain::{
    clock::Timestamp,
    error::Refusal,
    ports::{Limited, RateLimiter},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How many buckets are kept. A bucket that is full again is worth nothing and is dropped first.
const MAX_BUCKETS: usize = 50_000;

/// A bucket's size and the time in which it fills up from empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many at once.
    pub burst: u32,
    /// Seconds from empty to full.
    pub window_seconds: u32,
}

/// Ten mails at once to one address, then one every 6 s: more than one client can ask for (`OTP`), so that a stranger who
/// asks again and again for codes to an address does not keep its owner from theirs.
const MESSAGES: Quota = Quota {
    burst: 10,
    window_seconds: 60,
};
const LOG_IN: Quota = Quota {
    burst: 10,
    window_seconds: 60,
};
const OTP: Quota = Quota {
    burst: 5,
    window_seconds: 60,
};
/// Test mails that one administrator sends.
const MAIL_TEST: Quota = Quota {
    burst: 5,
    window_seconds: 60,
};
/// Schedules that a client without a log-in looks at: one while somebody types, and then some.
const PREVIEWS: Quota = Quota {
    burst: 60,
    window_seconds: 60,
};
/// Requests of one user.
pub const REQUESTS: Quota = Quota {
    burst: 600,
    window_seconds: 60,
};
/// Requests of one user's workers: a hundred of them, each with two signs of life or claims a second.
pub const WORKERS: Quota = Quota {
    burst: 12_000,
    window_seconds: 60,
};

fn quota(what: &Limited) -> Quota {
    match what {
        Limited::MessagesTo(_) => MESSAGES,
        Limited::LogIn(_) | Limited::LogInFrom(_) => LOG_IN,
        Limited::Otp(_) | Limited::OtpFrom(_) => OTP,
        Limited::MailTest(_) => MAIL_TEST,
        Limited::Request(_) | Limited::Link(..) => REQUESTS,
        Limited::Worker(_) => WORKERS,
        Limited::PreviewFrom(_) => PREVIEWS,
    }
}

/// What is left of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// The bucket.
    pub quota: Quota,
    /// Requests that may follow at once.
    pub remaining: u32,
    /// Seconds until the bucket is full again.
    pub reset_seconds: u32,
}

/// When a bucket will be full again, in microseconds since 1970: all that a bucket is (generic cell rate algorithm).
type FullAt = i64;

/// Limits by token buckets.
pub struct Buckets {
    /// With `false` only what protects third parties is limited: mails to one address.
    enabled: bool,
    full_at: Mutex<HashMap<Limited, FullAt>>,
}

impl Buckets {
    /// Empty of history; `enabled` is `SCHED_RATE_LIMITS`.
    pub fn new(enabled: bool) -> Self {
        Self {
            enabled,
            full_at: Mutex::new(HashMap::new()),
        }
    }

    /// Whether requests are limited at all.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Takes one, and tells what is left.
    pub fn take_one(&self, what: Limited, now: Timestamp) -> Result<Left, Refusal> {
        let quota = quota(&what);
        let window = i64::from(quota.window_seconds) * 1_000_000;
        let one = window / i64::from(quota.burst);
        let now = now.timestamp_micros();
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&what) {
            buckets.retain(|_, full_at| *full_at > now);
            if buckets.len() >= MAX_BUCKETS {
                // Everything is in use: somebody makes up names. Forgetting all is better than growing.
                buckets.clear();
            }
        }
        let full_at = buckets.entry(what).or_insert(now);
        let after = (*full_at).max(now) + one;
        if after - now > window {
            let wait = after - now - window;
            let retry_after_seconds = u64::try_from((wait + 999_999) / 1_000_000).unwrap_or(1).max(1);
            return Err(Refusal::RateLimited { retry_after_seconds });
        }
        *full_at = after;
        let remaining = u32::try_from((window - (after - now)) / one).unwrap_or(0);
        let reset_seconds = u32::try_from((after - now + 999_999) / 1_000_000).unwrap_or(0);
        Ok(Left {
            quota,
            remaining,
            reset_seconds,
        })
    }
}

impl RateLimiter for Buckets {
    fn take(&self, what: Limited, now: Timestamp) -> Result<(), Refusal> {
        if !self.enabled && !matches!(what, Limited::MessagesTo(_)) {
            return Ok(());
        }
        self.take_one(what, now).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn log_in(name: &str) -> Limited {
        Limited::LogIn(name.to_owned())
    }

    #[test]
    fn after_the_burst_one_more_every_few_seconds() {
        let buckets = Buckets::new(true);
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..10 {
            buckets.take(log_in("a"), now).unwrap();
        }
        let refused = buckets.take(log_in("a"), now).unwrap_err();
        assert!(matches!(refused, Refusal::RateLimited { retry_after_seconds: 6 }));
        buckets.take(log_in("b"), now).unwrap();
        buckets.take(log_in("a"), now + TimeDelta::seconds(6)).unwrap();
        assert!(buckets.take(log_in("a"), now + TimeDelta::seconds(6)).is_err());
    }

    #[test]
    fn nobody_waits_longer_than_a_minute() {
        let buckets = Buckets::new(true);
        let now = Timestamp::UNIX_EPOCH;
        for what in [log_in("a"), Limited::Otp("a".into()), Limited::MessagesTo("a".into())] {
            let refusal = (0..1_000).find_map(|_| buckets.take(what.clone(), now).err()).unwrap();
            let Refusal::RateLimited { retry_after_seconds } = refusal else {
                panic!("{refusal}")
            };
            assert!(retry_after_seconds <= 60, "{what:?}");
        }
    }

    #[test]
    fn the_switch_never_frees_mails_to_one_address() {
        let buckets = Buckets::new(false);
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..100 {
            buckets.take(log_in("a"), now).unwrap();
        }
        for _ in 0..10 {
            buckets.take(Limited::MessagesTo("a".into()), now).unwrap();
        }
        assert!(buckets.take(Limited::MessagesTo("a".into()), now).is_err());
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let buckets = Buckets::new(true);
        for n in 0..(MAX_BUCKETS + 10) {
            let _ = buckets.take(log_in(&n.to_string()), Timestamp::UNIX_EPOCH);
        }
        assert!(buckets.full_at.lock().unwrap().len() <= MAX_BUCKETS);
    }
}
