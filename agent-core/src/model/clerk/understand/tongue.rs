//! A pack's language made ready: which words it knows, and the parts of a message that each say a wish.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Locale, Name};
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::alike::{Examples, TOPIC, Weights, best};
use crate::model::clerk::understand::amount;
use crate::model::clerk::understand::cue::{Cue, Cues};
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::together::{Heard, Together};
use crate::model::clerk::understand::word::{Typed, folded, number};
use crate::model::clerk::understand::words::spelled;
use crate::model::clerk::understand::{Wish, words};
use crate::pack::{Lexicon, Pack};

/// What a word of a topic's cue counts beside how alike its examples are, of 100.
const CUE_WORD: u32 = 15;
/// A pack's language, made ready.
#[derive(Debug)]
pub(crate) struct Tongue {
    pub(crate) lexicon: Lexicon,
    /// Words that are known as they are, and never taken for typing errors.
    pub(super) known: BTreeSet<String>,
    /// The known that a typing error is taken for.
    pub(super) typed: Vec<Typed>,
    /// Words of the feed and of the pack's other languages: names of goods.
    pub(super) foreign: BTreeSet<String>,
    /// The known by how they are typed without the language's own letters.
    pub(super) folded: BTreeMap<String, String>,
    pub(crate) cues: Cues,
    pub(crate) intents: Vec<Examples>,
    pub(crate) topics: Vec<Examples>,
    /// The same of rules of the shop; each says the topic.
    pub(crate) rules: Cues,
    /// What tells of a want without a name for it; each says the feed's words for it.
    pub(super) needs: Cues,
    /// Words that by themselves are a cue.
    telling: BTreeSet<String>,
    pub(crate) weights: Weights,
    /// Stems of what is sold.
    pub(super) things: BTreeSet<String>,
    /// The same in any of the pack's languages.
    goods: BTreeSet<String>,
    pub(crate) fillers: BTreeSet<String>,
    /// The stems of those that are no cue.
    pub(super) small: BTreeSet<String>,
}

/// A part of a message.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) words: Vec<String>,
    /// The same as they are searched.
    pub(crate) said: Vec<String>,
    /// It ends as a question.
    pub(crate) asks: bool,
    /// The part before it in its sentence says what is done with it too.
    pub(crate) follows: bool,
    /// A word joins it to the part before: `and a cola`.
    pub(crate) joined: bool,
    /// So many words before its first comma take back what was before: `no, no, L`.
    pub(crate) corrects: usize,
}

/// The words that speak of no goods: a typing error is never taken for one of them.
fn apart(cues: &[Cue]) -> BTreeSet<&String> {
    let talk = |cue: &&Cue| matches!(cue.intent.as_str(), "off_topic" | "rude");
    let mut apart: BTreeSet<&String> = cues.iter().filter(talk).flat_map(Cue::said).collect();
    for word in cues.iter().filter(|cue| !talk(cue)).flat_map(Cue::said) {
        apart.remove(word);
    }
    apart
}

/// The words that by themselves are a cue.
fn single(cues: &[Cue]) -> BTreeSet<String> {
    cues.iter().filter(|cue| cue.words == 1).flat_map(Cue::said).cloned().collect()
}

/// What tells of a want without a name for it, each with the feed's words for what meets it.
fn needs(lexicon: &Lexicon) -> Vec<Cue> {
    let needs = lexicon.needs.iter();
    let said = needs.flat_map(|(feed, said)| said.iter().map(|it| (it, Name::from(feed.as_str()))));
    said.map(|(said, feed)| Cue::new(said, &feed, lexicon)).collect()
}

/// Words of the feed and of a pack's languages: names of goods.
fn foreign(pack: &Pack) -> BTreeSet<String> {
    let lexicons = pack.lexicons.values();
    let foreign = lexicons
        .flat_map(|it| it.things.iter().chain(it.synonyms.keys()).chain(it.synonyms.values()));
    foreign.flat_map(|text| words::plain(text)).collect()
}

