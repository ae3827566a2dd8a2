//! The flat JSON form of a schedule.

use super::{OnGap, OnRepeat, Schedule, When};
use crate::clock::{Timestamp, to_micros};
use serde::{Deserialize, Serialize};

/// Every member that any kind knows; [`Schedule::try_from`] refuses those that the kind at hand does not.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wire {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_gap: Option<OnGap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_repeat: Option<OnRepeat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jitter_seconds: Option<u32>,
}

impl Wire {
    /// Refuses members of another kind, so that a slip (`at` in an interval) is not silently dropped.
    fn refuse_foreign(&self) -> Result<(), String> {
        let cron = ["cron"].as_slice();
        let members = [
            ("at", self.at.is_some(), ["once"].as_slice()),
            ("every_seconds", self.every_seconds.is_some(), ["interval"].as_slice()),
            ("expression", self.expression.is_some(), cron),
            ("time_zone", self.time_zone.is_some(), cron),
            ("on_gap", self.on_gap.is_some(), cron),
            ("on_repeat", self.on_repeat.is_some(), cron),
        ];
        for (name, given, kinds) in members {
            if given && !kinds.contains(&self.kind.as_str()) {
                return Err(format!(
                    "`{name}` belongs to the type \"{}\", not to \"{}\"",
                    kinds.join("\", \""),
                    self.kind
                ));
            }
        }
        Ok(())
    }
}

/// The member, or a message that it is missing.
fn needed<T>(value: Option<T>, name: &str, kind: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{name}`: the type \"{kind}\" needs it"))
}

impl TryFrom<Wire> for Schedule {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        if !["once", "interval", "cron"].contains(&wire.kind.as_str()) {
            return Err(format!(
                "unknown type \"{}\", expected one of \"once\", \"interval\", \"cron\"",
                crate::validate::excerpt(&wire.kind)
            ));
        }
        wire.refuse_foreign()?;
        let when = match wire.kind.as_str() {
            "once" => When::Once {
                at: to_micros(needed(wire.at, "at", "once")?),
            },
            "interval" => When::Interval {
                every_seconds: needed(wire.every_seconds, "every_seconds", "interval")?,
            },
            _ => When::Cron {
                expression: needed(wire.expression, "expression", "cron")?,
                time_zone: needed(wire.time_zone, "time_zone", "cron")?,
                on_gap: wire.on_gap.unwrap_or_default(),
                on_repeat: wire.on_repeat.unwrap_or_default(),
            },
        };
        Ok(Self {
            when,
            start_at: wire.start_at.map(to_micros),
            end_at: wire.end_at.map(to_micros),
            jitter_seconds: wire.jitter_seconds.unwrap_or(0),
        })
    }
}

impl From<Schedule> for Wire {
    fn from(schedule: Schedule) -> Self {
        let mut wire = Self {
            kind: schedule.kind().to_owned(),
            start_at: schedule.start_at,
            end_at: schedule.end_at,
            jitter_seconds: (schedule.jitter_seconds > 0).then_some(schedule.jitter_seconds),
            ..Self::default()
        };
        match schedule.when {
            When::Once { at } => wire.at = Some(at),
            When::Interval { every_seconds } => wire.every_seconds = Some(every_seconds),
            When::Cron {
                expression,
                time_zone,
                on_gap,
                on_repeat,
            } => {
                wire.expression = Some(expression);
                wire.time_zone = Some(time_zone);
                wire.on_gap = Some(on_gap);
                wire.on_repeat = Some(on_repeat);
            }
        }
        wire
    }
}
