//! Sealing: authenticated encryption of one payload under one key, bound to where it lies.
//!
//! XChaCha20-Poly1305 with a nonce that is derived, not drawn: the first 24 bytes of HMAC-SHA256 over
//! the place and the plaintext, under a key of its own. Two different inputs meet in one nonce with a
//! probability of 2⁻⁹⁶ after 2⁴⁸ records, and the same input gives the same ciphertext, which tells an
//! attacker only that the same record was written to the same place twice. So sealing needs no
//! randomness, a damaged or repeated random source can't break it, and replays are byte-identical.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::ZeroizeOnDrop;

const NONCE: usize = 24;

/// A secret of 256 bits. Shows nothing of itself, and is wiped when dropped.
#[derive(Clone, ZeroizeOnDrop)]
pub(crate) struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA256 under this key. Every part is preceded by its length, so no two lists of parts meet.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        keyed(hasher(&self.0), parts)
    }

    /// What seals under this key; worth keeping for more than one record.
    pub(crate) fn sealer(&self) -> Sealer {
        Sealer {
            cipher: XChaCha20Poly1305::new(&self.mac(&[b"seal"]).into()),
            nonces: hasher(&self.mac(&[b"nonce"])),
        }
    }
}

fn hasher(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new(&{
        // HMAC pads a key to its block; padded here, the key has the type it wants and can't fail.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        block.into()
    })
}

fn keyed(mut hasher: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into_bytes().into()
}

/// What seals and opens under one key.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
    nonces: Hmac<Sha256>,
}

impl Sealer {
    /// Nonce, ciphertext and tag. `place` is bound to it: moved elsewhere, it does not open.
    pub(crate) fn seal(&self, place: &[u8], plain: &[u8]) -> Vec<u8> {
        let mac = keyed(self.nonces.clone(), &[place, plain]);
        let mut nonce = [0; NONCE];
        for (to, from) in nonce.iter_mut().zip(mac) {
            *to = from;
        }
        let payload = Payload { msg: plain, aad: place };
        // Encryption fails only beyond 256 GiB; the store's limits end long before.
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        [nonce.as_slice(), &sealed].concat()
    }

    /// The plaintext, if it was sealed under this key for this place and is whole.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: place };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_in_its_place_only() {
        let sealer = Key::new([7; 32]).sealer();
        let sealed = sealer.seal(b"here", b"the words");
        assert_eq!(sealer.open(b"here", &sealed).as_deref(), Some(b"the words".as_slice()));
        assert_eq!(sealer.open(b"there", &sealed), None);
        assert_eq!(Key::new([8; 32]).sealer().open(b"here", &sealed), None);
        for n in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[n] ^= 1;
            assert_eq!(sealer.open(b"here", &damaged), None, "byte {n}");
        }
        assert_eq!(sealer.open(b"here", &sealed[..20]), None);
    }

    #[test]
    fn one_input_has_one_ciphertext_and_another_input_another_nonce() {
        let sealer = Key::new([7; 32]).sealer();
        assert_eq!(sealer.seal(b"a", b"words"), sealer.seal(b"a", b"words"));
        let nonces = [
            sealer.seal(b"a", b"words"),
            sealer.seal(b"a", b"word"),
            sealer.seal(b"b", b"words"),
            sealer.seal(b"aw", b"ords"),
        ]
        .map(|sealed| sealed[..NONCE].to_vec());
        let different: std::collections::BTreeSet<_> = nonces.iter().collect();
        assert_eq!(different.len(), 4);
    }

    #[test]
    fn the_mac_is_hmac_sha256() {
        // RFC 4231 has no test with our length prefixes; the key schedule is what can go wrong here.
        let direct = {
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&[9; 32]).unwrap();
            mac.update(&3_u64.to_be_bytes());
            mac.update(b"abc");
            <[u8; 32]>::from(mac.finalize().into_bytes())
        };
        assert_eq!(Key::new([9; 32]).mac(&[b"abc"]), direct);
    }
}
