//! A schedule in plain English. The zone is said separately: see [`Schedule::time_zone`](super::Schedule::time_zone).

mod days;

use super::{
    CompiledSchedule, When,
    check::text,
    cron::{Cron, Field, Item, Unit},
};

/// So many times of the day are written out; more are said by fields.
const TIMES_WRITTEN_OUT: usize = 6;

impl CompiledSchedule {
    /// What it means, such as `At 09:00 on Monday to Friday` or `Every 90 seconds`.
    pub fn describe(&self) -> String {
        let schedule = &self.schedule;
        let mut words = match (&schedule.when, &self.clocks) {
            (When::Once { at }, _) => format!("Once at {}", text(*at)),
            (When::Interval { every_seconds }, _) => format!("Every {}", span(*every_seconds)),
            (When::Cron { .. }, Some(clocks)) => cron(&clocks.cron),
            (When::Cron { .. }, None) => String::new(),
        };
        if let Some(start) = schedule.start_at {
            words.extend([", from ", &text(start)]);
        }
        if let Some(end) = schedule.end_at {
            words.extend([", until ", &text(end)]);
        }
        if schedule.jitter_seconds > 0 {
            words.extend([", up to ", &quantity(schedule.jitter_seconds, "second"), " later"]);
        }
        words
    }
}

/// `1 second`, `2 seconds`.
fn quantity(count: u32, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A length of time in the largest unit that divides it; the number is left out when it is 1.
fn span(seconds: u32) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units
        .into_iter()
        .find(|(size, _)| seconds.is_multiple_of(*size))
        .unwrap_or((1, "second"));
    every(seconds / size, unit)
}

fn every(count: u32, unit: &str) -> String {
    if count == 1 {
        unit.to_owned()
    } else {
        quantity(count, unit)
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., end] => format!("{} {last} {end}", init.join(", ")),
    }
}

fn cron(cron: &Cron) -> String {
    let days = days::phrase(cron);
    let (time, is_point) = time(cron);
    match (days, is_point) {
        (Some(days), _) => format!("{time} {days}"),
        (None, true) => format!("{time} every day"),
        (None, false) => time,
    }
}

/// The time of day, and whether it is made of points that need a day (`At 02:30`).
fn time(cron: &Cron) -> (String, bool) {
    let second = cron.field(Unit::Second);
    match second.values()[..] {
        [0] => minutes_and_hours(cron, None),
        [at] => minutes_and_hours(cron, Some(at)),
        _ => {
            let seconds = sequence(second, Unit::Second);
            let (minute, hour) = (cron.field(Unit::Minute), cron.field(Unit::Hour));
            if minute.values().len() == 60 {
                let hours = if hour.values().len() == 24 {
                    String::new()
                } else {
                    within(hour)
                };
                return (seconds + &hours, false);
            }
            let (rest, is_point) = minutes_and_hours(cron, None);
            if is_point {
                let rest = rest.strip_prefix("At ").unwrap_or(&rest);
                let minutes = if rest.contains(' ') { "minutes" } else { "minute" };
                return (format!("{seconds} in the {minutes} from {rest}"), true);
            }
            let minutes = match whole_step(minute, 60) {
                Some(step) => format!("every {} minute", ordinal(step)),
                None => sequence(minute, Unit::Minute)
                    .replacen("At ", "", 1)
                    .replacen('E', "e", 1),
            };
            (format!("{seconds} of {minutes}{}", within(hour)), false)
        }
    }
}

/// The hours that are open to repeated minutes: ` of every hour`, ` from 09:00 to 17:59`.
fn within(hour: &Field) -> String {
    let hours = hour.values();
    if hours.len() == 24 {
        " of every hour".to_owned()
    } else if let Some((from, to)) = stretch(hour).or_else(|| hours.first().copied().zip(single(&hours))) {
        format!(" from {from:02}:00 to {to:02}:59")
    } else if let Some(step) = whole_step(hour, 24) {
        format!(" of every {} hour from 00:00", ordinal(step))
    } else {
        let hours: Vec<String> = hours.iter().map(ToString::to_string).collect();
        format!(" of the hours {}", list(&hours, "and"))
    }
}

