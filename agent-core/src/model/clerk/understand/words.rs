//! Words: cut, folded, stemmed and compared.

use unicode_normalization::UnicodeNormalization as _;

use crate::catalog::distance;
use crate::compound::{bare, made_of};
use crate::pack::Lexicon;

/// Letters of a word that its other forms have too, at least.
const ROOT: usize = 4;
/// Letters of a short form that ends with a full stop, at most.
const SHORT: usize = 4;

/// Units of measures, which part from their numbers: `4kg`, but not the sizes `4l` and `2xl`.
const MEASURES: [&str; 5] = ["kg", "ml", "cl", "cm", "mm"];

/// The words of a text, lower case; numbers and signs of money stand alone.
pub(crate) fn plain(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = text
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '\'' | '’' | '`'))
        .collect();
    let letters =
        |n: usize| -> String { chars.iter().skip(n).take_while(|c| c.is_alphanumeric()).collect() };
    for (n, c) in chars.iter().copied().enumerate() {
        let next = chars.get(n + 1).copied().unwrap_or(' ');
        let inside = word.chars().next_back();
        let number = inside.is_some_and(|c| c.is_ascii_digit());
        if c.is_alphanumeric() {
            // `120eur`, `2x` and `x2` are two words, `2xl` and `a4` are one.
            let count = word == "x" && c.is_ascii_digit();
            let digits = || word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let splits = || {
                let (rest, times) = (letters(n), c == 'x' && !next.is_alphanumeric());
                let parts = word.len() > 1 || times || MEASURES.contains(&rest.as_str());
                parts && !ordinal(&rest)
            };
            if count || number && c.is_alphabetic() && digits() && splits() {
                words.push(std::mem::take(&mut word));
            }
            word.push(c);
        } else if matches!(c, '.' | ',') && number && thousands(&word, chars.get(n + 1..)) {
            // Its digits go on.
        } else if matches!(c, '.' | ',') && number && next.is_ascii_digit() {
            word.push('.');
        } else {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if matches!(c, '€' | '$' | '£')
                || c == '-'
                    && next.is_ascii_digit()
                    && words.last().is_some_and(|it| number_of(it).is_some())
            {
                words.push(c.to_string());
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a sign within a number only groups its digits: `1,200` is 1200, `1.5` and `0.125` are not whole.
fn thousands(before: &str, rest: Option<&[char]>) -> bool {
    let digits = rest.unwrap_or_default().iter().take_while(|c| c.is_ascii_digit()).count();
    let more = rest.and_then(|rest| rest.get(digits)).is_some_and(|c| c.is_alphanumeric());
    let whole = before.bytes().all(|it| it.is_ascii_digit()) && !before.starts_with('0');
    digits == 3 && !more && whole
}

/// Whether letters behind digits make them an ordinal: the `th` of `70th`, which is no size.
pub(crate) fn ordinal(word: &str) -> bool {
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
    matches!(letters, "st" | "nd" | "rd" | "th")
}

/// Words as a pack writes them.
pub(crate) fn spelled(words: Vec<String>, lexicon: &Lexicon) -> Vec<String> {
    let spelled = |word: String| match lexicon.spellings.get(&word) {
        Some(written) => plain(written),
        None => vec![word],
    };
    words.into_iter().flat_map(spelled).collect()
}

/// One sentence of a text.
#[derive(Debug)]
pub(crate) struct Sentence {
    pub(crate) words: Vec<String>,
    /// Before which words a comma stands.
    pub(crate) commas: Vec<usize>,
    /// It ends as a question.
    pub(crate) asks: bool,
}

/// The sentences of a text.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let text = with_commas(text);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.char_indices().find(|(at, c)| {
            let next = rest.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
            // `Gr. 44` goes on.
            let after = rest.get(at + c.len_utf8()..).unwrap_or_default().trim_start();
            let goes_on = after.starts_with(|c: char| c.is_ascii_digit());
            let short = || abbreviated(rest.get(..*at).unwrap_or_default());
            matches!(c, '!' | '?' | '\n' | ';')
                || *c == '.' && next.is_none_or(char::is_whitespace) && !goes_on && !short()
        });
        let at = end.map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let (sentence, tail) = rest.split_at(at);
        let (mut words, mut commas) = (Vec::new(), Vec::new());
        for piece in sentence.split(", ") {
            commas.push(words.len());
            words.extend(plain(piece));
        }
        sentences.push(Sentence { words, commas, asks: sentence.ends_with('?') });
        rest = tail;
    }
    sentences.retain(|sentence| !sentence.words.is_empty());
    sentences
}

/// A text with commas for what else parts a sentence: `in M... no, L`, `the belt: out`, `socks - the grey ones`; not
/// for the dash between two numbers.
fn with_commas(text: &str) -> String {
    let text = text.replace("...", ", ").replace('…', ", ").replace(": ", ", ");
    // `2 shirts + 1 belt`.
    let text = text.replace(['–', '—'], "-").replace(" + ", ", ");
    let mut parted = String::new();
    for piece in text.split(" - ") {
        let number = |c: char| c.is_ascii_digit() || matches!(c, '€' | '$' | '£');
        let range = parted.ends_with(number) && piece.starts_with(number);
        parted += if parted.is_empty() {
            ""
        } else if range {
            "-"
        } else {
            ", "
        };
        parted += piece;
    }
    parted
}

/// Whether a text ends with a short form: `Gr` and `Nr`, but not `M` or `XL`.
fn abbreviated(text: &str) -> bool {
    let last = text.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let vowel = |c: char| "aeiouyäöüx".contains(c);
    (2..=SHORT).contains(&last.chars().count()) && !last.to_lowercase().contains(vowel)
}

