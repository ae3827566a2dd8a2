use super::*;
use crate::{
    clock::{ManualClock, Timestamp},
    ports::{Beat, MockRunLog, MockWorkerQueue},
    run::LogLevel,
};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// The result of a future over doubles, which never wait.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a double waited"),
    }
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const LEASE: LeaseToken = LeaseToken([7; 16]);

fn owner() -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(1))
}

fn run_id() -> RunId {
    RunId::from_uuid(uuid::Uuid::from_u128(3))
}

fn held() -> Held {
    Held {
        owner: owner(),
        run_id: run_id(),
        lease: LEASE,
    }
}

fn workers(queue: MockWorkerQueue, log: MockRunLog) -> Workers {
    Workers {
        queue: Arc::new(queue),
        log: Arc::new(log),
        clock: Arc::new(ManualClock::at(NOW)),
        payload_limits: PayloadLimits {
            max_bytes: 20,
            max_depth: 2,
        },
    }
}

fn over(queue: MockWorkerQueue) -> Workers {
    workers(queue, MockRunLog::new())
}

/// A queue of which only whether the run is known is asked.
fn asked_whether_it_knows(known: bool) -> Workers {
    let mut queue = MockWorkerQueue::new();
    queue
        .expect_knows()
        .times(1)
        .returning(move |_, _| if known { Ok(()) } else { Err(StoreError::NotFound) });
    over(queue)
}

fn codes<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<String> {
    match result {
        Err(Refusal::Invalid(errors)) => errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect(),
        other => panic!("{other:?}"),
    }
}

fn claim() -> ClaimIn {
    ClaimIn {
        queues: vec!["b".into(), "a".into(), "b".into()],
        worker_name: " printer ".into(),
        ..ClaimIn::default()
    }
}

#[test]
fn a_claim_has_defaults_and_each_queue_once() {
    let spec = claim().checked().unwrap();
    assert_eq!(spec.queues, ["a", "b"]);
    assert_eq!(
        (
            spec.max,
            spec.wait_seconds,
            spec.lease_seconds,
            spec.worker_name.as_str()
        ),
        (1, 0, 30, "printer")
    );
}

#[test]
fn a_claim_names_every_absurd_number() {
    for (number, bad) in [(i64::MAX, 4), (i64::MIN, 4), (-1, 4), (301, 4)] {
        let wrong = ClaimIn {
            max: Some(number),
            wait_seconds: Some(number),
            lease_seconds: Some(number),
            worker_name: "w".repeat(201),
            ..claim()
        };
        assert_eq!(wrong.checked().unwrap_err().len(), bad, "{number}");
    }
    let queues = |queues: Vec<String>| ClaimIn { queues, ..claim() }.checked().unwrap_err();
    assert_eq!(queues(Vec::new())[0].pointer, "/queues");
    assert_eq!(queues(vec!["q".into(); 21])[0].pointer, "/queues");
    assert_eq!(queues(vec!["ok".into(), "not ok".into()])[0].pointer, "/queues/1");
    let edges = ClaimIn {
        max: Some(100),
        wait_seconds: Some(30),
        lease_seconds: Some(300),
        ..claim()
    };
    assert!(edges.checked().is_ok());
}

#[test]
fn a_heartbeat_names_the_lease_and_cleans_its_message() {
    let mut queue = MockWorkerQueue::new();
    queue
        .expect_heartbeat()
        .withf(|attempt, beat, now| {
            let expected = Beat {
                progress: Some(100),
                message: Some("a b".into()),
            };
            *attempt == held() && *beat == expected && *now == NOW
        })
        .returning(|_, _, now| {
            Ok(Beaten {
                lease_until: now,
                cancel_requested: true,
            })
        });
    let beat = HeartbeatIn {
        progress: Some(100),
        message: Some("a\nb\n".into()),
    };
    let beaten = ready(over(queue).heartbeat(owner(), run_id(), &LEASE.encode(), beat)).unwrap();
    assert!(beaten.cancel_requested);
}

#[test]
fn what_is_wrong_is_said_only_about_runs_that_are_the_callers() {
    let beat = || HeartbeatIn {
        progress: Some(101),
        message: Some("m".repeat(1_001)),
    };
    let token = LEASE.encode();
    let said = ready(asked_whether_it_knows(true).heartbeat(owner(), run_id(), &token, beat()));
    assert_eq!(codes(said), ["/progress out_of_range", "/message too_long"]);
    let said = ready(asked_whether_it_knows(false).heartbeat(owner(), run_id(), &token, beat()));
    assert!(matches!(said, Err(Refusal::Store(StoreError::NotFound))));
}

