//! Group commit: what is asked for while a transaction commits goes into the next one, together. Nobody waits for company:
//! alone, a request is written at once. Where the database takes several writers, a second one begins while the first is at
//! work and many wait, so that the rows of one group are written while the other's commit is made durable.

use super::{
    Db,
    births::{self, Birth},
    dialect,
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
/// So many must wait before another writer begins beside one that is at work.
const COMPANY: usize = 16;

type Waiter<A, T> = (A, oneshot::Sender<Result<T, StoreError>>);

/// Requests that wait for the next transaction.
pub(crate) struct Group<A, T>(Mutex<State<A, T>>);

struct State<A, T> {
    waiting: VecDeque<Waiter<A, T>>,
    /// How many writers are at work.
    working: usize,
}

impl<A, T> State<A, T> {
    /// Whether one more writer, beside so many others, has something to do.
    fn is_worth_it(&self, others: usize) -> bool {
        match others {
            0 => !self.waiting.is_empty(),
            _ => others < dialect::WRITERS && self.waiting.len() >= COMPANY,
        }
    }
}

impl<A, T> Default for Group<A, T> {
    fn default() -> Self {
        Self(Mutex::new(State {
            waiting: VecDeque::new(),
            working: 0,
        }))
    }
}

impl<A, T> Group<A, T> {
    fn state(&self) -> MutexGuard<'_, State<A, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group<Birth, Job> {
    /// Writes it with one of the next transactions; answers after the commit.
    pub(crate) async fn submit(&self, db: Db, birth: Birth) -> Result<Job, StoreError> {
        let mut jobs = self.submit_all(db, vec![birth]).await;
        jobs.pop().unwrap_or(Err(StoreError::NotFound))
    }

    /// Writes them with the next transactions, one behind the other; answers, in their order, after the last commit.
    pub(crate) async fn submit_all(&self, db: Db, births: Vec<Birth>) -> Vec<Result<Job, StoreError>> {
        let mut answers = Vec::with_capacity(births.len());
        let begins = {
            let mut state = self.state();
            if state.waiting.len() >= WAITING {
                let too_many = || StoreError::Unavailable("too many jobs wait to be written".to_owned());
                return births.iter().map(|_| Err(too_many())).collect();
            }
            for birth in births {
                let (answer, answered) = oneshot::channel();
                state.waiting.push_back((birth, answer));
                answers.push(answered);
            }
            let begins = state.is_worth_it(state.working);
            state.working += usize::from(begins);
            begins
        };
        if begins {
            // A task of its own: whoever asked first may go away, and those behind them still wait.
            db.runtime().clone().spawn(work(db));
        }
        let mut jobs = Vec::with_capacity(answers.len());
        for answered in answers {
            jobs.push(
                answered
                    .await
                    .unwrap_or_else(|_| Err(StoreError::Driver("the writer ended badly".to_owned()))),
            );
        }
        jobs
    }

    fn next(&self) -> Vec<Waiter<Birth, Job>> {
        let mut state = self.state();
        if !state.is_worth_it(state.working - 1) {
            state.working -= 1;
            return Vec::new();
        }
        let mut bytes = 0;
        let fits = state.waiting.iter().take(MOST).take_while(|(birth, _)| {
            bytes += birth.size();
            bytes <= MOST_BYTES
        });
        let count = fits.count().max(1);
        // A length of one statement, rather than a few more rows for several statements more.
        let count = if count < COMPANY {
            count
        } else {
            dialect::group_of(count)
        };
        state.waiting.drain(..count).collect()
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
            state.working -= 1;
            if state.working == 0 {
                state.waiting.clear();
            }
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
        for (made, answer) in write_all(&db, births).await.into_iter().zip(answers) {
            let _ = answer.send(made);
        }
    }
}

/// Writes them in one transaction. Where one of them is to blame that nothing was written (an external id that is taken),
/// it is found by halves: the others are written in few transactions all the same.
async fn write_all(db: &Db, births: Vec<Birth>) -> Vec<Result<Job, StoreError>> {
    let mut done = Vec::with_capacity(births.len());
    let mut rest = vec![births];
    while let Some(mut births) = rest.pop() {
        match births::create_all(db, births.clone()).await {
            Ok(jobs) => done.extend(jobs.into_iter().map(Ok)),
            Err(StoreError::Unavailable(why)) => {
                done.extend(births.iter().map(|_| Err(StoreError::Unavailable(why.clone()))));
            }
            Err(error) if births.len() < 2 => done.push(Err(error)),
            Err(_) => {
                let later = births.split_off(births.len() / 2);
                rest.push(later);
                rest.push(births);
            }
        }
    }
    done
}
