//! How often a client may have the same document in full while it ignores the validators
//! that it was given.

use std::{
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use super::household;
use crate::article::Timestamp;

/// Counts full answers by client, program and document, for the hour that runs.
///
/// A table of fixed size: nothing that clients send makes it grow. Where two fall on one
/// place the newer drives the older out, whose count begins anew: the error is always in
/// the clients' favour.
#[derive(Debug)]
pub(in crate::serve) struct Quota {
    limit: u64,
    places: Box<[AtomicU64]>,
    hasher: RandomState,
}

const PLACES: usize = 1 << 16;
const WINDOW: i64 = 3_600;

/// A place holds a mark of whom it counts, the hour, and the count, of so many bits.
const COUNT_BITS: u32 = 16;
const HOUR_BITS: u32 = 16;

impl Quota {
    /// `limit` full answers an hour, at most 65,535.
    pub(in crate::serve) fn new(limit: usize) -> Self {
        Self {
            limit: limit.min((1 << COUNT_BITS) - 1) as u64,
            places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Counts one more full answer. `Err` with the seconds until the hour is over, when
    /// there were as many as there may be.
    pub(in crate::serve) fn take(
        &self,
        client: IpAddr,
        program: &[u8],
        path: &str,
        now: Timestamp,
    ) -> Result<(), i64> {
        let hash = self.hasher.hash_one((household(client), program, path));
        let hour = now.unix().div_euclid(WINDOW) as u64 & ((1 << HOUR_BITS) - 1);
        let mark = (hash >> (COUNT_BITS + HOUR_BITS) << HOUR_BITS | hour) << COUNT_BITS;
        let place = &self.places[hash as usize % PLACES];
        let before = place.load(Relaxed);
        let count = if before >> COUNT_BITS == mark >> COUNT_BITS {
            before & ((1 << COUNT_BITS) - 1)
        } else {
            0
        };
        if count >= self.limit {
            return Err(WINDOW - now.unix().rem_euclid(WINDOW));
        }
        // Two requests at once may count as one.
        place.store(mark | (count + 1), Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_program_and_document_has_its_own_hour() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let quota = Quota::new(2);
        let start = 3_600 * 494_736;
        for second in [0, 1] {
            assert_eq!(quota.take(a, b"x", "/rss.xml", at(start + second)), Ok(()));
        }
        assert_eq!(quota.take(a, b"x", "/rss.xml", at(start + 600)), Err(3_000));
        assert_eq!(quota.take(a, b"y", "/rss.xml", at(start + 600)), Ok(()));
        assert_eq!(quota.take(a, b"x", "/atom.xml", at(start + 600)), Ok(()));
        assert_eq!(quota.take(b, b"x", "/rss.xml", at(start + 600)), Ok(()));
        assert_eq!(quota.take(a, b"x", "/rss.xml", at(start + 3_600)), Ok(()));
    }
}
