//! One part of a message, read: what is filtered, what is searched, what is wished.

use std::collections::BTreeSet;

use crate::id::Name;
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::amount::{self, Amounts};
use crate::model::clerk::understand::words::{number_of, plain, stem};
use crate::model::clerk::understand::{Act, Tongue, Wish, tells};

/// How alike a message and an example must be, of 100, to be taken for it.
const ALIKE: u32 = 62;
/// The same for topics, whose examples are many.
const TOPIC: u32 = 50;
/// So alike that nothing else in the message counts.
const SURE: u32 = 72;

/// A part of a message as it is read.
pub(crate) struct Reading<'a> {
    tongue: &'a Tongue,
    scene: &'a Scene<'a>,
    words: Vec<String>,
    /// Words that are understood and not searched.
    used: Vec<bool>,
    wish: Wish,
    cues: BTreeSet<Act>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(tongue: &'a Tongue, scene: &'a Scene<'a>, words: Vec<String>) -> Self {
        let used = vec![false; words.len()];
        Self { tongue, scene, words, used, wish: Wish::default(), cues: BTreeSet::new() }
    }

    /// What is wished.
    pub(crate) fn wish(mut self) -> Wish {
        self.places();
        self.amounts();
        self.filters();
        self.cues();
        self.it();
        let left = self.left();
        let thing = self.words.iter().any(|word| self.is_thing(word));
        let act = self.act(&left, thing);
        self.wish.words = if matches!(act, Act::Set | Act::Cart | Act::Checkout) {
            String::new()
        } else {
            left.join(" ")
        };
        self.wish.act = Some(act);
        self.wish
    }

    fn is_thing(&self, word: &str) -> bool {
        let stemmed = stem(word, &self.tongue.lexicon);
        let knows = |word: &str| {
            self.tongue.things.contains(word)
                || self.tongue.things.iter().any(|thing| stem(thing, &self.tongue.lexicon) == word)
        };
        knows(word)
            || knows(&stemmed)
            || self
                .tongue
                .translated(word)
                .is_some_and(|found| plain(&found).iter().any(|word| knows(word)))
    }

    fn places(&mut self) {
        let lexicon = &self.tongue.lexicon;
        for (n, word) in self.words.iter().enumerate() {
            if let Some(place) = lexicon.ordinals.get(word) {
                self.wish.places.push(*place);
                mark(&mut self.used, n, n + 1);
            }
        }
        for phrase in &lexicon.both {
            for (from, to) in found(&self.words, &plain(phrase)) {
                self.wish.places.push(0);
                mark(&mut self.used, from, to);
            }
        }
        // `number 2`, `#2`: a place, where nothing else is counted.
        if let [only] = self.words.as_slice()
            && let Some(place) = number_of(only).and_then(|it| it.parse().ok())
            && self.scene.shown.len() > 1
        {
            self.wish.places.push(place);
            mark(&mut self.used, 0, 1);
        }
    }

    fn amounts(&mut self) {
        let free: Vec<String> = self
            .words
            .iter()
            .zip(&self.used)
            .map(|(word, used)| if *used { String::new() } else { word.clone() })
            .collect();
        let Amounts { at_least, at_most, size, quantity, used } =
            amount::read(&free, &self.tongue.lexicon);
        self.wish.amount = (at_least, at_most);
        self.wish.quantity = quantity;
        if let Some(size) = size {
            self.wish.filters.insert("size".into(), size);
        }
        for (mine, used) in self.used.iter_mut().zip(used) {
            *mine |= used;
        }
    }

    /// The longest words first, so that `light blue` is not `blue`.
    fn filters(&mut self) {
        for (name, values) in &self.tongue.lexicon.values {
            let mut said: Vec<(Vec<String>, &String)> =
                values.iter().map(|(said, value)| (plain(said), value)).collect();
            said.sort_by_key(|(said, _)| std::cmp::Reverse(said.len()));
            for (said, value) in said {
                for (from, to) in self.found_inflected(&said) {
                    if self.used.get(from..to).is_some_and(|used| used.iter().any(|used| *used)) {
                        continue;
                    }
                    mark(&mut self.used, from, to);
                    self.wish.filters.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        // A word for a size beside the size itself says nothing more.
        for (n, word) in self.words.iter().enumerate() {
            if self.wish.filters.contains_key("size")
                && self.tongue.lexicon.size_words.contains(word)
            {
                mark(&mut self.used, n, n + 1);
            }
        }
    }

    /// Where words stand, with any of the language's endings.
    fn found_inflected(&self, said: &[String]) -> Vec<(usize, usize)> {
        let lexicon = &self.tongue.lexicon;
        let same = |word: &String, said: &String| {
            word == said
                || said.chars().count() > 2
                    && lexicon
                        .endings
                        .iter()
                        .any(|ending| word.strip_suffix(ending.as_str()) == Some(said))
        };
        let windows = self.words.windows(said.len().max(1)).enumerate();
        windows
            .filter(|(_, words)| words.iter().zip(said).all(|(word, said)| same(word, said)))
            .map(|(from, _)| (from, from + said.len()))
            .collect()
    }

    fn cues(&mut self) {
        let mut cued = vec![0; self.words.len()];
        for (cue, intent) in &self.tongue.cues {
            for (from, to) in found(&self.words, cue) {
                // The longest cue counts; a shorter one within it says nothing of its own.
                let within = cued.get(from..to).unwrap_or_default();
                if !within.is_empty() && within.iter().all(|longest| *longest > cue.len()) {
                    continue;
                }
                cued.iter_mut().take(to).skip(from).for_each(|it| *it = cue.len().max(*it));
                match intent.as_str() {
                    "cheaper" => self.wish.price = -1,
                    "dearer" => self.wish.price = 1,
                    _ => self.cues.extend(act_of(intent)),
                }
                if !matches!(intent.as_str(), "off_topic" | "rude") {
                    mark(&mut self.used, from, to);
                }
            }
        }
    }

    fn it(&mut self) {
        for phrase in &self.tongue.lexicon.it {
            for (from, to) in found(&self.words, &plain(phrase)) {
                self.wish.it = true;
                mark(&mut self.used, from, to);
            }
        }
    }

    /// What is left to search, in the feed's words.
    fn left(&self) -> Vec<String> {
        let lexicon = &self.tongue.lexicon;
        let mut left = Vec::new();
        for (word, used) in self.words.iter().zip(&self.used) {
            let sign = word.chars().all(|c| !c.is_alphanumeric());
            let noise = self.tongue.fillers.contains(word)
                || lexicon.questions.contains(word)
                || lexicon.joins.contains(word)
                || lexicon.amounts.money.contains(word);
            if *used || sign || noise {
                continue;
            }
            match self.tongue.translated(word) {
                Some(words) => left.extend(plain(&words)),
                None => left.push(word.clone()),
            }
        }
        left.dedup();
        left
    }

    fn act(&mut self, left: &[String], thing: bool) -> Act {
        let has = |act: Act| self.cues.contains(&act);
        let constrained = !self.wish.filters.is_empty()
            || self.wish.amount != (None, None)
            || self.wish.price != 0;
        let meant = self.wish.it || !self.wish.places.is_empty() || self.named(left).is_some();
        // What changes the cart goes before what looks at it.
        for act in [Act::Human, Act::Remove, Act::Compare, Act::Checkout] {
            if has(act) {
                return act;
            }
        }
        let (topic, alike) = self.topic();
        if alike >= SURE && !thing && !meant && self.wish.price == 0 {
            self.wish.topic = topic;
            return Act::Policy;
        }
        // `Take two of them`: so many of what is in the cart, where it is there; else put there.
        let held = self.scene.focus.as_ref().is_some_and(|focus| {
            self.scene.request.notes.cart.iter().any(|(variant, _)| variant == focus)
        });
        let changes = !has(Act::Add) || held && self.wish.it && self.wish.quantity.is_some();
        if has(Act::Set) && changes && (self.wish.quantity.is_some() || meant) {
            return Act::Set;
        }
        if has(Act::Add)
            && (meant
                || thing
                || !left.is_empty()
                || constrained
                || self.scene.focus.is_some()
                || self.wish.quantity.is_some()
                || !self.scene.shown.is_empty())
        {
            return Act::Add;
        }
        if alike >= TOPIC && !(thing && constrained) && !has(Act::Cart) && self.wish.price == 0 {
            self.wish.topic = topic;
            return Act::Policy;
        }
        for act in [Act::Cart, Act::Rude, Act::OffTopic, Act::Bot, Act::Help] {
            if has(act) && !(thing && act != Act::Cart && has(Act::Search)) {
                return act;
            }
        }
        if has(Act::Details) && (meant || !self.scene.shown.is_empty() && !thing) {
            return Act::Details;
        }
        if self.wish.price != 0
            || (constrained && left.iter().all(|word| !self.is_thing(word)) && self.refines(left))
        {
            return if thing && self.wish.price == 0 { Act::Search } else { Act::Refine };
        }
        if thing
            || has(Act::Search) && (!left.is_empty() || constrained)
            || constrained && !left.is_empty()
        {
            return Act::Search;
        }
        if meant && !self.scene.shown.is_empty() {
            return Act::Details;
        }
        for act in [Act::Greet, Act::Thanks, Act::Bye, Act::Nod] {
            if has(act) {
                return act;
            }
        }
        self.by_example(left)
    }

    /// Whether only constraints are said, and there is a search or a product they can change.
    fn refines(&self, left: &[String]) -> bool {
        left.len() <= 1
            && (self.scene.searched.is_some()
                || !self.scene.shown.is_empty()
                || self.scene.focus.is_some())
    }

    /// The place of a shown product whose name is said.
    pub(crate) fn named(&self, left: &[String]) -> Option<usize> {
        self.scene.shown.iter().position(|shown| {
            let title = plain(&shown.facts.title);
            let own = title.iter().filter(|word| !self.is_thing(word));
            own.clone().next().is_some()
                && own.clone().any(|word| left.contains(word) && word.chars().count() > 3)
        })
    }

    fn stems(&self) -> BTreeSet<String> {
        self.words.iter().map(|word| stem(word, &self.tongue.lexicon)).collect()
    }

    fn topic(&self) -> (Option<Name>, u32) {
        let lexicon = &self.tongue.lexicon;
        let telling = self.words.iter().filter(|word| tells(lexicon, word));
        let stems: BTreeSet<String> = telling.map(|word| stem(word, lexicon)).collect();
        let alike =
            self.tongue.topics.iter().map(|(name, said)| (name, self.tongue.alike(&stems, said)));
        alike
            .max_by_key(|(_, alike)| *alike)
            .map_or((None, 0), |(name, alike)| (Some(name.clone()), alike))
    }

    /// The intent whose example is most alike; else a search for what may be a name, else lost.
    fn by_example(&mut self, left: &[String]) -> Act {
        let stems = self.stems();
        let alike =
            self.tongue.intents.iter().map(|(name, said)| (name, self.tongue.alike(&stems, said)));
        let best = alike.max_by_key(|(_, alike)| *alike);
        if let Some((name, _)) = best.filter(|(_, alike)| *alike >= ALIKE)
            && let Some(act) = act_of(name)
        {
            return act;
        }
        let question =
            self.words.first().is_some_and(|word| self.tongue.lexicon.questions.contains(word));
        let readable = |word: &String| {
            word.chars().any(|c| "aeiouyäöü0123456789".contains(c)) && word.chars().count() > 2
        };
        if question
            || left.is_empty()
            || left.len() > 4
            || !left.iter().all(readable)
            || left.len() == 1 && self.words.len() > 3
        {
            return if question && left.len() > 1 { Act::OffTopic } else { Act::Lost };
        }
        Act::Search
    }
}

fn mark(used: &mut [bool], from: usize, to: usize) {
    used.iter_mut().take(to).skip(from).for_each(|used| *used = true);
}

/// Where words stand among others.
fn found(words: &[String], said: &[String]) -> Vec<(usize, usize)> {
    if said.is_empty() {
        return Vec::new();
    }
    let windows = words.windows(said.len()).enumerate();
    windows.filter(|(_, words)| *words == said).map(|(from, _)| (from, from + said.len())).collect()
}

fn act_of(intent: &Name) -> Option<Act> {
    Some(match intent.as_str() {
        "greet" => Act::Greet,
        "thanks" => Act::Thanks,
        "bye" => Act::Bye,
        "help" => Act::Help,
        "bot" => Act::Bot,
        "rude" => Act::Rude,
        "human" => Act::Human,
        "off_topic" => Act::OffTopic,
        "search" => Act::Search,
        "details" => Act::Details,
        "compare" => Act::Compare,
        "add" => Act::Add,
        "set" => Act::Set,
        "remove" => Act::Remove,
        "cart" => Act::Cart,
        "checkout" => Act::Checkout,
        "nod" => Act::Nod,
        _ => return None,
    })
}
