//! What a part of a message refers to: what was spoken of last, a line of the cart, the next size up.

use std::collections::BTreeSet;

use crate::id::Name;
use crate::model::clerk::decide::{named as named_in, own};
use crate::model::clerk::scene::Did;
use crate::model::clerk::understand::number::counts;
use crate::model::clerk::understand::reading::{Reading, SENTENCE, found, parted};
use crate::model::clerk::understand::words::{plain, same, starts_with};
use crate::model::clerk::understand::{Act, telling};

/// Words between an article and the `one` that stands for a thing, at most: `the spicy green one`.
const FAR: usize = 3;

impl Reading<'_> {
    /// `The grey one` and `a large one` count nothing: there `one` stands for a thing.
    pub(super) fn stand_ins(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let article = |word: &String| lexicon.the.contains(word) || lexicon.single.contains(word);
        let name = |at: usize| {
            let word = self.words.get(at);
            let small = word.is_none_or(|it| self.tongue.fillers.contains(it));
            let counts = word.is_some_and(|it| lexicon.numbers.contains_key(it));
            !small && !counts || !self.free(at, at + 1)
        };
        let stands = |at: &usize| {
            let from = at.saturating_sub(FAR + 1);
            let begins = (from..at - 1).rev().find(|it| self.words.get(*it).is_some_and(article));
            begins.is_some_and(|begin| (begin + 1..*at).all(name))
        };
        // `One litre` is a measure.
        let unit = |at: usize| self.words.get(at).is_some_and(|it| lexicon.units.contains(it));
        let one = |at: &usize| {
            self.words.get(*at).is_some_and(|it| lexicon.one.contains(it)) && !unit(at + 1)
        };
        let found: Vec<usize> = (2..self.words.len()).filter(|at| one(at) && stands(at)).collect();
        // `The battery locomotive in blue please`.
        let begins = self.words.get(self.opening());
        self.wish.points = begins.is_some_and(|it| lexicon.the.contains(it));
        // `499 is too much for me, then the windbreaker please`.
        let join = |at: &usize| self.words.get(*at).is_some_and(|it| lexicon.joins.contains(it));
        let last = self.commas.iter().copied().rfind(|at| *at < self.words.len());
        let last = last.filter(join);
        let led = last.and_then(|at| self.words.get(at + 1));
        self.wish.points |= led.is_some_and(|it| lexicon.the.contains(it)) && !self.asks;
        for at in found {
            self.mark(at, at + 1);
            self.stands = true;
            let the = |word: &String| lexicon.the.contains(word);
            let from = at.saturating_sub(FAR + 1);
            self.wish.points |= (from..at).any(|at| self.words.get(at).is_some_and(the));
        }
    }

    /// Words for what was spoken of last; an article before a name is none.
    pub(super) fn it(&mut self) {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        for phrase in &lexicon.it {
            for (from, to) in found(&self.words, &plain(phrase)) {
                let next = self.words.get(to).filter(|_| self.free(to, to + 1));
                let name = next.is_some_and(|it| {
                    !tongue.fillers.contains(it) && !tongue.tells(it) && !lexicon.it.contains(it)
                });
                // `Gas for it` is not it.
                let tied = from.checked_sub(1).and_then(|at| self.words.get(at));
                let tied = tied.is_some_and(|it| lexicon.serves.contains(it));
                let made_for = tied && !self.wish.instead && !self.asks;
                // `Für den großen Bruder`: an article is not it.
                let noun = self.words.get(to).is_some_and(|it| !tongue.fillers.contains(it));
                if made_for && noun && lexicon.the.contains(phrase) {
                    continue;
                }
                self.wish.for_it |= made_for;
                self.wish.it |= !(made_for || name && lexicon.the.contains(phrase));
                self.mark(from, to);
            }
        }
    }

    /// The next size up or down, of the one thing spoken of that comes in several.
    pub(super) fn step(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let one = self.scene.shown.len() < 2 || self.focused();
        let sized = |name: &Name| name.as_str() == "size";
        let comes = |facts| telling(facts).into_iter().any(|(name, _)| sized(name));
        let several = one && self.spoken_of().any(comes);
        let size = self.wish.filters.keys().any(sized);
        // `The bigger Northbox`, of which nothing was said before.
        let the = |at: &usize| self.words.get(*at).is_some_and(|it| lexicon.the.contains(it));
        let fresh = self.scene.shown.is_empty();
        // `One size up, so XL?`
        let named = self.titled.contains(&true);
        let points = |at: usize| {
            size || several || (fresh || named) && at.checked_sub(1).as_ref().is_some_and(the)
        };
        for (phrases, step) in [(&lexicon.larger, 1), (&lexicon.smaller, -1)] {
            let place = (0..self.words.len())
                .find_map(|at| Some((at, starts_with(&self.words, at, phrases)?)));
            if let Some((from, to)) = place.filter(|(from, _)| points(*from)) {
                self.wish.step = if size { 0 } else { step };
                self.stepped = from..to;
                return self.mark(from, to);
            }
        }
    }

    /// Whether it asks which of several is the most of something: `which is the lightest?`
    pub(super) fn most(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let most = |word: &String| {
            let mut stems = lexicon.most.iter().filter_map(|it| word.strip_suffix(it.as_str()));
            stems.any(|stem| stem.chars().count() > 2) && !self.tongue.is_thing(word)
        };
        let after = |at: usize| {
            let word = self.words.get(at + 1).filter(|_| self.free(at + 1, at + 2));
            word.is_some_and(most)
        };
        let the = |at: usize| self.words.get(at).is_some_and(|it| lexicon.the.contains(it));
        self.asks && (0..self.words.len()).any(|at| the(at) && after(at))
    }

    /// Whether what was spoken of last lies in the cart.
    pub(super) fn focused(&self) -> bool {
        let focus = self.scene.focus.as_ref();
        focus.is_some_and(|it| self.scene.cart.iter().any(|(held, _)| held == it))
    }

    /// What was just done to one line of the cart is wished for another: `and the t-shirt as well`.
    pub(super) fn so_too(&mut self, left: &[String]) -> Option<Act> {
        let did = self.scene.did.clone()?;
        let named = !left.is_empty() && left.iter().all(|word| self.held(word));
        let wish = &self.wish;
        let more = wish.quantity.is_some() || wish.article || wish.one || !wish.filters.is_empty();
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let acts = [Act::Nod, Act::Thanks, Act::Add].into();
        let adds = found.iter().any(|(cue, at)| cue.intent.as_str() == "add" && !self.small(at));
        let bare = self.cues.is_subset(&acts) && !adds && !self.asks && !more;
        if !named || !bare || !(self.joined() || self.beside()) || !self.points_at_line() {
            return None;
        }
        Some(match did {
            Did::Removed => Act::Remove,
            Did::Counted(count) => {
                self.wish.quantity = Some(count);
                Act::Set
            }
            Did::Changed(values) => {
                self.wish.filters = values;
                Act::Swap
            }
        })
    }

    /// What is wished of a line of the cart: another version of it or another product in its place, or that it goes.
    pub(super) fn of_line(&self, left: &[String]) -> Option<Act> {
        if self.scene.cart.is_empty() || self.inquires || self.wish.rest {
            return None;
        }
        // `Blue, 33`, of what was just put there so.
        if self.versions_last(left) && self.last_lies_so() {
            return Some(Act::Keep);
        }
        let back = !self.has(Act::Add) && self.takes_back();
        let another = self.another_version(left) && !back;
        if self.edits(left) && !another && !self.less {
            return Some(Act::Swap);
        }
        let known = left.iter().any(|word| self.held(word));
        let all = !left.is_empty() && left.iter().all(|word| self.held(word));
        let counts = self.wish.quantity.is_some() || self.wish.doubled || self.wish.halved;
        // `Sorry, I mean normal cola`, of what was just put there and is called cola too.
        let meant = self.wish.instead && self.scene.adding && !self.asks && !counts;
        if meant && all && !self.looks() && self.calls_other_whole(left) {
            return Some(Act::Swap);
        }
        // `No, not sparkling, still water`, of what was just put there.
        let changes = self.has(Act::Add) || self.has(Act::Remove);
        let taken = self.scene.adding && self.denies_line() && !changes && !self.may_be();
        if taken && !all && !left.is_empty() && !self.asks && !counts {
            // `We have wine at home, so no wine`.
            return Some(if self.wish.instead || self.named_behind_denied() {
                Act::Swap
            } else {
                Act::Remove
            });
        }
        let sets = self.has(Act::Set) && !counts && !self.has(Act::Add);
        // `Orange juice instead`, of what was just put there.
        let beside =
            |at: usize| starts_with(&self.words, at, &self.tongue.lexicon.beside).is_some();
        let also = (0..self.words.len()).any(beside);
        let last = self.scene.adding && self.focused() && !self.asks && !also;
        // `Make that a dozen, it's for the team`: so many of it.
        let counted = counts && !known && !left.iter().any(|word| self.of_goods(word));
        // `It's to be a present` names nothing that could take its place.
        let last = last && !left.iter().all(|word| self.tongue.untold(word));
        // `And a garlic bread, actually two`.
        let last = last && !(self.joined() && self.wish.article);
        let last = last || self.names_shown_of_kind(left);
        let swaps = self.wish.instead && (known || self.wish.it || last) || known && sets;
        // `Make one of the colas a lemonade`.
        let other = |word: &String| !self.held(word) && self.of_goods(word);
        let turns = self.has(Act::Set) && known && counts && left.iter().any(other);
        // `Can we pay by invoice or does it have to be a card?`
        let rule = self.tongue.rule(&self.words).is_some_and(|(_, words)| words >= SENTENCE);
        let rule = rule && self.asks && !known;
        let swaps = (swaps || turns) && !counted && !self.wish.doubled && !rule;
        if swaps && !self.looks() && !left.is_empty() && (!all || self.for_it()) {
            return Some(Act::Swap);
        }
        // `So no colas please`, `the cola not`.
        let bare = self.cues.is_subset(&[Act::Nod, Act::Add].into());
        let takes_back = self.denies_line() || !self.has(Act::Add) && self.denies_last();
        let goes = takes_back && all && bare && !self.asks && !counts && !self.may_be();
        (goes && !self.describes_denied(left)).then_some(Act::Remove)
    }

    /// Whether words are the whole name of goods, and of no line of the cart.
    fn calls_other_whole(&self, left: &[String]) -> bool {
        let whole = |title: &String| plain(title) == left;
        self.tongue.lexicon.titles.iter().any(whole)
            && !self.scene.lines.iter().any(|line| whole(&line.title))
    }

    /// Whether one of what is shown is named that is of the kind of the only thing in the cart: `the satchel instead`, of
    /// two backpacks.
    fn names_shown_of_kind(&self, left: &[String]) -> bool {
        let [(held, _)] = self.scene.cart.as_slice() else { return false };
        let Some(line) = self.scene.product(held).filter(|_| !self.asks) else { return false };
        let kind = &line.facts.category;
        let shown = named_in(&self.scene.shown, left, true).and_then(|at| self.scene.shown.get(at));
        !kind.is_empty() && shown.is_some_and(|it| it.facts.category == *kind)
    }

    /// Whether what is taken back is a mere kind behind what was wished in the same sentence, and only describes that:
    /// `something vegetarian, not pizza`.
    fn describes_denied(&self, left: &[String]) -> bool {
        (self.buying || self.seeking)
            && !self.points_at_line()
            && !left.iter().any(|it| self.named_so(it))
    }

    /// Whether a word is the own name of a line of the cart, and not what it is.
    fn named_so(&self, word: &str) -> bool {
        let held = self.scene.lines.iter().filter_map(|held| self.scene.product(&held.variant));
        held.map(|it| own(it.facts)).any(|own| own.iter().any(|own| same(own, word)))
    }

    /// Whether a line makes room for what was looked at last and does not lie in the cart: `swap the cap for that`.
    fn for_it(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let serves = |at: usize| self.words.get(at).is_some_and(|it| lexicon.serves.contains(it));
        let it = |at: usize| starts_with(&self.words, at + 1, &lexicon.it).is_some();
        let other = || self.scene.focus.is_some() && !self.focused();
        let held = |variant: &Name| self.scene.cart.iter().any(|(held, _)| held == variant);
        let other = match self.scene.shown.as_slice() {
            [only] => !only.facts.variants.iter().any(|it| held(&it.variant)),
            _ => other(),
        };
        other && self.wish.it && (0..self.words.len()).any(|at| serves(at) && it(at))
    }

    /// Whether a word of what is in the cart is taken back: `not white`, `no more of the colas`. What only begins with a
    /// no takes nothing back: `no, the hat is nice`.
    pub(super) fn denies_line(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let no = |at: usize| starts_with(&self.words, at, &lexicon.negations);
        let small = |at: &usize| {
            let lists = [&lexicon.the, &lexicon.single, &lexicon.beside, &lexicon.pieces];
            self.words.get(*at).is_some_and(|it| lists.iter().any(|list| list.contains(it)))
        };
        let line = |to: usize| self.line_word(to + (to..).take_while(small).count());
        (self.corrects..self.words.len()).filter_map(no).any(line)
    }

    /// Whether what is not wished is only something of a line: `leave out the bacon in the carbonara`, `no basil on the
    /// margherita`. The line itself stays as it is.
    pub(super) fn denies_part(&self, left: &[String]) -> bool {
        let lexicon = &self.tongue.lexicon;
        let no = |at: usize| starts_with(&self.words, at, &lexicon.negations).is_some();
        let small =
            |at: &usize| self.words.get(*at).is_some_and(|it| self.tongue.fillers.contains(it));
        let tie = |it: &String| lexicon.ties.contains(it) && !lexicon.the.contains(it);
        let the = |at: usize| self.words.get(at).is_some_and(|it| lexicon.the.contains(it));
        let counted = |at: usize| counts(self.words.get(at..).unwrap_or_default(), lexicon);
        // `He is not coming, so only one halloumi burger`, with no article, is of the line itself.
        let of_line = |at: usize| {
            let to = at + (at..).take_while(|it| small(it) || counted(*it)).count();
            self.line_word(to) && ((at..to).any(the) || !(at..to).any(counted))
        };
        let part = |at: usize| {
            let before = (0..at).rev().find(|at| !small(at));
            before.filter(|at| !self.line_word(*at)).and_then(|at| self.words.get(at))
        };
        let ties = (1..self.words.len()).filter(|at| self.words.get(*at).is_some_and(tie));
        let mut parts = ties.filter(|at| of_line(at + 1)).filter_map(part);
        let denies = self.has(Act::Remove) || (0..self.words.len()).any(no);
        denies && parts.any(|word| left.contains(word) || self.wish.without.contains(word))
    }

    /// Whether something else is named behind what is taken back: `not sparkling, still water`.
    fn named_behind_denied(&self) -> bool {
        let no = |at: usize| starts_with(&self.words, at, &self.tongue.lexicon.negations);
        let last = (self.corrects..self.words.len()).filter_map(no).max().unwrap_or(0);
        let open = |at: usize| {
            let name = |it: &String| !self.tongue.fillers.contains(it) && !self.tongue.tells(it);
            self.words.get(at).is_some_and(name) && self.free(at, at + 1) && !self.line_word(at)
        };
        (last..self.words.len()).any(open)
    }

    /// Whether what is named is taken back behind it: `the hat, rather not`.
    fn denies_last(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let small = |word: &String| self.tongue.fillers.contains(word) || self.tongue.tells(word);
        let no = |at: usize| starts_with(&self.words, at, &lexicon.negations);
        let last = |to: usize| self.words.iter().skip(to).all(small);
        let mut ends = (1..self.words.len()).filter_map(|at| Some((at, no(at)?)));
        ends.any(|(at, to)| last(to) && (0..at).any(|at| self.line_word(at)))
    }

    /// Whether it begins by taking back what was said: `no wait, the large one`, `oops, it's a large one`.
    fn takes_back(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let small = |it: &&String| self.tongue.fillers.contains(*it);
        let first = self.words.iter().take_while(small).count();
        let said = |at: usize, list| starts_with(&self.words, at, list).is_some();
        let slips = said(0, &lexicon.slips) || said(0, &lexicon.apologies);
        let begins = slips || (0..=first).any(|at| said(at, &lexicon.no));
        begins && !self.has(Act::Search) && !self.asks
    }

    /// Whether what was spoken of last is told by how it lies there, and is to be another way: `the white one in L too`.
    pub(super) fn points_at_last(&self) -> bool {
        let Some(last) = &self.scene.focus else { return false };
        let product = self.scene.product(last);
        let mut versions = product.iter().flat_map(|it| &it.facts.variants);
        let lies = versions.find(|it| it.variant == *last).map(|it| &it.attributes);
        let so = |name: &Name, value: &String| lies.is_some_and(|it| it.get(name) == Some(value));
        let the =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.lexicon.the.contains(it));
        let lexicon = &self.tongue.lexicon;
        let said = |at: usize| -> Option<(&Name, &String)> {
            let word = self.words.get(at)?;
            let mut forms = std::iter::once(word.as_str())
                .chain(lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str())));
            forms.find_map(|it| {
                let mut kinds = lexicon.values.iter();
                kinds.find_map(|(name, said)| Some((name, said.get(it)?)))
            })
        };
        let pointed =
            |at: usize| the(at) && said(at + 1).is_some_and(|(name, value)| so(name, value));
        let mut filters = self.wish.filters.iter();
        (0..self.words.len()).any(pointed) && filters.any(|(name, value)| !so(name, value))
    }

    /// Whether goods are looked at, and nothing is changed.
    fn looks(&self) -> bool {
        self.open || self.has(Act::Search) && !self.has(Act::Add)
    }

    /// Whether another version of a line is wished: what is said names one, or what was put there last, and how it is
    /// to be instead.
    fn edits(&self, left: &[String]) -> bool {
        let (wish, lexicon) = (&self.wish, &self.tongue.lexicon);
        let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
        let says = kinds || wish.step != 0;
        let priced = wish.price != 0 || wish.amount != (None, None);
        // `Can I have it in blue instead of green too?`
        let other = wish.instead && !wish.without.is_empty();
        let also = self.beside() && !self.turns_into() && !self.points_at_last() && !other;
        let named = !left.is_empty() && left.iter().all(|word| self.held(word));
        // `Sorry, L for the trousers as well`; but not `sorry, I'll take the gloves in brown as well`.
        let also = also && !(named && !self.has(Act::Add) && self.takes_back());
        // `L will be too big for him, change it to M`: what names no goods is told around it.
        let of_it = !named && !left.iter().any(|word| self.of_goods(word)) && self.focused();
        // `Sorry, I need it in L`, of what was just put there; `I need the gloves a size up`.
        let adds = self.has(Act::Add);
        let join = |word: &String| lexicon.joins.contains(word);
        let bare = left.is_empty() && (wish.it || wish.step != 0);
        // What was just put there, or is all there is.
        let fresh = self.scene.adding || self.scene.viewing && self.scene.cart.len() == 1;
        let again = of_it && fresh && bare && !adds;
        let asks = self.asks && !self.requests;
        let again = again && !asks && !self.words.iter().any(join);
        let steps = wish.step != 0 && !asks;
        let looks = self.looks() && !wish.instead && !steps && !again;
        // `The grey docker`, `take the black one out`, of what lies there so.
        let same =
            (named || self.has(Act::Remove)) && kinds && wish.step == 0 && self.lies_so(left);
        if !says || priced || also || looks || same || !named && !of_it {
            return false;
        }
        let counted = wish.quantity.is_some();
        let (sets, counts) = (self.has(Act::Set) && !counted, adds && counted);
        // `And three of the chairs in green` are more of them.
        let pointed = named && self.pointed(left) && !counted;
        // `Both in large, please`, of what was just put there.
        let all = fresh && kinds && left.is_empty() && wish.places.contains(&0);
        let all = all && !asks && !counts;
        // `He will find that too small, we take it in L`.
        let excess = kinds && fresh && of_it && !self.excess().is_empty();
        let back = self.takes_back() && !counted;
        let taken = fresh && kinds && (back || self.points_at_last() && self.beside());
        // `Oh go on, medium`, of a small one.
        let small = self.words.iter().take_while(|it| self.tongue.fillers.contains(*it)).count();
        let yes = (0..=small).any(|at| starts_with(&self.words, at, &lexicon.yes).is_some());
        let agrees = left.is_empty() && yes && !self.joined() && !self.asks;
        let agrees = agrees && !wish.one && !wish.article && !counted;
        let taken = taken || fresh && kinds && agrees;
        let taken = of_it && (taken || self.versions_last(left));
        // `No wait, gloves in brown`, of black ones that lie there.
        let taken = taken || named && kinds && !asks && back;
        let instead = wish.instead || excess || taken;
        // `Can I have it one size bigger?`
        let steps = steps && (!adds || wish.it);
        all || instead && !counts || steps || (sets || again || pointed) && !adds
    }

    /// Whether words around it say that a thing is to be another: `swap the cap to grey as well`.
    pub(super) fn turns_into(&self) -> bool {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        found.iter().any(|(cue, places)| {
            let ends = places.first().zip(places.last());
            let around = ends.is_some_and(|(first, last)| last - first >= places.len());
            // `The blouse should be L as well`.
            let before = places.first().and_then(|at| at.checked_sub(1));
            let of_line = cue.words > 1 && before.is_some_and(|at| self.line_word(at));
            // `Make the margherita a medium as well`.
            let behind = places.last().is_some_and(|at| self.line_word(at + 1));
            let makes = cue.intent.as_str() == "set" && cue.words > 1 && behind;
            cue.intent.as_str() == "instead" && (around || of_line) || makes
        })
    }

    /// Whether it is wished beside what there is: `the scarf in grey too`, `another scarf`.
    pub(super) fn beside(&self) -> bool {
        let (beside, excess) = (&self.tongue.lexicon.beside, self.excess());
        let such = |at: usize| starts_with(&self.words, at, beside).is_some();
        let counted = self.counts_it();
        // The `more` of `no more than 85`.
        let bound = |at: usize| {
            self.wish.amount != (None, None) && self.told.get(at).is_some_and(|told| *told)
        };
        // `I still have one at home`.
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let kept = found.iter().filter(|(cue, _)| cue.words > 2 && cue.intent.as_str() == "nod");
        let kept: BTreeSet<usize> = kept.flat_map(|(_, places)| places.clone()).collect();
        let says =
            |at: usize| such(at) && !bound(at) && !excess.contains(&at) && !kept.contains(&at);
        (0..self.words.len()).any(|at| says(at) && !self.tells_why(at, counted))
    }

    /// Where a count of what was spoken of stands: `two of those`.
    pub(super) fn counts_it(&self) -> Option<usize> {
        let lexicon = &self.tongue.lexicon;
        let it = |at: usize| starts_with(&self.words, at, &lexicon.it).is_some();
        let counts = |at: usize| counts(self.words.get(at..).unwrap_or_default(), lexicon);
        (0..self.words.len()).find(|at| counts(*at) && it(at + 1))
    }

    /// Whether a clause only tells why so many are wished: `two of those, I'm thirsty too`.
    fn tells_why(&self, at: usize, counted: Option<usize>) -> bool {
        let comma = self.commas.iter().copied().rfind(|comma| *comma <= at);
        let told = |at: usize| self.told.get(at).is_some_and(|told| *told);
        let clause = |comma: usize| comma..at;
        let tells = |at: usize| {
            self.words
                .get(at)
                .is_some_and(|it| !self.tongue.fillers.contains(it) && !self.tongue.is_thing(it))
        };
        comma.zip(counted).is_some_and(|(comma, counted)| {
            counted < comma && clause(comma).any(tells) && !clause(comma).any(told)
        })
    }

    /// Places of words that say that something is too much: `too small` is no size, and `too` wishes nothing beside.
    pub(super) fn excess(&self) -> BTreeSet<usize> {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let excess = found.into_iter().filter(|(cue, places)| {
            cue.intent.as_str() == "excess" && !parted(cue, places, &self.commas)
        });
        excess.flat_map(|(_, places)| places).collect()
    }

    /// Whether an article or a name points at a line of the cart: `the scarf in grey`, but not `a scarf`.
    fn pointed(&self, left: &[String]) -> bool {
        // What it is, a title says last.
        let name = |word: &String| self.named_so(word);
        (!self.asks || self.requests) && (self.points_at_line() || left.iter().any(name))
    }
}
