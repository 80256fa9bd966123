//! Reads a text for what it claims: amounts of money, percentages, links, stock, dates.
//!
//! It knows the forms, not the truth. Numbers are read the way people write them in either notation
//! (`1,299.00`, `1.299,00`, `1 299`, `twelve`, `zwölf`), with a sign, a code or a currency's name beside them.

mod link;
mod money;
mod number;
mod token;
mod when;

use crate::id::Name;
use crate::pack::Words;
use token::Token;

/// What a text claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The words that claim it.
    pub words: String,
    /// What they claim.
    pub kind: Kind,
}

/// What is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An amount of money.
    Amount(Amount),
    /// So many thousandths of a percent.
    Percent(i64),
    /// A link or a bare domain.
    Link(String),
    /// That something can be had, or can't.
    Stock(bool),
    /// That so many can be had and no more.
    Left(i64),
    /// That something costs nothing, and what: empty when it is not one of the usual.
    Free(&'static str),
    /// A date, as month and day; more than one where it can be read so.
    Date(Vec<(u8, u8)>),
    /// A day of a promise.
    Day(String),
    /// So many of a unit of time.
    Span(i64, &'static str),
}

/// An amount, and the family of currencies it is in where it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// In thousandths of the currency's unit.
    pub value: i64,
    /// `€`, `$`, `£`, or the code of a currency without a family.
    pub currency: Option<Name>,
}

impl Amount {
    /// Of this money.
    #[must_use]
    pub fn of(money: &crate::money::Money) -> Self {
        let currency = crate::money::family(money.currency.as_str());
        Self { value: money.thousandths(), currency: Some(currency) }
    }
}

impl Claim {
    fn new(words: &str, kind: Kind) -> Self {
        Self { words: words.to_owned(), kind }
    }
}

impl Words {
    fn number(&self, word: &str) -> Option<i64> {
        self.numbers.get(word).copied().or_else(|| number::word(word))
    }

    fn currency(&self, token: &Token) -> Option<Option<Name>> {
        money::currency(token).or_else(|| self.money.get(&token.text).cloned())
    }
}

const FREE: &[&str] = &[
    "free of charge",
    "for free",
    "get one free",
    "no cost",
    "no charge",
    "no extra charge",
    "without charge",
    "on the house",
    "complimentary",
    "gratis",
    "kostenlos",
    "kostenlose",
    "kostenloser",
    "kostenlosen",
    "kostenfrei",
    "kostenfreie",
    "umsonst",
    "versandkostenfrei",
    "portofrei",
    "ohne aufpreis",
    "geschenkt",
];
/// What is free, by the words that name it.
const TOPICS: &[(&str, &[&str])] = &[
    ("shipping", &["shipping", "delivery", "postage", "ships", "versand", "lieferung", "porto"]),
    (
        "returns",
        &["return", "returns", "rückgabe", "rücksendung", "retoure", "retouren", "umtausch"],
    ),
    ("gift", &["gift", "geschenk", "sample", "probe"]),
];
const IN_STOCK: &[&str] = &[
    "in stock",
    "on stock",
    "available now",
    "still available",
    "ready to ship",
    "available immediately",
    "plenty left",
    "auf lager",
    "vorrätig",
    "sofort lieferbar",
    "sofort verfügbar",
    "noch verfügbar",
    "lieferbar",
];
const OUT_OF_STOCK: &[&str] = &[
    "out of stock",
    "sold out",
    "not in stock",
    "no longer in stock",
    "isn't in stock",
    "no longer available",
    "not available",
    "unavailable",
    "ausverkauft",
    "nicht auf lager",
    "nicht mehr auf lager",
    "nicht vorrätig",
    "nicht mehr vorrätig",
    "nicht lieferbar",
    "nicht mehr lieferbar",
    "nicht mehr verfügbar",
    "vergriffen",
];
const HALF: &[&str] = &["half price", "half-price", "half off", "zum halben preis", "halber preis"];
/// Words after a number, or before it, that make it what is left.
const LEFT: &[&str] = &["left", "remaining", "übrig", "vorrätig", "lager", "verfügbar", "stock"];

