//! How many attempts are under way, by endpoint.

use scheduler_domain::ids::WebhookId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The counts. All clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy(Arc<Mutex<HashMap<WebhookId, u32>>>);

/// A place that is taken; freed when dropped, also by an attempt that panics.
#[derive(Debug)]
pub(super) struct Place {
    busy: Busy,
    webhook_id: WebhookId,
}

impl Busy {
    fn lock(&self) -> MutexGuard<'_, HashMap<WebhookId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, webhook_id: WebhookId) -> Place {
        *self.lock().entry(webhook_id).or_default() += 1;
        Place {
            busy: self.clone(),
            webhook_id,
        }
    }

    pub(super) fn by_endpoint(&self) -> Vec<(WebhookId, u32)> {
        self.lock().iter().map(|(id, count)| (*id, *count)).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.busy.lock();
        if let Some(count) = counts.get_mut(&self.webhook_id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.webhook_id);
            }
        }
    }
}
