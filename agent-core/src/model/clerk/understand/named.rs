//! Numbers and colours that belong to what goods are called, and say nothing else.

use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::{number_of, plain, stem};

impl Reading<'_> {
    /// Those of some words that the feed has, where any names what does not lie in the cart: `that is too sporty for me, swap
    /// it for the fedora`.
    pub(super) fn of_feed(&self, left: Vec<String>) -> Vec<String> {
        let known = |word: &&String| {
            let stem = stem(word, &self.tongue.lexicon);
            self.held(word) || self.of_goods(word) || self.tongue.feed.contains(&stem)
        };
        let some: Vec<String> = left.iter().filter(known).cloned().collect();
        if some.iter().any(|it| !self.held(it)) { some } else { left }
    }

    /// Whether a number in words is part of a longer one: the `two` of a `two-burner stove` counts nothing.
    pub(super) fn compound(&self, at: usize) -> bool {
        let (Some(word), Some(next)) = (self.words.get(at), self.words.get(at + 1)) else {
            return false;
        };
        let number = self.tongue.lexicon.numbers.contains_key(word);
        let tens = self.tongue.lexicon.numbers.contains_key(next);
        number && !tens && self.scene.words.to_lowercase().contains(&format!("{word}-{next}"))
    }

    /// Whether a number belongs to the word before it in what goods are called: the `7` of `Series 7`.
    pub(super) fn of_title(&self, at: usize) -> bool {
        if self.words.get(at).is_none_or(|it| number_of(it).is_none()) {
            return false;
        }
        let before = at.checked_sub(1).filter(|at| {
            let joins = &self.tongue.lexicon.joins;
            let small = |it: &String| {
                self.tongue.fillers.contains(it) || self.tongue.tells(it) || joins.contains(it)
            };
            self.words.get(*at).is_some_and(|it| !small(it) && number_of(it).is_none())
        });
        // The `7 in 1` of a hub.
        let three = self.words.get(at..at + 3);
        let pair = before.and_then(|from| self.words.get(from..=at));
        let within = |title: &[String], said: Option<&[String]>| {
            said.is_some_and(|said| title.windows(said.len()).any(|words| words == said))
        };
        let mut titles = self.tongue.lexicon.titles.iter().map(|title| plain(title));
        // The `60` of `60 denier tights`, where the tights are called so.
        let next = self.words.get(at..at + 2);
        let small = |it: &String| {
            let lexicon = &self.tongue.lexicon;
            let lists = [&lexicon.joins, &lexicon.times];
            self.tongue.fillers.contains(it) || lists.iter().any(|list| list.contains(it))
        };
        let unit = self.words.get(at + 1).is_some_and(|it| !small(it));
        let other = |title: &[String]| {
            let mut others = (0..self.words.len()).filter(|it| !(at..at + 2).contains(it));
            let own = |it: &String| !small(it) && title.contains(it);
            others.any(|it| self.words.get(it).is_some_and(own))
        };
        titles.any(|title| {
            let beside = unit && within(&title, next) && other(&title);
            within(&title, three) || within(&title, pair) || beside
        })
    }

    /// Whether a word stands in a name of goods beside the same word as here: the `olive` of an olive oil soap.
    pub(super) fn within_name(&self, at: usize) -> bool {
        let open = |at: usize| {
            let small = |it: &&String| self.tongue.fillers.contains(*it) || self.tongue.tells(it);
            self.words.get(at).filter(|it| !small(it))
        };
        let pair = |first: usize| {
            let pair = open(first).zip(open(first + 1));
            pair.is_some_and(|(first, second)| self.tongue.pairs(first, second))
        };
        pair(at) || at > 0 && pair(at - 1)
    }
}
