//! What one part of a message says of filters, places, counts and prices.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{ProductFacts, VariantFacts};
use crate::id::Name;
use crate::model::clerk::decide::counted;
use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::amount::{self, Amounts, COUNTED, Known};
use crate::model::clerk::understand::number::counts;
use crate::model::clerk::understand::reading::{Reading, found, telling};
use crate::model::clerk::understand::words::{number_of, plain, same, starts_with};

/// Words of an attribute's value that a customer says; longer ones are prose.
const VALUE_WORDS: usize = 4;
/// The value of words that leave an attribute open: `in any colour`.
const ANY: &str = "*";
/// Letters of an ending that a word of goods has only where it says something else, more than.
const INFLECTION: usize = 2;

impl<'a> Reading<'a> {
    pub(super) fn places(&mut self) {
        let lexicon = &self.tongue.lexicon;
        for n in 0..self.words.len() {
            let Some(place) = self.words.get(n).and_then(|word| lexicon.ordinals.get(word)) else {
                continue;
            };
            // `On second thoughts` is no place, nor is `a first aid kit` or `last year`.
            let before = n.checked_sub(1).and_then(|at| self.words.get(at));
            let name = before.is_some_and(|it| lexicon.single.contains(it)) || self.nth_name(n);
            let name = name || self.words.get(n + 1).is_some_and(|it| lexicon.units.contains(it));
            if self.phrase(n) || name {
                continue;
            }
            if self.orders_acts(n) {
                self.mark(n, n + 1);
                continue;
            }
            // `The first two` are two places.
            let count = self.words.get(n + 1).and_then(|word| {
                let digits = number_of(word).and_then(|it| it.parse().ok());
                let two = lexicon.both.contains(word).then_some(2);
                lexicon.numbers.get(word).copied().or(digits).or(two)
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
                if self.free(from, to) && !self.phrase(from) && !self.numbered(from, to) {
                    self.wish.places.push(0);
                    // `All two` counts no more than that, but `von jeder zwei` does.
                    let of = phrase.first().is_some_and(|it| lexicon.ties.contains(it));
                    let rest = self.words.get(to..).unwrap_or_default();
                    let counts = !of && counts(rest, lexicon);
                    self.mark(from, to + usize::from(counts));
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

    /// Whether words are within a phrase that counts: the `both` of `for both of us`.
    fn numbered(&self, from: usize, to: usize) -> bool {
        let phrases = self.tongue.lexicon.numbers.keys().filter(|said| said.contains(' '));
        let mut places = phrases.flat_map(|said| found(&self.words, &plain(said)));
        places.any(|(begin, end)| begin <= from && to < end)
    }

    /// Whether an ordinal only says in which order things are done: `first a cola`, `add a cola first`.
    fn orders_acts(&self, at: usize) -> bool {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let before = at.checked_sub(1).and_then(|at| self.words.get(at));
        let named = before
            .is_some_and(|it| !self.tongue.fillers.contains(it) && !lexicon.joins.contains(it));
        let last = at + 1 == self.words.len() && self.words.len() > 2 && named;
        let begins = at == 0 && (is(&lexicon.the, 1) || is(&lexicon.single, 1));
        self.words.get(at).and_then(|it| lexicon.ordinals.get(it)) == Some(&1) && (last || begins)
    }

    /// Whether an ordinal begins a name, with nothing shown that it could count: the `first` of `one first aid kit`.
    fn nth_name(&self, at: usize) -> bool {
        let open = self.words.get(at + 1).is_some_and(|it| {
            let small = self.tongue.fillers.contains(it) || self.tongue.tells(it);
            !small && !self.tongue.is_thing(it) && number_of(it).is_none()
        });
        let last = self.words.get(at + 2).is_some_and(|it| !self.tongue.fillers.contains(it));
        self.scene.shown.is_empty() && open && last
    }

    pub(super) fn amounts(&mut self) {
        self.sizes_of_numbers();
        // `A thousand thanks` counts nothing.
        let talk: BTreeSet<usize> =
            self.politeness().union(&self.counts_others()).copied().collect();
        let words = self.words.iter().zip(&self.used).enumerate();
        let free = words.map(|(at, (word, used))| {
            let other = talk.contains(&at) || self.compound(at) || self.titled(at);
            let other = other || self.of_title(at);
            if *used || other { String::new() } else { word.clone() }
        });
        let free: Vec<String> = free.collect();
        let sizes = self.spoken_of().flat_map(|facts| &facts.variants);
        let sizes: BTreeSet<&String> =
            sizes.filter_map(|variant| variant.attributes.get("size")).collect();
        // `The 45`, of a box of `45 l`; smaller numbers count.
        let measured = |size: &str, value: &str| {
            let same = |number: &str| number.replace(',', ".") == value;
            value.len() > 1 && size.split_once(' ').is_some_and(|(number, _)| same(number))
        };
        let sized = |value: &str| sizes.iter().any(|it| *it == value || measured(it, value));
        let counts = self.counts();
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let swaps = found.iter().any(|(cue, _)| cue.intent.as_str() == "instead");
        let known = Known { sized: &sized, counted: &|at| counts.contains(&at), swaps };
        let read = amount::read(&free, &self.tongue.lexicon, &known);
        let Amounts { at_least, at_most, plain, size, quantity, counted, measures, used, .. } =
            read;
        (self.wish.counted, self.wish.measures, self.recounts) = (counted, measures, read.recounts);
        // `Between 1 and 2`, of what is shown.
        let place = |it: &Option<String>| {
            let at = it.as_deref()?.parse::<i64>().ok()?;
            usize::try_from(at).ok().filter(|at| (1..=self.scene.shown.len()).contains(at))?;
            Some(at)
        };
        let range = place(&at_least).zip(place(&at_most)).filter(|_| self.scene.shown.len() > 1);
        self.wish.places.extend(range.into_iter().flat_map(|(from, to)| [from, to]));
        self.wish.amount = if range.is_some() { (None, None) } else { (at_least, at_most) };
        self.wish.costs = plain;
        self.wish.quantity = quantity;
        if let Some(size) = size {
            // `Number 3` of what is shown, where no size is called so.
            // Not where goods are named: `diapers in size 3`.
            let named = (0..self.words.len()).any(|at| self.tongue.thing_at(&self.words, at));
            let place = size.parse().ok().filter(|_| !named);
            let place = place.filter(|at| (1..=self.scene.shown.len()).contains(at));
            match place.filter(|_| !sizes.contains(&size) && self.scene.shown.len() > 1) {
                Some(place) => self.wish.places.extend(i64::try_from(place)),
                None => {
                    let whole = sizes.iter().find(|it| measured(it, &size));
                    let size = whole.map_or(size.clone(), |it| (*it).clone());
                    // `For small feet, size 37`.
                    self.wish.filters.insert("size".into(), size);
                }
            }
        }
        for (mine, used) in self.used.iter_mut().zip(used) {
            *mine |= used;
        }
        self.measured(&sizes);
        self.one();
        self.one_at_end();
        // A word for a size beside the size itself says nothing more.
        let lexicon = &self.tongue.lexicon;
        let sized = self.wish.filters.contains_key("size");
        let bound = self.wish.amount != (None, None);
        for (word, used) in self.words.iter().zip(&mut self.used) {
            *used |= sized && lexicon.size_words.contains(word);
            // `I would spend something between 30 and 50`.
            *used |= bound && lexicon.amounts.at_most.contains(word);
        }
    }

    /// Places of words that together say thanks, hello or goodbye, look at the cart: `the overview once more`, or tell of
    /// persons: `he is four`.
    fn politeness(&self) -> BTreeSet<usize> {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let talk = found.iter().filter(|(cue, _)| {
            cue.words > 1
                && matches!(cue.intent.as_str(), "thanks" | "greet" | "bye" | "cart" | "excess")
        });
        // `He has another one`; but `no more than 110` bounds.
        let lexicon = &self.tongue.lexicon;
        let one = |at: &&usize| self.words.get(**at).is_some_and(|it| lexicon.single.contains(it));
        let nods = found.iter().filter(|(cue, _)| cue.words > 1 && cue.intent.as_str() == "nod");
        let nods = nods.flat_map(|(_, places)| places.iter().filter(one));
        // `He is four`, but not `he is 42`, which may be a size; `she turns 42` is none.
        let persons = found.iter().filter(|(cue, _)| cue.intent.as_str() == "persons");
        let small = |at: &&usize| {
            let digits = self.words.get(**at).and_then(|it| number_of(it));
            digits.is_none_or(|it| it.parse().is_ok_and(|it: f64| it < f64::from(COUNTED)))
        };
        let persons = persons
            .flat_map(|(cue, places)| places.iter().filter(move |at| cue.many() || small(at)));
        talk.flat_map(|(_, places)| places).chain(nods).chain(persons).copied().collect()
    }

    /// `Take one off`, `remove a cola`: one of several goes.
    fn fewer(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let found = self.tongue.cues.found(&self.words, lexicon);
        let removes =
            found.iter().filter(|(cue, _)| matches!(cue.intent.as_str(), "remove" | "away"));
        let removes: BTreeSet<usize> = removes.flat_map(|(_, places)| places.clone()).collect();
        let one = |at: &usize| {
            let said = |it: &String| lexicon.one.contains(it) || lexicon.single.contains(it);
            self.words.get(*at).is_some_and(said) && self.free(*at, at + 1)
        };
        // Not `the one in red`.
        let the = |at: usize| self.words.get(at).is_some_and(|it| lexicon.the.contains(it));
        let behind = |at: usize| removes.contains(&at) && !the(at);
        let begins = |at: usize| at == 0 || behind(at - 1) || self.commas.contains(&at);
        let goes = |at: usize| removes.contains(&(at + 1)) || self.line_word(at + 1);
        let stands = |at: &usize| {
            let other = |it: &String| self.tongue.fillers.contains(it);
            goes(*at) || self.words.get(at + 1).is_none_or(other)
        };
        // Not the `ne` of `ne, leave it`, where that is a no.
        let mut said = self.corrects..self.words.len();
        let fewer = said.find(|at| one(at) && begins(*at) && stands(at));
        if let Some(at) = fewer.filter(|_| self.wish.quantity.is_none() && !removes.is_empty()) {
            self.wish.quantity = Some(1);
            self.mark(at, at + 1);
        }
    }

    /// Which version of how many of what is meant, where places, values, sizes and amounts say it.
    pub(super) fn versions(&mut self) {
        self.misfits();
        self.places();
        self.values();
        self.stand_ins();
        self.step();
        self.amounts();
        self.sized();
        self.for_others();
        self.fewer();
    }

    /// Where how many there are to be of something is said: in or after what changes that, of what is in the cart.
    fn counts(&self) -> BTreeSet<usize> {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let sets = found.iter().filter(|(cue, _)| cue.intent.as_str() == "set" && cue.words > 1);
        let last = sets.filter_map(|(_, places)| places.last());
        let last = last.filter(|_| !self.scene.cart.is_empty());
        last.flat_map(|at| [*at, at + 1]).collect()
    }

    /// `One blue cap, please` counts one, `one in blue` only where it is told which that is.
    fn one(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let small = |it: &&String| {
            let noise = self.tongue.fillers.contains(*it) || self.tongue.tells(it);
            (noise || lexicon.joins.contains(*it)) && !lexicon.one.contains(*it)
        };
        let first = self.words.iter().take_while(small).count();
        let with = |at: &usize| starts_with(&self.words, *at, &lexicon.alongside).is_some();
        let begins = self.opening();
        let begins = begins + usize::from(with(&begins));
        let size =
            |it: &String| lexicon.values.get("size").is_some_and(|said| said.contains_key(it));
        let article = |it: &String| lexicon.single.contains(it) || size(it);
        self.wish.article = self.words.get(begins).is_some_and(article);
        // `Eine für meinen Bruder`: an article without a name.
        let tie = self.words.get(begins + 1).is_some_and(|it| lexicon.ties.contains(it));
        self.wish.one = self.wish.article && tie || self.one_behind_small() || self.same_so();
        let one = self.words.get(first).filter(|it| lexicon.one.contains(*it));
        let one = one.filter(|_| !self.phrase(first) && self.free(first, first + 1));
        let named = (first + 1..self.words.len()).any(|at| {
            let name = |it: &String| !self.tongue.fillers.contains(it) && !self.tongue.tells(it);
            self.free(at, at + 1) && self.words.get(at).is_some_and(name)
        });
        // `Two bathrobes, one in white`: the other is told of behind it.
        let says = |at: usize| self.words.get(at).is_some_and(|it| lexicon.ties.contains(it));
        let share = |at: &usize| {
            // Not the `one for each` of `make that six, one for each`; `two tonnos, one large`.
            let value = |it: &String| lexicon.values.values().any(|said| said.contains_key(it));
            let value = self.words.get(at + 1).is_some_and(value);
            let within = self.words.get(at + 1).is_some_and(|it| lexicon.size_words.contains(it));
            let article = |it: &String| {
                lexicon.single.contains(it) || (within || value) && lexicon.one.contains(it)
            };
            self.words.get(*at).is_some_and(article) && (says(at + 1) || value)
        };
        // Not `make that two, one for my neighbour`.
        let kinds = self.wish.filters.keys().any(|name| name.as_str() != "gender");
        if self.wish.quantity > Some(1) && kinds && self.commas.iter().any(share) {
            self.wish.quantity = Some(1);
        }
        let Some(one) = one.filter(|_| self.wish.quantity.is_none()) else { return };
        // `Right, one grey cap`.
        if (first == 0 || self.commas.contains(&first)) && named {
            self.wish.counted.clone_from(one);
            self.wish.quantity = Some(1);
            self.mark(first, first + 1);
        }
        self.wish.one = true;
    }

    /// What a price that is too high, or a bound, makes of what was read: `107 is too much`, `they are all too dear`,
    /// `anything over 150 is out`.
    pub(super) fn priced(&mut self) {
        let wish = &mut self.wish;
        let variants = || self.scene.shown.iter().flat_map(|shown| &shown.facts.variants);
        let costs = |size: &String| {
            // `95`, of the belt that was asked for, and not of jeans that cost so much.
            let mut asked = self.scene.asked.iter().flat_map(|it| &it.product.facts.variants);
            let is_size = |it: &VariantFacts| it.attributes.get("size") == Some(size);
            let sized = variants().any(is_size) || asked.any(is_size);
            !sized && variants().any(|it| it.price.split().0.to_string() == *size)
        };
        if wish.filters.get("size").is_some_and(costs) {
            wish.filters.remove("size");
        }
        if wish.price == 0 && wish.amount == (None, None) {
            return;
        }
        wish.places.retain(|place| *place != 0);
        let bound = wish.amount.0.is_some() && wish.amount.1.is_none() && wish.quantity.is_none();
        if bound && self.scene.searched.is_some() && self.cues.remove(&Act::Remove) {
            wish.amount = (None, wish.amount.0.take());
        }
    }

    /// The products that were spoken of last, and those in the cart that are spoken of now.
    pub(super) fn spoken_of(&self) -> impl Iterator<Item = &'a ProductFacts> + '_ {
        let scene = self.scene;
        let focus = scene.focus.as_ref().and_then(|focus| scene.product(focus));
        let asked = scene.asked.iter().map(|asked| asked.product.facts);
        let shown = scene.shown.iter().map(|shown| shown.facts);
        let held = scene.cart.iter().filter_map(|(variant, _)| scene.product(variant));
        let held = held.map(|held| held.facts).filter(|facts| {
            let title = plain(&facts.title);
            let has = |word: &str| title.iter().any(|own| same(own, word));
            self.words.iter().any(|word| {
                let feed = self.tongue.translated(word);
                has(word) || feed.is_some_and(|feed| plain(&feed).iter().any(|it| has(it)))
            })
        });
        asked.chain(focus.map(|shown| shown.facts)).chain(shown).chain(held)
    }

    /// What tells the versions of the products spoken of apart: the words, what they are of, and the value.
    fn telling(&self) -> Vec<(Vec<String>, Name, String)> {
        let mut values = Vec::new();
        for (name, value) in self.spoken_of().flat_map(telling) {
            let said = plain(value);
            if let Some(pack) = counted(&said) {
                values.push((vec![pack.clone()], name.clone(), value.clone()));
            }
            if said.len() <= VALUE_WORDS && said.iter().any(|it| number_of(it).is_none()) {
                values.push((said, name.clone(), value.clone()));
            }
        }
        values
    }

    /// Words of filters: the pack's, and what tells the versions of the products spoken of apart. The
    /// longest first, so that `light blue` is not `blue`.
    fn values(&mut self) {
        let (mut values, parts) = (self.telling(), self.parts_of_sizes());
        values.extend(parts.iter().map(|it| (plain(it), "size".into(), it.clone())));
        let mut values: Vec<_> = values.iter().chain(&self.tongue.values).collect();
        values.sort_by_key(|(said, ..)| std::cmp::Reverse(said.len()));
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let swaps = found.iter().any(|(cue, _)| cue.intent.as_str() == "instead");
        let excess = self.excess();
        let mut last: BTreeMap<Name, (usize, usize)> = BTreeMap::new();
        let lexicon = &self.tongue.lexicon;
        for (said, name, value) in values {
            for (from, to) in self.inflected(said) {
                // `A small boy` is no size.
                let longer = self.tongue.phrase(&self.words, from).is_some_and(|it| it.0 > to);
                let within = matches!(name.as_str(), "color" | "gender") && to == from + 1;
                let named = within && self.within_name(from);
                let other = self.phrase(from) || self.titled(from) || longer || named;
                if !self.free(from, to) || other || self.measure(from) {
                    continue;
                }
                // A sister is the `-ster` of nothing.
                let most = name.as_str() == "size" && self.superlative(from, to);
                if most || excess.contains(&from) {
                    continue;
                }
                self.mark(from, to);
                if name.as_str() == "size" && self.of_another(from, to) {
                    continue;
                }
                if let Some(no) = self.denied(from) {
                    self.mark(no, from);
                    // `If it is not for her` wants nothing else.
                    self.wish.instead |= name.as_str() != "gender";
                    // `No, L` wants it; `no wool` does not.
                    if no >= self.corrects {
                        self.wish.without.push(value.clone());
                        continue;
                    }
                }
                if *value == ANY {
                    self.wish.open.push(name.clone());
                    continue;
                }
                // `Change the blue one to red`: what is said last is meant.
                let later = last.get(name).is_none_or(|at| swaps && at.0 < from);
                if later {
                    last.insert(name.clone(), (from, to));
                    // `A small backpack`, but not `a backpack, small`.
                    let describes = self.words.get(to).is_some_and(|it| self.tongue.is_thing(it));
                    self.wish.described |= describes && name.as_str() == "size" && to - from == 1;
                    self.wish.filters.insert(name.clone(), value.clone());
                } else if parts.contains(value)
                    && let Some(said) = self.wish.filters.get_mut(name)
                    && parts.contains(&*said)
                {
                    // `Ground, 250 g`.
                    *said = format!("{said} {value}");
                } else if last
                    .get(name)
                    .is_some_and(|at| self.parts(&lexicon.alternatives, *at, (from, to)))
                {
                    // `Red or blue?` tells neither.
                    self.wish.filters.remove(name);
                } else if last
                    .get(name)
                    .is_some_and(|at| self.parts(&lexicon.joins, *at, (from, to)))
                {
                    self.wish.also.push((name.clone(), value.clone()));
                }
            }
        }
    }

    /// Whether nothing but small words stands before an article without a name: `great, then one in M please`.
    fn one_behind_small(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let small = |it: &&String| {
            self.tongue.fillers.contains(*it)
                && !lexicon.single.contains(*it)
                && !lexicon.it.contains(*it)
        };
        let at = self.words.iter().take_while(small).count();
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        !self.asks && is(&lexicon.single, at) && is(&lexicon.ties, at + 1)
    }

    /// Whether it begins with what was named before, to be as is said behind it: `the same in S`.
    fn same_so(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let it = starts_with(&self.words, self.opening(), &lexicon.it);
        let several = it.filter(|to| *to > self.opening() + 1);
        several.and_then(|to| self.words.get(to)).is_some_and(|it| lexicon.ties.contains(it))
    }

    /// Whether a word is the unit of a number: the `l` of `20 l` is no size.
    pub(super) fn measure(&self, at: usize) -> bool {
        let unit = self.words.get(at).is_some_and(|it| self.tongue.lexicon.units.contains(it));
        let number = at.checked_sub(1).and_then(|at| self.words.get(at));
        unit && number.is_some_and(|it| number_of(it).is_some())
    }

    /// Where words stand, with any of the language's endings.
    fn inflected(&self, said: &[String]) -> Vec<(usize, usize)> {
        // The `sanding` of discs that are called so is no sand.
        let named = |word: &String, ending: &str| {
            ending.chars().count() > INFLECTION && self.tongue.is_named(word)
        };
        let endings = &self.tongue.lexicon.endings;
        let same = |word: &String, said: &String| match word.strip_prefix(said.as_str()) {
            Some("") => true,
            Some(ending) if said.chars().count() > 2 => {
                endings.iter().any(|it| it == ending) && !named(word, ending)
            }
            _ => false,
        };
        let windows = self.words.windows(said.len().max(1)).enumerate();
        windows
            .filter(|(_, words)| words.iter().zip(said).all(|(word, said)| same(word, said)))
            .map(|(from, _)| (from, from + said.len()))
            .collect()
    }
}
