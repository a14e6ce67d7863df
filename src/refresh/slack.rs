//! Gives memory back to the system that a thread has used and freed.

use std::hint::black_box;

/// glibc keeps what is free at the top of a thread's arena up to twice the size of the largest
/// block that was ever freed (mallopt(3), `M_MMAP_THRESHOLD`, "Note"): after the tables of the
/// `br` coding, a megabyte each, that is two for each thread that ever worked. What is more it
/// gives back. So as much is asked for here and freed without being used, which costs nothing: it
/// is in no memory until it is written. With another allocator it does no harm.
pub(super) fn give_back() {
    /// Below the 128 KiB from which blocks would be no part of the arena.
    const BLOCK: usize = 64 * 1024;
    let blocks: [Vec<u8>; 48] = std::array::from_fn(|_| Vec::with_capacity(BLOCK));
    drop(black_box(blocks));
}
