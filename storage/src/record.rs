//! A sealed record: what may be read by whoever has the folder, and what only the key's holder reads.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version of this layout |
//! | 1 | form of the sealed half: 1 where it is in a blob, 2 where it is squeezed, or both |
//! | 1 | whose key: 0 the shop's, 1 a customer's |
//! | 16 | the customer, if it is a customer's |
//! | 2 | length of the clear half |
//! | … | the clear half, JSON |
//! | … | the sealed half: nonce, ciphertext, tag; or the 32 bytes of a blob's name |
//!
//! All that stands before the sealed half, and the record's key, is bound to it: a record that was
//! moved or whose clear half was changed does not open.

use agent_core::id::{CustomerId, ShopId};

use crate::blob::Blob;
use crate::key::Index;
use crate::keyring::Owner;
use crate::seal::Sealer;
use crate::squeeze;

const VERSION: u8 = 1;
/// Of its form.
const IN_BLOB: u8 = 1;
const SQUEEZED: u8 = 2;

/// Payloads beyond this lie in a file beside the engine, which rewrites whole pages.
pub(crate) const INLINE: usize = 64 * 1024;

/// What is to be sealed.
pub(crate) struct Draft<'a> {
    /// Where it will lie.
    pub(crate) key: &'a [u8],
    /// Whose it is.
    pub(crate) owner: Owner,
    /// JSON; may be empty.
    pub(crate) clear: &'a [u8],
    /// What is sealed.
    pub(crate) plain: &'a [u8],
    /// Whether it lies in a blob though it is short enough for the engine.
    pub(crate) apart: bool,
}

impl Draft<'_> {
    /// The record, and the blob that must be durable before it.
    pub(crate) fn seal(&self, sealer: &Sealer, index: &Index) -> (Vec<u8>, Option<Blob>) {
        let in_blob = self.apart || self.plain.len() > INLINE;
        let squeezed = squeeze::squeezed(self.plain);
        let form =
            if in_blob { IN_BLOB } else { 0 } | if squeezed.is_some() { SQUEEZED } else { 0 };
        let mut record = vec![VERSION, form];
        match self.owner {
            Owner::Customer(_, customer) => {
                record.push(1);
                record.extend(customer.0.to_be_bytes());
            }
            Owner::Shop(_) | Owner::Store => record.push(0),
        }
        record.extend((self.clear.len() as u16).to_be_bytes());
        record.extend_from_slice(self.clear);
        let plain = squeezed.as_deref().unwrap_or(self.plain);
        let sealed = sealer.seal(&place(self.key, &record), plain);
        if !in_blob {
            record.extend(sealed);
            return (record, None);
        }
        let name = index.blob(self.key, self.plain);
        record.extend(name);
        (record, Some(Blob { owner: self.owner, name, key: self.key.to_vec(), sealed }))
    }
}

fn place(key: &[u8], front: &[u8]) -> Vec<u8> {
    [&(key.len() as u16).to_be_bytes(), key, front].concat()
}

/// A record's parts, not yet opened.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) owner: Owner,
    pub(crate) clear: &'a [u8],
    pub(crate) body: Body<'a>,
    squeezed: bool,
    front: &'a [u8],
}

/// Where the sealed half is.
#[derive(Debug)]
pub(crate) enum Body<'a> {
    Here(&'a [u8]),
    Blob([u8; 32]),
}

impl<'a> Parts<'a> {
    /// Nothing if these bytes are no record of a version known here.
    pub(crate) fn parse(shop: ShopId, record: &'a [u8]) -> Option<Self> {
        let (&[version, form, whose], rest) = record.split_first_chunk()?;
        let (owner, rest) = match whose {
            0 => (Owner::Shop(shop), rest),
            1 => {
                let (customer, rest) = rest.split_first_chunk()?;
                (Owner::Customer(shop, CustomerId(u128::from_be_bytes(*customer))), rest)
            }
            _ => return None,
        };
        let (length, rest) = rest.split_first_chunk()?;
        let (clear, body) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let (front, _) = record.split_at_checked(record.len() - body.len())?;
        let body = match form & !SQUEEZED {
            0 => Body::Here(body),
            IN_BLOB => Body::Blob(body.try_into().ok()?),
            _ => return None,
        };
        let squeezed = form & SQUEEZED != 0;
        (version == VERSION).then_some(Self { owner, clear, body, squeezed, front })
    }

