//! The last minutes, out of numbers that only grow.

use chrono::TimeDelta;
use scheduler_domain::{clock::Timestamp, health::NodeStats};
use std::collections::VecDeque;

/// How many states are kept, one a minute: the window is five to six minutes long.
const KEPT: usize = 6;

/// States of the last minutes; what came since the oldest is what is told.
#[derive(Debug)]
pub struct Recent {
    states: VecDeque<(Timestamp, NodeStats)>,
}

impl Recent {
    /// A window that begins now, with nothing.
    pub fn since(now: Timestamp) -> Self {
        Self {
            states: VecDeque::from([(now, NodeStats::default())]),
        }
    }

    /// Takes in the present state and answers what came within the window.
    pub fn step(&mut self, now: Timestamp, totals: NodeStats) -> NodeStats {
        let told = self.states.front().map(|(began, before)| {
            let seconds = u64::try_from((now - *began).num_seconds()).unwrap_or(0);
            totals.since(before, seconds)
        });
        if self
            .states
            .back()
            .is_none_or(|(at, _)| now - *at >= TimeDelta::minutes(1))
        {
            self.states.push_back((now, totals));
            if self.states.len() > KEPT {
                self.states.pop_front();
            }
        }
        told.unwrap_or_default()
    }
}
