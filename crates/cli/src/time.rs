//! Instants and spans, as people read and write them.

use crate::{
    clock,
    error::{Error, Result},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

/// An instant of the API.
pub(crate) fn instant(value: &Value) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(value.as_str()?).ok()?.to_utc())
}

/// `3 min ago`, `in 2 h`; a dash for none.
pub(crate) fn relative(value: &Value) -> String {
    match instant(value) {
        Some(at) => distance((at - clock::now()).num_seconds()),
        None => "–".to_owned(),
    }
}

/// The same of something that may never happen, or has not yet.
pub(crate) fn relative_or_never(value: &Value) -> String {
    if value.is_null() {
        "never".to_owned()
    } else {
        relative(value)
    }
}

fn distance(seconds: i64) -> String {
    let size = seconds.unsigned_abs();
    let (number, unit) = match size {
        0..5 => return "now".to_owned(),
        5..90 => (size, "s"),
        90..5_400 => ((size + 30) / 60, "min"),
        5_400..129_600 => ((size + 1_800) / 3_600, "h"),
        _ => ((size + 43_200) / 86_400, "d"),
    };
    if seconds < 0 {
        format!("{number} {unit} ago")
    } else {
        format!("in {number} {unit}")
    }
}

/// `1.2 s`, `3 min 5 s` of milliseconds.
pub(crate) fn span(ms: i64) -> String {
    let seconds = ms / 1_000;
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{seconds}.{} s", ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// Reads `90`, `45s`, `5m`, `1h30m`, `2d` as seconds. `place` names the flag.
pub(crate) fn parse_seconds(place: &str, text: &str) -> Result<i64> {
    let wrong = || {
        Error::usage_with(
            format!("{place}: {text:?} is no length of time"),
            "seconds (90), or units: 45s, 5m, 1h30m, 2d",
        )
    };
    let (mut total, mut number) = (0_i64, String::new());
    for c in text.trim().chars() {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        let value: i64 = std::mem::take(&mut number).parse().map_err(|_| wrong())?;
        total = value
            .checked_mul(unit)
            .and_then(|part| total.checked_add(part))
            .ok_or_else(wrong)?;
    }
    if !number.is_empty() {
        // A number without a unit is seconds, and only as the whole.
        if total != 0 {
            return Err(wrong());
        }
        return number.parse().map_err(|_| wrong());
    }
    if total == 0 { Err(wrong()) } else { Ok(total) }
}

/// This instant, for the API.
pub(crate) fn now() -> String {
    clock::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads an instant (RFC 3339), or a length of time, which is that long ago. `place` names the flag.
pub(crate) fn parse_past(place: &str, text: &str) -> Result<String> {
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return Ok(text.to_owned());
    }
    let wrong = || {
        Error::usage_with(
            format!("{place}: {text:?} is no instant"),
            "2026-11-27T08:00:00Z, or how long ago: 45s, 5m, 1h30m, 2d",
        )
    };
    let seconds = parse_seconds(place, text).map_err(|_| wrong())?;
    let span = TimeDelta::try_seconds(seconds).ok_or_else(wrong)?;
    let at = clock::now().checked_sub_signed(span).ok_or_else(wrong)?;
    Ok(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The same of a flag that may be left out.
pub(crate) fn maybe_past(place: &str, text: Option<&str>) -> Result<Option<String>> {
    text.map(|text| parse_past(place, text)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [("90", 90), ("45s", 45), ("5m", 300), ("1h30m", 5_400), ("2d", 172_800)] {
            assert_eq!(parse_seconds("--every", text).unwrap(), seconds, "{text}");
        }
        for text in ["", "m", "5x", "1h30", "-5", "99999999999999999999", "9999999999999999d"] {
            let error = parse_seconds("--every", text).unwrap_err().to_string();
            assert!(error.starts_with("--every: "), "{text}: {error}");
        }
    }

    #[test]
    fn the_past_is_an_instant_or_so_long_ago() {
        let instant = "2026-11-27T08:00:00+01:00";
        assert_eq!(parse_past("--from", instant).unwrap(), instant);
        let at = instant_of(&parse_past("--from", "1h").unwrap());
        assert!((clock::now() - at - TimeDelta::hours(1)).num_seconds().abs() < 60);
        for text in ["yesterday", "", "2026-11-27", "9999999999d"] {
            let error = parse_past("--from", text).unwrap_err().to_string();
            assert_eq!(error, format!("--from: {text:?} is no instant"));
        }
    }

    fn instant_of(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn distances_are_said_in_one_unit() {
        for (seconds, words) in [
            (0, "now"),
            (-89, "89 s ago"),
            (90, "in 2 min"),
            (-7_200, "2 h ago"),
            (864_000, "in 10 d"),
        ] {
            assert_eq!(distance(seconds), words);
        }
    }

    #[test]
    fn lengths_are_said() {
        for (ms, words) in [
            (5, "5 ms"),
            (1_250, "1.2 s"),
            (61_000, "1 min 1 s"),
            (3_720_000, "1 h 2 min"),
        ] {
            assert_eq!(span(ms), words);
        }
    }
}
