//! Whose run comes next when more wait than can be carried out and several users wait.
//!
//! The rule of the contract: Critical, High, Medium, Low, then age; between users of the same level, in turn. Within one
//! user age counts by [`Priority::claim_key`]. Between users it counts from when the user was last served: who has had
//! to wait a minute is lifted by one level, and who is served all the time is not, however old their backlog is. So one run of
//! a quiet user starts at once beside ten thousand of another, and nobody starves below somebody else's Critical ones.

use crate::{clock::Timestamp, job::Priority};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::hash::Hash;

/// One step of [`Priority`] for each of these that a user has waited.
const LIFT: TimeDelta = TimeDelta::seconds(60);

/// A run that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting<R, U> {
    /// The run.
    pub run: R,
    /// Whose it is.
    pub user: U,
    /// The priority of its job.
    pub priority: Priority,
    /// Its [`Priority::claim_key`].
    pub claim_key: i64,
}

/// How urgent it is among those of other users, 0 (Low) to 3 (Critical).
fn level<R, U>(waiting: &Waiting<R, U>, served: Option<Timestamp>, now: Timestamp) -> i64 {
    let nominal = match waiting.priority {
        Priority::Low => 0,
        Priority::Medium => 1,
        Priority::High => 2,
        Priority::Critical => 3,
    };
    let queued = waiting.claim_key - waiting.priority.handicap_seconds() * 1_000_000;
    let since = served.map_or(queued, |served| queued.max(served.timestamp_micros()));
    let waited = TimeDelta::microseconds(now.timestamp_micros().saturating_sub(since));
    (nominal + (waited.num_seconds() / LIFT.num_seconds()).max(0)).min(3)
}

/// Up to `max` of the waiting runs, most urgent first. `served` says when a user was last given something, `room` how many
/// more runs of a user may be carried out (`None`: any number). The runs of one user are given in the order of their keys.
pub fn choose<R: Copy, U: Copy + Eq + Hash + Ord>(
    mut waiting: Vec<Waiting<R, U>>,
    served: impl Fn(&U) -> Option<Timestamp>,
    room: impl Fn(&U) -> Option<u32>,
    now: Timestamp,
    max: usize,
) -> Vec<R> {
    waiting.sort_by_key(|run| run.claim_key);
    let mut taken: HashMap<U, u32> = HashMap::new();
    let mut turns: HashMap<(U, i64), u32> = HashMap::new();
    let mut ranked = Vec::with_capacity(waiting.len());
    for run in waiting {
        let count = taken.entry(run.user).or_default();
        if room(&run.user).is_some_and(|room| *count >= room) {
            continue;
        }
        *count += 1;
        let last = served(&run.user);
        let level = level(&run, last, now);
        let turn = turns.entry((run.user, level)).or_default();
        ranked.push(((-level, *turn, last, run.claim_key, run.user), run.run));
        *turn += 1;
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(max).map(|(_, run)| run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::Word;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn run(run: u32, user: u8, priority: Priority, waited: i64) -> Waiting<u32, u8> {
        Waiting {
            run,
            user,
            priority,
            claim_key: priority.claim_key(NOW - TimeDelta::seconds(waited)),
        }
    }

    fn chosen(waiting: Vec<Waiting<u32, u8>>, served: &[(u8, i64)], max: usize) -> Vec<u32> {
        let served: HashMap<u8, Timestamp> = served
            .iter()
            .map(|(user, ago)| (*user, NOW - TimeDelta::seconds(*ago)))
            .collect();
        choose(waiting, |user| served.get(user).copied(), |_| None, NOW, max)
    }

    #[test]
    fn a_quiet_user_is_next_beside_the_old_backlog_of_another() {
        let mut waiting: Vec<_> = (0..1_000).map(|n| run(n, 1, Priority::Medium, 3_600)).collect();
        waiting.push(run(7_000, 2, Priority::Medium, 0));
        assert_eq!(chosen(waiting, &[(1, 0)], 1), [7_000]);
    }

    #[test]
    fn levels_go_before_turns_until_somebody_has_waited_long_enough() {
        let waiting = |waited| vec![run(1, 1, Priority::Critical, 500), run(2, 2, Priority::Low, waited)];
        assert_eq!(chosen(waiting(59), &[(1, 0)], 1), [1]);
        assert_eq!(chosen(waiting(179), &[(1, 0)], 1), [1]);
        assert_eq!(chosen(waiting(180), &[(1, 0)], 1), [2]);
    }

    #[test]
    fn users_of_one_level_take_turns() {
        let waiting = vec![
            run(10, 1, Priority::High, 5),
            run(11, 1, Priority::High, 4),
            run(12, 1, Priority::High, 3),
            run(20, 2, Priority::High, 2),
            run(21, 2, Priority::High, 1),
        ];
        assert_eq!(chosen(waiting, &[(2, 1), (1, 3)], 5), [10, 20, 11, 21, 12]);
    }

    #[test]
    fn nobody_gets_more_than_their_room() {
        let waiting = vec![
            run(1, 1, Priority::High, 5),
            run(2, 1, Priority::High, 4),
            run(3, 2, Priority::Low, 0),
        ];
        let room = |user: &u8| (*user == 1).then_some(1);
        assert_eq!(choose(waiting, |_| None, room, NOW, 5), [1, 3]);
    }

    proptest! {
        #[test]
        fn as_many_as_fit_each_once_and_each_user_in_order(
            runs in proptest::collection::vec((0u8..4, 0usize..4, 0i64..400), 0..60), max in 0usize..70
        ) {
            let waiting: Vec<_> = (0u32..).zip(&runs)
                .map(|(id, (user, priority, waited))| run(id, *user, Priority::ALL[*priority].0, *waited))
                .collect();
            let all = chosen(waiting.clone(), &[(1, 10)], max);
            prop_assert_eq!(all.len(), max.min(waiting.len()));
            let mut unique = all.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), all.len());
            // Who was not chosen has nothing more urgent of the same user behind them.
            for (at, id) in all.iter().enumerate() {
                let this = waiting[*id as usize];
                let level_of = |w: &Waiting<u32, u8>| level(w, (w.user == 1).then(|| NOW - TimeDelta::seconds(10)), NOW);
                for later in &all[at + 1..] {
                    let later = waiting[*later as usize];
                    prop_assert!(level_of(&this) >= level_of(&later));
                }
            }
        }
    }
}
