use super::*;
use crate::clock::SeededRandom;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn checked(new: &NewApiKey) -> Result<ApiKey, Vec<FieldError>> {
    let random = SeededRandom::new(1);
    let (id, owner) = (ApiKeyId::new(now(), &random), UserId::new(now(), &random));
    new.checked(id, owner, &KeyText::draw(&random), now())
}

fn wanted(scopes: &[&str]) -> NewApiKey {
    NewApiKey {
        name: " deploy ".to_owned(),
        scopes: scopes.iter().map(|word| (*word).to_owned()).collect(),
        expires_at: None,
    }
}

#[test]
fn a_key_has_what_was_asked_for() {
    let key = checked(&wanted(&["worker", "jobs:read", "worker"])).unwrap();
    assert_eq!(key.name, "deploy");
    assert_eq!(key.scopes.encode(), "jobs:read worker");
    assert_eq!((key.prefix.len(), key.last4.len()), (8, 4));
    assert!(key.scopes.has(Scope::Worker) && !key.scopes.has(Scope::JobsWrite));
    assert!(key.is_live(now() + MAX_LIFE * 2));
}

#[test]
fn every_broken_rule_is_named() {
    let bad = NewApiKey {
        name: "  ".to_owned(),
        scopes: vec!["jobs:read".to_owned(), "jobs:*".to_owned()],
        expires_at: Some(now()),
    };
    let errors = checked(&bad).unwrap_err();
    let named: Vec<_> = errors.iter().map(|e| (e.pointer.as_str(), e.code.as_str())).collect();
    let expected = [
        ("/name", "too_short"),
        ("/scopes/1", "unknown_word"),
        ("/expires_at", "out_of_range"),
    ];
    assert_eq!(named, expected);
    assert_eq!(errors[1].allowed.as_ref().unwrap().len(), Scope::ALL.len());
    let none = checked(&wanted(&[])).unwrap_err();
    assert_eq!((none[0].pointer.as_str(), none.len()), ("/scopes", 1));
    let far = NewApiKey {
        expires_at: Some(now() + MAX_LIFE + TimeDelta::seconds(1)),
        ..wanted(&["worker"])
    };
    assert_eq!(checked(&far).unwrap_err()[0].pointer, "/expires_at");
}

#[test]
fn a_key_works_up_to_its_end() {
    let end = now() + TimeDelta::hours(1);
    let key = checked(&NewApiKey {
        expires_at: Some(end),
        ..wanted(&["worker"])
    })
    .unwrap();
    assert!(key.is_live(end - TimeDelta::microseconds(1)));
    assert!(!key.is_live(end));
}

#[test]
fn a_use_is_noted_every_quarter_of_an_hour() {
    assert!(ApiKey::should_note_use(None, now()));
    assert!(!ApiKey::should_note_use(Some(now()), now() + TimeDelta::minutes(14)));
    assert!(ApiKey::should_note_use(Some(now()), now() + TimeDelta::minutes(15)));
}

#[test]
fn words_that_are_not_scopes_are_not_read() {
    assert!(Scopes::decode("jobs:read jobs:everything").is_err());
    assert_eq!(Scopes::decode(""), Ok(Scopes::NONE));
}

proptest! {
    #[test]
    fn sets_of_scopes_are_read_back(bits in 0_u16..128) {
        let set: Scopes = Scope::ALL
            .iter()
            .enumerate()
            .filter(|(index, _)| bits >> index & 1 == 1)
            .map(|(_, (scope, _))| *scope)
            .collect();
        prop_assert_eq!(Scopes::decode(&set.encode()), Ok(set));
        prop_assert_eq!(set.iter().count(), usize::try_from(bits.count_ones()).unwrap());
        prop_assert_eq!(set.iter().all(|scope| set.has_any(&[scope])), true);
    }
}
