//! The parts of a message that each say a wish.

use std::collections::BTreeSet;

use crate::model::clerk::understand::amount::COUNTED;
use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::number::counts;
use crate::model::clerk::understand::question;
use crate::model::clerk::understand::slip::{mended, turned};
use crate::model::clerk::understand::tongue::Tongue;
use crate::model::clerk::understand::word::number;
use crate::model::clerk::understand::words::{self, Sentence, spelled, starts_with};

/// Words of whom something is for, before it, at most: `for my wife`.
pub(super) const WHOM: usize = 3;

/// A part of a message.
#[derive(Clone, Debug, Default)]
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
    /// It names what is meant instead of what the part before it names: `a cola, no sorry, a lemonade`.
    pub(crate) instead: bool,
    /// So many words before its first comma take back what was before: `no, no, L`.
    pub(crate) corrects: usize,
    /// Before which words a comma stands.
    pub(crate) commas: Vec<usize>,
}

/// The parts of a message: cut before a word that begins another wish.
/// What is called by one of these `names` is no slip.
pub(crate) fn of(tongue: &Tongue, text: &str, names: &BTreeSet<String>) -> Vec<Part> {
    let sentences = words::sentences(text).into_iter().enumerate();
    let parts = sentences.flat_map(|(n, sentence)| {
        let mut parts = Cutting::new(tongue, sentence, names).parts();
        // `The boots, please. Also the socks.`
        let also = |part: &&mut Part| {
            let join = |word: &String| tongue.lexicon.joins.contains(word);
            n > 0 && part.words.first().is_some_and(join)
        };
        parts.first_mut().filter(also).into_iter().for_each(|part| part.follows = true);
        // `A cola. No, sorry, a lemonade.`
        if let Some(first) = parts.first_mut().filter(|_| n > 0)
            && let Some(to) = turned(tongue, &first.words, &first.commas, (0, 0))
        {
            first.words.drain(..to);
            first.said.drain(..to);
            first.corrects = first.corrects.saturating_sub(to);
            first.commas = first.commas.iter().filter_map(|at| at.checked_sub(to)).collect();
            first.instead = true;
        }
        parts
    });
    parts.filter(|part| !part.words.is_empty()).collect()
}

/// A sentence that is cut.
pub(super) struct Cutting<'t> {
    pub(super) tongue: &'t Tongue,
    pub(super) words: Vec<String>,
    pub(super) said: Vec<String>,
    pub(super) commas: Vec<usize>,
    pub(super) asks: bool,
}

impl<'t> Cutting<'t> {
    fn new(tongue: &'t Tongue, sentence: Sentence, names: &BTreeSet<String>) -> Self {
        let question =
            |at: &usize| tongue.begins_question(sentence.words.get(*at..).unwrap_or_default());
        let asks = sentence.asks || sentence.commas.iter().any(question);
        let (mut words, mut said, mut commas) = (Vec::new(), Vec::new(), Vec::new());
        for (n, word) in sentence.words.into_iter().enumerate() {
            if sentence.commas.contains(&n) {
                commas.push(words.len());
            }
            let spelled = spelled(vec![word], &tongue.lexicon).into_iter();
            for word in spelled.flat_map(|it| tongue.read(it, names)) {
                words.push(word.meant);
                said.push(word.said);
            }
        }
        let order = mended(&words, &commas, tongue);
        let kept = |words: &[String]| -> Vec<String> {
            order.iter().filter_map(|at| words.get(*at).cloned()).collect()
        };
        let (words, said) = (kept(&words), kept(&said));
        // A comma stands before the word it stood before, where that is no other's now.
        let follows = |now: usize| now.checked_sub(1).and_then(|it| order.get(it)).copied();
        let places = order
            .iter()
            .enumerate()
            .filter(|(now, at)| commas.contains(at) && follows(*now) == at.checked_sub(1));
        let commas = places.map(|(now, _)| now).filter(|at| !tongue.within_title(&words, *at));
        let commas = commas.collect();
        Self { tongue, words, said, commas, asks }
    }

