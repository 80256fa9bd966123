//! A pack's language made ready: which words it knows, and the parts of a message that each say a wish.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Locale, Name};
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::alike::{Examples, TOPIC, Weights, best};
use crate::model::clerk::understand::amount;
use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::together::{Heard, Together};
use crate::model::clerk::understand::words::spelled;
use crate::model::clerk::understand::{Wish, words};
use crate::pack::{Lexicon, Pack};

/// What a word of a topic's cue counts beside how alike its examples are, of 100.
const CUE_WORD: u32 = 15;
/// Letters a word must have to be taken for a typing error.
const TYPED: usize = 4;

/// The same without its ending.
const STEM: usize = 6;

/// A pack's language, made ready.
#[derive(Debug)]
pub(crate) struct Tongue {
    pub(crate) lexicon: Lexicon,
    /// Words that are known as they are, and never taken for typing errors.
    known: BTreeSet<String>,
    /// The known that speak of no goods: a typing error is never taken for one of them.
    apart: BTreeSet<String>,
    /// Words of the feed and of the pack's other languages: names of goods.
    foreign: BTreeSet<String>,
    /// The known by how they are typed without the language's own letters.
    folded: BTreeMap<String, String>,
    /// Longest first.
    pub(crate) cues: Vec<Cue>,
    pub(crate) intents: Vec<Examples>,
    pub(crate) topics: Vec<Examples>,
    /// The same of rules of the shop; each says the topic.
    pub(crate) rules: Vec<Cue>,
    pub(crate) weights: Weights,
    /// Stems of what is sold.
    things: BTreeSet<String>,
    /// The same in any of the pack's languages.
    goods: BTreeSet<String>,
    pub(crate) fillers: BTreeSet<String>,
}

/// A word as it was meant, and as it was said where that may be a name.
#[derive(Clone, Debug)]
struct Word {
    meant: String,
    said: String,
}

