//! Content codings, made once with the edition and never while a reader waits.

use std::io::Write as _;

use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor};

use crate::store::Body;

/// Below this a coding saves less than its own header fields cost.
const WORTHWHILE: usize = 256;

/// A document's bytes in each coding.
pub(super) fn encode(bytes: Vec<u8>) -> Body {
    Body {
        gzip: gzip(&bytes),
        br: brotli(&bytes),
        identity: Bytes::from(bytes),
    }
}

/// The bytes in the coding `gzip` (RFC 1952), or `None` where that is not smaller.
///
/// No time stamp and no file name go into the header: the same input is the same output on
/// every replica.
pub(super) fn gzip(plain: &[u8]) -> Option<Bytes> {
    if plain.len() < WORTHWHILE {
        return None;
    }
    gzip_file(plain).filter(|coded| coded.len() < plain.len())
}

/// The bytes as a file in the coding `gzip`, whether or not that is smaller.
pub(super) fn gzip_file(plain: &[u8]) -> Option<Bytes> {
    // 9 costs 1 ms for a feed of 42 KB and is the best that is not slow.
    let mut compressor = Compressor::new(CompressionLvl::new(9).unwrap_or_default());
    let mut out = vec![0; compressor.gzip_compress_bound(plain.len())];
    let length = compressor.gzip_compress(plain, &mut out).ok()?;
    out.truncate(length);
    Some(Bytes::from(out))
}

/// The bytes in the coding `br` (RFC 7932), or `None` where that is not smaller.
pub(super) fn brotli(plain: &[u8]) -> Option<Bytes> {
    if plain.len() < WORTHWHILE {
        return None;
    }
    // 5 is as fast as gzip 9 and smaller; 9 takes ten times as long for a few per cent.
    let (buffer, quality, window) = (4096, 5, 22);
    let mut writer = brotli::CompressorWriter::new(Vec::new(), buffer, quality, window);
    writer.write_all(plain).ok()?;
    let coded = writer.into_inner();
    (coded.len() < plain.len()).then(|| Bytes::from(coded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn both_codings_give_the_plain_bytes_back_and_are_the_same_every_time() {
        let plain = "<item>feed</item>".repeat(1_000).into_bytes();
        let gzipped = gzip(&plain).unwrap();
        let mut back = vec![0; plain.len()];
        libdeflater::Decompressor::new()
            .gzip_decompress(&gzipped, &mut back)
            .unwrap();
        assert_eq!(back, plain);
        let coded = brotli(&plain).unwrap();
        let mut back = Vec::new();
        brotli::Decompressor::new(&*coded, 4096)
            .read_to_end(&mut back)
            .unwrap();
        assert_eq!(back, plain);
        assert_eq!((gzip(&plain), brotli(&plain)), (Some(gzipped), Some(coded)));
    }

    #[test]
    fn what_would_not_shrink_stays_plain() {
        assert_eq!(gzip(b"User-agent: *"), None);
        let noise: Vec<u8> = (0..64_u32)
            .flat_map(|i| *blake3::hash(&i.to_le_bytes()).as_bytes())
            .collect();
        assert_eq!((gzip(&noise), brotli(&noise)), (None, None));
    }
}