    /// What is sealed, if it is whole and this key sealed it here.
    pub(crate) fn open(&self, key: &[u8], sealer: &Sealer, sealed: &[u8]) -> Option<Vec<u8>> {
        let plain = sealer.open(&place(key, self.front), sealed)?;
        if self.squeezed { squeeze::whole(&plain) } else { Some(plain) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Key;

    const SHOP: ShopId = ShopId(1);

    fn sealed(plain: &[u8]) -> (Vec<u8>, Option<Blob>) {
        let owner = Owner::Customer(SHOP, CustomerId(5));
        let draft = Draft { key: b"e-key", owner, clear: b"{}", plain, apart: false };
        draft.seal(&Key::new([1; 32]).sealer(), &Index::new(Key::new([2; 32])))
    }

    /// What version 1 wrote, every later one reads.
    #[test]
    fn a_record_of_version_1_is_read() {
        let written = "0100010000000000000000000000000000000500027b7d\
                       b4c3a111f17b37ee83b35d1e355c2d9e95fe379388bf3708\
                       1878000d73f49907f3066341e432050462d4c8e104";
        let (record, _) = sealed(b"words");
        assert_eq!(hex::encode(&record), written);
        let parts = Parts::parse(SHOP, &record).unwrap();
        let owner = Owner::Customer(SHOP, CustomerId(5));
        assert_eq!((parts.owner, parts.clear), (owner, b"{}".as_slice()));
        let Body::Here(body) = parts.body else { panic!("{parts:?}") };
        let sealer = Key::new([1; 32]).sealer();
        assert_eq!(parts.open(b"e-key", &sealer, body).as_deref(), Some(b"words".as_slice()));
        assert_eq!(parts.open(b"e-kez", &sealer, body), None);
    }

    #[test]
    fn what_is_squeezed_reads_back() {
        let words = b"words and words ".repeat(99);
        let (record, _) = sealed(&words);
        assert!(record.len() < 200, "{}", record.len());
        let parts = Parts::parse(SHOP, &record).unwrap();
        let Body::Here(body) = parts.body else { panic!("{parts:?}") };
        assert_eq!(parts.open(b"e-key", &Key::new([1; 32]).sealer(), body), Some(words));
    }

    #[test]
    fn a_changed_clear_half_does_not_open() {
        let (mut record, _) = sealed(b"words");
        record[21] = b'[';
        let parts = Parts::parse(SHOP, &record).unwrap();
        let Body::Here(body) = parts.body else { panic!("{parts:?}") };
        assert_eq!(parts.open(b"e-key", &Key::new([1; 32]).sealer(), body), None);
    }

    #[test]
    fn what_is_long_goes_into_a_blob() {
        assert!(sealed(&[b'x'; INLINE]).1.is_none());
        let (record, blob) = sealed(&[b'x'; INLINE + 1]);
        let parts = Parts::parse(SHOP, &record).unwrap();
        let (Body::Blob(name), Some(blob)) = (&parts.body, blob) else { panic!("{parts:?}") };
        assert_eq!(*name, blob.name);
        let opened = parts.open(b"e-key", &Key::new([1; 32]).sealer(), &blob.sealed);
        assert_eq!(opened.map(|plain| plain.len()), Some(INLINE + 1));
    }

    #[test]
    fn bytes_that_are_no_record_are_told() {
        for bytes in [b"".as_slice(), b"\x01\x00", b"\x02\x00\x00\x00\x00", b"\x01\x00\x00\x00\x09"]
        {
            assert!(Parts::parse(SHOP, bytes).is_none(), "{bytes:?}");
        }
    }
}
