//! Instants on their way into a statement and out of a row.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    mysql::{Mysql, MysqlValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{Nullable, Timestamp},
    sqlite::{Sqlite, SqliteValue},
};
use std::fmt;

/// An instant that is bound or read often. SQLite holds instants as text, and to have a general formatter read its pattern
/// for each of them cost more than the statement that they went into; here the text is put together, and taken apart,
/// digit by digit.
#[derive(Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub(crate) struct Moment(pub(crate) NaiveDateTime);

/// Statements are written down with their values as those write themselves.
impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The digits of a number, and before them as many zeros as the width asks for.
fn digits(text: &mut String, number: u32, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

impl Moment {
    /// `YYYY-MM-DD hh:mm:ss`, and three or six digits of a fraction if there is one: as Diesel writes it, so that texts
    /// compare like instants. A year beyond four digits is left to Diesel.
    fn text(self) -> Option<String> {
        let at = self.0;
        let year = u32::try_from(at.year()).ok().filter(|year| *year <= 9_999)?;
        let micros = at.nanosecond() / 1_000;
        if !at.nanosecond().is_multiple_of(1_000) || micros > 999_999 {
            return None;
        }
        let mut text = String::with_capacity(26);
        for (number, width, before) in [
            (year, 4, None),
            (at.month(), 2, Some('-')),
            (at.day(), 2, Some('-')),
            (at.hour(), 2, Some(' ')),
            (at.minute(), 2, Some(':')),
            (at.second(), 2, Some(':')),
        ] {
            text.extend(before);
            digits(&mut text, number, width);
        }
        if micros > 0 {
            text.push('.');
            match micros % 1_000 {
                0 => digits(&mut text, micros / 1_000, 3),
                _ => digits(&mut text, micros, 6),
            }
        }
        Some(text)
    }
}

/// The number that these digits are.
fn number(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number: u32, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })
}

impl Moment {
    /// Reads what [`text`](Self::text) writes; anything else is left to Diesel.
    fn read(text: &[u8]) -> Option<Self> {
        let (whole, fraction) = text.split_at_checked(19)?;
        let part = |from: usize, to: usize| number(whole.get(from..to)?);
        let between = |at: usize| whole.get(at).copied();
        let marks = [between(4), between(7), between(10), between(13), between(16)];
        if marks != [b'-', b'-', b' ', b':', b':'].map(Some) {
            return None;
        }
        let micros = match fraction {
            [] => 0,
            [b'.', digits @ ..] if digits.len() == 3 => number(digits)? * 1_000,
            [b'.', digits @ ..] if digits.len() == 6 => number(digits)?,
            _ => return None,
        };
        let year = i32::try_from(part(0, 4)?).ok()?;
        NaiveDate::from_ymd_opt(year, part(5, 7)?, part(8, 10)?)?
            .and_hms_micro_opt(part(11, 13)?, part(14, 16)?, part(17, 19)?, micros)
            .map(Self)
    }
}

impl FromSql<Timestamp, Sqlite> for Moment {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        match Self::read(value.read_text().as_bytes()) {
            Some(moment) => Ok(moment),
            None => FromSql::<Timestamp, Sqlite>::from_sql(value).map(Self),
        }
    }
}

impl FromSql<Timestamp, Mysql> for Moment {
    fn from_sql(value: MysqlValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Timestamp, Mysql>::from_sql(value).map(Self)
    }
}

impl From<Moment> for NaiveDateTime {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

/// A column that may hold an instant, for `deserialize_as`.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub(crate) struct MaybeMoment(Option<Moment>);

impl<DB: Backend> FromSql<Nullable<Timestamp>, DB> for MaybeMoment
where
    Moment: FromSql<Timestamp, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Moment::from_sql(value).map(|moment| Self(Some(moment)))
    }

    fn from_nullable_sql(value: Option<DB::RawValue<'_>>) -> deserialize::Result<Self> {
        value.map_or(Ok(Self(None)), Self::from_sql)
    }
}

impl From<MaybeMoment> for Option<NaiveDateTime> {
    fn from(moment: MaybeMoment) -> Self {
        moment.0.map(NaiveDateTime::from)
    }
}

impl ToSql<Timestamp, Sqlite> for Moment {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let Some(text) = self.text() else {
            return ToSql::<Timestamp, Sqlite>::to_sql(&self.0, out);
        };
        out.set_value(text);
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamp, Mysql> for Moment {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Mysql>) -> serialize::Result {
        ToSql::<Timestamp, Mysql>::to_sql(&self.0, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    /// What Diesel would have written.
    fn of_diesel(at: NaiveDateTime) -> String {
        at.format("%F %T%.f").to_string()
    }

    #[test]
    fn writes_what_diesel_writes() {
        let seconds = [0, 1, 59, 951_782_399, 1_764_241_200, 4_102_444_799, 253_402_300_799];
        let micros = [
            0, 1, 9, 10, 999, 1_000, 1_001, 20_000, 120_000, 123_456, 999_000, 999_999,
        ];
        for (second, micro) in seconds
            .into_iter()
            .flat_map(|second| micros.map(|micro| (second, micro)))
        {
            let at = DateTime::from_timestamp(second, micro * 1_000)
                .expect("in range")
                .naive_utc();
            assert_eq!(Moment(at).text().as_deref(), Some(of_diesel(at).as_str()));
            assert_eq!(Moment::read(of_diesel(at).as_bytes()), Some(Moment(at)));
        }
    }

    #[test]
    fn reads_nothing_but_what_it_writes() {
        for text in [
            "",
            "2026-11-27",
            "2026-11-27 12:00",
            "2026-11-27T12:00:00",
            "2026-11-27 12:00:00Z",
            "2026-11-27 12:00:00.",
            "2026-11-27 12:00:00.1",
            "2026-11-27 12:00:00.1234567",
            "2026-11-27 12:00:00.12x",
            "2026-13-27 12:00:00",
            "2026-02-30 12:00:00",
            "2026-11-27 24:00:00",
            "+026-11-27 12:00:00",
            "2026-11-27 12:00:00\u{e9}",
        ] {
            assert_eq!(Moment::read(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn leaves_to_diesel_what_is_out_of_the_ordinary() {
        let at = |second, nano| DateTime::from_timestamp(second, nano).expect("in range").naive_utc();
        assert_eq!(Moment(at(253_402_300_800, 0)).text(), None, "the year 10000");
        assert_eq!(Moment(at(0, 1)).text(), None, "a nanosecond");
    }
}
