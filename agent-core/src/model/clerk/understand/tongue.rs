//! A pack's language made ready: which words it knows, and the wishes of a message read with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{Locale, Name};
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::alike::{Examples, Shares, Weights};
use crate::model::clerk::understand::cue::{Cue, Cues};
use crate::model::clerk::understand::parts::Part;
use crate::model::clerk::understand::reading::{Reading, carried};
use crate::model::clerk::understand::together::{Heard, Together};
use crate::model::clerk::understand::word::{Typed, folded};
use crate::model::clerk::understand::words::spelled;
use crate::model::clerk::understand::{Wish, parts, words};
use crate::pack::{Lexicon, Pack};

/// What a word of a topic's cue counts beside what all words tell of it, in hundredths of one.
const CUE_WORD: usize = 50;

/// Small words of so many letters are typed wrong as others are: `somthing`.
const LONG: usize = 8;

/// So many words of a long name are enough of it.
const MOST: usize = 3;

/// Letters of a small word without its last, at least.
const CLIPPED: usize = 4;

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
    /// Several words that are one of the feed's, and what it has for them: `running shoes`.
    pub(super) phrases: Vec<(Vec<String>, String)>,
    /// What is sold is called so, by the first word.
    titles: BTreeMap<String, Vec<Vec<String>>>,
    /// What tells of a want without a name for it; each says the feed's words for it.
    pub(super) needs: Cues,
    /// How much each word tells of each topic.
    pub(super) shares: Shares,
    /// Words that by themselves are a cue.
    pub(super) telling: BTreeSet<String>,
    pub(crate) weights: Weights,
    /// What the pack's words for colours, sizes and such say: the words, what it is of, and the feed's word for it.
    pub(super) values: Vec<(Vec<String>, Name, String)>,
    /// Stems of what is sold.
    pub(super) things: BTreeSet<String>,
    /// The same in any of the pack's languages.
    goods: BTreeSet<String>,
    /// Stems of words of names, which are never words made of two.
    pub(super) named: BTreeSet<String>,
    /// Stems of all words of the feed.
    pub(super) feed: BTreeSet<String>,
    pub(crate) fillers: BTreeSet<String>,
    /// The stems of those that are no cue.
    pub(super) small: BTreeSet<String>,
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

/// The known words that a typing error is taken for.
fn typed(
    known: &BTreeSet<String>,
    cues: &[Cue],
    fillers: &BTreeSet<String>,
    lexicon: &Lexicon,
) -> Vec<Typed> {
    let (apart, cued) = (apart(cues), single(cues));
    // `Lager` is no slip of `larger`.
    let sizes = lexicon.larger.iter().chain(&lexicon.smaller);
    let sizes: BTreeSet<String> = sizes.flat_map(|text| words::plain(text)).collect();
    let meant = known.iter().filter(|it| !apart.contains(it) && !sizes.contains(*it));
    let long = |it: &String| it.chars().count() >= LONG;
    let meant = meant.filter(|it| !fillers.contains(*it) || cued.contains(*it) || long(it));
    // `Bgas` are bags, and `mützn` are Mützen.
    let goods = lexicon.things.iter().chain(lexicon.synonyms.keys()).filter(|it| !it.contains(' '));
    let short: Vec<&String> = lexicon.endings.iter().filter(|it| it.chars().count() == 1).collect();
    let several = goods.clone().flat_map(|it| short.iter().map(move |ending| (it, *ending)));
    let several = several.filter(|(it, ending)| !known.contains(&format!("{it}{ending}")));
    let several = several.filter_map(|(it, ending)| Typed::with(it, ending));
    // `Kaffemaschine`, where the feed has them in the plural.
    let single = goods.clone().filter(|it| long(it));
    let single =
        single.flat_map(|it| short.iter().filter_map(|ending| it.strip_suffix(ending.as_str())));
    let single = single.filter(|it| !known.contains(*it)).filter_map(Typed::new);
    meant.filter_map(|it| Typed::new(it)).chain(several).chain(single).collect()
}

/// The words that by themselves are a cue.
fn single(cues: &[Cue]) -> BTreeSet<String> {
    cues.iter().filter(|cue| cue.words == 1).flat_map(Cue::said).cloned().collect()
}

/// Cues in a pack's words.
fn said(texts: Option<&Vec<String>>, intent: &Name, lexicon: &Lexicon) -> Vec<Cue> {
    texts.into_iter().flatten().map(|text| Cue::new(text, intent, lexicon)).collect()
}

