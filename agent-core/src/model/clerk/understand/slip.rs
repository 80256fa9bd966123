//! What is said and taken back at once: `three, no sorry, two`.

use std::collections::BTreeSet;

use crate::id::Name;
use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::number::count_end;
use crate::model::clerk::understand::tongue::Tongue;
use crate::model::clerk::understand::words::{number_of, starts_with};

/// Words of a value, at most.
const VALUE: usize = 3;
/// Words that take back what was named, at most: `no, sorry, please make it`.
const TURN: usize = 7;
/// So often something is taken back in one sentence.
const SLIPS: usize = 3;

/// A number, a colour, a size: where it stands, and of what it is one; a number is of nothing.
#[derive(Clone, Debug)]
struct Told<'l> {
    from: usize,
    to: usize,
    of: Option<&'l Name>,
    /// A number with a unit behind it.
    measure: bool,
}

/// A sentence in which something may be taken back.
struct Slips<'t> {
    tongue: &'t Tongue,
    words: Vec<String>,
    /// Before which words a comma stands.
    commas: BTreeSet<usize>,
}

/// The places of the words that count, in the order they count in: what is said last takes the place of what it
/// takes back.
pub(super) fn mended(words: &[String], commas: &[usize], tongue: &Tongue) -> Vec<usize> {
    let mut order: Vec<usize> = (0..words.len()).collect();
    for _ in 0..SLIPS {
        let places = order.iter().enumerate();
        let commas = places.filter(|(_, at)| commas.contains(at)).map(|(now, _)| now).collect();
        let words = order.iter().filter_map(|at| words.get(*at).cloned()).collect();
        let Some((said, turn, meant)) = (Slips { tongue, words, commas }).first() else { break };
        let part = |from: usize, to: usize| order.get(from..to).unwrap_or_default();
        order = [
            part(0, said.from),
            part(meant.from, meant.to),
            part(said.to, turn),
            part(meant.to, order.len()),
        ]
        .concat();
    }
    order
}

/// Where a name begins that is meant instead of what is named `from` there, if the words `at` this place take that back:
/// `a salmon, no sorry, a saltimbocca`.
pub(super) fn turned(
    tongue: &Tongue,
    words: &[String],
    commas: &[usize],
    (from, at): (usize, usize),
) -> Option<usize> {
    let lexicon = &tongue.lexicon;
    // `Eine Box, in die ich meine Uhren tue` means no other.
    let clause = |at: usize| {
        let before = at.checked_sub(1).filter(|it| !commas.contains(&(it + 1)));
        let before = before.and_then(|at| words.get(at));
        before.is_some_and(|it| lexicon.ties.contains(it) || lexicon.open.contains(it))
    };
    // `Den Mixer brauche ich doch nicht, nur den Toaster` takes back no word.
    let denies = |at: usize, to: usize| {
        let no = |it: &String| lexicon.negations.contains(it);
        let last = to.checked_sub(1).and_then(|it| words.get(it)).is_some_and(no);
        last && to > at + 1 && commas.contains(&to) && !commas.contains(&at)
    };
    let turns = |at: usize| {
        let no = starts_with(words, at, &lexicon.no).filter(|to| !denies(at, *to));
        no.or_else(|| starts_with(words, at, &lexicon.slips).filter(|_| !clause(at)))
    };
    let begins =
        |at: usize| tongue.fillers.contains(words.get(at)?).then_some(()).or(turns(at).map(drop));
    begins(at)?;
    let slips = Slips { tongue, words: words.to_vec(), commas: commas.iter().copied().collect() };
    let article = |at: usize| {
        let lists = [&lexicon.the, &lexicon.single, &lexicon.one];
        words.get(at).is_some_and(|it| lists.iter().any(|list| list.contains(it)))
            || words.get(at..).and_then(|it| count_end(it, lexicon)).is_some()
    };
    let name = |at: usize| {
        let unit = |it: &String| lexicon.units.contains(it) || lexicon.size_words.contains(it);
        words
            .get(at)
            .filter(|it| !tongue.fillers.contains(*it) && !lexicon.questions.contains(*it))
            .is_some_and(|it| !tongue.tells(it) && !unit(it))
    };
    let begins = |to: &usize| {
        let behind = words.get(*to..).and_then(|it| count_end(it, lexicon)).unwrap_or(1);
        let thing = words.get(*to).is_some_and(|it| tongue.is_thing(it));
        (article(*to) && name(to + behind) || thing) && !article(to - 1)
    };
    let said = |to: &usize| (at..*to).any(|at| turns(at).is_some_and(|end| end <= *to));
    let joins = |to: &usize| {
        let first = words.get(at).is_some_and(|it| lexicon.joins.contains(it));
        first || (at..*to).any(|at| starts_with(words, at, &lexicon.beside).is_some())
    };
    let near = (at + 1..words.len()).take(TURN).filter(|to| said(to) && begins(to) && !joins(to));
    near.into_iter().find(|to| slips.turn(from, *to) == Some(at))
}

