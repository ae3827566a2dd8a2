//! An example of every body. Those of requests are written by hand, and a test sends each of them; those of answers are put
//! together from the examples of their fields.

use serde_json::{Map, Value, json};

/// What requests look like, by operation.
fn request(operation: &str) -> Option<Value> {
    let job = json!({
        "job_name": "Nightly report", "priority": "High", "external_id": "nightly",
        "executor": {"type": "http", "method": "POST", "url": "https://example.com/report", "expect": "2xx"},
        "schedule": {"type": "cron", "expression": "30 2 * * MON-FRI", "time_zone": "Europe/Berlin"},
        "retry": {"max_attempts": 3, "backoff": "exponential", "initial_seconds": 10},
        "payload": {"city": "Vienna"}, "tags": ["reports"],
    });
    let lease = "3q2-7wvT5kWq0mJd9sZbXg";
    Some(match operation {
        "signUp" => json!({"full_name": "Ada Lovelace", "email": "ada@example.com", "password": "violet-gears-1843"}),
        "logIn" => json!({"email": "ada@example.com", "password": "violet-gears-1843"}),
        "verifyOtp" => json!({"challenge_id": "q5Jm0n9eSxw2rB7cT1vYkA", "otp": "12698272"}),
        "sendOtp" => json!({"email": "ada@example.com", "purpose": "password_reset"}),
        "resetPassword" => {
            json!({"challenge_id": "q5Jm0n9eSxw2rB7cT1vYkA", "otp": "12698272", "new_password": "seventeen grey herons"})
        }
        "setUp" => {
            json!({"token": "222Q_RbBTjsKYnib03u_ENeswJGo2IS6", "full_name": "Ada Lovelace", "email": "ada@example.com", "password": "violet-gears-1843"})
        }
        "refreshTokens" => json!({"refresh_token": "rt_…"}),
        "changeMe" => json!({"full_name": "Ada Lovelace", "phone": "+441632960961", "time_zone": "Europe/Vienna"}),
        "changeUser" => json!({"role": "customer", "status": "Active"}),
        "changeNoticeDefaults" => json!({"failure": true, "remind_hours": 24}),
        "createApiKey" => json!({"name": "deploy", "scopes": ["jobs:read", "runs:write"]}),
        "createJob" => job,
        "createJobs" => {
            json!({"jobs": [{"job_name": "Invoices", "tags": ["erp"]}, {"job_name": "Reminders", "tags": ["erp"]}]})
        }
        "changeJob" => json!({"priority": "High", "description": null}),
        "pauseJob" => json!({"reason": "the warehouse is being moved"}),
        "startRun" => json!({"payload": {"month": "2026-11"}}),
        "runJob" => json!({"status": "Running"}),
        "backfillJob" => json!({"from": "2026-11-01T00:00:00Z", "to": "2026-11-08T00:00:00Z", "dry_run": true}),
        "createBulkOperation" => {
            json!({"action": "tag", "filter": {"tag": "erp"}, "params": {"add": ["checked"]}, "dry_run": true})
        }
        "callHook" => json!({"branch": "main"}),
        "importCrontab" => {
            json!({"crontab": "30 2 * * * /usr/local/bin/backup\n", "time_zone": "Europe/Berlin", "dry_run": true})
        }
        "previewSchedule" => {
            json!({"schedule": {"type": "cron", "expression": "30 2 * * MON-FRI", "time_zone": "Europe/Berlin"}, "count": 3})
        }
        "limitQueue" => json!({"max_running": 4}),
        "createWebhook" => {
            json!({"url": "https://example.com/hooks/jobs", "types": ["run.failed", "run.completed"], "headers": {"X-Team": "shop"}})
        }
        "changeWebhook" => json!({"types": ["run.failed"], "enabled": true}),
        "replayDeliveries" => {
            json!({"from": "2026-11-26T00:00:00Z", "to": "2026-11-27T00:00:00Z", "status": "Failed"})
        }
        "testMail" => json!({"to": "ada@example.com"}),
        "claimRuns" => {
            json!({"queues": ["reports"], "max": 1, "wait_seconds": 0, "lease_seconds": 30, "worker_name": "reports-1"})
        }
        "heartbeat" => json!({"lease_token": lease, "progress": 40, "message": "page 2 of 5"}),
        "logLines" => json!({"lease_token": lease, "lines": [{"text": "page 2 is empty", "level": "warn"}]}),
        "completeRun" => json!({"lease_token": lease, "result": {"rows": 1200}}),
        "failRun" => {
            json!({"lease_token": lease, "error": {"message": "the printer is on fire", "code": "fire"}, "retryable": true})
        }
        "releaseRun" => json!({"lease_token": lease}),
        _ => return None,
    })
}

