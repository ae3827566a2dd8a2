//! What clients send about an endpoint.

use scheduler_domain::{
    ports::{CallError, HttpCaller, Vault},
    validate::{FieldError, Problems},
    webhook::{Endpoint, EventSelection, MASK, check_description, check_headers, check_url, keep_masked},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::dto;
use crate::http::body::present;

/// A change of an endpoint. Absent fields stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookPatch {
    /// http or https, at most 2,000 characters, without user name and fragment.
    #[serde(default)]
    #[schema(example = "https://example.com/hooks/jobs", max_length = 2000)]
    pub(super) url: Option<String>,
    /// `*` is all but those that must be named.
    #[serde(default)]
    #[schema(value_type = Option<Vec<dto::EventTypeWord>>)]
    pub(super) types: Option<Vec<String>>,
    /// At most 500 characters; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, pattern = r"^\s*(?:\S(?:[\s\S]{0,498}\S)?)?\s*$")]
    pub(super) description: Option<Option<String>>,
    /// At most 20 own headers, all of them; `***` keeps the value that is hidden behind it, `null` removes all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub(super) headers: Option<Option<BTreeMap<String, String>>>,
    /// Whether events are sent. Switching off ends what is on its way; switching on begins anew.
    #[serde(default)]
    pub(super) enabled: Option<bool>,
}

impl WebhookPatch {
    /// Applies the change, or names every broken rule.
    pub(super) fn apply(
        self,
        endpoint: &mut Endpoint,
        vault: &dyn Vault,
        caller: &dyn HttpCaller,
    ) -> Result<(), Vec<FieldError>> {
        let mut problems = Problems::new();
        if let Some(url) = self.url {
            problems.take(check_url(&url).and_then(|()| reachable(caller, &url)));
            endpoint.url = url;
        }
        if let Some(types) = self.types
            && let Some(types) = problems.take(EventSelection::parse(&types))
        {
            endpoint.types = types;
        }
        if let Some(text) = self.description
            && let Some(text) = problems.take(check_description(text.as_deref().unwrap_or_default()))
        {
            endpoint.description = text;
        }
        if let Some(headers) = self.headers {
            let mut headers: Vec<(String, String)> = headers.unwrap_or_default().into_iter().collect();
            keep_masked(&mut headers, &own_headers(vault, endpoint).unwrap_or_default());
            for (name, _) in headers.iter().filter(|(_, value)| value == MASK) {
                let message = format!("{MASK} stands for a value that is kept, and there is none; send the value");
                problems.push(FieldError::new(format!("/headers/{name}"), "nothing_masked", message));
            }
            if let Err(errors) = check_headers("/headers", &headers) {
                for error in errors {
                    problems.push(error);
                }
            }
            endpoint.sealed_headers = (!headers.is_empty()).then(|| {
                let plain = serde_json::to_vec(&headers).unwrap_or_default();
                vault.seal(&Endpoint::headers_place(endpoint.webhook_id), &plain)
            });
        }
        if let Some(enabled) = self.enabled {
            endpoint.enable(enabled);
        }
        problems.finish()
    }
}

/// What can be seen of the target before it is called.
fn reachable(caller: &dyn HttpCaller, url: &str) -> Result<(), FieldError> {
    caller.vet(url).map_err(|error| {
        let why = match error {
            CallError::Refused(why) => why,
            other => other.to_string(),
        };
        FieldError::new("/url", "target_not_allowed", why)
    })
}

/// The owner's headers in the clear; `None` when they cannot be opened.
pub(super) fn own_headers(vault: &dyn Vault, endpoint: &Endpoint) -> Option<Vec<(String, String)>> {
    let Some(sealed) = &endpoint.sealed_headers else {
        return Some(Vec::new());
    };
    let plain = vault.open(&Endpoint::headers_place(endpoint.webhook_id), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
