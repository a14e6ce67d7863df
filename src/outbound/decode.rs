//! Takes the coding off a body, up to a limit: a small body may unpack to a thousand times
//! its size.

use std::io::{self, Read};

use bytes::Bytes;

/// What is asked for, and all that [`decode`] knows.
pub(super) const ACCEPTED: &str = "gzip, br";

/// Why a body cannot be read.
pub(super) enum Undecodable {
    TooLarge,
    Broken(String),
}

/// `coding` is the value of `Content-Encoding` (RFC 9110 section 8.4).
pub(super) fn decode(body: Bytes, coding: &str, limit: usize) -> Result<Bytes, Undecodable> {
    let coding = coding.trim().to_ascii_lowercase();
    if ["", "identity"].contains(&coding.as_str()) {
        return Ok(body);
    }
    let unpacked = reader(&*body, &coding).map_err(Undecodable::Broken)?;
    unpack(unpacked, limit)
}

/// Takes the coding off while `body` is read, without a limit.
pub(super) fn reader<'b>(body: impl Read + 'b, coding: &str) -> Result<Box<dyn Read + 'b>, String> {
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(Box::new(body)),
        "gzip" | "x-gzip" => Ok(Box::new(flate2::read::MultiGzDecoder::new(body))),
        "br" => Ok(Box::new(brotli::Decompressor::new(body, 4096))),
        other => Err(format!("its coding {other:?} was not asked for")),
    }
}

fn unpack(packed: impl Read, limit: usize) -> Result<Bytes, Undecodable> {
    let mut unpacked = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read: io::Result<_> = packed.take(most).read_to_end(&mut unpacked);
    match read {
        Ok(_) if unpacked.len() > limit => Err(Undecodable::TooLarge),
        Ok(_) => Ok(unpacked.into()),
        Err(error) => Err(Undecodable::Broken(format!(
            "it cannot be unpacked: {error}"
        ))),
    }
}
