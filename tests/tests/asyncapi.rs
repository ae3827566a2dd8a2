//! The description of the WebSocket: consistent in itself, in step with the domain and with openapi.json, and true.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use jsonschema::Validator;
use scheduler_domain::{event::EventType, user::Word};
use scheduler_server::http::openapi;
use scheduler_tests::{
    client::{Client, text},
    databases::Backend,
    server::{TestServer, until},
    sockets::Socket,
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../asyncapi.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).expect("asyncapi.yaml is YAML")
}

/// The types that a socket tells of: a test of a webhook is heard by its endpoint alone.
fn told() -> BTreeSet<&'static str> {
    let told = EventType::ALL.iter().map(|(kind, _)| *kind);
    told.filter(|kind| *kind != EventType::WebhookTest)
        .map(EventType::word)
        .collect()
}

fn words(value: &Value) -> BTreeSet<&str> {
    let words = value.as_array().unwrap_or_else(|| panic!("no list: {value}"));
    words.iter().map(|word| word.as_str().unwrap()).collect()
}

/// A validator for the payload of a message.
fn validator(document: &Value, message: &str) -> Validator {
    let schema = &document["components"]["messages"][message]["payload"];
    assert!(schema.is_object(), "{message} is not described");
    let whole = json!({"allOf": [schema], "components": document["components"]});
    jsonschema::draft202012::new(&whole).unwrap_or_else(|error| panic!("{message}: {error}"))
}

fn check(document: &Value, name: &str, message: &Value) {
    let mistakes: Vec<String> = validator(document, name)
        .iter_errors(message)
        .map(|mistake| format!("{}: {mistake}", mistake.instance_path()))
        .collect();
    assert!(mistakes.is_empty(), "{name}: {mistakes:?} in {message:#}");
}

#[test]
fn it_is_3_0_and_every_reference_leads_somewhere() {
    let document = document();
    assert_eq!(document["asyncapi"], "3.0.0");
    for part in ["info", "servers", "channels", "operations", "components"] {
        assert!(document[part].is_object(), "{part}");
    }
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 40, "{}", references.len());
    for reference in &references {
        let pointer = reference.strip_prefix('#').expect("no reference leads out of it");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for kind in ["messages", "schemas"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(&reference), "nothing uses {reference}");
        }
    }
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(reference) if key == "$ref" => drop(references.insert(reference.to_owned())),
                    _ => collect_references(value, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}

#[test]
fn each_type_of_event_is_a_message_of_the_channel_and_no_other() {
    let document = document();
    assert_eq!(words(&document["components"]["schemas"]["EventType"]["enum"]), told());
    let dotted = |names: &Map<String, Value>| -> BTreeSet<String> {
        names.keys().filter(|name| name.contains('.')).cloned().collect()
    };
    let expected: BTreeSet<String> = told().into_iter().map(str::to_owned).collect();
    assert_eq!(
        dotted(document["components"]["messages"].as_object().unwrap()),
        expected
    );
    let channel = document["channels"]["socket"]["messages"].as_object().unwrap();
    assert_eq!(dotted(channel), expected);
    let sent = document["operations"]["tell"]["messages"].as_array().unwrap();
    let sent: BTreeSet<&str> = sent
        .iter()
        .map(|one| text(one, "$ref").rsplit('/').next().unwrap())
        .collect();
    assert_eq!(sent, told());
    for kind in told() {
        let payload = text(&document["components"]["messages"][kind]["payload"], "$ref");
        let schema = &document["components"]["schemas"][payload.rsplit('/').next().unwrap()];
        let own = &schema["allOf"][1]["properties"]["type"];
        assert!(
            own["const"] == kind || own["enum"].as_array().is_some_and(|words| words.contains(&kind.into())),
            "{payload} does not know {kind}"
        );
    }
}

