//! Bytes without which nothing can be found, of 64 bytes at once.

const BLOCK: usize = 64;

/// Digits; `@` of addresses; what ties words to one thing: `-`, `.`, `/`, `:` and `_`; and an `A`, which begins keys that
/// may have none of these.
fn is_mark(byte: u8) -> bool {
    byte.wrapping_sub(b'-') <= b':' - b'-' || byte.wrapping_sub(b'@') <= 1 || byte == b'_'
}

/// Calls `each` with the place of every mark.
#[inline]
pub fn each(text: &[u8], mut each: impl FnMut(usize)) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut tell = |start: usize, mut bits: u64| {
        while bits != 0 {
            each(start + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    };
    for (nth, block) in blocks.iter().enumerate() {
        tell(nth * BLOCK, marks(block));
    }
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    tell(blocks.len() * BLOCK, marks(&last));
}

/// One bit for each byte, the lowest for the first.
#[inline]
fn marks(block: &[u8; BLOCK]) -> u64 {
    let found = block.map(|byte| u8::from(is_mark(byte)));
    let (eights, _) = found.as_chunks::<8>();
    // The product moves the bit of each of eight bytes to its place in the highest.
    let gathered = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |bits, eight| bits << 8 | gathered(eight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_told_once_and_in_order() {
        let text: Vec<u8> = (0..=255).cycle().take(700).collect();
        let mut told = Vec::new();
        each(&text, |place| told.push(place));
        let marks = b"-./0123456789:@A_";
        let all: Vec<usize> = (0..text.len()).filter(|place| marks.contains(&text[*place])).collect();
        assert_eq!(told, all);
        each(b"", |_| panic!());
    }
}
