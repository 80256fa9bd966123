//! A yes or a no, also where it is said in more words: `yes, go ahead please`.

use std::collections::BTreeMap;

use crate::id::Locale;
use crate::pack::Lexicon;

/// Words of a yes or a no, at most.
const LONG: usize = 10;

/// The words of an answer.
pub(crate) fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\'', '’'], "");
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Whether words agree, and whether they decline: they say one of the pack's phrases for it, in any of its languages,
/// and beside them only words that say nothing. What does both does neither.
pub(crate) fn given(said: &[String], lexicons: &BTreeMap<Locale, Lexicon>) -> (bool, bool) {
    if said.len() > LONG {
        return (false, false);
    }
    let phrases = |list: fn(&Lexicon) -> &Vec<String>| -> Vec<Vec<String>> {
        lexicons.values().flat_map(list).map(|phrase| words(phrase)).collect()
    };
    let (yes, no) = (phrases(|it| &it.yes), phrases(|it| &it.no));
    let turns = phrases(|it| &it.negations).concat();
    let mut small = phrases(|it| &it.fillers).concat();
    small.retain(|word| !turns.contains(word));
    let only = |list: &[Vec<String>], other: &[Vec<String>]| {
        let opposite = |word: &String| other.iter().any(|it| *it == std::slice::from_ref(word));
        made_of(said, list, |word| small.contains(word) && !opposite(word))
    };
    (only(&yes, &no), only(&no, &yes))
}

/// Whether words are phrases of a list, and else small.
fn made_of(said: &[String], list: &[Vec<String>], small: impl Fn(&String) -> bool) -> bool {
    let (mut rest, mut found) = (said, false);
    while let Some(word) = rest.first() {
        let begins = list.iter().filter(|phrase| !phrase.is_empty() && rest.starts_with(phrase));
        let phrase = begins.map(Vec::len).max();
        found |= phrase.is_some();
        match phrase {
            None if !small(word) => return false,
            length => rest = rest.get(length.unwrap_or(1)..).unwrap_or_default(),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_may_be_said_in_more_words_but_not_with_others() {
        let list = |text: &str| text.split(", ").map(str::to_owned).collect::<Vec<_>>();
        let lexicon = Lexicon {
            yes: list("yes, go ahead, do it"),
            no: list("no, don't, not yet"),
            fillers: list("please, then, hmm, wait, but, not, yes, no"),
            negations: list("not, no"),
            ..Lexicon::default()
        };
        let lexicons = [("en".into(), lexicon)].into();
        let given = |text: &str| given(&words(text), &lexicons);
        for yes in ["yes", "Yes!", "yes, do it", "hmm, yes please, go ahead then."] {
            assert_eq!(given(yes), (true, false), "{yes}");
        }
        for no in ["No.", "hmm no, wait", "don't", "no, not yet please"] {
            assert_eq!(given(no), (false, true), "{no}");
        }
        for neither in ["please", "yes but not yet", "yes and a cola", "no wait yes", ""] {
            assert_eq!(given(neither), (false, false), "{neither}");
        }
    }
}
