//! Requests that may be sent again: a client names a request with a key of its own, and the answer to the first one is
//! the answer to every repetition (docs/adr/0021).

use crate::{
    api_key::{Scope, Scopes},
    clock::Timestamp,
    ids::{JobId, UserId},
    link::LinkKind,
    user::Word,
    validate::FieldError,
};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

/// How long an answer is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);
/// How long a request may be under way before whoever works on it counts as dead. Far longer than any takes: a body
/// arrives within 30 s, and what is done with it takes seconds.
pub const AT_WORK: TimeDelta = TimeDelta::minutes(2);
/// The longest key.
pub const MAX_KEY: usize = 255;

/// A key as a client sent it: 1 to [`MAX_KEY`] visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the value of the header.
    pub fn parse(value: &[u8]) -> Result<Self, FieldError> {
        let text = std::str::from_utf8(value).ok();
        match text.filter(|text| (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())) {
            Some(text) => Ok(Self(text.to_owned())),
            None => {
                let message = format!("must be 1 to {MAX_KEY} visible ASCII characters, such as a UUID");
                Err(FieldError::new("Idempotency-Key", "invalid_header", message))
            }
        }
    }
}

/// Which request is meant. The same key means different requests to different users, operations and kinds of
/// credential; a key that is replaced by another goes on with what the old one began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestName {
    /// Whose request it is.
    pub user_id: UserId,
    /// SHA-256 of the rest.
    pub hash: [u8; 32],
}

impl RequestName {
    /// The name of a request to `operation`, such as `POST /jobs`, with a log-in or with an API key.
    pub fn new(user_id: UserId, with_api_key: bool, operation: &str, key: &IdempotencyKey) -> Self {
        let kind = if with_api_key { "api_key" } else { "session" };
        Self {
            user_id,
            hash: digest(&[kind.as_bytes(), operation.as_bytes(), key.0.as_bytes()]),
        }
    }

    /// The name of a request to a secret address. An address that is replaced by another goes on with what the old one
    /// began.
    pub fn at_link(owner: UserId, job_id: JobId, kind: LinkKind, key: &IdempotencyKey) -> Self {
        let job = job_id.as_uuid();
        Self {
            user_id: owner,
            hash: digest(&[b"link", kind.word().as_bytes(), job.as_bytes(), key.0.as_bytes()]),
        }
    }
}

/// What a request says, to tell a repetition from another request with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Of the query, the headers that say what is wanted (`Content-Type`, `If-Match`) and the bytes of the body.
    pub fn new(query: &str, headers: [&str; 2], body: &[u8]) -> Self {
        let [content_type, if_match] = headers.map(str::as_bytes);
        // A request without a condition has the name that it had before conditions counted.
        let condition = if if_match.is_empty() { None } else { Some(if_match) };
        let parts = [query.as_bytes(), content_type, body].into_iter().chain(condition);
        Self(digest(&parts.collect::<Vec<_>>()))
    }
}

/// The hash of parts, each with its length, so that no two lists of parts run together.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Headers that belong to the answer, such as `location`.
    pub headers: Vec<(String, String)>,
    /// The body, secrets left out.
    pub body: String,
    /// What an API key must be allowed (any of these) to be told the answer; empty: only log-ins are.
    pub any_of: Vec<Scope>,
}

impl KeptAnswer {
    /// Whether a credential with these scopes may be told.
    pub fn may_be_told(&self, scopes: Scopes) -> bool {
        scopes == Scopes::ALL || scopes.has_any(&self.any_of)
    }
}

/// What is known of a request with this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRequest {
    /// What it said.
    pub fingerprint: Fingerprint,
    /// The answer; `None` while somebody works on it.
    pub answer: Option<KeptAnswer>,
    /// When whoever works on it counts as dead.
    pub locked_until: Option<Timestamp>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// What is to be done about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Carry it out.
    Proceed,
    /// Give the answer that was given before.
    Repeat(KeptAnswer),
    /// Somebody is at it.
    InProgress,
    /// The key stands for another request.
    Mismatch,
}

impl KnownRequest {
    /// What is to be done about a request that says `fingerprint` at `now`.
    pub fn judge(self, fingerprint: Fingerprint, now: Timestamp) -> Verdict {
        if self.expires_at <= now {
            return Verdict::Proceed;
        }
        if self.fingerprint != fingerprint {
            return Verdict::Mismatch;
        }
        match (self.answer, self.locked_until) {
            (Some(answer), _) => Verdict::Repeat(answer),
            (None, Some(until)) if now < until => Verdict::InProgress,
            (None, _) => Verdict::Proceed,
        }
    }
}

