//! Values that are taken back, and sizes of the cart that are told not to fit: `42 is too small, 43 please` neither wishes
//! 42 nor counts it.

use std::collections::BTreeSet;

use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::{ends_with, plain};

/// Numbers from which on one that is a size of what lies in the cart counts no pieces.
const SIZE: u32 = 20;
/// Small words between what takes back and what is taken back, at most.
const DENIED: usize = 2;

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

    /// Where what takes back a value begins: the `not` of `not in M`.
    pub(super) fn denied(&self, from: usize) -> Option<usize> {
        let lexicon = &self.tongue.lexicon;
        let small = |at: usize| {
            let word = self.words.get(at);
            word.is_some_and(|it| {
                let article = lexicon.the.contains(it) || lexicon.single.contains(it);
                article || lexicon.size_words.contains(it)
            })
        };
        let (mut at, mut steps) = (from, 0);
        // `In any colour but blue`.
        let all = self.tongue.cues.found(&self.words, lexicon);
        let all = all.iter().filter(|(cue, _)| cue.intent.as_str() == "except");
        if let Some(but) = all.filter_map(|(_, places)| places.last()).find(|at| *at + 1 == from) {
            return Some(*but);
        }
        loop {
            if let Some(begin) = ends_with(&self.words, at, &lexicon.negations) {
                return Some(begin);
            }
            // `Nothing in green?` asks for it.
            at = at.checked_sub(1).filter(|before| small(*before) && !self.asks)?;
            steps += 1;
            if steps > DENIED {
                return None;
            }
        }
    }
}
