//! Rows of endpoints, and what deliveries mean.

use super::{Place, events, events::DeliveryRow, instant, json, naive};
use crate::{key::Key, schema};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{
    error::StoreError,
    webhook::{Delivery, Endpoint},
};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::webhook_endpoints)]
pub(crate) struct EndpointRow {
    pub(crate) webhook_id: Key,
    pub(crate) user_id: Key,
    pub(crate) url: String,
    pub(crate) types: String,
    pub(crate) description: Option<String>,
    pub(crate) sealed_headers: Option<String>,
    pub(crate) secrets: String,
    pub(crate) enabled: bool,
    pub(crate) disabled_reason: Option<String>,
    pub(crate) failing_since: Option<NaiveDateTime>,
    pub(crate) version: i64,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
}

impl From<&Endpoint> for EndpointRow {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            webhook_id: endpoint.webhook_id.into(),
            user_id: endpoint.user_id.into(),
            url: endpoint.url.clone(),
            types: events::selection_text(&endpoint.types),
            description: endpoint.description.clone(),
            sealed_headers: endpoint.sealed_headers.clone(),
            secrets: json(&endpoint.secrets),
            enabled: endpoint.enabled,
            disabled_reason: endpoint.disabled_reason.clone(),
            failing_since: endpoint.failing_since.map(naive),
            version: endpoint.version,
            created_at: naive(endpoint.created_at),
            updated_at: naive(endpoint.updated_at),
        }
    }
}

impl TryFrom<EndpointRow> for Endpoint {
    type Error = StoreError;

    fn try_from(row: EndpointRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "webhook_endpoints",
            row: &row.webhook_id,
        };
        Ok(Self {
            types: events::selection(place, &row.types)?,
            secrets: place.json("secrets", &row.secrets)?,
            webhook_id: row.webhook_id.into(),
            user_id: row.user_id.into(),
            url: row.url,
            description: row.description,
            sealed_headers: row.sealed_headers,
            enabled: row.enabled,
            disabled_reason: row.disabled_reason,
            failing_since: row.failing_since.map(instant),
            version: row.version,
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
        })
    }
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "webhook_deliveries",
            row: &row.delivery_id,
        };
        Ok(Self {
            kind: place.word("type", &row.kind)?,
            status: place.word("status", &row.status)?,
            attempts: place.json("attempts", &row.attempts)?,
            delivery_id: row.delivery_id.into(),
            webhook_id: row.webhook_id.into(),
            user_id: row.user_id.into(),
            event_id: row.event_id.into(),
            next_attempt_at: row.next_attempt_at.map(instant),
            created_at: instant(row.created_at),
        })
    }
}