/// What a sample of a schema alone would say misleadingly, by the name of the schema.
fn answer(schema: &str) -> Value {
    match schema {
        "AuditChange" => json!({"field": "priority", "before": "Medium", "after": "High"}),
        "AuditEntry" => json!({"action": "job.updated", "ip": "192.0.2.7", "user_agent": "deploy/1.4"}),
        "BackfillResult" => {
            json!({"planned": 5, "started": 5, "first_at": "2026-11-02T01:30:00Z", "last_at": "2026-11-06T01:30:00Z"})
        }
        "BulkOperation" => {
            json!({"action": "tag", "status": "Running", "matched": 40, "matched_exactly": true, "done": 25, "errors": []})
        }
        "CatchUp" => json!({"policy": "last", "window_seconds": 86_400, "max_runs": 100}),
        "Challenge" | "LogInChallenge" => json!({
            "challenge_id": "q5Jm0n9eSxw2rB7cT1vYkA", "expires_at": "2026-11-27T08:35:00Z", "resend_after": "2026-11-27T08:31:00Z"
        }),
        "Delivery" => json!({"status": "Delivered"}),
        "DeliveryAttempt" => json!({"attempt": 1, "status_code": 204, "duration_ms": 12}),
        "EventData" => json!({
            "job_id": "01a21eca-541b-738f-94c5-b87b4bb741ea", "job_name": "Nightly report", "status": "Running",
            "previous_status": "Pending",
        }),
        "ImportLine" => {
            json!({"text": "30 2 * * * /usr/local/bin/backup", "message": "backup", "next": ["2026-11-28T01:30:00Z"]})
        }
        "Job" => json!({
            "priority": "High", "external_id": "nightly", "overlap": "skip", "tags": ["reports"],
            "next_run_at": "2026-11-30T01:30:00Z",
            "executor": {"type": "simulated", "duration_ms": 3000, "outcome": "Completed"},
            "schedule": {
                "type": "cron", "expression": "30 2 * * MON-FRI", "time_zone": "Europe/Berlin", "on_gap": "unix", "on_repeat": "unix"
            },
        }),
        "Meta" => json!({"mail_mode": "smtp", "sign_up": "open"}),
        "Node" => json!({"name": "box-1", "alive": true, "running": 3, "concurrency": 64}),
        "PreviewItem" => json!({"at": "2026-11-30T01:30:00Z", "local": "2026-11-30T02:30:00+01:00"}),
        "Readiness" => json!({"ready": true}),
        "ReadinessCheck" => json!({"name": "database", "ok": true}),
        "Retry" => {
            json!({"max_attempts": 3, "backoff": "exponential", "initial_seconds": 10, "max_seconds": 3600, "jitter": 0.2})
        }
        "Run" | "RunDetail" => {
            json!({"status": "Running", "attempt": 1, "progress": 40, "result": null, "started_at": "2026-11-27T08:30:01Z"})
        }
        "RunTrigger" => json!({"type": "api", "api_key_id": "01a21eca-6b55-7311-b269-4ef4a5460954"}),
        "Setting" => {
            json!({"source": "environment", "place": "SCHED_RETENTION_DAYS", "description": "How long history is kept, in days."})
        }
        "Tokens" => json!({"access_token": "eyJ…", "refresh_token": "rt_…", "expires_in": 600}),
        "User" => json!({"status": "Active", "is_active": true}),
        "Webhook" => json!({"types": ["run.failed"], "enabled": true, "version": 1}),
        _ => json!({}),
    }
}

/// The same of one operation.
fn answer_of(operation: &str) -> Value {
    let ended = |status: &str| json!({"status": status, "progress": 100, "finished_at": "2026-11-27T08:31:00Z", "duration_ms": 59_000});
    match operation {
        "cancelRun" => ended("Cancelled"),
        "completeRun" => {
            json!({"status": "Completed", "result": {"rows": 1200}, "finished_at": "2026-11-27T08:31:00Z", "duration_ms": 59_000})
        }
        "createWebhook" | "rotateWebhookSecret" => json!({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}),
        "failRun" => {
            json!({"status": "Failed", "reason": "not_retryable", "error": {"code": "fire", "message": "the printer is on fire"}})
        }
        "getBadgeOfJob" => json!({"kind": "badge"}),
        "getHeartbeatOfJob" => json!({"kind": "heartbeat"}),
        "makeBadgeOfJob" => {
            json!({"kind": "badge", "secret": "jsb_…", "url": "https://jobs.example.com/badges/jsb_….svg"})
        }
        "makeHeartbeatOfJob" => {
            json!({"kind": "heartbeat", "secret": "jsp_…", "url": "https://jobs.example.com/heartbeats/jsp_…"})
        }
        "makeInboundOfJob" => json!({"secret": "jsh_…", "url": "https://jobs.example.com/hooks/jsh_…"}),
        "releaseRun" | "retryRun" | "startRun" => {
            json!({"status": "Queued", "attempt": 0, "progress": null, "started_at": null})
        }
        "replayDelivery" | "testWebhook" => json!({"status": "Pending", "attempts": []}),
        "resetPassword" => json!({"message": "the password was changed; log in with it"}),
        "testMail" => json!({"to": "ada@example.com", "transport": "smtp"}),
        _ => json!({}),
    }
}

