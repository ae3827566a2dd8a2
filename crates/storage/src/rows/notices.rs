//! Rows of incidents and of the outbox of notices.

use super::{Place, instant, int, json, naive};
use crate::{key::Key, schema, value::new_row};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{
    error::StoreError,
    ids::{JobId, UserId},
    notice::{Facts, Incident, Notice, NoticePolicy, NoticeStatus, Trouble, trouble_words},
    ports::NoticeEntry,
    user::Word,
};
use serde::{Deserialize, Serialize};

/// What somebody wants to be told, where it says so.
pub(crate) fn policy(place: Place<'_>, text: Option<&str>) -> Result<Option<NoticePolicy>, StoreError> {
    text.map(|text| place.json("notices", text)).transpose()
}

/// An incident, without when it is told again.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schema::incidents)]
pub(crate) struct IncidentRow {
    pub(crate) job_id: Key,
    pub(crate) user_id: Key,
    pub(crate) opened_at: NaiveDateTime,
    pub(crate) troubles: String,
    pub(crate) failures: i32,
    pub(crate) latest: String,
}

new_row!(IncidentRow, "incidents", {
    "job_id": job_id,
    "user_id": user_id,
    "opened_at": opened_at,
    "troubles": troubles,
    "failures": failures,
    "latest": latest,
});

impl IncidentRow {
    pub(crate) fn new(job_id: Key, owner: UserId, incident: &Incident) -> Self {
        Self {
            job_id,
            user_id: owner.into(),
            opened_at: naive(incident.opened_at),
            troubles: trouble_words(&incident.troubles),
            failures: int(incident.failures),
            latest: json(&incident.latest),
        }
    }
}

impl TryFrom<IncidentRow> for Incident {
    type Error = StoreError;

    fn try_from(row: IncidentRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "incidents",
            row: &row.job_id,
        };
        let words = row.troubles.split_whitespace();
        Ok(Self {
            opened_at: instant(row.opened_at),
            troubles: words
                .map(|word| place.word("troubles", word))
                .collect::<Result<_, _>>()?,
            failures: place.count("failures", row.failures)?,
            latest: place.json("latest", &row.latest)?,
        })
    }
}

/// What the column `facts` of a notice says.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    facts: Facts,
    incident: Incident,
    before: Vec<Trouble>,
}

/// An entry of the outbox.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::notices)]
pub(crate) struct NoticeRow {
    pub(crate) notice_id: Key,
    pub(crate) user_id: Key,
    pub(crate) job_id: Key,
    kind: String,
    facts: String,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) status: String,
    due_at: Option<NaiveDateTime>,
    pub(crate) tries: i32,
    sent_at: Option<NaiveDateTime>,
    error: Option<String>,
}

new_row!(NoticeRow, "notices", {
    "notice_id": notice_id,
    "user_id": user_id,
    "job_id": job_id,
    "kind": kind,
    "facts": facts,
    "created_at": created_at,
    "status": status,
    "due_at": due_at,
    "tries": tries,
    "sent_at": sent_at,
    "error": error,
});

impl NoticeRow {
    /// A notice that is due at once.
    pub(crate) fn new(notice: &Notice) -> Self {
        let told = Told {
            facts: notice.facts.clone(),
            incident: notice.incident.clone(),
            before: notice.before.clone(),
        };
        Self {
            notice_id: notice.notice_id.into(),
            user_id: notice.owner.into(),
            job_id: notice.job_id.into(),
            kind: notice.kind.word().to_owned(),
            facts: json(&told),
            created_at: naive(notice.created_at),
            status: NoticeStatus::Pending.word().to_owned(),
            due_at: Some(naive(notice.created_at)),
            tries: 0,
            sent_at: None,
            error: None,
        }
    }

    fn place(&self) -> Place<'_> {
        Place {
            table: "notices",
            row: &self.notice_id,
        }
    }

    pub(crate) fn notice(&self) -> Result<Notice, StoreError> {
        let Told {
            facts,
            incident,
            before,
        } = self.place().json("facts", &self.facts)?;
        Ok(Notice {
            notice_id: self.notice_id.into(),
            owner: self.user_id.into(),
            job_id: JobId::from(self.job_id),
            kind: self.place().word("kind", &self.kind)?,
            facts,
            incident,
            before,
            created_at: instant(self.created_at),
        })
    }

    pub(crate) fn tries(&self) -> Result<u32, StoreError> {
        self.place().count("tries", self.tries)
    }

    pub(crate) fn entry(&self) -> Result<NoticeEntry, StoreError> {
        Ok(NoticeEntry {
            notice: self.notice()?,
            status: self.place().word("status", &self.status)?,
            sent_at: self.sent_at.map(instant),
            error: self.error.clone(),
        })
    }
}
