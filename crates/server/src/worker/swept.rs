//! How much housekeeping has deleted since the start, by what it was.

use std::sync::atomic::{AtomicU64, Ordering};

/// What housekeeping deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swept {
    /// One-time codes that have expired.
    Codes,
    /// Sessions that have ended.
    Sessions,
    /// Deliveries that have ended.
    Deliveries,
    /// Events.
    Events,
    /// Lines of the logs of runs.
    Logs,
    /// Occurrences.
    Occurrences,
    /// Runs that are too old, and jobs that were deleted.
    Runs,
    /// Runs (and their log lines) of users who have too many.
    SurplusRuns,
    /// Nodes that are gone.
    Nodes,
    /// Operations on many jobs that have ended.
    BulkOperations,
    /// Answers kept for repeated requests.
    IdempotencyKeys,
    /// Entries of the audit log.
    AuditLog,
    /// Notices.
    Notices,
}

impl Swept {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Codes,
        Self::Sessions,
        Self::Deliveries,
        Self::Events,
        Self::Logs,
        Self::Occurrences,
        Self::Runs,
        Self::SurplusRuns,
        Self::Nodes,
        Self::BulkOperations,
        Self::IdempotencyKeys,
        Self::AuditLog,
        Self::Notices,
    ];

    /// The word of the metric.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Codes => "otp",
            Self::Sessions => "sessions",
            Self::Deliveries => "deliveries",
            Self::Events => "events",
            Self::Logs => "run_logs",
            Self::Occurrences => "occurrences",
            Self::Runs => "runs",
            Self::SurplusRuns => "surplus_runs",
            Self::Nodes => "nodes",
            Self::BulkOperations => "bulk_operations",
            Self::IdempotencyKeys => "idempotency_keys",
            Self::AuditLog => "audit_log",
            Self::Notices => "notices",
        }
    }

    /// The words of the log.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Codes => "expired codes",
            Self::Sessions => "ended sessions",
            Self::Deliveries => "ended deliveries",
            Self::Events => "old events",
            Self::Logs => "old log lines",
            Self::Occurrences => "old occurrences",
            Self::Runs => "ended runs",
            Self::SurplusRuns => "runs beyond the number that is kept",
            Self::Nodes => "nodes that are gone",
            Self::BulkOperations => "ended operations on many jobs",
            Self::IdempotencyKeys => "answers kept for repetitions",
            Self::AuditLog => "old entries of the audit log",
            Self::Notices => "old notices",
        }
    }
}

/// The counts.
#[derive(Debug, Default)]
pub struct SweptCounts([AtomicU64; Swept::ALL.len()]);

impl SweptCounts {
    pub(super) fn add(&self, what: Swept, rows: u64) {
        if let Some(count) = self.0.get(what as usize) {
            count.fetch_add(rows, Ordering::Relaxed);
        }
    }

    /// How many rows of this kind were deleted.
    pub fn of(&self, what: Swept) -> u64 {
        self.0
            .get(what as usize)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_count_of_its_own() {
        let counts = SweptCounts::default();
        for (rows, what) in (1..).zip(Swept::ALL) {
            counts.add(what, rows);
        }
        let told: Vec<u64> = Swept::ALL.into_iter().map(|what| counts.of(what)).collect();
        assert_eq!(told, (1..=13).collect::<Vec<u64>>());
    }
}
