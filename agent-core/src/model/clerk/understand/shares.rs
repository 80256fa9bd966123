//! What one part of a message says of several of one thing: `two shirts, one red, one blue`.

use std::collections::BTreeMap;

use crate::model::clerk::understand::alike::{TOPIC, best};
use crate::model::clerk::understand::amount::COUNTED;
use crate::model::clerk::understand::number::counts;
use crate::model::clerk::understand::parts::{Cutting, Part, WHOM};
use crate::model::clerk::understand::word::number;
use crate::model::clerk::understand::words;

impl Cutting<'_> {
    /// Where the counts and values stand that share what is named before them, to the end: `one red, two blue`.
    pub(super) fn shares(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &Vec<String>, at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        // `The other in 134`; a size and a measure count nothing.
        let other = |at: usize| is(&lexicon.the, at) && is(&lexicon.other, at + 1);
        // `In natural, 21 x 30 cm`.
        let by = |at: usize| {
            is(&lexicon.times, at + 1) && self.words.get(at + 2).is_some_and(|it| number(it))
        };
        let sized = |at: usize| {
            is(&lexicon.units, at + 1) || is(&lexicon.size_words, at.saturating_sub(1)) || by(at)
        };
        let counts = |at: usize| {
            let one = is(&lexicon.one, at) && !is(&lexicon.other, at.saturating_sub(1));
            // `Eine grau, eine blau`.
            let article = is(&lexicon.single, at) && self.valued(self.between(at + 1, at + 2));
            let number = counts(self.between(at, to), lexicon) && !sized(at) && !self.ranges(at);
            one || article || other(at) || number
        };
        // The `light` of `one light blue`.
        let colors = || lexicon.values.get("color").into_iter().flat_map(BTreeMap::keys);
        let part = |word: &String| colors().any(|said| said.split(' ').any(|it| it == word));
        let shade = |word: &String| !self.tongue.fillers.contains(word) && part(word);
        let value =
            |word: &String| shade(word) || lexicon.values.values().any(|it| it.contains_key(word));
        let small = |word: &String| {
            lexicon.joins.contains(word) || self.tongue.fillers.contains(word) && !value(word)
        };
        // `Einmal 39, einmal 43`.
        let size = |at: usize| {
            let digits = self.words.get(at).is_some_and(|it| number(it));
            digits && at > from + 1 && is(&lexicon.one, at - 1)
        };
        let begins: Vec<usize> = (from + 1..to).filter(|at| counts(*at) && !size(*at)).collect();
        let ends = begins.iter().skip(1).copied().chain([to]);
        let shares = begins.iter().copied().zip(ends);
        // `One in white, 350 ml`.
        let measure = |word: &String| number(word) || word == "-" || lexicon.units.contains(word);
        let share = |(begin, end): &(usize, usize)| {
            let rest = self.between(begin + 1, *end);
            let says = |word: &String| value(word) || small(word) || measure(word);
            rest.iter().any(|it| value(it) || number(it)) && rest.iter().all(says)
        };
        let mut shares: Vec<(usize, usize)> = shares.collect();
        let other = shares.iter().rposition(|it| !share(it)).map_or(0, |at| at + 1);
        let mut shares = shares.split_off(other);
        let named = |first: usize| self.between(from, first).iter().any(|it| self.names(it));
        // `Take two pairs, one blue one black`.
        let adds = |first: usize| self.acts(self.between(from, first), &["add"]);
        // `One mustard, one grey`.
        // Not `a grey one in L`.
        let pronoun = |at: usize| is(&lexicon.single, from) && is(&lexicon.one, at);
        let bare = |it: &(usize, usize)| counts(from) && share(it) && !pronoun(it.1);
        let lead = shares.first().map(|(first, _)| (from, *first)).filter(bare);
        if let Some(lead) = lead {
            shares.insert(0, lead);
            return shares;
        }
        let thing = shares.first().is_some_and(|(first, _)| named(*first) || adds(*first));
        if thing { shares } else { Vec::new() }
    }

    /// Whether a number is one of two that are a size: the `3` of `one in 3-4`.
    pub(super) fn ranges(&self, at: usize) -> bool {
        let dash = |at: usize| self.words.get(at).is_some_and(|it| it == "-");
        at.checked_sub(1).is_some_and(dash) || dash(at + 1)
    }

    /// Whether what stands before the shares of a thing is a share of it too: it counts, and has a value of the same kind.
    pub(super) fn leads(&self, from: usize, shares: &[(usize, usize)]) -> bool {
        let lexicon = &self.tongue.lexicon;
        let Some(first) = shares.first().map(|(at, _)| *at) else { return false };
        let before = self.between(from, first);
        let counts = (from..first).any(|at| {
            let one = self.words.get(at).is_some_and(|it| lexicon.one.contains(it));
            one || counts(self.between(at, first), lexicon)
        });
        let has = |said: &BTreeMap<String, String>, words: &[String]| {
            words.iter().any(|word| said.contains_key(word))
        };
        let each = |said: &BTreeMap<String, String>| {
            has(said, before) && shares.iter().all(|(at, end)| has(said, self.between(*at, *end)))
        };
        self.commas.contains(&first)
            && counts
            && self.thing(before)
            && lexicon.values.values().any(each)
    }

    /// Whether words begin with a count, and not with a size behind another value: `yellow and 110, put it in`.
    pub(super) fn counts_behind(&self, before: &[String], words: &[String]) -> bool {
        let last = before.len().checked_sub(1).and_then(|at| before.get(at..));
        let large =
            words.first().and_then(|it| it.parse().ok()).is_some_and(|it: u32| it >= COUNTED);
        let size = large && last.is_some_and(|it| self.valued(it));
        let named = words.get(1).is_some_and(|it| self.names(it) && self.thing(words));
        (named || !size) && self.counts(words) && !last.is_some_and(|it| self.counts(it))
    }

    /// Where words of whom a version is for end: `for my husband one in grey`, `for him the same in L`.
    fn for_whom(&self, words: &[String]) -> usize {
        let lexicon = &self.tongue.lexicon;
        let one = |at: usize| {
            let same = words::starts_with(words, at, &lexicon.it).is_some_and(|to| to > at + 1);
            let one = |it: &String| lexicon.one.contains(it) || lexicon.single.contains(it);
            same || words.get(at).is_some_and(one)
        };
        let serves = words.first().is_some_and(|it| lexicon.serves.contains(it));
        (1..=WHOM).find(|at| serves && one(*at)).unwrap_or(0)
    }

    /// Whether words only say how one more is to be: `one in white please`.
    pub(super) fn version(&self, words: &[String]) -> bool {
        let lexicon = &self.tongue.lexicon;
        let whom = self.for_whom(words);
        let words = words.get(whom..).unwrap_or_default();
        // `For my husband the same in grey`.
        let tied = |at: usize| words.get(at).is_some_and(|it| lexicon.ties.contains(it));
        // `And the same in grey`.
        let same = words::starts_with(words, 0, &lexicon.it)
            .filter(|to| *to > 1 && (whom > 0 || tied(*to)));
        let value = |it: &String| self.valued(std::slice::from_ref(it));
        let small = |it: &String| self.tongue.fillers.contains(it);
        let first = words.first().is_some_and(|it| {
            lexicon.one.contains(it) || lexicon.single.contains(it) || self.counts(words)
        });
        let first = first || same.is_some();
        // `A second one in white`.
        let nth = words.get(1).is_some_and(|it| lexicon.ordinals.contains_key(it));
        let rest = words.get(same.unwrap_or(1 + usize::from(nth))..).unwrap_or_default();
        // `One in silver for my brother`, `one in gold in 54`.
        let told = |it: &String| {
            let value = lexicon.values.values().any(|said| said.contains_key(it));
            number(it) || value || small(it) || lexicon.units.contains(it)
        };
        // `One 20 cm`.
        let measure = |pair: &[String]| match pair {
            [count, unit] => number(count) && lexicon.units.contains(unit),
            _ => false,
        };
        let value = rest.iter().any(value) || rest.windows(2).any(measure);
        first && value && rest.iter().all(told)
    }

    /// Where words begin that say of all that is named before them how it is to be: `two red and one blue, all in L`.
    fn of_all(&self) -> Option<(usize, usize)> {
        let lexicon = &self.tongue.lexicon;
        let value =
            |it: &String| number(it) || lexicon.values.values().any(|said| said.contains_key(it));
        let small =
            |it: &String| self.tongue.fillers.contains(it) || lexicon.size_words.contains(it);
        let acts = ["search", "details", "compare", "remove", "set", "instead"];
        (1..self.words.len()).rev().find_map(|from| {
            let begin = words::starts_with(&self.words, from, &lexicon.both)?;
            let rest = self.words.get(begin..)?;
            let all = rest.iter().any(value) && rest.iter().all(|it| value(it) || small(it));
            // Not `add the cap and show me all in blue`.
            let bare = || !self.acts(self.between(0, from), &acts);
            (all && (self.commas.contains(&from) || bare())).then_some((from, begin))
        })
    }

    /// Where values of one kind stand side by side, and where that list ends: `black, grey and white`.
    fn side_by_side(&self) -> Option<(Vec<usize>, usize)> {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &Vec<String>, at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let kinds = || lexicon.values.iter().filter(|(name, _)| name.as_str() != "gender");
        let value = |at: usize| {
            let word = self.words.get(at)?;
            kinds().find_map(|(name, said)| Some((name, said.get(word)?)))
        };
        (0..self.words.len()).find_map(|from| {
            let (kind, _) = value(from)?;
            let (mut places, mut end) = (vec![from], from + 1);
            loop {
                let join = end + usize::from(is(&lexicon.joins, end));
                let next = join + usize::from(is(&lexicon.size_words, join));
                let beside = join > end || self.commas.contains(&end);
                if !beside || value(next).is_none_or(|(name, _)| name != kind) {
                    break;
                }
                places.push(next);
                end = next + 1;
            }
            (places.len() > 1).then_some((places, end))
        })
    }

    /// The same for each of the values that are listed: `two each of the mug in black and white`, `paper in red and
    /// green, one of each`.
    fn each_value(&self) -> Option<Vec<Part>> {
        let lexicon = &self.tongue.lexicon;
        let (values, end) = self.side_by_side().filter(|_| !self.asks)?;
        let first = *values.first()?;
        let apiece = |at: usize| words::starts_with(&self.words, at, &lexicon.apiece);
        let (at, to) = (0..self.words.len()).find_map(|at| Some((at, apiece(at)?)))?;
        // Behind a comma only the count of each is told.
        let tail = self.commas.iter().copied().rfind(|comma| *comma >= end && *comma <= at);
        let counts = |at: &usize| self.counts(self.between(*at, self.words.len()));
        let counted = tail.map(|tail| (tail..at).chain(to..self.words.len()).find(counts));
        let told = |place: &usize| match counted {
            Some(counted) => tail > Some(*place) || counted == Some(*place),
            None => true,
        };
        let one = |value: usize| {
            let places = (0..self.words.len()).filter(told).filter(|it| !(at..to).contains(it));
            let places = places.filter(|it| !(first..end).contains(it) || *it == first);
            let places: Vec<usize> =
                places.map(|it| if it == first { value } else { it }).collect();
            let said = |words: &[String]| -> Vec<String> {
                places.iter().filter_map(|at| words.get(*at).cloned()).collect()
            };
            let commas = self.commas.iter().filter_map(|at| places.iter().position(|it| it == at));
            let commas = commas.collect();
            let (words, said) = (said(&self.words), said(&self.said));
            Self { words, said, commas, ..*self }.cut()
        };
        let each: Vec<Vec<Part>> = values.into_iter().map(one).collect();
        let (before, rest) = each.split_first()?;
        let mut parts = Vec::new();
        for (n, part) in before.iter().enumerate() {
            parts.push(part.clone());
            let others = rest.iter().filter_map(|it| it.get(n));
            let others = others.filter(|it| it.words != part.words).cloned();
            parts.extend(others.map(|it| Part { follows: true, joined: true, ..it }));
        }
        Some(parts)
    }

    /// The parts of a sentence; what is said of all of them, each says.
    pub(super) fn parts(&self) -> Vec<Part> {
        if let Some(parts) = self.each_value() {
            return parts;
        }
        let Some((from, begin)) = self.of_all() else { return self.cut() };
        let part = |words: &[String], from: usize, to: usize| {
            words.get(from..to).unwrap_or_default().to_vec()
        };
        let before = Self {
            words: part(&self.words, 0, from),
            said: part(&self.said, 0, from),
            commas: self.commas.iter().copied().filter(|at| *at < from).collect(),
            ..*self
        };
        let mut parts = before.cut();
        if parts.len() < 2 {
            return self.cut();
        }
        for one in &mut parts {
            one.words.extend(part(&self.words, begin, self.words.len()));
            one.said.extend(part(&self.said, begin, self.said.len()));
        }
        parts
    }

    /// Whether words ask for a rule of the shop.
    pub(super) fn rules(&self, words: &[String]) -> bool {
        let tongue = self.tongue;
        if tongue.rule(words).is_some() {
            return true;
        }
        let stems = words.iter().map(|word| words::stem(word, &tongue.lexicon)).collect();
        best(&tongue.weights, &stems, &tongue.topics).is_some_and(|(_, it)| it.alike >= TOPIC)
    }
}