    pub(super) fn cut(&self) -> Vec<Part> {
        let (mut parts, mut start, mut after): (Vec<Part>, _, _) = (Vec::new(), 0, false);
        let mut turns = Vec::new();
        for at in 1..self.words.len() {
            let named = at > start && self.between(start, at).iter().any(|it| self.names(it));
            let meant = || turned(self.tongue, &self.words, &self.commas, (start, at));
            if named && let Some(to) = meant() {
                parts.extend(self.part(start, at, after));
                (start, after) = (to, false);
                turns.push(parts.len());
                continue;
            }
            let (joins, beside) = (self.joins(at), self.beside(at));
            let comma = self.commas.contains(&at) && !joins && !beside;
            // `And then two waters`.
            let more = (at + 1..self.words.len()).take_while(|it| joins && self.joins(*it)).count();
            let begin = at + more + usize::from(joins || beside);
            // What is listed between commas is a wish where it names a thing itself.
            let end = self.commas.iter().find(|next| comma && **next > at);
            let before = self.between(start, at);
            let behind = self.between(begin, end.copied().unwrap_or(self.words.len()));
            let plain = !joins && !beside && !comma;
            let lists = plain && self.lists(before, behind);
            // `The belt out and the cap in`.
            let named = |words: &[String]| words.iter().any(|it| self.names(it));
            let turns =
                joins && named(before) && named(behind) && !self.spanned(at, question::changes);
            let turns = turns && self.changes(before, behind) || self.ends(start, at);
            let cuts = lists || turns || !plain && self.cuts(before, behind, comma || beside);
            let both = joins && self.spanned(at, |cue| cue.intent.as_str() == "remove");
            let both = both && !self.begins(behind);
            // `The mattress then, please`: nothing is joined.
            let ends = joins && matches!(behind, [it] if self.tongue.fillers.contains(it));
            // `Four pizzas, two small and two large`.
            let shares = if cuts && joins { self.shares(start, self.words.len()) } else { vec![] };
            let shared = shares.len() > 1 && shares.first().is_some_and(|(from, _)| *from < at);
            if cuts && !both && !ends && !shared && !self.ruled(before, behind, at) {
                parts.extend(self.part(start, at, after));
                (start, after) = (begin, !comma);
            }
        }
        parts.extend(self.part(start, self.words.len(), after));
        turns
            .into_iter()
            .filter_map(|at| parts.get_mut(at).map(|it| it.instead = true))
            .for_each(drop);
        parts
    }

    /// Whether a word may be a name: no small one, no number, no colour.
    pub(super) fn names(&self, word: &String) -> bool {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        let value = lexicon.values.values().any(|said| said.contains_key(word));
        let counts = number(word) || lexicon.numbers.contains_key(word);
        !(tongue.fillers.contains(word) || tongue.tells(word) || value || counts)
    }

    /// Whether what changes the cart is said by words on both sides: `take the belt and the cap out`.
    fn spanned(&self, at: usize, such: fn(&Cue) -> bool) -> bool {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let spans = |places: &Vec<usize>| {
            places.first().is_some_and(|it| *it < at) && places.last().is_some_and(|it| *it > at)
        };
        found.iter().any(|(cue, places)| such(cue) && spans(places))
    }

    /// Whether nothing is said from here but that this was all, behind what names something: `a cola, a salad, that's
    /// it`.
    fn ends(&self, start: usize, at: usize) -> bool {
        let small =
            |at: usize| self.words.get(at).is_none_or(|it| self.tongue.fillers.contains(it));
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let last = |places: &Vec<usize>| {
            places.last().is_some_and(|it| (*it..self.words.len()).skip(1).all(small))
        };
        let comma = self.commas.contains(&at);
        let pays = |(cue, places): &(&Cue, Vec<usize>)| {
            let whole = cue.words > 1 && last(places);
            let it = self.words.get(at).is_some_and(|it| self.tongue.lexicon.it.contains(it));
            // `, and then straight to the till`.
            let led = comma && places.first().is_some_and(|it| (at..*it).all(small));
            let begins = led || places.first() == Some(&at) && it;
            cue.intent.as_str() == "checkout" && whole && begins
        };
        let before = self.between(start, at);
        let counts = (0..before.len()).any(|at| self.counts(before.get(at..).unwrap_or_default()));
        let told = comma && (counts || self.thing(before) || self.valued(before));
        found.iter().any(pays) && (told || self.portions(before))
    }

    /// Whether words are an item of a list behind others: not the `one burger` of `so swap one burger for that`. With
    /// an article too, as from a menu: `three colas a beer`.
    fn lists(&self, before: &[String], words: &[String]) -> bool {
        let last = before.len().saturating_sub(1);
        let last = before.get(last..).unwrap_or_default();
        let changes = self.acts(last, &["instead", "set", "remove"]);
        let lexicon = &self.tongue.lexicon;
        let article = lexicon.menu && words.first().is_some_and(|it| lexicon.single.contains(it));
        let named = article && self.thing(last) && self.thing(words.get(1..3).unwrap_or_default());
        let named = named && !self.asks && self.portions(before);
        !changes && (self.items(before) && self.item(words) || named)
    }

