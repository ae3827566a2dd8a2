use super::*;
use crate::system::SystemRandom;
use scheduler_domain::{
    clock::{ManualClock, Timestamp},
    job::PayloadLimits,
    ports::{MockRunLog, MockWorkerQueue},
};

fn somebody() -> UserId {
    UserId::new(Timestamp::UNIX_EPOCH, &SystemRandom)
}

fn queues(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn is_rung(waiting: &Waiting) -> bool {
    waiting.seat.rung.load(Ordering::Acquire)
}

#[tokio::test]
async fn one_run_wakes_one_worker_of_its_queue() {
    let (polls, ada, bob) = (Arc::new(Polls::default()), somebody(), somebody());
    let elsewhere = polls.enter(ada, &queues(&["b"])).unwrap();
    let of_bob = polls.enter(bob, &queues(&["a"])).unwrap();
    let mine: Vec<_> = (0..5)
        .map(|_| polls.enter(ada, &queues(&["a", "b"])).unwrap())
        .collect();
    polls.wake(ada, "a");
    assert_eq!(
        mine.iter().map(is_rung).collect::<Vec<_>>(),
        [true, false, false, false, false]
    );
    assert!(!is_rung(&elsewhere) && !is_rung(&of_bob));
    polls.wake(ada, "a");
    assert_eq!(mine.iter().filter(|waiting| is_rung(waiting)).count(), 2);
    mine[0].rung().await;
    assert!(!is_rung(&mine[0]), "it may be woken again");
}

#[test]
fn whoever_leaves_without_a_look_wakes_the_next() {
    let (polls, ada) = (Arc::new(Polls::default()), somebody());
    let first = polls.enter(ada, &queues(&["a"])).unwrap();
    let second = polls.enter(ada, &queues(&["a"])).unwrap();
    polls.wake(ada, "a");
    assert!(is_rung(&first) && !is_rung(&second));
    drop(first);
    assert!(is_rung(&second));
    drop(second);
    assert_eq!(polls.waiting(), 0);
    let seats = polls.lock();
    assert!(seats.by_queue.is_empty() && seats.of_user.is_empty());
}

#[test]
fn no_more_wait_than_there_are_seats() {
    let polls = Arc::new(Polls::default());
    let ada = somebody();
    let mut all: Vec<_> = (0..MAX_WAITING_OF_USER)
        .map(|_| polls.enter(ada, &queues(&["a"])).unwrap())
        .collect();
    assert!(polls.enter(ada, &queues(&["a"])).is_none());
    while all.len() < MAX_WAITING {
        all.push(polls.enter(somebody(), &queues(&["a"])).unwrap());
    }
    assert!(polls.enter(somebody(), &queues(&["a"])).is_none());
    all.pop();
    assert!(polls.enter(somebody(), &queues(&["a"])).is_some());
}

#[tokio::test]
async fn all_who_wait_ask_the_database_once() {
    let (polls, ada) = (Arc::new(Polls::default()), somebody());
    let waiting: Vec<_> = (0..9)
        .map(|_| polls.enter(ada, &queues(&["a", "b"])).unwrap())
        .collect();
    let mut queue = MockWorkerQueue::new();
    queue
        .expect_claimable()
        .withf(move |owner, names| *owner == ada && names == queues(&["a", "b"]))
        .times(1)
        .returning(|_, _| Ok(vec!["b".to_owned()]));
    polls.ask(&queue).await.unwrap();
    assert_eq!(waiting.iter().filter(|waiting| is_rung(waiting)).count(), 1);
}

/// Workers over a queue that never has anything.
fn idle(claims: usize) -> Workers {
    let mut queue = MockWorkerQueue::new();
    queue.expect_claim().times(claims).returning(|_| Ok(Vec::new()));
    Workers {
        queue: Arc::new(queue),
        log: Arc::new(MockRunLog::new()),
        clock: Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)),
        payload_limits: PayloadLimits::default(),
    }
}

fn spec(wait_seconds: u32) -> ClaimSpec {
    ClaimSpec {
        queues: queues(&["a"]),
        max: 1,
        wait_seconds,
        lease_seconds: 30,
        worker_name: "w".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_waits_as_long_as_it_says_and_looks_once_more() {
    let polls = Arc::new(Polls::default());
    let started = Instant::now();
    assert!(polls.claim(&idle(2), somebody(), spec(30)).await.unwrap().is_empty());
    assert_eq!(started.elapsed().as_secs(), 30);
    assert!(polls.claim(&idle(1), somebody(), spec(0)).await.unwrap().is_empty());
    assert_eq!(started.elapsed().as_secs(), 30);
    assert_eq!(polls.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stop_sends_who_waits_home() {
    let polls = Arc::new(Polls::default());
    let (workers, started) = (idle(1), Instant::now());
    let waiting = polls.claim(&workers, somebody(), spec(30));
    let stop = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        polls.close();
    };
    let (claimed, ()) = tokio::join!(waiting, stop);
    assert!(claimed.unwrap().is_empty());
    assert_eq!(started.elapsed().as_secs(), 1);
    let refused = polls.claim(&workers, somebody(), spec(0)).await;
    assert!(matches!(refused, Err(Unserved::Busy(_))));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_leaves_its_seat() {
    let polls = Arc::new(Polls::default());
    let workers = idle(1);
    let gone = tokio::time::timeout(Duration::from_secs(1), polls.claim(&workers, somebody(), spec(30))).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(polls.waiting(), 0);
}
