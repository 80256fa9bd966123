//! What a question asks for: to know something, which changes nothing, or that something is done.

use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::tongue::Tongue;
use crate::model::clerk::understand::words::starts_with;

impl Tongue {
    /// The word a question begins with, beside small ones.
    fn opener(&self, words: &[String], commas: &[usize]) -> Option<usize> {
        let lexicon = &self.lexicon;
        let small =
            |it: &String| self.fillers.contains(it) || self.tells(it) || lexicon.joins.contains(it);
        let begins = |at: &usize| {
            commas.contains(at) || words.get(..*at).is_some_and(|before| before.iter().all(small))
        };
        let asks = |at: &usize| words.get(*at).is_some_and(|it| lexicon.questions.contains(it));
        (0..words.len()).find(|at| asks(at) && begins(at))
    }

    /// Whether a question may ask for something to be done: `can you make the pizza a large one?`
    pub(super) fn requests(&self, words: &[String], commas: &[usize]) -> bool {
        let first = self.opener(words, commas).and_then(|first| words.get(first));
        first.is_some_and(|first| self.lexicon.requests.contains(first))
    }

    /// Whether words begin a question: not `do add a cola`, and not `is for the child`, which tells of what was named.
    pub(super) fn begins_question(&self, words: &[String]) -> bool {
        let lexicon = &self.lexicon;
        let tie = |it: &String| lexicon.ties.contains(it) && lexicon.serves.contains(it);
        let tells = |first: &String| !lexicon.open.contains(first) && words.get(1).is_some_and(tie);
        let asks = |it: &&String| lexicon.questions.contains(*it) && !tells(it);
        let begins = words.first().filter(asks).is_some() || self.bounded(words) > 0;
        begins && !self.urges(words)
    }

    /// How many words bound what a question asks for before it does: `up to how many`, `from what age`.
    pub(super) fn bounded(&self, words: &[String]) -> usize {
        let lexicon = &self.lexicon;
        let amounts = &lexicon.amounts;
        let lists = [&lexicon.ties, &amounts.at_most, &amounts.at_least, &amounts.around];
        let ends = lists.into_iter().filter_map(|list| starts_with(words, 0, list));
        let open = |to: &usize| words.get(*to).is_some_and(|it| lexicon.open.contains(it));
        ends.filter(open).max().unwrap_or(0)
    }

    /// Whether the word of a question only urges what is done: `do add a cola`; but `can I take a cola`.
    fn urges(&self, words: &[String]) -> bool {
        let verb = words.get(1).is_some_and(|it| !self.fillers.contains(it));
        let first = words.first().is_some_and(|it| verb && !self.lexicon.open.contains(it));
        let mut found = self.cues.found(words, &self.lexicon).into_iter();
        first && found.any(|(cue, places)| changes(cue) && places.first() == Some(&1))
    }

    /// Whether a question asks whether something is so: `do you have a burger for me?`. It asks for something to be done where its
    /// first word may, or begins what says so: `can I get a burger?`, `do me a burger?`.
    pub(super) fn inquires(&self, words: &[String], commas: &[usize]) -> bool {
        let lexicon = &self.lexicon;
        let Some(first) = self.opener(words, commas) else { return false };
        let found = self.cues.found(words, lexicon);
        let at = |places: &[usize]| places.first().copied().unwrap_or_default();
        let does = found.iter().any(|(cue, places)| {
            let bare =
                cue.words == 1 && words.get(at(places)).is_some_and(|it| self.fillers.contains(it));
            !bare && at(places) <= first && changes(cue)
        });
        // `Can you make it a size larger?`
        let it = |at: usize| words.get(at).is_some_and(|it| lexicon.it.contains(it));
        let of_it = |places: &[usize]| places.last().is_some_and(|last| it(last + 1));
        let looks =
            found.iter().any(|(cue, places)| at(places) == first && looks(cue) && !of_it(places));
        let word = |list: &Vec<String>| words.get(first).is_some_and(|it| list.contains(it));
        !does && !word(&lexicon.open) && (looks || !word(&lexicon.requests))
    }
}

fn looks(cue: &Cue) -> bool {
    matches!(cue.intent.as_str(), "search" | "details" | "compare")
}

/// Whether a cue says that the cart is changed.
pub(super) fn changes(cue: &Cue) -> bool {
    let intent = cue.intent.as_str();
    matches!(
        intent,
        "add" | "set" | "remove" | "away" | "clear" | "double" | "half" | "single" | "rest"
    )
}
