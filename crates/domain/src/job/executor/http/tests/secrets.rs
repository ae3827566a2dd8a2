use super::{super::*, *};
use crate::{
    job::Executor,
    ports::{Vault, VaultError},
};

/// Writes the place into the text, so that another place does not open it.
struct PlaceVault;

impl Vault for PlaceVault {
    fn seal(&self, place: &str, plain: &[u8]) -> String {
        let turned: Vec<String> = plain.iter().rev().map(u8::to_string).collect();
        format!("{place}|{}", turned.join("-"))
    }

    fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, VaultError> {
        let (at, turned) = sealed.split_once('|').ok_or(VaultError)?;
        if at != place {
            return Err(VaultError);
        }
        turned.rsplit('-').map(|b| b.parse().map_err(|_| VaultError)).collect()
    }
}

fn secretive() -> HttpCall {
    HttpCall {
        secret_headers: vec!["x-api-key".into()],
        ..with_headers(&[
            ("Authorization", "Bearer s3cret"),
            ("COOKIE", "a=s3cret"),
            ("X-Api-Key", "s3cret"),
            ("X-Team", "blue"),
        ])
    }
}

fn sealed(call: HttpCall, before: Option<&HttpCall>) -> Result<HttpCall, Vec<String>> {
    call.sealed(&PlaceVault, job_id(), before, "/executor")
        .map_err(|errors| errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect())
}

#[test]
fn secrets_are_sealed_and_nothing_shows_them() {
    let clear = secretive();
    assert!(!format!("{clear:?}").contains("s3cret"), "{clear:?}");
    let stored = sealed(clear, None).unwrap();
    let json = serde_json::to_string(&Executor::Http(stored.clone())).unwrap();
    assert!(
        !json.contains("s3cret") && json.contains(r#""X-Team":"blue""#),
        "{json}"
    );
    assert_eq!(
        serde_json::from_str::<Executor>(&json).unwrap(),
        Executor::Http(stored.clone())
    );
    let shown = stored.shown();
    for (name, value) in [
        ("Authorization", "***"),
        ("COOKIE", "***"),
        ("X-Api-Key", "***"),
        ("X-Team", "blue"),
    ] {
        assert_eq!(shown.headers[name], value);
    }
    assert!(shown.sealed_headers.is_empty());
    assert!(stored.validate("/executor").is_ok(), "what is stored is valid");
}

#[test]
fn they_open_for_their_job_and_for_no_other() {
    let stored = sealed(secretive(), None).unwrap();
    let opened = stored.opened(&PlaceVault, job_id()).unwrap();
    assert_eq!(opened["Authorization"], "Bearer s3cret");
    let request = stored.request(&run(""), &opened, "1").unwrap();
    assert!(request.headers.contains(&("x-api-key".to_owned(), "s3cret".to_owned())));
    let other = JobId::from_uuid(uuid::Uuid::from_u128(9));
    assert_eq!(stored.opened(&PlaceVault, other), Err(VaultError));
    let mut swapped = stored.clone();
    let key = swapped.sealed_headers["X-Api-Key"].clone();
    swapped.sealed_headers.insert("COOKIE".into(), key);
    assert_eq!(
        swapped.opened(&PlaceVault, job_id()),
        Err(VaultError),
        "nor in another header"
    );
    let moved = stored.moved(&PlaceVault, job_id(), other).unwrap();
    assert_eq!(moved.opened(&PlaceVault, other).unwrap(), opened);
}

#[test]
fn the_mask_keeps_what_is_there() {
    let before = sealed(secretive(), None).unwrap();
    assert_eq!(
        sealed(before.shown(), Some(&before)).unwrap(),
        before,
        "sent back as shown"
    );
    let renamed = HttpCall {
        secret_headers: Vec::new(),
        ..with_headers(&[("x-api-key", "***"), ("authorization", "Bearer new")])
    };
    let after = sealed(renamed, Some(&before)).unwrap();
    assert!(after.is_secret("X-Api-Key"), "a secret that is kept stays one");
    assert!(after.headers.is_empty(), "{after:?}");
    let opened = after.opened(&PlaceVault, job_id()).unwrap();
    assert_eq!(
        (opened["x-api-key"].as_str(), opened["authorization"].as_str()),
        ("s3cret", "Bearer new")
    );
    assert!(!opened.contains_key("COOKIE"), "what is left out is gone");
}

#[test]
fn the_mask_without_a_value_behind_it_is_refused() {
    let masked = |name: &str| with_headers(&[(name, "***")]);
    let before = sealed(secretive(), None).unwrap();
    assert_eq!(
        sealed(masked("Authorization"), None),
        Err(vec!["/executor/headers/Authorization nothing_masked".to_owned()])
    );
    assert_eq!(
        sealed(masked("X-Team"), Some(&before)),
        Err(vec!["/executor/headers/X-Team nothing_masked".to_owned()]),
        "a header in the clear is not hidden behind it"
    );
}
