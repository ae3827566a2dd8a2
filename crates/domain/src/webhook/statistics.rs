//! How deliveries to an endpoint went.

use crate::{clock::Timestamp, health::Distribution, ports::DeliveryResult, webhook::AfterAttempt};

/// What attempts came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryNumbers {
    /// Deliveries that were taken.
    pub delivered: u64,
    /// Deliveries that failed for good.
    pub given_up: u64,
    /// Attempts.
    pub attempts: u64,
    /// Attempts that were no success.
    pub failed_attempts: u64,
    /// How long attempts took, in milliseconds.
    pub durations: Distribution,
    /// The latest success.
    pub last_success_at: Option<Timestamp>,
    /// The latest failure.
    pub last_failure_at: Option<Timestamp>,
}

impl DeliveryNumbers {
    /// One attempt.
    pub fn of(result: &DeliveryResult) -> Self {
        let is_success = result.after == AfterAttempt::Delivered;
        let at = Some(result.attempt.at);
        let duration = u64::try_from(result.attempt.duration_ms).unwrap_or(0);
        Self {
            delivered: is_success.into(),
            given_up: (result.after == AfterAttempt::GiveUp).into(),
            attempts: 1,
            failed_attempts: (!is_success).into(),
            durations: [duration].into_iter().collect(),
            last_success_at: at.filter(|_| is_success),
            last_failure_at: at.filter(|_| !is_success),
        }
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.given_up += other.given_up;
        self.attempts += other.attempts;
        self.failed_attempts += other.failed_attempts;
        self.durations.merge(&other.durations);
        self.last_success_at = self.last_success_at.max(other.last_success_at);
        self.last_failure_at = self.last_failure_at.max(other.last_failure_at);
    }

    /// The part of the attempts that succeeded; `None` without attempts.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub fn success_rate(&self) -> Option<f64> {
        let succeeded = self.attempts.saturating_sub(self.failed_attempts);
        (self.attempts > 0).then(|| succeeded as f64 / self.attempts as f64)
    }
}

/// How an endpoint is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointStatistics {
    /// Deliveries on their way, counted up to [`MAX_COUNTED`](Self::MAX_COUNTED).
    pub pending: u32,
    /// The last 24 hours, by whole hours.
    pub day: DeliveryNumbers,
    /// The last 7 days, by whole hours.
    pub week: DeliveryNumbers,
}

impl EndpointStatistics {
    /// Further than this, what is on its way is not counted.
    pub const MAX_COUNTED: u32 = 10_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_add_up_and_a_rate_needs_attempts() {
        assert_eq!(DeliveryNumbers::default().success_rate(), None);
        let good = DeliveryNumbers {
            delivered: 3,
            attempts: 3,
            durations: [10, 20, 30].into_iter().collect(),
            last_success_at: Some(Timestamp::UNIX_EPOCH),
            ..DeliveryNumbers::default()
        };
        let mut all = DeliveryNumbers {
            attempts: 1,
            failed_attempts: 1,
            durations: [1_000].into_iter().collect(),
            ..DeliveryNumbers::default()
        };
        all.add(&good);
        assert_eq!((all.attempts, all.delivered, all.success_rate()), (4, 3, Some(0.75)));
        assert_eq!(all.last_success_at, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(all.durations.percentile(95), Some(1_000));
    }
}
