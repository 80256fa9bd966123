//! Amounts, sizes and counts among the words of a message.

use crate::model::clerk::understand::number::{Number, numbers, share};
use crate::model::clerk::understand::words::{ends_with, number_of, starts_with};
use crate::pack::Lexicon;

/// From here on a bare number is a size and not a count.
pub(super) const COUNTED: u32 = 26;
/// From here on two bare numbers are prices and not counts.
const PRICED: f64 = 10.0;

/// Words before a bound among which stands what turns it: `it should not cost more than 90`.
const FAR: usize = 4;

/// What is known of a moment in which numbers are said.
pub(crate) struct Known<'a> {
    /// Whether a number is a size of what is spoken of.
    pub(crate) sized: &'a dyn Fn(&str) -> bool,
    /// Whether a number at a place is how many of something there are to be: `bump it up to 4`.
    pub(crate) counted: &'a dyn Fn(usize) -> bool,
    /// What is said last takes the place of what is said first: `swap the 40 for a 41`.
    pub(crate) swaps: bool,
}

/// What numbers among words mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct Amounts {
    pub(crate) at_least: Option<String>,
    pub(crate) at_most: Option<String>,
    /// The one amount was said without more: what something costs.
    pub(crate) plain: bool,
    pub(crate) size: Option<String>,
    pub(crate) quantity: Option<u32>,
    /// How the quantity was said.
    pub(crate) counted: String,
    /// Another number is taken back.
    pub(crate) recounts: bool,
    /// Measures, their numbers in digits: `45 litres`, `4 4 metres`.
    pub(crate) measures: Vec<String>,
    /// Which words were used.
    pub(crate) used: Vec<bool>,
}

struct Reader<'a> {
    words: &'a [String],
    lexicon: &'a Lexicon,
    known: &'a Known<'a>,
    amounts: Amounts,
}

/// Reads the numbers of a message.
pub(crate) fn read(words: &[String], lexicon: &Lexicon, known: &Known<'_>) -> Amounts {
    let amounts = Amounts { used: vec![false; words.len()], ..Amounts::default() };
    let mut reader = Reader { words, lexicon, known, amounts };
    let numbers = numbers(words, lexicon);
    let mut n = 0;
    while let Some(number) = numbers.get(n) {
        let (used, numbers) = reader.number(number, numbers.get(n + 1));
        for used in reader.amounts.used.iter_mut().take(used.1).skip(used.0) {
            *used = true;
        }
        n += numbers;
    }
    reader.amounts
}

