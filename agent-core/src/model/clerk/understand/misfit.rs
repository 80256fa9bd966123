//! Sizes of the cart that are told not to fit: `42 is too small, 43 please` wishes neither 42 nor counts it.

use std::collections::BTreeSet;

use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::plain;

/// Numbers from which on one that is a size of what lies in the cart counts no pieces.
const SIZE: u32 = 20;

impl Reading<'_> {
    /// A number that is a size of what lies in the cart says how it is to be: `rather 43, the 42 is too small` wishes no
    /// 43 of them, `43 pieces` does.
    pub(super) fn sized(&mut self) {
        let Some(count) = self.wish.quantity.filter(|count| *count >= SIZE) else { return };
        let said = count.to_string();
        // The `80` of a desk in `160x80`.
        let once = self.words.iter().filter(|it| **it == said).count() == 1;
        let size = self.wish.filters.get("size").filter(|_| once);
        if size.is_some_and(|it| plain(it).contains(&said)) {
            self.wish.quantity = None;
            return;
        }
        let at = self.words.iter().position(|it| *it == said);
        let piece = |at: usize| {
            self.words.get(at + 1).is_some_and(|it| self.tongue.lexicon.pieces.contains(it))
        };
        let held = self.scene.cart.iter().filter_map(|(held, _)| self.scene.product(held));
        let mut sizes =
            held.flat_map(|it| &it.facts.variants).filter_map(|it| it.attributes.get("size"));
        if at.is_some_and(|at| !piece(at)) && sizes.any(|size| *size == said) {
            self.wish.quantity = None;
            self.wish.filters.insert("size".into(), said);
        }
    }

    /// Takes such a size out of what is read, with what says that it is too big or too small.
    pub(super) fn misfits(&mut self) {
        let cart = &self.scene.cart;
        let held = cart.iter().filter_map(|(variant, _)| {
            let shown = self.scene.product(variant)?;
            let held = shown.facts.variants.iter().find(|it| it.variant == *variant)?;
            held.attributes.get("size").map(|size| plain(size).concat())
        });
        let held: BTreeSet<String> = held.collect();
        let counted = |word: &String| cart.iter().any(|(_, count)| count.to_string() == *word);
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let excess = found.iter().filter(|(cue, _)| cue.intent.as_str() == "excess");
        let clauses: Vec<(usize, usize)> = excess
            .filter_map(|(_, places)| {
                let (first, last) = (*places.first()?, *places.last()?);
                let begins = self.commas.iter().filter(|at| **at <= first).max();
                Some((begins.copied().unwrap_or_default(), last + 1))
            })
            .collect();
        for (from, to) in clauses {
            let size = (from..to)
                .find(|at| self.words.get(*at).is_some_and(|it| held.contains(it) && !counted(it)));
            if let Some(at) = size {
                self.mark(at, at + 1);
            }
        }
    }
}
