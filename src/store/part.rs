//! Months are cut into slices by a hash of the address, so that of a long one a part can be
//! counted, read and made anew alone.

use std::ops::Range;

/// The slices of a month: of 50,000 articles each it could have fifty million.
const SLICES: u16 = 1 << SLICE_BITS;
const SLICE_BITS: u32 = 10;

/// One of a power of two of parts of a month. When they become twice as many, each gives half of
/// what it has to a new one, and keeps its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    number: u16,
    of: u16,
}

impl Part {
    /// All of a month.
    pub const WHOLE: Self = Self { number: 0, of: 1 };
    /// The most parts that there can be.
    pub const MOST: u16 = SLICES;

    /// Every one of so many parts; `of` is a power of two up to [`Part::MOST`].
    pub fn each(of: u16) -> impl Iterator<Item = Self> {
        (0..of).map(move |number| Self { number, of })
    }

    /// The fewest parts of which none holds more than `most` articles, if `slices` says how many
    /// are in each slice.
    #[must_use]
    pub fn fewest(slices: &[(u16, usize)], most: usize) -> u16 {
        let counts = |of| {
            Self::each(of).map(move |part| {
                let slices = slices
                    .iter()
                    .filter(|(slice, _)| part.slices().contains(slice));
                slices.map(|(_, count)| count).sum::<usize>()
            })
        };
        let mut of = 1;
        while of < Self::MOST && counts(of).any(|count| count > most) {
            of *= 2;
        }
        of
    }

    /// Counted from 0.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.number
    }

    /// Whether what lives at this address is in it.
    #[must_use]
    pub fn has(self, url: &str) -> bool {
        self.slices().contains(&slice(url))
    }

    /// The slices that it consists of.
    pub(super) const fn slices(self) -> Range<u16> {
        let first = reverse(self.number);
        first..first + SLICES / self.of
    }
}

/// The slice in which an address is: the last bits of its hash, the last one first, so that the
/// slices of a part lie side by side.
pub(super) fn slice(url: &str) -> u16 {
    let hash = blake3::hash(url.as_bytes());
    let [a, b, ..] = *hash.as_bytes();
    reverse(u16::from_le_bytes([a, b]) % SLICES)
}

const fn reverse(bits: u16) -> u16 {
    bits.reverse_bits() >> (u16::BITS - SLICE_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(count: usize) -> Vec<(u16, usize)> {
        let mut counts = vec![0; usize::from(SLICES)];
        for number in 0..count {
            counts[usize::from(slice(&format!("https://a.example/{number}/")))] += 1;
        }
        (0..SLICES).zip(counts).collect()
    }

    #[test]
    fn every_slice_is_in_one_part() {
        for of in [1, 2, 4, 512, SLICES] {
            for slice in 0..SLICES {
                let parts = Part::each(of).filter(|part| part.slices().contains(&slice));
                assert_eq!(parts.count(), 1, "{slice} of {of}");
            }
        }
    }

    #[test]
    fn when_parts_become_more_each_keeps_half_of_what_it_had() {
        for of in [1, 2, 4, 512] {
            for (few, more) in Part::each(of).zip(Part::each(of * 2)) {
                let (few, more) = (few.slices(), more.slices());
                assert_eq!((few.start, few.len()), (more.start, more.len() * 2));
            }
        }
    }

    #[test]
    fn parts_are_as_few_as_can_be() {
        assert_eq!(Part::fewest(&[], 50_000), 1);
        assert_eq!(Part::fewest(&slices(50_000), 50_000), 1);
        assert_eq!(Part::fewest(&slices(50_001), 50_000), 2);
        assert_eq!(Part::fewest(&slices(120_000), 50_000), 4);
        assert_eq!(Part::fewest(&[(7, 50_001)], 50_000), SLICES);
    }
}