impl Word {
    fn new(word: String) -> Self {
        Self { meant: word.clone(), said: word }
    }
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
        for cues in [&mut cues, &mut rules] {
            cues.sort_by_key(|cue| std::cmp::Reverse(cue.words));
        }
        known.extend(cues.iter().chain(&rules).flat_map(Cue::said).cloned());
        let talk = |cue: &&Cue| matches!(cue.intent.as_str(), "off_topic" | "rude");
        let mut apart: BTreeSet<String> =
            cues.iter().filter(talk).flat_map(Cue::said).cloned().collect();
        let others = cues.iter().filter(|cue| !talk(cue)).flat_map(Cue::said);
        others.for_each(|word| {
            apart.remove(word);
        });
        let folded = folded(&known);
        let lexicons = pack.lexicons.values();
        let foreign = lexicons
            .flat_map(|it| it.things.iter().chain(it.synonyms.keys()).chain(it.synonyms.values()));
        let foreign = foreign.flat_map(|text| words::plain(text)).collect();
        let stems = |texts: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
            texts.flat_map(|text| words::plain(text)).map(|it| words::stem(&it, &lexicon)).collect()
        };
        let things = stems(&mut lexicon.things.iter());
        let goods = stems(&mut pack.lexicons.values().flat_map(|it| &it.things));
        let values = lexicon.values.values().flat_map(BTreeMap::keys);
        let small = lexicon.fillers.iter().chain(&lexicon.questions).chain(&lexicon.it);
        let small = small.chain(&lexicon.joins).chain(&lexicon.both);
        let mut soft = stems(&mut lexicon.synonyms.keys().chain(values).chain(small));
        soft.extend(things.iter().cloned());
        let all: Vec<&Examples> = intents.iter().chain(&topics).collect();
        let weights = Weights::new(&all, soft);
        let fillers = lexicon.fillers.iter().flat_map(|text| words::plain(text)).collect();
        Self {
            known,
            apart,
            folded,
            foreign,
            cues,
            intents,
            topics,
            rules,
            weights,
            things,
            goods,
            fillers,
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
            self.cues.iter().any(|cue| {
                (intents.is_empty() || intents.contains(&cue.intent.as_str()))
                    && !cue.found(words, &self.lexicon).is_empty()
            })
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
        for rule in &self.rules {
            let places = rule.found(words, &self.lexicon).into_iter().flatten();
            places.for_each(|at| {
                said.entry(&rule.intent).or_default().insert(at);
            });
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
        let goods = self.is_thing(word) || self.names(word);
        let cues = self.cues.iter().chain(&self.rules).filter(|cue| cue.words == 1);
        !goods && cues.flat_map(Cue::said).any(|own| own == word)
    }

    /// Whether words begin with a cue of an act of their own, or as a question.
    fn begins(&self, words: &[String]) -> bool {
        let asks = words.len() > 2
            && words.first().is_some_and(|word| self.lexicon.questions.contains(word));
        let fillers = words.iter().take_while(|word| self.fillers.contains(*word)).count();
        let starts =
            |from: usize| self.cues.iter().any(|cue| cue.at(words, from, &self.lexicon).is_some());
        asks || (0..=fillers.min(4)).any(starts) || self.rule(words).is_some()
    }

    /// Whether a word is of what is sold.
    pub(crate) fn is_thing(&self, word: &str) -> bool {
        let stem = |word: &str| words::stem(word, &self.lexicon);
        let sold = |word: &String| self.goods.contains(word) || self.goods.contains(&stem(word));
        self.things.contains(word)
            || self.things.contains(&stem(word))
            || self.translated(word).is_some_and(|it| words::plain(&it).iter().any(sold))
    }

    /// A word as the pack knows it: as it is, without its typing error, or as the two it is made of.
    fn read(&self, word: String) -> Vec<Word> {
        if number(&word) {
            return vec![Word::new(word)];
        }
        let word = self.folded.get(&words::folded(&word)).cloned().unwrap_or(word);
        let familiar = self.familiar(&word);
        if familiar && !self.is_thing(&word) || self.names(&word) {
            return vec![Word::new(word)];
        }
        if let Some((head, tail)) = self.halves(&word) {
            let mut words = self.read(head);
            words.extend(self.read(tail));
            return words;
        }
        if familiar {
            return vec![Word::new(word)];
        }
        // `Heyyy`.
        let mut once: Vec<char> = word.chars().collect();
        once.dedup();
        if once.len() + 1 < word.chars().count() {
            let once: String = once.into_iter().collect();
            if self.familiar(&once) {
                return vec![Word::new(once)];
            }
        }
        match self.corrected(&word) {
            // What is no word of goods may as well be one of the feed's that the pack does not know.
            Some(meant) if self.is_thing(&meant) || self.names(&meant) => vec![Word::new(meant)],
            Some(meant) => vec![Word { meant, said: word }],
            None => vec![Word::new(word)],
        }
    }

    /// Whether a word is known, with any of the language's endings.
    fn familiar(&self, word: &str) -> bool {
        let mut stems = self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        self.known.contains(word)
            || self.foreign.contains(word)
            || stems.any(|it| it.len() > 2 && self.known.contains(it))
    }

    /// Whether a word by itself is one of the feed's, in other words.
    fn names(&self, word: &str) -> bool {
        let values = || self.lexicon.values.values().any(|values| values.contains_key(word));
        word.chars().count() > 2 && (self.synonym(word).is_some() || values())
    }

    /// The two words of the pack's goods a word is made of.
    fn halves(&self, word: &str) -> Option<(String, String)> {
        let names = |word: &str| self.names(word);
        let cuts = || word.char_indices().skip(3).map(|(at, _)| word.split_at(at));
        let whole = self.whole(word);
        let typed = || {
            cuts().filter(|(head, tail)| names(head) && tail.len() > 4).find_map(|(head, tail)| {
                let tail = self.corrected(tail).filter(|it| names(it))?;
                Some((head.to_owned(), tail))
            })
        };
        // What it is stands last: the rest may be a word of another trade.
        let last = || {
            let mut cuts = cuts().filter(|(_, tail)| tail.chars().count() > 4);
            cuts.find(|(_, tail)| names(tail))
                .map(|(head, tail)| (head.to_owned(), tail.to_owned()))
        };
        whole.or_else(typed).or_else(last)
    }

    /// The same, where both are known, or the second is again made of two.
    fn whole(&self, word: &str) -> Option<(String, String)> {
        let sold = |word: &str| {
            word.chars().count() > 2 && (self.names(word) || self.things.contains(word))
        };
        let cuts = word.char_indices().skip(3).map(|(at, _)| word.split_at(at));
        let fitting = cuts.filter_map(|(head, tail)| {
            let joined = head.strip_suffix('s').filter(|it| self.names(it));
            let head = Some(head).filter(|it| self.names(it)).or(joined)?;
            let tail = Some(tail).filter(|it| sold(it) || self.whole(it).is_some())?;
            Some((head.to_owned(), tail.to_owned()))
        });
        fitting.max_by_key(|(head, _)| head.len())
    }

    /// The known word a typing error was meant to be. Other feeds have other words: short ones are only
    /// taken for a slip where letters are swapped, doubled or left out, and the first letter always counts.
    fn corrected(&self, word: &str) -> Option<String> {
        let letters = word.chars().count();
        if letters < TYPED || number(word) {
            return None;
        }
        let near = |typed: &str, known: &String| {
            let reach = if typed.chars().count() >= 10 { 2 } else { 1 };
            let other = known.chars().count();
            let distance = words::distance(known, typed, reach);
            let mut sorted: [Vec<char>; 2] = [known.chars().collect(), typed.chars().collect()];
            sorted.iter_mut().for_each(|it| it.sort_unstable());
            let [a, b] = sorted;
            let length = typed.chars().count();
            let slip = other > TYPED && length > TYPED || other != length || a == b;
            let first = known.chars().next() == typed.chars().next() || a == b;
            (other >= TYPED && distance <= reach && slip && first).then_some(distance)
        };
        let stems = self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        let best = std::iter::once(word)
            .chain(stems.filter(|it| it.chars().count() >= STEM))
            .find_map(|typed| {
                let cued = |word: &String| {
                    self.cues.iter().any(|cue| cue.words == 1 && cue.said().any(|it| it == word))
                };
                let known = self.known.iter().filter(|it| !self.apart.contains(*it));
                let known = known.filter(|it| !self.fillers.contains(*it) || cued(it));
                let near = known.filter_map(|known| Some((near(typed, known)?, known)));
                near.min_by_key(|(distance, known)| (*distance, known.len()))
            });
        best.map(|(_, known)| known.clone())
    }

    /// The feed's words for a word, by the synonyms, with any of the language's endings.
    fn synonym(&self, word: &str) -> Option<&String> {
        let endings =
            || self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        let plain = self.lexicon.synonyms.get(word);
        plain.or_else(|| endings().find_map(|stem| self.lexicon.synonyms.get(stem)))
    }

    /// The feed's words for a word.
    pub(crate) fn translated(&self, word: &str) -> Option<String> {
        self.synonym(word).cloned()
    }
}

/// Words by how they are typed without the language's own letters.
fn folded(known: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut folded: BTreeMap<String, String> = BTreeMap::new();
    for word in known {
        // The one with the language's own letters is how it is written.
        let meant = folded.entry(words::folded(word)).or_insert_with(|| word.clone());
        if meant.is_ascii() || word.contains('ß') {
            meant.clone_from(word);
        }
    }
    folded
}

fn number(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit())
}
