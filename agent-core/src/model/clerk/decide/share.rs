//! What was just put into the cart in one version is wished in two.

use crate::id::Name;
use crate::model::clerk::decide::pick::{Fit, fits};
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::{Act, Wish};

/// Two wishes that share out what was just put there are one for another version of some of it: `two white and two
/// black ones would be nicer`, of four white chairs.
///
/// Where there are more of them than were put there, those that are so already are not put there again: `one in blue and
/// one in purple`, of a blue one.
pub(super) fn shared(mut wishes: Vec<Wish>, scene: &Scene<'_>) -> Vec<Wish> {
    let line =
        scene.cart.iter().find(|(held, _)| scene.adding && Some(held) == scene.focus.as_ref());
    let ([first, second], Some((line, held))) = (wishes.as_slice(), line) else { return wishes };
    let count = |wish: &Wish| wish.quantity.unwrap_or(1);
    let told = |wish: &Wish| {
        let open = [Act::Add, Act::Refine, Act::Search, Act::Lost, Act::Swap, Act::Set];
        let bare = wish.words.is_empty() && wish.places.is_empty() && !wish.asks && !wish.more;
        bare && wish.act.is_some_and(|act| open.contains(&act))
    };
    let product = scene.product(line);
    let version = product.iter().flat_map(|it| &it.facts.variants).find(|it| it.variant == *line);
    let so = |wish: &Wish| {
        let mut kinds =
            wish.filters.iter().filter(|(name, _)| name.as_str() != "gender").peekable();
        let all = |(name, value): (&Name, &String)| {
            version.is_some_and(|it| fits(it, name, value) == Fit::Exact)
        };
        kinds.peek().is_some().then(|| kinds.all(all))
    };
    let (at, other) = match (so(first), so(second)) {
        (Some(true), Some(false)) => (0, second),
        (Some(false), Some(true)) => (1, first),
        _ => return wishes,
    };
    if !(told(first) && told(second)) {
        return wishes;
    }
    if wishes.get(at).is_some_and(|wish| count(wish) == *held && wish.act == Some(Act::Add)) {
        wishes.remove(at);
        return wishes;
    }
    if count(first).checked_add(count(second)) != Some(*held) {
        return wishes;
    }
    let quantity = Some(count(other));
    vec![Wish { act: Some(Act::Swap), quantity, ahead: true, it: true, ..other.clone() }]
}
