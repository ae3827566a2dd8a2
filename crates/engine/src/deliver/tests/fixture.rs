//! An outbox in memory and endpoints that answer as told.

use crate::deliver::{DeliverPorts, DeliverSettings, Deliverer};
use async_trait::async_trait;
use scheduler_domain::{
    clock::{ManualClock, Timestamp},
    error::StoreError,
    event::{Cursor, EventType, StoredEvent},
    ids::{DeliveryId, EventId, UserId, WebhookId},
    mail::{Message, Recipient},
    ports::{
        CallError, DeliveryResult, HttpCaller, MockDeliveryStore, MockPostbox, MockUserStore, MockVault,
        OutgoingRequest, OutgoingResponse, VaultError,
    },
    user::{Email, Role, User, UserStatus},
    webhook::{Delivery, DeliveryStatus, DueDelivery, Endpoint, EventSelection, SealedSecret},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;
use uuid::Uuid;

pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Status(u16),
    RetryAfter(u32),
    Refused,
    After(Duration),
    Never,
}

#[derive(Default)]
struct State {
    due: Mutex<Vec<DueDelivery>>,
    answers: Mutex<HashMap<String, Answer>>,
    requests: Mutex<Vec<OutgoingRequest>>,
    results: Mutex<Vec<DeliveryResult>>,
    posted: Mutex<Vec<String>>,
    written: Notify,
    failing_writes: AtomicU32,
}

pub(super) struct Fixture {
    pub(super) clock: Arc<ManualClock>,
    state: Arc<State>,
    keeps_leases: bool,
    opens: bool,
}

pub(super) fn webhook(n: u128) -> WebhookId {
    WebhookId::from_uuid(Uuid::from_u128(n))
}