impl<'t> Slips<'t> {
    /// What is taken back first, where the words begin that do it, and what is meant instead.
    fn first(&self) -> Option<(Told<'t>, usize, Told<'t>)> {
        let told = self.told();
        told.iter().enumerate().find_map(|(n, meant)| {
            let before = told.get(..n).unwrap_or_default();
            let turn = self.turn(before.last().map_or(0, |it| it.to), meant.from)?;
            // `Two bottles, 750 ml, no wait, three` are three bottles.
            let same = |it: &&Told<'_>| it.of == meant.of;
            let alike = before.iter().rfind(|it| same(it) && it.measure == meant.measure);
            let said = alike.or_else(|| before.iter().rfind(same))?;
            let last = (meant.to..self.words.len()).all(|at| self.small(at));
            // `S will be too tight, change it to M`.
            if self.changes_it(said.to, meant.from) || self.of_line(said, turn) {
                return None;
            }
            (said.to == turn || last).then(|| (said.clone(), turn, meant.clone()))
        })
    }

    /// Where the words begin that take back what was before and end here: `no, sorry`, `I mean`.
    fn turn(&self, low: usize, to: usize) -> Option<usize> {
        let lexicon = &self.tongue.lexicon;
        let found = self.tongue.cues.found(&self.words, lexicon);
        // `Four are too many, one will do`.
        let turns = |cue: &Cue| matches!(cue.intent.as_str(), "instead" | "excess");
        let instead = found.into_iter().filter(|(cue, _)| turns(cue));
        let no = |at: usize| Some((at..starts_with(&self.words, at, &lexicon.no)?).collect());
        let slip = |at: usize| Some((at..starts_with(&self.words, at, &lexicon.slips)?).collect());
        let taken: Vec<Vec<usize>> =
            (low..to).flat_map(|at| no(at).into_iter().chain(slip(at))).collect();
        let mut turns: Vec<Vec<usize>> = instead.map(|(_, places)| places).collect();
        turns.extend(taken.iter().cloned());
        turns.retain(|places| places.iter().all(|at| (low..to).contains(at)));
        let within = |at: usize| turns.iter().any(|places| places.contains(&at));
        let from = (low..to).rev().take_while(|at| self.small(*at) || within(*at)).last()?;
        turns.retain(|places| places.iter().all(|at| *at >= from));
        // `Black, not navy` and `L instead of M` want what is said first.
        let denies = |at: &usize| starts_with(&self.words, *at, &lexicon.negations).is_some();
        // `L, wait no, XL`.
        let waits = |at: &usize| {
            taken.iter().any(|places| places.contains(at) && places.first() != Some(at))
        };
        let denied = (from..to).filter(|at| denies(at) && !waits(at)).any(|at| {
            let bare = !self.commas.contains(&(at + 1)) && at + 1 == to;
            bare || !taken.iter().any(|places| places.first() == Some(&at))
        });
        // `40, no more than 90`.
        let amounts = &lexicon.amounts;
        let bound = [&amounts.at_most, &amounts.at_least, &amounts.around];
        let bound = bound
            .into_iter()
            .any(|it| (from..to).any(|at| starts_with(&self.words, at, it).is_some()));
        (!turns.is_empty() && !denied && !bound).then_some(from)
    }

