//! What is spoken of and told in all that tells its versions apart: it is taken.

use std::collections::BTreeSet;

use crate::id::Name;
use crate::model::clerk::decide::goods::version;
use crate::model::clerk::decide::pick::{Fit, fits, pick, subject, titled, variant};
use crate::model::clerk::decide::size::sized;
use crate::model::clerk::decide::{Next, cart};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Act, Wish, plain, telling};

/// The one product that is spoken of, where only its colour or size is said.
pub(super) fn spoken<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Shown<'a>> {
    let alone = wish.price == 0
        && wish.amount == (None, None)
        && wish.words.is_empty()
        && scene.shown.len() < 2;
    let shown = subject(wish, scene).filter(|_| alone)?;
    // `One in 43 for my husband`, of shoes for men.
    let whom = wish.filters.iter().filter(|(name, _)| name.as_str() == "gender");
    let for_whom = |(name, whom): (&Name, &String)| {
        let versions = &shown.facts.variants;
        let any = versions.iter().all(|it| !it.attributes.contains_key(name));
        let so = any || versions.iter().any(|it| fits(it, name, whom) != Fit::No);
        wish.filters.len() > 1 && so
    };
    if !whom.into_iter().all(for_whom) {
        return None;
    }
    let such = wish.guess && (wish.asks || variant(&shown, wish).is_some());
    (wish.it || wish.step != 0 || such).then_some(shown)
}

/// Whether all that tells the versions of a product apart is told kindly, or of the one that is meant, which takes it:
/// `great, orange in L`, `the pink one in S`; where only one thing does, it may be looked at.
pub(super) fn taken(shown: &Shown<'_>, wish: &Wish, scene: &Scene<'_>) -> bool {
    let wish = sized(wish, shown);
    let apart: BTreeSet<&Name> = telling(shown.facts).into_iter().map(|(name, _)| name).collect();
    // `The short ones, 175 cm`, of curtains that were searched in blue.
    let searched = scene.searched.as_ref().map(|query| &query.filters);
    let so = |name: &Name| searched.is_some_and(|it| it.contains_key(name));
    // `Navy, same size`, of what is to be as what was ordered before it.
    let same = wish.same && !wish.filters.is_empty() && !scene.cart.is_empty();
    let told = apart.iter().all(|name| wish.filters.contains_key(*name) || so(name) || same);
    // `The one in red, please`.
    let both = wish.kindly && wish.points;
    let taken = (wish.kindly || wish.points || same) && apart.len() > 1 || both || wish.settled;
    taken && wish.guess && !wish.asks && told
}

/// The one product found for what changes a search, where that names it and takes it: `the whale one in green M
/// please`, of shirts.
pub(super) fn taken_by_name<'s, 'a>(
    found: &'s [Shown<'a>],
    wish: &Wish,
    act: Act,
    scene: &Scene<'_>,
) -> Option<&'s Shown<'a>> {
    let [only] = found else { return None };
    let words = plain(&wish.words);
    let named = !words.is_empty() && words.iter().all(|word| titled(only.facts, word));
    // `Then the sling in teal`, of slings.
    let open = act == Act::Refine || wish.settled && !wish.filters.is_empty();
    (open && named && taken(only, wish, scene)).then_some(only)
}

/// The one product spoken of as it is to be: put into the cart where that is wished, else shown.
pub(super) fn so_shown(
    shown: &Shown<'_>,
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Next {
    // `Nice, two in grey please.`
    let told = || pick(shown, &sized(wish, shown), scene, true).is_ok();
    let one = wish.one && wish.guess && told();
    if (wish.quantity.is_some() || one) && !wish.asks || taken(shown, wish, scene) {
        return cart::put(shown, wish, scene, saying, true);
    }
    version(shown, wish, saying)
}
