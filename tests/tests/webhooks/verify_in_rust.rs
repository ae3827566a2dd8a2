use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// Whether a request is genuine. `header` answers the value of a header by its name.
pub fn verify<'h>(secret: &str, header: impl Fn(&str) -> Option<&'h str>, body: &[u8]) -> bool {
    let (Some(id), Some(timestamp), Some(signatures)) = (
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
    ) else {
        return false;
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    if !timestamp.parse().is_ok_and(|at: u64| now.abs_diff(at) <= 300) {
        return false;
    }
    let Ok(key) = STANDARD.decode(secret.trim_start_matches("whsec_")) else {
        return false;
    };
    signatures.split(' ').any(|one| {
        let given = one.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(&key) else {
            return false;
        };
        let mac = mac.chain_update(format!("{id}.{timestamp}.")).chain_update(body);
        given.is_some_and(|given| mac.verify_slice(&given).is_ok())
    })
}