fn minutes_and_hours(cron: &Cron, second: Option<u8>) -> (String, bool) {
    let (minute, hour) = (cron.field(Unit::Minute), cron.field(Unit::Hour));
    let (minutes, hours) = (minute.values(), hour.values());
    let tail = second.map(|at| format!(":{at:02}")).unwrap_or_default();
    // `0 0-23 * * *` and the like mean every hour, whichever way they are written.
    let all_hours = hours.len() == 24;
    if !all_hours
        && minutes.len() * hours.len() <= TIMES_WRITTEN_OUT
        && (minutes.len() == 1 || hours.len() == 1)
        && range(&minutes).is_none()
        && stretch(hour).is_none()
    {
        let times: Vec<String> = hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| (hour, minute)))
            .map(|(hour, minute)| format!("{hour:02}:{minute:02}{tail}"))
            .collect();
        return (format!("At {}", list(&times, "and")), true);
    }
    let at_second = second.map(|at| format!(" at second {at}")).unwrap_or_default();
    let hourly = match minutes[..] {
        [minute] => Some(minute),
        _ => None,
    };
    if let Some(minute) = hourly {
        let words = if all_hours {
            hours_every(minute, 1)
        } else if let Some(step) = whole_step(hour, 24) {
            hours_every(minute, step)
        } else if let Some((from, to)) = stretch(hour) {
            return (
                format!("Every hour from {from:02}:{minute:02} to {to:02}:{minute:02}{at_second}"),
                false,
            );
        } else {
            let of = sequence(hour, Unit::Hour);
            format!("At minute {minute} of the {}", of.strip_prefix("At ").unwrap_or(&of))
        };
        return (words + &at_second, false);
    }
    let words = sequence(minute, Unit::Minute);
    let within = match (words.starts_with("Every"), all_hours, stretch(hour)) {
        (true, true, _) => String::new(),
        (false, false, Some(_)) => format!(" of every hour{}", within(hour)),
        _ => within(hour),
    };
    (words + &at_second + &within, false)
}

fn single(values: &[u8]) -> Option<u8> {
    <[u8; 1]>::try_from(values).ok().map(|[value]| value)
}

fn hours_every(minute: u8, step: u8) -> String {
    match (minute, step) {
        (0, 1) => "Every hour".to_owned(),
        (0, step) => format!("Every {step} hours"),
        (minute, 1) => format!("At minute {minute} of every hour"),
        (minute, step) => format!("At minute {minute} of every {} hour", ordinal(step)),
    }
}

/// First and last of three or more neighbouring values.
fn range(values: &[u8]) -> Option<(u8, u8)> {
    match values {
        [first, _, .., last] if usize::from(last - first) == values.len() - 1 => Some((*first, *last)),
        _ => None,
    }
}

/// The same for a field, where a range may wrap around: `22-2`.
fn stretch(field: &Field) -> Option<(u8, u8)> {
    match field.items[..] {
        [Item::Range { from, to, step: 1 }] if field.values().len() > 2 => Some((from, to)),
        _ => range(&field.values()),
    }
}

/// The step of `*/n`, or of values that come to the same, when it divides the cycle: the steps are all of one length.
fn whole_step(field: &Field, cycle: u8) -> Option<u8> {
    match field.values()[..] {
        // Two values read better than a step: 0 and 30.
        [0, step, _, ..] if step > 1 && cycle.is_multiple_of(step) => field
            .values()
            .into_iter()
            .eq((0..cycle).step_by(step.into()))
            .then_some(step),
        [0, step] if cycle == 2 * step && matches!(field.items[..], [Item::All { .. }]) => Some(step),
        _ => None,
    }
}

/// The values of a field that repeats: `Every 15 minutes`, `At minutes 5 and 10`.
fn sequence(field: &Field, unit: Unit) -> String {
    let (cycle, name, larger) = match unit {
        Unit::Second => (60, "second", "minute"),
        Unit::Minute => (60, "minute", "hour"),
        _ => (24, "hour", "day"),
    };
    let values = field.values();
    if values.len() == usize::from(cycle) {
        return format!("Every {name}");
    }
    if let Some(step) = whole_step(field, cycle) {
        return format!("Every {step} {name}s");
    }
    if let [Item::All { step }] = field.items[..]
        && step < cycle
    {
        return format!("Every {step} {name}s (starting again each {larger})");
    }
    let said = range(&values).map_or_else(
        || list(&values.iter().map(ToString::to_string).collect::<Vec<_>>(), "and"),
        |(from, to)| format!("{from} to {to}"),
    );
    format!("At {name}{} {said}", if values.len() == 1 { "" } else { "s" })
}

/// `1st`, `2nd`, `3rd`, `11th`.
fn ordinal(number: u8) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
