//! A fixed number of requests, a fixed number of them at once, and how long each took.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// What was measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples {
    /// Every duration, sorted.
    sorted: Vec<Duration>,
    /// From the first request to the end of the last, over all rounds.
    wall: Duration,
}

impl Samples {
    /// Of durations that were measured one after the other.
    pub(crate) fn one_by_one(durations: Vec<Duration>) -> Self {
        let wall = durations.iter().sum();
        let mut samples = Self {
            sorted: durations,
            wall,
        };
        samples.sorted.sort_unstable();
        samples
    }

    /// Adds another round.
    pub(crate) fn add(&mut self, other: Self) {
        self.sorted.extend(other.sorted);
        self.sorted.sort_unstable();
        self.wall += other.wall;
    }

    /// Requests per second.
    pub(crate) fn per_second(&self) -> f64 {
        count(self.sorted.len()) / self.wall.as_secs_f64()
    }

    /// The duration that `percent` of the requests stayed within (nearest rank).
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or_default()
    }

    /// Seconds of the server's (and our) time that one request cost.
    pub(crate) fn cost(&self) -> f64 {
        self.wall.as_secs_f64() / count(self.sorted.len())
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most some millions")]
fn count(n: usize) -> f64 {
    n as f64
}

/// Makes `total` requests, `at_once` at a time; `request` gets the number of each. The first failure ends it.
pub(crate) async fn drive<F, Fut>(total: usize, at_once: usize, request: F) -> anyhow::Result<Samples>
where
    F: Fn(usize) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = anyhow::Result<()>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let workers: Vec<_> = (0..at_once)
        .map(|_| {
            let (next, request) = (Arc::clone(&next), request.clone());
            tokio::spawn(async move {
                let mut durations = Vec::with_capacity(total / at_once + 1);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= total {
                        return anyhow::Ok(durations);
                    }
                    let start = Instant::now();
                    request(number).await?;
                    durations.push(start.elapsed());
                }
            })
        })
        .collect();
    let mut samples = Samples::default();
    for worker in workers {
        samples.sorted.extend(worker.await??);
    }
    samples.wall = start.elapsed();
    samples.sorted.sort_unstable();
    Ok(samples)
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
