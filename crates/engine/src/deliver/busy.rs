//! How many attempts are under way, by endpoint, and how many may be.
//!
//! An endpoint begins with a few places. One that answers quickly gets more, up to [`MOST`], so that a burst of events is with it
//! soon; one that is slow or does not answer is left with one, so that dead endpoints, however many, take no places
//! from others.

use scheduler_domain::ids::WebhookId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The most attempts at once to one endpoint.
pub(super) const MOST: u32 = 64;
/// An answer within this time is quick.
const QUICK: Duration = Duration::from_millis(250);
/// Somebody for whom an answer takes longer than this is kept waiting: one at a time.
const SLOW: Duration = Duration::from_secs(2);
/// So many endpoints are remembered; those at work always are.
const REMEMBERED: usize = 4_096;

#[derive(Debug, Clone, Copy)]
struct Lane {
    under_way: u32,
    places: u32,
}

/// The counts. All clones are one.
#[derive(Debug, Clone)]
pub(super) struct Busy {
    lanes: Arc<Mutex<HashMap<WebhookId, Lane>>>,
    /// The places of an endpoint that nothing is known of.
    at_first: u32,
}

/// A place that is taken; freed when dropped, also by an attempt that panics.
#[derive(Debug)]
pub(super) struct Place {
    busy: Busy,
    webhook_id: WebhookId,
}

impl Busy {
    pub(super) fn new(at_first: u32) -> Self {
        Self {
            lanes: Arc::default(),
            at_first,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WebhookId, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, webhook_id: WebhookId) -> Place {
        let mut lanes = self.lock();
        if lanes.len() >= REMEMBERED {
            lanes.retain(|_, lane| lane.under_way > 0);
        }
        let places = self.at_first;
        let lane = lanes.entry(webhook_id).or_insert(Lane { under_way: 0, places });
        lane.under_way += 1;
        Place {
            busy: self.clone(),
            webhook_id,
        }
    }

    /// Notes how long an answer took; `answered` is whether there was one at all.
    pub(super) fn took(&self, webhook_id: WebhookId, time: Duration, answered: bool) {
        if let Some(lane) = self.lock().get_mut(&webhook_id) {
            lane.places = match time {
                _ if !answered || time > SLOW => 1,
                _ if time > QUICK => lane.places.min(self.at_first).max(1),
                // A queue of two places becomes one of four, and so on, within a few answers.
                _ => (lane.places + 1).clamp(self.at_first.min(MOST), MOST),
            };
        }
    }

    /// How many attempts are under way in all.
    pub(super) fn under_way(&self) -> u32 {
        self.lock().values().map(|lane| lane.under_way).sum()
    }

    pub(super) fn by_endpoint(&self) -> Vec<(WebhookId, u32)> {
        let lanes = self.lock();
        let at_work = lanes.iter().filter(|(_, lane)| lane.under_way > 0);
        at_work.map(|(id, lane)| (*id, lane.under_way)).collect()
    }

    /// The places of endpoints that something is known of.
    pub(super) fn places(&self) -> Vec<(WebhookId, u32)> {
        self.lock().iter().map(|(id, lane)| (*id, lane.places)).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lanes = self.busy.lock();
        if let Some(lane) = lanes.get_mut(&self.webhook_id) {
            lane.under_way = lane.under_way.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scheduler_domain::{clock::SeededRandom, clock::Timestamp};

    #[test]
    fn the_quick_get_more_places_and_the_silent_are_left_with_one() {
        let busy = Busy::new(8);
        let id = WebhookId::new(Timestamp::UNIX_EPOCH, &SeededRandom::new(1));
        let places = || busy.places().first().map(|(_, places)| *places);
        let place = busy.enter(id);
        assert_eq!((busy.under_way(), places()), (1, Some(8)));
        (0..100).for_each(|_| busy.took(id, Duration::from_millis(3), true));
        assert_eq!(places(), Some(MOST));
        busy.took(id, Duration::from_millis(400), true);
        assert_eq!(places(), Some(8), "not so quick any more");
        busy.took(id, Duration::from_secs(20), false);
        assert_eq!(places(), Some(1));
        busy.took(id, Duration::from_millis(400), true);
        assert_eq!(places(), Some(1));
        busy.took(id, Duration::from_millis(3), true);
        assert_eq!(places(), Some(8), "it is back");
        drop(place);
        assert_eq!((busy.under_way(), busy.by_endpoint().len()), (0, 0));
    }
}
