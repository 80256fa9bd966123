//! Names of goods: what of a title is what they are, whole names as the pack knows them, and short forms of what versions are called.

use crate::evidence::ProductFacts;
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::{plain, says};

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
