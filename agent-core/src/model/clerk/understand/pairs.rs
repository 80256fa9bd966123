//! Two wishes of a message that are one: what is counted, listed or described beside another.

use crate::id::Name;
use crate::model::clerk::understand::together::{Heard, bare, names};
use crate::model::clerk::understand::{Act, Wish, same};

/// Words that say what a thing is to be like, at most.
const DESCRIBED: usize = 3;

/// Whether it only says how something is to be: `In orange. Medium.`
pub(super) fn narrows(wish: &Wish) -> bool {
    let open = matches!(
        wish.act,
        Some(Act::Search | Act::Refine | Act::Pick | Act::Lost | Act::Details | Act::Swap)
    );
    let says = !wish.filters.is_empty() || wish.amount != (None, None) || wish.price != 0;
    let says = says || !wish.without.is_empty() || !wish.open.is_empty();
    open && says && wish.words.is_empty() && wish.places.is_empty()
}

/// Whether it only tells the version of what is named before its comma, and is not one more of what lies there: `also
/// the shirt in blue, 110 too`.
pub(super) fn tells_of(before: &Wish, wish: &Wish, heard: Heard) -> bool {
    let other = |name| !before.filters.contains_key(name);
    let bare = wish.words.is_empty() && wish.places.is_empty() && !wish.it && !wish.asks;
    let counts = wish.quantity.is_some() || wish.one || wish.article;
    let adds = wish.act == Some(Act::Add) && !wish.filters.is_empty() && !counts;
    let behind = heard.follows && !heard.joined && searches(before);
    adds && bare && behind && wish.filters.keys().all(other)
}

/// Whether a sentence that names nothing sold says how the thing is to be that the next one searches: `it's our anniversary
/// and she loves silver. Earrings, up to 50?`
pub(super) fn tells_how(before: &Wish, wish: &Wish, heard: Heard) -> bool {
    let search = |wish: &Wish| wish.act == Some(Act::Search);
    let tells = before.tale && before.strange && !before.thing && !before.asks;
    let bare = before.quantity.is_none() && before.places.is_empty() && !before.filters.is_empty();
    let next = !heard.follows && !heard.joined && wish.thing;
    search(before) && search(wish) && tells && bare && next
}

/// Whether a few words more say what a thing searched before them is to be like: `Jeans. Wide leg.`
pub(super) fn describes(before: &Wish, wish: &Wish, heard: Heard) -> bool {
    let search = |wish: &Wish| wish.act == Some(Act::Search);
    let few = wish.words.split(' ').count() <= DESCRIBED && !wish.loose && wish.guess;
    // `A warm jumper, merino if you have it, in L, 85 at most`.
    let told = wish.filters.is_empty() && wish.amount == (None, None) || wish.refines;
    let other = |name| before.filters.contains_key(name);
    let bare = told && wish.quantity.is_none() && !wish.filters.keys().any(other);
    // `A grey jumper, preferably merino`.
    let prefers = wish.act == Some(Act::Refine) && !wish.words.is_empty();
    // `A backpack for my daughter. Something for kids?`
    let open = search(wish) && bare && wish.refines && wish.names.len() == 1;
    let says = search(wish) && bare && !wish.thing && !heard.asks || prefers;
    search(before) && before.thing && before.names.len() < 2 && (few && says || open)
}

/// Whether it names what is searched or put into the cart.
pub(super) fn searches(wish: &Wish) -> bool {
    matches!(wish.act, Some(Act::Search | Act::Add | Act::Refine)) && !wish.words.is_empty()
}

pub(super) fn narrow(before: &mut Wish, wish: Wish) {
    // `The dress then rather in S`, of the one in the cart.
    let told = before.points && before.guess && !before.asks;
    // `Can I have the dress in silver? Instead of the navy, I mean.`
    if before.held && wish.instead && (told || !wish.without.is_empty()) {
        before.act = Some(Act::Swap);
    }
    before.filters.extend(wish.filters);
    before.filters.retain(|name, _| !wish.open.contains(name));
    before.open.extend(wish.open);
    before.without.extend(wish.without);
    before.amount =
        (wish.amount.0.or(before.amount.0.take()), wish.amount.1.or(before.amount.1.take()));
    // `Two bathrobes, one in white`.
    let one = wish.article.then_some(1).filter(|_| before.quantity > Some(1));
    before.quantity = wish.quantity.or(one).or(before.quantity);
    if wish.price != 0 {
        before.price = wish.price;
    }
}

