use super::{super::*, *};
use proptest::prelude::*;
use serde_json::{Value, json};

fn sent(call: &HttpCall, payload: &str) -> HttpRequest {
    call.request(&run(payload), &BTreeMap::new(), "1.2.3").unwrap()
}

fn failure(call: &HttpCall, payload: &str) -> RenderError {
    call.request(&run(payload), &BTreeMap::new(), "1.2.3").unwrap_err()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut found = request.headers.iter().filter(|(known, _)| known == name);
    let value = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} is there twice");
    value
}

fn body(request: &HttpRequest) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

#[test]
fn a_request_tells_which_run_it_is_of() {
    let request = sent(&call("https://example.com/"), "");
    let (run_id, job) = (uuid::Uuid::from_u128(3).to_string(), job_id().to_string());
    for (name, value) in [
        ("idempotency-key", run_id.as_str()),
        ("x-scheduler-run-id", &run_id),
        ("x-scheduler-job-id", &job),
        ("x-scheduler-attempt", "2"),
        ("user-agent", "job-scheduler/1.2.3"),
    ] {
        assert_eq!(header(&request, name), Some(value), "{name}");
    }
    assert_eq!(header(&request, "x-scheduler-planned-at"), None);
    let mut planned = run("");
    planned.trigger.planned_at = Timestamp::from_timestamp(1_700_000_000, 0);
    let call = call("https://example.com/?at={{schedule.planned_at}}");
    let request = call.request(&planned, &BTreeMap::new(), "1").unwrap();
    assert_eq!(header(&request, "x-scheduler-planned-at"), Some("2023-11-14T22:13:20Z"));
    assert_eq!(request.url, "https://example.com/?at=2023-11-14T22%3A13%3A20Z");
    assert_eq!(
        sent(&call, "").url,
        "https://example.com/?at=2027-01-15T08%3A00%3A00Z",
        "what nobody planned was meant for when it was made"
    );
}

#[test]
fn without_a_body_the_payload_is_sent_where_it_belongs() {
    let text = r#"{"n":1.000}"#;
    let request = sent(&call("https://example.com/"), text);
    assert_eq!(
        (body(&request), header(&request, "content-type")),
        (text, Some("application/json"))
    );
    let own_type = sent(&with_headers(&[("Content-Type", "application/vnd.x+json")]), text);
    assert_eq!(header(&own_type, "content-type"), Some("application/vnd.x+json"));
    for (method, payload) in [
        (HttpMethod::Get, text),
        (HttpMethod::Delete, text),
        (HttpMethod::Head, text),
        (HttpMethod::Post, ""),
    ] {
        let call = HttpCall {
            method,
            ..call("https://example.com/")
        };
        let request = sent(&call, payload);
        assert_eq!((body(&request), header(&request, "content-type")), ("", None));
    }
}

