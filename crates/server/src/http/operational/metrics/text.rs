//! The text format 0.0.4 of Prometheus, as much of it as is needed.

use scheduler_domain::health::bucket_below;
use scheduler_engine::health::Histogram;
use std::fmt::{Display, Write};

/// What a histogram counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Microseconds, told as seconds.
    Micros,
    /// Things.
    Count,
}

/// The text under construction.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn into_string(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        let _ = writeln!(self.0, "# HELP job_scheduler_{name} {help}");
        let _ = writeln!(self.0, "# TYPE job_scheduler_{name} {kind}");
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: impl Display) {
        let _ = match label {
            None => writeln!(self.0, "job_scheduler_{name} {value}"),
            Some((label, text)) => {
                let text = text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
                writeln!(self.0, "job_scheduler_{name}{{{label}=\"{text}\"}} {value}")
            }
        };
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "gauge");
        self.sample(name, None, value);
    }

    pub(super) fn info(&mut self, name: &str, help: &str, label: &str, value: &str) {
        self.head(name, help, "gauge");
        self.sample(name, Some((label, value)), 1);
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "counter");
        self.sample(name, None, value);
    }

    pub(super) fn counter_seconds(&mut self, name: &str, help: &str, micros: u64) {
        self.head(name, help, "counter");
        self.sample(name, None, seconds(micros));
    }

    pub(super) fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        self.head(name, help, "counter");
        for (word, value) in values {
            self.sample(name, Some((label, word)), value);
        }
    }

    /// The fine buckets go together into one for each doubling: 2^8 to 2^30 µs (0.3 ms to 18 min), or 1 to 511 things.
    pub(super) fn histogram(&mut self, name: &str, help: &str, of: &Histogram, unit: Unit) {
        self.head(name, help, "histogram");
        let counts: Vec<u64> = of.counts().collect();
        let below = |bits: u32| -> u64 { counts.iter().take(bucket_below(bits)).sum() };
        let bucket = format!("{name}_bucket");
        match unit {
            Unit::Micros => {
                for bits in 8..=30 {
                    self.sample(&bucket, Some(("le", &seconds(1 << bits))), below(bits));
                }
            }
            Unit::Count => {
                for bits in 1..=9 {
                    self.sample(&bucket, Some(("le", &((1 << bits) - 1).to_string())), below(bits));
                }
            }
        }
        // From one look, so that the last bucket and the count never differ.
        let count: u64 = counts.iter().sum();
        self.sample(&bucket, Some(("le", "+Inf")), count);
        let sum = match unit {
            Unit::Micros => seconds(of.sum()),
            Unit::Count => of.sum().to_string(),
        };
        self.sample(&format!("{name}_sum"), None, sum);
        self.sample(&format!("{name}_count"), None, count);
    }
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_upwards() {
        let of = Histogram::default();
        for value in [1, 1, 2, 3, 4, 500, 700] {
            of.record(value);
        }
        let mut text = Text::default();
        text.histogram("size", "Sizes", &of, Unit::Count);
        let text = text.into_string();
        for line in [
            "# TYPE job_scheduler_size histogram",
            "job_scheduler_size_bucket{le=\"1\"} 2",
            "job_scheduler_size_bucket{le=\"3\"} 4",
            "job_scheduler_size_bucket{le=\"7\"} 5",
            "job_scheduler_size_bucket{le=\"511\"} 6",
            "job_scheduler_size_bucket{le=\"+Inf\"} 7",
            "job_scheduler_size_sum 1211",
            "job_scheduler_size_count 7",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
        let mut text = Text::default();
        text.histogram("time", "Times", &of, Unit::Micros);
        let text = text.into_string();
        assert!(text.contains("time_bucket{le=\"0.000256\"} 5\n"), "{text}");
        assert!(text.contains("time_bucket{le=\"0.000512\"} 6\n"), "{text}");
        assert!(text.contains("time_sum 0.001211\n"), "{text}");
    }

    #[test]
    fn labels_and_help_are_escaped() {
        let mut text = Text::default();
        text.info("x", "one\ntwo", "word", "a\"b\\c");
        assert_eq!(
            text.into_string(),
            "# HELP job_scheduler_x one\\ntwo\n# TYPE job_scheduler_x gauge\njob_scheduler_x{word=\"a\\\"b\\\\c\"} 1\n"
        );
    }
}
