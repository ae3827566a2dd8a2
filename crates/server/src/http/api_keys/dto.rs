//! Wire types of API keys.

use chrono::{DateTime, Utc};
use scheduler_domain::api_key::ApiKey;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{http::scopes::ScopeWord, list_schema};

/// A key for programs, without the key itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyOut {
    api_key_id: Uuid,
    #[schema(example = "deploy")]
    name: String,
    /// The first characters of the key.
    #[schema(example = "jsk_8fQz")]
    prefix: String,
    /// The last four.
    #[schema(example = "0aTf")]
    last4: String,
    #[schema(value_type = Vec<ScopeWord>)]
    scopes: Vec<&'static str>,
    /// When it stops working; null: when it is revoked.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// To a quarter of an hour.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
}

impl From<ApiKey> for ApiKeyOut {
    fn from(key: ApiKey) -> Self {
        Self {
            api_key_id: key.api_key_id.as_uuid(),
            name: key.name,
            prefix: key.prefix,
            last4: key.last4,
            scopes: key.scopes.words().collect(),
            expires_at: key.expires_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A new key. `key` is told this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApiKey {
    #[serde(flatten)]
    pub api_key: ApiKeyOut,
    /// The key. It is stored nowhere: keep it now. Absent where the answer is repeated for an `Idempotency-Key`.
    #[schema(example = "jsk_8fQz…", required = false)]
    pub key: String,
}

list_schema!(
    /// Keys.
    ApiKeyList,
    ApiKeyOut
);