impl Reader<'_> {
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    fn is(&self, list: &[String], at: usize) -> bool {
        let word = self.word(at);
        !word.is_empty() && list.iter().any(|it| it == word)
    }

    /// Where the cue begins that ends here, an article between.
    fn cue(&self, list: &[String], end: usize) -> Option<usize> {
        let small = |at: usize| {
            self.is(&self.lexicon.fillers, at) && !self.is(&self.lexicon.size_words, at)
        };
        let article = end > 0 && small(end - 1);
        ends_with(self.words, end, list)
            .or_else(|| article.then(|| ends_with(self.words, end - 1, list))?)
    }

    /// The least that something may cost; the most, where words about it turn that: `no more than seventy`.
    fn at_least(
        &mut self,
        number: &Number,
        next: Option<&Number>,
        (from, end): (usize, usize),
    ) -> (usize, usize) {
        let value = Some(number.value.clone());
        let mut before = (from.saturating_sub(FAR)..from).rev();
        if let Some(no) = before.find(|at| self.is(&self.lexicon.negations, *at)) {
            self.amounts.at_most = value;
            return (no, end);
        }
        if let Some(no) = self.turned(end).filter(|_| next.is_none()) {
            self.amounts.at_most = value;
            return (from, no + 1);
        }
        self.amounts.at_least = value;
        (from, end)
    }

    /// What a number means: which words it used, and how many numbers.
    fn number(&mut self, number: &Number, next: Option<&Number>) -> ((usize, usize), usize) {
        let lexicon = self.lexicon;
        let money = |at: usize| self.is(&lexicon.amounts.money, at);
        let begin =
            if number.from > 0 && money(number.from - 1) { number.from - 1 } else { number.from };
        let end = if money(number.to) { number.to + 1 } else { number.to };
        let paid = begin < number.from || end > number.to;
        if !paid && let Some(read) = self.unpriced(number, next) {
            return read;
        }
        if let Some(next) = next
            && let Some(read) = self.range(number, next, (begin, end), paid)
        {
            return (read, 2);
        }
        // `41 instead of 40`, `three instead of two`.
        let no = self.cue(&lexicon.negations, begin);
        if let Some(no) = no.filter(|no| !paid && self.denied(number, *no, (begin, end))) {
            self.amounts.recounts |= self.amounts.quantity.is_some() || self.sized(number);
            return ((no, end), 1);
        }
        if !paid && (self.known.counted)(begin) {
            // `Change the two caps to three.`
            self.amounts.quantity = None;
            return (self.bare(number, None), 1);
        }
        // Not `30 x 40 cm x3`, nor `18 cm, one of each`.
        let times = begin.checked_sub(1).is_some_and(|at| self.is(&lexicon.times, at));
        let unit = begin > 1 && self.is(&lexicon.units, begin - 1);
        let other = times || unit && number_of(self.word(begin - 2)).is_some();
        let size = self.cue(&lexicon.size_words, begin).filter(|_| !other);
        let direct = ends_with(self.words, begin, &lexicon.amounts.at_most).is_some();
        if !paid && !direct && (self.known.sized)(&number.value) {
            return (self.bare(number, size), 1);
        }
        if let Some(from) = self.cue(&lexicon.amounts.at_most, begin) {
            self.amounts.at_most = Some(number.value.clone());
            // `I can spend 300 max`.
            let to = starts_with(self.words, end, &lexicon.amounts.or_less);
            let to = to.filter(|to| next.is_none_or(|next| next.from > *to));
            return ((from, to.unwrap_or(end)), 1);
        }
        let at_least = self.cue(&lexicon.amounts.at_least, begin).filter(|_| size.is_none());
        if let Some(from) = at_least {
            return (self.at_least(number, next, (from, end)), 1);
        }
        let asked = |from: &usize| *from > 0 && self.is(&lexicon.questions, from - 1);
        // `Against one in red` is no price.
        let large = paid || number.value.parse::<f64>().is_ok_and(|it| it >= PRICED);
        let around = self.cue(&lexicon.amounts.around, begin);
        let around = around.filter(|from| large && !asked(from));
        // `A 38, max budget 80`.
        let other = next.and_then(|next| self.cue(&lexicon.amounts.at_most, next.from));
        let or_less = starts_with(self.words, end, &lexicon.amounts.or_less);
        let or_less = or_less.filter(|_| other.is_none_or(|other| other > end));
        if let Some(to) = or_less.filter(|to| next.is_none_or(|next| next.from > *to)) {
            self.amounts.at_most = Some(number.value.clone());
            // `Around 70 at most`.
            return ((around.unwrap_or(begin), to), 1);
        }
        if let Some(from) = around {
            self.amounts.at_least = share(&number.value, 80);
            self.amounts.at_most = share(&number.value, 120);
            return ((from, end), 1);
        }
        if paid {
            self.amounts.at_most = Some(number.value.clone());
            self.amounts.plain = true;
            return ((begin, end), 1);
        }
        (self.bare(number, size), 1)
    }

    fn sized(&self, number: &Number) -> bool {
        (self.known.sized)(&number.value)
    }

    /// Whether what takes back a number makes it count nothing: `41 instead of 40`, `minus eight where we go`.
    fn denied(&self, number: &Number, no: usize, (begin, end): (usize, usize)) -> bool {
        let lexicon = self.lexicon;
        let bare = no + 1 == begin && !self.is(&lexicon.no, no) && !self.sized(number);
        // `No, 30` says it of what was before.
        let begins = (0..no).all(|at| self.is(&lexicon.fillers, at));
        let answers = begins && self.is(&lexicon.no, no);
        let other = (self.amounts.quantity.is_some() || self.sized(number)) && !answers;
        let last = self.word(end).is_empty() || self.is(&lexicon.fillers, end);
        bare || other && (begin - no > 1 || last)
    }

    /// What turns a bound behind it: `mehr als 90 will ich nicht ausgeben`; but not `over 90, no wool`.
    fn turned(&self, end: usize) -> Option<usize> {
        let no = (end..end + FAR + 1).find(|at| self.is(&self.lexicon.negations, *at))?;
        let small = |at: usize| self.is(&self.lexicon.fillers, at);
        let verb = |word: &String| {
            let goods = self.lexicon.synonyms.contains_key(word);
            !goods && !self.lexicon.values.values().any(|said| said.contains_key(word))
        };
        let rest = self.words.get(no + 1..).unwrap_or_default();
        let few = rest.len() < 2 && rest.iter().all(verb);
        // `Above 60, the cheap ones never last`.
        let other = self.is(&self.lexicon.the, end);
        (few && no > end && !other && (end..no).any(small)).then_some(no)
    }

    /// A number that is no price, whatever stands before it: a measure, or a count of its own.
    fn unpriced(
        &mut self,
        number: &Number,
        next: Option<&Number>,
    ) -> Option<((usize, usize), usize)> {
        if self.measure(number) || self.portion(number) {
            return Some((self.bare(number, None), 1));
        }
        if let Some(next) = next.filter(|next| self.sides(number, next)) {
            let unit = self.is(&self.lexicon.units, next.to);
            let said = if unit { self.word(next.to) } else { "" };
            let measure = format!("{} {} {said}", number.value, next.value);
            self.amounts.measures.push(measure.trim_end().to_owned());
            return Some(((number.from, next.to + usize::from(unit)), 2));
        }
        self.serves(number).then(|| {
            self.amounts.measures.push(number.value.clone());
            ((number.from - 1, number.to), 1)
        })
    }

    /// Whether a unit stands behind a number; some are of sizes: `a belt, 95 cm`, with a heel of 6 cm.
    fn measure(&self, number: &Number) -> bool {
        let large = number.value.parse().is_ok_and(|it: f64| it >= f64::from(COUNTED));
        let size = large && self.is(&self.lexicon.size_words, number.to);
        self.is(&self.lexicon.units, number.to) && !size && !self.packs(number)
    }

    /// Whether packs of something are counted, which is sold in such a unit elsewhere: `two bags of coffee`, beside tea in
    /// `50 bags`.
    fn packs(&self, number: &Number) -> bool {
        let (unit, lexicon) = (self.word(number.to), self.lexicon);
        let ending =
            |it: &String, thing: &String| unit.strip_suffix(it.as_str()) == Some(thing.as_str());
        let thing = |it: &String| it == unit || lexicon.endings.iter().any(|ends| ending(ends, it));
        let packs = self.is(&lexicon.units, number.to);
        let counted = (self.known.counted)(number.from);
        let counted = counted || self.is(&lexicon.pieces, number.to + 1);
        // `Two metres of those`, of cloth that is sold by the metre.
        let of_it = starts_with(self.words, number.to + 1, &lexicon.it);
        let of_it =
            of_it.filter(|to| !self.is(&lexicon.the, number.to + 1) && self.word(*to).is_empty());
        packs && (counted && lexicon.things.iter().any(thing) || of_it.is_some())
    }

    /// Whether a number is a phrase of its own, which counts: `half a dozen`.
    fn portion(&self, number: &Number) -> bool {
        let said = self.words.get(number.from..number.to).unwrap_or_default();
        said.len() > 1 && self.lexicon.numbers.contains_key(&said.join(" "))
    }

    /// Whether two numbers are the sides of one thing: `three by four metres`, `150 x 200`; but not `2 x 40`.
    fn sides(&self, number: &Number, next: &Number) -> bool {
        let times = self.is(&self.lexicon.times, number.to) && next.from == number.to + 1;
        times && (self.is(&self.lexicon.units, next.to) || number.value.len() == next.value.len())
    }

    /// Whether it is for so many persons: `the orange one, for two`.
    fn serves(&self, number: &Number) -> bool {
        let before = number.from.checked_sub(1);
        let last = self.words.get(number.to).is_none_or(|it| self.lexicon.fillers.contains(it));
        last && number.value.len() == 1
            && before.is_some_and(|at| self.is(&self.lexicon.serves, at))
    }

    /// Two numbers that are a range of prices, or the name of a size: `42-44`.
    fn range(
        &mut self,
        number: &Number,
        next: &Number,
        (begin, end): (usize, usize),
        paid: bool,
    ) -> Option<(usize, usize)> {
        let amounts = &self.lexicon.amounts;
        let money = |at: usize| self.is(&amounts.money, at);
        let follows = next.from == end + 1 || money(end + 1) && next.from == end + 2;
        if !follows || !self.is(&amounts.to, end) {
            return None;
        }
        let between = self.cue(&amounts.between, begin);
        let dash = self.word(end) == "-";
        let size = self.cue(&self.lexicon.size_words, begin).filter(|_| !dash && between.is_none());
        if let Some(from) = size {
            // `Size 42 to 44`.
            let joins = self.is(&self.lexicon.joins, end) || paid || money(next.to);
            self.amounts.size = (!joins).then(|| format!("{}-{}", number.value, next.value));
            return (!joins).then_some((from, next.to));
        }
        let large = |number: &Number| number.value.parse::<f64>().is_ok_and(|it| it >= PRICED);
        let joins = self.lexicon.joins.iter().any(|join| join == self.word(end));
        let money_after = money(next.to);
        let priced = paid || money_after;
        let cue = self.cue(&amounts.at_most, begin).or(self.cue(&amounts.at_least, begin));
        if between.is_some()
            || priced
            || !dash && !joins && large(number) && large(next)
            || dash && cue.is_some()
        {
            self.amounts.at_least = Some(number.value.clone());
            self.amounts.at_most = Some(next.value.clone());
            return Some((between.or(cue).unwrap_or(begin), next.to + usize::from(money_after)));
        }
        if dash {
            let from = self.cue(&self.lexicon.size_words, begin).unwrap_or(begin);
            self.amounts.size = Some(format!("{}-{}", number.value, next.value));
            return Some((from, next.to));
        }
        None
    }

    /// A number without money: a size, a count, or a measure, which is left among the words.
    fn bare(&mut self, number: &Number, size: Option<usize>) -> (usize, usize) {
        let digits = number_of(&number.value).is_some();
        if self.measure(number) {
            let unit = self.word(number.to);
            self.amounts.measures.push(format!("{} {unit}", number.value));
            let spelled = number_of(self.word(number.from)).is_none();
            return if spelled { (number.from, number.to + 1) } else { (0, 0) };
        }
        let count: Option<u32> = number.value.parse().ok().filter(|count| *count < 1_000);
        // `The 24 box`, of pans in boxes of 12 and 24.
        let before = number.from.checked_sub(1);
        let version = before.is_some_and(|at| self.is(&self.lexicon.the, at)) && self.sized(number);
        let pieces = self.is(&self.lexicon.pieces, number.to) && !version || self.packs(number);
        let it = starts_with(self.words, number.to, &self.lexicon.it).is_some();
        // `Throw in a dozen candles`.
        let spelled = number_of(self.word(number.from)).is_none();
        let small =
            |from: &usize| (*from..number.from).all(|at| self.is(&self.lexicon.fillers, at));
        let counts = |from: &usize| spelled && small(from) && count.is_some_and(|it| it < COUNTED);
        if let Some(from) = size.filter(|from| digits && !pieces && !counts(from)) {
            self.amounts.size = Some(number.value.clone());
            return (from, number.to);
        }
        // `Two in grey` are two of them.
        let ends = self.words.get(number.to + 1).is_none_or(|it| self.lexicon.fillers.contains(it));
        // `Two in the basket`.
        let the = self.is(&self.lexicon.the, number.to + 1);
        let after = ends && !the && self.is(&self.lexicon.size_words, number.to);
        let large = count.is_none_or(|count| count >= COUNTED);
        let known = (self.known.sized)(&number.value);
        if known && self.known.swaps {
            self.amounts.size = None;
        }
        let pieces = pieces && !(known && before.is_some_and(|at| self.is(&self.lexicon.the, at)));
        if digits && !pieces && !it && (after || known || large) && self.amounts.size.is_none() {
            self.amounts.size = Some(number.value.clone());
            let more = after || version && self.is(&self.lexicon.pieces, number.to);
            return (number.from, number.to + usize::from(more));
        }
        let first = self.amounts.quantity;
        let again = self.is(&self.lexicon.times, number.to) && first == Some(1);
        match count.filter(|count| *count < 100) {
            // A second number is part of a name, but not in `one more thing, 3 x socks`.
            Some(_) if first.is_some() && !again => (0, 0),
            Some(count) => {
                self.amounts.quantity = Some(count);
                let said = self.words.get(number.from..number.to).unwrap_or_default();
                self.amounts.counted = said.join(" ");
                (number.from, if pieces { number.to + 1 } else { number.to })
            }
            None => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clerk::understand::number::measures;
    use crate::model::clerk::understand::words::plain;

    fn lexicon() -> Lexicon {
        let list = |text: &str| text.split(", ").map(str::to_owned).collect::<Vec<_>>();
        let numbers = [
            ("zwei", 2),
            ("achtzig", 80),
            ("hundert", 100),
            ("hundred", 100),
            ("two", 2),
            ("twenty", 20),
            ("eighty", 80),
            ("just one", 1),
            ("half a dozen", 6),
            ("four", 4),
        ];
        Lexicon {
            fillers: list("a, the"),
            joins: list("and, und"),
            size_words: list("size, in, waist, inch"),
            it: list("of them, it"),
            units: list("inch, metres, litres, bags"),
            things: list("bag"),
            endings: list("s"),
            serves: list("for"),
            times: list("by, x"),
            negations: list("not"),
            pieces: list("pairs, of"),
            numbers: numbers.map(|(said, value)| (said.to_owned(), value)).into(),
            amounts: crate::pack::Amounts {
                money: list("€, euro"),
                at_most: list("under, not more than, nothing over"),
                at_least: list("over, more than"),
                around: list("around"),
                or_less: list("or less"),
                between: list("between, zwischen"),
                to: list("and, und, to, -"),
            },
            ..Lexicon::default()
        }
    }

    #[track_caller]
    fn check(text: &str, wanted: (&str, &str, &str, u32)) {
        let known = Known { sized: &|_| false, counted: &|_| false, swaps: false };
        let read = read(&plain(text), &lexicon(), &known);
        let told = |it: &Option<String>| it.clone().unwrap_or_default();
        let read = (told(&read.at_least), told(&read.at_most), told(&read.size), read.quantity);
        let (at_least, at_most, size, quantity) = wanted;
        let quantity = Some(quantity).filter(|it| *it > 0);
        assert_eq!(read, (at_least.into(), at_most.into(), size.into(), quantity), "{text}");
    }

    #[test]
    fn measures_are_told_by_their_units() {
        let said = |text: &str| {
            let known = Known { sized: &|_| false, counted: &|_| false, swaps: false };
            read(&plain(text), &lexicon(), &known).measures
        };
        assert_eq!(said("a box of 45 litres"), ["45 litres"]);
        assert_eq!(said("a tarp, four by four metres"), ["4 4 metres"]);
        assert_eq!(said("the orange one, for two"), ["2"]);
        assert_eq!(said("2 x socks for 20 euro"), [""; 0]);
        assert!(measures("45 l", "45 litres") && measures("4 x 4 m", "4 4 metres"));
        assert!(measures("2,0 l", "2 litres") && measures("1,200 pieces", "1200 p"));
        assert!(!measures("0,5 l", "5 litres") && !measures("20 l", "2 litres"));
        assert!(measures("2 person", "2") && !measures("45 l", "45 grams"));
    }

    #[test]
    fn a_no_before_a_size_takes_back_what_was_before() {
        let known = Known { sized: &|it| it == "30", counted: &|_| false, swaps: false };
        let lexicon = Lexicon { no: vec!["not".to_owned()], ..lexicon() };
        let size = |text: &str| read(&plain(text), &lexicon, &known).size;
        assert_eq!(size("not 30").as_deref(), Some("30"));
        assert_eq!(size("the not 30").as_deref(), Some("30"));
        assert_eq!(size("a set of two, not 30"), None);
    }

    #[test]
    fn a_bound_said_twice_is_one() {
        let known = Known { sized: &|_| false, counted: &|_| false, swaps: false };
        let read = read(&plain("under 50 or less"), &lexicon(), &known);
        assert_eq!((read.at_most.as_deref(), read.used), (Some("50"), vec![true; 4]));
    }

    #[test]
    fn numbers_are_prices_sizes_counts_or_measures() {
        check("under a hundred and twenty euro", ("", "120", "", 0));
        check("nothing over 220", ("", "220", "", 0));
        check("it should not cost more than 150", ("", "150", "", 0));
        check("more than 90 i would the not spend", ("", "90", "", 0));
        check("over 90 the not of wool", ("90", "", "", 0));
        check("between two hundred and two hundred eighty", ("200", "280", "", 0));
        check("zwischen zweihundert und zweihundertachtzig euro", ("200", "280", "", 0));
        check("100 to 120", ("100", "120", "", 0));
        check("socks 42-44", ("", "", "42-44", 0));
        check("socks in size 42 to 44 two pairs", ("", "", "42-44", 2));
        check("jeans, 32 waist", ("", "", "32", 0));
        check("boots 43", ("", "", "43", 0));
        check("30 of them", ("", "", "", 30));
        check("two pairs in 42", ("", "", "42", 2));
        check("a 15 inch laptop", ("", "", "", 0));
        check("jeans, 32 inch", ("", "", "32", 0));
        check("just one", ("", "", "", 1));
        check("2x socks", ("", "", "", 2));
        check("around 50", ("40", "60", "", 0));
        check("50 or less", ("", "50", "", 0));
        check("around 50 euro or less", ("", "50", "", 0));
        check("two in grey", ("", "", "", 2));
        check("over half a dozen", ("", "", "", 6));
        check("the orange one for two", ("", "", "", 0));
        check("two bags of tea", ("", "", "", 2));
        check("tea, 2 bags", ("", "", "", 0));
        check("tea in x 3", ("", "", "", 3));
    }
}
