//! Which product a price means.

use crate::model::clerk::decide::pick::chosen;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::Wish;
use crate::money::Decimal;

/// The one shown product that costs what a wish says.
pub(crate) fn costing(shown: &[Shown<'_>], wish: &Wish) -> Option<usize> {
    let amount = Decimal::parse(wish.amount.1.as_deref()?).ok()?;
    let costs = |shown: &Shown<'_>| {
        let variant = chosen(shown)?;
        (amount.minor(variant.price.currency.as_str()) == Some(variant.price.minor)).then_some(())
    };
    let mut costing = shown.iter().enumerate().filter(|(_, shown)| costs(shown).is_some());
    let (at, _) = costing.next()?;
    costing.next().is_none().then_some(at)
}

/// The cheapest of some products, or the dearest.
pub(super) fn extreme<'s, 'a>(shown: &'s [Shown<'a>], price: i8) -> Option<&'s Shown<'a>> {
    shown.iter().min_by_key(|shown| {
        let minor = chosen(shown).map_or(0, |variant| variant.price.minor);
        if price < 0 { minor } else { -minor }
    })
}

/// The one of what is shown that is asked for by its price: `which of those is the dearest?`
pub(super) fn of_those<'s, 'a>(wish: &Wish, scene: &'s Scene<'a>) -> Option<&'s Shown<'a>> {
    let bare = wish.words.is_empty() && wish.filters.is_empty() && wish.amount == (None, None);
    let asked = wish.it && wish.asks && wish.price.abs() > 1 && scene.shown.len() > 1;
    extreme(&scene.shown, wish.price).filter(|_| bare && asked)
}
