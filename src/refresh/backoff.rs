//! When to try again what failed.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::Duration,
};

/// The first pause; each failure doubles it.
const FIRST: Duration = Duration::from_secs(1);
/// No pause is longer, so that an origin that is back is seen within five minutes even where
/// nothing else tells of it.
const LONGEST: Duration = Duration::from_secs(300);
/// Up to this share of a pause is taken off at random, in per cent: else replicas that lost
/// one origin together would all ask it again at once.
const JITTER_PERCENT: u64 = 20;

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// After a success.
    pub(super) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// After a failure: how long to wait.
    pub(super) fn pause(&mut self) -> Duration {
        self.pause_with(RandomState::new().build_hasher().finish())
    }

    fn pause_with(&mut self, random: u64) -> Duration {
        let doubled = FIRST.saturating_mul(1_u32 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let full = u64::try_from(doubled.min(LONGEST).as_millis()).unwrap_or(u64::MAX);
        let most = full * JITTER_PERCENT / 100;
        Duration::from_millis(full - random % (most + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_begin_anew() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..10).map(|_| backoff.pause_with(0).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        for _ in 0..100 {
            assert_eq!(backoff.pause_with(0), LONGEST);
        }
        backoff.reset();
        assert_eq!(backoff.pause_with(0), FIRST);
    }

    #[test]
    fn replicas_do_not_all_come_at_once() {
        let mut pauses: Vec<Duration> = (0..50).map(|_| Backoff::default().pause()).collect();
        assert!(
            pauses
                .iter()
                .all(|pause| (800..=1_000).contains(&pause.as_millis()))
        );
        pauses.sort();
        pauses.dedup();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}
