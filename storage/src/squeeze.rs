//! Text in fewer bytes before it is sealed: what is sealed can't be made shorter, and the engine rewrites
//! whole pages. LZ4, because it costs less than the sealing that it saves.

use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};

/// Shorter texts are not worth the attempt.
const SHORT: usize = 128;

/// The length of a text and what is left of it, if that is shorter.
pub(crate) fn squeezed(plain: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(plain.len()).ok().filter(|_| plain.len() > SHORT)?;
    let mut squeezed = length.to_be_bytes().to_vec();
    squeezed.resize(squeezed.len() + get_maximum_output_size(plain.len()), 0);
    let written = compress_into(plain, squeezed.get_mut(4..)?).ok()?;
    squeezed.truncate(4 + written);
    (squeezed.len() < plain.len()).then_some(squeezed)
}

/// The text. What is given must have come out of [`squeezed`], unchanged: the seal says so.
pub(crate) fn whole(squeezed: &[u8]) -> Option<Vec<u8>> {
    let (length, squeezed) = squeezed.split_first_chunk()?;
    let mut plain = vec![0; usize::try_from(u32::from_be_bytes(*length)).ok()?];
    let written = decompress_into(squeezed, &mut plain).ok()?;
    (written == plain.len()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shorter_for_it_reads_back_and_the_rest_stays() {
        let text = "a shop, a shop, and the shop's own words; ".repeat(40);
        let short = squeezed(text.as_bytes()).unwrap();
        assert!(short.len() * 4 < text.len(), "{}", short.len());
        assert_eq!(whole(&short).unwrap(), text.as_bytes());
        assert_eq!(squeezed(b"a, a, a, a, a, a"), None);
        let noise: Vec<u8> =
            (0..999_u32).flat_map(|n| n.wrapping_mul(0x9E37_79B9).to_be_bytes()).collect();
        assert_eq!(squeezed(&noise), None);
    }
}
