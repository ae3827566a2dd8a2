//! Workers that wait for runs. A commit of this node wakes them at once, by owner and queue; what other nodes commit is
//! found by asking once a second, in one go for all who wait.
//!
//! One run wakes one worker, not all of them. Whoever got as many as they asked for wakes the next: there may be more.

use scheduler_domain::{
    error::StoreError,
    ids::UserId,
    ports::{WorkerQueue, WorkerRun},
    usecase::workers::{ClaimSpec, Workers},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// How many workers may wait at this node.
const MAX_WAITING: usize = 1_000;
/// How many of them may be of one user.
const MAX_WAITING_OF_USER: usize = 500;
/// How often the database is asked for runs that other nodes made claimable.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Why a claim was not served.
#[derive(Debug)]
pub enum Unserved {
    /// Too many wait already, or the server stops.
    Busy(&'static str),
    /// The claim itself was refused.
    Refused(scheduler_domain::error::Refusal),
}

/// A worker that waits.
struct Seat {
    owner: UserId,
    queues: Vec<String>,
    bell: Notify,
    /// Rung, and has not looked yet.
    rung: AtomicBool,
}

#[derive(Default)]
struct Seats {
    all: usize,
    of_user: HashMap<UserId, usize>,
    /// By owner and queue, in the order of their coming.
    by_queue: HashMap<(UserId, String), Vec<Arc<Seat>>>,
}

/// The workers that wait at this node.
#[derive(Default)]
pub struct Polls {
    seats: Mutex<Seats>,
    closed: CancellationToken,
}

/// A place among those who wait; left when dropped.
struct Waiting {
    polls: Arc<Polls>,
    seat: Arc<Seat>,
}

impl Polls {
    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims runs; when there are none, waits for them as long as the claim says. Ends early when the server stops, and
    /// gives back what was claimed for a client that has gone.
    pub async fn claim(
        self: &Arc<Self>,
        workers: &Workers,
        owner: UserId,
        spec: ClaimSpec,
    ) -> Result<Vec<WorkerRun>, Unserved> {
        if self.closed.is_cancelled() {
            return Err(Unserved::Busy("the server is stopping"));
        }
        // Before the first look, so that nothing is missed between looking and waiting.
        let waiting = if spec.wait_seconds == 0 {
            None
        } else {
            let seat = self.enter(owner, &spec.queues);
            Some(seat.ok_or(Unserved::Busy("too many workers wait here; try again shortly"))?)
        };
        let (answer, answered) = oneshot::channel();
        // A task of its own: the client may go away while its claim commits.
        tokio::spawn(self.clone().serve(workers.clone(), owner, spec, waiting, answer));
        answered.await.unwrap_or(Err(Unserved::Busy("the server is stopping")))
    }

    async fn serve(
        self: Arc<Self>,
        workers: Workers,
        owner: UserId,
        spec: ClaimSpec,
        waiting: Option<Waiting>,
        mut answer: oneshot::Sender<Result<Vec<WorkerRun>, Unserved>>,
    ) {
        let until = Instant::now() + Duration::from_secs(spec.wait_seconds.into());
        let max = usize::try_from(spec.max).unwrap_or(usize::MAX);
        loop {
            let claimed = workers.claim(owner, &spec).await;
            if claimed.as_ref().is_ok_and(|claimed| claimed.len() >= max) {
                spec.queues.iter().for_each(|queue| self.wake(owner, queue));
            }
            let found_nothing = claimed.as_ref().is_ok_and(Vec::is_empty);
            let may_wait = waiting.as_ref().filter(|_| found_nothing && Instant::now() < until);
            let Some(waiting) = may_wait else {
                if let Err(Ok(claimed)) = answer.send(claimed.map_err(Unserved::Refused)) {
                    workers.hand_back(owner, claimed).await;
                }
                return;
            };
            tokio::select! {
                () = waiting.rung() => {}
                () = tokio::time::sleep_until(until) => {}
                () = answer.closed() => return,
                () = self.closed.cancelled() => {
                    let _ = answer.send(Ok(Vec::new()));
                    return;
                }
            }
        }
    }

    fn enter(self: &Arc<Self>, owner: UserId, queues: &[String]) -> Option<Waiting> {
        let mut seats = self.lock();
        let of_user = seats.of_user.get(&owner).copied().unwrap_or(0);
        if seats.all >= MAX_WAITING || of_user >= MAX_WAITING_OF_USER {
            return None;
        }
        let seat = Arc::new(Seat {
            owner,
            queues: queues.to_vec(),
            bell: Notify::new(),
            rung: AtomicBool::new(false),
        });
        seats.all += 1;
        seats.of_user.insert(owner, of_user + 1);
        for queue in queues {
            let waiting = seats.by_queue.entry((owner, queue.clone())).or_default();
            waiting.push(seat.clone());
        }
        Some(Waiting {
            polls: self.clone(),
            seat,
        })
    }

    /// Wakes one of those who wait for runs of this queue and were not woken already.
    pub fn wake(&self, owner: UserId, queue: &str) {
        let seats = self.lock();
        let waiting = seats.by_queue.get(&(owner, queue.to_owned()));
        let sleeps = |seat: &&Arc<Seat>| !seat.rung.swap(true, Ordering::AcqRel);
        if let Some(seat) = waiting.and_then(|waiting| waiting.iter().find(sleeps)) {
            seat.bell.notify_one();
        }
    }

    /// Sends everybody home: the server stops.
    pub fn close(&self) {
        self.closed.cancel();
    }

    /// How many wait, for tests and metrics.
    pub fn waiting(&self) -> usize {
        self.lock().all
    }

    /// Asks for what other nodes made claimable, until `stop`.
    pub async fn run(self: Arc<Self>, queue: Arc<dyn WorkerQueue>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(ASK_EVERY) => {}
            }
            if let Err(error) = self.ask(&*queue).await {
                tracing::warn!(%error, "looking for runs for waiting workers failed");
            }
        }
    }

    /// Wakes one worker for each queue in which runs wait.
    pub async fn ask(&self, queue: &dyn WorkerQueue) -> Result<(), StoreError> {
        let mut wanted: HashMap<UserId, BTreeSet<String>> = HashMap::new();
        for (owner, queue) in self.lock().by_queue.keys() {
            wanted.entry(*owner).or_default().insert(queue.clone());
        }
        for (owner, queues) in wanted {
            let queues: Vec<String> = queues.into_iter().collect();
            for found in queue.claimable(owner, &queues).await? {
                self.wake(owner, &found);
            }
        }
        Ok(())
    }
}

impl Waiting {
    /// Returns when it was woken since the last call.
    async fn rung(&self) {
        self.seat.bell.notified().await;
        self.seat.rung.store(false, Ordering::Release);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut seats = self.polls.lock();
        let owner = self.seat.owner;
        seats.all -= 1;
        if let Some(of_user) = seats.of_user.get_mut(&owner) {
            *of_user -= 1;
            if *of_user == 0 {
                seats.of_user.remove(&owner);
            }
        }
        for queue in &self.seat.queues {
            let key = (owner, queue.clone());
            if let Some(waiting) = seats.by_queue.get_mut(&key) {
                waiting.retain(|seat| !Arc::ptr_eq(seat, &self.seat));
                if waiting.is_empty() {
                    seats.by_queue.remove(&key);
                }
            }
        }
        drop(seats);
        // Woken and gone without a look: the run is somebody else's.
        if self.seat.rung.load(Ordering::Acquire) {
            self.seat.queues.iter().for_each(|queue| self.polls.wake(owner, queue));
        }
    }
}

#[cfg(test)]
mod tests;