/// Whether what only says how something is to be says it of what was wished before.
pub(super) fn narrowed(before: &Wish, wish: &Wish, heard: Heard) -> bool {
    // `Navy then. And one in grey too.`
    let other =
        |(name, value): (&Name, &String)| before.filters.get(name).is_some_and(|it| it != value);
    let both = wish.more || before.one && wish.one && heard.joined;
    if before.words.is_empty() && both && wish.filters.iter().any(other) {
        return false;
    }
    // `In XL? I mean L`; `in red please, and a small one`.
    let other = |(name, _): (&Name, &String)| !before.filters.contains_key(name);
    let more = heard.follows && wish.filters.iter().all(other);
    let again = (wish.instead || more) && narrows(before) && before.act == wish.act;
    // `Too dear. 150 at most.`
    let again = again || [before.act, wish.act] == [Some(Act::Refine); 2] && narrows(before);
    // `One more of that, but a small one`.
    let adds = heard.follows && before.act == Some(Act::Add) && bare(before);
    // `The blue shirt then, one in M`.
    let named = names(before) && before.own && !before.asks && heard.follows;
    let named = named && wish.filters.iter().all(other);
    // `The sprint instead of it. In black`.
    let swaps = [before.act, wish.act] == [Some(Act::Swap); 2] && !before.words.is_empty();
    searches(before)
        || named
        || again
        || swaps
        || adds && (before.it || before.again || before.more)
}

/// What was said before of how something is to be, is said of what is named now.
pub(super) fn absorb(before: &mut Wish, wish: &mut Wish) {
    for (name, value) in &before.filters {
        wish.filters.entry(name.clone()).or_insert_with(|| value.clone());
    }
    wish.without.extend(before.without.iter().cloned());
    wish.amount = (
        wish.amount.0.take().or(before.amount.0.take()),
        wish.amount.1.take().or(before.amount.1.take()),
    );
    if wish.price == 0 {
        wish.price = before.price;
    }
    *before = Wish { act: Some(Act::Nod), ..Wish::default() };
}

/// Whether it names one thing of its own.
pub(super) fn names_more(wish: &Wish) -> bool {
    !wish.words.is_empty() && wish.names.len() < 2
}

/// What was named before is compared with what is named now.
pub(super) fn beside(before: &mut Wish, wish: Wish) {
    let names = [before.names.clone(), wish.names.clone()].concat();
    *before = Wish { words: format!("{} {}", before.words, wish.words), names, ..wish };
}

/// Whether a wish calls by its name what the one before it says the kind of.
fn calls(before: &Wish, wish: &Wish, heard: Heard) -> bool {
    let words = |wish: &Wish| wish.words.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (kind, name) = (words(before), words(wish));
    let other =
        |(name, value): (&Name, &String)| wish.filters.get(name).is_some_and(|it| it != value);
    let bare = before.quantity.is_none() && !before.words.is_empty();
    let bare = bare && !before.filters.iter().any(other);
    let within = name.len() > kind.len() && kind.iter().all(|word| name.contains(word));
    // `And gloves, the driver gloves in brown`.
    let told = wish.act == Some(Act::Add) || wish.points && heard.follows;
    let guess = before.act == Some(Act::Search) && before.guess && told;
    let adds = (before.act == Some(Act::Add) || guess) && (before.more || before.article);
    // `And a white shirt. The Registrar shirt in M`.
    let anew = !heard.follows && wish.guess && wish.act != Some(Act::Details);
    // `A gift card for 50 euros, the Thank-You one, add it please`.
    let again = wish.act == Some(Act::Add) && wish.points;
    let names = matches!(wish.act, Some(Act::Details | Act::Search | Act::Pick)) || again;
    let names = names && !heard.asks;
    adds && bare && names && within && (anew || heard.follows) && !heard.joined
}

