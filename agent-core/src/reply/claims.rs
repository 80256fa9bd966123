//! Reads a text for what it claims: amounts of money, percentages, links, words about stock.
//!
//! It knows the forms, not the truth. Numbers are read the way people write them in either notation
//! (`1,299.00`, `1.299,00`, `1 299`), with a sign, a code or a currency's name beside them.

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
    /// An amount in hundredths, whatever the currency.
    Amount(i64),
    /// So many percent.
    Percent(i64),
    /// A link or a bare domain.
    Link(String),
    /// That something can be had, or can't.
    Stock(bool),
    /// That something costs nothing.
    Free,
}

const SIGNS: &[&str] = &[
    "€", "$", "£", "¥", "₹", "eur", "usd", "gbp", "chf", "euro", "euros", "dollar", "dollars",
    "pound", "pounds", "bucks", "quid", "franken", "cent", "cents", "rupees", "yen",
];
const FREE: &[&str] = &[
    "free of charge",
    "for free",
    "free shipping",
    "free delivery",
    "free return",
    "no cost",
    "gratis",
    "kostenlos",
    "umsonst",
    "versandkostenfrei",
    "portofrei",
];
const IN_STOCK: &[&str] = &[
    "in stock",
    "available now",
    "ready to ship",
    "left in stock",
    "auf lager",
    "vorrätig",
    "sofort lieferbar",
    "only one left",
    "last one",
    "nur noch",
];
const OUT_OF_STOCK: &[&str] =
    &["out of stock", "sold out", "not in stock", "ausverkauft", "nicht auf lager", "vergriffen"];
const WORDS: &[(&str, i64)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("zwanzig", 20),
    ("dreißig", 30),
    ("vierzig", 40),
    ("fünfzig", 50),
    ("hundert", 100),
];

/// Everything a text claims.
#[must_use]
pub fn read(text: &str) -> Vec<Claim> {
    let mut claims = links(text);
    let tokens = tokens(text);
    for (n, token) in tokens.iter().enumerate() {
        let before =
            n.checked_sub(1).and_then(|n| tokens.get(n)).map_or("", |token| token.text.as_str());
        let after = tokens.get(n + 1).map_or("", |token| token.text.as_str());
        let Some(value) = token.number else { continue };
        if matches!(after, "%" | "percent" | "prozent") {
            claims.push(Claim {
                words: format!("{} {after}", token.text),
                kind: Kind::Percent(value / 100),
            });
        } else if is_sign(after) {
            let value = if matches!(after, "cent" | "cents") { value / 100 } else { value };
            claims.push(Claim {
                words: format!("{} {after}", token.text),
                kind: Kind::Amount(value),
            });
        } else if is_sign(before) {
            claims.push(Claim {
                words: format!("{before} {}", token.text),
                kind: Kind::Amount(value),
            });
        } else if token.decimals == 2 {
            // Two decimals without a sign: nothing else in a shop's reply is written so.
            claims.push(Claim { words: token.text.clone(), kind: Kind::Amount(value) });
        }
    }
    let lower = text.to_lowercase();
    let said = |list: &[&'static str]| list.iter().find(|words| holds(&lower, words)).copied();
    if let Some(words) = said(OUT_OF_STOCK) {
        claims.push(Claim { words: words.to_owned(), kind: Kind::Stock(false) });
    } else if let Some(words) = said(IN_STOCK) {
        claims.push(Claim { words: words.to_owned(), kind: Kind::Stock(true) });
    }
    if let Some(words) = said(FREE) {
        claims.push(Claim { words: words.to_owned(), kind: Kind::Free });
    }
    claims
}

fn is_sign(word: &str) -> bool {
    SIGNS.contains(&word)
}

/// Whether words stand in a text as words.
fn holds(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + words.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[derive(Debug)]
struct Token {
    text: String,
    /// In hundredths.
    number: Option<i64>,
    decimals: usize,
}

/// Words, numbers and signs, lower case. A number keeps its separators.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let get = |at: usize| chars.get(at).copied().unwrap_or(' ');
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        let c = get(at);
        if c.is_ascii_digit() {
            while get(at).is_ascii_digit()
                || (matches!(get(at), '.' | ',' | '\'' | '\u{a0}' | '\u{202f}')
                    && get(at + 1).is_ascii_digit())
            {
                at += 1;
            }
            let word: String = chars.get(start..at).unwrap_or_default().iter().collect();
            // A letter beside it makes it a name: `e3`, `12x`, `A4`.
            let named = start > 0 && (get(start - 1).is_alphabetic() || get(start - 1) == '-');
            let (value, decimals) = number(&word);
            tokens.push(Token {
                text: word,
                number: value.filter(|_| !named),
                decimals: if named { 0 } else { decimals },
            });
        } else if c.is_alphabetic() {
            while get(at).is_alphabetic() {
                at += 1;
            }
            let word: String =
                chars.get(start..at).unwrap_or_default().iter().collect::<String>().to_lowercase();
            let value = WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| value * 100);
            tokens.push(Token { text: word, number: value, decimals: 0 });
        } else {
            at += 1;
            if !c.is_whitespace() {
                tokens.push(Token { text: c.to_string(), number: None, decimals: 0 });
            }
        }
    }
    tokens
}

/// A number in hundredths, and how many decimals it was written with. The last separator is the decimal
/// one if one or two digits follow it.
#[must_use]
pub fn number(word: &str) -> (Option<i64>, usize) {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let last = word.rfind(['.', ',']);
    let fraction =
        last.and_then(|at| word.get(at + 1..)).filter(|rest| (1..=2).contains(&rest.len()));
    let (whole, fraction) = match (last, fraction) {
        (Some(at), Some(fraction)) => (word.get(..at).unwrap_or_default(), fraction),
        _ => (word, ""),
    };
    let value = format!("{}{fraction:0<2}", digits(whole)).parse().ok();
    (value, fraction.len())
}

fn links(text: &str) -> Vec<Claim> {
    let words = text
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | '[' | ']'));
    words
        .map(|word| word.trim_end_matches(['.', ',', '!', '?', ';', ':']))
        .filter(|word| is_link(word))
        .map(|word| Claim { words: word.to_owned(), kind: Kind::Link(word.to_owned()) })
        .collect()
}

fn is_link(word: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "com", "net", "org", "io", "shop", "store", "de", "at", "ch", "uk", "eu", "fr", "it", "es",
        "nl", "info", "biz", "co", "me", "app", "ly",
    ];
    let lower = word.to_lowercase();
    if lower.contains("://")
        || lower.starts_with("www.")
        || lower.contains('@') && lower.contains('.')
    {
        return true;
    }
    let host = lower.split('/').next().unwrap_or_default();
    let mut labels = host.rsplit('.');
    let ending = labels.next().unwrap_or_default();
    let name = labels.next().unwrap_or_default();
    ENDINGS.contains(&ending)
        && name.len() > 1
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
}
