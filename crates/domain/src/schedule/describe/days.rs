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

const NTH: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// Such as `on Monday to Friday`, `on day 1 of every month`, `on day 13 of every month or on Friday`; `None` when
/// every day matches.
pub(super) fn phrase(cron: &Cron) -> Option<String> {
    let (day, weekday, month) = (
        cron.field(Unit::Day),
        cron.field(Unit::Weekday),
        cron.field(Unit::Month),
    );
    let months = (!month.is_all() && month.values().len() < 12).then(|| format!("in {}", months(month)));
    let all_days = day.is_all() || day.values().len() == 31;
    let all_weekdays = weekday.is_all() || weekday.values().len() == 7;
    let of_month = months.as_ref().map_or(" of every month", |_| "");
    // Under OR, one field that holds every day makes the other meaningless.
    let open = if cron.days_are_anded() {
        all_days && all_weekdays
    } else {
        all_days || all_weekdays
    };
    let days = if open {
        months.as_ref().map(|_| "every day".to_owned())
    } else if all_days {
        Some(format!("on {}", weekdays(weekday)))
    } else if all_weekdays {
        Some(format!("on {}{of_month}", dates(day)))
    } else if cron.days_are_anded() {
        Some(format!(
            "on {}{of_month} if it is also {}",
            dates(day),
            weekdays(weekday)
        ))
    } else {
        Some(format!("on {}{of_month} or on {}", dates(day), weekdays(weekday)))
    };
    match (days, months) {
        (Some(days), Some(months)) => Some(format!("{days} {months}")),
        (days, months) => days.or(months),
    }
}

/// The elements of a field in words; `one` says a plain value.
fn spoken(field: &Field, unit: Unit, one: &dyn Fn(u8) -> String, last: &str) -> String {
    let words: Vec<String> = field
        .items
        .iter()
        .map(|item| match *item {
            Item::Range { from, to, step: 1 } if from == to => one(from),
            Item::Range { from, to, step: 1 } => format!("{} to {}", one(from), one(to)),
            Item::All { .. } | Item::Range { .. } => {
                list(&item.values(unit).into_iter().map(one).collect::<Vec<_>>(), last)
            }
            Item::LastDay => "the last day".to_owned(),
            Item::LastWorkday => "the last weekday (Monday to Friday)".to_owned(),
            Item::Nearest(day) => format!("the weekday (Monday to Friday) nearest day {day}"),
            Item::LastWeekday(day) => format!("the last {} of the month", one(day)),
            Item::Nth(day, nth) => {
                let nth = NTH.get(usize::from(nth).wrapping_sub(1)).unwrap_or(&"");
                format!("the {nth} {} of the month", one(day))
            }
        })
        .collect();
    list(&words, last)
}

fn months(field: &Field) -> String {
    let name = |month: u8| MONTHS[usize::from(month.clamp(1, 12)) - 1].to_owned();
    spoken(field, Unit::Month, &name, "and")
}

fn weekdays(field: &Field) -> String {
    let name = |day: u8| WEEKDAYS[usize::from(day % 7)].to_owned();
    spoken(field, Unit::Weekday, &name, "and")
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
