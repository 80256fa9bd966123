//! One part of a message, read: what is filtered, what is searched, which cues it has. What is wished by it
//! all is decided in `act`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::evidence::ProductFacts;
use crate::id::Name;
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::guess::{act_of, talks};
use crate::model::clerk::understand::parts::Part;
use crate::model::clerk::understand::question::changes;
use crate::model::clerk::understand::tongue::Tongue;
use crate::model::clerk::understand::words::{ordinal, plain, same, stem};
use crate::model::clerk::understand::{Act, Wish};

/// What is left open where the price does not matter.
pub(crate) const PRICE: &str = "price";
/// Words of a sentence that only counts what was named before it, at most.
const SHORT: usize = 5;
/// Words of a sentence beside those that name something are more than so many.
pub(super) const TALE: usize = 4;
/// A cue of so many words says what a sentence is about.
pub(super) const SENTENCE: usize = 3;

/// A part of a message as it is read.
pub(crate) struct Reading<'a> {
    pub(super) tongue: &'a Tongue,
    pub(super) scene: &'a Scene<'a>,
    pub(super) words: Vec<String>,
    /// The same as they are searched.
    said: Vec<String>,
    /// Words that are understood and not searched.
    pub(super) used: Vec<bool>,
    /// Words that filters, places and amounts used: they tell nothing else.
    pub(super) told: Vec<bool>,
    /// Which words call goods by their whole name, and say nothing else.
    pub(super) titled: Vec<bool>,
    /// Places of words that belong to a cue of several.
    phrases: BTreeSet<usize>,
    /// It is a question.
    pub(super) asks: bool,
    /// What is wanted without being named, in the feed's words.
    pub(super) need: Vec<String>,
    /// So many words before its first comma take back what was before: `no, no, L`.
    pub(super) corrects: usize,
    /// Before which words a comma stands.
    pub(super) commas: Vec<usize>,
    /// Places of words that say that something is searched.
    pub(super) searches: BTreeSet<usize>,
    /// Where what says that something is searched ends.
    pub(super) sought: usize,
    /// What says that it is put into the cart says more than that it is searched: `i need it, add it`.
    pub(super) puts: bool,
    /// Places of words that name what is in the cart, though they say something else by themselves: `the basket`.
    pub(super) lines: BTreeSet<usize>,
    /// It asks for something that is not known.
    pub(super) open: bool,
    /// It asks what is so: nothing is changed by it.
    pub(super) inquires: bool,
    /// It asks for something to be done.
    pub(super) requests: bool,
    /// One of what was shown is told by what it is like: `the vegan one`.
    pub(super) stands: bool,
    /// Another number is taken back: `three bags, not two`.
    pub(super) recounts: bool,
    /// What was said before it in its sentence puts something into the cart.
    pub(super) buying: bool,
    /// What was said before it in its sentence searches.
    pub(super) seeking: bool,
    /// The number says how many fewer there are to be: `one less will do`.
    pub(super) less: bool,
    /// A cue of several words says that the cart is looked at.
    pub(super) views: bool,
    /// It is put into the cart by more than one small word: `please`.
    pub(super) orders: bool,
    /// A cue of several words says that it is talk.
    pub(super) told_at_length: bool,
    /// Which words say the next size up or down.
    pub(super) stepped: Range<usize>,
    /// A cue of several words asks for details.
    pub(super) detailed: bool,
    /// Where the clause begins that names what is searched.
    pub(super) clause: usize,
    pub(super) wish: Wish,
    pub(super) cues: BTreeSet<Act>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(tongue: &'a Tongue, scene: &'a Scene<'a>, part: Part) -> Self {
        let used = vec![false; part.words.len()];
        // `And what white wine is there?` asks as well.
        let joins = |word: &String| tongue.lexicon.joins.contains(word);
        let led = part.words.iter().take_while(|it| joins(it)).count();
        let begun = part.words.get(led..).unwrap_or_default();
        let asks = part.asks || tongue.begins_question(begun);
        let led = led + tongue.bounded(begun);
        let (words, said, corrects) = (part.words, part.said, part.corrects);
        let (wish, cues) = (Wish { instead: part.instead, ..Wish::default() }, BTreeSet::new());
        let found = tongue.cues.found(&words, &tongue.lexicon);
        let commas = &part.commas;
        let phrases =
            found.into_iter().filter(|(cue, at)| cue.words > 1 && !parted(cue, at, commas));
        let phrases = phrases.flat_map(|(_, places)| places).collect();
        let (told, titled) = (used.clone(), tongue.called(&words));
        // `I'm vegan, what can I have?`: the question stands before what else could be an order.
        let acts = tongue.cues.found(&words, &tongue.lexicon).into_iter();
        let acts = acts.filter(|(cue, _)| matches!(cue.intent.as_str(), "add" | "set"));
        let first = acts.filter_map(|(_, places)| places.first().copied()).min();
        let asked = words.iter().position(|word| tongue.lexicon.open.contains(word));
        let open = asked.is_some_and(|asked| {
            let small = |word: &String| tongue.fillers.contains(word) || joins(word);
            let begins = words.iter().take(asked).all(small) || asked == led;
            begins || asks && first.is_some_and(|first| asked < first)
        });
        let inquires = asks && tongue.inquires(&words, &part.commas);
        let requests = asks && !inquires && tongue.requests(&words, &part.commas);
        Self {
            tongue,
            scene,
            words,
            said,
            used,
            told,
            titled,
            phrases,
            asks,
            need: Vec::new(),
            corrects,
            commas: part.commas,
            searches: BTreeSet::new(),
            sought: 0,
            lines: BTreeSet::new(),
            puts: false,
            open,
            inquires,
            requests,
            stands: false,
            recounts: false,
            buying: false,
            seeking: false,
            less: false,
            views: false,
            orders: false,
            told_at_length: false,
            stepped: 0..0,
            detailed: false,
            clause: 0,
            wish,
            cues,
        }
    }

    /// What is wished; `follows` is what the part before it in its sentence wished.
    pub(crate) fn wish(mut self, follows: Option<Act>) -> Wish {
        self.buying = follows == Some(Act::Add);
        self.seeking = matches!(follows, Some(Act::Search | Act::Refine));
        self.versions();
        self.told.clone_from(&self.used);
        self.lines = self.line_names();
        self.cues();
        self.priced();
        // `The cheaper of the two` is one of them.
        if self.wish.price != 0 && self.wish.places == [0] || self.sorts() {
            self.wish.places.clear();
        }
        let unwanted = self.unwanted();
        self.again();
        self.it();
        let named = self.names_thing(&unwanted);
        // `And to drink?`: what is named says no more than the need.
        if !self.only_greets() && (!named || self.names().is_empty()) {
            self.need();
        }
        self.asides();
        self.agrees();
        let names = self.names();
        let left = names.concat();
        self.head();
        self.wish.said = self.said(&left);
        let whole = self.titled.contains(&true);
        let thing = named || whole || !self.need.is_empty() && unwanted.is_empty();
        let act = self.act(&left, thing);
        // `The earrings, two of them`.
        let of_them = self.wish.it && self.wish.quantity.is_some() && thing && !self.asks;
        // `One of them in large instead`.
        self.wish.ahead = self.ahead() || of_them || self.wish.it && self.counts_it().is_some();
        (self.wish.asks, self.wish.open_question) = (self.asks, self.asks && self.open);
        let alternatives = &self.tongue.lexicon.alternatives;
        self.wish.either = self.words.iter().any(|word| alternatives.contains(word));
        self.wish.kindly |= self.leads_in() && !self.tells_too(&left);
        (self.wish.supposed, self.wish.settled) = (self.may_be(), self.settles());
        self.wish.thing = thing;
        self.wish.held = !left.is_empty() && left.iter().all(|word| self.held(word));
        self.wish.more = self.beside();
        self.wish.own = left.iter().any(|word| !self.tongue.is_thing(word));
        (self.wish.buys, self.wish.refines) = (self.has(Act::Add), self.has(Act::Refine));
        self.wish.tale = self.words.len() > left.len() + TALE;
        let kinds = left.iter().filter(|word| self.tongue.sold(word));
        self.wish.kind = kinds.cloned().collect::<Vec<_>>().join(" ");
        if act != Act::Policy {
            self.wish.guess = !self.cues.contains(&Act::Search);
        }
        // `There will be four of us when we meet` counts nothing that was named before.
        if act == Act::Lost && self.words.len() > SHORT {
            self.wish.quantity = None;
        }
        // `Hat out, cap in`: what goes lies in the cart.
        let goes = follows == Some(Act::Remove) && (self.wish.held || self.scene.cart.is_empty());
        let bare = self.cues.is_empty() || self.tells_purpose();
        let bare = bare && !(self.asks && self.tongue.begins_question(&self.words));
        let inherits = (follows == Some(Act::Add) || goes) && bare && !self.wish.loose;
        let act = match follows {
            Some(follows) if inherits && self.named_along(act) => follows,
            // `Anything cheaper?`, of what was searched.
            _ if act == Act::Search && self.of_searched(&left) => Act::Refine,
            // `A jumper, preferably merino`.
            Some(Act::Search) if act == Act::Search && self.cues == [Act::Refine].into() => {
                Act::Refine
            }
            _ => act,
        };
        if act == Act::Details {
            self.wish.called = self.asked_by_name(&left).join(" ");
        }
        let left = if act == Act::Swap { self.of_feed(left) } else { left };
        // Of what is said beside a new number only what names a line of the cart counts.
        let named = act != Act::Set || left.iter().any(|word| self.held(word));
        if named && !matches!(act, Act::Cart | Act::Checkout) {
            self.wish.words = left.join(" ");
            self.wish.names = names.into_iter().map(|name| name.join(" ")).collect();
        }
        self.wish.act = Some(act);
        self.wish
    }

    /// Whether a word belongs to a cue of several words: `ich weiß nicht` is no colour.
    pub(super) fn phrase(&self, at: usize) -> bool {
        self.phrases.contains(&at)
    }

    fn cues(&mut self) {
        let (mut cued, mut kindly) = (vec![0; self.words.len()], false);
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        self.seeks(&found);
        let details = begins(&found, "details");
        for (cue, places) in found {
            // The longest cue counts; a shorter one within it says nothing of its own.
            let longest = |at: &usize| cued.get(*at).is_some_and(|it| *it > cue.words);
            // `Is there a human I can talk to?`
            let asked = cue.intent.as_str() == "bot" && places.iter().any(longest);
            // `What sizes do they come in?` asks for versions within what asks for details.
            let within = || places.iter().all(longest) && cue.intent.as_str() != "versions";
            if asked || within() || self.means_other(cue, &places, &details) {
                continue;
            }
            for at in &places {
                cued.iter_mut().skip(*at).take(1).for_each(|it| *it = cue.words.max(*it));
            }
            // `How much can it carry?` orders nothing, nor does `a box where I can put them in`.
            let orders = matches!(cue.intent.as_str(), "add" | "set");
            if self.inquires && changes(cue) || orders && (self.open || self.within_clause(&places))
            {
                places.iter().for_each(|at| self.mark(*at, at + 1));
                continue;
            }
            self.puts |= cue.intent.as_str() == "add"
                && cue.words > 1
                && places.last().is_some_and(|at| !self.searches.contains(at));
            self.less |= cue.intent.as_str() == "remove" && self.counts_with(&places);
            self.orders |= cue.intent.as_str() == "add" && self.says_order(cue, &places, &details);
            let long = |intent: &str| cue.intent.as_str() == intent && cue.words >= SENTENCE;
            (self.views, self.detailed) =
                (self.views || long("cart"), self.detailed || long("details"));
            match cue.intent.as_str() {
                "cheaper" => self.wish.price = self.wish.price.min(-1),
                "cheapest" => self.wish.price = -2,
                "dearer" => self.wish.price = self.wish.price.max(1),
                "dearest" => self.wish.price = 2,
                // `A salad, please` orders one; `only under ten euros, please` none.
                "please" => kindly = self.wish.amount == (None, None),
                // `Forget the price limit.`
                "unbound" => self.wish.open.push(PRICE.into()),
                "instead" | "versions" | "same" | "as_many" | "kindly" => {
                    self.tells_how(cue.intent.as_str());
                }
                "each" => self.each(),
                "double" => self.doubles(),
                "half" => self.halves(),
                "rest" => {
                    self.wish.rest |= self.keeps(&places);
                    self.cues.insert(Act::Remove);
                }
                // `One is enough`, `four are too many, one will do`.
                // But not `the 20 W one is plenty`.
                "single" if !self.one_ends_name(&places) => {
                    let said = self.wish.quantity.filter(|_| self.excess().is_empty());
                    self.wish.quantity = said.or(Some(1));
                    self.cues.insert(Act::Set);
                }
                "clear" => {
                    self.wish.places.push(0);
                    self.cues.insert(Act::Remove);
                }
                // `Both of the shirts out`.
                "away" if self.last_of_line(&places) => drop(self.cues.insert(Act::Remove)),
                "away" | "single" => continue,
                "stay" if !self.of_lines() => continue,
                intent => {
                    let act = act_of(intent);
                    self.cues.extend(act);
                    self.told_at_length |= cue.words >= SENTENCE && act.is_some_and(talks);
                }
            }
            let talk = matches!(cue.intent.as_str(), "off_topic" | "rude");
            places.into_iter().filter(|_| !talk).for_each(|at| self.mark(at, at + 1));
        }
        if kindly && self.cues.is_subset(&[Act::Nod, Act::Greet, Act::Thanks].into()) {
            self.cues.insert(Act::Add);
        }
        self.only_shown();
    }

    /// Where what says that something is searched stands and ends.
    fn seeks(&mut self, found: &[(&Cue, Vec<usize>)]) {
        let searches = found.iter().filter(|(cue, _)| cue.intent.as_str() == "search");
        self.searches = searches.flat_map(|(_, places)| places.clone()).collect();
        let first = self.searches.first().map_or(0, |first| *first);
        self.sought = (first..).find(|at| !self.searches.contains(at)).unwrap_or(0);
    }

    /// Reads what is not wished; the places of its words.
    fn unwanted(&mut self) -> BTreeSet<usize> {
        self.mark(0, self.corrects);
        self.need_alone();
        self.need_described();
        let before = self.used.clone();
        self.without();
        let now = (0..self.used.len()).filter(|at| self.used(*at));
        now.filter(|at| before.get(*at) != Some(&true)).collect()
    }

    pub(super) fn used(&self, at: usize) -> bool {
        self.used.get(at).is_some_and(|used| *used)
    }

    /// What is searched in the customer's own words, where the pack has others for them: a feed may have theirs.
    fn said(&self, left: &[String]) -> String {
        let own = |at: &usize| {
            let word = self.words.get(*at).filter(|_| !self.used(*at))?;
            let noise = self.tongue.fillers.contains(word)
                || self.tongue.lexicon.questions.contains(word)
                || self.tongue.lexicon.joins.contains(word)
                || self.tongue.lexicon.negations.contains(word);
            (!noise).then(|| self.said.get(*at).unwrap_or(word).as_str())
        };
        let said: Vec<&str> = (0..self.words.len()).filter_map(|at| own(&at)).collect();
        let same = self.need.is_empty() && said.iter().all(|word| left.iter().any(|it| it == word));
        if same { String::new() } else { said.join(" ") }
    }

    /// What is left to search, in the feed's words, apart where things stand side by side.
    pub(super) fn names(&self) -> Vec<Vec<String>> {
        let mut names = self.named(0, self.words.len());
        if !self.need.is_empty() {
            // `I'm always cold at night, what is there to sleep in?`
            let goods =
                |word: &String| self.tongue.is_thing(word) || self.tongue.foreign.contains(word);
            names.iter_mut().for_each(|name| name.retain(goods));
            match names.first_mut() {
                Some(first) => first.splice(..0, self.need.iter().cloned()).for_each(drop),
                None => names.push(self.need.clone()),
            }
        }
        names.iter_mut().for_each(Vec::dedup);
        names.retain(|name| !name.is_empty());
        names
    }

    /// The same of the words between two places.
    pub(super) fn named(&self, from: usize, to: usize) -> Vec<Vec<String>> {
        let lexicon = &self.tongue.lexicon;
        let mut names: Vec<Vec<String>> = vec![Vec::new()];
        let (mut at, mut named) = (from, false);
        while let Some(word) = self.words.get(at).filter(|_| at < to) {
            let here = at;
            at += 1;
            // `Capricciosa, tonno and hawaii`, as from a menu.
            if lexicon.menu && self.commas.contains(&here) && self.lists(here, to) {
                names.push(Vec::new());
            }
            let against = self.cues.contains(&Act::Compare) && lexicon.against.contains(word);
            let joins = lexicon.joins.contains(word) && !self.titled(here);
            if against || joins || lexicon.alternatives.contains(word) {
                names.push(Vec::new());
                continue;
            }
            // `A gift for his 70th`.
            let nth = word.starts_with(|c: char| c.is_ascii_digit()) && ordinal(word);
            let sign = nth || word.chars().all(|c| !c.is_alphanumeric());
            // `Wollen` is no wool.
            let own = lexicon.synonyms.contains_key(word);
            // `Panama Hat` is a name, whatever its last word means elsewhere.
            let tail = named && self.tongue.sold(word);
            // `Morning Round House Blend`, where goods are called so.
            let title = self.titled(here) && !lexicon.ties.contains(word);
            let own = own || title || self.lines.contains(&here);
            let noise = self.tongue.fillers.contains(word) && !own && !tail && !self.measure(here)
                || (lexicon.questions.contains(word) || lexicon.negations.contains(word)) && !tail
                || lexicon.amounts.money.contains(word);
            named = false;
            let used = self.used.get(here).is_some_and(|used| *used);
            let told = self.told.get(here).is_some_and(|told| *told);
            // `Penny differs from Mooring`: a cue stands between names.
            if used && !told && self.cues.contains(&Act::Compare) {
                names.push(Vec::new());
            }
            if used || sign || noise || self.piece_of(here) {
                continue;
            }
            let Some(name) = names.last_mut() else { continue };
            // Several words may be one of the feed's: `running shoes`.
            let phrase = self.tongue.phrase(&self.words, here);
            if let Some((to, feed)) = phrase.filter(|_| !self.titled(here)) {
                name.extend(plain(feed));
                at = to;
                continue;
            }
            let (recent, lines) = (self.scene.recent.iter(), self.scene.lines.iter());
            let mut titles = recent.map(|it| &it.facts.title).chain(lines.map(|it| &it.title));
            let title = titles.any(|title| plain(title).contains(word));
            // The `plimsoll` of `plimsoll sneakers` is their name.
            let next = self.words.get(here + 1).filter(|_| self.free(here + 1, here + 2));
            let doubled = |it: &String| next.is_some_and(|next| same(it, next) || same(next, it));
            let title = title
                || self.titled(here)
                || next.is_some_and(|next| self.tongue.pairs(word, next));
            match self.tongue.translated(word).filter(|it| !title && !doubled(it)) {
                Some(words) => name.extend(plain(&words)),
                None => {
                    // What is meant for no word of goods may as well be a name.
                    let goods = self.tongue.is_thing(word) || self.tongue.names(word);
                    let goods = goods || self.tongue.ends_name(word);
                    let said = self.said.get(here).filter(|_| !goods);
                    name.push(said.unwrap_or(word).clone());
                    named = true;
                }
            }
        }
        names
    }

    /// The stems of its words, but for those that filters, places and amounts used.
    pub(super) fn stems(&self) -> BTreeSet<String> {
        let words = self.words.iter().zip(&self.told).filter(|(_, told)| !**told);
        words.map(|(word, _)| stem(word, &self.tongue.lexicon)).collect()
    }
}