#[test]
fn a_text_that_is_no_token_is_that_of_another_lease() {
    for text in ["", "x", "AAAA", &LEASE.encode().repeat(9), "é"] {
        let said = ready(asked_whether_it_knows(true).complete(owner(), run_id(), text, None));
        assert!(matches!(said, Err(Refusal::Store(StoreError::LeaseLost))), "{text}");
        let said = ready(asked_whether_it_knows(false).complete(owner(), run_id(), text, None));
        assert!(matches!(said, Err(Refusal::Store(StoreError::NotFound))), "{text}");
    }
    assert_eq!(LeaseToken::decode(&LEASE.encode()), Some(LEASE));
}

#[test]
fn a_result_has_its_limits() {
    let large = Payload::from_json("\"012345678901234567890\"".into()).unwrap();
    let said = ready(asked_whether_it_knows(true).complete(owner(), run_id(), &LEASE.encode(), Some(large)));
    assert_eq!(codes(said), ["/result too_large"]);
}

#[test]
fn a_failure_says_whether_and_when_to_try_again() {
    let mut queue = MockWorkerQueue::new();
    queue
        .expect_finish()
        .withf(|_, finish| {
            let wait = Some(chrono::TimeDelta::seconds(60));
            let error = finish.error.as_ref().unwrap();
            finish.lease == LEASE
                && (error.code.as_str(), error.message.as_str()) == ("worker_error", "on fire")
                && matches!(finish.trigger, Trigger::Fail { retryable: true, timed_out: false, retry_after } if retry_after == wait)
        })
        .returning(|_, _| Err(StoreError::LeaseLost));
    let failure = FailIn {
        error: ErrorIn {
            message: " on fire ".into(),
            code: None,
        },
        retryable: None,
        retry_after_seconds: Some(60),
    };
    let said = ready(over(queue).fail(owner(), run_id(), &LEASE.encode(), failure));
    assert!(matches!(said, Err(Refusal::Store(StoreError::LeaseLost))));
}

#[test]
fn a_failure_names_what_is_wrong_with_it() {
    let failure = FailIn {
        error: ErrorIn {
            message: " ".into(),
            code: Some("no code".into()),
        },
        retryable: None,
        retry_after_seconds: Some(86_401),
    };
    let said = ready(asked_whether_it_knows(true).fail(owner(), run_id(), &LEASE.encode(), failure));
    assert_eq!(
        codes(said),
        [
            "/error/message too_short",
            "/error/code invalid_code",
            "/retry_after_seconds out_of_range"
        ]
    );
}

#[test]
fn lines_are_cleaned_and_have_defaults() {
    let mut log = MockRunLog::new();
    log.expect_append()
        .withf(|attempt, lines, _| {
            *attempt == held()
                && lines[0].at == NOW
                && lines[0].level == LogLevel::Info
                && lines[0].text == "\x1b[31mred"
        })
        .returning(|_, _, _| {
            Ok(Logged {
                accepted: 1,
                dropped: 0,
            })
        });
    let lines = LogIn {
        lines: vec![LogLineIn {
            text: "\x1b[2K\x1b[31mred\n".into(),
            ..LogLineIn::default()
        }],
    };
    let workers = workers(MockWorkerQueue::new(), log);
    assert_eq!(
        ready(workers.log(owner(), run_id(), &LEASE.encode(), lines))
            .unwrap()
            .accepted,
        1
    );
}

#[test]
fn lines_out_of_bounds_are_named() {
    let line = LogLineIn {
        at: chrono::DateTime::from_timestamp(-1, 0),
        level: Some("loud".into()),
        text: "t".repeat(8_193),
    };
    let lines = LogIn {
        lines: vec![LogLineIn::default(), line],
    };
    let said = ready(asked_whether_it_knows(true).log(owner(), run_id(), &LEASE.encode(), lines));
    assert_eq!(
        codes(said),
        [
            "/lines/1/at out_of_range",
            "/lines/1/level unknown_word",
            "/lines/1/text too_long"
        ]
    );
    for count in [0, 501] {
        let lines = LogIn {
            lines: vec![LogLineIn::default(); count],
        };
        let said = ready(asked_whether_it_knows(true).log(owner(), run_id(), &LEASE.encode(), lines));
        assert_eq!(codes(said), ["/lines out_of_range"]);
    }
}

#[test]
fn a_limit_has_its_bounds() {
    for (queue, max, code) in [
        ("default", -1, "/max_running out_of_range"),
        ("default", i64::MAX, "/max_running out_of_range"),
        ("two words", 1, "/queue invalid_queue"),
    ] {
        assert_eq!(
            codes(ready(over(MockWorkerQueue::new()).limit(owner(), queue, Some(max)))),
            [code]
        );
    }
}
