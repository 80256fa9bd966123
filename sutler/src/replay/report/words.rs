//! Two texts, word by word: what stayed, went and came.

use similar::{ChangeTag, TextDiff};

/// What became of words.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// They stayed.
    Same,
    /// They went.
    Gone,
    /// They came.
    New,
}

/// The words of both texts in order.
#[must_use]
pub fn words(was: &str, now: &str) -> Vec<(Became, String)> {
    let diff = TextDiff::from_words(was, now);
    let mut words: Vec<(Became, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        let became = match change.tag() {
            ChangeTag::Equal => Became::Same,
            ChangeTag::Delete => Became::Gone,
            ChangeTag::Insert => Became::New,
        };
        match words.last_mut() {
            Some((last, text)) if *last == became => text.push_str(change.value()),
            _ => words.push((became, change.value().to_owned())),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stay_go_and_come_are_told_apart() {
        let shown: String = words("two blue jackets", "two red jackets")
            .into_iter()
            .map(|(became, text)| match became {
                Became::Same => text,
                Became::Gone => format!("-{text}"),
                Became::New => format!("+{text}"),
            })
            .collect();
        assert_eq!(shown, "two -blue+red jackets");
    }
}
