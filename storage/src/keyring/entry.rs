//! The key file's bytes: a header that knows its root key and how much was written with it, then
//! entries of one length.
//!
//! An entry is `kind u8, shop u32, customer u128, at i64, group u64`, and a sealed key. `group` is the
//! offset at which the append began that wrote it. Appends are synced one after the other, so an entry
//! that can't be read was never acknowledged if everything behind it belongs to the same append, and
//! is damage otherwise.

use std::collections::HashMap;

use agent_core::id::{CustomerId, ShopId};
use agent_core::time::Micros;

use super::{Owner, Slot};
use crate::key::Reader;
use crate::seal::{Key, Sealer};

const MAGIC: &[u8; 8] = b"SUTLERK1";
const CLEAR: usize = 1 + 4 + 16 + 8 + 8;
/// Clear part, nonce, key, tag.
const ENTRY: usize = CLEAR + 24 + 32 + 16;
/// Magic, the length that was written whole, and the root key's mark.
const HEADER: usize = 8 + 8 + 16;

/// What the root key says of a file it wraps, of which so much was written whole.
fn header(root: &Key, whole: [u8; 8]) -> Vec<u8> {
    let mark = root.mac(&[b"key file", &whole]);
    MAGIC.iter().chain(&whole).chain(mark.iter().take(16)).copied().collect()
}

/// A whole file.
pub(super) fn file(root: &Key, slots: &HashMap<Owner, Slot>) -> Vec<u8> {
    let whole = (HEADER + slots.len() * ENTRY) as u64;
    let mut bytes = header(root, whole.to_be_bytes());
    let wrapper = root.sealer();
    for (owner, slot) in slots {
        push(&mut bytes, &wrapper, 0, *owner, slot);
    }
    bytes
}

/// The entries of one append at `offset`.
pub(super) fn append(root: &Key, offset: u64, slots: &[(Owner, Slot)]) -> Vec<u8> {
    let wrapper = root.sealer();
    let mut bytes = Vec::new();
    for (owner, slot) in slots {
        push(&mut bytes, &wrapper, offset, *owner, slot);
    }
    bytes
}

fn push(bytes: &mut Vec<u8>, wrapper: &Sealer, group: u64, owner: Owner, slot: &Slot) {
    let (at, key) = match slot {
        Slot::Live(key) => (Micros::default(), *key.bytes()),
        Slot::Erased(at) => (*at, [0; 32]),
    };
    let (kind, shop, customer) = match (owner, slot) {
        (Owner::Store, _) => (0, ShopId(0), CustomerId(0)),
        (Owner::Shop(shop), _) => (1, shop, CustomerId(0)),
        (Owner::Customer(shop, customer), Slot::Live(_)) => (2, shop, customer),
        (Owner::Customer(shop, customer), Slot::Erased(_)) => (3, shop, customer),
    };
    let mut clear = Vec::with_capacity(CLEAR);
    clear.push(kind);
    clear.extend(shop.0.to_be_bytes());
    clear.extend(customer.0.to_be_bytes());
    clear.extend(at.0.to_be_bytes());
    clear.extend(group.to_be_bytes());
    let sealed = wrapper.seal(&clear, &key);
    bytes.extend(clear);
    bytes.extend(sealed);
}

/// Why a key file can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Another root key wrapped it.
    OtherRoot,
    /// Bytes were changed; says where.
    Damaged(usize),
}

/// What a file holds, and how much of it was acknowledged: the rest is an append that was cut short.
pub(super) fn parse(root: &Key, bytes: &[u8]) -> Result<(HashMap<Owner, Slot>, usize), Unreadable> {
    let written = whole(root, bytes)?;
    let unwrapper = root.sealer();
    let mut slots = HashMap::new();
    let mut torn = None;
    for (n, bytes) in bytes.get(HEADER..).unwrap_or_default().chunks(ENTRY).enumerate() {
        let offset = HEADER + n * ENTRY;
        let Some((group, owner, slot)) = entry(&unwrapper, bytes) else {
            torn.get_or_insert(offset);
            continue;
        };
        match torn {
            Some(torn) if group > torn as u64 => return Err(Unreadable::Damaged(torn)),
            Some(_) => {}
            None => {
                slots.insert(owner, slot);
            }
        }
    }
    let end = torn.unwrap_or(bytes.len());
    if (end as u64) < written { Err(Unreadable::Damaged(end)) } else { Ok((slots, end)) }
}