/// Everything a text claims.
#[must_use]
pub fn read(text: &str, words: &Words) -> Vec<Claim> {
    let seen = token::visible(text);
    let mut claims = link::read(&seen);
    let plain = token::without_markup(&seen);
    let lower = plain.to_lowercase();
    let tokens = token::tokens(&plain, words);
    claims.extend(money::read(&tokens, words));
    when::read(&tokens, words, &mut claims);
    left(&tokens, &mut claims);
    stock(&lower, words, &mut claims);
    if let Some(half) = HALF.iter().find(|words| holds(&lower, words)) {
        claims.push(Claim::new(half, Kind::Percent(50_000)));
    }
    free(&tokens, &lower, &mut claims);
    claims
}

/// The whole numbers a text says, in figures or words.
#[must_use]
pub fn counts(text: &str, words: &Words) -> Vec<i64> {
    let plain = token::without_markup(&token::visible(text));
    let tokens = token::tokens(&plain, words);
    tokens.iter().filter(|it| it.decimals == 0).filter_map(|it| Some(it.number? / 1000)).collect()
}

/// `only 2 left`, `nur noch 2`.
fn left(tokens: &[Token], claims: &mut Vec<Claim>) {
    for (at, token) in tokens.iter().enumerate() {
        let Some(value) = token.number.filter(|_| token.decimals == 0) else { continue };
        let get = |n: usize| tokens.get(n).map_or("", |token| token.text.as_str());
        let after = (at + 1..at + 4).map(get).take_while(|word| !matches!(*word, "." | "," | "!"));
        let after: Vec<&str> = after.collect();
        let time = after.iter().any(|word| {
            word.starts_with("day") || word.starts_with("hour") || word.starts_with("tag")
        });
        let noch = at > 1 && get(at - 1) == "noch" && get(at - 2) == "nur";
        if !time && (noch || after.iter().any(|word| LEFT.contains(word))) {
            claims.push(Claim::new(&format!("{} left", token.raw), Kind::Left(value / 1000)));
        }
    }
    let last = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let last_one = (1..tokens.len()).any(|at| {
        last(at - 1) == "last" && matches!(last(at), "one" | "piece" | "item")
            || last(at - 1) == "letztes" && matches!(last(at), "stück" | "exemplar")
    });
    if last_one {
        claims.push(Claim::new("last one", Kind::Left(1)));
    }
}

fn stock(lower: &str, words: &Words, claims: &mut Vec<Claim>) {
    let own = |has: bool| words.stock.iter().filter(move |it| it.1 == has).map(|it| it.0.as_str());
    let mut rest = lower.to_owned();
    let out = own(false).chain(OUT_OF_STOCK.iter().copied());
    for (list, has) in [
        (out.collect::<Vec<_>>(), false),
        (own(true).chain(IN_STOCK.iter().copied()).collect(), true),
    ] {
        for said in list.into_iter().filter(|said| !said.is_empty()) {
            if holds(&rest, said) {
                claims.push(Claim::new(said, Kind::Stock(has)));
                // "Not in stock" holds "in stock".
                rest = rest.replace(said, " . ");
            }
        }
    }
}

fn free(tokens: &[Token], lower: &str, claims: &mut Vec<Claim>) {
    let topic = TOPICS
        .iter()
        .find(|(_, words)| tokens.iter().any(|token| words.contains(&token.text.as_str())));
    let topic = topic.map_or("", |(topic, _)| *topic);
    let said = FREE.iter().find(|words| holds(lower, words)).copied();
    // The word alone, where it is about what one pays: not "feel free", not "sugar-free".
    let alone = || {
        let free = tokens.iter().enumerate().filter(|(_, token)| token.text == "free");
        free.into_iter().any(|(at, _)| {
            let get =
                |n: Option<usize>| n.and_then(|n| tokens.get(n)).map_or("", |it| it.text.as_str());
            let (before, after) = (get(at.checked_sub(1)), get(Some(at + 1)));
            let things = TOPICS.iter().any(|(_, words)| words.contains(&after));
            let is = matches!(
                before,
                "is" | "are"
                    | "it's"
                    | "s"
                    | "completely"
                    | "totally"
                    | "absolutely"
                    | "ships"
                    | "one"
                    | "for"
            );
            things || is && !matches!(after, "to" | "from" | "of" | "-")
        })
    };
    if let Some(words) = said.or_else(|| alone().then_some("free")) {
        claims.push(Claim::new(words, Kind::Free(topic)));
    }
}

/// Whether words stand in a text as words.
fn holds(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + words.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}
