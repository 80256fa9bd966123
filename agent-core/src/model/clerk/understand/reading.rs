//! One part of a message, read: what is filtered, what is searched, which cues it has. What is wished by it
//! all is decided in `act`.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::ProductFacts;
use crate::id::Name;
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::act::{act_of, talks};
use crate::model::clerk::understand::amount::{self, Amounts, starts_with};
use crate::model::clerk::understand::tongue::{Part, Tongue};
use crate::model::clerk::understand::words::{number_of, plain, stem};
use crate::model::clerk::understand::{Act, Wish, same};

/// Words of an attribute's value that a customer says; longer ones are prose.
const VALUE_WORDS: usize = 3;
/// A cue of so many words says what a sentence is about.
const SENTENCE: usize = 3;

/// A part of a message as it is read.
pub(crate) struct Reading<'a> {
    pub(super) tongue: &'a Tongue,
    pub(super) scene: &'a Scene<'a>,
    pub(super) words: Vec<String>,
    /// The same as they are searched.
    said: Vec<String>,
    /// Words that are understood and not searched.
    used: Vec<bool>,
    /// Words that filters, places and amounts used: they tell nothing else.
    told: Vec<bool>,
    /// Places of words that belong to a cue of several.
    phrases: BTreeSet<usize>,
    /// It is a question.
    pub(super) asks: bool,
    /// So many words before its first comma take back what was before: `no, no, L`.
    corrects: usize,
    /// It asks for something that is not known.
    pub(super) open: bool,
    /// A cue of several words says that it is talk.
    pub(super) told_at_length: bool,
    pub(super) wish: Wish,
    pub(super) cues: BTreeSet<Act>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(tongue: &'a Tongue, scene: &'a Scene<'a>, part: Part) -> Self {
        let used = vec![false; part.words.len()];
        let question = |word: &String| tongue.lexicon.questions.contains(word);
        let asks = part.asks || part.words.first().is_some_and(question);
        let (words, said, corrects) = (part.words, part.said, part.corrects);
        let (wish, cues) = (Wish::default(), BTreeSet::new());
        let found = tongue.cues.found(&words, &tongue.lexicon);
        let phrases = found.into_iter().filter(|(cue, _)| cue.words > 1);
        let phrases = phrases.flat_map(|(_, places)| places).collect();
        let told = used.clone();
        let first = words.iter().find(|word| !tongue.fillers.contains(*word) || question(word));
        let open = first.is_some_and(|word| tongue.lexicon.open.contains(word));
        Self {
            tongue,
            scene,
            words,
            said,
            used,
            told,
            phrases,
            asks,
            corrects,
            open,
            told_at_length: false,
            wish,
            cues,
        }
    }

    /// What is wished; `follows` is what the part before it in its sentence wished.
    pub(crate) fn wish(mut self, follows: Option<Act>) -> Wish {
        self.places();
        self.values();
        self.amounts();
        self.told.clone_from(&self.used);
        self.cues();
        self.without();
        self.it();
        let names = self.names();
        let left = names.concat();
        let thing = self.words.iter().any(|word| self.tongue.is_thing(word));
        let act = self.act(&left, thing);
        self.wish.ahead = self.ahead();
        self.wish.asks = self.asks;
        self.wish.thing = thing;
        self.wish.own = left.iter().any(|word| !self.tongue.is_thing(word));
        self.wish.buys = self.cues.contains(&Act::Add);
        let kinds: Vec<&str> =
            left.iter().filter(|word| self.tongue.sold(word)).map(String::as_str).collect();
        self.wish.kind = kinds.join(" ");
        if act != Act::Policy {
            self.wish.guess = !self.cues.contains(&Act::Search);
        }
        let inherits = matches!(follows, Some(Act::Add | Act::Remove)) && self.cues.is_empty();
        let act = match follows {
            Some(follows) if inherits && act == Act::Search => follows,
            _ => act,
        };
        // Of what is said beside a new number only what names a line of the cart counts.
        let named = act != Act::Set || left.iter().any(|word| self.held(word));
        if named && !matches!(act, Act::Cart | Act::Checkout) {
            self.wish.words = left.join(" ");
            self.wish.names = names.into_iter().map(|name| name.join(" ")).collect();
        }
        self.wish.act = Some(act);
        self.wish
    }

    /// Whether something in the cart is called so.
    pub(super) fn held(&self, word: &str) -> bool {
        let mut lines = self.scene.lines.iter();
        let held = |variant: &Name| self.scene.cart.iter().any(|(held, _)| held == variant);
        lines
            .any(|line| held(&line.variant) && plain(&line.title).iter().any(|own| same(own, word)))
    }

    /// Whether the number that was said stands before all that is searched.
    pub(super) fn ahead(&self) -> bool {
        let said = self.wish.counted.split(' ').next().unwrap_or_default();
        let count = self.words.iter().position(|word| word == said);
        let open = |at: &usize| {
            let word = self.words.get(*at);
            !self.used(*at) && word.is_some_and(|it| !self.tongue.fillers.contains(it))
        };
        let first = (0..self.words.len()).find(open);
        count.zip(first).is_some_and(|(count, first)| count < first)
    }

    fn mark(&mut self, from: usize, to: usize) {
        self.used.iter_mut().take(to).skip(from).for_each(|used| *used = true);
    }

    fn free(&self, from: usize, to: usize) -> bool {
        self.used.get(from..to).is_some_and(|used| used.iter().all(|used| !used))
    }

    fn places(&mut self) {
        let lexicon = &self.tongue.lexicon;
        for n in 0..self.words.len() {
            let Some(place) = self.words.get(n).and_then(|word| lexicon.ordinals.get(word)) else {
                continue;
            };
            // `On second thoughts` is no place.
            if self.phrase(n) {
                continue;
            }
            // `The first two` are two places.
            let count = self.words.get(n + 1).and_then(|word| {
                let digits = number_of(word).and_then(|it| it.parse().ok());
                lexicon.numbers.get(word).copied().or(digits)
            });
            match count.filter(|count| *place > 0 && (2..=9).contains(count)) {
                Some(count) => {
                    self.wish.places.extend(*place..*place + count);
                    self.mark(n, n + 2);
                }
                None => {
                    self.wish.places.push(*place);
                    // `The first one` counts nothing.
                    let one = self.words.get(n + 1).and_then(|word| lexicon.numbers.get(word));
                    self.mark(n, if one == Some(&1) { n + 2 } else { n + 1 });
                }
            }
        }
        for phrase in &lexicon.both {
            let phrase = plain(phrase);
            for (from, to) in found(&self.words, &phrase) {
                if self.free(from, to) && !self.phrase(from) {
                    self.wish.places.push(0);
                    self.mark(from, to);
                }
            }
        }
        if self.wish.places.iter().any(|place| *place != 0) {
            self.wish.places.retain(|place| *place != 0);
        }
        // A number alone is a place, where several things are shown.
        if let [only] = self.words.as_slice()
            && let Some(place) = number_of(only).and_then(|it| it.parse().ok())
            && (1..=self.scene.shown.len()).contains(&place)
            && self.scene.shown.len() > 1
        {
            self.wish.places.extend(i64::try_from(place));
            self.mark(0, 1);
        }
    }

    fn amounts(&mut self) {
        let words = self.words.iter().zip(&self.used);
        let free: Vec<String> =
            words.map(|(word, used)| if *used { String::new() } else { word.clone() }).collect();
        let sizes = self.spoken_of().flat_map(|facts| &facts.variants);
        let sizes: BTreeSet<&String> =
            sizes.filter_map(|variant| variant.attributes.get("size")).collect();
        let sized = |value: &str| sizes.iter().any(|size| *size == value);
        let read = amount::read(&free, &self.tongue.lexicon, &sized);
        let Amounts { at_least, at_most, plain, size, quantity, counted, used } = read;
        self.wish.counted = counted;
        self.wish.amount = (at_least, at_most);
        self.wish.costs = plain;
        self.wish.quantity = quantity;
        if let Some(size) = size {
            // `Number 3` of what is shown, where no size is called so.
            let place = size.parse().ok().filter(|at| (1..=self.scene.shown.len()).contains(at));
            match place.filter(|_| !sizes.contains(&size) && self.scene.shown.len() > 1) {
                Some(place) => self.wish.places.extend(i64::try_from(place)),
                None => {
                    self.wish.filters.entry("size".into()).or_insert(size);
                }
            }
        }
        for (mine, used) in self.used.iter_mut().zip(used) {
            *mine |= used;
        }
        // A word for a size beside the size itself says nothing more.
        let lexicon = &self.tongue.lexicon;
        let sized = self.wish.filters.contains_key("size");
        for (word, used) in self.words.iter().zip(&mut self.used) {
            *used |= sized && lexicon.size_words.contains(word);
        }
    }

    /// The products that were spoken of last.
    fn spoken_of(&self) -> impl Iterator<Item = &'a ProductFacts> + '_ {
        let focus = self.scene.focus.as_ref().and_then(|focus| self.scene.product(focus));
        let asked = self.scene.asked.as_ref().map(|asked| asked.product.facts);
        let shown = self.scene.shown.iter().map(|shown| shown.facts);
        asked.into_iter().chain(focus.map(|shown| shown.facts)).chain(shown)
    }

    /// Words of filters: the pack's, and what tells the versions of the products spoken of apart. The
    /// longest first, so that `light blue` is not `blue`.
    fn values(&mut self) {
        let mut values: Vec<(Vec<String>, Name, String)> = Vec::new();
        for facts in self.spoken_of() {
            for (name, value) in telling(facts) {
                let said = plain(value);
                if said.len() <= VALUE_WORDS && said.iter().any(|it| number_of(it).is_none()) {
                    values.push((said, name.clone(), value.clone()));
                }
            }
        }
        for (name, said) in &self.tongue.lexicon.values {
            values.extend(
                said.iter().map(|(said, value)| (plain(said), name.clone(), value.clone())),
            );
        }
        values.sort_by_key(|(said, ..)| std::cmp::Reverse(said.len()));
        for (said, name, value) in values {
            for (from, to) in self.inflected(&said) {
                if !self.free(from, to) || self.phrase(from) || self.measure(from) {
                    continue;
                }
                self.mark(from, to);
                let before = from.checked_sub(1).and_then(|at| self.words.get(at));
                if before.is_some_and(|word| self.tongue.lexicon.negations.contains(word)) {
                    self.mark(from - 1, from);
                    self.wish.instead = true;
                    // `No, L` wants it; `no wool` does not.
                    if from > self.corrects {
                        self.wish.without.push(value.clone());
                        continue;
                    }
                }
                self.wish.filters.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    /// Whether a word is the unit of a number: the `l` of `20 l` is no size.
    fn measure(&self, at: usize) -> bool {
        let unit = self.words.get(at).is_some_and(|it| self.tongue.lexicon.units.contains(it));
        let number = at.checked_sub(1).and_then(|at| self.words.get(at));
        unit && number.is_some_and(|it| number_of(it).is_some())
    }

    /// Whether a word belongs to a cue of several words: `ich weiß nicht` is no colour.
    fn phrase(&self, at: usize) -> bool {
        self.phrases.contains(&at)
    }

    /// Where words stand, with any of the language's endings.
    fn inflected(&self, said: &[String]) -> Vec<(usize, usize)> {
        let endings = &self.tongue.lexicon.endings;
        let same = |word: &String, said: &String| {
            let mut stems = endings.iter().filter_map(|ending| word.strip_suffix(ending.as_str()));
            word == said || said.chars().count() > 2 && stems.any(|stem| stem == said)
        };
        let windows = self.words.windows(said.len().max(1)).enumerate();
        windows
            .filter(|(_, words)| words.iter().zip(said).all(|(word, said)| same(word, said)))
            .map(|(from, _)| (from, from + said.len()))
            .collect()
    }

    fn cues(&mut self) {
        let mut cued = vec![0; self.words.len()];
        for (cue, places) in self.tongue.cues.found(&self.words, &self.tongue.lexicon) {
            // The longest cue counts; a shorter one within it says nothing of its own.
            let longest = |at: &usize| cued.get(*at).is_some_and(|it| *it > cue.words);
            if places.iter().all(longest) {
                continue;
            }
            for at in &places {
                cued.iter_mut().skip(*at).take(1).for_each(|it| *it = cue.words.max(*it));
            }
            match cue.intent.as_str() {
                "cheaper" => self.wish.price = self.wish.price.min(-1),
                "cheapest" => self.wish.price = -2,
                "dearer" => self.wish.price = self.wish.price.max(1),
                "dearest" => self.wish.price = 2,
                "instead" => self.wish.instead = true,
                "double" => {
                    self.wish.doubled = true;
                    self.cues.insert(Act::Set);
                }
                "clear" => {
                    self.wish.places.push(0);
                    self.cues.insert(Act::Remove);
                }
                // `How much can it carry?` orders nothing.
                "add" | "set" if self.open => {}
                intent => {
                    let act = act_of(intent);
                    self.cues.extend(act);
                    self.told_at_length |= cue.words >= SENTENCE && act.is_some_and(talks);
                }
            }
            if !matches!(cue.intent.as_str(), "off_topic" | "rude") {
                for at in places {
                    self.mark(at, at + 1);
                }
            }
        }
    }

    /// What is not wished: `not leather`, `no sleeves`.
    fn without(&mut self) {
        let tongue = self.tongue;
        let lexicon = &tongue.lexicon;
        if self.cues.contains(&Act::Remove) {
            return;
        }
        let filler = |at: usize| self.words.get(at).is_some_and(|it| tongue.fillers.contains(it));
        let mut unwanted = Vec::new();
        for at in 0..self.words.len() {
            let Some(word) = self.words.get(at).filter(|it| lexicon.negations.contains(*it)) else {
                continue;
            };
            let to = if filler(at + 1) { at + 2 } else { at + 1 };
            // `I do not need it` says it of nothing that is sold.
            let free = self.free(to, to + 1) && !filler(to) && (at == 0 || !self.used(at));
            let named = self.words.get(to).filter(|it| {
                let wished = number_of(it).is_none() && !lexicon.questions.contains(*it);
                free && *it != word && wished && !tongue.tells(it) && !self.phrase(to)
            });
            let named = named.filter(|_| at >= self.corrects);
            if let Some(named) = named {
                let feed = tongue.translated(named).unwrap_or_else(|| named.clone());
                // `Without the hat`, of one in the cart, takes it out.
                if plain(&feed).iter().all(|word| !self.held(word)) {
                    unwanted.push((at, to, feed));
                }
            }
        }
        for (at, to, feed) in unwanted {
            self.mark(at, to + 1);
            self.wish.without.push(feed);
        }
    }

    fn used(&self, at: usize) -> bool {
        self.used.get(at).is_some_and(|used| *used)
    }

    fn it(&mut self) {
        for phrase in &self.tongue.lexicon.it {
            for (from, to) in found(&self.words, &plain(phrase)) {
                self.wish.it = true;
                self.mark(from, to);
            }
        }
    }

    /// What is left to search, in the feed's words, apart where things stand side by side.
    pub(super) fn names(&self) -> Vec<Vec<String>> {
        let lexicon = &self.tongue.lexicon;
        let mut names: Vec<Vec<String>> = vec![Vec::new()];
        let (mut at, mut named) = (0, false);
        while let Some(word) = self.words.get(at) {
            let here = at;
            at += 1;
            let against = self.cues.contains(&Act::Compare) && lexicon.against.contains(word);
            if against || lexicon.joins.contains(word) || lexicon.alternatives.contains(word) {
                names.push(Vec::new());
                continue;
            }
            let sign = word.chars().all(|c| !c.is_alphanumeric());
            let own = self.tongue.translated(word).is_some();
            // `Panama Hat` is a name, whatever its last word means elsewhere.
            let tail = named && self.tongue.sold(word);
            let noise = self.tongue.fillers.contains(word) && !own && !tail
                || lexicon.questions.contains(word) && !tail
                || lexicon.amounts.money.contains(word);
            named = false;
            let used = self.used.get(here).is_some_and(|used| *used);
            let told = self.told.get(here).is_some_and(|told| *told);
            // `Penny differs from Mooring`: a cue stands between names.
            if used && !told && self.cues.contains(&Act::Compare) {
                names.push(Vec::new());
            }
            if used || sign || noise {
                continue;
            }
            let Some(name) = names.last_mut() else { continue };
            // Several words may be one of the feed's: `running shoes`.
            let phrases = lexicon.synonyms.iter().filter(|(said, _)| said.contains(' '));
            let phrase = phrases.filter_map(|(said, feed)| {
                Some((starts_with(&self.words, here, std::slice::from_ref(said))?, feed))
            });
            if let Some((to, feed)) = phrase.max_by_key(|(to, _)| *to) {
                name.extend(plain(feed));
                at = to;
                continue;
            }
            let title = self
                .scene
                .recent
                .iter()
                .any(|shown| plain(&shown.facts.title).iter().any(|own| own == word));
            match self.tongue.translated(word).filter(|_| !title) {
                Some(words) => name.extend(plain(&words)),
                None => {
                    name.push(self.said.get(here).unwrap_or(word).clone());
                    named = true;
                }
            }
        }
        names.iter_mut().for_each(Vec::dedup);
        names.retain(|name| !name.is_empty());
        names
    }

    /// The stems of its words, but for those that filters, places and amounts used.
    pub(super) fn stems(&self) -> BTreeSet<String> {
        let words = self.words.iter().zip(&self.told).filter(|(_, told)| !**told);
        words.map(|(word, _)| stem(word, &self.tongue.lexicon)).collect()
    }
}

/// What tells the versions of a product apart: attributes that differ among them.
pub(crate) fn telling(facts: &ProductFacts) -> Vec<(&Name, &String)> {
    let mut values: BTreeMap<&Name, BTreeSet<&String>> = BTreeMap::new();
    for (name, value) in facts.variants.iter().flat_map(|variant| &variant.attributes) {
        values.entry(name).or_default().insert(value);
    }
    let differ = values.into_iter().filter(|(_, values)| values.len() > 1);
    differ.flat_map(|(name, values)| values.into_iter().map(move |value| (name, value))).collect()
}

/// Where words stand among others.
fn found(words: &[String], said: &[String]) -> Vec<(usize, usize)> {
    if said.is_empty() {
        return Vec::new();
    }
    let windows = words.windows(said.len()).enumerate();
    windows.filter(|(_, words)| *words == said).map(|(from, _)| (from, from + said.len())).collect()
}
