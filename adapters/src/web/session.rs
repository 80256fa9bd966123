//! Who a visitor is: a token we signed, which nobody can make or guess.
//!
//! It stands in an HTTP-only cookie of ours, or, within a frame whose cookies are refused, in the storage of
//! that frame. A token is signed anew every day and good for thirty; another shop's, or a changed one, is none.

use std::time::Duration;

use agent_core::id::{Alias, ShopId};
use agent_core::time::{Ids, Micros};
use subtle::ConstantTimeEq as _;

/// How long a token is good.
pub(super) const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// When it is signed anew.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// A clock may be set back a little.
const AHEAD: Duration = Duration::from_secs(300);
/// Bytes of a customer's id in the shop's own system.
pub(super) const ID_MAX: usize = 128;
/// Bytes of a signature that are kept.
const MAC: usize = 16;

/// Who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Somebody we know nothing of.
    Visitor(u128),
    /// The shop's own site says that it is this customer of theirs.
    Customer(String),
}

/// A visitor, and since when their token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) who: Who,
    issued: Micros,
}

impl Session {
    pub(super) fn new(who: Who, now: Micros) -> Self {
        Self { who, issued: now }
    }

    /// `1.v.<hex>.<issued>.<mac>`; a customer of the shop's has a `k`.
    pub(super) fn token(&self, ids: &dyn Ids, shop: ShopId) -> String {
        let (kind, id) = match &self.who {
            Who::Visitor(id) => ('v', format!("{id:032x}")),
            Who::Customer(id) => ('k', hex::encode(id)),
        };
        let said = format!("1.{kind}.{id}.{}", self.issued.0);
        let mac = mac(ids, shop, &said);
        format!("{said}.{mac}")
    }

    /// Reads a token; none when it is not ours, of another shop, or too old.
    pub(super) fn read(ids: &dyn Ids, shop: ShopId, token: &str, now: Micros) -> Option<Self> {
        let (said, given) = token.rsplit_once('.')?;
        let made = mac(ids, shop, said);
        if !bool::from(made.as_bytes().ct_eq(given.as_bytes())) {
            return None;
        }
        let mut fields = said.split('.');
        let ("1", kind, id, issued) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?)
        else {
            return None;
        };
        let who = match kind {
            "v" => Who::Visitor(u128::from_str_radix(id, 16).ok()?),
            _ => Who::Customer(String::from_utf8(hex::decode(id).ok()?).ok()?),
        };
        let issued = Micros(issued.parse().ok()?);
        (now < issued.after(LIFE) && issued < now.after(AHEAD)).then_some(Self { who, issued })
    }

    /// The same with a token of today, if it is time for one.
    pub(super) fn renewed(&self, now: Micros) -> Option<Self> {
        (now >= self.issued.after(DAY)).then(|| Self { who: self.who.clone(), issued: now })
    }

    /// The name of their conversation. That of a customer is the same wherever they are signed in, and tells
    /// nothing of their id.
    pub(super) fn thread(&self, ids: &dyn Ids, shop: ShopId) -> String {
        match &self.who {
            Who::Visitor(id) => format!("{id:032x}"),
            Who::Customer(id) => {
                let named = format!("{shop}\n{id}");
                format!("k{}", short(&ids.keyed("web customer", named.as_bytes())))
            }
        }
    }

    /// How the shop's own system knows them.
    pub(super) fn aliases(&self) -> Vec<Alias> {
        match &self.who {
            Who::Visitor(_) => Vec::new(),
            Who::Customer(id) => vec![Alias(format!("customer\n{id}"))],
        }
    }
}

fn mac(ids: &dyn Ids, shop: ShopId, said: &str) -> String {
    short(&ids.keyed("web session", format!("{shop}\n{said}").as_bytes()))
}

fn short(bytes: &[u8]) -> String {
    hex::encode(bytes.get(..MAC).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use agent_core::time::turned::CountedIds;

    use super::*;

    const SHOP: ShopId = ShopId(1);
    const NOW: Micros = Micros(1_793_491_200_000_000);

    #[test]
    fn a_token_is_good_in_its_shop_for_its_time_and_unchanged() {
        let ids = CountedIds::new(1);
        for who in [Who::Visitor(7), Who::Customer("c-77".to_owned())] {
            let session = Session::new(who, NOW);
            let token = session.token(&ids, SHOP);
            let read = |token: &str, after| Session::read(&ids, SHOP, token, NOW.after(after));
            assert_eq!(read(&token, DAY), Some(session.clone()));
            assert_eq!(read(&token, LIFE), None);
            assert_eq!(Session::read(&ids, ShopId(2), &token, NOW), None);
            assert_eq!(Session::read(&CountedIds::new(2), SHOP, &token, NOW), None);
            for at in 0..token.len() {
                let mut forged = token.clone().into_bytes();
                forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
                let forged = String::from_utf8(forged).unwrap();
                assert_eq!(read(&forged, Duration::ZERO), None, "{forged}");
            }
        }
    }

    #[test]
    fn a_token_is_signed_anew_every_day() {
        let session = Session::new(Who::Visitor(7), NOW);
        assert_eq!(session.renewed(NOW.after(DAY / 2)), None);
        let renewed = session.renewed(NOW.after(DAY)).unwrap();
        let ids = CountedIds::new(1);
        assert_eq!(renewed.thread(&ids, SHOP), session.thread(&ids, SHOP));
        assert_ne!(renewed.token(&ids, SHOP), session.token(&ids, SHOP));
    }

    #[test]
    fn a_customer_of_the_shop_has_one_conversation_and_no_visitor_can_name_it() {
        let ids = CountedIds::new(1);
        let thread =
            |id: &str, shop| Session::new(Who::Customer(id.to_owned()), NOW).thread(&ids, shop);
        assert_eq!(thread("c-77", SHOP), thread("c-77", SHOP));
        assert_ne!(thread("c-77", SHOP), thread("c-78", SHOP));
        assert_ne!(thread("c-77", SHOP), thread("c-77", ShopId(2)));
        assert!(!thread("c-77", SHOP).contains("c-77"));
    }
}
