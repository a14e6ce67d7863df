//! The only room that dials out. Every answer is bounded in size and time, redirects are
//! followed by hand, and where somebody else may choose an address, none is dialled that is
//! not public.

mod address;
mod decode;
mod dial;
mod fetch;
mod stream;
#[cfg(test)]
mod tests;

pub use address::{Rules, is_public};
pub use fetch::{Answer, Fetched, Fetcher, Opened, shown};

use std::time::Duration;

/// What one question may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The body, in bytes, as it comes over the wire and again once it is unpacked.
    pub bytes: usize,
    /// From a request to the end of the head of its answer.
    pub head: Duration,
    /// From the first name looked up to the last byte read, redirects included.
    pub time: Duration,
    /// How many redirects are followed.
    pub redirects: usize,
}

/// Why nothing was fetched. Addresses are named without their query, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, or one that broke, or one that is not allowed. A certificate that the
    /// system does not trust is one of the reasons.
    #[error("{url} cannot be reached: {cause}")]
    Unreachable {
        /// Where.
        url: String,
        /// What the system says.
        cause: String,
    },
    /// An answer other than 200 and a redirect.
    #[error("{url} answers with status {status}")]
    Status {
        /// Where.
        url: String,
        /// Its answer.
        status: u16,
    },
    /// A redirect that leads nowhere, or one too many.
    #[error("{url} redirects {fault}")]
    Redirect {
        /// Where.
        url: String,
        /// What is wrong with the redirect.
        fault: &'static str,
    },
    /// Past [`Limits::bytes`].
    #[error("{url} sends more than {limit} bytes")]
    TooLarge {
        /// Where.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// Past [`Limits::time`].
    #[error("{url} took longer than {seconds} seconds")]
    TooSlow {
        /// Where.
        url: String,
        /// The limit.
        seconds: u64,
    },
}
