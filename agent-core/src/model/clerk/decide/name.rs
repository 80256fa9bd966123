//! Names of goods: what of a title is what they are, whole names as the pack knows them, and short forms of what versions are called.

use std::collections::BTreeSet;

use crate::evidence::ProductFacts;
use crate::id::Name;
use crate::model::clerk::decide::pick::{tells, titled};
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Wish, plain, same, says, telling};

/// The one whole name of goods that is among some words, where the pack knows their names.
pub(super) fn called_whole(words: &[String], scene: &Scene<'_>) -> Option<Vec<String>> {
    let lexicon = scene.request.pack.lexicon(&scene.request.locale)?;
    let titles = lexicon.titles.iter().map(|title| plain(title));
    let within = |title: &Vec<String>| {
        title.len() > 1 && words.windows(title.len()).any(|words| words == title.as_slice())
    };
    let mut named: Vec<Vec<String>> = titles.filter(within).collect();
    named.dedup();
    named.pop().filter(|_| named.is_empty())
}

/// The word that says how many are in a pack, which is enough of it: the `4er` of a `4er-Pack`.
pub(crate) fn counted(value: &[String]) -> Option<&String> {
    let digits = |it: &&String| it.starts_with(|c: char| c.is_ascii_digit());
    let letters = |it: &&String| it.ends_with(char::is_alphabetic);
    value.first().filter(|_| value.len() > 1).filter(digits).filter(letters)
}

/// Whether one word of a value is said that is enough of it: how many are in a pack; of sizes, one that no other size has,
/// the `presta` of a `Presta valve`.
pub(super) fn by_a_word(
    facts: &ProductFacts,
    (name, value): (&Name, &[String]),
    words: &[String],
) -> bool {
    let title = plain(&facts.title);
    let sizes = telling(facts).into_iter().filter(|(other, _)| *other == name);
    let sizes: BTreeSet<&String> = sizes.map(|(_, size)| size).collect();
    let single = |word: &&String| {
        let having = sizes.iter().filter(|size| plain(size).contains(word));
        tells(word) && !title.contains(word) && having.count() == 1
    };
    let mut said = value.iter().filter(|word| words.contains(word));
    counted(value).is_some_and(|word| words.contains(word))
        || name.as_str() == "size" && said.any(|word| single(&word))
}

/// Where in a product's title stands what it is: the last of its words that its category says too, else its last.
fn kind_at(facts: &ProductFacts, title: &[String]) -> usize {
    let category: Vec<String> = facts.category.iter().flat_map(|it| plain(it)).collect();
    let kind = |own: &String| category.iter().any(|word| says(own, word));
    title.iter().rposition(kind).unwrap_or(title.len().saturating_sub(1))
}

/// What a product is, as its title says it.
pub(crate) fn kind(facts: &ProductFacts) -> Option<String> {
    let mut title = plain(&facts.title);
    let at = kind_at(facts, &title);
    (at < title.len()).then(|| title.swap_remove(at))
}

/// The words of a product's title beside what it is.
pub(crate) fn own(facts: &ProductFacts) -> Vec<String> {
    let mut title = plain(&facts.title);
    let at = kind_at(facts, &title);
    if at < title.len() {
        title.remove(at);
    }
    title
}

/// Whether words say no more of a product than what it is a kind of.
pub(super) fn is_kind(facts: &ProductFacts, words: &[String]) -> bool {
    let kind = facts.category.last().map(|it| plain(it)).unwrap_or_default();
    words.iter().all(|word| kind.iter().any(|own| same(own, word)))
}

/// Whether the pack's word for what is wished is only a wider one: a `cheesecake` is a cake, and a cake is no cheesecake.
pub(super) fn is_wider(wish: &Wish) -> bool {
    let words = plain(&wish.words);
    let wider = |own: &String| {
        // `Boxershorts` are boxer shorts.
        let whole = words.iter().any(|it| own.starts_with(it.as_str()));
        !whole && words.iter().any(|it| says(own, it) && !same(own, it))
    };
    plain(&wish.said).iter().any(wider)
}

/// Whether a product is called by some words, its brand left out.
pub(super) fn unbranded(shown: &Shown<'_>, words: &[String]) -> bool {
    let (title, brand) = (plain(&shown.facts.title), plain(&shown.facts.brand));
    let mut own = title.iter().filter(|own| !brand.contains(own)).peekable();
    own.peek().is_some() && own.all(|own| words.iter().any(|word| same(own, word)))
}

/// Whether goods are called by a word, where the pack knows their names.
pub(super) fn is_named(word: &str, scene: &Scene<'_>) -> bool {
    let lexicon = scene.request.pack.lexicon(&scene.request.locale);
    lexicon.is_some_and(|it| it.named.iter().any(|own| same(own, word)))
}

/// Whether goods are called by a word as it is written.
pub(super) fn is_named_so(word: &String, scene: &Scene<'_>) -> bool {
    let lexicon = scene.request.pack.lexicon(&scene.request.locale);
    lexicon.is_some_and(|it| it.named.contains(word))
}

/// The one product found that is called by two words at least, where the others say how it comes: `two asphara tubes,
/// presta`.
pub(super) fn told_so<'s, 'a>(found: &'s [Shown<'a>], words: &[String]) -> Option<&'s Shown<'a>> {
    let so = |shown: &&Shown<'_>| {
        let (names, rest): (Vec<_>, Vec<_>) =
            words.iter().partition(|word| titled(shown.facts, word));
        let values = || shown.facts.variants.iter().flat_map(|it| it.attributes.values());
        let value = |word: &&String| values().any(|it| plain(it).contains(word));
        names.len() > 1 && !rest.is_empty() && rest.iter().all(value)
    };
    let mut named = found.iter().filter(so);
    named.next().filter(|_| named.next().is_none())
}

/// The one product found that is called by a word of its own, which no other's name has.
pub(super) fn by_own_name<'s, 'a>(
    found: &'s [Shown<'a>],
    words: &[String],
) -> Option<&'s Shown<'a>> {
    let own = |shown: &Shown<'_>, word: &String| own(shown.facts).iter().any(|own| same(own, word));
    let mut named = found.iter().filter(|shown| words.iter().any(|word| own(shown, word)));
    named.next().filter(|_| named.next().is_none())
}
