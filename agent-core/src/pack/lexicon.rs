//! The words of a language: how numbers are said and written, and what a vertical calls its things.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::Name;

/// The words of one language in one vertical.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lexicon {
    /// How amounts and lists are written.
    pub writing: Writing,
    /// Words that stop us from writing, beside those every pack knows.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Words that let us write again, beside those every pack knows.
    #[serde(default)]
    pub start: Vec<String>,
    /// Words that ask for a person.
    #[serde(default)]
    pub human: Vec<String>,
    /// Words that agree.
    #[serde(default)]
    pub yes: Vec<String>,
    /// Words that decline.
    #[serde(default)]
    pub no: Vec<String>,
    /// Words that take back at once what was just said: `a cola, I mean a lemonade`.
    #[serde(default)]
    pub slips: Vec<String>,
    /// Words of who made a mistake, which change what was just put there where they begin a message: `sorry, L`.
    #[serde(default)]
    pub apologies: Vec<String>,
    /// Numbers in words; `just one` may be one where `one` alone is not meant as a number.
    #[serde(default)]
    pub numbers: BTreeMap<String, i64>,
    /// Places in a row in words; -1 is the last.
    #[serde(default)]
    pub ordinals: BTreeMap<String, i64>,
    /// Words of filters, by the filter's name: what is said, and the feed's word for it.
    #[serde(default)]
    pub values: BTreeMap<Name, BTreeMap<String, String>>,
    /// What is said, and the words the feed has for it. A word may be made of two of them.
    #[serde(default)]
    pub synonyms: BTreeMap<String, String>,
    /// The feed's words for what meets a want, and what tells of it without a name: `socks`, and `feet … cold`,
    /// which `cold … feet` tells as well.
    #[serde(default)]
    pub needs: BTreeMap<String, Vec<String>>,
    /// What a shop of this trade sells, in words customers use: a message with one is about goods.
    #[serde(default)]
    pub things: Vec<String>,
    /// Words of names of what is sold, where the feed speaks this language and not the pack's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
    /// What is sold is called so, where the feed speaks this language and not the pack's, in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<String>,
    /// All words the feed has, in lower case, in whatever language; none where they are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// What a colour's name may end with: the `farben` of `petrolfarben`.
    #[serde(default)]
    pub shades: Vec<String>,
    /// Words that are made of two are written apart: `shoe polish`.
    #[serde(default)]
    pub apart: bool,
    /// What is sold is ordered by its name, as from a menu: `and a margherita`. Elsewhere it is looked at first.
    #[serde(default)]
    pub menu: bool,
    /// Things this trade is asked for and may not have: they are found by their names alone.
    #[serde(default)]
    pub elsewhere: Vec<String>,
    /// Words that say nothing of what is searched.
    #[serde(default)]
    pub fillers: Vec<String>,
    /// Words that begin a question.
    #[serde(default)]
    pub questions: Vec<String>,
    /// Those of them that ask for something not known, so that nothing is ordered: `how much can it take?`
    #[serde(default)]
    pub open: Vec<String>,
    /// Those of them that may ask for something to be done: `can I have a cola?`
    #[serde(default)]
    pub requests: Vec<String>,
    /// Other ways to write words, and how they are written here: `wanna` is `want to`.
    #[serde(default)]
    pub spellings: BTreeMap<String, String>,
    /// Endings that are dropped when words are compared.
    #[serde(default)]
    pub endings: Vec<String>,
    /// Endings of words for small things: a `Mützchen` is a `Mütze`.
    #[serde(default)]
    pub diminutives: Vec<String>,
    /// Words about amounts.
    #[serde(default)]
    pub amounts: Amounts,
    /// Words for a size, said before it.
    #[serde(default)]
    pub size_words: Vec<String>,
    /// Words that mean the two things shown, or all of them.
    #[serde(default)]
    pub both: Vec<String>,
    /// Words that mean what was spoken of last.
    #[serde(default)]
    pub it: Vec<String>,
    /// Words that join two wishes in one message.
    #[serde(default)]
    pub joins: Vec<String>,
    /// Words that stand for another one of what was named: `one in red, the other in blue`.
    #[serde(default)]
    pub other: Vec<String>,
    /// Words by which a count is of each that is listed: `two each in red and blue`.
    #[serde(default)]
    pub apiece: Vec<String>,
    /// Words that join a thing to the one it is wished with: `a burger with a cola`.
    #[serde(default)]
    pub alongside: Vec<String>,
    /// Words after which stands what a thing is for, or what it has: `laces for boots`.
    #[serde(default)]
    pub ties: Vec<String>,
    /// Words that begin what follows from what was told: `so I need a coat`.
    #[serde(default)]
    pub leads: Vec<String>,
    /// Words that begin what may only come to be: `if it does not fit`.
    #[serde(default)]
    pub conditions: Vec<String>,
    /// Words between things of which any will do: `candles or vases`.
    #[serde(default)]
    pub alternatives: Vec<String>,
    /// Words that count one where they begin a wish, and say nothing elsewhere: `one blue cap`.
    #[serde(default)]
    pub one: Vec<String>,
    /// Words between two things that are compared.
    #[serde(default)]
    pub against: Vec<String>,
    /// Words that take the next one back: `not red`, `blue instead of red`.
    #[serde(default)]
    pub negations: Vec<String>,
    /// Articles that point at one thing: `the scarf in grey`, of a scarf that is in the cart.
    #[serde(default)]
    pub the: Vec<String>,
    /// Articles that count one in a list of things: `two pizzas and a cola`.
    #[serde(default)]
    pub single: Vec<String>,
    /// Words by which something is wished beside what there is: `the scarf in grey too`.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Words for the next size up: `the bigger one`.
    #[serde(default)]
    pub larger: Vec<String>,
    /// Words for the next size down.
    #[serde(default)]
    pub smaller: Vec<String>,
    /// Endings of words that tell one of several from all others: `which is the lightest?`
    #[serde(default)]
    pub most: Vec<String>,
    /// Words before how many persons something is for: `for two`.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Words between the numbers of a measure: `three by four metres`.
    #[serde(default)]
    pub times: Vec<String>,
    /// Words after a number that make it a measure, neither a count nor a size: `15 inch`.
    #[serde(default)]
    pub units: Vec<String>,
    /// Words after a number that make it a count: `2 pairs`.
    #[serde(default)]
    pub pieces: Vec<String>,
}

/// Words about amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amounts {
    /// Names and signs of money.
    pub money: Vec<String>,
    /// Before an amount: at most.
    pub at_most: Vec<String>,
    /// Before an amount: at least.
    pub at_least: Vec<String>,
    /// Before an amount: near it.
    pub around: Vec<String>,
    /// After an amount: at most.
    pub or_less: Vec<String>,
    /// Before two amounts.
    pub between: Vec<String>,
    /// Between two amounts.
    pub to: Vec<String>,
}

/// How a language writes amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writing {
    /// Between whole units and the rest.
    pub decimal: String,
    /// Between thousands.
    pub group: String,
    /// Where number and sign stand: `{sign}{number}` or `{number} {sign}`.
    pub money: String,
    /// The sign of a currency; without one, its code stands.
    #[serde(default)]
    pub signs: BTreeMap<Name, String>,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            decimal: ".".to_owned(),
            group: ",".to_owned(),
            money: "{number} {sign}".to_owned(),
            signs: BTreeMap::new(),
        }
    }
}