    /// Whether a rule of the shop is asked for by words on both sides: `ordered last week and nothing came`.
    fn ruled(&self, before: &[String], behind: &[String], at: usize) -> bool {
        // `Pack the shirt and how long does it take?`
        if self.acts(before, &["add"]) && self.tongue.begins_question(behind) {
            return false;
        }
        let found = self.tongue.rules.found(&self.words, &self.tongue.lexicon);
        let spans = |places: &Vec<usize>| {
            places.first().is_some_and(|it| *it < at) && places.last().is_some_and(|it| *it > at)
        };
        found.iter().any(|(_, places)| spans(places))
    }

    pub(super) fn between(&self, from: usize, to: usize) -> &[String] {
        self.words.get(from..to).unwrap_or_default()
    }

    /// Whether a word joins what stands after it to what stands before.
    fn joins(&self, at: usize) -> bool {
        // Not the `plus` of a mattress that is called so.
        let titled = || self.tongue.within_title(&self.words, at);
        self.words.get(at).is_some_and(|word| self.tongue.lexicon.joins.contains(word)) && !titled()
    }

    /// Whether a word sets a thing beside the one before it: the `with` of `with a cola`, but not of `replace the cola
    /// with a beer`.
    fn beside(&self, at: usize) -> bool {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let turns = |(cue, places): &(&Cue, Vec<usize>)| {
            cue.intent.as_str() == "instead" && places.contains(&at) && places.len() > 1
        };
        starts_with(&self.words, at, &self.tongue.lexicon.alongside).is_some()
            && !found.iter().any(turns)
    }

    /// The part between two words, or each that it says of one thing: `two shirts, one red, one blue`.
    fn part(&self, from: usize, to: usize, joined: bool) -> Vec<Part> {
        let whole = Part {
            words: self.between(from, to).to_vec(),
            said: self.said.get(from..to).unwrap_or_default().to_vec(),
            asks: self.asks && self.questions(from, to),
            follows: from > 0,
            joined,
            instead: false,
            corrects: self.corrects(from),
            commas: self
                .commas
                .iter()
                .filter_map(|at| at.checked_sub(from))
                .skip_while(|at| *at == 0)
                .collect(),
        };
        // `One in red, one in blue, for my boys`: what is told behind the shares is of all of them.
        let told = |at: &usize| {
            let behind = self.between(*at, to);
            let counts =
                (0..behind.len()).any(|at| self.counts(behind.get(at..).unwrap_or_default()));
            // `One blue, one red, put them in please`.
            let it = |word: &String| self.tongue.lexicon.it.contains(word);
            let puts = self.acts(behind, &["add"]) && behind.iter().any(it);
            let bare = puts || !self.acts(behind, &[]);
            from < *at && *at < to && !counts && bare && !self.valued(behind)
        };
        let tail = self.commas.iter().copied().find(told);
        let shares = tail.map(|to| self.shares(from, to)).filter(|it| it.len() > 1);
        let shares = shares.unwrap_or_else(|| self.shares(from, to));
        let Some(first) = shares.first().map(|(at, _)| *at).filter(|_| shares.len() > 1) else {
            return vec![whole];
        };
        // `One chair in black, one in white, two in green`: the first is a share itself.
        let lead = self.leads(from, &shares);
        let value = |at: &usize| self.valued(self.between(*at, at + 1));
        let counted = |at: &usize| self.counts(self.between(*at, first)) && !self.ranges(*at);
        // How many there are of it in all says no more than its shares do.
        let named = (from..first).filter(|at| !(counted(at) || lead && value(at)));
        let named: Vec<usize> = named.collect();
        let one = |words: &[String], (begin, end): (usize, usize)| -> Vec<String> {
            let places = (begin..end).chain(named.iter().copied());
            places.filter_map(|at| words.get(at).cloned()).collect()
        };
        let each = shares.iter().enumerate().map(|(n, share)| Part {
            words: one(&self.words, *share),
            said: one(&self.said, *share),
            joined: joined || n > 0,
            follows: from > 0 || n > 0,
            corrects: 0,
            commas: Vec::new(),
            ..whole.clone()
        });
        let own = lead.then(|| Part {
            words: self.between(from, first).to_vec(),
            said: self.said.get(from..first).unwrap_or_default().to_vec(),
            commas: Vec::new(),
            ..whole.clone()
        });
        own.into_iter().chain(each).collect()
    }