impl Tongue {
    /// Makes a pack's language ready.
    pub(crate) fn new(pack: &Pack, locale: &Locale) -> Self {
        let lexicon = pack.lexicon(locale).cloned().unwrap_or_default();
        let texts = |texts: Option<&Vec<String>>| -> Vec<Vec<String>> {
            let plain = |text: &String| spelled(words::plain(text), &lexicon);
            texts.into_iter().flatten().map(plain).collect()
        };
        let cue = |text: &String, name: &Name| Cue::new(text, name, &lexicon);
        let mut known: BTreeSet<String> = words::lexicon_words(&lexicon).into_iter().collect();
        let (mut cues, mut rules) = (Vec::new(), Vec::new());
        let mut examples = |name: &Name, said: Vec<Vec<String>>| {
            known.extend(said.iter().flatten().cloned());
            let stems =
                said.iter().map(|text| text.iter().map(|it| words::stem(it, &lexicon)).collect());
            Examples::new(name.clone(), stems.collect())
        };
        let (mut intents, mut topics) = (Vec::new(), Vec::new());
        for intent in &pack.intents {
            intents.push(examples(&intent.name, texts(intent.examples.get(locale))));
            let own = intent.cues.get(locale).into_iter().flatten();
            cues.extend(own.map(|it| cue(it, &intent.name)));
        }
        for topic in &pack.topics {
            topics.push(examples(&topic.name, texts(topic.examples.get(locale))));
            let own = topic.cues.get(locale).into_iter().flatten();
            rules.extend(own.map(|it| cue(it, &topic.name)));
        }
        let needs = needs(&lexicon);
        known.extend(cues.iter().chain(&rules).chain(&needs).flat_map(Cue::said).cloned());
        let fillers: BTreeSet<String> =
            lexicon.fillers.iter().flat_map(|text| words::plain(text)).collect();
        let cued = single(&cues);
        let apart = apart(&cues);
        let meant = known.iter().filter(|it| !apart.contains(it));
        let meant = meant.filter(|it| !fillers.contains(*it) || cued.contains(*it));
        let typed = meant.filter_map(|it| Typed::new(it)).collect();
        let folded = folded(&known);
        let telling = cued.union(&single(&rules)).cloned().collect();
        let stems = |texts: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
            texts.flat_map(|text| words::plain(text)).map(|it| words::stem(&it, &lexicon)).collect()
        };
        let things = stems(&mut lexicon.things.iter());
        let goods = stems(&mut pack.lexicons.values().flat_map(|it| &it.things));
        // What says nothing in an example: not a word that by itself is a cue.
        let bare = stems(&mut fillers.iter().filter(|it| !cued.contains(*it)));
        let values = lexicon.values.values().flat_map(BTreeMap::keys);
        let small = lexicon.fillers.iter().chain(&lexicon.questions).chain(&lexicon.it);
        let small = small.chain(&lexicon.joins).chain(&lexicon.both);
        let mut soft = stems(&mut lexicon.synonyms.keys().chain(values).chain(small));
        soft.extend(things.iter().cloned());
        let all: Vec<&Examples> = intents.iter().chain(&topics).collect();
        let weights = Weights::new(&all, soft);
        Self {
            known,
            typed,
            folded,
            foreign: foreign(pack),
            cues: Cues::new(cues),
            intents,
            topics,
            rules: Cues::new(rules),
            needs: Cues::new(needs),
            telling,
            weights,
            things,
            goods,
            fillers,
            small: bare,
            lexicon,
        }
    }

    /// The wishes of the customer's last words.
    pub(crate) fn understand(&self, scene: &Scene<'_>) -> Vec<Wish> {
        let mut together = Together::default();
        for part in self.parts(&scene.words) {
            let heard = Heard { follows: part.follows, joined: part.joined, asks: part.asks };
            let before = heard.follows.then(|| together.last()).flatten();
            together.hear(Reading::new(self, scene, part).wish(before), heard);
        }
        together.wishes()
    }

    /// Words as the pack writes them.
    fn spelled(&self, words: Vec<String>) -> Vec<String> {
        spelled(words, &self.lexicon)
    }

    /// The parts of a message: cut before a word that begins another wish.
    fn parts(&self, text: &str) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for sentence in words::sentences(text) {
            let question = |at: &usize| {
                let word = sentence.words.get(*at);
                word.is_some_and(|word| self.lexicon.questions.contains(word))
            };
            let asks = sentence.asks || sentence.commas.iter().any(question);
            let (mut words, mut said, mut commas) = (Vec::new(), Vec::new(), Vec::new());
            for (n, word) in sentence.words.into_iter().enumerate() {
                if sentence.commas.contains(&n) {
                    commas.push(words.len());
                }
                for word in self.spelled(vec![word]).into_iter().flat_map(|it| self.read(it)) {
                    words.push(word.meant);
                    said.push(word.said);
                }
            }
            let part = |from: usize, to: usize, joined: bool| Part {
                words: words.get(from..to).unwrap_or_default().to_vec(),
                said: said.get(from..to).unwrap_or_default().to_vec(),
                asks,
                follows: from > 0,
                joined,
                corrects: commas.iter().find(|at| **at > from).map_or(0, |at| {
                    let before = words.get(from..*at).unwrap_or_default();
                    let no = |word: &String| self.lexicon.negations.contains(word);
                    if before.iter().all(no) { before.len() } else { 0 }
                }),
            };
            let (mut start, mut after) = (0, false);
            for at in 1..words.len() {
                let joins = words.get(at).is_some_and(|word| self.lexicon.joins.contains(word));
                let comma = commas.contains(&at) && !joins;
                let before = words.get(start..at).unwrap_or_default();
                let behind = words.get(at + usize::from(joins)..).unwrap_or_default();
                let lists = !joins && !comma && self.item(before) && self.item(behind);
                if lists || (joins || comma) && self.cuts(before, behind, comma) {
                    parts.push(part(start, at, after));
                    (start, after) = (at + usize::from(joins), joins || lists);
                }
            }
            parts.push(part(start, words.len(), after));
        }
        parts.retain(|part| !part.words.is_empty());
        parts
    }

    /// Whether a message is cut between these words: each says a wish, or names a thing of its own.
    fn cuts(&self, before: &[String], after: &[String], comma: bool) -> bool {
        let thing = |words: &[String]| words.iter().any(|word| self.is_thing(word));
        let acts = |words: &[String], intents: &[&str]| {
            let found = self.cues.found(words, &self.lexicon);
            let mut found = found.iter().map(|(cue, _)| cue.intent.as_str());
            found.any(|intent| intents.is_empty() || intents.contains(&intent))
        };
        let money = |word: &String| self.lexicon.amounts.money.contains(word);
        let counts = |words: &[String]| {
            let digits = |word: &String| number(word) || money(word);
            words.first().is_some_and(digits) || amount::counts(words, &self.lexicon)
        };
        let last = before.len().checked_sub(1).and_then(|at| before.get(at..));
        if before.is_empty() || acts(before, &["compare"]) {
            return false;
        }
        let things = thing(before) && thing(after) && !acts(before, &["remove"]);
        if comma || things {
            return things;
        }
        // `House red and three waters`; but `between 50 and 80`.
        let item = counts(after) && after.len() > 1 && !last.is_some_and(counts);
        item && !acts(before, &["remove"])
            || self.begins(after) && (acts(before, &[]) || thing(before) || self.rules(before))
    }

    /// Whether words are a count and a thing: `2 pizzas`.
    fn item(&self, words: &[String]) -> bool {
        amount::counts(words, &self.lexicon) && words.iter().skip(1).any(|word| self.is_thing(word))
    }

    /// Whether words ask for a rule of the shop.
    fn rules(&self, words: &[String]) -> bool {
        if self.rule(words).is_some() {
            return true;
        }
        let stems = words.iter().map(|word| words::stem(word, &self.lexicon)).collect();
        best(&self.weights, &stems, &self.topics).is_some_and(|(_, it)| it.alike >= TOPIC)
    }

    /// The topic of the shop's rules that its cues say, if one's do: the one whose cues have most of the words
    /// and whose examples are most alike; and how many words its cues have.
    pub(crate) fn rule(&self, words: &[String]) -> Option<(&Name, usize)> {
        let mut said: BTreeMap<&Name, BTreeSet<usize>> = BTreeMap::new();
        for (rule, places) in self.rules.found(words, &self.lexicon) {
            said.entry(&rule.intent).or_default().extend(places);
        }
        let stems = words.iter().map(|word| words::stem(word, &self.lexicon)).collect();
        let alike = |topic: &Name| {
            let mut topics = self.topics.iter().filter(|it| it.name == *topic);
            topics.next().map_or(0, |it| self.weights.alike(&stems, it).alike)
        };
        let worth = |name: &Name, words: usize| words as u32 * CUE_WORD + alike(name);
        let said = said.into_iter().map(|(name, at)| (name, at.len()));
        said.max_by_key(|(name, words)| worth(name, *words))
    }

    /// Whether a word tells what is wished, and not what is sold.
    pub(crate) fn tells(&self, word: &str) -> bool {
        self.telling.contains(word) && !self.is_thing(word) && !self.names(word)
    }

    /// Whether words begin with a cue of an act of their own, or as a question.
    fn begins(&self, words: &[String]) -> bool {
        let asks = words.len() > 2
            && words.first().is_some_and(|word| self.lexicon.questions.contains(word));
        let fillers = words.iter().take_while(|word| self.fillers.contains(*word)).count();
        let starts = |from: usize| self.cues.begins(words, from, &self.lexicon);
        asks || (0..=fillers.min(4)).any(starts) || self.rule(words).is_some()
    }

    /// Whether a word of the feed's is what is sold.
    pub(crate) fn sold(&self, word: &str) -> bool {
        self.goods.contains(word) || self.goods.contains(&words::stem(word, &self.lexicon))
    }

    /// Whether a word is of what is sold.
    pub(crate) fn is_thing(&self, word: &str) -> bool {
        let stem = |word: &str| words::stem(word, &self.lexicon);
        let questions = &self.lexicon.questions;
        let small = || self.fillers.contains(word) || questions.iter().any(|it| it == word);
        self.things.contains(word)
            || self.things.contains(&stem(word))
            || self.goods.contains(word) && !small()
            || self
                .translated(word)
                .is_some_and(|it| words::plain(&it).iter().any(|it| self.sold(it)))
    }
}
