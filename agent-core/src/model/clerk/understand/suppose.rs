//! What only seems to be wished, or is wished without being named.

use std::collections::BTreeSet;

use crate::model::clerk::understand::number::count_end;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::starts_with;

/// Words fewer than which say no more than how something is to be and that this is settled.
const FEW: usize = 4;

impl Reading<'_> {
    /// Whether it only tells what may come to be: `and if the suit does not fit`.
    pub(super) fn may_be(&self) -> bool {
        let at = self.words.iter().take_while(|it| self.tongue.lexicon.joins.contains(*it)).count();
        starts_with(&self.words, at, &self.tongue.lexicon.conditions).is_some()
    }

    /// Whether a cue speaks of somebody of the customer's own, and asks for nobody: `I have to talk to my husband`.
    pub(super) fn spans_own(&self, places: &[usize]) -> bool {
        let lexicon = &self.tongue.lexicon;
        let ends = places.first().zip(places.last());
        let whom = lexicon.values.get("gender");
        let person = |at: usize| {
            let word = self.words.get(at).filter(|_| !places.contains(&at));
            word.is_some_and(|it| whom.is_some_and(|said| said.contains_key(it)))
        };
        let any = |at: usize| self.words.get(at).is_some_and(|it| lexicon.single.contains(it));
        ends.is_some_and(|(first, last)| (first + 2..*last).any(|at| person(at) && !any(at - 1)))
    }

    /// An article with nothing behind it counts one of what was spoken of: `davon bitte eine`, `von der Feige auch eine`.
    pub(super) fn one_at_end(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let small =
            |it: &&String| self.tongue.fillers.contains(*it) && !lexicon.single.contains(*it);
        let last = self.words.len() - self.words.iter().rev().take_while(small).count();
        let Some(at) = last.checked_sub(1).filter(|at| *at > 0) else { return };
        let article = self.words.get(at).filter(|it| lexicon.single.contains(*it));
        let beside = [&lexicon.it, &lexicon.beside];
        let of_it = |at: usize| beside.iter().any(|it| starts_with(&self.words, at, it).is_some());
        let Some(article) = article.filter(|_| (0..at).any(of_it) && !self.asks).cloned() else {
            return;
        };
        // Not `noch so einen`, which is what was spoken of.
        let within =
            |from: usize| starts_with(&self.words, from, &lexicon.it).is_some_and(|to| to > at);
        let free = self.free(at, at + 1) && !self.phrase(at) && !(0..at).any(within);
        if self.wish.quantity.is_none() && free {
            (self.wish.quantity, self.wish.counted) = (Some(1), article);
            self.mark(at, at + 1);
        }
    }

    /// Where only who or what is told of is counted, before goods are: `one colleague is ill, so three margheritas will do`.
    pub(super) fn counts_others(&self) -> BTreeSet<usize> {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        let counted = |at: usize| {
            let words = self.words.get(at..).filter(|_| self.free(at, at + 1))?;
            let end = at + count_end(words, lexicon)?;
            (end..self.words.len()).find(|at| !self.used(*at))
        };
        let goods = |at: usize| tongue.thing_at(&self.words, at) || self.line_word(at);
        let last = (0..self.words.len()).rfind(|at| counted(*at).is_some_and(goods));
        let other = |at: &usize| {
            let told = |it: &String| tongue.untold(it) && !tongue.is_named(it);
            let clause = |next: usize| self.commas.iter().any(|at| *at > next && Some(*at) <= last);
            counted(*at).is_some_and(|next| {
                self.idle(next) && clause(next) && self.words.get(next).is_some_and(told)
            })
        };
        (0..last.unwrap_or(0)).filter(other).collect()
    }

    /// Whether it begins or ends as what is settled does: `the grey one then`, `ok, then the grey one`.
    pub(super) fn settles(&self) -> bool {
        let join = |it: &String| self.tongue.lexicon.joins.contains(it);
        let begins = self.words.get(..self.opening()).unwrap_or_default();
        let begins = begins.len() > 1 && begins.last().is_some_and(join);
        let ends = self.words.iter().rev().take(2).any(join);
        // `Navy then`.
        let last = self.words.last().is_some_and(join);
        let told = last && self.words.len() < FEW && !self.wish.filters.is_empty();
        !self.asks && (self.wish.points && (begins || ends) || told)
    }

    /// Whether it asks which of two is to be taken: `do I take the first or the second?`
    pub(super) fn asks_which(&self) -> bool {
        let or = |word: &String| self.tongue.lexicon.alternatives.contains(word);
        self.asks && !self.requests && self.words.iter().any(or)
    }
}
