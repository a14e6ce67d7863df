//! The heart: how dates are read and judged. Pure functions with the clock as an argument.

mod fingerprint;
mod guard;
mod history;
mod judge;
mod parse;
mod zone;

pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use guard::{Guards, Held, Tally};
pub use history::{Event, What};
pub use judge::{Ignored, Memory, Rule, Sighting, Trust, Verdict, judge};
pub use parse::{DateFault, parse};
pub use zone::{InvalidZone, Zone};

use serde::{Deserialize, Serialize};

use crate::article::Moment;

/// What the origin says of an article's dates, read but not yet judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// First availability.
    pub published: Option<Moment>,
    /// Last change.
    pub updated: Option<Moment>,
}