#[test]
fn values_stand_where_they_are_named() {
    let payload = r#"{"a":{"b":"x/y?&=ü"},"items":[10,{"k":true}],"big":12345678901234567890.10,"none":null}"#;
    let url = "https://example.com/{{payload.a.b}}/{{payload.items.1.k}}?n={{payload.big}}&t={{run.trigger}}";
    assert_eq!(
        sent(&call(url), payload).url,
        "https://example.com/x%2Fy%3F%26%3D%C3%BC/true?n=12345678901234567890.10&t=manual"
    );
    let request = sent(
        &with_headers(&[("X-A", "{{payload.a.b}} {{job.name}}"), ("X-B", "{{{{b}}")]),
        payload,
    );
    assert_eq!(header(&request, "x-a"), Some("x/y?&=%C3%BC Nightly \"report\""));
    assert_eq!(header(&request, "x-b"), Some("{{b}}"));
    let json =
        with_body(&json!({"name": "<{{job.name}}>", "n": "{{payload.big}}", "all": "{{payload.items}}", "x": 1}));
    let request = sent(&json, payload);
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_str::<Value>(body(&request)).unwrap(),
        json!({"name": "<Nightly \"report\">", "n": "12345678901234567890.10", "all": r#"[10,{"k":true}]"#, "x": 1})
    );
    let text = sent(
        &with_body(&"{{payload.a.b}} {{payload.none}} {{payload}}".into()),
        payload,
    );
    assert_eq!(body(&text), format!("x/y?&=ü null {payload}"));
    assert_eq!(header(&text, "content-type"), Some("text/plain; charset=utf-8"));
}

#[test]
fn text_that_is_json_gets_values_as_json() {
    let typed = |kind: &str, text: &str| HttpCall {
        body: Some(HttpBody::text(text)),
        ..with_headers(&[("content-type", kind)])
    };
    let payload = r#"{"s":"say \"hi\"\n","o":{"k":[1.50]}}"#;
    let call = typed(
        "Application/JSON; charset=utf-8",
        r#"{"in":"{{payload.s}}","as":{{payload.s}},"o":{{payload.o}},"q":"\"{{run.attempt}}"}"#,
    );
    assert_eq!(
        body(&sent(&call, payload)),
        r#"{"in":"say \"hi\"\n","as":"say \"hi\"\n","o":{"k":[1.50]},"q":"\"2"}"#
    );
    let form = typed("application/x-www-form-urlencoded", "q={{payload.s}}&n=1");
    assert_eq!(body(&sent(&form, payload)), "q=say%20%22hi%22%0A&n=1");
}

#[test]
fn a_value_that_is_not_there_is_an_error_that_names_it() {
    for (name, payload) in [
        ("payload.a.b", r#"{"a":{}}"#),
        ("payload.a.b", r#"{"a":"text"}"#),
        ("payload.items.2", r#"{"items":[1,2]}"#),
        ("payload.items.x", r#"{"items":[1,2]}"#),
        ("payload.a", "17"),
        ("payload", ""),
    ] {
        for (call, place) in [
            (call(&format!("https://example.com/{{{{{name}}}}}")), "url"),
            (with_headers(&[("X-A", &format!("{{{{{name}}}}}"))]), "header X-A"),
            (with_body(&json!([format!("{{{{{name}}}}}")])), "body"),
        ] {
            let error = failure(&call, payload);
            assert_eq!(error.code(), "template_missing_value");
            let text = error.to_string();
            assert!(
                text.starts_with(place) && text.contains(&format!("{{{{{name}}}}}")),
                "{text}"
            );
        }
    }
}

#[test]
fn what_becomes_too_large_or_leads_elsewhere_is_not_sent() {
    let payload = json!({"x": "y".repeat(200_000), "up": "..", "dot": "."}).to_string();
    let six = "{{payload.x}}".repeat(6);
    assert_eq!(failure(&with_body(&six.into()), &payload).code(), "template_too_large");
    assert_eq!(
        failure(&with_headers(&[("X-A", "{{payload.x}}")]), &payload).code(),
        "template_too_large"
    );
    assert_eq!(
        failure(&call("https://example.com/{{payload.x}}"), &payload).code(),
        "template_too_large"
    );
    for path in [
        "users/{{payload.up}}/all",
        "{{payload.dot}}",
        "{{payload.dot}}{{payload.dot}}",
        "%2e{{payload.dot}}",
    ] {
        let error = failure(&call(&format!("https://example.com/{path}")), &payload);
        assert_eq!(error.code(), "template_unsafe_value", "{path}");
    }
    assert_eq!(
        sent(&call("https://example.com/?q={{payload.up}}"), &payload).url,
        "https://example.com/?q=.."
    );
}

#[test]
fn the_owner_may_choose_the_user_agent() {
    let request = sent(&with_headers(&[("User-Agent", "mine")]), "");
    assert_eq!(header(&request, "user-agent"), Some("mine"));
}

proptest! {
    #[test]
    fn a_value_in_a_url_stays_one_part_of_it(value in ".{0,40}", more in ".{0,10}") {
        let payload = json!({"v": value, "w": more}).to_string();
        let call = call("https://example.com/a/{{payload.v}}/b?q={{payload.w}}&r=1");
        if let Ok(request) = call.request(&run(&payload), &BTreeMap::new(), "1") {
            let url = url::Url::parse(&request.url).unwrap();
            prop_assert_eq!(url.host_str(), Some("example.com"));
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3, "{}", url);
            let query: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(query, [("q".to_owned(), more), ("r".to_owned(), "1".to_owned())]);
            prop_assert_eq!(url.fragment(), None);
        } else {
            prop_assert!(value == "." || value == "..");
        }
    }

    #[test]
    fn a_value_in_a_header_stays_in_it(value in "(.|\r|\n|\u{0}){0,40}") {
        let payload = json!({"v": value}).to_string();
        let request = sent(&with_headers(&[("X-A", "<{{payload.v}}>")]), &payload);
        let text = header(&request, "x-a").unwrap();
        prop_assert!(text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t')), "{:?}", text);
    }

    #[test]
    fn a_value_in_json_is_the_value_there(value in "(.|\"|\\\\|\r|\n){0,40}") {
        let payload = json!({"v": value}).to_string();
        let request = sent(&with_body(&json!({"a": "{{payload.v}}", "b": [{"c": "x{{payload.v}}y"}]})), &payload);
        let json: Value = serde_json::from_slice(&request.body).unwrap();
        prop_assert_eq!(&json, &json!({"a": value, "b": [{"c": format!("x{value}y")}]}));
        let text = HttpCall {
            body: Some(HttpBody::text(r#"{"a":{{payload.v}},"b":"{{payload.v}}"}"#)),
            ..with_headers(&[("content-type", "application/json")])
        };
        let json: Value = serde_json::from_slice(&sent(&text, &payload).body).unwrap();
        prop_assert_eq!(&json, &json!({"a": value, "b": value}));
    }
}
