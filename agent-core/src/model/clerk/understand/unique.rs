//! Goods that are asked about by a name which no others have: `does the Kestrel K5 have NFC?`

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::act::About;
use crate::model::clerk::understand::alike::TOPIC;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::tongue::Tongue;

/// Letters of a word that by itself is a name, at least.
const LETTERS: usize = 4;

impl Tongue {
    /// Places of the words that call one product and no other: of all titles, the one that has most of them; else the one
    /// word behind an article that one product is called by.
    fn called_alone(&self, words: &[String]) -> Vec<usize> {
        // Of a large feed not all titles are known.
        if self.feed.is_empty() {
            return Vec::new();
        }
        let open: Vec<(usize, Vec<&str>)> = words
            .iter()
            .enumerate()
            .filter(|(_, word)| self.is_open(word))
            .map(|(at, word)| (at, self.forms(word).collect()))
            .collect();
        let (mut best, mut several): (Vec<usize>, bool) = (Vec::new(), false);
        let mut calls: BTreeMap<usize, usize> = BTreeMap::new();
        for title in self.titles() {
            let own = |forms: &[&str]| title.iter().any(|own| forms.contains(&own.as_str()));
            let places: Vec<usize> =
                open.iter().filter(|(_, forms)| own(forms)).map(|(at, _)| *at).collect();
            places.iter().for_each(|at| *calls.entry(*at).or_default() += 1);
            match places.len().cmp(&best.len()) {
                Ordering::Greater => (best, several) = (places, false),
                Ordering::Equal => several = true,
                Ordering::Less => {}
            }
        }
        if !several {
            return best;
        }
        let the = |at: usize| words.get(at).is_some_and(|it| self.lexicon.the.contains(it));
        let alone = calls.into_iter().filter(|(at, titles)| *titles == 1 && *at > 0 && the(at - 1));
        let alone: Vec<usize> = alone.map(|(at, _)| at).collect();
        if alone.len() > 1 { Vec::new() } else { alone }
    }

    /// Whether a word may be of a name: it says nothing else.
    fn is_open(&self, word: &String) -> bool {
        let lists = [&self.lexicon.joins, &self.lexicon.ties, &self.lexicon.questions];
        let small = self.fillers.contains(word) || self.telling.contains(word);
        !small && !lists.iter().any(|list| list.contains(word))
    }
}

impl Reading<'_> {
    /// Whether something is asked of goods, and no rule of the shop.
    pub(super) fn asks_of_goods(&self, about: &About<'_>) -> bool {
        // `Which sizes do the hiking socks come in?`
        let own = |it: &String| self.tongue.is_named(it) && !self.tongue.is_thing(it);
        let own = about.left.iter().any(own);
        let versions = self.wish.versions && self.asks && about.thing && own;
        let within = about.topic >= TOPIC && self.asks_within();
        versions || within || !self.asked_by_name(about.left).is_empty()
    }

    /// The words of the one product that something is asked of, where more is asked than its price or a rule of the shop:
    /// two of its name, or one behind an article.
    pub(super) fn asked_by_name(&self, left: &[String]) -> Vec<String> {
        // The `brauchen` of `wie lange braucht der Funke?` searches nothing.
        let rules = self.rule_words();
        let search = self.has(Act::Search) && self.searches.iter().all(|at| rules.contains(at));
        let mut acts: BTreeSet<Act> = [Act::Details, Act::OffTopic, Act::Nod, Act::Greet].into();
        if search {
            acts.insert(Act::Search);
        }
        let bare = self.wish.filters.is_empty() && self.wish.quantity.is_none();
        // `The Skylark or the Bootcut?`
        let lists = [&self.tongue.lexicon.alternatives, &self.tongue.lexicon.joins];
        let listed = |it: &String| lists.iter().any(|list| list.contains(it));
        let several = self.words.iter().skip(self.opening()).any(listed);
        let bare = bare && !self.wish.instead && !several;
        if !self.asks || !bare || !self.cues.is_subset(&acts) {
            return Vec::new();
        }
        let named = self.tongue.called_alone(&self.words);
        let lexicon = &self.tongue.lexicon;
        let name = |at: &usize| {
            let word = self.words.get(*at);
            word.is_some_and(|it| it.chars().count() >= LETTERS && !self.tongue.is_thing(it))
        };
        let article = |at: &usize| {
            let before = at.checked_sub(1).and_then(|at| self.words.get(at));
            before.is_some_and(|it| lexicon.the.contains(it))
        };
        let own =
            named.iter().any(|at| !self.words.get(*at).is_some_and(|it| self.tongue.is_thing(it)));
        let alone = named.first().is_some_and(article) && named.iter().any(name);
        let said: Vec<String> =
            named.iter().filter_map(|at| self.words.get(*at).cloned()).collect();
        // `If the ink is not what I imagined, can I send it back?`
        if rules.iter().next_back() > named.first() {
            return Vec::new();
        }
        // What else is asked is no rule of the shop.
        let asked = |at: usize| {
            let word = self.words.get(at);
            let open = word.is_some_and(|it| left.contains(it) && !said.contains(it));
            open && !rules.contains(&at)
        };
        let more = (0..self.words.len()).any(asked);
        if own && more && (named.len() > 1 || alone) { said } else { Vec::new() }
    }
}
