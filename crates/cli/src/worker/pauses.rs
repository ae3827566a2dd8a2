//! Growing pauses between attempts to reach a server.

use crate::randomness;
use std::time::Duration;

/// Each pause is twice as long as the one before, up to a limit, and spread, so that a thousand workers do not come back in
/// the same moment.
#[derive(Debug)]
pub(super) struct Pauses {
    next: Duration,
    most: Duration,
}

impl Pauses {
    pub(super) fn up_to(most: Duration) -> Self {
        Self {
            next: Duration::from_millis(250),
            most,
        }
    }

    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next.min(self.most);
        self.next = pause * 2;
        pause.mul_f64(0.5 + randomness::fraction() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let mut pauses = Pauses::up_to(Duration::from_secs(1));
        for whole in [250, 500, 1_000, 1_000] {
            let pause = pauses.next();
            let whole = Duration::from_millis(whole);
            assert!(pause >= whole / 2 && pause <= whole, "{pause:?} of {whole:?}");
        }
    }
}
