//! Words that name a line of the cart.

use std::collections::BTreeSet;

use crate::evidence::CartLine;
use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::question::changes;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::{plain, says, starts_with, stem};

impl Reading<'_> {
    /// Whether more of what is named lie in the cart than are to stay there.
    pub(super) fn some_stay(&self, left: &[String]) -> bool {
        let named = |title: &str| {
            let title = plain(title);
            left.iter().any(|word| title.iter().any(|own| says(own, word)))
        };
        let such = |title: &str| left.is_empty() || named(title);
        let mut lines = self.scene.lines.iter().filter(|line| such(&line.title)).peekable();
        lines.peek().is_none() || lines.any(|line| Some(line.quantity) > self.wish.quantity)
    }

    /// Whether an article stands before what names a line of the cart: `the scarf`.
    pub(super) fn points_at_line(&self) -> bool {
        let line = |at: usize| {
            let word = self.words.get(at);
            let feed = word.and_then(|it| self.tongue.translated(it)).or(word.cloned());
            feed.is_some_and(|it| plain(&it).iter().any(|it| self.held(it)))
        };
        let the = |word: &String| self.tongue.lexicon.the.contains(word);
        let mut words = self.words.iter().enumerate();
        words.any(|(at, word)| the(word) && line(at + 1))
    }

    /// Whether what is wished beside what there is names a line right behind: `another salad`, `more of the socks`; but not
    /// `also looking for something for my daughter, socks perhaps`.
    pub(super) fn again_of_line(&self) -> bool {
        let beside = |at: usize| starts_with(&self.words, at, &self.tongue.lexicon.beside);
        let small = |at: &usize| {
            let searched = self.searches.contains(at);
            !searched && self.words.get(*at).is_some_and(|it| self.tongue.fillers.contains(it))
        };
        let line = |to: usize| self.line_word(to + (to..).take_while(small).count());
        let ends = |to: usize| to == self.words.len() || self.commas.contains(&to);
        let tail = |at: usize, to: usize| ends(to) && (0..at).any(|at| self.line_word(at));
        (0..self.words.len()).any(|at| beside(at).is_some_and(|to| line(to) || tail(at, to)))
    }

    /// Whether a word only says in what something is sold: the `Dose` of `eine Dose Schuhcreme`, behind an article or a
    /// count and before what it is.
    pub(super) fn piece_of(&self, at: usize) -> bool {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let before = at.checked_sub(1);
        let counts = before.is_some_and(|at| is(&lexicon.single, at) || is(&lexicon.one, at));
        if !counts || !is(&lexicon.pieces, at) {
            return false;
        }
        let name = self.tongue.thing_at(&self.words, at + 1) && self.free(at + 1, at + 2);
        let named = self.words.get(at).zip(self.words.get(at + 1));
        let title = named.is_some_and(|(word, next)| self.tongue.pairs(word, next));
        name && !title
    }

    /// Whether what seems to count one ends what something is called by: the `one is plenty` of `the 20 W one is plenty`.
    pub(super) fn one_ends_name(&self, places: &[usize]) -> bool {
        let before = places.first().and_then(|at| at.checked_sub(1));
        let one =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.lexicon.one.contains(it));
        let before = before.filter(|at| !self.commas.contains(&(at + 1)) && one(at + 1));
        let small = |it: &String| self.tongue.fillers.contains(it) || self.tongue.tells(it);
        let lexicon = &self.tongue.lexicon;
        let name =
            |it: &String| !small(it) && !lexicon.joins.contains(it) && !lexicon.no.contains(it);
        // `Of the socks one is enough`.
        let before = before.filter(|at| !self.line_word(*at));
        before.and_then(|at| self.words.get(at)).is_some_and(name)
    }

    /// Whether words stand last of what names a line of the cart: the `out` of `the belt out`.
    pub(super) fn last_of_line(&self, places: &[usize]) -> bool {
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return false };
        let small = |word: &String| self.tongue.fillers.contains(word) || self.tongue.tells(word);
        let held = |at: usize| self.line_word(at);
        let end = self.commas.iter().copied().find(|at| at > last).unwrap_or(self.words.len());
        let rest = self.words.get(last + 1..end).unwrap_or_default();
        rest.iter().all(small) && (0..*first).any(held)
    }

    /// Whether it tells of what is in the cart.
    pub(super) fn of_lines(&self) -> bool {
        let asks = self.inquires || self.open;
        !asks && (0..self.words.len()).any(|at| self.line_word(at))
    }

    /// Whether a word of the message, or the feed's for it, is of what something in the cart is called.
    pub(super) fn line_word(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else { return false };
        let lexicon = &self.tongue.lexicon;
        let small = [&lexicon.joins, &lexicon.questions, &lexicon.it, &lexicon.the, &lexicon.one];
        if small.into_iter().any(|list| list.contains(word)) {
            return false;
        }
        let feed = self.tongue.translated(word).unwrap_or_else(|| word.clone());
        let said = |line: &CartLine| {
            let title = plain(&line.title);
            let own = |own: &String, word: &String| stem(own, lexicon) == stem(word, lexicon);
            // Small words are a name only where they say what it is.
            let title = if self.tongue.fillers.contains(word) {
                title.split_at(title.len().saturating_sub(1)).1
            } else {
                title.as_slice()
            };
            plain(&feed).iter().any(|word| title.iter().any(|it| own(it, word)))
        };
        let held = |line: &&CartLine| self.scene.cart.iter().any(|(held, _)| *held == line.variant);
        self.scene.lines.iter().filter(held).any(said)
    }

    /// Places of words that name a line of the cart by what it is, and not the cart: `take the basket out`, of one
    /// that was bought.
    pub(super) fn line_names(&self) -> BTreeSet<usize> {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let places = |cart: bool| -> BTreeSet<usize> {
            let such = |cue: &Cue| if cart { cue.intent.as_str() == "cart" } else { changes(cue) };
            found.iter().filter(|(cue, _)| such(cue)).flat_map(|(_, at)| at.clone()).collect()
        };
        let (cart, changes) = (places(true), places(false));
        let lines: BTreeSet<usize> =
            (0..self.words.len()).filter(|at| self.line_word(*at)).collect();
        let other = lines.iter().any(|at| !cart.contains(at));
        let values = !self.wish.filters.is_empty() || self.wish.step != 0;
        let says = values || self.inquires || !changes.is_empty();
        let named = |at: &usize| !cart.contains(at) || says && !other && !changes.contains(at);
        lines.into_iter().filter(named).collect()
    }

    /// Whether something in the cart is called so; `the coffee`, of the one thing there that is of the kind.
    pub(super) fn held(&self, word: &str) -> bool {
        let has = |text: &str| plain(text).iter().any(|own| says(own, word));
        let titled = self.scene.lines.iter().any(|line| {
            let held = self.scene.cart.iter().any(|(held, _)| *held == line.variant);
            held && has(&line.title)
        });
        let lines = || self.scene.cart.iter().filter_map(|(line, _)| self.scene.product(line));
        let of_kind = || lines().filter(|it| it.facts.category.iter().any(|it| has(it))).count();
        titled || self.tongue.is_thing(word) && of_kind() == 1
    }

    /// More of a line of the cart: `another salad`, `a second salad`.
    pub(super) fn again(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let line = |at: usize| (at..self.words.len()).any(|at| self.line_word(at));
        let article = |at: usize| self.words.get(at).is_some_and(|it| lexicon.single.contains(it));
        // `A second in white`.
        let small = |at: usize| {
            !self.free(at, at + 1)
                || self.words.get(at).is_some_and(|it| self.tongue.fillers.contains(it))
        };
        let told = !self.wish.filters.is_empty();
        let bare = |at: usize| told && (at..self.words.len()).all(small);
        let ordinal = |at: &usize| {
            self.words.get(*at).is_some_and(|it| lexicon.ordinals.contains_key(it))
                && article(at.wrapping_sub(1))
                && (line(at + 1) || bare(at + 1))
        };
        let nth = (1..self.words.len()).find(ordinal);
        self.wish.again = nth.is_some() || self.beside();
        if let Some(nth) = nth {
            self.mark(nth, nth + 1);
        }
    }
}