/// What is wished instead of something, and then put there by its name, takes the place of nothing: `she would rather
/// have a cake, so one tiramisu and one cake`.
pub(super) fn drop_told_again(wishes: &mut Vec<Wish>) {
    let put = wishes.iter().filter(|it| it.act == Some(Act::Add) && !it.words.is_empty());
    let put: Vec<String> = put.map(|wish| wish.words.clone()).collect();
    wishes.retain(|wish| wish.act != Some(Act::Swap) || !put.contains(&wish.words));
}

/// Whether more is asked of what has been asked of by its name: `does the Fjordblick stand rain? What is its water column?`
pub(super) fn asks_more(before: &Wish, wish: &Wish) -> bool {
    let details = [before.act, wish.act] == [Some(Act::Details); 2];
    details && !before.called.is_empty() && wish.called.is_empty() && wish.it && wish.asks
}

/// What a wish is with the one before it, of which it says more.
pub(super) fn goes_with(
    wishes: &mut Vec<Wish>,
    wish: &mut Wish,
    (last, heard): (Option<Act>, Heard),
) {
    // `Blades too, the Sharp Blades`: its kind, and then its name.
    if let Some(before) = wishes.pop_if(|before| calls(before, wish, heard)) {
        wish.act = if wish.act == Some(Act::Add) { wish.act } else { before.act };
        for (name, value) in before.filters {
            wish.filters.entry(name).or_insert(value);
        }
    }
    // `The table out again, it's too dear`: that tells why.
    let dear = wish.act == Some(Act::Refine) && bare(wish) && wish.price != 0 && wish.guess;
    if dear && last == Some(Act::Remove) && heard.follows && !heard.asks && !wish.instead {
        *wish = Wish { act: Some(Act::Nod), ..Wish::default() };
    }
    // `Only one hat, my husband can do without it`: that tells why.
    let names = !wish.words.is_empty() || !wish.places.is_empty() || wish.rest;
    let told = heard.follows && !heard.joined && !heard.asks && !names;
    if told && last == Some(Act::Set) && wish.act == Some(Act::Remove) {
        *wish = Wish { act: Some(Act::Nod), ..Wish::default() };
    }
    // `The black one not, he has one already`: that tells why.
    let one = wish.act == Some(Act::Set) && wish.quantity == Some(1) && wish.tale;
    if told && last == Some(Act::Remove) && one {
        *wish = Wish { act: Some(Act::Nod), ..Wish::default() };
    }
    // `The belt out, the cap instead`: what is named comes, and nothing else goes.
    if last == Some(Act::Remove) && wish.act == Some(Act::Swap) && !wish.held && !bare(wish) {
        wish.act = Some(Act::Add);
    }
    // `She does not want it, the black one can go`.
    if wish.act == Some(Act::Remove) && !bare(wish) && !wish.rest {
        drop(wishes.pop_if(|before| before.act == Some(Act::Remove) && bare(before)));
    }
}

/// What is told before somebody asks for a rule is why: `It was used once, can it go back?`, `It's for her birthday.
/// Could you wrap it?`
pub(super) fn tells_why(wishes: &mut Vec<Wish>) {
    let rule = |wish: &Wish| wish.act == Some(Act::Policy);
    // `If I don't like the sofa, can it go back?`
    if wishes.iter().any(rule) {
        wishes.retain(|wish| rule(wish) || !wish.supposed);
    }
    if wishes.iter().any(|wish| rule(wish) && wish.asks) {
        // `One lamp please, and can I pay by card?`
        let counts = |it: &Wish| it.article || it.one || it.points || it.quantity.is_some();
        let kinds = |it: &Wish| it.filters.keys().any(|name| name.as_str() != "gender");
        let ordered = |it: &Wish| it.kindly && it.thing && (counts(it) || kinds(it));
        let idle = |wish: &Wish| wish.guess && !ordered(wish) || wish.it && wish.filters.is_empty();
        wishes.retain(|wish| wish.act != Some(Act::Search) || !idle(wish) || wish.asks);
        let whom = |wish: &Wish| wish.filters.keys().all(|name| name.as_str() == "gender");
        let tells = |wish: &Wish| wish.guess && !wish.thing && !wish.asks && whom(wish);
        let changes = |wish: &Wish| wish.price != 0 || wish.amount != (None, None);
        wishes.retain(|it| it.act != Some(Act::Refine) || !tells(it) || changes(it));
    }
}

