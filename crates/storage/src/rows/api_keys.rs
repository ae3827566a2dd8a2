//! Rows of API keys.

use super::{Place, instant, naive};
use crate::{key::Key, schema};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{
    api_key::{ApiKey, KeyHash, Scopes},
    error::StoreError,
};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::api_keys)]
pub(crate) struct ApiKeyRow {
    pub(crate) api_key_id: Key,
    pub(crate) user_id: Key,
    pub(crate) name: String,
    pub(crate) key_hash: Vec<u8>,
    pub(crate) prefix: String,
    pub(crate) last4: String,
    pub(crate) scopes: String,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) expires_at: Option<NaiveDateTime>,
    pub(crate) last_used_at: Option<NaiveDateTime>,
}

impl From<&ApiKey> for ApiKeyRow {
    fn from(key: &ApiKey) -> Self {
        Self {
            api_key_id: key.api_key_id.into(),
            user_id: key.user_id.into(),
            name: key.name.clone(),
            key_hash: key.hash.0.to_vec(),
            prefix: key.prefix.clone(),
            last4: key.last4.clone(),
            scopes: key.scopes.encode(),
            created_at: naive(key.created_at),
            expires_at: key.expires_at.map(naive),
            last_used_at: key.last_used_at.map(naive),
        }
    }
}

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: ApiKeyRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "api_keys",
            row: &row.api_key_id,
        };
        let hash = <[u8; 32]>::try_from(row.key_hash.as_slice());
        Ok(Self {
            scopes: Scopes::decode(&row.scopes).map_err(|why| place.inconsistent("scopes", why))?,
            hash: KeyHash(hash.map_err(|why| place.inconsistent("key_hash", why))?),
            api_key_id: row.api_key_id.into(),
            user_id: row.user_id.into(),
            name: row.name,
            prefix: row.prefix,
            last4: row.last4,
            created_at: instant(row.created_at),
            expires_at: row.expires_at.map(instant),
            last_used_at: row.last_used_at.map(instant),
        })
    }
}
