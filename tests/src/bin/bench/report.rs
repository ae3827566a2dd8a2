//! The table.

use crate::load::Samples;
use std::{fmt, time::Duration};

/// The dearest that a page may become as the tables grow.
const RATIO: f64 = 1.2;
/// The most memory that an idle server may take.
const IDLE_MIB: f64 = 40.0;

/// What was measured on one database.
pub(crate) struct Report {
    title: String,
    has_requests: bool,
    lines: Vec<String>,
    checks: Vec<(String, bool)>,
}

impl Report {
    /// Empty.
    pub(crate) fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            has_requests: false,
            lines: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// A measured line.
    pub(crate) fn line(&mut self, what: &str, at_once: usize, samples: &Samples) {
        self.has_requests = true;
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

    /// An expectation: what was measured, and what it is held against.
    pub(crate) fn check(&mut self, check: &Check<'_>) {
        let Check {
            what, measured, floor, ..
        } = check;
        let floor = floor.map_or_else(|| "-".to_owned(), number);
        let ratio = check
            .ratio()
            .map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let line = format!(
            "{what:<46} {:>10} {floor:>10} {ratio:>6}  {}",
            number(*measured),
            check.limit
        );
        // At once too: the whole takes minutes.
        eprintln!("{}: {line}  {}", self.title, verdict(check.met()));
        self.checks.push((line, check.met()));
    }

    /// A figure that nothing is held against.
    pub(crate) fn figure(&mut self, what: &str, value: f64) {
        let line = format!("{what:<46} {:>10}", number(value));
        eprintln!("{}: {line}", self.title);
        self.lines.push(line);
    }

    /// How many expectations were not met.
    pub(crate) fn failed(&self) -> usize {
        self.checks.iter().filter(|(_, met)| !met).count()
    }
}

/// What a figure is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(f, "(at most {limit})"),
            Self::AtLeast(limit) => write!(f, "(at least {limit})"),
        }
    }
}

/// A figure and what is expected of it; of its ratio to the floor, if there is a floor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check<'a> {
    pub(crate) what: &'a str,
    pub(crate) measured: f64,
    pub(crate) floor: Option<f64>,
    pub(crate) limit: Limit,
}

impl Check<'_> {
    fn ratio(&self) -> Option<f64> {
        self.floor.map(|floor| self.measured / floor)
    }

    fn met(&self) -> bool {
        let value = self.ratio().unwrap_or(self.measured);
        match self.limit {
            Limit::AtMost(limit) => value <= limit,
            Limit::AtLeast(limit) => value >= limit,
        }
    }
}

fn number(value: f64) -> String {
    if value < 100.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

const fn verdict(met: bool) -> &'static str {
    if met { "PASS" } else { "FAIL" }
}

fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.title)?;
        if self.has_requests {
            let heads = ("at once", "requests/s", "p50 ms", "p99 ms");
            writeln!(
                f,
                "{:<38} {:>7} {:>11} {:>9} {:>9}",
                "", heads.0, heads.1, heads.2, heads.3
            )?;
        }
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        for (line, met) in &self.checks {
            writeln!(f, "{line}  {}", verdict(*met))?;
        }
        Ok(())
    }
}
