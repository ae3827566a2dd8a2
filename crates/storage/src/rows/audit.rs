//! Rows of the audit log.

use super::{Place, instant, json, naive};
use crate::{key::Key, schema, value::new_row};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{
    audit::{Actor, Deed, Entry, NewEntry, Origin, Target},
    error::StoreError,
    ids::AuditId,
    user::Word,
};
use uuid::Uuid;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::audit_log)]
pub(crate) struct AuditRow {
    pub(crate) audit_id: Key,
    pub(crate) user_id: Key,
    pub(crate) recorded_at: NaiveDateTime,
    pub(crate) action: String,
    pub(crate) actor_type: String,
    pub(crate) actor_user_id: Option<Key>,
    pub(crate) actor_id: Option<Key>,
    pub(crate) target_type: Option<String>,
    pub(crate) target_id: Option<Key>,
    pub(crate) target_name: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) bulk_operation_id: Option<Key>,
    pub(crate) changes: Option<String>,
}

new_row!(AuditRow, "audit_log", {
    "audit_id": audit_id,
    "user_id": user_id,
    "recorded_at": recorded_at,
    "action": action,
    "actor_type": actor_type,
    "actor_user_id": actor_user_id,
    "actor_id": actor_id,
    "target_type": target_type,
    "target_id": target_id,
    "target_name": target_name,
    "ip": ip,
    "user_agent": user_agent,
    "request_id": request_id,
    "bulk_operation_id": bulk_operation_id,
    "changes": changes,
});

fn key(id: Uuid) -> Key {
    Key(*id.as_bytes())
}

fn uuid(key: Key) -> Uuid {
    Uuid::from_bytes(key.0)
}

fn cut(text: Option<String>, length: usize) -> Option<String> {
    text.map(|text| {
        if text.len() <= length {
            text
        } else {
            text.chars().take(length).collect()
        }
    })
}

impl AuditRow {
    pub(crate) fn new(audit_id: AuditId, entry: NewEntry) -> Self {
        let NewEntry { deed, actor, origin } = entry;
        let changes = (!deed.changes.0.is_empty()).then(|| json(&deed.changes));
        Self {
            audit_id: audit_id.into(),
            user_id: deed.owner.into(),
            recorded_at: naive(deed.at),
            action: deed.action.word().to_owned(),
            actor_type: actor.kind.word().to_owned(),
            actor_user_id: actor.user_id.map(Key::from),
            actor_id: actor.id.map(key),
            target_type: deed.target.as_ref().map(|target| target.kind.word().to_owned()),
            target_id: deed.target.as_ref().map(|target| key(target.id)),
            target_name: deed.target.and_then(|target| target.name),
            ip: cut(origin.ip, 64),
            user_agent: cut(origin.user_agent, 300),
            request_id: cut(origin.request_id, 64),
            bulk_operation_id: origin.bulk_id.map(Key::from),
            changes,
        }
    }
}

impl TryFrom<AuditRow> for Entry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "audit_log",
            row: &row.audit_id,
        };
        let target = match (&row.target_type, row.target_id) {
            (Some(kind), Some(id)) => Some(Target {
                kind: place.word("target_type", kind)?,
                id: uuid(id),
                name: row.target_name,
            }),
            _ => None,
        };
        let changes = row.changes.as_deref().map(|text| place.json("changes", text));
        Ok(Self {
            audit_id: row.audit_id.into(),
            entry: NewEntry {
                deed: Deed {
                    owner: row.user_id.into(),
                    at: instant(row.recorded_at),
                    action: place.word("action", &row.action)?,
                    target,
                    changes: changes.transpose()?.unwrap_or_default(),
                },
                actor: Actor {
                    kind: place.word("actor_type", &row.actor_type)?,
                    user_id: row.actor_user_id.map(Into::into),
                    id: row.actor_id.map(uuid),
                },
                origin: Origin {
                    ip: row.ip,
                    user_agent: row.user_agent,
                    request_id: row.request_id,
                    bulk_id: row.bulk_operation_id.map(Into::into),
                },
            },
        })
    }
}
