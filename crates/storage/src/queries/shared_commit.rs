//! Group commit where the database takes one writer. What makes a small transaction slow is its COMMIT, which waits for the
//! disk. So a unit of work that is done and finds others waiting for the writer does not commit: it hands them the open
//! transaction, and whoever is the last commits for all. Nobody is answered before that, so nothing is told that a power cut
//! could take back; alone, a unit of work is committed at once.
//!
//! A unit of work that fails without having changed a row leaves the transaction as it was. One that fails later rolls back
//! what all wrote, and so does a COMMIT that fails: each of the others is then done again, by itself.

use super::write::Told;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most units of work in one transaction.
const MOST: usize = 64;
/// After so long, the first one has waited enough.
const LONGEST: Duration = Duration::from_millis(20);

/// What wrote in an open transaction and waits for its COMMIT. It lies beside the idle connection that is inside of the
/// transaction; dropped, it tells all of them to begin anew.
pub(crate) struct SharedCommit {
    began: Instant,
    members: Vec<Member>,
}

/// A unit of work that is done.
pub(super) struct Member {
    /// What is told of it.
    pub(super) told: Told,
    /// What lets it go on, if it waits for the commit of others.
    pub(super) waits: Option<oneshot::Sender<()>>,
}

impl SharedCommit {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            members: Vec::new(),
        }
    }

    /// Whether another one may join.
    pub(crate) fn has_room(&self) -> bool {
        self.members.len() < MOST && self.began.elapsed() < LONGEST
    }

    /// Adds one; answers what tells it of the commit, and is closed if there is none.
    pub(super) fn join(&mut self, told: Told) -> oneshot::Receiver<()> {
        let (committed, is_committed) = oneshot::channel();
        self.members.push(Member {
            told,
            waits: Some(committed),
        });
        is_committed
    }

    /// All of them, oldest first.
    pub(super) fn into_members(self) -> Vec<Member> {
        self.members
    }
}
