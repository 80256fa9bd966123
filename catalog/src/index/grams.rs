//! Titles by their groups of three letters: they put what fits into a better order, whatever was misspelt.

use std::collections::HashMap;

use crate::product::Product;

/// What the likeness of a title counts for beside its words.
const WEIGHT: f32 = 0.15;
/// BM25's constants, as tantivy has them.
const K1: f32 = 1.2;
const B: f32 = 0.75;

type Gram = [char; 3];

/// How common each group of letters is.
#[derive(Debug, Default)]
pub(super) struct Grams {
    titles: f32,
    mean: f32,
    held: HashMap<Gram, u32>,
}

/// What is looked for.
pub(crate) struct Likeness {
    worth: HashMap<Gram, f32>,
    mean: f32,
}

impl Grams {
    pub(super) fn of(products: &[Product]) -> Self {
        let mut grams = Self { titles: products.len() as f32, ..Self::default() };
        let mut length = 0;
        for product in products {
            let mut held = of(&product.title);
            length += held.len();
            held.sort_unstable();
            held.dedup();
            for gram in held {
                *grams.held.entry(gram).or_default() += 1;
            }
        }
        grams.mean = (length as f32 / grams.titles.max(1.0)).max(1.0);
        grams
    }

    /// What titles are to be like.
    pub(super) fn like(&self, words: &str) -> Likeness {
        let worth = of(words).into_iter().filter_map(|gram| {
            let held = *self.held.get(&gram)? as f32;
            Some((gram, WEIGHT * (1.0 + (self.titles - held + 0.5) / (held + 0.5)).ln()))
        });
        Likeness { worth: worth.collect(), mean: self.mean }
    }
}

impl Likeness {
    /// How like a title is, in the thousandths of [`super::Found`] (BM25 over groups of letters).
    pub(crate) fn score(&self, title: &str) -> u32 {
        let grams = of(title);
        let norm = K1 * (1.0 - B + B * grams.len() as f32 / self.mean);
        let mut counts: HashMap<Gram, f32> = HashMap::with_capacity(self.worth.len());
        for gram in grams.iter().filter(|gram| self.worth.contains_key(*gram)) {
            *counts.entry(*gram).or_default() += 1.0;
        }
        let worth = |gram| self.worth.get(gram).copied().unwrap_or_default();
        // In the title's order, so that the sum is the same every time.
        let mut score = 0.0;
        for gram in &grams {
            if let Some(count) = counts.remove(gram) {
                score += worth(gram) * (1.0 + K1) * count / (count + norm);
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small and positive"
        )]
        let thousandths = (score * 1_000.0).round() as u32;
        thousandths
    }
}

fn of(text: &str) -> Vec<Gram> {
    let letters: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    letters.windows(3).filter_map(|it| it.try_into().ok()).collect()
}
