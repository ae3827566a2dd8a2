//! Names of time zones, and what was probably meant.

use crate::validate::excerpt;
use chrono_tz::{TZ_VARIANTS, Tz};

/// The zone of this IANA name, or a message that suggests near names.
pub(crate) fn parse(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| {
        let near = suggestions(name);
        let hint = if near.is_empty() {
            "write an IANA name, such as Europe/Berlin or UTC".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        format!("\"{}\" is not a known time zone; {hint}", excerpt(name))
    })
}

/// Letters and slashes alone, lower case.
fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric() || "/+-".contains(*c));
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// At most three names that differ little from this one, nearest first.
fn suggestions(name: &str) -> Vec<&'static str> {
    let wanted = plain(name);
    if wanted.len() < 3 || name.len() > 60 {
        return Vec::new();
    }
    let mut near: Vec<(usize, &str)> = TZ_VARIANTS
        .iter()
        .filter_map(|zone| {
            let known = plain(zone.name());
            let city = known.rsplit('/').next().unwrap_or_default();
            // A bare city is as good as a full name, but for a tie.
            let whole = 2 * distance(&wanted, &known);
            let part = 2 * distance(&wanted, city) + 1;
            let allowed = (wanted.len().div_ceil(2)).min(5);
            Some((whole.min(part), zone.name())).filter(|(far, _)| *far <= allowed)
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, zone)| zone).collect()
}

/// How many letters must be put in, left out or changed to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > 3 {
        return usize::MAX / 4;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
