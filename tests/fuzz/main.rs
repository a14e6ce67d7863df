//! The fuzz targets in every run: the kept corpus is replayed, and each input in it is bent
//! a little. The targets themselves are run for longer with a fuzzer; see `fuzz/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod targets;

use std::{fs, path::Path};

use proptest::prelude::*;
use targets::ALL;

/// Every input that is kept for a target.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn every_kept_input_holds() {
    for (name, target) in ALL {
        let inputs = corpus(name);
        assert!(inputs.len() >= 5, "{name} has only {}", inputs.len());
        for input in inputs {
            target(&input);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_hold(which in 0..ALL.len(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        ALL[which].1(&bytes);
    }

    #[test]
    fn bent_inputs_hold(
        which in 0..ALL.len(),
        index in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..6),
    ) {
        let (name, target) = ALL[which];
        let inputs = corpus(name);
        let mut bytes = index.get(&inputs).clone();
        for (at, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.extend_from_within(at..),
            }
        }
        target(&bytes);
    }
}
