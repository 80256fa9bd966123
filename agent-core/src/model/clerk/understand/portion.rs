//! Counts and portions of things that are named in a list: `2 pizzas`, `a large tonno`.

use crate::model::clerk::understand::amount::COUNTED;
use crate::model::clerk::understand::number::{count_end, counts};
use crate::model::clerk::understand::parts::{Cutting, WHOM};
use crate::model::clerk::understand::word::number;

/// Words of a thing in a list, at most: `large green bean burger please`.
const PORTION: usize = 5;

impl Cutting<'_> {
    /// Whether words end with a count and a thing.
    pub(super) fn items(&self, words: &[String]) -> bool {
        (0..words.len()).any(|at| self.item(words.get(at..).unwrap_or_default()))
    }

    /// Whether words are a count and a thing: `2 pizzas`, but not `500 ml`.
    pub(super) fn item(&self, words: &[String]) -> bool {
        let (rest, lexicon) = (words.get(1..).unwrap_or_default(), &self.tongue.lexicon);
        let unit = |it: &String| lexicon.units.contains(it) && !lexicon.pieces.contains(it);
        // `White 42 and 1 cleaning kit`.
        let size =
            words.first().and_then(|it| it.parse().ok()).is_some_and(|it: u32| it >= COUNTED);
        // `1x colander 2x spatula`, whatever they are.
        let times = rest.first().is_some_and(|it| lexicon.times.contains(it));
        let named = times && rest.get(1).is_some_and(|it| self.names(it));
        let thing = self.thing(rest) || named;
        counts(words, lexicon) && !size && thing && !rest.first().is_some_and(unit)
    }

    /// Whether words end with a portion of something: `give me a large tonno`; but not `a bag for a laptop`.
    pub(super) fn portions(&self, words: &[String]) -> bool {
        (0..words.len()).any(|at| {
            let tied = at.checked_sub(1).and_then(|at| words.get(at));
            let tied = tied.is_some_and(|it| self.tongue.lexicon.ties.contains(it));
            !tied && self.portion(words.get(at..).unwrap_or_default())
        })
    }

    /// Whether words begin with an article, a count or a size, and then the name of a thing: `a large tonno`.
    pub(super) fn portion(&self, words: &[String]) -> bool {
        let (tongue, lexicon) = (self.tongue, &self.tongue.lexicon);
        let value = |it: &String| lexicon.values.values().any(|said| said.contains_key(it));
        let begins =
            |it: &String| lexicon.single.contains(it) || lexicon.one.contains(it) || value(it);
        let article = words.first().is_some_and(begins);
        let counted = |it: &String| {
            let unit = lexicon.units.contains(it) || lexicon.amounts.money.contains(it);
            unit || number(it) || lexicon.numbers.contains_key(it)
        };
        let sign = |it: &String| it.chars().all(|c| !c.is_alphanumeric());
        let name = |it: &String| {
            let small = tongue.fillers.contains(it) || tongue.tells(it) || sign(it);
            !small && !lexicon.joins.contains(it) && !value(it) && !counted(it)
        };
        let end = count_end(words, lexicon).or(article.then_some(1));
        let Some(rest) = end.and_then(|end| words.get(end..)) else { return false };
        // `One first aid kit`.
        let rest = match rest {
            [nth, rest @ ..] if lexicon.ordinals.contains_key(nth) => rest,
            rest => rest,
        };
        let thing = rest.iter().take_while(|it| name(it) || value(it)).count();
        let thing = rest.get(..thing).unwrap_or_default();
        thing.len() <= PORTION && thing.iter().any(name) && !self.acts(thing, &[])
    }

    /// Words without those of whom something is for that they begin with: `for us one big burrata`.
    pub(super) fn behind_whom<'w>(&self, words: &'w [String]) -> &'w [String] {
        let lexicon = &self.tongue.lexicon;
        let whom = words.first().is_some_and(|it| lexicon.serves.contains(it));
        let ends = (2..=WHOM).find(|at| whom && self.portion(words.get(*at..).unwrap_or_default()));
        ends.and_then(|at| words.get(at..)).unwrap_or(words)
    }
}