/// What is only told before what is wished is not wished itself.
pub(super) fn drop_told(wishes: &mut Vec<Wish>) {
    tells_why_changed(wishes);
    drop_sought_again(wishes);
}

/// What is told before something in the cart is changed by its name is why: `I still have silver shoes from last year. Take
/// the heels out.`
fn tells_why_changed(wishes: &mut Vec<Wish>) {
    let changes = |wish: &Wish| {
        let acts = [Act::Set, Act::Remove, Act::Swap];
        wish.held && wish.act.is_some_and(|act| acts.contains(&act))
    };
    let told = |wish: &Wish| tells_idly(wish) && wish.tale;
    if let Some(change) = wishes.iter().position(changes) {
        let mut at = 0..;
        wishes.retain(|wish| at.next() > Some(change) || !told(wish));
    }
}

/// What is told of a kind of goods before that is searched is no search: `my old phone died. What phones have you got?`
fn drop_sought_again(wishes: &mut Vec<Wish>) {
    let sought = |wish: &Wish| {
        wish.act == Some(Act::Search) && !wish.guess && wish.thing && !wish.head.is_empty()
    };
    let heads: Vec<String> =
        wishes.iter().filter(|it| sought(it)).map(|it| it.head.clone()).collect();
    let again =
        |wish: &Wish| heads.iter().any(|head| wish.words.split(' ').any(|it| same(it, head)));
    wishes.retain(|wish| {
        let whole = wish.filters.is_empty() && !wish.points && !wish.article;
        !(tells_idly(wish) && whole && again(wish))
    });
}

/// Whether it takes what was told how it is to be: `sage is so her. The 26 cm one please`.
pub(super) fn takes_so_told(before: &Wish, wish: &Wish) -> bool {
    let other = |(name, _): (&Name, &String)| !before.filters.contains_key(name);
    let told = !before.filters.is_empty() && before.words.is_empty() && !before.asks;
    let puts = wish.act == Some(Act::Add) && wish.words.is_empty() && wish.points;
    told && puts && !wish.filters.is_empty() && wish.filters.iter().all(other)
}

/// Whether it names nothing that is sold, and no way in which that is wished.
pub(super) fn tells_why_gone(wish: &Wish) -> bool {
    let idle = wish.filters.is_empty() && wish.measures.is_empty() && !wish.thing;
    let bare = wish.places.is_empty() && wish.without.is_empty() && wish.open.is_empty();
    idle && bare && tells_idly(wish) && !wish.points && !wish.instead && wish.step == 0
}

/// Whether it may only tell something: nothing in it says that it is wished.
fn tells_idly(wish: &Wish) -> bool {
    let acts = [Act::Search, Act::Refine, Act::Pick, Act::Details];
    let looks = wish.act.is_some_and(|act| acts.contains(&act));
    let bare = wish.quantity.is_none() && wish.price == 0 && wish.amount == (None, None);
    looks && bare && wish.guess && !wish.asks && !wish.buys && !wish.kindly
}

/// Whether something is asked of what has a name: `and what do the earrings cost?`
pub(super) fn asks_of(wish: &Wish) -> bool {
    let name = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 2;
    wish.act == Some(Act::Details) && wish.asks && wish.words.split(' ').any(name)
}

/// Whether it is asked of what was named before: `I saw the pearl necklace. Is there nickel in it?`
pub(super) fn asks_of_it(wish: &Wish) -> bool {
    let few = wish.words.split(' ').count() < 2 && !wish.thing;
    wish.act == Some(Act::Details) && wish.asks && few && wish.places.is_empty()
}

/// Whether it only points at something that was shown.
pub(super) fn points(wish: &Wish) -> bool {
    let looks = matches!(wish.act, Some(Act::Details | Act::Pick));
    looks && !wish.places.is_empty() && wish.words.is_empty()
}

/// Whether it only names something that nothing else is said of.
pub(super) fn mentions(wish: &Wish) -> bool {
    let bare = wish.filters.is_empty() && wish.amount == (None, None) && wish.quantity.is_none();
    let lightly = wish.guess && !wish.buys && !wish.again && !wish.article;
    wish.act == Some(Act::Search) && bare && lightly
}

