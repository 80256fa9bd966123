//! How sizes are said and written.

use std::collections::BTreeSet;

use super::{Fitted, VALUE_WORDS, letters};
use crate::pack::Lexicon;

impl Fitted<'_> {
    /// How sizes are written in one word, and those of several measures as a whole: `5m`, `4x50` of `4 x 50 mm`.
    pub(super) fn written(&self, lexicon: &mut Lexicon) {
        let sizes = self.told.values.get("size").into_iter().flatten();
        for size in sizes {
            let said = size.to_lowercase();
            // `44/45` is one size.
            if let Some((from, to)) = said.split_once('/')
                && [from, to].iter().all(|it| it.parse::<u32>().is_ok())
            {
                let own = lexicon.values.entry("size".into()).or_default();
                own.insert(format!("{from} {to}"), size.clone());
            }
            let words: Vec<&str> = said.split(' ').collect();
            let number = |it: &&&str| it.starts_with(|c: char| c.is_ascii_digit());
            let measures = words.iter().filter(number).count();
            let crossed = words.iter().skip(1).step_by(2).take(measures - measures.min(1));
            match words.as_slice() {
                [number, unit] if measures == 1 && unit.chars().all(char::is_alphabetic) => {
                    let joined = format!("{number}{unit}");
                    lexicon.spellings.entry(joined).or_insert_with(|| format!("{number} {unit}"));
                }
                [_, _, _, ..] if measures > 1 && crossed.clone().all(|it| *it == "x") => {
                    let bare = words.get(..measures * 2 - 1).unwrap_or_default().join(" ");
                    lexicon.spellings.insert(bare.replace(' ', ""), bare.clone());
                    let own = lexicon.values.entry("size".into()).or_default();
                    own.entry(bare).or_insert_with(|| size.clone());
                }
                _ => {}
            }
        }
    }

    /// Sizes that begin with a word and say a number, or are made of both: `pack of 8`, `size 10`, `A4`.
    pub(super) fn whole_sizes(&self, lexicon: &mut Lexicon) {
        let sizes = self.told.values.get("size").into_iter().flatten();
        let digit = |c: char| c.is_ascii_digit();
        let such = |size: &&String| {
            let (first, rest) = size.split_once(' ').unwrap_or((size.as_str(), ""));
            let whole = rest.is_empty() && first.starts_with(char::is_alphabetic);
            let words = letters(first) && rest.split(' ').count() <= VALUE_WORDS;
            (whole || words) && size.ends_with(digit)
        };
        let said = sizes.filter(such).map(|size| (size.to_lowercase(), size.clone()));
        let said: Vec<(String, String)> = said.collect();
        let own = lexicon.values.entry("size".into()).or_default();
        for (said, size) in said {
            own.entry(said).or_insert(size);
        }
    }

    /// Sizes as customers say them: `Größe 4` is `Gr. 4`, where the goods come in such.
    pub(super) fn sizes(&self, lexicon: &mut Lexicon) {
        let sizes = self.told.values.get("size").into_iter().flatten();
        let numbered: Vec<(String, String)> = sizes
            .filter_map(|size| {
                let (label, number) = size.split_once(' ')?;
                let label = label.trim_end_matches('.').to_lowercase();
                let digits = number.bytes().all(|it| it.is_ascii_digit());
                (digits && lexicon.size_words.contains(&label))
                    .then(|| (number.to_owned(), size.clone()))
            })
            .collect();
        let labels: Vec<&String> =
            lexicon.size_words.iter().filter(|it| !lexicon.fillers.contains(*it)).collect();
        let said = numbered.iter().flat_map(|(number, size)| {
            labels.iter().map(move |label| (format!("{label} {number}"), size.clone()))
        });
        let said: Vec<(String, String)> = said.collect();
        lexicon.values.entry("size".into()).or_default().extend(said);
    }

    /// The units that sizes are told in.
    pub(super) fn units(&self) -> BTreeSet<String> {
        let sizes = self.told.values.get("size").into_iter().flatten();
        sizes.filter_map(|it| unit(it)).collect()
    }
}

/// The unit of a size: the `l` of `10 l`.
fn unit(size: &str) -> Option<String> {
    let (number, unit) = size.split_once(' ')?;
    let digits = number.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b','));
    (digits && unit.chars().all(char::is_alphabetic)).then(|| unit.to_lowercase())
}
