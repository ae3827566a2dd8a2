//! Text to [`Cron`], with the place and the cure of every mistake.

use super::{Cron, Field, Item, Unit};
use crate::{schedule::MAX_EXPRESSION, validate::excerpt};

/// A mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::schedule) struct Fault {
    /// Stable word for programs.
    pub(in crate::schedule) code: &'static str,
    /// A sentence for people.
    pub(in crate::schedule) message: String,
}

/// A mistake within a field: the byte at which it starts, and what it is.
struct Slip {
    at: usize,
    what: String,
}

type Parsed<T> = Result<T, Slip>;

fn slip<T>(at: usize, what: impl Into<String>) -> Parsed<T> {
    Err(Slip { at, what: what.into() })
}

/// The five fields that a nickname stands for.
fn nickname(word: &str) -> Result<&'static str, Fault> {
    let fault = |message: String| Fault {
        code: "unknown_nickname",
        message,
    };
    Ok(match word.to_ascii_lowercase().as_str() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@reboot" => {
            return Err(fault(
                "\"@reboot\" names no time: there is no machine whose start could be meant; give a time, or start the \
                 job by hand or by the API"
                    .to_owned(),
            ));
        }
        _ => {
            return Err(fault(format!(
                "\"{}\" is not known; the nicknames are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and \
                 @annually",
                excerpt(word)
            )));
        }
    })
}

