//! MurmurHash3 with the seed 0: the form of 32 bits for x86, and that of 128 bits for x64.
//!
//! Source of the constants: the algorithm's published description, which is in the public domain.

/// The hash of 32 bits.
pub(crate) fn sum32(text: &[u8]) -> u32 {
    let mix = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (blocks, tail) = text.as_chunks();
    let mut hash = 0u32;
    for block in blocks {
        hash ^= mix(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let mut last = [0; 4];
    last[..tail.len()].copy_from_slice(tail);
    hash ^= mix(u32::from_le_bytes(last));
    // The length counts modulo 2^32.
    hash ^= text.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

/// The hash of 128 bits, whose first half is in the lower bits.
pub(crate) fn sum128(text: &[u8]) -> u128 {
    const C: [u64; 2] = [0x87c3_7b91_1142_53d5, 0x4cf5_ad43_2745_937f];
    let mix = |block: u128| {
        let [first, second] = [block as u64, (block >> 64) as u64];
        [
            first.wrapping_mul(C[0]).rotate_left(31).wrapping_mul(C[1]),
            second.wrapping_mul(C[1]).rotate_left(33).wrapping_mul(C[0]),
        ]
    };
    let (blocks, tail) = text.as_chunks();
    let [mut a, mut b] = [0u64; 2];
    for block in blocks {
        let [first, second] = mix(u128::from_le_bytes(*block));
        a = (a ^ first).rotate_left(27).wrapping_add(b).wrapping_mul(5).wrapping_add(0x52dc_e729);
        b = (b ^ second).rotate_left(31).wrapping_add(a).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let mut last = [0; 16];
    last[..tail.len()].copy_from_slice(tail);
    let [first, second] = mix(u128::from_le_bytes(last));
    let len = text.len() as u64;
    (a, b) = (a ^ first ^ len, b ^ second ^ len);
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    (a, b) = (finish(a), finish(b));
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    u128::from(b) << 64 | u128::from(a)
}

fn finish(half: u64) -> u64 {
    let half = (half ^ half >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let half = (half ^ half >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    half ^ half >> 33
}
