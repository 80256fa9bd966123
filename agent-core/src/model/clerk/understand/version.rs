//! Which version of a line of the cart is told of: how it lies there, or how it is to be.

use std::collections::BTreeSet;

use crate::evidence::{CartLine, ProductFacts};
use crate::id::Name;
use crate::model::clerk::understand::number::{measures, parts_of};
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::{number_of, plain, same};
use crate::model::clerk::understand::{Act, telling};

impl Reading<'_> {
    /// Whether only one of these words and what ties stand between two values, each by where it begins and ends: the
    /// `and` of `in S and in M`.
    pub(super) fn parts(&self, of: &[String], one: (usize, usize), other: (usize, usize)) -> bool {
        let (first, last) = (one.min(other), one.max(other));
        let between = self.words.get(first.1..last.0).unwrap_or_default();
        let such = |it: &String| of.contains(it);
        let tie = |it: &String| self.tongue.lexicon.ties.contains(it);
        between.iter().any(such) && between.iter().all(|it| such(it) || tie(it))
    }

    /// What sizes say beside others, of the one product that is spoken of: `ground`, of coffee in `250 g ground`.
    pub(super) fn parts_of_sizes(&self) -> BTreeSet<String> {
        let asked = self.scene.asked.iter().map(|asked| asked.product.facts);
        let only = self.scene.shown.iter().filter(|_| self.scene.shown.len() == 1);
        let only = only.map(|shown| shown.facts);
        let sizes = |facts: &'_ ProductFacts| -> Vec<String> {
            let told = telling(facts).into_iter().filter(|(name, _)| name.as_str() == "size");
            told.map(|(_, size)| parts_of(size)).filter(|it| it.len() > 1).flatten().collect()
        };
        asked.chain(only).flat_map(sizes).collect()
    }

    /// A size with a number in it, as the feed writes it or as several of them, of what is spoken of or lies in the
    /// cart, counts nothing: `the 3/4`, `make the 5As four`.
    pub(super) fn sizes_of_numbers(&mut self) {
        let held = self.scene.cart.iter().filter_map(|(held, _)| self.scene.product(held));
        let facts = self.spoken_of().chain(held.map(|it| it.facts));
        let told = facts.flat_map(telling).filter(|(name, _)| name.as_str() == "size");
        let text = self.scene.words.to_lowercase();
        let digit = |it: &str| it.contains(|it: char| it.is_ascii_digit());
        let found = told.filter(|(_, size)| digit(size)).find_map(|(_, size)| {
            let said = plain(size);
            let from = match said.as_slice() {
                [one] if number_of(one).is_none() => {
                    self.words.iter().position(|it| it.strip_suffix('s') == Some(one))
                }
                [_, _, ..] if text.contains(&size.to_lowercase()) => {
                    self.words.windows(said.len()).position(|words| words == said)
                }
                _ => None,
            };
            let from = from.filter(|at| self.free(*at, at + said.len()))?;
            Some((from, from + said.len(), size.clone()))
        });
        if let Some((from, to, size)) = found {
            self.mark(from, to);
            self.wish.filters.entry("size".into()).or_insert(size);
        }
    }

    /// A measure that is a size of what is spoken of, or a part of some: `the kilo`, of coffee in `1 kg ground`.
    pub(super) fn measured(&mut self, sizes: &BTreeSet<&String>) {
        let lexicon = &self.tongue.lexicon;
        // `A metre` and `the kilo` are one.
        let measure = |pair: &[String]| match pair {
            [_, unit] if !lexicon.units.contains(unit) => None,
            [one, unit] if lexicon.single.contains(one) || lexicon.the.contains(one) => {
                Some(format!("1 {unit}"))
            }
            pair => Some(pair.join(" ")),
        };
        let told: Vec<(usize, String)> = (0..self.words.len())
            .filter_map(|at| Some((at, measure(self.words.get(at..at + 2)?)?)))
            .collect();
        let said = self.wish.measures.iter().chain(told.iter().map(|(_, measure)| measure));
        let fits = |it: &String| -> Vec<String> {
            sizes.iter().filter(|size| measures(size, it)).map(|it| (*it).clone()).collect()
        };
        let found = said.map(fits).find(|it| !it.is_empty());
        let Some(found) = found else {
            let measures = &mut self.wish.measures;
            for (_, measure) in told {
                if !measures.contains(&measure) {
                    measures.push(measure);
                }
            }
            return;
        };
        for (at, _) in told.iter().filter(|(_, it)| found.iter().any(|size| measures(size, it))) {
            self.mark(*at, at + 2);
        }
        let said = self.wish.filters.get("size").map(|it| plain(it)).unwrap_or_default();
        let has = |size: &&String| said.iter().all(|word| plain(size).contains(word));
        let so: Vec<&String> = found.iter().filter(has).collect();
        let whole =
            so.iter().find(|it| parts_of(it).len() < 2).or(so.first().filter(|_| so.len() < 2));
        let part = || found.first().and_then(|it| parts_of(it).into_iter().next());
        match whole {
            Some(size) => drop(self.wish.filters.insert("size".into(), (*size).clone())),
            None if said.is_empty() => {
                self.wish.filters.extend(part().map(|part| ("size".into(), part)));
            }
            None => {}
        }
    }

    /// Whether only how something is to be is told just after it was put there, or first: `brown, it hides the hair`.
    pub(super) fn versions_last(&self, left: &[String]) -> bool {
        let kinds = self.wish.filters.keys().any(|name| name.as_str() != "gender");
        let light = [Act::Nod, Act::Thanks, Act::Add].into();
        let bare = self.cues.is_subset(&light) && !self.asks && !self.joined() && !self.beside();
        let small = |at: &usize| !self.told.get(*at).is_some_and(|told| *told);
        let first = (0..self.words.len()).take_while(small).count();
        let small = |word: &String| self.tongue.fillers.contains(word) || self.tongue.tells(word);
        let begins = self.words.iter().take(first).all(small);
        let clause = left.is_empty() || self.commas.iter().any(|at| *at > first);
        let goods = self.stands || left.iter().any(|word| self.of_goods(word));
        let counts = self.wish.quantity.is_some() || self.wish.one || self.has(Act::Add);
        // `Large`, where it is asked for, answers.
        let open = self.scene.asked.is_empty();
        let last = open && self.scene.adding && self.focused() && self.comes_so();
        last && !self.buying && kinds && bare && begins && clause && !goods && !counts
    }

    /// Whether what was spoken of last comes as it is wished.
    fn comes_so(&self) -> bool {
        let comes = |(name, value): (&Name, &String)| {
            let mut values = self.spoken_of().flat_map(telling);
            values.any(|(other, own)| name == other && plain(own) == plain(value))
        };
        self.wish.filters.iter().all(comes)
    }

    /// Whether what was spoken of last lies in the cart as it is wished.
    pub(super) fn last_lies_so(&self) -> bool {
        let focus = self.scene.focus.as_ref();
        let mut variants = self.spoken_of().flat_map(|facts| &facts.variants);
        let held = variants.find(|it| Some(&it.variant) == focus);
        let has = |(name, value): (&Name, &String)| {
            held.and_then(|it| it.attributes.get(name))
                .is_some_and(|own| plain(own) == plain(value))
        };
        self.wish.filters.iter().all(has)
    }

    /// Whether a line of the cart is called so and is as it is wished.
    pub(super) fn lies_so(&self, left: &[String]) -> bool {
        let values = self.wish.filters.iter().filter(|(name, _)| name.as_str() != "gender");
        let values: Vec<String> = values.flat_map(|(_, value)| plain(value)).collect();
        let held = |line: &&CartLine| self.scene.cart.iter().any(|(held, _)| *held == line.variant);
        self.scene.lines.iter().filter(held).any(|line| {
            let (title, options) = (plain(&line.title), plain(&line.options));
            let called = |word: &String| title.iter().any(|own| same(own, word));
            left.iter().all(called) && values.iter().all(|value| options.contains(value))
        })
    }
}