/// Small words without their last letter, as they are spoken where verbs end so: the `trag` of `ich trag 45`.
fn clipped(fillers: &BTreeSet<String>, lexicon: &Lexicon) -> Vec<String> {
    let ends = lexicon.endings.iter().any(|ending| ending == "e");
    let short = fillers.iter().filter(|_| ends).filter_map(|word| word.strip_suffix('e'));
    let short = short.filter(|word| word.chars().count() >= CLIPPED);
    short.filter(|word| !lexicon.synonyms.contains_key(*word)).map(str::to_owned).collect()
}

/// What tells of a want without a name for it, in either order, each with the feed's words for what meets it.
fn needs(lexicon: &Lexicon) -> Vec<Cue> {
    let needs = lexicon.needs.iter();
    let said = needs.flat_map(|(feed, said)| said.iter().map(move |it| (it, feed)));
    let both = said.flat_map(|(said, feed)| {
        let turned = said.split_once(" … ").map(|(first, last)| format!("{last} … {first}"));
        std::iter::once(said.clone()).chain(turned).map(move |said| (said, feed))
    });
    both.map(|(said, feed)| Cue::new(&said, &feed.as_str().into(), lexicon)).collect()
}

/// Words of what is sold, as they are and without their endings: `dress` itself ends as several do.
fn sold<'a>(texts: impl Iterator<Item = &'a String>, lexicon: &Lexicon) -> BTreeSet<String> {
    let words = texts.flat_map(|text| words::plain(text));
    words.flat_map(|it| [words::stem(&it, lexicon), it]).collect()
}

/// Several words that are one of the feed's, and what it has for them.
fn phrases(lexicon: &Lexicon) -> Vec<(Vec<String>, String)> {
    // A `Docker Beanie`, where one is called so.
    let titled = |said: &String| {
        lexicon.titles.iter().any(|it| format!(" {it} ").contains(&format!(" {said} ")))
    };
    let several = |said: &String| said.contains(' ') && !titled(said);
    let phrases = lexicon.synonyms.iter().filter(|(said, _)| several(said));
    phrases.map(|(said, feed)| (words::plain(said), feed.clone())).collect()
}

/// What a lexicon's words for colours, sizes and such say.
fn told(lexicon: &Lexicon) -> Vec<(Vec<String>, Name, String)> {
    let each = |(name, said): (&Name, &BTreeMap<String, String>)| {
        let one =
            |(said, value): (&String, &String)| (words::plain(said), name.clone(), value.clone());
        said.iter().map(one).collect::<Vec<_>>()
    };
    lexicon.values.iter().flat_map(each).collect()
}

/// What is sold is called so, by the first word.
fn titles(lexicon: &Lexicon) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut titles: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for title in &lexicon.titles {
        let title = spelled(words::plain(title), lexicon);
        if let Some(first) = title.first().filter(|_| title.len() > 1) {
            titles.entry(first.clone()).or_default().push(title);
        }
    }
    titles
}

