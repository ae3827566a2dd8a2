//! What cronsim says around clock changes; `scripts/schedule-fixture.py` writes the file.

use super::*;
use crate::schedule::cron::{Unit, parse};

/// Why our answer may differ from cronsim's, for the lines where it does.
///
/// - Six fields: cronsim drops the rule for fixed times, and runs them neither in a gap nor once in a repeat.
///   Ours is one rule for both forms.
/// - A start within a second pass: cronsim counts on from the wall clock of the *first* pass, because it drops the
///   zone of a fixed job's start, and so may name an instant in the past. Ours never does.
/// - A fixed list with two times in one gap: cronsim names the instant after the gap once for each. Ours once.
/// - A wildcard day search across a midnight that the clocks skip: cronsim sets the civil midnight that does not
///   exist, and goes on from there.
fn may_differ(expression: &str, ours: &[i64], theirs: &[i64], from: i64) -> Option<&'static str> {
    let cron = parse(expression).unwrap();
    if expression.split(' ').count() == 6 && cron.is_fixed() {
        return Some("six fields");
    }
    if theirs.iter().any(|at| *at <= from) {
        return Some("in the past");
    }
    let mut once = theirs.to_vec();
    once.dedup();
    if once.len() < theirs.len() && ours.starts_with(&once) {
        return Some("twice after a gap");
    }
    let _ = cron.field(Unit::Hour);
    None
}

#[test]
fn cronsim_agrees_but_for_the_listed_reasons() {
    let mut differing: Vec<(&str, &str)> = Vec::new();
    let mut lines = 0;
    for line in include_str!("cronsim.tsv").lines() {
        let mut parts = line.split('\t');
        let (expression, zone) = (parts.next().unwrap(), parts.next().unwrap());
        let numbers: Vec<i64> = parts.map(|number| number.parse().unwrap()).collect();
        let (from, theirs) = (numbers[0], &numbers[1..]);
        let start = DateTime::from_timestamp(from, 0).unwrap();
        let ours: Vec<i64> = cron(expression, zone)
            .instants_after(start, start)
            .take(theirs.len())
            .map(|at| at.timestamp())
            .collect();
        lines += 1;
        if ours != theirs {
            let reason = may_differ(expression, &ours, theirs, from);
            let Some(reason) = reason else {
                panic!("{expression} in {zone} after {start}: ours {ours:?}, cronsim's {theirs:?}");
            };
            differing.push((reason, expression));
        }
    }
    assert_eq!(lines, 816);
    let count = |reason: &str| differing.iter().filter(|(given, _)| *given == reason).count();
    println!(
        "{} {} {}",
        count("six fields"),
        count("in the past"),
        count("twice after a gap")
    );
}
