//! What is told around a wish: behind what is ordered, as in `the kaftan too, holiday here I come`, of whom it is for, and
//! what changes no search.

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::number::counts;
use crate::model::clerk::understand::reading::Reading;

impl Reading<'_> {
    /// Takes a clause that names nothing of what is sold out of what is ordered before it.
    pub(super) fn behind_ordered(&mut self) {
        let (tongue, end) = (self.tongue, self.words.len());
        let orders = self.has(Act::Add) || self.buying;
        let Some(from) = self.commas.iter().copied().rfind(|at| (1..end).contains(at)) else {
            return;
        };
        let told = |at: usize| self.told.get(at) == Some(&true);
        let thing = |at: usize| tongue.thing_at(&self.words, at);
        let lexicon = &tongue.lexicon;
        let lists = [&lexicon.the, &lexicon.single, &lexicon.ties, &lexicon.size_words];
        // A bare name is told with no verb.
        let verb = |at: usize| {
            let word = self.words.get(at).filter(|it| tongue.fillers.contains(*it));
            word.is_some_and(|it| !lists.iter().any(|list| list.contains(it)))
        };
        let untold =
            |at: &usize| self.idle(*at) && self.words.get(*at).is_some_and(|it| tongue.untold(it));
        let named = (0..from).any(thing) && !(from..end).any(|at| told(at) || thing(at));
        if !orders || self.asks || !named || !(from..end).any(verb) {
            return;
        }
        let untold: Vec<usize> = (from..end).filter(untold).collect();
        untold.into_iter().for_each(|at| self.mark(at, at + 1));
    }

    /// Adds what is counted for somebody else to what is counted before it.
    pub(super) fn for_others(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let one = |at: usize| is(&lexicon.one, at) || is(&lexicon.single, at);
        let serves = |at: usize| is(&lexicon.serves, at);
        let other = (1..self.words.len()).find(|at| {
            is(&lexicon.joins, at - 1) && one(*at) && serves(at + 1) && (0..*at).any(serves)
        });
        let Some(other) = other.filter(|_| !self.asks) else { return };
        // `Two robes, one for me and one for my wife` tells how many in all.
        let total =
            |at: usize| !one(at) && counts(self.words.get(at..).unwrap_or_default(), lexicon);
        // `One robe for me and one for my wife in white`.
        let gender = lexicon.values.get("gender");
        let whom = |at: usize| {
            let word = self.words.get(at);
            word.is_some_and(|it| gender.is_some_and(|said| said.contains_key(it)))
        };
        let told = |at: usize| self.told.get(at) == Some(&true) || self.used(at);
        let end = self.words.len();
        let version = (other + 1..end).any(|at| told(at) && !whom(at));
        if !(0..other).any(one) || (0..other).any(total) || version {
            return;
        }
        if (other + 1..end).any(whom) {
            self.wish.filters.remove("gender");
        }
        self.wish.quantity = Some(self.wish.quantity.unwrap_or(1) + 1);
        self.wish.ahead = true;
        self.mark(other, end);
    }

    /// Takes words that no goods are told of with out of what else changes a search: `my feet are size 39`, `starting with
    /// the cheapest`.
    pub(super) fn untold(&mut self) {
        let wish = &self.wish;
        let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
        let changes = kinds || wish.price != 0 || wish.amount != (None, None);
        let before = self.scene.searched.is_some() && !self.cues.contains(&Act::Search);
        if !changes || !before {
            return;
        }
        let untold = |at: &usize| {
            self.idle(*at) && self.words.get(*at).is_some_and(|it| self.tongue.untold(it))
        };
        let untold: Vec<usize> = (0..self.words.len()).filter(untold).collect();
        untold.into_iter().for_each(|at| self.mark(at, at + 1));
    }
}
