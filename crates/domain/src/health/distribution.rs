//! How values are distributed, in a few hundred numbers whatever happens: buckets that grow with the value (eight to each
//! doubling, so a percentile is at most an eighth too high).

use serde::{Deserialize, Serialize};

const PER_DOUBLING_BITS: u32 = 3;
const PER_DOUBLING: u64 = 1 << PER_DOUBLING_BITS;
/// Values from 2^36 on (19 hours, in microseconds) share the last bucket.
const LARGEST_BITS: u32 = 36;

/// How many buckets there are.
pub const BUCKETS: usize = ((LARGEST_BITS - PER_DOUBLING_BITS + 1) as usize) << PER_DOUBLING_BITS;

/// The bucket that a value falls in.
pub const fn bucket_of(value: u64) -> usize {
    let bits = u64::BITS - value.leading_zeros();
    if bits > LARGEST_BITS {
        return BUCKETS - 1;
    }
    if value < PER_DOUBLING {
        return narrow(value);
    }
    let shift = bits - 1 - PER_DOUBLING_BITS;
    (((shift + 1) as usize) << PER_DOUBLING_BITS) + narrow((value >> shift) - PER_DOUBLING)
}

#[expect(clippy::cast_possible_truncation, reason = "less than eight")]
const fn narrow(value: u64) -> usize {
    value as usize
}

/// The largest value of a bucket.
pub const fn bucket_top(bucket: usize) -> u64 {
    let doubling = bucket >> PER_DOUBLING_BITS;
    let step = (bucket & ((1 << PER_DOUBLING_BITS) - 1)) as u64;
    if doubling == 0 {
        return step;
    }
    ((PER_DOUBLING + step + 1) << (doubling - 1)) - 1
}

/// The first bucket whose values are at least 2^`bits`, for bits from 3 on.
pub const fn bucket_below(bits: u32) -> usize {
    bucket_of(1 << bits)
}

/// Counts by bucket, without those that are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Distribution {
    /// Bucket and count, ascending.
    buckets: Vec<(u16, u64)>,
    max: u64,
}

impl Distribution {
    /// From the counts of all buckets and the largest value that was ever seen.
    pub fn new(counts: impl IntoIterator<Item = u64>, max: u64) -> Self {
        let buckets = (0u16..).zip(counts).filter(|(_, count)| *count > 0).collect();
        Self { buckets, max }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }

    /// The value below which `percent` of the values lie, at most an eighth too high; `None` without values.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.count() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.buckets.iter().find_map(|(bucket, count)| {
            seen += count;
            (seen >= rank).then(|| bucket_top(usize::from(*bucket)).min(self.max))
        })
    }

    /// The largest value, at most an eighth too high.
    pub fn max(&self) -> Option<u64> {
        let (bucket, _) = self.buckets.last()?;
        let last = usize::from(*bucket);
        // The last bucket has no top.
        Some(if last + 1 >= BUCKETS {
            self.max
        } else {
            bucket_top(last).min(self.max)
        })
    }

    /// Adds other values.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            match self.buckets.binary_search_by_key(bucket, |(bucket, _)| *bucket) {
                Ok(found) => {
                    if let Some((_, sum)) = self.buckets.get_mut(found) {
                        *sum = sum.saturating_add(*count);
                    }
                }
                Err(place) => self.buckets.insert(place, (*bucket, *count)),
            }
        }
        self.max = self.max.max(other.max);
    }

    /// The values that came since `before`, an earlier state.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let earlier = |bucket: u16| {
            let found = before.buckets.iter().find(|(other, _)| *other == bucket);
            found.map_or(0, |(_, count)| *count)
        };
        let buckets = self
            .buckets
            .iter()
            .map(|(bucket, count)| (*bucket, count.saturating_sub(earlier(*bucket))));
        Self {
            buckets: buckets.filter(|(_, count)| *count > 0).collect(),
            max: self.max,
        }
    }
}

impl FromIterator<u64> for Distribution {
    fn from_iter<T: IntoIterator<Item = u64>>(values: T) -> Self {
        let mut all = Self::default();
        for value in values {
            let bucket = u16::try_from(bucket_of(value)).unwrap_or(u16::MAX);
            all.merge(&Self {
                buckets: vec![(bucket, 1)],
                max: value,
            });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket in 0..BUCKETS - 1 {
            let top = bucket_top(bucket);
            assert_eq!(bucket_of(top), bucket);
            assert_eq!(bucket_of(top + 1), bucket + 1, "above {top}");
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
        assert_eq!(bucket_top(bucket_below(10) - 1), 1_023);
    }

    #[test]
    fn later_values_are_told_apart_from_earlier_ones() {
        let before: Distribution = [1_000_000].into_iter().collect();
        let mut now = before.clone();
        now.merge(&[5, 6, 7].into_iter().collect());
        let recent = now.since(&before);
        assert_eq!(
            (recent.count(), recent.percentile(50), recent.max()),
            (3, Some(6), Some(7))
        );
        assert_eq!(before.since(&before).percentile(99), None);
    }

    proptest! {
        #[test]
        fn a_percentile_is_right_or_an_eighth_too_high(mut values in prop::collection::vec(0u64..5_000_000_000, 1..200), percent in 1u64..=100) {
            let all: Distribution = values.iter().copied().collect();
            values.sort_unstable();
            let rank = (values.len() * usize::try_from(percent).unwrap()).div_ceil(100).max(1);
            let exact = values[rank - 1];
            let told = all.percentile(percent).unwrap();
            prop_assert!(told >= exact && told <= exact + exact / 8, "{told} for {exact}");
            prop_assert!(all.max().unwrap() == *values.last().unwrap());
        }

        #[test]
        fn parts_add_up(one in prop::collection::vec(0u64..100_000, 0..50), other in prop::collection::vec(0u64..100_000, 0..50)) {
            let mut sum: Distribution = one.iter().copied().collect();
            sum.merge(&other.iter().copied().collect());
            prop_assert_eq!(sum, one.into_iter().chain(other).collect());
        }
    }
}
