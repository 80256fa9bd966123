//! The words of a pack's languages that tell of money, numbers and stock, gathered once for each pack.

use std::collections::BTreeMap;

use super::Content;
use crate::id::Name;
use crate::money;

/// The words of a pack that claims are read with, beside those we know.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// What a number is called.
    pub(crate) numbers: BTreeMap<String, i64>,
    /// What money is called, and the family of currencies where the word says.
    pub(crate) money: BTreeMap<String, Option<Name>>,
    /// What says that something can be had, or can't.
    pub(crate) stock: Vec<(String, bool)>,
}

impl Words {
    /// Those of all languages of a pack.
    pub(super) fn of(pack: &Content) -> Self {
        let mut words = Self::default();
        for lexicon in pack.lexicons.values() {
            let lower = |(word, value): (&String, &i64)| (word.to_lowercase(), *value);
            words.numbers.extend(lexicon.numbers.iter().map(lower));
            words.money.extend(lexicon.amounts.money.iter().map(|word| (word.clone(), None)));
            let signs = lexicon.writing.signs.iter();
            let sign = |(code, sign): (&Name, &String)| {
                (sign.to_lowercase(), Some(money::family(code.as_str())))
            };
            words.money.extend(signs.map(sign));
        }
        for locale in &pack.locales {
            for (name, has) in [("stock.in", true), ("stock.out", false)] {
                let said = pack.phrase(name, locale).to_lowercase();
                words.stock.push((said.trim_matches(['.', '!', ' ']).to_owned(), has));
            }
        }
        words
    }
}