fn due(n: u128) -> DueDelivery {
    let at = Timestamp::UNIX_EPOCH;
    let user_id = UserId::from_uuid(Uuid::from_u128(99));
    let event_id = EventId::from_uuid(Uuid::from_u128(7));
    DueDelivery {
        delivery: Delivery {
            delivery_id: DeliveryId::from_uuid(Uuid::from_u128(n)),
            webhook_id: webhook(n),
            user_id,
            event_id,
            kind: EventType::RunCompleted,
            status: DeliveryStatus::Pending,
            next_attempt_at: Some(at),
            created_at: at,
            attempts: Vec::new(),
        },
        lease: [1; 16],
        tries: 0,
        endpoint: Endpoint {
            webhook_id: webhook(n),
            user_id,
            url: format!("https://endpoint-{n}.example/"),
            types: EventSelection::ALL,
            description: None,
            sealed_headers: Some(r#"[["Authorization","Bearer own"]]"#.to_owned()),
            secrets: vec![SealedSecret {
                sealed: SECRET.to_owned(),
                expires_at: None,
            }],
            enabled: true,
            disabled_reason: None,
            failing_since: None,
            version: 1,
            created_at: at,
            updated_at: at,
        },
        event: StoredEvent {
            cursor: Cursor(1),
            event_id,
            kind: EventType::RunCompleted,
            at,
            job_id: None,
            data: r#"{"status":"Completed"}"#.to_owned(),
        },
    }
}

struct Endpoints(Arc<State>);

#[async_trait]
impl HttpCaller for Endpoints {
    async fn call(&self, request: OutgoingRequest) -> Result<OutgoingResponse, CallError> {
        let answer = self.0.answers.lock().unwrap().get(&request.url).copied();
        self.0.requests.lock().unwrap().push(request);
        let (status, headers) = match answer.unwrap_or(Answer::Refused) {
            Answer::Status(status) => (status, Vec::new()),
            Answer::RetryAfter(seconds) => (503, vec![("retry-after".to_owned(), seconds.to_string())]),
            Answer::Refused => return Err(CallError::Refused("no".to_owned())),
            Answer::After(time) => {
                tokio::time::sleep(time).await;
                (200, Vec::new())
            }
            Answer::Never => std::future::pending().await,
        };
        Ok(OutgoingResponse {
            status,
            headers,
            body: b"thanks".to_vec(),
            truncated: false,
        })
    }

    fn vet(&self, _url: &str) -> Result<(), CallError> {
        Ok(())
    }
}

impl Fixture {
    pub(super) fn new() -> Self {
        let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        Self {
            clock: Arc::new(ManualClock::at(now)),
            state: Arc::default(),
            keeps_leases: true,
            opens: true,
        }
    }

    pub(super) fn add(&self, endpoint: u128, answer: Answer) {
        let due = due(endpoint);
        self.state
            .answers
            .lock()
            .unwrap()
            .insert(due.endpoint.url.clone(), answer);
        self.state.due.lock().unwrap().push(due);
    }

    pub(super) fn with(self, deliveries: &[(u128, Answer)]) -> Self {
        for (endpoint, answer) in deliveries {
            self.add(*endpoint, *answer);
        }
        self
    }

    pub(super) fn losing_leases(mut self) -> Self {
        self.keeps_leases = false;
        self
    }

    pub(super) fn with_a_closed_vault(mut self) -> Self {
        self.opens = false;
        self
    }

    pub(super) fn failing_writes(self, times: u32) -> Self {
        self.state.failing_writes.store(times, Ordering::SeqCst);
        self
    }

    pub(super) fn requests(&self) -> Vec<OutgoingRequest> {
        self.state.requests.lock().unwrap().clone()
    }

    pub(super) fn results(&self) -> Vec<DeliveryResult> {
        self.state.results.lock().unwrap().clone()
    }

    pub(super) fn result_of(&self, n: u128) -> DeliveryResult {
        let id = DeliveryId::from_uuid(Uuid::from_u128(n));
        let results = self.results();
        results.into_iter().find(|result| result.delivery_id == id).unwrap()
    }

    pub(super) fn posted(&self) -> Vec<String> {
        self.state.posted.lock().unwrap().clone()
    }

    pub(super) async fn until_results(&self, count: usize) {
        while self.results().len() < count {
            self.state.written.notified().await;
        }
    }

    fn store(&self) -> MockDeliveryStore {
        let mut store = MockDeliveryStore::new();
        let (state, keeps) = (self.state.clone(), self.keeps_leases);
        store.expect_claim_due().returning(move |claim| {
            let mut due = state.due.lock().unwrap();
            let count = usize::try_from(claim.max).unwrap().min(due.len());
            Ok(due.drain(..count).collect())
        });
        store.expect_next_due().returning(|_| Ok(None));
        let state = self.state.clone();
        store.expect_record().returning(move |results, _| {
            let left = state.failing_writes.load(Ordering::SeqCst);
            if left > 0 {
                state.failing_writes.store(left - 1, Ordering::SeqCst);
                return Err(StoreError::Unavailable("away".to_owned()));
            }
            state.results.lock().unwrap().extend(results.iter().cloned());
            state.written.notify_one();
            Ok(vec![keeps; results.len()])
        });
        store
    }

    pub(super) fn deliverer(&self) -> Deliverer {
        let mut users = MockUserStore::new();
        users.expect_find().returning(|user_id| Ok(ada(user_id)));
        let mut vault = MockVault::new();
        let opens = self.opens;
        vault.expect_open().returning(move |_, sealed| {
            if opens {
                Ok(sealed.as_bytes().to_vec())
            } else {
                Err(VaultError)
            }
        });
        let mut postbox = MockPostbox::new();
        let state = self.state.clone();
        postbox.expect_post().returning(move |to, message| {
            if let (Recipient::Email(to), Message::WebhookDisabled { url, .. }) = (to, message) {
                state.posted.lock().unwrap().push(format!("{url} to {}", to.as_str()));
            }
        });
        let ports = DeliverPorts {
            deliveries: Arc::new(self.store()),
            users: Arc::new(users),
            caller: Arc::new(Endpoints(self.state.clone())),
            vault: Arc::new(vault),
            postbox: Arc::new(postbox),
            clock: self.clock.clone(),
            random: Arc::new(NoChance),
        };
        Deliverer::new(ports, DeliverSettings::for_version("1.2.3"), Arc::default())
    }
}

/// Jitter that never lengthens a wait.
struct NoChance;

impl scheduler_domain::clock::Random for NoChance {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

fn ada(user_id: UserId) -> User {
    User {
        user_id,
        full_name: "Ada".to_owned(),
        email: Email::from_stored("ada@example.com".to_owned()),
        phone: None,
        role: Role::Customer,
        status: UserStatus::Active,
        last_login: None,
        time_zone: "UTC".to_owned(),
        email_verified_at: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}
