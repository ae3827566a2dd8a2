//! What this process remembers about whom it served, so that users take turns. Another node remembers other things, and
//! a restart forgets: then a turn is taken anew, and nothing is lost.

use crate::key::Key;
use chrono::TimeDelta;
use scheduler_domain::clock::Timestamp;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a backlog of several users is taken for granted, so that it is not found out anew by each claim.
const CONTENDED: TimeDelta = TimeDelta::milliseconds(500);
/// Who was not served for so long is at the highest level anyway.
const REMEMBERED: TimeDelta = TimeDelta::minutes(5);
/// How many users are remembered before the old ones are dropped.
const MANY: usize = 10_000;

#[derive(Default)]
pub(crate) struct Fairness(Mutex<State>);

#[derive(Default)]
struct State {
    served: HashMap<Key, Timestamp>,
    contended_until: Timestamp,
    /// Where the next look at waiting users begins, when there are more than one look takes in.
    cursor: Option<Key>,
}

impl Fairness {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether several users were found waiting a moment ago.
    pub(crate) fn is_contended(&self, now: Timestamp) -> bool {
        now < self.state().contended_until
    }

    /// Several users wait, or not any more. `next` is where the next look begins.
    pub(crate) fn found(&self, several: bool, next: Option<Key>, now: Timestamp) {
        let mut state = self.state();
        state.contended_until = if several { now + CONTENDED } else { now };
        state.cursor = next;
    }

    pub(crate) fn cursor(&self) -> Option<Key> {
        self.state().cursor
    }

    /// When these users were last given something.
    pub(crate) fn served_at(&self, users: &[Key]) -> HashMap<Key, Timestamp> {
        let state = self.state();
        users
            .iter()
            .filter_map(|user| Some((*user, *state.served.get(user)?)))
            .collect()
    }

    /// These users were given something.
    pub(crate) fn served(&self, users: impl IntoIterator<Item = Key>, now: Timestamp) {
        let mut state = self.state();
        for user in users {
            state.served.insert(user, now);
        }
        if state.served.len() > MANY {
            state.served.retain(|_, at| *at > now - REMEMBERED);
        }
        if state.served.len() > MANY {
            state.served.clear();
        }
    }
}