/// A schema without what is said for people, and with single alternatives as themselves.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let said = ["description", "example", "examples"];
            let kept = object.iter().filter(|(key, value)| {
                // A property may be called like that as well.
                !said.contains(&key.as_str()) || value.is_object()
            });
            let mut kept: Map<String, Value> = kept.map(|(key, value)| (key.clone(), bare(value))).collect();
            if let Some(Value::Array(required)) = kept.get_mut("required") {
                required.sort_by_key(ToString::to_string);
            }
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_http_has_too_is_the_same_there() {
    let (document, http) = (document(), openapi::document());
    let (ours, theirs) = (&document["components"]["schemas"], &http["components"]["schemas"]);
    for name in [
        "JobStatus",
        "RunStatus",
        "RunTriggerType",
        "RunTrigger",
        "RunError",
        "Run",
        "OccurrenceOutcome",
        "Occurrence",
        "IncidentChange",
        "Trouble",
        "IncidentNote",
        "LogLevel",
        "LogLine",
    ] {
        assert_eq!(
            bare(&ours[name]),
            bare(&theirs[name]),
            "{name}: asyncapi.yaml, then openapi.json"
        );
    }
    // A test of a webhook names no job, so over HTTP nothing of the data is always there.
    let mut fields: BTreeSet<&String> = theirs["EventData"]["properties"].as_object().unwrap().keys().collect();
    fields.remove(&"message".to_owned());
    assert_eq!(
        ours["EventData"]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<BTreeSet<_>>(),
        fields
    );
    assert_eq!(words(&ours["Event"]["required"]), words(&theirs["Event"]["required"]));
    assert_eq!(
        words(&theirs["EventType"]["enum"]),
        EventType::words().into_iter().collect()
    );
}

#[test]
fn its_examples_are_what_it_describes() {
    let document = document();
    let mut count = 0;
    for (name, message) in document["components"]["messages"].as_object().unwrap() {
        for example in message["examples"].as_array().into_iter().flatten() {
            check(&document, name, &example["payload"]);
            count += 1;
        }
    }
    assert!(count >= 5, "{count}");
}

#[test]
fn what_it_does_not_describe_is_refused() {
    let document = document();
    let event = document["components"]["messages"]["run.started"]["examples"][0]["payload"].clone();
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut event = event.clone();
        change(&mut event);
        !validator(&document, "run.started").is_valid(&event)
    };
    assert!(broken(&|event| event["type"] = "job.created".into()));
    assert!(broken(&|event| event["cursor"] = "0a".into()));
    assert!(broken(&|event| event["data"]["status"] = "Queued".into()));
    assert!(broken(&|event| drop(
        event["data"].as_object_mut().unwrap().remove("run")
    )));
    assert!(broken(&|event| drop(
        event["data"]["run"].as_object_mut().unwrap().remove("attempt")
    )));
    assert!(broken(&|event| event["data"]["run"]["trigger"] = json!({})));
    assert!(!validator(&document, "subscribe").is_valid(&json!({"type": "subscribe", "types": ["run.exploded"]})));
}

