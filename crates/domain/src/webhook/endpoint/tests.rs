use super::*;
use chrono::TimeDelta;
use uuid::Uuid;

fn parse(words: &[&str]) -> Result<EventSelection, FieldError> {
    EventSelection::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
}

fn endpoint() -> Endpoint {
    Endpoint {
        webhook_id: WebhookId::from_uuid(Uuid::nil()),
        user_id: UserId::from_uuid(Uuid::nil()),
        url: "https://example.com/".to_owned(),
        types: EventSelection::ALL,
        description: None,
        sealed_headers: None,
        secrets: vec![SealedSecret {
            sealed: "first".to_owned(),
            expires_at: None,
        }],
        enabled: true,
        disabled_reason: None,
        failing_since: Some(Timestamp::UNIX_EPOCH),
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn types_are_named_or_all() {
    let all = parse(&["*"]).unwrap();
    assert!(all.wants(EventType::RunFailed) && !all.wants(EventType::RunLog) && !all.wants(EventType::WebhookTest));
    let some = parse(&["*", "run.log", "run.log"]).unwrap();
    assert!(some.wants(EventType::RunLog));
    assert_eq!(some.words(), ["*", "run.log"]);
    let one = parse(&["run.failed"]).unwrap();
    assert!(one.wants(EventType::RunFailed) && !one.wants(EventType::RunCompleted));
}

#[test]
fn an_unknown_type_names_the_known_ones() {
    for word in ["run.exploded", "webhook.test", "RUN.FAILED", ""] {
        let error = parse(&["run.failed", word]).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.code.as_str()),
            ("/types/1", "unknown_word")
        );
        let allowed = error.allowed.unwrap();
        assert!(allowed.contains(&"*".to_owned()) && allowed.contains(&"run.failed".to_owned()));
        assert!(!allowed.contains(&"webhook.test".to_owned()));
    }
    assert_eq!(parse(&[]).unwrap_err().pointer, "/types");
}

#[test]
fn a_url_is_judged_by_its_form() {
    let code = |url: &str| check_url(url).map_err(|error| (error.pointer, error.code));
    let at_url = |code: &str| Err(("/url".to_owned(), code.to_owned()));
    assert_eq!(code("https://example.com/hook?x=1"), Ok(()));
    // Which ranges are open is the guard's decision.
    assert_eq!(code("http://10.0.0.1/"), Ok(()));
    assert_eq!(code("https://example.com/#top"), at_url("fragment_not_allowed"));
    assert_eq!(code("ftp://example.com/"), at_url("unsupported_scheme"));
    assert_eq!(code("https://me@example.com/"), at_url("user_info_not_allowed"));
    assert_eq!(code("https://"), at_url("invalid_url"));
    assert_eq!(
        code(&format!("https://example.com/{}", "a".repeat(2_000))),
        at_url("too_long")
    );
}

#[test]
fn a_description_has_at_most_500_characters() {
    assert_eq!(check_description("  "), Ok(None));
    assert_eq!(check_description(" ü "), Ok(Some("ü".to_owned())));
    assert_eq!(check_description(&"ü".repeat(501)).unwrap_err().pointer, "/description");
}

#[test]
fn after_a_rotation_two_secrets_sign_for_a_day() {
    let mut endpoint = endpoint();
    let now = Timestamp::UNIX_EPOCH;
    let live = |endpoint: &Endpoint, at| {
        endpoint
            .live_secrets(at)
            .map(|secret| secret.sealed.clone())
            .collect::<Vec<_>>()
    };
    endpoint.rotate("second".to_owned(), now);
    assert_eq!(
        live(&endpoint, now + TimeDelta::hours(24) - TimeDelta::microseconds(1)),
        ["second", "first"]
    );
    assert_eq!(live(&endpoint, now + TimeDelta::hours(24)), ["second"]);
    endpoint.rotate("third".to_owned(), now + TimeDelta::hours(1));
    assert_eq!(live(&endpoint, now + TimeDelta::hours(1)), ["third", "second"]);
}

#[test]
fn switching_tells_why_and_forgets_old_failures() {
    let mut endpoint = endpoint();
    endpoint.enable(true);
    assert!(endpoint.failing_since.is_some(), "nothing changed");
    endpoint.enable(false);
    assert_eq!(endpoint.disabled_reason.as_deref(), Some("switched off by its owner"));
    endpoint.enable(true);
    assert_eq!(
        (endpoint.disabled_reason.as_deref(), endpoint.failing_since),
        (None, None)
    );
}
