//! The heart: how dates are read and judged. Pure functions with the clock as an argument.

mod fingerprint;
mod parse;
mod zone;

pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use parse::{DateFault, parse};
pub use zone::{InvalidZone, Zone};

use crate::article::Moment;

/// What the origin says of an article's dates, read but not yet judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Declared {
    /// First availability.
    pub published: Option<Moment>,
    /// Last change.
    pub updated: Option<Moment>,
}