    /// How many words from here on take back what was before, and nothing behind them: `no, no, L`, `no the snowfinch`.
    fn corrects(&self, from: usize) -> usize {
        let lexicon = &self.tongue.lexicon;
        let the = |to: &usize| self.words.get(*to).is_some_and(|it| lexicon.the.contains(it));
        if let Some(to) = starts_with(&self.words, from, &lexicon.no).filter(the) {
            return to - from;
        }
        self.commas.iter().find(|at| **at > from).map_or(0, |at| {
            let before = self.between(from, *at);
            let no = |word: &String| lexicon.negations.contains(word);
            let filler = |word: &&String| self.tongue.fillers.contains(*word) && !no(word);
            // `No sorry, red instead`, `mm no, the blue one`.
            let turns = starts_with(before, before.iter().take_while(filler).count(), &lexicon.no);
            let rest = turns.and_then(|to| before.get(to..)).unwrap_or(before);
            let small = |word: &String| turns.is_some() && self.tongue.fillers.contains(word);
            if rest.iter().all(|it| no(it) || small(it)) { before.len() } else { 0 }
        })
    }

    /// Whether these words ask, in a sentence that does: it ends with them, they begin a question, or leave a choice.
    fn questions(&self, from: usize, to: usize) -> bool {
        let choice = |word: &String| self.tongue.lexicon.alternatives.contains(word);
        if to == self.words.len() || self.between(from, to).iter().any(choice) {
            return true;
        }
        let mut words = self.between(from, self.words.len()).iter();
        let first = words.find(|word| !self.tongue.lexicon.joins.contains(*word));
        first.is_some_and(|word| self.tongue.lexicon.questions.contains(word))
    }

    /// Whether a message is cut between these words: each says a wish, or names a thing of its own, which alone
    /// counts where they are only `listed`.
    fn cuts(&self, before: &[String], after: &[String], listed: bool) -> bool {
        let last = before.len().checked_sub(1).and_then(|at| before.get(at..));
        if before.is_empty() || self.acts(&self.words, &["compare", "rest"]) {
            return false;
        }
        let removes = self.acts(before, &["remove"]);
        if listed && self.changes(before, after) {
            return true;
        }
        let things = self.thing(before) && self.thing(after) && !removes;
        // `A marinara, a large tonno and two colas`.
        let portions = self.portion(self.behind_whom(after)) && self.portions(before);
        // `Forget the cap, give me the hat`.
        let small = |word: &String| {
            self.tongue.lexicon.it.contains(word) || self.tongue.fillers.contains(word)
        };
        let it = before.iter().any(|word| self.tongue.lexicon.it.contains(word));
        // `In natural, 21 x 30 cm`.
        let times = after.get(1).is_some_and(|it| self.tongue.lexicon.times.contains(it));
        if times && after.get(2).is_some_and(|it| number(it)) && self.valued(before) {
            return false;
        }
        if listed || things || portions {
            let own = things || portions && !removes || removes && self.begins(after);
            return own
                || listed
                    && (self.more_of(after) || self.sets(after) && self.thing_or_act(before));
        }
        // `House red and three waters`; but `between 50 and 80`.
        let item = self.counts_behind(before, after) && after.len() > 1;
        // `The hat in black and the shades in brown`.
        let own = self.valued(before) && self.valued(after) && self.thing(after);
        // `The cap in black and the umbrella`.
        let lexicon = &self.tongue.lexicon;
        // `The cap in black and also the umbrella`.
        let also = after.iter().take_while(|it| lexicon.beside.contains(it)).count();
        let article = after.get(also).is_some_and(|it| lexicon.the.contains(it));
        let article = article && after.iter().skip(also + 1).any(|it| self.names(it));
        let size = |it: &String| it.parse().is_ok_and(|it: u32| it >= COUNTED);
        let told = |it: &[String]| self.valued(it) || it.iter().all(size) && self.valued(before);
        let own = own || last.is_some_and(told) && article;
        // `Give me that and a salad`, `one of those and a salad`, `that and a salad`.
        let counts = (0..before.len()).any(|at| self.counts(before.get(at..).unwrap_or_default()));
        let bare = before.iter().all(small) && self.portion(after);
        let own = own || it && (counts || bare || self.acts(before, &["add"])) && self.thing(after);
        let says = || self.acts(before, &[]) || self.thing(before) || self.rules(before);
        // `Earl grey 250 g and assam 100 g`.
        let size = self.measured(before) && self.measured(after);
        let own = own || size && !self.asks;
        let version = self.version(after) && self.valued(before);
        (item || own || version) && !removes || self.begins(after) && says()
    }

    /// Whether words name something and how big it is to be.
    fn measured(&self, words: &[String]) -> bool {
        let unit = |it: &String| self.tongue.lexicon.units.contains(it);
        let measure = |pair: &[String]| matches!(pair, [count, it] if number(count) && unit(it));
        words.windows(2).any(measure) && words.iter().any(|it| !unit(it) && self.names(it))
    }