/// Whether two words are one, as they are or with a short ending more: `sock` and `socks`.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let room = if short.chars().count() < 3 { 0 } else { 2 };
    long.starts_with(short) && long.len() - short.len() <= room
        || short.chars().count() >= 5 && distance(short, long, 1) <= 1
}

/// Whether a word of a name is this one, or ends in it where words are made of two: `Gartenschere` and `Scheren`.
pub(crate) fn says(own: &str, word: &str) -> bool {
    let made = || made_of(&bare(own), &bare(word));
    same(own, word) || word.chars().count() >= ROOT && made()
}

/// A word as it is typed where its language's letters are not at hand.
pub(crate) fn folded(word: &str) -> String {
    word.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss")
}

/// A number written in digits.
pub(crate) fn number_of(word: &str) -> Option<&str> {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (digits && word.starts_with(|c: char| c.is_ascii_digit())).then_some(word)
}

/// A word without its ending.
pub(crate) fn stem(word: &str, lexicon: &Lexicon) -> String {
    let short = |ending: &String| {
        word.strip_suffix(ending.as_str()).filter(|stem| stem.chars().count() >= 3)
    };
    lexicon.endings.iter().find_map(short).unwrap_or(word).to_owned()
}

/// What a word and its other forms have in common, of at least four letters: `take` and `takes`, but not `her` and
/// `here`.
pub(crate) fn root(word: &str, lexicon: &Lexicon) -> String {
    let short = |ending: &String| {
        word.strip_suffix(ending.as_str()).filter(|stem| stem.chars().count() >= ROOT)
    };
    let stem = lexicon.endings.iter().find_map(short).unwrap_or(word);
    stem.strip_suffix('e').filter(|it| it.chars().count() >= ROOT).unwrap_or(stem).to_owned()
}

/// All words a lexicon knows.
pub(crate) fn lexicon_words(lexicon: &Lexicon) -> Vec<String> {
    let amounts = &lexicon.amounts;
    let lists = [
        &lexicon.things,
        &lexicon.named,
        &lexicon.fillers,
        &lexicon.questions,
        &lexicon.both,
        &lexicon.it,
        &lexicon.joins,
        &lexicon.yes,
        &lexicon.no,
        &lexicon.size_words,
        &lexicon.negations,
        &lexicon.the,
        &lexicon.single,
        &lexicon.beside,
        &lexicon.larger,
        &lexicon.smaller,
        &lexicon.serves,
        &lexicon.times,
        &lexicon.units,
        &lexicon.pieces,
        &lexicon.against,
        &amounts.money,
        &amounts.at_most,
        &amounts.at_least,
        &amounts.around,
        &amounts.or_less,
        &amounts.between,
        &amounts.to,
    ];
    let lists = lists.into_iter().flatten();
    let maps = lexicon.numbers.keys().chain(lexicon.ordinals.keys()).chain(lexicon.synonyms.keys());
    let values = lexicon.values.values().flat_map(std::collections::BTreeMap::keys);
    lists.chain(maps).chain(values).flat_map(|text| plain(text)).collect()
}

/// Where the cue begins that ends here, if one does; the longest.
pub(super) fn ends_with(words: &[String], end: usize, cues: &[String]) -> Option<usize> {
    let before = words.get(..end)?;
    let begin = cues.iter().filter_map(|cue| {
        let length = cue.split(' ').count();
        let from = end.checked_sub(length)?;
        before.get(from..).filter(|words| words.iter().eq(cue.split(' '))).map(|_| from)
    });
    begin.min()
}

/// Where the cue ends that begins here; the longest.
pub(crate) fn starts_with(words: &[String], from: usize, cues: &[String]) -> Option<usize> {
    let rest = words.get(from..)?;
    let end = cues.iter().filter_map(|cue| {
        let mut said = rest.iter();
        let all = cue.split(' ').all(|part| said.next().is_some_and(|word| word == part));
        all.then(|| words.len() - said.len())
    });
    end.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_made_of_two_is_called_by_the_second() {
        assert!(says("gartenschere", "scheren") && says("blumentopf", "töpfe"));
        assert!(says("socks", "sock") && says("scheren", "schere"));
        assert!(!says("gartenschere", "garten") && !says("scheren", "gartenschere"));
        assert!(!says("chat", "hat") && !says("rosenschere", "ere"));
    }

    #[test]
    fn a_short_form_ends_no_sentence() {
        let sentences = |text: &str| sentences(text).len();
        assert_eq!(sentences("In Gr. M bzw. L, bitte"), 1);
        assert_eq!(sentences("In XL. Danke. M. L."), 4);
    }

    #[test]
    fn a_colon_and_a_dash_part_a_sentence_as_a_comma_does() {
        let commas = |text: &str| sentences(text).remove(0).commas;
        assert_eq!(commas("the belt: out with it - now"), [0, 2, 5]);
        assert_eq!(commas("socks 40 - 42"), [0]);
        assert_eq!(sentences("40 – 80 euro").remove(0).words, ["40", "-", "80", "euro"]);
    }

    #[test]
    fn words_numbers_and_signs_are_told_apart() {
        assert_eq!(
            plain("Jacke unter 120€, Größe M!"),
            ["jacke", "unter", "120", "€", "größe", "m"]
        );
        assert_eq!(
            plain("1,200 2.500 0.125 1,5 1,2000"),
            ["1200", "2500", "0.125", "1.5", "1.2000"]
        );
        assert_eq!(plain("her 70th, 70thb"), ["her", "70th", "70", "thb"]);
        assert_eq!(plain("don't 49,90 EUR 40-80"), ["dont", "49.90", "eur", "40", "-", "80"]);
    }
}
