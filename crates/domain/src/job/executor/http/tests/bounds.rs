use super::{super::*, *};

fn broken(call: &HttpCall) -> Vec<String> {
    let errors = call.validate("/executor").err().unwrap_or_default();
    errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect()
}

#[test]
fn urls_are_http_and_hold_no_credentials() {
    for url in [
        "http://example.com",
        "https://example.com:8443/a/{{payload.id}}?at={{ schedule.planned_at }}",
        "https://example.com?q={{job.name}}",
        "http://127.0.0.1/judged/when/called",
        "https://example.com/{{{{literal",
    ] {
        assert_eq!(broken(&call(url)), [""; 0], "{url}");
    }
    for (url, code) in [
        ("ftp://example.com/", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("https://ada:secret@example.com/", "user_info_not_allowed"),
        ("example.com", "invalid_url"),
        ("", "invalid_url"),
        ("https://exa mple.com/", "invalid_url"),
        ("https://example.com/\r\nX: y", "invalid_url"),
        ("https://example.com:0/", "invalid_port"),
        ("https://{{payload.host}}/", "placeholder_not_allowed"),
        ("https://example.com:{{payload.port}}/", "placeholder_not_allowed"),
        ("https://example.com{{payload.suffix}}/", "placeholder_not_allowed"),
        ("https://example.com/{{payload.id}}/../b", "placeholder_not_allowed"),
        ("https://example.com/%2e%2E/{{payload.id}}", "placeholder_not_allowed"),
        ("https://example.com/{{payload.id}", "invalid_template"),
        ("https://example.com/{{secrets.id}}", "unknown_placeholder"),
        ("{{payload.url}}", "invalid_url"),
    ] {
        assert_eq!(broken(&call(url)), [format!("/executor/url {code}")], "{url}");
    }
    let long = format!("https://example.com/{}", "a".repeat(2_030));
    assert_eq!(broken(&call(&long)), ["/executor/url too_long"]);
}

#[test]
fn headers_of_the_connection_and_of_the_scheduler_are_refused() {
    for name in [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Upgrade",
        "TE",
        "Trailer",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Idempotency-Key",
        "X-Scheduler-Run-Id",
    ] {
        let expected = format!("/executor/headers/{name} header_not_allowed");
        assert_eq!(broken(&with_headers(&[(name, "x")])), [expected], "{name}");
    }
    for name in [
        "Authorization",
        "Cookie",
        "Content-Type",
        "User-Agent",
        "Accept",
        "X-Api-Key",
    ] {
        assert_eq!(broken(&with_headers(&[(name, "x {{run.id}}")])), [""; 0], "{name}");
    }
}

#[test]
fn headers_are_tokens_with_visible_values() {
    for (name, value, code) in [
        ("a b", "x", "invalid_header_name"),
        ("", "x", "invalid_header_name"),
        ("X-A", "a\r\nHost: b", "invalid_header_value"),
        ("X-A", "ä", "invalid_header_value"),
        ("X-A", "{{payload", "invalid_template"),
        ("X-A", "{{nothing}}", "unknown_placeholder"),
    ] {
        let expected = format!("/executor/headers/{name} {code}");
        assert_eq!(broken(&with_headers(&[(name, value)])), [expected], "{name} {value:?}");
    }
    let long = "x".repeat(8_193);
    assert_eq!(
        broken(&with_headers(&[("X-A", long.as_str())])),
        ["/executor/headers/X-A too_long"]
    );
    assert_eq!(
        broken(&with_headers(&[("X-A", "1"), ("x-a", "2")])),
        ["/executor/headers/x-a duplicate"]
    );
    let many: Vec<String> = (0..51).map(|n| format!("x-{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(broken(&with_headers(&many)), ["/executor/headers too_many"]);
}

#[test]
fn a_secret_name_without_a_header_is_a_slip_of_the_pen() {
    let call = HttpCall {
        secret_headers: vec!["x-api-key".into(), "X-Api-Ky".into()],
        ..with_headers(&[("X-Api-Key", "k")])
    };
    assert_eq!(broken(&call), ["/executor/secret_headers/1 unknown_header"]);
}

#[test]
fn bodies_are_templates_within_bounds() {
    let body = |body: serde_json::Value| broken(&with_body(&body));
    assert_eq!(body(serde_json::json!({"a": ["{{payload.b}}", 1]})), [""; 0]);
    assert_eq!(body(serde_json::json!("{{run.id}}")), [""; 0]);
    assert_eq!(
        body(serde_json::json!({"a": "{{payload.b"})),
        ["/executor/body invalid_template"]
    );
    assert_eq!(
        body(serde_json::json!("{{now}}")),
        ["/executor/body unknown_placeholder"]
    );
    assert_eq!(body("x".repeat(262_143).into()), ["/executor/body too_large"]);
    let head = HttpCall {
        method: HttpMethod::Head,
        ..with_body(&1.into())
    };
    assert_eq!(broken(&head), ["/executor/body not_applicable"]);
}

#[test]
fn every_mistake_is_named_at_once() {
    let call = HttpCall {
        url: "ftp://x".into(),
        body: Some(HttpBody::text("{{x}}")),
        ..with_headers(&[("Host", "x")])
    };
    assert_eq!(broken(&call).len(), 3);
}
