//! One attempt: open the secrets, sign, send, judge, write down.

use super::Deliverer;
use scheduler_domain::{
    clock::{Timestamp, random_bytes},
    error::StoreError,
    mail::{Message, Recipient},
    ports::{CallError, DeliveryResult, OutgoingRequest, OutgoingResponse},
    webhook::{
        AttemptOutcome, DeliveryAttempt, DueDelivery, Endpoint, EndpointEffect, SigningSecret, delivery_headers, judge,
        parse_retry_after, shown_headers, sign,
    },
};
use std::time::Duration;
use tokio::time::Instant;

/// What came of sending.
struct Sent {
    outcome: AttemptOutcome,
    headers: Vec<(String, String)>,
    status: Option<u16>,
    body: Option<String>,
    error: Option<String>,
}

impl Deliverer {
    /// Makes the attempt and writes its result.
    pub(super) async fn attempt(&self, due: DueDelivery) {
        let at = self.ports.clock.now();
        let started = Instant::now();
        let sent = self.send(&due, at).await;
        let took = started.elapsed();
        let duration_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        if sent.outcome != AttemptOutcome::NotSent {
            let answered = sent.outcome != AttemptOutcome::NoAnswer;
            self.busy.took(due.endpoint.webhook_id, took, answered);
        }
        let now = self.ports.clock.now();
        let made_before = due.delivery.attempts.last().map_or(0, |attempt| attempt.attempt);
        let (after, effect) = judge(
            due.tries + 1,
            &sent.outcome,
            due.endpoint.failing_since,
            now,
            self.roll(),
        );
        let result = DeliveryResult {
            delivery_id: due.delivery.delivery_id,
            lease: due.lease,
            attempt: DeliveryAttempt {
                attempt: made_before + 1,
                at,
                status_code: sent.status,
                duration_ms,
                request_headers: shown_headers(&sent.headers),
                response_body: sent.body,
                error: sent.error,
            },
            after,
            effect,
        };
        let held = self.record(&result, at).await;
        if held {
            // A replay starts the schedule again, but not the list of attempts.
            let first_round = made_before == due.tries;
            let now = self.ports.clock.now();
            self.health.delivered(result.after, due.event.at, now, first_round);
        }
        if held && let EndpointEffect::Disable(reason) = &result.effect {
            self.tell_owner(&due.endpoint, reason).await;
        }
    }

    async fn send(&self, due: &DueDelivery, at: Timestamp) -> Sent {
        let body = due.event.envelope().into_bytes();
        let headers = match self.headers(due, at, &body) {
            Ok(headers) => headers,
            Err(error) => return Sent::not_sent(error),
        };
        let request = OutgoingRequest {
            method: "POST".to_owned(),
            url: due.endpoint.url.clone(),
            headers: headers.clone(),
            body,
            timeout: self.settings.timeout,
            max_response_bytes: self.settings.keep_response_bytes,
        };
        match self.ports.caller.call(request).await {
            Ok(response) => Sent::answered(headers, &response, self.ports.clock.now()),
            Err(error) => Sent::unanswered(headers, &error),
        }
    }

    /// The headers of this attempt, freshly signed with every secret that is live.
    fn headers(&self, due: &DueDelivery, at: Timestamp, body: &[u8]) -> Result<Vec<(String, String)>, String> {
        let endpoint = &due.endpoint;
        let place = Endpoint::secrets_place(endpoint.webhook_id);
        let open = |sealed: &str| {
            let plain = self.ports.vault.open(&place, sealed).ok()?;
            SigningSecret::parse(std::str::from_utf8(&plain).ok()?).ok()
        };
        let secrets: Option<Vec<SigningSecret>> =
            endpoint.live_secrets(at).map(|secret| open(&secret.sealed)).collect();
        let secrets = secrets.filter(|secrets| !secrets.is_empty()).ok_or(
            "not sent: the signing secret cannot be opened (was SCHED_SECRET changed?); rotating it mends this",
        )?;
        let own = match &endpoint.sealed_headers {
            None => Vec::new(),
            Some(sealed) => {
                let place = Endpoint::headers_place(endpoint.webhook_id);
                let plain = self.ports.vault.open(&place, sealed).ok();
                plain
                    .and_then(|plain| serde_json::from_slice(&plain).ok())
                    .ok_or("not sent: the endpoint's headers cannot be opened (was SCHED_SECRET changed?); setting them again mends this")?
            }
        };
        let id = due.event.event_id;
        let signature = sign(&id.to_string(), at.timestamp(), body, &secrets);
        Ok(delivery_headers(
            id,
            at.timestamp(),
            &signature,
            &self.settings.version,
            &own,
        ))
    }

    /// Writes the result, and again while the database is away and the lease holds; answers whether it was written.
    async fn record(&self, result: &DeliveryResult, claimed_at: Timestamp) -> bool {
        let mut wait = Duration::from_millis(50);
        loop {
            let now = self.ports.clock.now();
            let (store, clock) = (self.ports.deliveries.as_ref(), self.ports.clock.as_ref());
            match self.recorder.write(store, clock, result.clone()).await {
                Ok(held) => {
                    if !held {
                        tracing::info!(delivery_id = %result.delivery_id, "a late result was dropped: its lease was lost");
                    }
                    return held;
                }
                Err(StoreError::Unavailable(why)) if now < claimed_at + self.settings.lease() => {
                    tracing::warn!(why, delivery_id = %result.delivery_id, "a result could not be written; trying again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(2));
                }
                Err(error) => {
                    tracing::error!(%error, delivery_id = %result.delivery_id, "a result could not be written");
                    return false;
                }
            }
        }
    }

    async fn tell_owner(&self, endpoint: &Endpoint, reason: &str) {
        tracing::info!(webhook_id = %endpoint.webhook_id, reason, "an endpoint was switched off");
        match self.ports.users.find(endpoint.user_id).await {
            Ok(user) => self.ports.postbox.post(
                Recipient::Email(user.email),
                Message::WebhookDisabled {
                    full_name: user.full_name,
                    url: endpoint.url.clone(),
                    reason: reason.to_owned(),
                },
            ),
            Err(error) => tracing::warn!(%error, webhook_id = %endpoint.webhook_id, "its owner could not be told"),
        }
    }

    /// Chance in 0..1.
    fn roll(&self) -> f64 {
        f64::from(u32::from_le_bytes(random_bytes(self.ports.random.as_ref()))) / (f64::from(u32::MAX) + 1.0)
    }
}

impl Sent {
    fn not_sent(error: String) -> Self {
        Self {
            outcome: AttemptOutcome::NotSent,
            headers: Vec::new(),
            status: None,
            body: None,
            error: Some(error),
        }
    }

    fn unanswered(headers: Vec<(String, String)>, error: &CallError) -> Self {
        Self {
            outcome: AttemptOutcome::NoAnswer,
            headers,
            status: None,
            body: None,
            error: Some(error.to_string()),
        }
    }

    fn answered(headers: Vec<(String, String)>, response: &OutgoingResponse, now: Timestamp) -> Self {
        let retry_after = response.headers.iter().find(|(name, _)| name == "retry-after");
        let outcome = AttemptOutcome::Answered {
            status: response.status,
            retry_after: retry_after.and_then(|(_, value)| parse_retry_after(value, now)),
        };
        Self {
            error: outcome.failure(),
            outcome,
            headers,
            status: Some(response.status),
            body: Some(String::from_utf8_lossy(&response.body).replace('\0', "\u{fffd}")),
        }
    }
}
