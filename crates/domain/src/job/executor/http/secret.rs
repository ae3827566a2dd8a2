//! Header values that are secrets: sealed before they are stored, shown as a mask, opened when they are sent.

use super::HttpCall;
use crate::{
    ids::JobId,
    ports::{Vault, VaultError},
    validate::FieldError,
    webhook::{MASK, header_pointer},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Headers that are secret without being named.
const ALWAYS_SECRET: &[&str] = &["authorization", "cookie", "proxy-authorization"];

/// A value as the vault sealed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The text that the vault opens.
    pub sealed: String,
}

/// What the vault binds a value to: a row that was copied to another job does not open.
fn place(job_id: JobId, name: &str) -> String {
    format!("jobs.executor.headers.{job_id}.{}", name.to_ascii_lowercase())
}

fn is_always_secret(name: &str) -> bool {
    ALWAYS_SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

fn find<'a>(sealed: &'a BTreeMap<String, Sealed>, name: &str) -> Option<&'a Sealed> {
    sealed
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, sealed)| sealed)
}

impl HttpCall {
    /// Whether the value of this header is encrypted at rest and never shown.
    pub fn is_secret(&self, name: &str) -> bool {
        is_always_secret(name)
            || self
                .secret_headers
                .iter()
                .any(|secret| secret.eq_ignore_ascii_case(name))
    }

    /// The request as it may be stored: secret values are sealed, and those that came masked are what they were
    /// `before`. A secret that is kept stays one, whether it is named again or not.
    pub fn sealed(
        mut self,
        vault: &dyn Vault,
        job_id: JobId,
        before: Option<&Self>,
        pointer: &str,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        for (name, value) in std::mem::take(&mut self.headers) {
            if value == MASK {
                let Some(kept) = before.and_then(|before| find(&before.sealed_headers, &name)) else {
                    let message = format!("{MASK} stands for a value that is kept, and there is none; send the value");
                    let at = header_pointer(&format!("{pointer}/headers"), &name);
                    errors.push(FieldError::new(at, "nothing_masked", message));
                    continue;
                };
                if !self.is_secret(&name) {
                    self.secret_headers.push(name.clone());
                }
                self.sealed_headers.insert(name, kept.clone());
            } else if self.is_secret(&name) {
                let sealed = vault.seal(&place(job_id, &name), value.as_bytes());
                self.sealed_headers.insert(name, Sealed { sealed });
            } else {
                self.headers.insert(name, value);
            }
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }

    /// The secret values by name.
    pub fn opened(&self, vault: &dyn Vault, job_id: JobId) -> Result<BTreeMap<String, String>, VaultError> {
        let open = |(name, value): (&String, &Sealed)| {
            let plain = vault.open(&place(job_id, name), &value.sealed)?;
            Ok((name.clone(), String::from_utf8(plain).map_err(|_| VaultError)?))
        };
        self.sealed_headers.iter().map(open).collect()
    }

    /// The request of one job for another one: what is sealed opens there.
    pub fn moved(mut self, vault: &dyn Vault, from: JobId, to: JobId) -> Result<Self, VaultError> {
        for (name, value) in self.opened(vault, from)? {
            let sealed = vault.seal(&place(to, &name), value.as_bytes());
            self.sealed_headers.insert(name, Sealed { sealed });
        }
        Ok(self)
    }

    /// The request as people see it: every secret behind the mask.
    #[must_use]
    pub fn shown(&self) -> Self {
        let mask = |(name, value): (&String, &String)| {
            let value = if self.is_secret(name) { MASK } else { value };
            (name.clone(), value.to_owned())
        };
        let sealed = self.sealed_headers.keys().map(|name| (name.clone(), MASK.to_owned()));
        Self {
            headers: self.headers.iter().map(mask).chain(sealed).collect(),
            sealed_headers: BTreeMap::new(),
            ..self.clone()
        }
    }
}
