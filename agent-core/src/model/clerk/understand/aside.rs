//! What is told around a wish: `my son's outgrown everything, trousers please`, `a scarf for my neighbour`.

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::reading::Reading;

/// Words of whom something is for, at most.
const WHOM: usize = 2;

impl Reading<'_> {
    /// Takes what is told around a thing that is named out of what is searched: words that name no goods, before
    /// the clause with the thing, and after it those of whom it is for.
    pub(super) fn asides(&mut self) {
        let thing = (0..self.words.len()).rfind(|at| {
            self.free(*at, at + 1) && self.words.get(*at).is_some_and(|it| self.tongue.is_thing(it))
        });
        let Some(thing) = thing.filter(|_| !self.cues.contains(&Act::Compare)) else { return };
        let told =
            |at: &usize| self.words.iter().take(*at).any(|it| self.tongue.fillers.contains(it));
        let clauses = self.commas.iter().copied().chain([self.sought]);
        // `The negative split shoes`: what stands before the thing is its name.
        let name = |at: &usize| {
            let word = self.words.get(*at);
            self.free(*at, at + 1) && word.is_some_and(|it| !self.tongue.fillers.contains(it))
        };
        let first = (0..=thing).rev().take_while(name).last().unwrap_or(thing);
        let clause = clauses.filter(|at| *at <= first && told(at)).max().unwrap_or(0);
        let mut aside: Vec<usize> = (0..clause).filter(|at| self.idle(*at)).collect();
        for at in 0..self.words.len() {
            aside.extend(self.whom(at));
        }
        aside.into_iter().for_each(|at| self.mark(at, at + 1));
    }

    /// Words of whom something is for, behind the word here: `for my neighbour and his wife`.
    fn whom(&self, at: usize) -> Vec<usize> {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        let is =
            |list: &Vec<String>, at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let small = |at: usize| self.words.get(at).is_some_and(|it| tongue.fillers.contains(it));
        let whose = small(at + 1) && !is(&lexicon.single, at + 1) && !is(&lexicon.one, at + 1);
        if !is(&lexicon.serves, at) || !whose {
            return Vec::new();
        }
        let ends = |at: &usize| !self.commas.contains(at);
        let said = (at + 1..self.words.len()).take_while(ends);
        let said = said.take_while(|at| small(*at) || is(&lexicon.joins, *at) || self.idle(*at));
        said.filter(|at| self.idle(*at)).take(WHOM).collect()
    }

    /// Whether a word names no goods and says nothing else.
    fn idle(&self, at: usize) -> bool {
        let tongue = self.tongue;
        let goods = |word: &String| {
            let recent =
                self.scene.recent.iter().any(|it| {
                    crate::model::clerk::understand::plain(&it.facts.title).contains(word)
                });
            tongue.is_thing(word) || tongue.foreign.contains(word) || tongue.names(word) || recent
        };
        let word = self.words.get(at).filter(|it| !tongue.fillers.contains(*it));
        self.free(at, at + 1)
            && word.is_some_and(|it| !goods(it) && !tongue.lexicon.joins.contains(it))
    }
}