    /// Whether words begin by saying how many there are to be of what was named: `make that two packs`.
    fn sets(&self, words: &[String]) -> bool {
        let found = self.tongue.cues.found(words, &self.tongue.lexicon);
        let first = words.iter().take_while(|it| self.tongue.fillers.contains(*it)).count();
        let sets = |(cue, places): &(&Cue, Vec<usize>)| {
            let begins = places.first().is_some_and(|at| *at <= first);
            cue.intent.as_str() == "set" && cue.words > 1 && begins
        };
        let it = words.iter().any(|it| self.tongue.lexicon.it.contains(it));
        it && found.iter().any(sets)
            && (0..words.len())
                .any(|at| counts(words.get(at..).unwrap_or_default(), &self.tongue.lexicon))
    }

    /// Whether words name something that is sold or wished, and do not change the cart themselves.
    fn thing_or_act(&self, words: &[String]) -> bool {
        (self.thing(words) || self.acts(words, &["search", "add"]))
            && !self.acts(words, &["set", "remove"])
    }

    /// Whether words begin with a count of what was spoken of: `they are here, four more of them`.
    fn more_of(&self, words: &[String]) -> bool {
        let lexicon = &self.tongue.lexicon;
        let of_it = [&lexicon.beside, &lexicon.it];
        let behind = |at: usize| of_it.iter().any(|it| starts_with(words, at, it).is_some());
        self.counts(words) && (behind(1) || behind(2))
    }

    /// Whether words name what is sold: not the `tops` of `110 tops`.
    pub(super) fn thing(&self, words: &[String]) -> bool {
        let lexicon = &self.tongue.lexicon;
        let or_less = &lexicon.amounts.or_less;
        let bound = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            let counted = |it: &String| number(it) || lexicon.amounts.money.contains(it);
            before.is_some_and(counted) && starts_with(words, at, or_less).is_some()
        };
        let mut words = words.iter().enumerate();
        words.any(|(at, word)| self.tongue.is_thing(word) && !bound(at))
    }

    /// Whether words say of what colour or size something is to be.
    pub(super) fn valued(&self, words: &[String]) -> bool {
        let values = &self.tongue.lexicon.values;
        let kinds = values.iter().filter(|(name, _)| name.as_str() != "gender");
        let mut values = kinds.flat_map(|(_, said)| said.keys());
        values.any(|said| words.contains(said))
    }

    /// Whether words have a cue of one of these intents; of any, where none is named.
    pub(super) fn acts(&self, words: &[String], intents: &[&str]) -> bool {
        let found = self.tongue.cues.found(words, &self.tongue.lexicon);
        let mut found = found.iter().map(|(cue, _)| cue.intent.as_str());
        found.any(|intent| intents.is_empty() || intents.contains(&intent))
    }

    /// Whether each of two says what becomes of the cart, and one of them what goes or stays.
    fn changes(&self, before: &[String], after: &[String]) -> bool {
        let says = |words: &[String], such: fn(&Cue) -> bool| {
            let small =
                |at: &usize| words.get(*at).is_none_or(|it| self.tongue.fillers.contains(it));
            let found = self.tongue.cues.found(words, &self.tongue.lexicon);
            let said = |(cue, at): &(&Cue, Vec<usize>)| {
                such(cue) && !(cue.intent.as_str() == "add" && at.iter().all(small))
            };
            found.iter().any(said)
        };
        let any =
            |cue: &Cue| question::changes(cue) || matches!(cue.intent.as_str(), "rest" | "stay");
        let goes = |cue: &Cue| matches!(cue.intent.as_str(), "remove" | "away" | "rest" | "stay");
        says(before, any) && says(after, any) && (says(before, goes) || says(after, goes))
    }

    /// Whether words begin with a number or an amount.
    pub(super) fn counts(&self, words: &[String]) -> bool {
        let lexicon = &self.tongue.lexicon;
        let digits = |word: &String| number(word) || lexicon.amounts.money.contains(word);
        words.first().is_some_and(digits) || counts(words, lexicon)
    }

    /// Whether words begin with a cue of an act of their own, or as a question.
    fn begins(&self, words: &[String]) -> bool {
        let tongue = self.tongue;
        let asks = words.len() > 2
            && words.first().is_some_and(|word| tongue.lexicon.questions.contains(word));
        let fillers = words.iter().take_while(|word| tongue.fillers.contains(*word)).count();
        let starts = |from: usize| tongue.cues.begins(words, from, &tongue.lexicon);
        asks || (0..=fillers.min(4)).any(starts) || tongue.rule(words).is_some()
    }
}
