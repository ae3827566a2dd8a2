//! Group commit: what is asked for while a transaction commits goes into the next one, together. Nobody waits for company:
//! alone, a request is written at once.

use super::{
    Db,
    births::{self, Birth},
};
use scheduler_domain::{error::StoreError, job::Job};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// The most requests in one transaction.
const MOST: usize = 256;
/// The most bytes that they bring.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How many may wait before further ones are turned away.
const WAITING: usize = 20_000;

type Waiter<A, T> = (A, oneshot::Sender<Result<T, StoreError>>);

/// Requests that wait for the next transaction.
pub(crate) struct Group<A, T>(Mutex<State<A, T>>);

struct State<A, T> {
    waiting: VecDeque<Waiter<A, T>>,
    working: bool,
}

impl<A, T> Default for Group<A, T> {
    fn default() -> Self {
        Self(Mutex::new(State {
            waiting: VecDeque::new(),
            working: false,
        }))
    }
}

impl<A, T> Group<A, T> {
    fn state(&self) -> MutexGuard<'_, State<A, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group<Birth, Job> {
    /// Writes it with the next transaction; answers after the commit.
    pub(crate) async fn submit(&self, db: Db, birth: Birth) -> Result<Job, StoreError> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut state = self.state();
            if state.waiting.len() >= WAITING {
                return Err(StoreError::Unavailable("too many jobs wait to be written".to_owned()));
            }
            state.waiting.push_back((birth, answer));
            !std::mem::replace(&mut state.working, true)
        };
        if is_first {
            // A task of its own: whoever asked first may go away, and those behind them still wait.
            tokio::spawn(work(db));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Driver("the writer ended badly".to_owned())))
    }

    fn next(&self) -> Vec<Waiter<Birth, Job>> {
        let mut state = self.state();
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some((birth, _)) = state.waiting.front() {
            bytes += birth.size();
            if batch.len() == MOST || (bytes > MOST_BYTES && !batch.is_empty()) {
                break;
            }
            batch.extend(state.waiting.pop_front());
        }
        state.working = !batch.is_empty();
        batch
    }
}

/// Lets the next one begin anew if this writer ends badly; those who waited are told. A writer that ended in good order
/// has nothing to do with the state any more: the next one may be at work already.
struct Working<'a> {
    group: &'a Group<Birth, Job>,
    is_over: bool,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut state = self.group.state();
            state.working = false;
            state.waiting.clear();
        }
    }
}

async fn work(db: Db) {
    let mut working = Working {
        group: db.births(),
        is_over: false,
    };
    loop {
        let batch = working.group.next();
        if batch.is_empty() {
            working.is_over = true;
            return;
        }
        let (births, answers): (Vec<Birth>, Vec<_>) = batch.into_iter().unzip();
        match births::create_all(&db, births.clone()).await {
            Ok(jobs) => {
                for (job, answer) in jobs.into_iter().zip(answers) {
                    let _ = answer.send(Ok(job));
                }
            }
            // Nothing was written. One of them may be to blame (an external id that is taken): each for itself.
            Err(error @ StoreError::Unavailable(_)) => {
                for answer in answers {
                    let _ = answer.send(Err(StoreError::Unavailable(error.to_string())));
                }
            }
            Err(_) => {
                for (birth, answer) in births.into_iter().zip(answers) {
                    let made = births::create_all(&db, vec![birth]).await;
                    let _ = answer.send(made.and_then(|mut jobs| jobs.pop().ok_or(StoreError::NotFound)));
                }
            }
        }
    }
}
