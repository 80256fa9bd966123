//! Action tokens: what a tap carries over the wire. The journal holds the meaning, the wire holds tokens.
//!
//! A token is `base64url(version ‖ turn ‖ n ‖ option ‖ mac)`: 1 + 16 + 2 + 2 + 9 bytes, so 40 characters,
//! which every platform takes. The MAC is the first 9 bytes of `Ids::keyed("action", journal ‖ reference)`:
//! bound to the conversation, so that a token of another one is a forgery.
//!
//! Below a row of pictures WhatsApp takes 20 characters by some of its documents and 256 by others. A short token
//! is a MAC alone, `base64url(2 ‖ mac)` with 14 bytes of it: which action it is of is found among those the
//! conversation still offers, so the journal knows and nothing beside it is kept.

use std::fmt::Write as _;

use crate::id::{JournalId, Made, TurnId};
use crate::message::ActionRef;
use crate::time::Ids;

const VERSION: u8 = 1;
const SHORT: u8 = 2;
const REFERENCE: usize = 21;
const MAC: usize = 9;
const SHORT_MAC: usize = 14;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The token of an action, for the wire.
#[must_use]
pub fn mint(ids: &dyn Ids, journal: JournalId, action: ActionRef) -> String {
    let mut bytes = reference(action);
    let mac = mac(ids, "action", journal, &bytes);
    bytes.extend(mac.iter().take(MAC));
    encode(&bytes)
}

/// The token of an action where platforms take no long ones: 20 characters.
#[must_use]
pub fn mint_short(ids: &dyn Ids, journal: JournalId, action: ActionRef) -> String {
    let mut bytes = vec![SHORT];
    bytes.extend(mac(ids, "short action", journal, &reference(action)).iter().take(SHORT_MAC));
    encode(&bytes)
}

/// The action of a short token among those that are offered; none when it is of none of them.
#[must_use]
pub fn read_short(
    ids: &dyn Ids,
    journal: JournalId,
    token: &str,
    mut offered: impl Iterator<Item = ActionRef>,
) -> Option<ActionRef> {
    offered.find(|action| is_same(mint_short(ids, journal, *action).as_bytes(), token.as_bytes()))
}

/// Whether something has the shape of a short token.
#[must_use]
pub fn is_short(text: &str) -> bool {
    let shaped = |bytes: &Vec<u8>| bytes.len() == 1 + SHORT_MAC && bytes.first() == Some(&SHORT);
    decode(text).is_some_and(|bytes| shaped(&bytes))
}

/// The action of a token; none when it is forged, damaged, or of another conversation.
#[must_use]
pub fn read(ids: &dyn Ids, journal: JournalId, token: &str) -> Option<ActionRef> {
    let bytes = decode(token).filter(|bytes| bytes.len() == REFERENCE + MAC)?;
    let (reference, given) = bytes.split_at(REFERENCE);
    let made = mac(ids, "action", journal, reference);
    if !is_same(given, made.get(..MAC)?) || reference.first() != Some(&VERSION) {
        return None;
    }
    let number = |from: usize, to: usize| {
        reference
            .get(from..to)
            .map(|bytes| bytes.iter().fold(0_u128, |n, byte| n << 8 | u128::from(*byte)))
    };
    let outbound = Made { turn: TurnId(number(1, 17)?), n: u16::try_from(number(17, 19)?).ok()? };
    Some(ActionRef { outbound, option: u16::try_from(number(19, 21)?).ok()? })
}

/// Whether something has the shape of a token, so that it may be one of ours: whoever offers buttons beside us gives
/// them names of their own, and what stands on those counts.
#[must_use]
pub fn is_token(text: &str) -> bool {
    let shaped =
        |bytes: &Vec<u8>| bytes.len() == REFERENCE + MAC && bytes.first() == Some(&VERSION);
    is_short(text) || decode(text).is_some_and(|bytes| shaped(&bytes))
}

/// Every byte is compared, whatever the first difference.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differ = one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0
}

fn reference(action: ActionRef) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend(action.outbound.turn.0.to_be_bytes());
    bytes.extend(action.outbound.n.to_be_bytes());
    bytes.extend(action.option.to_be_bytes());
    bytes
}

fn mac(ids: &dyn Ids, purpose: &str, journal: JournalId, reference: &[u8]) -> [u8; 32] {
    let mut bound = String::new();
    // Writing to a string can't fail.
    let _ = write!(bound, "{}/{}/", journal.shop, journal.key);
    let bytes: Vec<u8> = bound.bytes().chain(reference.iter().copied()).collect();
    ids.keyed(purpose, &bytes)
}

/// Base64 for URLs, unpadded (RFC 4648, section 5), of a length divisible by three.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 3 * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            text.push(ALPHABET.get(bits >> shift & 63).map_or('A', |c| char::from(*c)));
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) || text.len() > 64 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in text.as_bytes().chunks(4) {
        let mut bits = 0_usize;
        for c in chunk {
            bits = bits << 6 | ALPHABET.iter().position(|known| known == c)?;
        }
        bytes.extend(bits.to_be_bytes().into_iter().skip(5));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ShopId;
    use crate::time::turned::CountedIds;

    #[test]
    fn a_token_is_read_back_in_its_own_conversation_only() {
        let ids = CountedIds::new(1);
        let (mine, other) =
            (JournalId::conversation(ShopId(1), 5), JournalId::conversation(ShopId(1), 6));
        let action =
            ActionRef { outbound: Made { turn: TurnId(u128::MAX - 3), n: 9 }, option: 300 };
        let token = mint(&ids, mine, action);
        assert_eq!(token.len(), 40);
        assert!(is_token(&token));
        // As long and as plain, and somebody else's.
        assert!(!is_token("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
        assert_eq!(read(&ids, mine, &token), Some(action));
        assert_eq!(read(&ids, other, &token), None);
        assert_eq!(read(&CountedIds::new(2), mine, &token), None);
        for damaged in [
            "",
            "AAAA",
            "not a token at all, really not one",
            &token[..36],
            &token.replace(&token[3..4], "*"),
        ] {
            assert_eq!(read(&ids, mine, damaged), None, "{damaged}");
        }
    }

    #[test]
    fn a_short_token_is_found_among_what_is_offered_there_and_nowhere_else() {
        let ids = CountedIds::new(1);
        let (mine, other) =
            (JournalId::conversation(ShopId(1), 5), JournalId::conversation(ShopId(1), 6));
        let action = |option| ActionRef { outbound: Made { turn: TurnId(7), n: 9 }, option };
        let offered = || (0..20).map(action);
        let token = mint_short(&ids, mine, action(19));
        assert_eq!(token.len(), 20);
        assert!(is_short(&token) && is_token(&token));
        assert!(!is_short(&mint(&ids, mine, action(19))));
        assert_eq!(read_short(&ids, mine, &token, offered()), Some(action(19)));
        assert_eq!(read_short(&ids, mine, &token, offered().take(19)), None, "not offered");
        assert_eq!(read_short(&ids, other, &token, offered()), None);
        assert_eq!(read_short(&CountedIds::new(2), mine, &token, offered()), None);
        assert_eq!(read_short(&ids, mine, &token[..16], offered()), None);
        assert_eq!(read(&ids, mine, &token), None, "no long one");
    }
}