/// How much each word tells of each topic, by its examples and cues; `idle` words, of goods, of
/// what is wished and small ones, tell nothing.
fn shares(topics: &[Examples], rules: &[Cue], idle: BTreeSet<String>, lexicon: &Lexicon) -> Shares {
    let examples = topics
        .iter()
        .flat_map(|it| it.said().iter().flatten().map(|word| (&it.name, word.clone())));
    let cues =
        rules.iter().flat_map(|it| it.own().map(|word| (&it.intent, words::stem(word, lexicon))));
    let counts = |word: &String| lexicon.numbers.contains_key(word);
    let said = examples.chain(cues).filter(|(_, word)| !counts(word));
    Shares::new(said.map(|(name, word)| (name.clone(), word)), idle)
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
            cues.extend(said(intent.cues.get(locale), &intent.name, &lexicon));
        }
        for topic in &pack.topics {
            topics.push(examples(&topic.name, texts(topic.examples.get(locale))));
            rules.extend(said(topic.cues.get(locale), &topic.name, &lexicon));
        }
        let needs = needs(&lexicon);
        known.extend(cues.iter().chain(&rules).chain(&needs).flat_map(Cue::said).cloned());
        let mut fillers: BTreeSet<String> =
            lexicon.fillers.iter().flat_map(|text| words::plain(text)).collect();
        fillers.extend(clipped(&fillers, &lexicon));
        let cued = single(&cues);
        let typed = typed(&known, &cues, &fillers, &lexicon);
        let telling = cued.union(&single(&rules)).cloned().collect();
        let stems = |texts: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
            texts.flat_map(|text| words::plain(text)).map(|it| words::stem(&it, &lexicon)).collect()
        };
        let things = sold(lexicon.things.iter(), &lexicon);
        let goods = sold(pack.lexicons.values().flat_map(|it| &it.things), &lexicon);
        let (named, feed) = (stems(&mut lexicon.named.iter()), stems(&mut lexicon.told.iter()));
        // What says nothing in an example: not a word that by itself is a cue.
        let bare = stems(&mut fillers.iter().filter(|it| !cued.contains(*it)));
        let values = lexicon.values.values().flat_map(BTreeMap::keys);
        let small = lexicon.fillers.iter().chain(&lexicon.questions).chain(&lexicon.it);
        let small = small.chain(&lexicon.joins).chain(&lexicon.both);
        let mut soft = stems(&mut lexicon.synonyms.keys().chain(values).chain(small));
        soft.extend(things.iter().cloned());
        let mut idle = stems(&mut cued.iter());
        idle.extend(soft.iter().cloned());
        let shares = shares(&topics, &rules, idle, &lexicon);
        let weights = Weights::new(&intents.iter().chain(&topics).collect::<Vec<_>>(), soft);
        Self {
            folded: folded(&known),
            known,
            typed,
            foreign: foreign(pack),
            cues: Cues::new(cues),
            intents,
            topics,
            rules: Cues::new(rules),
            phrases: phrases(&lexicon),
            titles: titles(&lexicon),
            values: told(&lexicon),
            needs: Cues::new(needs),
            shares,
            telling,
            weights,
            things,
            goods,
            named,
            feed,
            fillers,
            small: bare,
            lexicon,
        }
    }

    /// The wishes of the customer's last words.
    pub(crate) fn understand(&self, scene: &Scene<'_>) -> Vec<Wish> {
        let mut together = Together::default();
        for part in parts::of(self, &scene.words, &scene.names()) {
            let Part { follows, joined, asks, instead, .. } = part;
            let tells = !scene.asked.is_empty() && self.is_sentence(&part.words);
            let heard = Heard { follows, joined, asks, instead, tells };
            let before = heard.follows.then(|| together.last()).flatten();
            together.hear(Reading::new(self, scene, part).wish(before.map(carried)), heard);
        }
        together.wishes()
    }

    /// The topic of the shop's rules that its cues say, if one's do: the one whose cues have most of the words,
    /// that most of the words tell of and whose examples are most alike; and how many words its cues have.
    pub(crate) fn rule(&self, words: &[String]) -> Option<(&Name, usize)> {
        let mut said: BTreeMap<&Name, BTreeSet<usize>> = BTreeMap::new();
        for (rule, places) in self.rules.found(words, &self.lexicon) {
            said.entry(&rule.intent).or_default().extend(places);
        }
        let stems = words.iter().map(|word| words::stem(word, &self.lexicon)).collect();
        let told = self.shares.of(&stems);
        let alike = |topic: &Name| {
            let examples = self.topics.iter().find(|it| it.name == *topic);
            examples.map_or(0, |it| self.weights.alike(&stems, it).alike)
        };
        let worth = |(name, at): &(&Name, BTreeSet<usize>)| {
            at.len() * CUE_WORD + (told.get(name).copied().unwrap_or(0) + alike(name)) as usize
        };
        let best = said.into_iter().max_by_key(worth);
        best.map(|(name, at)| (name, at.len()))
    }

    /// Which words call goods by their whole name, or by most of a long one.
    pub(crate) fn called(&self, words: &[String]) -> Vec<bool> {
        let mut called = vec![false; words.len()];
        for from in 0..words.len() {
            let to = from + self.title(words, from);
            called.iter_mut().take(to).skip(from).for_each(|it| *it = true);
        }
        for at in (1..words.len()).filter(|at| self.numbered(words, *at)) {
            called.iter_mut().take(at + 1).skip(at - 1).for_each(|it| *it = true);
        }
        called
    }

    /// What goods are called, where that is more than one word.
    pub(super) fn titles(&self) -> impl Iterator<Item = &Vec<String>> {
        self.titles.values().flatten()
    }

    /// How many words from here on call goods by their whole name, or by most of a long one.
    fn title(&self, words: &[String], from: usize) -> usize {
        let titles = words.get(from).and_then(|word| self.titles.get(word)).into_iter().flatten();
        let said = titles.filter_map(|title| {
            let rest = words.get(from..).unwrap_or_default();
            let same = |(own, said): &(&String, &String)| {
                words::stem(own, &self.lexicon) == words::stem(said, &self.lexicon)
                    || self.forms(said).any(|it| it == own.as_str())
            };
            let said = title.iter().zip(rest).take_while(same).count();
            (said == title.len() || said >= MOST).then_some(said)
        });
        said.max().unwrap_or(0)
    }

    /// Whether one name of goods goes on here: the comma of `Ripple Tumblers, Set of 6` parts nothing.
    pub(super) fn within_title(&self, words: &[String], at: usize) -> bool {
        (0..at).any(|from| from + self.title(words, from) > at)
    }

    /// Whether a number stands where goods are called so, of several digits or behind an article: the `40` of `the mill
    /// Korn 40`, the `9` of `the X9`, which counts nothing.
    fn numbered(&self, words: &[String], at: usize) -> bool {
        let pair = words.get(at - 1..=at).unwrap_or_default();
        let the = at.checked_sub(2).and_then(|at| words.get(at));
        let the = the.is_some_and(|it| self.lexicon.the.contains(it));
        let number = |it: &String| words::number_of(it).is_some_and(|it| the || it.len() > 1);
        let small = |it: &String| self.fillers.contains(it) && !self.lexicon.times.contains(it);
        let own = |it: &String| it.chars().all(char::is_alphabetic) && !small(it);
        let [before, count] = pair else { return false };
        number(count)
            && own(before)
            && self.titles.values().flatten().any(|title| title.windows(2).any(|it| it == pair))
    }

    /// Whether a word tells what is wished, and not what is sold.
    pub(crate) fn tells(&self, word: &str) -> bool {
        self.telling.contains(word) && !self.is_thing(word) && !self.names(word)
    }

    /// Whether a small word among these is no article and ties nothing: they are a sentence.
    fn is_sentence(&self, words: &[String]) -> bool {
        let lexicon = &self.lexicon;
        let lists = [
            &lexicon.the,
            &lexicon.single,
            &lexicon.ties,
            &lexicon.size_words,
            &lexicon.yes,
            &lexicon.joins,
        ];
        let other = |it: &String| !lists.iter().any(|list| list.contains(it));
        words.iter().any(|it| self.fillers.contains(it) && other(it))
    }

    /// A word as it is and without each of the endings it may have: `tubes` are a tube, as boxes are a box.
    pub(super) fn forms<'w>(&'w self, word: &'w str) -> impl Iterator<Item = &'w str> {
        let endings = self.lexicon.endings.iter();
        std::iter::once(word).chain(endings.filter_map(|it| word.strip_suffix(it.as_str())))
    }

    /// Whether a word is of what goods are called.
    pub(crate) fn is_named(&self, word: &str) -> bool {
        self.forms(word).any(|it| self.named.contains(it))
    }

    /// Whether no goods are told of with a word, where all that is told of them is known.
    pub(super) fn untold(&self, word: &str) -> bool {
        !self.feed.is_empty() && !self.forms(word).any(|it| self.feed.contains(it))
    }

    /// Whether a word is part of one that goods are called by: the `fußball` of a `Fußballtrikot`.
    pub(crate) fn is_part_of_named(&self, word: &str) -> bool {
        let own = words::stem(word, &self.lexicon);
        let part = |it: &String| it.starts_with(&own) || words::says(it, word);
        own.chars().count() > CLIPPED && self.named.iter().any(part)
    }

    /// Whether two words stand so in what goods are called: the `baby doll` of a `Mirabel baby doll`.
    pub(crate) fn pairs(&self, first: &str, second: &str) -> bool {
        let stem = |word: &str| words::stem(word, &self.lexicon);
        let pair = |title: &Vec<String>| {
            title.windows(2).any(|pair| match pair {
                [own, next] => own == first && stem(next) == stem(second),
                _ => false,
            })
        };
        self.titles.values().flatten().any(pair)
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
        // `Wines` end as `boxes` do, and are wine.
        let short = |ending: &String| word.strip_suffix(ending.as_str());
        let mut shorter = self.lexicon.endings.iter().filter_map(short);
        self.things.contains(word)
            || shorter.any(|it| self.things.contains(it))
            || self.things.contains(&stem(word))
            || self.sold(word) && !small()
            || self
                .translated(word)
                .filter(|_| !small() || self.lexicon.synonyms.contains_key(word))
                .is_some_and(|it| words::plain(&it).iter().any(|it| self.sold(it)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_as_several_do_is_sold_as_it_is() {
        let mut content = crate::pack::Content::clone(&crate::model::contract::request().pack);
        let endings = vec!["es".to_owned(), "s".to_owned()];
        let things = vec!["dress".to_owned()];
        content.lexicons =
            [("en".into(), Lexicon { things, endings, ..Lexicon::default() })].into();
        let tongue = Tongue::new(&Pack::new(content), &"en".into());
        assert!(tongue.is_thing("dress") && tongue.is_thing("dresses") && !tongue.is_thing("dr"));
    }

    #[test]
    fn small_words_may_lack_their_last_letter() {
        let fillers: BTreeSet<String> = ["trage", "eine", "ab"].map(str::to_owned).into();
        let endings = vec!["e".to_owned()];
        let lexicon = Lexicon { endings, ..Lexicon::default() };
        assert_eq!(clipped(&fillers, &lexicon), ["trag"]);
        assert_eq!(clipped(&fillers, &Lexicon::default()), [""; 0]);
    }
}
