//! What is searched, where nothing that was shown is meant, and who leaves.

use std::collections::BTreeSet;

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::act::About;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::{number_of, plain, same, says};

impl Reading<'_> {
    /// Whether a product was shown or spoken of.
    pub(super) fn spoken(&self) -> bool {
        !self.scene.shown.is_empty() || self.scene.focus.is_some()
    }

    /// Goods that are searched, or else what is said lightly.
    pub(super) fn sought(&self, about: &About<'_>, before: bool) -> Option<Act> {
        let wish = &self.wish;
        // `But no brown ones`.
        if about.constrained && about.left.is_empty() && self.has(Act::Nod) && !before {
            return Some(Act::Search);
        }
        // `Got any blankets under 50?`, of wool blankets that were dear.
        let searched = self.scene.searched.as_ref().map(|it| plain(&it.words)).unwrap_or_default();
        let named = |word: &String| searched.iter().any(|it| same(it, word));
        let anew = self.has(Act::Search) && searched.len() > 1 && about.left.iter().any(named);
        let anew = anew || self.calls_other(about.left);
        if about.constrained && !about.thing && before && about.left.len() <= 1 && !anew {
            // `Have you anything cheaper than the Harrow one?`
            let than = wish.price.abs() == 1 && self.compares_price();
            return Some(if about.meant && !than { Act::Details } else { Act::Refine });
        }
        // A good day is wished at the beginning too.
        let first = self.scene.request.notes.first && self.has(Act::Greet);
        let light = [Act::Bye, Act::Thanks].into_iter().find(|act| self.has(*act) && !first);
        let counts = wish.quantity.is_some() && !about.left.is_empty();
        if light.is_some() && !about.thing && !about.constrained && !counts {
            return light;
        }
        // `A jumper, please. Merino if you have it, in cream.`
        let refines = self.has(Act::Refine) && self.cues.len() < 2 && wish.quantity.is_none();
        if refines && about.constrained && !about.thing && !self.asks {
            return Some(Act::Refine);
        }
        if about.thing
            || self.has(Act::Search) && (!about.left.is_empty() || about.constrained)
            || self.has(Act::Refine) && about.constrained
            || about.constrained && !about.left.is_empty()
            || wish.price != 0
            || counts && light.is_some()
        {
            return Some(Act::Search);
        }
        if about.meant || wish.it && self.has(Act::Search) && self.spoken() {
            return Some(Act::Details);
        }
        // `No, I meant acrylic ones`, of several paints.
        let told = about.left.iter().all(|word| !self.tongue.untold(word));
        if wish.instead
            && self.scene.searched.is_some()
            && told
            && !about.left.is_empty()
            && !self.asks
        {
            return Some(Act::Refine);
        }
        let light = if first { Act::Greet } else { Act::Bye };
        let light = [light, Act::Bye, Act::Thanks, Act::Greet, Act::Nod].into_iter();
        let nods = about.left.len() < 2 && !(self.asks && about.left.len() == 1);
        light.filter(|act| *act != Act::Nod || nods).find(|act| self.has(*act))
    }

    /// Whether goods are called so, and none of those that were shown.
    pub(super) fn calls_other(&self, left: &[String]) -> bool {
        let titles = self.scene.shown.iter().flat_map(|it| plain(&it.facts.title));
        let titles: Vec<String> = titles.collect();
        let shown = |word: &String| titles.iter().any(|own| says(own, word));
        left.iter().any(|word| self.tongue.is_named(word) && !shown(word))
    }

    /// Whether nothing but the name of other goods than those that were shown is said, of two words at least: `of the otter
    /// bags one with 10 l`.
    pub(super) fn names_other(&self, left: &[String]) -> bool {
        let named = left.iter().filter(|it| self.tongue.is_named(it)).count();
        let measure =
            |it: &&String| self.tongue.lexicon.units.contains(*it) || number_of(it).is_some();
        let measures = left.iter().filter(measure).count();
        !self.asks && named > 1 && named + measures >= left.len() && self.calls_other(left)
    }

    /// Whether one thing is sought right behind what says so: `do you have a clutch that goes with it?`
    pub(super) fn seeks_one(&self) -> bool {
        let article = self.words.get(self.sought).filter(|_| self.sought > 0);
        let one = article.is_some_and(|it| self.tongue.lexicon.single.contains(it));
        // `Anything with a heel?`
        let tied = self.sought.checked_sub(1).and_then(|at| self.words.get(at));
        let tied = tied.is_some_and(|it| self.tongue.lexicon.ties.contains(it));
        let named = |it: &String| self.tongue.names(it) || self.tongue.is_named(it);
        let named = self.words.get(self.sought + 1).is_some_and(named);
        one && !tied && (named || self.tongue.thing_at(&self.words, self.sought + 1))
    }

    /// Whether what seems to search only says what the thing before it is for: `a house white to drink with it`.
    pub(super) fn tells_purpose(&self) -> bool {
        let first = self.searches.first().copied().unwrap_or(0);
        let tied = self.words.get(first).is_some_and(|it| self.tongue.lexicon.ties.contains(it));
        let named = (0..first).any(|at| self.tongue.thing_at(&self.words, at));
        self.cues == [Act::Search].into() && tied && named && !self.open
    }

    /// Whether a word of a name stands behind what compares by price: `cheaper than the Harrow`.
    fn compares_price(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let found = self.tongue.cues.found(&self.words, lexicon);
        let priced = found.iter().filter(|(cue, _)| {
            matches!(cue.intent.as_str(), "cheaper" | "dearer") && !self.asks_of_one()
        });
        let mut ends = priced.filter_map(|(_, places)| places.last());
        ends.any(|at| self.words.get(at + 1).is_some_and(|it| lexicon.against.contains(it)))
    }

    /// Whether what is named stands before what it is asked of: `is the Brixley cheaper than that?`
    fn asks_of_one(&self) -> bool {
        self.inquires && !self.has(Act::Search)
    }

    /// `That was all, goodbye`: who leaves wishes no more than what is named beside it.
    pub(super) fn leaves(&self, about: &About<'_>) -> Option<Act> {
        let greets = self.scene.request.notes.first && self.has(Act::Greet);
        let pays = self.has(Act::Checkout) && about.held;
        let changes = self.has(Act::Add) || self.has(Act::Set) || self.has(Act::Remove);
        let more = about.thing
            || about.constrained
            || self.wish.it && changes
            || self.wish.quantity.is_some()
            || self.wish.places.iter().any(|place| *place != 0);
        let asks = self.inquires || self.open;
        (self.has(Act::Bye) && !asks && !greets && !pays && !more).then_some(Act::Bye)
    }

    /// Whether what is sold is named, and wished: `too hot` names nothing spicy.
    pub(super) fn names_thing(&self, unwanted: &BTreeSet<usize>) -> bool {
        let excess = self.excess();
        let told = |at: &usize| self.told.get(*at) == Some(&true);
        let wished = |at: &usize| !unwanted.contains(at) && !excess.contains(at) && !told(at);
        let mut places = (0..self.words.len()).filter(wished);
        places.any(|at| self.tongue.thing_at(&self.words, at))
    }

    /// Whether nothing but a name stands between a comma and what ends it.
    pub(super) fn lists(&self, at: usize, to: usize) -> bool {
        let lexicon = &self.tongue.lexicon;
        let small = |word: &String| self.tongue.fillers.contains(word) || self.tongue.tells(word);
        let join = |at: usize| self.words.get(at).is_some_and(|it| lexicon.joins.contains(it));
        let end = (at + 1..to).find(|at| self.commas.contains(at) || join(*at)).unwrap_or(to);
        let name = |at: usize| self.used(at) || self.words.get(at).is_some_and(|it| !small(it));
        !self.used(at) && (at..end).all(name)
    }

    /// Whether what costs most or least is to be shown first: `the cheapest ones first`.
    pub(super) fn sorts(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let found = self.tongue.cues.found(&self.words, lexicon);
        let most = found.iter().filter(|(cue, _)| {
            matches!(cue.intent.as_str(), "cheapest" | "dearest" | "cheaper" | "dearer")
        });
        let first =
            |at: usize| self.words.get(at).and_then(|it| lexicon.ordinals.get(it)) == Some(&1);
        let small =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.fillers.contains(it));
        let mut ends = most.filter_map(|(_, places)| places.last());
        ends.any(|at| first(at + 1) || small(at + 1) && first(at + 2))
    }

    /// Whether it only wants it cheaper or dearer than what was searched.
    pub(super) fn of_searched(&self, left: &[String]) -> bool {
        let wish = &self.wish;
        wish.price.abs() == 1 && left.is_empty() && !wish.thing && self.scene.searched.is_some()
    }

    /// Whether the number that was said stands before all that is searched.
    pub(super) fn ahead(&self) -> bool {
        let said = self.wish.counted.split(' ').next().unwrap_or_default();
        let count = self.words.iter().position(|word| word == said);
        // `Pocket shirt in M, 2x`.
        let times =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.lexicon.times.contains(it));
        if count.is_some_and(|at| times(at + 1) || at > 0 && times(at - 1)) {
            return true;
        }
        // `Herb toothpaste, two tubes`.
        let pieces = &self.tongue.lexicon.pieces;
        let piece = |at: usize| self.words.get(at + 1).is_some_and(|it| pieces.contains(it));
        let small = |it: &String| self.tongue.fillers.contains(it);
        let last = |at: usize| self.words.iter().skip(at + 2).all(small);
        if count.is_some_and(|at| piece(at) && last(at)) {
            return true;
        }
        // `She loves candles, so half a dozen of the candles`.
        let clause = self.commas.iter().rfind(|at| count.is_some_and(|count| **at <= count));
        let open = |at: &usize| {
            let word = self.words.get(*at);
            !self.used(*at) && word.is_some_and(|it| !self.tongue.fillers.contains(it))
        };
        let first = (clause.copied().unwrap_or(0)..self.words.len()).find(open);
        count.zip(first).is_some_and(|(count, first)| count < first)
    }

    /// Whether a size only tells of something beside what is named: `a small present, perhaps earrings`.
    pub(super) fn of_another(&self, from: usize, to: usize) -> bool {
        let Some(end) = self.commas.iter().copied().find(|at| *at > to) else { return false };
        let begin = self.commas.iter().copied().rfind(|at| *at <= from).unwrap_or(0);
        let thing = |at: usize| self.tongue.thing_at(&self.words, at);
        let noun = self.words.get(to).is_some_and(|it| !self.tongue.fillers.contains(it));
        noun && !(begin..end).any(thing) && (end..self.words.len()).any(thing)
    }

    /// Whether a size is the most of several, and none is asked for: `which is the biggest?`
    pub(super) fn superlative(&self, from: usize, to: usize) -> bool {
        let most = &self.tongue.lexicon.most;
        let words = self.words.get(from..to).unwrap_or_default();
        let most = words.iter().any(|word| most.iter().any(|it| word.ends_with(it.as_str())));
        most && (self.asks || self.scene.asked.is_empty() && self.scene.shown.len() != 1)
    }

    /// Whether what was shown is ordered: `then the big one in blue, please order it`, `ok, order it`.
    pub(super) fn orders_shown(&self) -> bool {
        let kinds = self.wish.filters.keys().any(|name| name.as_str() != "gender");
        let kinds = kinds || self.wish.it && self.scene.shown.len() == 1;
        kinds && self.spoken() && !self.asks
    }

    /// Whether so many of a line are said to be enough: `one shirt will do me after all`, of two in the cart.
    pub(super) fn counts_line(&self, left: &[String]) -> bool {
        let line = !left.is_empty() && left.iter().all(|word| self.held(word));
        line && self.wish.quantity.is_some() && !self.asks
    }

    /// Whether what is sold is named, and of another kind than what was searched: `a belt to go with it`, of shirts.
    pub(super) fn of_other_kind(&self, left: &[String]) -> bool {
        let kind = |words: &[String]| words.iter().rfind(|it| self.tongue.sold(it)).cloned();
        let searched = self.scene.searched.iter().flat_map(|query| plain(&query.words));
        let searched: Vec<String> = searched.collect();
        let alike = |kind: &String| searched.iter().any(|it| says(kind, it) || says(it, kind));
        // `Which of those has a hood?` names no other.
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &[String], at| self.words.get(at).is_some_and(|it: &String| list.contains(it));
        let article = |at: usize| is(&lexicon.single, at) && !is(&lexicon.ties, at.wrapping_sub(1));
        if !(0..self.words.len()).any(article) {
            return false;
        }
        kind(&searched).is_some() && kind(left).is_some_and(|it| !alike(&it))
    }
}
