//! Access tokens: JWT (RFC 7519) with one pinned algorithm and one type (RFC 8725, RFC 9068).

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use scheduler_domain::{
    clock::{Random, Timestamp, random_bytes},
    ids::{SessionId, UserId},
};
use serde::{Deserialize, Serialize};

use crate::secrets::{KeyRing, Keys};

const ISSUER: &str = "job-scheduler";
const AUDIENCE: &str = "job-scheduler-api";
const TYPE: &str = "at+jwt";
/// How far the clocks of two nodes may differ.
const LEEWAY_SECONDS: u64 = 5;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    jti: String,
    iat: i64,
    nbf: i64,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
}

/// Signs and reads access tokens. Keys are prepared once.
pub struct AccessTokens {
    signing: EncodingKey,
    header: Header,
    /// By key id.
    verifying: Vec<(String, DecodingKey)>,
    lifetime: TimeDelta,
}

impl AccessTokens {
    /// Tokens that live for `lifetime`.
    pub fn new(ring: &KeyRing, lifetime: TimeDelta) -> Self {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(Keys::id_of(&ring.current.access));
        let verifying = ring.each(|keys| keys.access);
        Self {
            signing: EncodingKey::from_secret(&ring.current.access),
            header,
            verifying: verifying
                .iter()
                .map(|key| (Keys::id_of(key), DecodingKey::from_secret(key)))
                .collect(),
            lifetime,
        }
    }

    /// Seconds that a new token lives.
    pub fn lifetime_seconds(&self) -> i64 {
        self.lifetime.num_seconds()
    }

    /// A token for a session.
    pub fn issue(
        &self,
        user_id: UserId,
        session_id: SessionId,
        now: Timestamp,
        random: &dyn Random,
    ) -> anyhow::Result<String> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user_id,
            sid: session_id,
            jti: random_bytes::<16>(random)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
        };
        Ok(jsonwebtoken::encode(&self.header, &claims, &self.signing)?)
    }

    /// The claims of a genuine token that is valid at `now`; `None` for everything else.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<Claims> {
        if token.len() > 2_048 {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::HS256 {
            return None;
        }
        let (_, key) = self.verifying.iter().find(|(id, _)| Some(id) == header.kid.as_ref())?;
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The library reads the system's clock; ours is the Clock port, so time is judged below.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &rules).ok()?.claims;
        let leeway = i64::try_from(LEEWAY_SECONDS).unwrap_or(0);
        let seconds = now.timestamp();
        let in_time = claims.nbf <= seconds + leeway && claims.iat <= seconds + leeway && seconds < claims.exp;
        // A lifetime that this server never gives is a forgery even with a good signature.
        let plausible = claims.exp - claims.iat <= self.lifetime.num_seconds().max(600);
        (in_time && plausible).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    const SECRET: &str = "a secret that has at least 32 bytes";

    fn tokens(secret: &str, previous: Option<&str>) -> AccessTokens {
        AccessTokens::new(&KeyRing::new(secret, previous).unwrap(), TimeDelta::minutes(10))
    }

    fn now() -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn issue(tokens: &AccessTokens) -> String {
        let user = UserId::new(now(), &SystemRandom);
        tokens
            .issue(user, SessionId::new(now(), &SystemRandom), now(), &SystemRandom)
            .unwrap()
    }

    /// The token with its header or claims changed by `change` and signed again with the right key.
    fn forged(part: usize, change: impl Fn(&mut serde_json::Value)) -> String {
        let token = issue(&tokens(SECRET, None));
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let mut value: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&parts[part]).unwrap()).unwrap();
        change(&mut value);
        parts[part] = URL_SAFE_NO_PAD.encode(value.to_string());
        let key = KeyRing::new(SECRET, None).unwrap().current.access;
        let message = format!("{}.{}", parts[0], parts[1]);
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(&key), Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    }

    #[test]
    fn a_token_is_valid_from_its_making_to_its_end() {
        let tokens = tokens(SECRET, None);
        let token = issue(&tokens);
        assert!(tokens.read(&token, now()).is_some());
        assert!(tokens.read(&token, now() + TimeDelta::seconds(599)).is_some());
        assert!(tokens.read(&token, now() + TimeDelta::seconds(600)).is_none());
        assert!(tokens.read(&token, now() - TimeDelta::seconds(6)).is_none());
    }

    #[test]
    fn every_claim_and_the_type_are_checked() {
        let tokens = tokens(SECRET, None);
        assert!(
            tokens.read(&forged(1, |_| {}), now()).is_some(),
            "the forger's tool itself works"
        );
        for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"] {
            let without = forged(1, |claims| drop(claims.as_object_mut().unwrap().remove(claim)));
            assert!(tokens.read(&without, now()).is_none(), "without {claim}");
        }
        for (claim, value) in [
            ("iss", "x"),
            ("aud", "x"),
            ("exp", "9999999999"),
            ("nbf", "0"),
            ("sub", "1"),
            ("sid", "1"),
        ] {
            let wrong = forged(1, |claims| claims[claim] = value.into());
            assert!(tokens.read(&wrong, now()).is_none(), "{claim} = \"{value}\"");
        }
        assert!(
            tokens
                .read(&forged(1, |claims| claims["exp"] = 4_000_000_000_i64.into()), now())
                .is_none()
        );
        for (field, value) in [("typ", "JWT"), ("alg", "none"), ("alg", "HS512"), ("kid", "00000000")] {
            assert!(
                tokens
                    .read(&forged(0, |header| header[field] = value.into()), now())
                    .is_none(),
                "{field} = {value}"
            );
        }
    }

    #[test]
    fn the_previous_secret_still_reads_what_it_signed() {
        let old = "an old secret with at least 32 bytes";
        let token = issue(&tokens(old, None));
        assert!(tokens(SECRET, None).read(&token, now()).is_none());
        assert!(tokens(SECRET, Some(old)).read(&token, now()).is_some());
    }

    #[test]
    fn garbage_is_refused() {
        let tokens = tokens(SECRET, None);
        for garbage in ["", ".", "..", "a.b.c", &"x".repeat(5_000)] {
            assert!(tokens.read(garbage, now()).is_none());
        }
    }
}