/// How much of the file was written whole, if this root key wraps it.
fn whole(root: &Key, bytes: &[u8]) -> Result<u64, Unreadable> {
    let mut reader = Reader(bytes);
    let magic: [u8; 8] = reader.take().ok_or(Unreadable::Damaged(0))?;
    let whole: [u8; 8] = reader.take().ok_or(Unreadable::Damaged(0))?;
    if magic != *MAGIC {
        return Err(Unreadable::Damaged(0));
    }
    let known = bytes.starts_with(&header(root, whole));
    if known { Ok(u64::from_be_bytes(whole)) } else { Err(Unreadable::OtherRoot) }
}

fn entry(unwrapper: &Sealer, bytes: &[u8]) -> Option<(u64, Owner, Slot)> {
    let (clear, sealed) = bytes.split_at_checked(CLEAR)?;
    let key: [u8; 32] = unwrapper.open(clear, sealed)?.try_into().ok()?;
    let mut reader = Reader(clear);
    let [kind] = reader.take()?;
    let shop = ShopId(u32::from_be_bytes(reader.take()?));
    let customer = CustomerId(u128::from_be_bytes(reader.take()?));
    let at = Micros(i64::from_be_bytes(reader.take()?));
    let group = reader.number()?;
    let live = Slot::Live(Key::new(key));
    let (owner, slot) = match kind {
        0 => (Owner::Store, live),
        1 => (Owner::Shop(shop), live),
        2 => (Owner::Customer(shop, customer), live),
        3 => (Owner::Customer(shop, customer), Slot::Erased(at)),
        _ => return None,
    };
    Some((group, owner, slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(n: u32) -> (Owner, Slot) {
        (Owner::Shop(ShopId(n)), Slot::Live(Key::new([n as u8; 32])))
    }

    /// A file of two entries and an append of two more.
    fn four(root: &Key) -> Vec<u8> {
        let mut bytes = file(root, &HashMap::from([live(1), live(2)]));
        let more = [live(3), live(4)];
        let offset = bytes.len() as u64;
        bytes.extend(append(root, offset, &more));
        bytes
    }

    #[test]
    fn an_append_that_was_cut_short_is_left_out() {
        let root = Key::new([1; 32]);
        let bytes = four(&root);
        assert_eq!(parse(&root, &bytes).unwrap().0.len(), 4);
        let cut = parse(&root, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!((cut.0.len(), cut.1), (3, HEADER + 3 * ENTRY));
        let mut holed = bytes;
        holed[HEADER + 2 * ENTRY + 5] ^= 1;
        let holed = parse(&root, &holed).unwrap();
        assert_eq!((holed.0.len(), holed.1), (2, HEADER + 2 * ENTRY));
    }

    #[test]
    fn damage_in_what_was_acknowledged_is_told() {
        let root = Key::new([1; 32]);
        let whole = HEADER + 2 * ENTRY;
        for (length, at) in [(whole, HEADER + ENTRY), (whole + 2 * ENTRY, HEADER + ENTRY)] {
            let mut bytes = four(&root)[..length].to_vec();
            bytes[at + 5] ^= 1;
            assert_eq!(parse(&root, &bytes).unwrap_err(), Unreadable::Damaged(at));
        }
        assert_eq!(parse(&root, b"").unwrap_err(), Unreadable::Damaged(0));
    }

    #[test]
    fn another_root_key_is_told_from_damage() {
        let bytes = four(&Key::new([1; 32]));
        assert_eq!(parse(&Key::new([2; 32]), &bytes).unwrap_err(), Unreadable::OtherRoot);
    }
}
