//! Cuts a text where a reader would: at paragraphs, sentences, words, and never within a grapheme.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::profile::Limit;

/// The text in pieces that are each within the limit; their words together are the text's.
pub(crate) fn split(text: &str, limit: &Limit) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !limit.fits(rest) {
        let cut = cut(rest, limit);
        let (piece, tail) = rest.split_at(whole(rest, cut));
        pieces.push(piece.trim_end().to_owned());
        rest = tail.trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

/// Where to cut: after the last paragraph, sentence or word that fits, else after the last grapheme.
fn cut(text: &str, limit: &Limit) -> usize {
    let mut fitting = 0;
    let (mut paragraph, mut sentence, mut word) = (0, 0, 0);
    let mut previous = "";
    let mut used = 0_u32;
    for (at, grapheme) in text.grapheme_indices(true) {
        used = used.saturating_add(limit.measure(grapheme));
        if used > limit.max {
            break;
        }
        let end = at + grapheme.len();
        fitting = end;
        if grapheme == "\n" {
            paragraph = end;
        } else if grapheme == " " {
            word = end;
            if matches!(previous, "." | "!" | "?") {
                sentence = end;
            }
        }
        previous = grapheme;
    }
    // A cut that leaves less than half a message behind is worse than a plainer one.
    let good = |at: usize| at > fitting / 2;
    [paragraph, sentence, word].into_iter().find(|at| good(*at)).unwrap_or_else(|| {
        // At least one grapheme goes, even one beyond the limit, or nothing would ever end.
        fitting.max(text.graphemes(true).next().map_or(1, str::len))
    })
}

/// The cut, or one before it that leaves what stands between two marks of emphasis together.
fn whole(text: &str, cut: usize) -> usize {
    let opened = |mark: &str| {
        let marks: Vec<usize> = text.match_indices(mark).map(|(at, _)| at).collect();
        let before = marks.iter().filter(|at| **at < cut).count();
        let open = before % 2 == 1 && before < marks.len();
        marks.get(before.checked_sub(1)?).filter(|at| open && **at > 0).copied()
    };
    ["**", "`"].iter().filter_map(|mark| opened(mark)).min().unwrap_or(cut)
}

/// The text, cut to the limit with an ellipsis where it is longer.
pub(crate) fn shorten(text: &str, limit: &Limit) -> String {
    if limit.fits(text) {
        return text.to_owned();
    }
    let room = limit.max.saturating_sub(limit.measure("…"));
    let mut short = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += limit.measure(grapheme);
        if used > room {
            break;
        }
        short.push_str(grapheme);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Unit;

    #[test]
    fn texts_are_cut_at_sentences_and_words_and_never_within_a_grapheme() {
        let limit = Limit { max: 20, unit: Unit::Utf16 };
        assert_eq!(
            split("One two. Three four five six.", &limit),
            ["One two. Three four", "five six."]
        );
        assert_eq!(
            split("One two **three four five** six", &limit),
            ["One two", "**three four five**", "six"]
        );
        assert_eq!(
            split("2 ** 3 is eight, I think so", &limit),
            ["2 ** 3 is eight, I", "think so"]
        );
        let family = "👩‍👩‍👧‍👦".repeat(4);
        let pieces = split(&family, &limit);
        assert!(pieces.iter().all(|piece| limit.fits(piece)), "{pieces:?}");
        assert_eq!(pieces.concat(), family);
        assert_eq!(shorten("a very long label indeed", &limit), "a very long label i…");
    }
}