/// The fields of an expression: each with the byte at which it starts.
fn split(expression: &str) -> Vec<(usize, &str)> {
    let mut fields = Vec::new();
    let mut start = None;
    for (at, c) in expression.char_indices() {
        match (c.is_whitespace(), start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                fields.push((from, &expression[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        fields.push((from, &expression[from..]));
    }
    fields
}

/// Parses an expression of 5 or 6 fields, or a nickname. Positions count from 1, in characters of `expression`.
///
/// # Errors
///
/// The first mistake of each field.
pub(in crate::schedule) fn parse(expression: &str) -> Result<Cron, Vec<Fault>> {
    let length = expression.chars().count();
    if length > MAX_EXPRESSION {
        return Err(vec![Fault {
            code: "too_long",
            message: format!("has {length} characters; at most {MAX_EXPRESSION} are allowed"),
        }]);
    }
    let mut expression = expression;
    let mut fields = split(expression);
    if let [(_, word)] = fields[..]
        && word.starts_with('@')
    {
        expression = nickname(word).map_err(|fault| vec![fault])?;
        fields = split(expression);
    }
    if fields.len() == 5 {
        fields.insert(0, (0, "0"));
    }
    let Ok(fields) = <[(usize, &str); 6]>::try_from(fields.as_slice()) else {
        return Err(vec![Fault {
            code: "wrong_field_count",
            message: format!(
                "has {} field{}; write 5 (minute, hour, day of month, month, day of week), or 6 with the second first, \
                 separated by blanks",
                fields.len(),
                if fields.len() == 1 { "" } else { "s" },
            ),
        }]);
    };
    let mut faults = Vec::new();
    let parsed = std::array::from_fn(|index| {
        let (unit, (at, text)) = (Unit::ALL[index], fields[index]);
        field(unit, text, at).unwrap_or_else(|slip| {
            let position = expression[..slip.at].chars().count() + 1;
            faults.push(Fault {
                code: "invalid_cron",
                message: format!(
                    "{} field \"{}\": {} (character {position}); allowed are {}, with lists (1,2), ranges and steps \
                     (*/5)",
                    unit.name(),
                    excerpt(text),
                    slip.what,
                    unit.allowed(),
                ),
            });
            Field::new(unit, Vec::new(), false)
        })
    });
    if faults.is_empty() {
        Ok(Cron { fields: parsed })
    } else {
        Err(faults)
    }
}

fn field(unit: Unit, text: &str, at: usize) -> Parsed<Field> {
    let mut items = Vec::new();
    let mut start = at;
    for part in text.split(',') {
        items.push(item(unit, part, start)?);
        start += part.len() + 1;
    }
    Ok(Field::new(unit, items, text.starts_with(['*', '?'])))
}

fn item(unit: Unit, part: &str, at: usize) -> Parsed<Item> {
    let (body, step) = match part.split_once('/') {
        Some((body, step)) => (body, Some(self::step(step, at + body.len() + 1)?)),
        None => (part, None),
    };
    let is_day = matches!(unit, Unit::Day | Unit::Weekday);
    if body == "*" || (body == "?" && is_day) {
        return Ok(Item::All {
            step: step.unwrap_or(1),
        });
    }
    let special = match unit {
        Unit::Day => special_day(body, at)?,
        Unit::Weekday => special_weekday(body, at)?,
        _ => None,
    };
    if let Some(item) = special {
        return if step.is_some() {
            slip(at + body.len(), format!("\"{body}\" takes no step"))
        } else {
            Ok(item)
        };
    }
    if let Some((from, to)) = body.split_once('-') {
        let (from, to) = (value(unit, from, at)?, value(unit, to, at + from.len() + 1)?);
        return Ok(Item::Range {
            from,
            to,
            step: step.unwrap_or(1),
        });
    }
    let from = value(unit, body, at)?;
    if step.is_some() {
        let (_, high) = unit.bounds();
        return slip(
            at + body.len(),
            format!("a step needs a range: write {body}-{high}{}", &part[body.len()..]),
        );
    }
    Ok(Item::Range {
        from,
        to: from,
        step: 1,
    })
}

/// `L`, `LW` and `15W`.
fn special_day(body: &str, at: usize) -> Parsed<Option<Item>> {
    let upper = body.to_ascii_uppercase();
    Ok(match upper.as_str() {
        "L" => Some(Item::LastDay),
        "LW" | "WL" => Some(Item::LastWorkday),
        _ => match upper.strip_suffix('W') {
            Some(day) => Some(Item::Nearest(value(Unit::Day, day, at)?)),
            None => None,
        },
    })
}

/// `5L` and `5#2`.
fn special_weekday(body: &str, at: usize) -> Parsed<Option<Item>> {
    if let Some((day, nth)) = body.split_once('#') {
        let weekday = value(Unit::Weekday, day, at)? % 7;
        return match nth.parse::<u8>() {
            Ok(nth @ 1..=5) => Ok(Some(Item::Nth(weekday, nth))),
            _ => slip(at + day.len() + 1, format!("\"{nth}\" after # must be 1 to 5")),
        };
    }
    match body.to_ascii_uppercase().strip_suffix('L') {
        Some("") => slip(at, "\"L\" needs a day before it, such as 5L for the last Friday"),
        Some(day) => Ok(Some(Item::LastWeekday(value(Unit::Weekday, day, at)? % 7))),
        None => Ok(None),
    }
}

/// A step: a whole number from 1; steps beyond the range leave only its first value, as in Debian's cron.
fn step(text: &str, at: usize) -> Parsed<u8> {
    match number(text, at, "the step")? {
        0 => slip(at, "a step must be 1 or more"),
        step => Ok(u8::try_from(step).unwrap_or(u8::MAX)),
    }
}

/// A number within the bounds of the unit, or a name.
fn value(unit: Unit, text: &str, at: usize) -> Parsed<u8> {
    let (names, first) = unit.names();
    if let Some(index) = names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Ok(first + u8::try_from(index).unwrap_or_default());
    }
    let number = number(text, at, "a value")?;
    let (low, high) = unit.bounds();
    match u8::try_from(number) {
        Ok(value) if (low..=high).contains(&value) => Ok(value),
        _ => slip(at, format!("{number} is not between {low} and {high}")),
    }
}

fn number(text: &str, at: usize, what: &str) -> Parsed<u32> {
    if text.is_empty() {
        return slip(at, format!("{what} is missing"));
    }
    if let Some((offset, _)) = text.char_indices().find(|(_, c)| !c.is_ascii_digit()) {
        return slip(at + offset, format!("\"{}\" is not understood", excerpt(text)));
    }
    text.parse()
        .or_else(|_| slip(at, format!("{} is too large", excerpt(text))))
}
