//! Wants that are told without a name for what meets them.

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::plain;

impl Reading<'_> {
    /// A want that is told by all that names goods: `I don't eat meat` wants none.
    pub(super) fn need_alone(&mut self) {
        let found = self.tongue.needs.found(&self.words, &self.tongue.lexicon);
        let found = found.into_iter().next().filter(|_| self.scene.searched.is_none());
        // `Which notebooks do you carry?` asks for what is sold.
        let sold = |at: &usize| self.searches.contains(at);
        let found = found.filter(|(_, places)| !places.iter().any(sold));
        let Some((_, places)) = found else { return };
        let mut things =
            (0..self.words.len()).filter(|at| self.tongue.thing_at(&self.words, *at)).peekable();
        if things.peek().is_some() && things.all(|at| places.contains(&at)) {
            self.need();
        }
    }

    /// A want that only says what a thing is to be like, which nothing is called: `she eats no animal products, which
    /// pizzas can she have?`
    pub(super) fn need_described(&mut self) {
        let tongue = self.tongue;
        let found = tongue.needs.found(&self.words, &tongue.lexicon).into_iter().next();
        let Some((need, places)) = found.filter(|_| self.need.is_empty()) else { return };
        let feed = plain(need.intent.as_str());
        let known = !tongue.named.is_empty();
        let told = |it: &String| known && tongue.feed.contains(it) && !tongue.is_named(it);
        let other = |at: usize| tongue.thing_at(&self.words, at) && !places.contains(&at);
        if feed.iter().all(told) && (0..self.words.len()).any(other) {
            self.need = feed;
            places.into_iter().for_each(|at| self.mark(at, at + 1));
        }
    }

    /// `My feet get cold` wants socks; `does it keep me warm?` is asked of what was shown.
    pub(super) fn need(&mut self) {
        let tongue = self.tongue;
        // `Something to drink with it` is asked of nothing.
        let asked = self.wish.it && !self.scene.shown.is_empty() && !self.has(Act::Search);
        let found = tongue.needs.found(&self.words, &tongue.lexicon);
        let open = !asked && self.need.is_empty();
        if let Some((need, places)) = found.into_iter().next().filter(|_| open) {
            self.need = plain(need.intent.as_str());
            self.wish.needed = !self.cues.contains(&Act::Search);
            self.cues.insert(Act::Search);
            for at in places {
                self.mark(at, at + 1);
            }
        }
    }
}
