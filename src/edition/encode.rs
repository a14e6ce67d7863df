//! Content codings, made once with the edition and never while a reader waits.

use std::io::Write as _;

use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor, Decompressor};

use crate::{render::DocumentKind, store::Body};

/// Below this a coding saves less than its own header fields cost.
const WORTHWHILE: usize = 256;
/// A document that is longer than this is coded quickly, and kept in that coding alone: nearly
/// everyone takes gzip, and the plain form would be ten times as long. brotli would take four
/// times as long for a tenth less.
const LONG: usize = 1024 * 1024;
/// The same for a sitemap, of which a large site has hundreds.
const LONG_SITEMAP: usize = 64 * 1024;

/// A document's bytes in each coding that it is kept in.
pub(super) fn encode(kind: DocumentKind, bytes: Vec<u8>) -> Body {
    let long = match kind {
        DocumentKind::Sitemap | DocumentKind::SitemapText => LONG_SITEMAP,
        _ => LONG,
    };
    let gzip = gzip(&bytes, bytes.len() > long);
    if bytes.len() > long && gzip.is_some() {
        return Body {
            identity: None,
            gzip,
            br: None,
        };
    }
    Body {
        gzip,
        br: brotli(&bytes),
        identity: Some(kept(bytes)),
    }
}

impl Body {
    /// How long it is as rendered, in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        match (&self.identity, &self.gzip) {
            (Some(identity), _) => identity.len(),
            (None, Some(gzip)) => unpacked_length(gzip),
            (None, None) => 0,
        }
    }

    /// As rendered: at hand, or unpacked, which takes 10 ms where it is long.
    #[must_use]
    pub fn plain(&self) -> Bytes {
        match (&self.identity, &self.gzip) {
            (Some(identity), _) => identity.clone(),
            (None, Some(gzip)) => {
                let mut plain = vec![0; unpacked_length(gzip)];
                let unpacked = Decompressor::new().gzip_decompress(gzip, &mut plain);
                plain.truncate(unpacked.unwrap_or_default());
                Bytes::from(plain)
            }
            (None, None) => Bytes::new(),
        }
    }

    /// What it takes to keep it, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let bodies = [&self.identity, &self.gzip, &self.br];
        let bodies = bodies.iter().filter_map(|body| body.as_ref());
        bodies.map(Bytes::len).sum()
    }
}

/// The last four bytes of a file that is gzip-coded (RFC 1952 section 2.3.1); none that is
/// made here is longer than they can say.
fn unpacked_length(gzip: &[u8]) -> usize {
    let trailer = gzip.last_chunk::<4>();
    trailer.map_or(0, |length| u32::from_le_bytes(*length) as usize)
}

/// The bytes in the coding `gzip` (RFC 1952), or `None` where that is not smaller.
///
/// No time stamp and no file name go into the header: the same input is the same output on
/// every replica.
fn gzip(plain: &[u8], quickly: bool) -> Option<Bytes> {
    if plain.len() < WORTHWHILE {
        return None;
    }
    compress(plain, quickly).filter(|coded| coded.len() < plain.len())
}

/// The bytes as a file in the coding `gzip`, whether or not that is smaller.
pub(super) fn gzip_file(plain: &[u8]) -> Option<Bytes> {
    compress(plain, false)
}

fn compress(plain: &[u8], quickly: bool) -> Option<Bytes> {
    // 9 costs 1 ms for a feed of 42 KB and is the best that is not slow; of a sitemap of 7 MB it
    // takes four times as long as 6 for a twentieth less.
    let level = if quickly { 6 } else { 9 };
    let mut compressor = Compressor::new(CompressionLvl::new(level).unwrap_or_default());
    let mut out = vec![0; compressor.gzip_compress_bound(plain.len())];
    let length = compressor.gzip_compress(plain, &mut out).ok()?;
    out.truncate(length);
    Some(kept(out))
}

/// For as long as the edition: without the room that was left for more, which is ten times as
/// much as a long document in gzip.
fn kept(bytes: Vec<u8>) -> Bytes {
    Bytes::from(bytes.into_boxed_slice())
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
    (coded.len() < plain.len()).then(|| kept(coded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn both_codings_give_the_plain_bytes_back_and_are_the_same_every_time() {
        let plain = "<item>feed</item>".repeat(1_000).into_bytes();
        let gzipped = gzip(&plain, false).unwrap();
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
        assert_eq!(
            (gzip(&plain, false), brotli(&plain)),
            (Some(gzipped), Some(coded))
        );
    }

    #[test]
    fn a_long_document_is_kept_coded_and_can_be_had_plain() {
        let plain = "<url><loc>https://a.example/</loc></url>"
            .repeat(50_000)
            .into_bytes();
        let body = encode(DocumentKind::Sitemap, plain.clone());
        assert_eq!((&body.identity, &body.br), (&None, &None));
        assert_eq!((body.length(), &*body.plain()), (plain.len(), &plain[..]));
        assert!(body.weight() < plain.len() / 10);
        let short = encode(DocumentKind::Rss, plain[..LONG].to_vec());
        assert_eq!(short.plain(), short.identity.clone().unwrap());
    }

    #[test]
    fn what_would_not_shrink_stays_plain() {
        assert_eq!(gzip(b"User-agent: *", false), None);
        let noise: Vec<u8> = (0..64_u32)
            .flat_map(|i| *blake3::hash(&i.to_le_bytes()).as_bytes())
            .collect();
        assert_eq!((gzip(&noise, false), brotli(&noise)), (None, None));
    }
}
