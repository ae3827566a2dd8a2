//! The days of a cron expression in words.

use super::{list, ordinal};
use crate::schedule::cron::{Cron, Field, Item, Unit};

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// So many dates of the year are written out.
const DATES_BY_NAME: usize = 4;

const NTH: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// Such as `on Monday to Friday`, `on day 1 of every month`, `on day 13 of every month or on Friday`; `None` when
/// every day matches.
pub(super) fn phrase(cron: &Cron) -> Option<String> {
    let (day, weekday, month) = (
        cron.field(Unit::Day),
        cron.field(Unit::Weekday),
        cron.field(Unit::Month),
    );
    let months = (!month.is_all() && month.values().len() < 12).then(|| months(month));
    let all_days = day.is_all() || day.values().len() == 31;
    let all_weekdays = weekday.is_all() || weekday.values().len() == 7;
    let of_month = months.as_ref().map_or(" of every month", |_| "");
    // Under OR, one field that holds every day makes the other meaningless.
    let open = if cron.days_are_anded() {
        all_days && all_weekdays
    } else {
        all_days || all_weekdays
    };
    if all_weekdays
        && months.is_some()
        && let Some(dates) = dates_by_name(day, month)
    {
        return Some(format!("on {dates}"));
    }
    let days = if open {
        months.as_ref().map(|_| "every day".to_owned())
    } else if all_days {
        Some(format!("on {}", weekdays(weekday, "and")))
    } else if all_weekdays {
        Some(format!("on {}{of_month}", dates(day)))
    } else if cron.days_are_anded() {
        Some(format!(
            "on {}{of_month} if it is also {}",
            dates(day),
            weekdays(weekday, "or")
        ))
    } else {
        Some(format!(
            "on {}{of_month} or on {}",
            dates(day),
            weekdays(weekday, "and")
        ))
    };
    match (days, months) {
        (Some(days), Some(months)) if days.contains(" or on ") => Some(format!("{days}, only {months}")),
        (Some(days), Some(months)) => Some(format!("{days} {months}")),
        (days, months) => days.or(months),
    }
}

/// `24 December`, `1 January and 1 July`, when they are plain and few.
fn dates_by_name(day: &Field, month: &Field) -> Option<String> {
    let is_plain = |item: &Item| matches!(item, Item::Range { from, to, .. } if from == to);
    let (days, months) = (day.values(), month.values());
    if !day.items.iter().all(is_plain) || days.len() * months.len() > DATES_BY_NAME {
        return None;
    }
    let dates: Vec<String> = months
        .iter()
        .flat_map(|month| days.iter().map(move |day| format!("{day} {}", month_name(*month))))
        .collect();
    Some(list(&dates, "and"))
}

/// The elements of a field in words; `one` says a plain value.
fn spoken(field: &Field, unit: Unit, one: &dyn Fn(u8) -> String, last: &str) -> String {
    let of_month = |index: usize| match field.items.get(index + 1) {
        // Said once at the end of several.
        Some(Item::LastWeekday(_) | Item::Nth(..)) => "",
        _ => " of the month",
    };
    let words: Vec<String> = field
        .items
        .iter()
        .enumerate()
        .map(|(index, item)| match *item {
            Item::Range { from, to, step: 1 } if from == to => one(from),
            Item::Range { from, to, step: 1 } => format!("{} to {}", one(from), one(to)),
            Item::All { .. } | Item::Range { .. } => {
                list(&item.values(unit).into_iter().map(one).collect::<Vec<_>>(), last)
            }
            Item::LastDay => "the last day".to_owned(),
            Item::LastWorkday => "the last weekday (Monday to Friday)".to_owned(),
            Item::Nearest(day) => format!("the weekday (Monday to Friday) nearest day {day}"),
            Item::LastWeekday(day) => format!("the last {}{}", one(day), of_month(index)),
            Item::Nth(day, nth) => {
                let nth = NTH.get(usize::from(nth).wrapping_sub(1)).unwrap_or(&"");
                format!("the {nth} {}{}", one(day), of_month(index))
            }
        })
        .collect();
    list(&words, last)
}

fn month_name(month: u8) -> String {
    MONTHS[usize::from(month.clamp(1, 12)) - 1].to_owned()
}

/// `in March and June`, `from March to June`.
fn months(field: &Field) -> String {
    let words = spoken(field, Unit::Month, &month_name, "and");
    match field.items[..] {
        [Item::Range { from, to, step: 1 }] if from != to => format!("from {words}"),
        _ => format!("in {words}"),
    }
}

fn weekdays(field: &Field, last: &str) -> String {
    let name = |day: u8| WEEKDAYS[usize::from(day % 7)].to_owned();
    spoken(field, Unit::Weekday, &name, last)
}

fn dates(field: &Field) -> String {
    if let [Item::All { step }] = field.items[..]
        && step < 31
    {
        return format!("every {} day from day 1", ordinal(step));
    }
    let plain = field.items.iter().all(|item| matches!(item, Item::Range { .. }));
    let words = spoken(field, Unit::Day, &|day| day.to_string(), "and");
    if plain {
        format!("day{} {words}", if field.values().len() == 1 { "" } else { "s" })
    } else {
        // Plain numbers beside `L` and `W` need their noun.
        spoken(field, Unit::Day, &|day| format!("day {day}"), "and")
    }
}