/// Everything that can happen, once.
async fn let_all_happen(server: &TestServer, ada: &Client) {
    let path = |job: &Value, what: &str| format!("/api/v1/jobs/{}{what}", text(job, "job_id"));
    // A run that fails once, is tried again and fails for good.
    let once_more = json!({"max_attempts": 2, "backoff": "fixed", "initial_seconds": 1, "jitter": 0});
    let failing = json!({"retry": once_more, "executor": {"type": "simulated", "duration_ms": 0, "outcome": "Failed"}, "run": true});
    let failing = ada.job(failing).await;
    let long = ada.quick_job(60_000, "Completed").await;
    ada.act(&path(&long, "/runs"), 202).await;
    ada.post(
        &format!("/run-job/{}", text(&long, "job_id")),
        json!({"status": "Cancelled"}),
        202,
    )
    .await;
    ada.patch(&path(&long, ""), json!({"priority": "High"}), 200).await;
    // Progress and a log come from workers.
    ada.job(json!({"executor": {"type": "worker", "queue": "q"}, "run": true}))
        .await;
    let claimed = ada
        .post(
            "/api/v1/worker/claim",
            json!({"queues": ["q"], "worker_name": "w"}),
            200,
        )
        .await["data"][0]
        .clone();
    for (what, mut body) in [
        ("heartbeat", json!({"progress": 40, "message": "half way"})),
        ("log", json!({"lines": [{"text": "a"}, {"level": "warn", "text": "b"}]})),
        ("complete", json!({"result": {"rows": 42}})),
    ] {
        body["lease_token"] = claimed["lease_token"].clone();
        let path = format!("/api/v1/worker/runs/{}/{what}", text(&claimed["run"], "run_id"));
        ada.post(&path, body, 200).await;
    }
    // An instant comes while the run of the one before is under way.
    let every_second = json!({"type": "interval", "every_seconds": 1});
    let busy = json!({"schedule": every_second, "executor": {"type": "simulated", "duration_ms": 60_000}});
    let busy = ada.job(busy).await;
    // Instants pass while nobody looks.
    let late = json!({"schedule": {"type": "interval", "every_seconds": 600}, "catch_up": {"policy": "none"}});
    let late = ada.job(late).await;
    let set = "UPDATE jobs SET due_at = '2026-01-01 00:00:00.000000', next_run_at = '2026-01-01 00:00:00.000000'";
    let id = text(&late, "job_id").replace('-', "");
    server
        .database()
        .execute(&format!("{set} WHERE job_id = x'{id}'"))
        .await;
    for (job, outcome) in [(&busy, "Skipped"), (&late, "Missed")] {
        until(outcome, async || {
            let rows = ada.get(&path(job, "/occurrences"), 200).await;
            rows["data"]
                .as_array()
                .unwrap()
                .iter()
                .any(|row| row["outcome"] == outcome)
                .then_some(())
        })
        .await;
    }
    ada.act(&path(&busy, "/pause"), 200).await;
    ada.act(&path(&busy, "/resume"), 200).await;
    ada.job_becomes(&failing, "Failed").await;
    ada.delete(&path(&busy, ""), 204).await;
}

#[tokio::test]
async fn what_a_server_says_is_what_it_describes() {
    let (server, document) = (TestServer::start(Backend::Sqlite).await.unwrap(), document());
    let answer = server
        .client()
        .send(reqwest::Method::GET, "/asyncapi.yaml", None, &[])
        .await;
    assert_eq!(answer.header("content-type"), Some("application/yaml"));
    let served: Value = serde_saphyr::from_str(&answer.text()).unwrap();
    assert_eq!(served, document);

    let ada = server.sign_up().await;
    let mut socket = Socket::connect(&server, &[]).await.unwrap();
    let hello = json!({"type": "authenticate", "token": ada.access(), "since": "0"});
    let ping = json!({"type": "ping"});
    let all = json!({"type": "subscribe", "types": ["*"]});
    for (said, answer) in [(&hello, "ready"), (&ping, "pong"), (&all, "subscribed")] {
        check(&document, text(said, "type"), said);
        socket.say(said).await;
        check(&document, answer, &socket.message().await);
    }
    let_all_happen(&server, &ada).await;
    let mut heard: BTreeMap<String, Value> = BTreeMap::new();
    for event in socket.messages_until(|event| event["type"] == "job.deleted").await {
        check(&document, text(&event, "type"), &event);
        heard.insert(text(&event, "type").to_owned(), event);
    }
    assert_eq!(heard.keys().map(String::as_str).collect::<BTreeSet<_>>(), told());

    let (mut behind, _) = Socket::open(&server, ada.access(), Some("fffffff")).await;
    check(&document, "resync", &behind.message().await);
    for (codes, said, code) in [
        ("4400", "nonsense", 4400),
        ("4401", r#"{"type":"authenticate","token":"x"}"#, 4401),
    ] {
        let mut socket = Socket::connect(&server, &[]).await.unwrap();
        socket.say_text(said.to_owned()).await;
        assert_eq!(
            socket.close_code(std::time::Duration::from_secs(5)).await,
            Some(code),
            "{codes}"
        );
        let described = document["channels"]["socket"]["x-close-codes"].as_array().unwrap();
        assert!(described.iter().any(|one| one["code"] == code), "{code}");
    }
}
