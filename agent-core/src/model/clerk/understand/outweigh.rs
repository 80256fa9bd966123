//! Goods that weigh more than a rule of the shop, which a few words beside them seem to ask for.

use std::collections::BTreeSet;

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::number::counts;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::words::stem;

/// Words between what says that something is searched and the thing, at most.
const NEAR: usize = 5;
/// Words that say a rule, at most, where they only seem to.
const FEW: usize = 3;
/// So much of a word must tell of a rule to be no name of goods, in hundredths.
const TELLS: u32 = 40;
/// Words between one that joins and what says that something is searched, at most: `so we need`.
const LEAD: usize = 2;
/// Words between a cue of a rule and the size it speaks of, at most.
const SIZE: usize = 2;

impl Reading<'_> {
    /// Places of words that say a rule of the shop.
    pub(super) fn rule_words(&self) -> BTreeSet<usize> {
        let found = self.tongue.rules.found(&self.words, &self.tongue.lexicon);
        found.into_iter().flat_map(|(_, places)| places).collect()
    }

    /// Whether what seems to pay belongs to a rule with the word before it: the `by invoice` of `can I pay by invoice?`
    pub(super) fn says_how_to_pay(&self) -> bool {
        let (lexicon, rules) = (&self.tongue.lexicon, self.rule_words());
        let found = self.tongue.cues.found(&self.words, lexicon);
        let mut pays = found.iter().filter(|(cue, _)| cue.intent.as_str() == "checkout");
        let tie = |at: usize| self.words.get(at).is_some_and(|it| lexicon.ties.contains(it));
        let tied = |at: &usize| {
            let before = at.checked_sub(1).filter(|before| rules.contains(before));
            rules.contains(at) && before.is_some_and(tie)
        };
        pays.any(|(_, places)| places.iter().any(tied))
    }

    /// Whether goods are searched, and what seems to say a rule stands around them: `got any socks for walking in the
    /// hills?`, but not `I want to return the socks`.
    pub(super) fn seeks_goods(&self) -> bool {
        if !self.has(Act::Search) || self.sought == 0 {
            return false;
        }
        let (lexicon, rules) = (&self.tongue.lexicon, self.rule_words());
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let small =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.fillers.contains(it));
        let thing = |at: usize| self.tongue.thing_at(&self.words, at) && !rules.contains(&at);
        let what = (0..self.sought).find(|at| is(&lexicon.open, *at));
        // `Where do you have your clothes sewn?`
        if what
            .is_some_and(|what| (what..self.sought).any(|at| self.free(at, at + 1) && !small(at)))
        {
            return false;
        }
        if self.told_before(&rules) {
            return true;
        }
        let near = self.words.len().min(self.sought + NEAR);
        let Some(first) = (self.sought..near).find(|at| thing(*at)) else {
            // `My shorts are torn, what have you got?`
            let last = (self.sought..self.words.len()).all(small);
            return what.is_some() && last && (0..self.sought).any(thing);
        };
        let other = |at: usize| {
            let lists = [&lexicon.ties, &lexicon.open, &lexicon.joins];
            lists.iter().any(|list| is(list, at)) || rules.contains(&at)
        };
        if rules.len() > FEW || (self.sought..first).any(other) {
            return false;
        }
        // What is done with them stands beside them: `ich will die Jacke zurückgeben`, `vouchers or discounts`.
        let Some(rule) = rules.range(first..).next() else { return true };
        let goods = (first..*rule).take_while(|at| thing(*at)).count();
        let next = first + goods;
        is(&lexicon.ties, next) || small(next) && !is(&lexicon.alternatives, next)
    }

    /// Whether goods are searched that are called as a rule of the shop is: `have you got something to repair it with?`,
    /// where there are repair kits.
    pub(super) fn seeks_named(&self, left: &[String]) -> bool {
        let rule = |it: &String| self.tongue.rule(std::slice::from_ref(it)).is_some();
        self.has(Act::Search) && left.iter().any(|it| self.tongue.is_named(it) && rule(it))
    }

    /// Whether one word is asked for that is named behind what says so: `do you have washers?`
    pub(super) fn seeks_alone(&self, left: &[String]) -> bool {
        let small =
            |at: &usize| self.words.get(*at).is_some_and(|it| self.tongue.fillers.contains(it));
        let name = self.sought + (self.sought..).take_while(small).count();
        let asks = self.asks && self.has(Act::Search) && self.sought > 0;
        asks && left.len() == 1 && self.words.get(name) == left.first()
    }

    /// Whether what seems to say a rule is told before what is searched, which has a name: `we broke half our plates in
    /// the move so need cereal bowls`.
    fn told_before(&self, rules: &BTreeSet<usize>) -> bool {
        let lexicon = &self.tongue.lexicon;
        let Some(begin) = self.searches.first().copied() else { return false };
        let leads = |at: usize| {
            self.words
                .get(at)
                .is_some_and(|it| lexicon.leads.contains(it) || lexicon.joins.contains(it))
        };
        let clause = (begin.saturating_sub(LEAD)..begin).any(leads);
        let small = |at: &usize| {
            let word = self.words.get(*at);
            word.is_some_and(|it| self.tongue.fillers.contains(it) && !lexicon.it.contains(it))
        };
        let name = self.sought + (self.sought..).take_while(small).count();
        let named = self.words.get(name).is_some_and(|it| {
            let said = lexicon.it.contains(it) || lexicon.questions.contains(it);
            let told = self.tongue.shares.of(&[stem(it, lexicon)].into());
            let rule = told.into_values().max() >= Some(TELLS);
            !said && !rule && !self.tongue.tells(it) && self.free(name, name + 1)
        });
        let talks = [Act::Human, Act::Checkout, Act::Cart].into_iter().any(|act| self.has(act));
        clause && named && !talks && rules.iter().all(|at| *at < begin)
    }

    /// Whether it begins with what orders, and then a count: `order five files`, but not `ordered five files`.
    pub(super) fn orders_first(&self) -> bool {
        let (lexicon, first) = (&self.tongue.lexicon, self.words.get(..1).unwrap_or_default());
        let found = self.tongue.cues.found(first, lexicon);
        let orders = |intent: &str| matches!(intent, "add" | "checkout");
        counts(self.words.get(1..).unwrap_or_default(), lexicon)
            && found.iter().any(|(cue, _)| orders(cue.intent.as_str()))
    }

    /// Whether one word that tells of a rule stands among words of what goods are called: `felt tips that are washable`.
    pub(super) fn names_goods(&self, left: &[String]) -> bool {
        let named = left.iter().filter(|it| self.tongue.is_named(it)).count();
        let name = left
            .windows(2)
            .all(|pair| matches!(pair, [first, second] if self.tongue.pairs(first, second)));
        // `And a birthday card to go with it`, where they are sold.
        let word = |at: usize| self.words.get(at).is_some_and(|it| left.contains(it));
        let own = self.wish.article || self.wish.points && self.wish.kindly;
        let own = own && self.rule_words().into_iter().all(word);
        let sure = self.rule_words().len() < 2 || name && self.has(Act::Search) || own;
        !self.asks && sure && (named > 1 || own) && named > 0 && named == left.len()
    }

    /// Whether what seems to ask for a rule only says which size is wished: `a gown, I normally take an S`.
    pub(super) fn says_size(&self) -> bool {
        let told = |at: usize| self.told.get(at).is_some_and(|told| *told);
        let sized = self.wish.filters.contains_key("size");
        let found = self.tongue.rules.found(&self.words, &self.tongue.lexicon);
        let before_size = |places: &Vec<usize>| {
            let last = places.last().map_or(0, |last| last + 1);
            (last..=last + SIZE).any(told)
        };
        let named = (0..self.words.len()).any(|at| self.tongue.thing_at(&self.words, at));
        let named = named || self.scene.searched.is_some() || !self.scene.asked.is_empty();
        sized && named && !self.asks && found.iter().all(|(_, places)| before_size(places))
    }

    /// Whether details are asked at length of something with a name of its own: `which sizes do the Mooring jeans come
    /// in?`
    pub(super) fn details_of_name(&self) -> bool {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let details = found.iter().filter(|(cue, _)| cue.intent.as_str() == "details");
        let details: BTreeSet<usize> = details.flat_map(|(_, places)| places.clone()).collect();
        let small =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.fillers.contains(it));
        if self.rule_words().into_iter().any(|at| !details.contains(&at) && !small(at)) {
            return false;
        }
        let name = |at: usize| {
            let own = |it: &String| !self.tongue.fillers.contains(it) && !self.tongue.is_thing(it);
            let thing = |at: usize| self.words.get(at).is_some_and(|it| self.tongue.is_thing(it));
            // `Der Verlobungsring Aurelie`.
            let called = at > 0 && thing(at - 1);
            let called = called && self.words.get(at).is_some_and(|it| self.tongue.is_named(it));
            let beside = thing(at + 1) || called;
            let open = self.free(at, at + 1);
            open && beside && self.words.get(at).is_some_and(own)
        };
        self.detailed && (0..self.words.len()).any(name)
    }

    /// Whether it is asked whether something is in what is sold: `are there nuts in the gnocchi pesto?`
    pub(super) fn asks_within(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let within = |at: &usize| is(&lexicon.ties, *at) && is(&lexicon.size_words, *at);
        let thing = |at: usize| self.titled(at) || self.tongue.thing_at(&self.words, at);
        let named = |at: usize| is(&lexicon.the, at + 1) && thing(at + 2);
        self.inquires && (0..self.words.len()).filter(within).any(named)
    }

    /// Whether what is sold is named by a name of its own.
    pub(super) fn names_own(&self, left: &[String]) -> bool {
        let thing = |it: &String| self.tongue.is_thing(it);
        left.iter().any(thing) && !left.iter().all(thing)
    }

    /// Whether it is what goods cost that is asked, which are not in the cart: `what would a large verdura set me back?`
    pub(super) fn prices_goods(&self, left: &[String]) -> bool {
        let goods = |word: &String| self.tongue.is_thing(word) || self.tongue.is_named(word);
        let named = left.iter().any(goods);
        let line = left.iter().any(|word| self.held(word));
        self.asks && named && !line
    }
}
