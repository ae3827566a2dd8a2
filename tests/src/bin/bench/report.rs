//! The table.

use crate::{Plan, load::Samples};
use std::{fmt, time::Duration};

/// The dearest that a page may become as the tables grow.
const RATIO: f64 = 1.2;
/// The most memory that an idle server may take.
const IDLE_MIB: f64 = 40.0;

/// What was measured on one database.
pub(crate) struct Report {
    title: String,
    lines: Vec<String>,
    checks: Vec<(String, bool)>,
}

impl Report {
    /// Empty.
    pub(crate) fn new(database: &str, plan: Plan) -> Self {
        let title = format!("{database}: {} and {} jobs", plan.small, plan.large);
        Self {
            title,
            lines: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// A measured line.
    pub(crate) fn line(&mut self, what: &str, at_once: usize, samples: &Samples) {
        self.lines.push(format!(
            "{what:<38} {at_once:>7} {:>11.0} {:>9} {:>9}",
            samples.per_second(),
            millis(samples.percentile(50)),
            millis(samples.percentile(99)),
        ));
    }

    /// How much more a request costs on the large server.
    pub(crate) fn ratio(&mut self, what: &str, ratio: f64) {
        self.checks.push((
            format!("{what:<38} large/small {ratio:>5.2}  (at most {RATIO})"),
            ratio <= RATIO,
        ));
    }

    /// Memory of the server.
    pub(crate) fn memory(&mut self, when: &str, mib: f64) {
        self.lines.push(format!("memory {when:<31} {mib:>7.1} MiB"));
    }

    /// Memory of the idle server, which is an expectation.
    pub(crate) fn idle_memory(&mut self, when: &str, mib: f64) {
        self.checks.push((
            format!("memory {when:<31} {mib:>7.1} MiB     (at most {IDLE_MIB})"),
            mib <= IDLE_MIB,
        ));
    }

    /// How many expectations were not met.
    pub(crate) fn failed(&self) -> usize {
        self.checks.iter().filter(|(_, met)| !met).count()
    }
}

fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.title)?;
        writeln!(
            f,
            "{:<38} {:>7} {:>11} {:>9} {:>9}",
            "", "at once", "requests/s", "p50 ms", "p99 ms"
        )?;
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        for (line, met) in &self.checks {
            writeln!(f, "{line}  {}", if *met { "PASS" } else { "FAIL" })?;
        }
        Ok(())
    }
}
