//! Names of goods as the pack knows them, and short forms of what their versions are called.

use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::plain;

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
