use super::*;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use scheduler_domain::{clock::Timestamp, mail::OtpPurpose, ports::NotifyError, user::Email};
use std::sync::Mutex;
use tokio::time::{Instant, sleep};

/// The domain's clock on tokio's paused time.
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp(1_795_500_000, 0).unwrap() + TimeDelta::from_std(self.0.elapsed()).unwrap()
    }
}

type Answer = fn(try_number: usize) -> Result<(), NotifyError>;

/// Notes when it was called, takes `takes` for each message and answers by a rule.
struct Scripted {
    start: Instant,
    takes: Duration,
    answer: Answer,
    calls: Mutex<Vec<u64>>,
}

#[async_trait]
impl Notifier for Scripted {
    async fn deliver(&self, _: &Recipient, _: &Message) -> Result<(), NotifyError> {
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(self.start.elapsed().as_secs());
            calls.len()
        };
        sleep(self.takes).await;
        (self.answer)(number)
    }

    fn has_sms(&self) -> bool {
        true
    }
}

fn postbox(takes: Duration, answer: Answer) -> (QueuedPostbox, Arc<Scripted>, Arc<TokioClock>) {
    let (clock, calls) = (Arc::new(TokioClock(Instant::now())), Mutex::default());
    let notifier = Arc::new(Scripted {
        start: Instant::now(),
        takes,
        answer,
        calls,
    });
    (QueuedPostbox::start(notifier.clone(), clock.clone()), notifier, clock)
}

fn calls(notifier: &Scripted) -> Vec<u64> {
    notifier.calls.lock().unwrap().clone()
}

fn to() -> Recipient {
    Recipient::Email(Email::parse("", "ada@example.com").unwrap())
}

fn notice() -> Message {
    Message::AccountExists {
        full_name: "Ada".to_owned(),
    }
}

fn otp(expires_at: Timestamp) -> Message {
    Message::Otp {
        purpose: OtpPurpose::LogIn,
        code: "04829173".to_owned(),
        full_name: "Ada".to_owned(),
        expires_at,
        minutes: 5,
    }
}

fn busy(_: usize) -> Result<(), NotifyError> {
    Err(NotifyError::Temporary("busy".to_owned()))
}

#[tokio::test(start_paused = true)]
async fn it_tries_again_with_growing_pauses_and_gives_up() {
    let (postbox, notifier, _) = postbox(Duration::ZERO, busy);
    postbox.post(to(), notice());
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(calls(&notifier), [0, 1, 6, 26, 86]);
    assert_eq!(postbox.places.available_permits(), 1_024);
}

#[tokio::test(start_paused = true)]
async fn it_stops_when_the_message_is_taken_or_refused() {
    for (answer, expected) in [
        (
            (|number| if number < 3 { busy(number) } else { Ok(()) }) as Answer,
            vec![0, 1, 6],
        ),
        ((|_| Err(NotifyError::Permanent("no".to_owned()))) as Answer, vec![0]),
    ] {
        let (postbox, notifier, _) = postbox(Duration::ZERO, answer);
        postbox.post(to(), notice());
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(calls(&notifier), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_never_sent_after_its_end() {
    let (postbox, notifier, clock) = postbox(Duration::ZERO, busy);
    postbox.post(to(), otp(clock.now() + TimeDelta::seconds(25)));
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(calls(&notifier), [0, 1, 6], "26 would be too late");
    postbox.post(to(), otp(clock.now()));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(calls(&notifier).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn four_work_at_once_and_one_that_waits_holds_up_nobody() {
    let (postbox, notifier, _) = postbox(
        Duration::from_secs(2),
        |number| if number <= 4 { busy(number) } else { Ok(()) },
    );
    for _ in 0..8 {
        postbox.post(to(), notice());
    }
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(calls(&notifier), [0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_try_that_hangs_is_cut_off() {
    let (postbox, notifier, _) = postbox(Duration::from_secs(10_000), |_| Ok(()));
    postbox.post(to(), notice());
    sleep(Duration::from_secs(60)).await;
    assert_eq!(calls(&notifier), [0, 31]);
}

#[tokio::test(start_paused = true)]
async fn a_full_box_drops_and_says_nothing_to_the_sender() {
    let (postbox, notifier, _) = postbox(Duration::from_millis(1), |_| Ok(()));
    for _ in 0..2_000 {
        postbox.post(to(), notice());
    }
    sleep(Duration::from_secs(60)).await;
    assert_eq!(calls(&notifier).len(), 1_024);
    postbox.post(to(), notice());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(calls(&notifier).len(), 1_025, "there is room again");
    assert!(postbox.has_sms());
}

#[tokio::test(start_paused = true)]
async fn closing_gives_everything_one_last_try() {
    let (postbox, notifier, clock) = postbox(Duration::from_secs(1), busy);
    postbox.post(to(), notice());
    sleep(Duration::from_secs(10)).await;
    assert_eq!(calls(&notifier), [0, 2, 8]);
    let before = clock.now();
    postbox.shutdown().await;
    assert_eq!(
        (clock.now() - before).num_seconds(),
        1,
        "the next try comes at once, and is the last"
    );
    assert_eq!(calls(&notifier), [0, 2, 8, 10]);
    postbox.post(to(), notice());
    sleep(Duration::from_secs(100)).await;
    assert_eq!(calls(&notifier).len(), 4, "nothing is taken any more");
}

#[tokio::test(start_paused = true)]
async fn closing_waits_five_seconds_at_most() {
    let (postbox, notifier, clock) = postbox(Duration::from_secs(20), |_| Ok(()));
    for _ in 0..10 {
        postbox.post(to(), notice());
    }
    let before = clock.now();
    postbox.shutdown().await;
    assert_eq!((clock.now() - before).num_seconds(), 5);
    sleep(Duration::from_secs(100)).await;
    assert_eq!(calls(&notifier).len(), 4, "the six that waited were given up");
    assert_eq!(postbox.places.available_permits(), 1_024);
}