/// What is told with a greeting is told of what is searched behind it: `good morning, my son takes size 32 and needs boots`.
pub(super) fn told_in_greeting(before: &mut Wish, wish: &mut Wish, heard: Heard) {
    if before.act == Some(Act::Greet) && heard.follows && searches(wish) {
        for (name, value) in std::mem::take(&mut before.filters) {
            wish.filters.entry(name).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_there_by_its_name_takes_the_place_of_nothing() {
        let wish = |act, words: &str| {
            let words = words.to_owned();
            Wish { act: Some(act), words, ..Wish::default() }
        };
        let left = |mut wishes: Vec<Wish>| {
            drop_told_again(&mut wishes);
            wishes.into_iter().filter_map(|it| it.act).collect::<Vec<_>>()
        };
        let (swap, add) = (wish(Act::Swap, "cake"), wish(Act::Add, "cake"));
        assert_eq!(left(vec![swap.clone(), add]), [Act::Add]);
        assert_eq!(left(vec![swap, wish(Act::Add, "pie")]), [Act::Swap, Act::Add]);
        assert_eq!(left(vec![wish(Act::Swap, ""), wish(Act::Add, "")]), [Act::Swap, Act::Add]);
    }

    #[test]
    fn what_is_told_behind_a_count_takes_nothing_out() {
        let heard =
            Heard { follows: true, joined: false, asks: false, instead: false, tells: false };
        let act = |before, words: &str| {
            let words = words.to_owned();
            let mut wish = Wish { act: Some(Act::Remove), words, ..Wish::default() };
            goes_with(&mut Vec::new(), &mut wish, (Some(before), heard));
            wish.act
        };
        assert_eq!(act(Act::Set, ""), Some(Act::Nod));
        assert_eq!(act(Act::Set, "hat"), Some(Act::Remove));
        assert_eq!(act(Act::Add, ""), Some(Act::Remove));
    }

    #[test]
    fn what_is_told_behind_what_goes_counts_nothing() {
        let heard =
            Heard { follows: true, joined: false, asks: false, instead: false, tells: false };
        let act = |count, tale| {
            let quantity = Some(count);
            let mut wish = Wish { act: Some(Act::Set), quantity, tale, ..Wish::default() };
            goes_with(&mut Vec::new(), &mut wish, (Some(Act::Remove), heard));
            wish.act
        };
        assert_eq!(act(1, true), Some(Act::Nod));
        assert_eq!((act(2, true), act(1, false)), (Some(Act::Set), Some(Act::Set)));
    }

    #[test]
    fn a_kind_before_the_name_of_it_says_nothing_more() {
        let wish = |act, words: &str, more| Wish {
            act: Some(act),
            words: words.to_owned(),
            more,
            ..Wish::default()
        };
        let heard =
            Heard { follows: true, joined: false, asks: false, instead: false, tells: false };
        let blades = wish(Act::Add, "blades", true);
        assert!(calls(&blades, &wish(Act::Details, "sharp blades", false), heard));
        assert!(!calls(&blades, &wish(Act::Details, "sharp razor", false), heard));
        assert!(!calls(&blades, &wish(Act::Remove, "sharp blades", false), heard));
        let joined = Heard { joined: true, ..heard };
        assert!(!calls(&blades, &wish(Act::Details, "sharp blades", false), joined));
    }

    #[test]
    fn what_its_name_is_told_behind_keeps_what_it_was_said_to_be() {
        let wish = |act, words: &str, filters: &[(&str, &str)]| Wish {
            act: Some(act),
            words: words.to_owned(),
            filters: filters.iter().map(|(name, it)| ((*name).into(), (*it).to_owned())).collect(),
            article: true,
            guess: true,
            ..Wish::default()
        };
        let heard =
            Heard { follows: false, joined: false, asks: false, instead: false, tells: false };
        let told = |filters: &[(&str, &str)], asks: bool| {
            let mut wishes = vec![wish(Act::Add, "shirt", &[("color", "white")])];
            let mut name = wish(Act::Search, "registrar shirt", filters);
            goes_with(&mut wishes, &mut name, (Some(Act::Add), Heard { asks, ..heard }));
            (wishes.len(), name.act, name.filters.get("color").cloned())
        };
        assert_eq!(told(&[("size", "M")], false), (0, Some(Act::Add), Some("white".to_owned())));
        assert_eq!(told(&[("size", "M")], true), (1, Some(Act::Search), None));
        let other = Some("red".to_owned());
        assert_eq!(told(&[("color", "red")], false), (1, Some(Act::Search), other));
    }

    #[test]
    fn a_version_behind_a_comma_is_of_what_is_named_before_it() {
        let wish = |words: &str, filters: &[(&str, &str)]| Wish {
            act: Some(Act::Add),
            words: words.to_owned(),
            filters: filters.iter().map(|(name, it)| ((*name).into(), (*it).to_owned())).collect(),
            ..Wish::default()
        };
        let heard =
            Heard { follows: true, joined: false, asks: false, instead: false, tells: false };
        let (shirt, size) = (wish("shirt", &[("color", "blue")]), wish("", &[("size", "110")]));
        assert!(tells_of(&shirt, &size, heard));
        assert!(!tells_of(&shirt, &size, Heard { joined: true, ..heard }));
        assert!(!tells_of(&shirt, &Wish { quantity: Some(1), ..size.clone() }, heard));
        assert!(!tells_of(&shirt, &wish("", &[("color", "red")]), heard));
        assert!(!tells_of(&wish("", &[("color", "blue")]), &size, heard));
    }

    #[test]
    fn what_is_told_behind_what_goes_names_nothing_that_is_sold() {
        let act = Some(Act::Search);
        let idle = Wish { act, words: "found cellar".to_owned(), guess: true, ..Wish::default() };
        assert!(tells_why_gone(&idle));
        let one = Some(1);
        for wished in [
            Wish { thing: true, ..idle.clone() },
            Wish { points: true, ..idle.clone() },
            Wish { instead: true, ..idle.clone() },
            Wish { quantity: one, ..idle.clone() },
            Wish { guess: false, ..idle.clone() },
            Wish { filters: [("size".into(), "L".to_owned())].into(), ..idle },
        ] {
            assert!(!tells_why_gone(&wished), "{wished:?}");
        }
    }

    #[test]
    fn more_that_is_asked_of_one_thing_asks_nothing_new() {
        let asks = |called: &str, it: bool| Wish {
            act: Some(Act::Details),
            called: called.to_owned(),
            asks: true,
            it,
            ..Wish::default()
        };
        assert!(asks_more(&asks("fez", false), &asks("", true)));
        assert!(!asks_more(&asks("", false), &asks("", true)));
        assert!(!asks_more(&asks("fez", false), &asks("", false)));
        assert!(!asks_more(&asks("fez", false), &asks("hat", true)));
    }

    #[test]
    fn what_is_told_of_a_kind_before_it_is_searched_is_no_search() {
        let act = Some(Act::Search);
        let told = Wish { act, words: "old gloves died".to_owned(), ..Wish::default() };
        let told = Wish { guess: true, thing: true, ..told };
        let left = |head: &str| {
            let sought = Wish { act, head: head.to_owned(), thing: true, ..Wish::default() };
            let mut wishes = vec![told.clone(), sought];
            drop_told(&mut wishes);
            wishes.len()
        };
        assert_eq!((left("gloves"), left("scarf")), (1, 2));
    }

    #[test]
    fn what_was_told_how_it_is_to_be_is_taken_so() {
        let so = |act, name: &str, value: &str| Wish {
            act: Some(act),
            filters: [(name.into(), value.to_owned())].into(),
            points: true,
            ..Wish::default()
        };
        let (sage, tall) = (so(Act::Refine, "color", "sage"), so(Act::Add, "size", "26 cm"));
        assert!(takes_so_told(&sage, &tall));
        assert!(!takes_so_told(&sage, &so(Act::Add, "color", "white")));
        assert!(!takes_so_told(&sage, &Wish { words: "vase".to_owned(), ..tall.clone() }));
        assert!(!takes_so_told(&Wish { asks: true, ..sage }, &tall));
    }
}