/// Texts of answers whose fields have no example of their own.
const TEXTS: &[(&str, &str)] = &[
    ("code", "timed_out"),
    ("cursor", "2a"),
    ("description", "At 02:30 on Monday to Friday"),
    ("email", "ada@example.com"),
    ("full_name", "Ada Lovelace"),
    ("job_name", "Nightly report"),
    ("last4", "x4Qz"),
    ("lease_token", "3q2-7wvT5kWq0mJd9sZbXg"),
    ("message", "the job failed: the host name cannot be resolved"),
    ("name", "Nightly report"),
    ("text", "page 2 is empty"),
    ("time_zone", "Europe/Vienna"),
    ("url", "https://example.com/hooks/jobs"),
    ("version", env!("CARGO_PKG_VERSION")),
];

/// Puts an example beside the schema of every JSON body.
pub(super) fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for methods in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in methods.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            if let Some(example) = request(&id) {
                operation["requestBody"]["content"]["application/json"]["example"] = example;
            }
            for response in operation["responses"]
                .as_object_mut()
                .into_iter()
                .flat_map(Map::values_mut)
            {
                let content = response
                    .get_mut("content")
                    .and_then(|content| content.get_mut("application/json"));
                if let Some(content) = content {
                    let example = Sampler { schemas: &schemas }.sample("", &content["schema"], 0);
                    content["example"] = with(example, answer_of(&id));
                }
            }
        }
    }
}

/// Puts values together by schemas.
struct Sampler<'a> {
    schemas: &'a Value,
}

/// A schema that contains itself ends here.
const DEEPEST: usize = 12;

impl Sampler<'_> {
    /// A value of the field `name`.
    fn sample(&self, name: &str, schema: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(path) = schema["$ref"].as_str() {
            let target = path.rsplit('/').next().unwrap_or_default();
            return with(self.sample(name, &self.schemas[target], depth + 1), answer(target));
        }
        for given in [
            &schema["example"],
            &schema["examples"][0],
            &schema["const"],
            &schema["enum"][0],
            &schema["default"],
        ] {
            if !given.is_null() {
                return given.clone();
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.sample(name, part, depth + 1));
            let fields = parts.filter_map(|part| match part {
                Value::Object(fields) => Some(fields),
                _ => None,
            });
            return fields.flatten().collect::<Map<_, _>>().into();
        }
        if let Some(parts) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            // What may be null is null, so that an answer shows its usual form.
            let first = parts.iter().find(|part| part["type"] == "null").or(parts.first());
            return first.map_or(Value::Null, |part| self.sample(name, part, depth + 1));
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) if kinds.iter().any(|kind| kind == "null") => return Value::Null,
            Value::Array(kinds) => kinds.first().and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => self.fields(schema, depth),
            Some("array") => json!([self.sample(name.trim_end_matches('s'), &schema["items"], depth + 1)]),
            Some("string") => text(name, schema),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
            Some("boolean") => json!(false),
            Some("null") => Value::Null,
            // Any JSON: payloads and results.
            _ => json!({"city": "Vienna"}),
        }
    }

    /// Those that are always there.
    fn fields(&self, schema: &Value, depth: usize) -> Value {
        let always = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fields = schema["properties"].as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _)| always.iter().any(|one| one == *name));
        let fields = fields.map(|(name, schema)| (name.clone(), self.sample(name, schema, depth + 1)));
        Value::Object(fields.collect())
    }
}

/// An object with some fields as they are given.
fn with(mut value: Value, given: Value) -> Value {
    if let (Value::Object(fields), Value::Object(given)) = (&mut value, given) {
        fields.extend(given);
    }
    value
}

fn text(name: &str, schema: &Value) -> Value {
    let text = match schema["format"].as_str() {
        Some("date-time") => "2026-11-27T08:30:00Z",
        Some("uuid") => "01a21eca-541b-738f-94c5-b87b4bb741ea",
        _ => {
            let known = TEXTS.iter().find(|(known, _)| *known == name);
            known.map_or("text", |(_, text)| text)
        }
    };
    text.into()
}
