//! See `tests/fuzz/targets.rs`.
#![no_main]

#[allow(dead_code, reason = "each target uses one of them")]
#[path = "../../tests/fuzz/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::date(bytes));
