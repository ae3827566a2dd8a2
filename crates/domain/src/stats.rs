//! Numbers for the dashboard. They are kept while things happen, never counted over history.

use crate::{clock::Timestamp, job::JobStatus, words};
use chrono::TimeDelta;
use serde::Serialize;

/// How many jobs a user has in each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "each field is a status")]
pub struct JobCounts {
    pub pending: i64,
    pub running: i64,
    pub completed: i64,
    pub failed: i64,
    pub cancelled: i64,
}

impl JobCounts {
    /// The number for a status.
    pub fn of(&mut self, status: JobStatus) -> &mut i64 {
        match status {
            JobStatus::Pending => &mut self.pending,
            JobStatus::Running => &mut self.running,
            JobStatus::Completed => &mut self.completed,
            JobStatus::Failed => &mut self.failed,
            JobStatus::Cancelled => &mut self.cancelled,
        }
    }

    /// All jobs.
    pub const fn total(&self) -> i64 {
        self.pending + self.running + self.completed + self.failed + self.cancelled
    }
}

/// The stretch of time that a dashboard shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last hour, a point a minute.
    Hour,
    /// The last day, a point an hour.
    Day,
    /// The last week, a point every six hours.
    Week,
}

words!(Window { Hour = "1h", Day = "24h", Week = "7d" });

/// How finely ended runs are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// A row a minute.
    Minute,
    /// A row an hour.
    Hour,
}

impl Grain {
    /// Its length in seconds; also the number that the table stores.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }

    /// The start of the bucket that an instant falls in.
    pub fn bucket(self, at: Timestamp) -> Timestamp {
        let seconds = at.timestamp().div_euclid(self.seconds()) * self.seconds();
        Timestamp::from_timestamp(seconds, 0).unwrap_or(at)
    }
}

impl Window {
    /// The rows to read for it.
    pub const fn grain(self) -> Grain {
        match self {
            Self::Hour => Grain::Minute,
            Self::Day | Self::Week => Grain::Hour,
        }
    }

    /// How many points its chart has.
    pub const fn points(self) -> i32 {
        match self {
            Self::Hour => 60,
            Self::Day => 24,
            Self::Week => 28,
        }
    }

    /// The time between two points.
    pub fn step(self) -> TimeDelta {
        match self {
            Self::Hour => TimeDelta::minutes(1),
            Self::Day => TimeDelta::hours(1),
            Self::Week => TimeDelta::hours(6),
        }
    }

    /// The starts of its points, oldest first; the last one holds `now`.
    pub fn starts(self, now: Timestamp) -> Vec<Timestamp> {
        let last = self.grain().bucket(now);
        let step = self.step();
        // A point of several buckets ends with the bucket that holds `now`.
        let offset = step - TimeDelta::seconds(self.grain().seconds());
        (0..self.points())
            .rev()
            .map(|back| last - offset - step * back)
            .collect()
    }
}

/// How many runs ended in a bucket, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is a result")]
pub struct Results {
    pub completed: i64,
    pub failed: i64,
    pub cancelled: i64,
}

impl Results {
    /// Adds another bucket.
    pub fn add(&mut self, other: Self) {
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
    }

    /// Completed among completed and failed, 0 to 1; `None` before the first.
    #[expect(clippy::cast_precision_loss, reason = "a rate, not an account")]
    pub fn success_rate(&self) -> Option<f64> {
        let judged = self.completed + self.failed;
        (judged > 0).then(|| self.completed as f64 / judged as f64)
    }
}

/// The value below which `percent` of the sorted values lie (nearest rank).
pub fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_with_now_and_has_no_gap() {
        let now = Timestamp::from_timestamp(1_700_000_123, 0).unwrap();
        for window in [Window::Hour, Window::Day, Window::Week] {
            let starts = window.starts(now);
            assert_eq!(i32::try_from(starts.len()).unwrap(), window.points());
            assert!(starts.windows(2).all(|pair| pair[1] - pair[0] == window.step()));
            let last = *starts.last().unwrap();
            assert!(last <= now && now < last + window.step(), "{window:?}");
        }
    }

    #[test]
    fn percentiles_take_the_nearest_rank() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 95), Some(7));
        let values: Vec<i64> = (1..=100).collect();
        assert_eq!((percentile(&values, 50), percentile(&values, 95)), (Some(50), Some(95)));
    }

    #[test]
    fn a_cancelled_run_is_neither_success_nor_failure() {
        assert_eq!(
            Results {
                completed: 3,
                failed: 1,
                cancelled: 9
            }
            .success_rate(),
            Some(0.75)
        );
        assert_eq!(
            Results {
                completed: 0,
                failed: 0,
                cancelled: 9
            }
            .success_rate(),
            None
        );
    }
}
