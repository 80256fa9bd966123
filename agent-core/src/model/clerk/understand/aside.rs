//! What a thing is called, and what is told around a wish for it: `a scarf for my neighbour`.

use std::collections::BTreeSet;

use crate::compound::bare;
use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::number::counts;
use crate::model::clerk::understand::question::changes;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::word::number;
use crate::model::clerk::understand::words::{number_of, plain, root, starts_with, stem};

/// Words after one that takes back, among which stands what it takes back.
const FAR: usize = 5;
/// Words of whom something is for, at most.
const WHOM: usize = 2;
/// Words between one that joins and what says that something is searched, at most: `and I still need`.
const JOINED: usize = 3;

impl Reading<'_> {
    /// `Lovely day for a hike, good morning!`
    pub(super) fn only_greets(&self) -> bool {
        let greets = self.scene.request.notes.first && self.has(Act::Greet);
        greets && !self.asks && !self.has(Act::Search)
    }

    /// Whether words that agree or join lead in what is told: `great, orange in M`, `then the Garden dress, red in S`.
    pub(super) fn leads_in(&self) -> bool {
        let opening = self.opening();
        let the = self.words.get(opening).is_some_and(|it| self.tongue.lexicon.the.contains(it));
        (the || self.has(Act::Nod)) && opening > 0 && !self.asks
    }

    /// `Yep, in with it`: what only agrees names nothing.
    pub(super) fn agrees(&mut self) {
        let named = |at: usize| {
            let thing = self.words.get(at).is_some_and(|it| self.tongue.is_thing(it));
            thing || self.titled.get(at) == Some(&true)
        };
        let to = (0..self.opening()).take_while(|at| !named(*at)).count();
        self.mark(0, to);
    }

    pub(super) fn mark(&mut self, from: usize, to: usize) {
        self.used.iter_mut().take(to).skip(from).for_each(|used| *used = true);
    }

    pub(super) fn free(&self, from: usize, to: usize) -> bool {
        self.used.get(from..to).is_some_and(|used| used.iter().all(|used| !used))
    }

    /// Takes what is told around a thing that is named out of what is searched: words that name no goods, before
    /// the clause with the thing, and after it those of whom it is for.
    pub(super) fn asides(&mut self) {
        self.beside_changes();
        self.before_it();
        self.behind_ordered();
        self.around_version();
        self.asked_of_name();
        let or_less = &self.tongue.lexicon.amounts.or_less;
        // Not the `tops` of `110 tops`.
        let bound = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.words.get(at));
            let money = &self.tongue.lexicon.amounts.money;
            let counted = |it: &String| number(it) || money.contains(it);
            before.is_some_and(counted) && starts_with(&self.words, at, or_less).is_some()
        };
        let thing = (0..self.words.len()).rfind(|at| {
            let sold = self.words.get(*at).is_some_and(|it| self.tongue.is_thing(it));
            self.free(*at, at + 1) && sold && !bound(*at)
        });
        if self.cues.contains(&Act::Compare) {
            return;
        }
        let whom: Vec<usize> = (0..self.words.len()).flat_map(|at| self.whom(at)).collect();
        let Some(thing) = thing else {
            self.before_search();
            // `For our trip one first aid kit`: behind it stands what is wished.
            let named = |at: usize| {
                let mut behind = at + 1..self.words.len();
                behind.any(|at| self.idle(at) && !whom.contains(&at))
            };
            // `The same in white for my colleague`.
            let kinds = self.wish.filters.keys().any(|name| name.as_str() != "gender");
            let it = kinds && (self.wish.it || self.beside() || self.stands || self.wish.one);
            let told: Vec<usize> = whom.iter().copied().filter(|at| it || named(*at)).collect();
            told.into_iter().for_each(|at| self.mark(at, at + 1));
            self.untold();
            return self.before_bounds();
        };
        let told =
            |at: &usize| self.words.iter().take(*at).any(|it| self.tongue.fillers.contains(it));
        let clauses = self.commas.iter().copied().chain([self.sought]).chain(self.clauses());
        let clauses = clauses.chain(self.joined_clauses());
        // `The negative split shoes`: what stands before the thing is its name.
        let name = |at: &usize| {
            let word = self.words.get(*at);
            let asks = |it: &String| self.tongue.lexicon.questions.contains(it);
            let own = |it: &String| !self.tongue.fillers.contains(it) && !asks(it);
            let other = *at < thing && self.commas.contains(&(at + 1));
            self.free(*at, at + 1) && !other && word.is_some_and(own)
        };
        let first = (0..=thing).rev().take_while(name).last().unwrap_or(thing);
        let clause = clauses.filter(|at| *at <= first && told(at)).max().unwrap_or(0);
        self.clause = clause;
        // `We are invited to a wedding, perhaps a blue dress?`: what only says how goods are counts where they are searched.
        let searched = (1..=clause).contains(&self.sought);
        // `My bike was stolen so now I need a lock`: what is named before is why.
        let led = self.led().filter(|lead| *lead < clause);
        let goods = |at: &usize| {
            let searched = searched && *at >= self.sought;
            let names = |it: &String| self.tongue.is_thing(it) || searched && self.tongue.names(it);
            led.is_none_or(|lead| *at > lead) && self.words.get(*at).is_some_and(names)
        };
        let open = |at: &usize| {
            self.free(*at, at + 1)
                && self.words.get(*at).is_some_and(|it| !self.tongue.lexicon.joins.contains(it))
        };
        // Words of other goods tell nothing here, but for what tells of a thing before it.
        let told =
            (0..clause).any(|at| self.words.get(at).is_some_and(|it| self.tongue.is_thing(it)));
        let told = told && led.is_none();
        let mut aside: Vec<usize> =
            (0..clause).filter(|at| !told && open(at) && !goods(at) || self.idle(*at)).collect();
        aside.extend(whom);
        // `My colleague says that is too little coffee`, of what lies in the cart.
        let line = !self.asks
            && (!self.has(Act::Search) || self.has(Act::Remove))
            && self.words.get(thing).is_some_and(|it| self.held(it));
        let untold = |at: &usize| self.words.get(*at).is_some_and(|it| self.tongue.untold(it));
        aside.extend((0..self.words.len()).filter(|at| line && self.idle(*at) && untold(at)));
        aside.into_iter().for_each(|at| self.mark(at, at + 1));
    }

    /// Takes what is asked of something that is named behind it out of what is searched: `what bag sizes does the
    /// whitesand come in`.
    fn asked_of_name(&mut self) {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let details = self.cues.contains(&Act::Details) && !self.cues.contains(&Act::Search);
        let verb = (2..self.words.len()).find(|at| {
            is(&lexicon.questions, *at) && !is(&lexicon.open, *at) && is(&lexicon.the, at + 1)
        });
        let named = |verb: usize| (verb + 2..self.words.len()).any(|at| self.idle(at));
        if let Some(verb) = verb.filter(|verb| details && is(&lexicon.open, 0) && named(*verb)) {
            self.mark(1, verb);
        }
    }

    /// Takes what seems to be of the world out of what is searched behind it: `my cat shreds the sofa so I'm after a
    /// post`.
    fn before_search(&mut self) {
        let begin = self.searches.first().copied().unwrap_or(0);
        if self.cues.contains(&Act::OffTopic) {
            (0..begin).for_each(|at| self.mark(at, at + 1));
        }
    }

    /// Takes what is told beside what changes the cart out of it, where that only counts: `one fewer, grandma isn't
    /// coming`, `sounds yummy, we'll have one`.
    fn beside_changes(&mut self) {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        if self.commas.is_empty() || self.asks || !self.spoken() && self.scene.cart.is_empty() {
            return;
        }
        // A comma may stand behind the last word.
        let commas = self.commas.iter().copied().filter(|at| *at < self.words.len());
        let bounds: BTreeSet<usize> = commas.chain([0, self.words.len()]).collect();
        let clauses = bounds.iter().copied().zip(bounds.iter().copied().skip(1));
        let found = tongue.cues.found(&self.words, lexicon);
        let changing = found
            .iter()
            .filter(|(cue, _)| changes(cue) || matches!(cue.intent.as_str(), "set" | "instead"));
        let changing: BTreeSet<usize> = changing.flat_map(|(_, places)| places.clone()).collect();
        let counts = |at: usize| {
            let words = self.words.get(at..).unwrap_or_default();
            counts(words, lexicon) || words.first().is_some_and(|it| lexicon.one.contains(it))
        };
        // `Two of those, I'm thirsty`.
        let of_it =
            |at: usize| counts(at) && starts_with(&self.words, at + 1, &lexicon.it).is_some();
        // `Two of the dino ones, he spills everything`.
        let of_line = |(from, to): &(usize, usize)| {
            counts(*from) && (*from..*to).any(|at| self.line_word(at))
        };
        let within = |clause: &(usize, usize)| {
            changing.range(clause.0..clause.1).next().is_some()
                || (clause.0..clause.1).any(of_it)
                || of_line(clause)
        };
        let (acts, told): (Vec<_>, Vec<_>) = clauses.partition(within);
        let counted = |(from, to): &(usize, usize)| (*from..*to).any(counts);
        let named = |(from, to): &(usize, usize)| !self.named(*from, *to).concat().is_empty();
        let line = |(from, to): &(usize, usize)| (*from..*to).any(|at| self.line_word(at));
        // `My husband is tall, one of the bags should be long`.
        let of_line = acts.iter().any(line) && !told.iter().any(line);
        let bare = !acts.iter().any(named) && acts.iter().any(counted);
        if !(bare || of_line) || told.iter().any(counted) {
            return;
        }
        // `Make it four, I have many boots`, of what was put there.
        let sets = found.iter().any(|(cue, _)| cue.intent.as_str() == "set");
        let counts_it = bare && sets && self.focused();
        let goods = |at: usize| tongue.thing_at(&self.words, at);
        // A bare name is told with no verb.
        let verb = |at: usize| {
            let lists = [&lexicon.the, &lexicon.single, &lexicon.ties, &lexicon.size_words];
            let small = |it: &String| tongue.fillers.contains(it) && !tongue.tells(it);
            let word = self.words.get(at).filter(|it| small(it));
            self.told.get(at) == Some(&true)
                || word.is_some_and(|it| !lists.iter().any(|list| list.contains(it)))
        };
        let told = told.into_iter().filter(|(from, to)| (*from..*to).any(verb));
        let idle = told
            .flat_map(|(from, to)| from..to)
            .filter(|at| (self.idle(*at) || counts_it && goods(*at)) && !self.line_word(*at));
        let idle: Vec<usize> = idle.collect();
        idle.into_iter().for_each(|at| self.mark(at, at + 1));
    }

    /// Takes what no goods are told with out of what is told of something before it is taken or taken out: `the ladybirds
    /// are lovely, we take those too`.
    fn before_it(&mut self) {
        let (tongue, end) = (self.tongue, self.words.len());
        let Some(from) = self.commas.iter().copied().rfind(|at| (1..end).contains(at)) else {
            return;
        };
        let it = (from..end).any(|at| starts_with(&self.words, at, &tongue.lexicon.it).is_some());
        let found = tongue.cues.found(&self.words, &tongue.lexicon);
        let acts = found.iter().any(|(cue, places)| {
            matches!(cue.intent.as_str(), "add" | "remove" | "away")
                && places.iter().all(|at| *at >= from)
        });
        if self.asks || !it || !acts || !self.named(from, end).concat().is_empty() {
            return;
        }
        // `Keep only the light`, of a Fahrradlicht.
        let open = |it: &String| tongue.untold(it) && !tongue.ends_name(it);
        let untold = |at: &usize| self.idle(*at) && self.words.get(*at).is_some_and(open);
        let untold: Vec<usize> = (0..from).filter(untold).collect();
        untold.into_iter().for_each(|at| self.mark(at, at + 1));
    }

    /// Takes what tells why a version of the one product spoken of is wished out of it: `ground, I don't own a grinder`,
    /// `she has a grinder so whole bean`.
    fn around_version(&mut self) {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        let one = !self.scene.asked.is_empty() || self.scene.shown.len() == 1;
        let kinds = self.wish.filters.keys().any(|name| name.as_str() != "gender");
        let acts = [Act::Search, Act::Details, Act::Remove];
        let other = acts.iter().any(|act| self.has(*act)) || self.beside() || self.asks;
        if !one || !kinds || other {
            return;
        }
        let told = |at: usize| self.told.get(at) == Some(&true);
        let small = |at: usize| self.words.get(at).is_some_and(|it| tongue.fillers.contains(it));
        let gender = lexicon.values.get("gender");
        let whom = |at: usize| {
            self.words.get(at).is_some_and(|it| gender.is_some_and(|said| said.contains_key(it)))
        };
        let lists =
            [&lexicon.the, &lexicon.single, &lexicon.ties, &lexicon.size_words, &lexicon.joins];
        let verb = |at: usize| {
            let other = |it: &String| !lists.iter().any(|list| list.contains(it));
            small(at) && self.words.get(at).is_some_and(other)
        };
        let lead = |at: &usize| self.words.get(*at).is_some_and(|it| lexicon.leads.contains(it));
        let end = self.words.len();
        // What stands behind a comma, or before what leads to the version.
        let behind = self.commas.first().map(|at| (*at..end, 0..*at));
        let before = (1..end).rfind(lead).map(|at| (0..at + 1, at + 1..end));
        let why = behind.into_iter().chain(before).find(|(why, version)| {
            let only = version.clone().all(|at| told(at) || small(at) || self.used(at));
            let only = only && !why.clone().any(|at| told(at) && !whom(at));
            only && version.clone().any(told) && why.clone().any(verb)
        });
        let idle = why.into_iter().flat_map(|(why, _)| why.filter(|at| !told(*at)));
        let idle: Vec<usize> = idle.collect();
        idle.into_iter().for_each(|at| self.mark(at, at + 1));
    }

    /// Takes what is said of what was shown out of how it is to be: `ouch, those are steep, anything below 110?`
    fn before_bounds(&mut self) {
        let told = self.told.iter().position(|told| *told).filter(|_| !self.scene.shown.is_empty());
        let clause = self.commas.iter().copied().filter(|at| told.is_some_and(|told| *at <= told));
        let Some(clause) = clause.max() else { return };
        let lexicon = &self.tongue.lexicon;
        let says = |word: &String| lexicon.it.contains(word) || lexicon.questions.contains(word);
        if self.words.iter().take(clause).any(says) {
            let idle: Vec<usize> = (0..clause).filter(|at| self.idle(*at)).collect();
            idle.into_iter().for_each(|at| self.mark(at, at + 1));
        }
    }

    /// Where what is searched begins behind what is told before it: `I got a new job, and I need blouses`.
    fn clauses(&self) -> Vec<usize> {
        let lexicon = &self.tongue.lexicon;
        let begins = |first: usize| {
            let near = first.saturating_sub(JOINED)..first;
            near.rev().any(|at| self.words.get(at).is_some_and(|it| lexicon.joins.contains(it)))
        };
        let found = self.tongue.cues.found(&self.words, lexicon);
        let searches = found.iter().filter(|(cue, _)| cue.intent.as_str() == "search");
        let ends = searches.filter_map(|(_, places)| Some((*places.first()?, places.last()? + 1)));
        let mut ends: Vec<(usize, usize)> = ends.collect();
        // What stands behind another wish is told by that one.
        ends.sort_unstable();
        ends.into_iter().take(1).filter(|(first, _)| begins(*first)).map(|(_, end)| end).collect()
    }

    /// Where a word stands that leads from what was told to what is searched.
    fn led(&self) -> Option<usize> {
        let first = self.searches.first().copied()?;
        let lead = |at: &usize| {
            self.words.get(*at).is_some_and(|it| self.tongue.lexicon.leads.contains(it))
        };
        (first.saturating_sub(JOINED)..first).rev().find(lead)
    }

    /// Where a word that joins begins a clause of its own: `my son starts school and needs a bag`, but not `warm and
    /// cosy gloves`.
    fn joined_clauses(&self) -> impl Iterator<Item = usize> + '_ {
        let lexicon = &self.tongue.lexicon;
        let article = [&lexicon.single, &lexicon.the, &lexicon.ties, &lexicon.one];
        let verb = move |word: &String| {
            self.tongue.fillers.contains(word) && !article.iter().any(|list| list.contains(word))
        };
        let join = |at: &usize| {
            let word = self.words.get(*at);
            word.is_some_and(|it| lexicon.joins.contains(it) || lexicon.leads.contains(it))
        };
        let places = (1..self.words.len()).filter(join).map(|at| at + 1);
        places.filter(move |at| self.words.get(*at).is_some_and(&verb))
    }

    /// Words of whom something is for, behind the word here: `for my neighbour and his wife`.
    fn whom(&self, at: usize) -> Vec<usize> {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        let is =
            |list: &Vec<String>, at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let small = |at: usize| self.words.get(at).is_some_and(|it| tongue.fillers.contains(it));
        let whose = small(at + 1) && !is(&lexicon.single, at + 1) && !is(&lexicon.one, at + 1);
        // `Swap the hat for the cap`.
        if !is(&lexicon.serves, at) || !whose || self.wish.instead {
            return Vec::new();
        }
        let whom_told = self.wish.filters.contains_key("gender");
        // `For him the pocket shirt`: with the article something else begins.
        let ends =
            |it: &usize| !self.commas.contains(it) && (*it == at + 1 || !is(&lexicon.the, *it));
        // `For our trip we need one first aid kit`.
        let counts = |it: &usize| {
            let one = is(&lexicon.one, *it) || is(&lexicon.single, *it);
            one || counts(self.words.get(*it..).unwrap_or_default(), lexicon)
        };
        let said = (at + 1..self.words.len()).take_while(|it| ends(it) && !counts(it));
        // `For my sister's dog`.
        let told = |at: usize| whom_told && self.told.get(at) == Some(&true);
        let said = said
            .take_while(|at| small(*at) || is(&lexicon.joins, *at) || self.idle(*at) || told(*at));
        said.filter(|at| self.idle(*at)).take(WHOM).collect()
    }

    /// Whether a word names no goods and says nothing else.
    pub(super) fn idle(&self, at: usize) -> bool {
        let tongue = self.tongue;
        let goods = |word: &String| {
            let recent = self.scene.recent.iter().any(|it| plain(&it.facts.title).contains(word));
            tongue.is_thing(word) || tongue.foreign.contains(word) || tongue.names(word) || recent
        };
        let word = self.words.get(at).filter(|it| !tongue.fillers.contains(*it));
        self.free(at, at + 1)
            && word.is_some_and(|it| !goods(it) && !tongue.lexicon.joins.contains(it))
    }

    /// What is not wished: `not leather`, `no sleeves`.
    pub(super) fn without(&mut self) {
        let tongue = self.tongue;
        let lexicon = &tongue.lexicon;
        // `I don't want pork` takes nothing out of an empty cart.
        let thing = |at: usize| self.words.get(at).is_some_and(|it| tongue.is_thing(it));
        let removes = self.cues.contains(&Act::Remove);
        let named = (0..self.words.len()).any(thing);
        if removes && (!self.scene.cart.is_empty() || self.scene.shown.is_empty() && !named) {
            return;
        }
        let filler = |at: usize| self.words.get(at).is_some_and(|it| tongue.fillers.contains(it));
        let mut unwanted = Vec::new();
        for at in 0..self.words.len() {
            let Some(word) = self.words.get(at).filter(|it| lexicon.negations.contains(*it)) else {
                continue;
            };
            // `Don't show me dresses` is of dresses.
            let small = |at: &usize| filler(*at) && !thing(*at);
            let sold = at + 1 + (at + 1..at + FAR).take_while(small).count();
            // `Not the little plugs`.
            let the = self.words.get(at + 1).is_some_and(|it| lexicon.the.contains(it));
            let small = (at + 1..at + 2 + usize::from(the)).take_while(|at| filler(*at));
            let next = at + 1 + small.count();
            let shows = (at + 1..sold).any(|at| self.used(at));
            let to = if thing(sold) && shows { sold } else { next };
            // `I do not need it` says it of nothing that is sold.
            let free = self.free(to, to + 1) && !filler(to);
            // `No thanks` takes nothing back, `something with no onions` does.
            let free = free && (at == 0 || removes || !self.used(at) || !self.used(at + 1));
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

    /// What the thing is called that is wanted: the last of its words before what it is for or has. `Laces for my
    /// boots` and `shoe polish` are called by a word that tells of nothing sold: only that counts.
    pub(super) fn head(&mut self) {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        let tie = |at: &usize| {
            // Not the `in` of `throw in a candle`, which is understood.
            let open = |it: &String| !self.phrase(*at) || lexicon.serves.contains(it);
            let word = self.words.get(*at).filter(|it| open(it));
            self.commas.contains(at) || word.is_some_and(|it| lexicon.ties.contains(it))
        };
        // `Something to carry water`: what is wanted has no name.
        let purpose = self.sought.checked_sub(1).and_then(|at| self.words.get(at));
        if purpose.is_some_and(|it| lexicon.ties.contains(it) && !lexicon.serves.contains(it)) {
            return;
        }
        // `I walk the dog in all weathers, so I need a coat`.
        let open = |at: &usize| !self.named(*at, at + 1).concat().is_empty();
        // `Filter bags need I`, where what is sought may stand before its verb.
        let behind = (self.sought..self.words.len()).any(|at| open(&at));
        let from = if behind { self.sought.max(self.clause) } else { self.clause };
        // `A backpack my laptop fits into`: behind a thing another sentence begins with a small word.
        let thing = (from..self.words.len()).find(|at| tongue.thing_at(&self.words, *at));
        let goes_on = |at: &usize| {
            let small = self.words.get(*at).is_some_and(|it| tongue.fillers.contains(it));
            thing.is_some_and(|thing| *at > thing) && small && self.free(*at, at + 1)
        };
        // `A cool box, something that keeps the beer cold`.
        let again = |at: &usize| *at > from && self.searches.contains(at);
        let ends = |at: &usize| tie(at) || goes_on(at) || again(at);
        let end = (from..self.words.len()).find(ends).unwrap_or(self.words.len());
        let called = |from: usize, to: usize| -> Vec<String> {
            let mut called = self.named(from, to).concat();
            called.retain(|word| !lexicon.units.contains(word));
            called
        };
        let all = called(from, end);
        let last = (from..end).rfind(|at| !called(*at, at + 1).is_empty());
        let Some((at, head)) = last.zip(all.last()).filter(|_| self.need.is_empty()) else {
            return;
        };
        let things = |words: &[String]| words.iter().any(|word| tongue.is_thing(word));
        // `Shoe polish`: one thing tells what another is made for.
        let single = |word: &String| tongue.is_thing(word) && stem(word, lexicon) == *word;
        let before = at.checked_sub(1).filter(|at| *at >= from && self.free(*at, at + 1));
        let made_of = before.and_then(|at| self.words.get(at)).is_some_and(single);
        // `A gift, perhaps a belt`: another thing is named beside it.
        let other = self.commas.iter().find(|at| **at > from);
        let other = things(other.and_then(|at| self.words.get(*at..)).unwrap_or_default());
        let rest = self.words.get(end..).unwrap_or_default();
        // `How many litres does the rucksack hold?` asks for no litres.
        let asked = self.asks && self.sought == 0 && things(rest);
        let alone = !other && !things(&all) && !asked;
        let sought = self.sought > 0 || self.asks || things(rest);
        // `I walk the dog in the rain` searches no dog.
        let known = at.checked_sub(1).and_then(|at| self.words.get(at));
        let known = self.sought == 0 && known.is_some_and(|it| lexicon.the.contains(it));
        // `Something warm for the legs`: what it is like is no name.
        let known = known || self.words.get(at).is_some_and(|it| tongue.names(it));
        let strange = !tongue.is_thing(head) && !tongue.telling.contains(head) && !known;
        let strange = strange && sought && (alone || lexicon.apart && made_of);
        // `Fahrräder` are a Fahrrad.
        let own = bare(&root(head, lexicon));
        let elsewhere = lexicon.elsewhere.iter().any(|it| bare(&root(it, lexicon)) == own);
        let head = head.clone();
        (self.wish.head, self.wish.strange, self.wish.elsewhere) = (head, strange, elsewhere);
    }
}