/// What a wish makes of the one behind it: what was picked is put there, as in `the navy one in M, and a pair of socks`.
pub(super) fn carried(act: Act) -> Act {
    if act == Act::Pick { Act::Add } else { act }
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

/// Where the cues of an intent begin.
fn begins(found: &[(&Cue, Vec<usize>)], intent: &str) -> Vec<usize> {
    let such = found.iter().filter(|(cue, _)| cue.intent.as_str() == intent);
    such.filter_map(|(_, places)| places.first().copied()).collect()
}

/// Whether a comma stands within a cue that says that something is too much or goes, which then says something else:
/// `fries too, small ones`; `I need a bra, in which nothing wobbles`.
pub(super) fn parted(cue: &Cue, places: &[usize], commas: &[usize]) -> bool {
    let (first, last) = (places.first(), places.last());
    let within = |at: &usize| first < Some(at) && Some(at) <= last;
    matches!(cue.intent.as_str(), "excess" | "remove") && commas.iter().any(within)
}

/// Where words stand among others.
pub(super) fn found(words: &[String], said: &[String]) -> Vec<(usize, usize)> {
    if said.is_empty() {
        return Vec::new();
    }
    let windows = words.windows(said.len()).enumerate();
    windows.filter(|(_, words)| *words == said).map(|(from, _)| (from, from + said.len())).collect()
}