/// Whether an answer is worth keeping: what was refused changed nothing, and is judged anew.
pub const fn is_kept(status: u16) -> bool {
    matches!(status, 200..=299)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn key(text: &str) -> IdempotencyKey {
        IdempotencyKey::parse(text.as_bytes()).unwrap()
    }

    fn answer(any_of: &[Scope]) -> KeptAnswer {
        KeptAnswer {
            status: 201,
            headers: Vec::new(),
            body: "{}".to_owned(),
            any_of: any_of.to_vec(),
        }
    }

    fn known(answer: Option<KeptAnswer>) -> KnownRequest {
        KnownRequest {
            fingerprint: Fingerprint::new("", ["", ""], b"1"),
            locked_until: answer.is_none().then(|| now() + AT_WORK),
            answer,
            expires_at: now() + KEPT,
        }
    }

    #[test]
    fn a_repetition_gets_the_answer_and_another_request_does_not() {
        let same = Fingerprint::new("", ["", ""], b"1");
        let kept = answer(&[]);
        assert_eq!(
            known(Some(kept.clone())).judge(same, now()),
            Verdict::Repeat(kept.clone())
        );
        for other in [
            Fingerprint::new("", ["", ""], b"2"),
            Fingerprint::new("1", ["", ""], b""),
            Fingerprint::new("", ["1", ""], b""),
            Fingerprint::new("", ["", "1"], b"1"),
        ] {
            assert_eq!(known(Some(kept.clone())).judge(other, now()), Verdict::Mismatch);
            assert_eq!(known(None).judge(other, now()), Verdict::Mismatch);
            assert_eq!(known(Some(kept.clone())).judge(other, now() + KEPT), Verdict::Proceed);
        }
    }

    #[test]
    fn what_is_under_way_is_left_alone_until_its_worker_must_be_dead() {
        let same = Fingerprint::new("", ["", ""], b"1");
        assert_eq!(known(None).judge(same, now()), Verdict::InProgress);
        assert_eq!(known(None).judge(same, now() + AT_WORK), Verdict::Proceed);
    }

    #[test]
    fn only_success_is_kept() {
        let kept = (100..600).filter(|status| is_kept(*status));
        assert!(kept.eq(200..300));
    }

    #[test]
    fn a_key_is_told_only_what_it_may_see() {
        let of_jobs = answer(&[Scope::JobsWrite]);
        assert!(of_jobs.may_be_told(Scopes::ALL));
        assert!(of_jobs.may_be_told(Scopes::NONE.with(Scope::JobsWrite)));
        assert!(!of_jobs.may_be_told(Scopes::NONE.with(Scope::Worker)));
        assert!(!answer(&[]).may_be_told(Scopes::NONE.with(Scope::JobsWrite)));
        assert_eq!(Scope::ALL.len(), Scopes::ALL.iter().count());
    }

    #[test]
    fn every_part_of_the_name_counts() {
        let random = SeededRandom::new(3);
        let (ada, bob) = (UserId::new(now(), &random), UserId::new(now(), &random));
        let (job, other) = (JobId::new(now(), &random), JobId::new(now(), &random));
        let names = [
            RequestName::new(ada, false, "POST /jobs", &key("1")),
            RequestName::new(ada, true, "POST /jobs", &key("1")),
            RequestName::new(ada, false, "POST /job", &key("s1")),
            RequestName::new(ada, false, "POST /jobs", &key("2")),
            RequestName::new(bob, false, "POST /jobs", &key("1")),
            RequestName::at_link(ada, job, LinkKind::Inbound, &key("1")),
            RequestName::at_link(ada, job, LinkKind::Inbound, &key("2")),
            RequestName::at_link(ada, job, LinkKind::Heartbeat, &key("1")),
            RequestName::at_link(ada, other, LinkKind::Inbound, &key("1")),
        ];
        for (index, name) in names.iter().enumerate() {
            assert!(!names[index + 1..].contains(name), "{index}");
        }
        assert_eq!(names[0], RequestName::new(ada, false, "POST /jobs", &key("1")));
    }

    proptest! {
        #[test]
        fn keys_are_visible_ascii_of_up_to_255(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let good = (1..=255).contains(&bytes.len()) && bytes.iter().all(|b| (0x21..=0x7e).contains(b));
            prop_assert_eq!(IdempotencyKey::parse(&bytes).is_ok(), good);
        }

        #[test]
        fn any_visible_text_is_a_key(text in "[!-~]{1,255}") {
            prop_assert!(IdempotencyKey::parse(text.as_bytes()).is_ok());
        }
    }
}
