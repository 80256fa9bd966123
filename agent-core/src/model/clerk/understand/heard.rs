//! Cues that are none where they stand: part of a name, of a bound, or of a question.

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::question::changes;
use crate::model::clerk::understand::reading::{Reading, parted};
use crate::model::clerk::understand::words::{number_of, plain, starts_with};

impl Reading<'_> {
    /// Whether a word belongs to the whole name of goods: the `express` of a `Mirabell nail polish express`.
    pub(super) fn titled(&self, at: usize) -> bool {
        self.titled.get(at).is_some_and(|it| *it)
    }

    /// Whether a cue says something else where it stands: it names persons, a line of the cart, a product or a bound.
    pub(super) fn means_other(&mut self, cue: &Cue, places: &[usize], details: &[usize]) -> bool {
        let any = |such: &dyn Fn(usize) -> bool| places.iter().any(|at| such(*at));
        let intent = cue.intent.as_str();
        // A `Spinner` is a lure, where they are sold.
        let named = |at: &usize| self.words.get(*at).is_some_and(|it| self.tongue.is_named(it));
        if intent == "rude" && places.iter().all(named) {
            return true;
        }
        // `One person please` asks for nobody.
        let persons = intent == "human" && any(&|at| self.persons(at));
        let line = intent == "cart" && any(&|at| self.lines.contains(&at));
        // `Any clothes for humans?`
        let serves = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.words.get(at));
            before.is_some_and(|it| self.tongue.lexicon.serves.contains(it))
        };
        let whom = intent == "human" && cue.words == 1 && any(&serves);
        // `I'm looking for a present for a colleague`.
        let made_for = |at: usize| {
            let before = |n: usize| at.checked_sub(n);
            let thing = before(2).is_some_and(|it| self.tongue.thing_at(&self.words, it));
            let article = before(3).is_some_and(|it| self.article(it));
            serves(at) && (thing || article && !self.searches.is_empty())
        };
        let whom = whom || intent == "human" && places.first().is_some_and(|at| made_for(*at));
        let rule = self.asks_a_rule(cue, places) || self.within_a_rule(cue, places);
        let own = intent == "human" && self.spans_own(places);
        // `Dazu die Stecker` puts nothing anywhere, as `steck sie dazu` does.
        let noun = |at: usize| {
            self.words
                .get(at)
                .filter(|it| self.tongue.names(it))
                .is_some_and(|it| !cue.said().any(|said| said == it))
        };
        let noun = changes(cue) && any(&noun);
        let parted = parted(cue, places, &self.commas);
        let other = parted || self.parts_with(cue, places);
        if persons || line || whom || own || rule || noun || other {
            return true;
        }
        if places.iter().all(|at| self.titled(*at)) {
            self.lines.extend(places.iter().filter(|_| places.len() > 1));
            return true;
        }
        // `A football in size 4`, where they are sold.
        let named = |at: usize| {
            self.words
                .get(at)
                .filter(|it| !self.tongue.fillers.contains(*it))
                .is_some_and(|it| self.tongue.is_named(it) || self.tongue.is_part_of_named(it))
        };
        let the =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.lexicon.the.contains(it));
        let noun = cue.words == 1 || cue.words == 2 && places.first().is_some_and(|at| the(*at));
        if intent == "off_topic" && noun && any(&named) {
            return true;
        }
        if self.within_a_name(cue, places) {
            // `The thank-you gift card` is called so.
            self.lines.extend(places.iter().filter(|_| places.len() > 1));
            return true;
        }
        // `In the morning`, `this evening`.
        let lexicon = &self.tongue.lexicon;
        let lists = [&lexicon.the, &lexicon.single, &lexicon.ties, &lexicon.it];
        let noun = |at: &usize| {
            let before = at.checked_sub(1).and_then(|at| self.words.get(at));
            before.is_some_and(|it| lists.iter().any(|list| list.contains(it)))
        };
        let time = intent == "greet" && cue.words == 1 && places.iter().all(noun);
        // `In double`, a size of sheets; alone it doubles what begins behind it, or a line: `so double the burger`.
        let small =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.fillers.contains(it));
        let begins = |at: &usize| (0..*at).all(small) || the(at + 1) && self.line_word(at + 2);
        let size = intent == "double" && cue.words == 1;
        if size && (self.scene.cart.is_empty() || !places.iter().all(begins)) {
            return true;
        }
        time || self.bounds(cue, places) || self.tells_more(cue, places, details)
    }

    /// Whether a cue stands in a clause of what is searched before it: `a box where I can put my watches`.
    pub(super) fn within_clause(&self, places: &[usize]) -> bool {
        let open = &self.tongue.lexicon.open;
        let opens = |at: &usize| self.words.get(*at).is_some_and(|it| open.contains(it));
        let Some(first) = places.first().filter(|_| self.sought > 0) else { return false };
        let clause = (self.sought + 1..*first).rfind(opens);
        clause.is_some_and(|from| !self.commas.iter().any(|at| (from + 1..=*first).contains(at)))
    }

    /// Whether what is named goes with what was said before it: `add the belt and the hat`, of a hat that was shown.
    pub(super) fn named_along(&self, act: Act) -> bool {
        act == Act::Search || act == Act::Details && self.buying && !self.asks
    }

    /// Whether a word is one of goods.
    pub(super) fn of_goods(&self, word: &str) -> bool {
        self.tongue.is_thing(word) || self.tongue.foreign.contains(word)
    }

    /// Whether an article stands at a place.
    fn article(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|it| self.tongue.lexicon.single.contains(it))
    }

    /// Whether something else than a line of the cart is to be left out: `can you leave the price out?`
    fn parts_with(&self, cue: &Cue, places: &[usize]) -> bool {
        let ends = places.first().zip(places.last());
        let Some((first, last)) = ends.filter(|_| cue.intent.as_str() == "remove") else {
            return false;
        };
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        // `It is a present, so leave the price out`.
        let it = |at: usize| starts_with(&self.words, at, &lexicon.it).is_some();
        if !self.asks && !(0..*first).any(it) {
            return false;
        }
        let word = |at: usize| self.words.get(at);
        let the = word(first + 1).is_some_and(|it| lexicon.the.contains(it));
        let other = |at: usize| {
            let told = self.told.get(at) == Some(&true) || self.line_word(at);
            !told && word(at).is_some_and(|it| !tongue.is_thing(it) && !tongue.is_named(it))
        };
        the && first + 2 < *last && (first + 2..*last).all(other)
    }

    /// Whether a cue has the number that was said: the `one less` of `one less, please`.
    pub(super) fn counts_with(&self, places: &[usize]) -> bool {
        let counted = |word: &String| self.wish.counted.split(' ').any(|it| it == word);
        places.iter().any(|at| self.words.get(*at).is_some_and(counted))
    }

    /// Whether what adds says more than a small word: not the `one please` of `more info on the second one please`.
    pub(super) fn says_order(&self, cue: &Cue, places: &[usize], details: &[usize]) -> bool {
        let told = details.iter().any(|at| places.first().is_some_and(|first| at < first));
        !((told || cue.words < 2) && self.small(places))
    }

    /// Whether a cue is of small words only: `please`.
    pub(super) fn small(&self, places: &[usize]) -> bool {
        let small =
            |at: &usize| self.words.get(*at).is_some_and(|it| self.tongue.fillers.contains(it));
        places.iter().all(small)
    }

    /// Whether a cue only says what something may cost or be: the `no more` of `no more than seventy`, the
    /// `for less` of `for less than 40`, the `what colour` of `no matter what colour`.
    pub(super) fn bounds(&self, cue: &Cue, places: &[usize]) -> bool {
        let told = |at: &usize| self.told.get(*at).is_some_and(|told| *told);
        let bound = self.wish.amount != (None, None) || !self.wish.open.is_empty();
        let such =
            matches!(cue.intent.as_str(), "remove" | "details" | "cheaper" | "dearer" | "compare");
        // `I will, but for less than 40`: a word of the bound takes nothing out, and compares nothing.
        let part = matches!(cue.intent.as_str(), "remove" | "compare") && places.iter().any(told);
        bound && such && (part || places.iter().all(told))
    }

    /// Whether what is named stays where a cue speaks of the rest: `keep the scarf, the rest can go`, but not `drop the
    /// scarf, keep the rest`.
    pub(super) fn keeps(&self, rest: &[usize]) -> bool {
        let Some(first) = rest.first() else { return true };
        let within = |at: usize| self.line_word(at) && !rest.contains(&at);
        if (*first..self.words.len()).any(within) {
            return true;
        }
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let mut before = found.iter().filter(|(_, places)| places.iter().all(|at| at < first));
        !before.any(|(cue, _)| matches!(cue.intent.as_str(), "remove" | "away"))
    }

    /// What a cue says of how something is wished.
    pub(super) fn tells_how(&mut self, intent: &str) {
        let wish = &mut self.wish;
        let told = match intent {
            "instead" => &mut wish.instead,
            "versions" => &mut wish.versions,
            "same" => &mut wish.same,
            "as_many" => &mut wish.as_many,
            _ => &mut wish.kindly,
        };
        *told = true;
    }

    /// `Show me the lamps once, please`: what is to be shown is not ordered, nor counted by a word that says once. But `let
    /// me see, I'll take two`.
    pub(super) fn only_shown(&mut self) {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let small =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.fillers.contains(it));
        let clause = |at: usize| self.commas.iter().copied().rfind(|it| *it <= at).unwrap_or(0);
        let begins = |at: &usize| (clause(*at)..*at).all(small);
        let first = |intent: &str, such: &dyn Fn(&usize) -> bool| {
            let of = found.iter().filter(|(cue, _)| cue.intent.as_str() == intent);
            of.filter_map(|(_, at)| at.first().copied()).find(such)
        };
        let Some(shows) = first("shows", &begins) else { return };
        if first("add", &|at| clause(*at) > shows).is_some() {
            return;
        }
        self.cues.remove(&Act::Add);
        if self.tongue.lexicon.one.contains(&self.wish.counted) {
            self.wish.quantity = None;
        }
    }

    /// There are to be twice as many.
    pub(super) fn doubles(&mut self) {
        self.wish.doubled = true;
        self.cues.insert(Act::Set);
    }

    /// Half as many as there are of what lies in the cart.
    pub(super) fn halves(&mut self) {
        self.wish.halved = self.of_lines();
        self.cues.extend(Some(Act::Set).filter(|_| self.wish.halved));
    }

    /// Each version is meant, and put into the cart where that is not asked: `one in each colour`.
    pub(super) fn each(&mut self) {
        self.wish.each = true;
        self.cues.extend(Some(Act::Add).filter(|_| !self.asks));
    }

    /// Whether it is to be told of what a cue seems to order: `give me the details on number one`.
    pub(super) fn tells_more(&self, cue: &Cue, places: &[usize], details: &[usize]) -> bool {
        let Some(last) = places.last().filter(|_| cue.intent.as_str() == "add") else {
            return false;
        };
        let small =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.fillers.contains(it));
        let begins = |at: &&usize| *at > last && (last + 1..**at).all(small);
        let comma = |at: &usize| self.commas.iter().any(|comma| (*last..=*at).contains(comma));
        details.iter().find(begins).is_some_and(|at| !comma(at))
    }

    /// Whether a cue of one word is part of a name here: the `evening` of a gown, a `laundry basket`.
    pub(super) fn within_a_name(&self, cue: &Cue, places: &[usize]) -> bool {
        let small = |it: &&String| {
            let lexicon = &self.tongue.lexicon;
            lexicon.the.contains(*it) || lexicon.single.contains(*it)
        };
        let begins =
            places.first().and_then(|at| at.checked_sub(1)).and_then(|at| self.words.get(at));
        let ends = places.last().and_then(|at| self.words.get(at + 1));
        // `The thank-you gift card`.
        if matches!(cue.intent.as_str(), "thanks" | "greet" | "bye")
            && begins.as_ref().is_some_and(small)
            && ends.is_some_and(|it| self.tongue.is_thing(it))
        {
            return true;
        }
        let [at] = *places else { return false };
        if cue.words == 1 && self.tongue.phrase(&self.words, at).is_some() {
            return true;
        }
        // `Basket for firewood`.
        let made_for = self.words.get(at + 1).is_some_and(|it| {
            at == 0 && self.words.len() > 2 && self.tongue.lexicon.serves.contains(it)
        });
        if cue.words == 1 && cue.intent.as_str() == "cart" && made_for {
            return true;
        }
        if cue.words == 1 && self.pairs_shown(at) {
            return true;
        }
        let before = at.checked_sub(1).and_then(|at| self.words.get(at));
        let open = |word: &String| {
            let small = self.tongue.fillers.contains(word) || self.tongue.tells(word);
            !small && !self.tongue.lexicon.questions.contains(word)
        };
        // `The drop earrings`, `one pair drop earrings`.
        let lexicon = &self.tongue.lexicon;
        let lists = [&lexicon.the, &lexicon.single, &lexicon.one, &lexicon.pieces];
        let counts = |it: &String| lexicon.numbers.contains_key(it);
        let the = before.is_some_and(|it| counts(it) || lists.iter().any(|list| list.contains(it)));
        let sold = self.words.get(at + 1).is_some_and(|it| self.tongue.is_thing(it));
        // `The drop ones`: where words stand apart, an article begins no verb.
        let article = before.is_some_and(|it| lexicon.apart && lexicon.the.contains(it));
        let noun = sold || article && self.words.get(at + 1).is_some();
        if cue.words == 1 && the && noun && matches!(cue.intent.as_str(), "remove" | "add" | "set")
        {
            return true;
        }
        // `A burgundy evening dress`.
        if cue.words == 1 && before.is_some() && sold && cue.intent.as_str() == "greet" {
            return true;
        }
        let own = before.is_some_and(open);
        let asks = self.cues.contains(&Act::Details) || self.cues.contains(&Act::Search);
        cue.words == 1
            && cue.intent.as_str() == "cart"
            && own
            && (asks || self.wish.article || self.words.len() < 3)
    }

    /// Whether a word and one beside it stand so in the name of what was shown: the `leg` of `Wide-Leg Jeans`.
    fn pairs_shown(&self, at: usize) -> bool {
        let mut titles = self.scene.recent.iter().map(|it| plain(&it.facts.title));
        let pair = |from: usize| self.words.get(from..from + 2);
        let pairs = [at.checked_sub(1).and_then(pair), pair(at)];
        titles.any(|title| title.windows(2).any(|own| pairs.iter().flatten().any(|it| *it == own)))
    }

    /// Whether a word is of how many persons something is for: `one person`.
    pub(super) fn persons(&self, at: usize) -> bool {
        let lexicon = &self.tongue.lexicon;
        let number = at.checked_sub(1).and_then(|at| self.words.get(at));
        let number = number.is_some_and(|it| {
            number_of(it).is_some() || lexicon.numbers.contains_key(it) || lexicon.one.contains(it)
        });
        number && self.words.get(at).is_some_and(|it| lexicon.units.contains(it))
    }
}