    /// Whether a value tells which one is meant, and another what that is to be instead: `the blue cap rather in black`.
    fn of_line(&self, said: &Told<'_>, turn: usize) -> bool {
        let word = |at: usize| self.words.get(at);
        let the = said.from.checked_sub(1).and_then(word);
        let the = the.is_some_and(|it| self.tongue.lexicon.the.contains(it));
        let thing = word(said.to).is_some_and(|it| self.tongue.is_thing(it));
        the && thing && turn == said.to + 1 && !(said.to..=turn).any(|at| self.commas.contains(&at))
    }

    /// Whether these words say that something is too much and that it is changed.
    fn changes_it(&self, from: usize, to: usize) -> bool {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let within = |intent: &str, it: bool| {
            let lexicon = &self.tongue.lexicon;
            let of_it =
                |at: &usize| self.words.get(*at).is_some_and(|word| lexicon.it.contains(word));
            found.iter().any(|(cue, places)| {
                let inside = places.iter().all(|at| (from..to).contains(at));
                cue.intent.as_str() == intent && inside && (!it || places.iter().any(of_it))
            })
        };
        // `L is too small, change to XL`: the value stands among the words that change it.
        let spans = |places: &Vec<usize>| {
            let begins = places.first().is_some_and(|at| (from..to).contains(at));
            begins && places.last().is_some_and(|at| *at > to)
        };
        let spanned =
            || found.iter().any(|(cue, at)| cue.intent.as_str() == "instead" && spans(at));
        within("excess", false) && (within("instead", true) || spanned())
    }

    fn small(&self, at: usize) -> bool {
        let small = |word: &String| {
            self.tongue.fillers.contains(word) || self.tongue.lexicon.size_words.contains(word)
        };
        self.words.get(at).is_some_and(small)
    }

    /// The numbers, colours and sizes it tells.
    fn told(&self) -> Vec<Told<'t>> {
        let (mut told, mut at) = (Vec::new(), 0);
        while at < self.words.len() {
            let next = self.value(at).or_else(|| self.number(at));
            at = next.as_ref().map_or(at + 1, |it: &Told<'_>| it.to);
            told.extend(next);
        }
        told
    }

    fn value(&self, from: usize) -> Option<Told<'t>> {
        let lexicon = &self.tongue.lexicon;
        (1..=VALUE).rev().find_map(|length| {
            let to = from + length;
            let said = self.words.get(from..to)?.join(" ");
            let stems = || lexicon.endings.iter().filter_map(|it| said.strip_suffix(it.as_str()));
            let mut kinds = lexicon.values.iter().filter(|(name, _)| name.as_str() != "gender");
            let (of, _) = kinds.find(|(_, values)| {
                let inflected = stems().any(|it| it.len() > 2 && values.contains_key(it));
                values.contains_key(&said) || inflected
            })?;
            Some(Told { from, to, of: Some(of), measure: false })
        })
    }

    fn number(&self, from: usize) -> Option<Told<'t>> {
        let lexicon = &self.tongue.lexicon;
        let word = self.words.get(from)?;
        let number = number_of(word).is_some() || lexicon.numbers.contains_key(word);
        // `We are two actually, so a couple of those`.
        let found = self.tongue.cues.found(&self.words, lexicon);
        let persons = found.iter().filter(|(cue, _)| cue.intent.as_str() == "persons");
        if persons.into_iter().any(|(_, places)| places.contains(&from)) {
            return None;
        }
        // `In 3-4, no wait, 5-6`.
        let range = self.words.get(from + 1).is_some_and(|it| it == "-");
        let to = from + if range { 3 } else { 1 };
        let measure = self.words.get(to).is_some_and(|it| lexicon.units.contains(it));
        (number || lexicon.one.contains(word)).then_some(Told { from, to, of: None, measure })
    }
}
