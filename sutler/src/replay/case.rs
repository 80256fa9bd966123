//! A case: what a customer does, and what must come of it. A file of TOML, or of YAML with the same fields; a
//! pack's golden conversation is one too.
//!
//! ```toml
//! name = "a jacket, twice"
//! locale = "en"
//! require = "3/3"
//!
//! [[turn]]
//! say = "add the Harbour Rain Jacket in blue, M"
//! tools = [{ name = "cart_add", arguments = { variant = "RJM01-BLU-M" } }]
//! amounts = ["77.90 EUR"]
//! not_called = ["checkout"]
//!
//! [always]
//! grounded = true
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use agent_core::evidence::Owner as Held;
use agent_core::id::{Locale, Name};
use agent_core::message::Block;
use agent_core::profile::ChannelProfile;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in a few words.
    pub name: String,
    /// Its language.
    pub locale: Option<Locale>,
    /// Why it is here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// How many of how many runs must pass: `1/1`, `3/3`, `2/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require: Option<String>,
    /// The conversation it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its turns.
    #[serde(default, rename = "turn")]
    pub turns: Vec<Turn>,
    /// What must hold in every turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub always: Option<Always>,
    /// What must stand at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// What the channel can show, where that is not what a terminal can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ChannelProfile>,
}

/// What the customer does, and what must come of it. What is not given is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Turn {
    /// What the customer writes.
    pub say: Option<String>,
    /// The label of the option they tap, one of those last shown.
    pub tap: Option<String>,
    /// Anything else that comes in, as an event of a journal holds it.
    pub inbound: Option<Value>,
    /// Seconds after the turn before.
    pub after: Option<u64>,
    /// What was answered where it is from; for people, looked at by nobody.
    pub was: Option<String>,
    /// The calls that must be made, in order, and no other; empty: none.
    pub tools: Option<Vec<Expected>>,
    /// They may be made in any order.
    #[serde(skip_serializing_if = "is_false")]
    pub any_order: bool,
    /// Calls that must be among those made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub called: Vec<Expected>,
    /// Tools that must not be called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_called: Vec<Name>,
    /// Tools that must be called in this order, whatever is between them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Name>,
    /// What the reply must contain, all of it, whatever its case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reply: Vec<String>,
    /// What the reply must not contain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<String>,
    /// Regular expressions the reply must match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<String>,
    /// Regular expressions the reply must not match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_matches: Vec<String>,
    /// The amounts the reply says, all of them, in any order: `77.90 EUR`.
    pub amounts: Option<Vec<String>>,
    /// The phrase of the pack the reply must say, by its name or its area.
    pub kind: Option<Name>,
    /// Kinds of blocks the reply must have, in this order, others between them; empty: there is no reply.
    pub parts: Option<Vec<Part>>,
    /// The labels of what can be tapped, in any order.
    pub offers: Option<Vec<String>>,
    /// Where links lead, by their beginning, in order.
    pub links: Option<Vec<String>>,
    /// The cart afterwards; empty: nothing is in it.
    pub cart: Option<Vec<Line>>,
    /// Slots afterwards, among others.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<Name, Value>,
    /// Who answers afterwards.
    pub owner: Option<Owner>,
    /// The tool that waits for the customer's yes afterwards; empty: none does.
    pub pending: Option<String>,
    /// Whether the customer wants no messages afterwards.
    pub opted_out: Option<bool>,
    /// Rules of policy that must have applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Name>,
    /// Rules that must not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_rules: Vec<Name>,
    /// Records the reply must stand on, as `source record`, in any order.
    pub cites: Option<Vec<String>>,
    /// Words the reply must be like.
    pub similar: Option<Similar>,
    /// At most so many milliseconds of models.
    pub latency_ms: Option<u64>,
    /// At most so many tokens.
    pub tokens: Option<u64>,
    /// At most so many US dollars, by the rates of `[shop.model] price` or `--rate`.
    pub usd: Option<f64>,
    /// A question to a judge, who sees what was said and called.
    pub judge: Option<Judge>,
}

/// What must hold in every turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Always {
    /// What no reply may contain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<String>,
    /// Tools that are never called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_called: Vec<Name>,
    /// Every amount and percentage said is of a tool's result, a rule of the shop, or the customer's own words.
    pub grounded: bool,
    /// Tools that are called only after the customer was asked, and said yes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confirm: Vec<Name>,
    /// The first reply tells the customer that they talk to a machine.
    pub disclosed: bool,
    /// At most so many milliseconds of models a turn.
    pub latency_ms: Option<u64>,
    /// At most so many tokens a turn.
    pub tokens: Option<u64>,
    /// At most so many US dollars a turn.
    pub usd: Option<f64>,
}

/// What must stand at the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct End {
    /// The cart.
    pub cart: Option<Vec<Line>>,
    /// What was done in the shop's systems, in order, and nothing else.
    pub writes: Option<Vec<Write>>,
    /// Who answers.
    pub owner: Option<Owner>,
    /// At most so many turns.
    pub turns: Option<usize>,
    /// At most so many tokens in all.
    pub tokens: Option<u64>,
    /// At most so many US dollars in all.
    pub usd: Option<f64>,
}

/// Something done in the shop's systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// The tool.
    pub tool: Name,
    /// What was in the cart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<Vec<Line>>,
    /// What it cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// A call that must be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The tool.
    pub name: Name,
    /// Arguments it must have; it may have others.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub arguments: Value,
}

/// A line of the cart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The variant.
    pub variant: Name,
    /// How many.
    pub quantity: u32,
}

/// A kind of block.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Words.
    Text,
    /// A question with options.
    Choice,
    /// Products.
    Cards,
    /// The cart.
    Summary,
    /// A link.
    Link,
}

/// Who answers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The agent.
    Bot,
    /// Nobody yet: a person was asked.
    Waiting,
    /// A person.
    Person,
    /// Nobody.
    Closed,
}

/// Words a reply must be like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Similar {
    /// The words.
    pub to: String,
    /// How much of both must be the same words in the same order, from 0 to 1; numbers do not count.
    pub at_least: f64,
}

/// A question to a judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    /// What is asked; yes is good.
    pub ask: String,
    /// How many votes are taken; most decide.
    #[serde(default = "one")]
    pub votes: u32,
    /// Whether a no fails the case; else it is told.
    #[serde(default)]
    pub binding: bool,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !value
}

impl From<&Held> for Owner {
    fn from(held: &Held) -> Self {
        match held {
            Held::Bot => Self::Bot,
            Held::Waiting { .. } => Self::Waiting,
            Held::Person { .. } => Self::Person,
            Held::Closed => Self::Closed,
        }
    }
}

impl Part {
    /// The kind of a block; none for kinds that cases do not name.
    #[must_use]
    pub fn of(block: &Block) -> Option<Self> {
        match block {
            Block::Text(_) => Some(Self::Text),
            Block::Choice { .. } => Some(Self::Choice),
            Block::Cards(_) => Some(Self::Cards),
            Block::Summary { .. } => Some(Self::Summary),
            Block::Link { .. } => Some(Self::Link),
            Block::Media { .. }
            | Block::Form { .. }
            | Block::Template { .. }
            | Block::Native(_)
            | Block::AskLocation(_) => None,
        }
    }
}

impl Line {
    /// The lines of a cart.
    #[must_use]
    pub fn all(cart: &[(Name, u32)]) -> Vec<Self> {
        let line = |(variant, quantity): &(Name, u32)| Self {
            variant: variant.clone(),
            quantity: *quantity,
        };
        cart.iter().map(line).collect()
    }
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        toml::from_str::<Self>(text)?.checked()
    }

    /// Reads a case that is written in YAML.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_yaml(text: &str) -> anyhow::Result<Self> {
        serde_saphyr::from_str::<Self>(text)?.checked()
    }

    fn checked(self) -> anyhow::Result<Self> {
        let case = self;
        let whole = case.always.is_some() || case.end.is_some();
        anyhow::ensure!(whole || !case.turns.is_empty(), "the case has no `[[turn]]`");
        for (n, turn) in case.turns.iter().enumerate() {
            let ways = [turn.say.is_some(), turn.tap.is_some(), turn.inbound.is_some()];
            let n = n + 1;
            anyhow::ensure!(
                ways.iter().filter(|way| **way).count() == 1,
                "turn {n} has one of `say`, `tap` and `inbound`"
            );
            for pattern in turn.matches.iter().chain(&turn.not_matches) {
                regex::Regex::new(pattern).with_context(|| format!("turn {n}: `{pattern}`"))?;
            }
            for amount in turn.amounts.iter().flatten() {
                agent_core::money::Money::parse(amount).with_context(|| format!("turn {n}"))?;
            }
        }
        case.required()?;
        Ok(case)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it, and with which.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let named = || path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(named)?;
        let yaml = path.extension().is_some_and(|it| it == "yaml" || it == "yml");
        if yaml { Self::parse_yaml(&text) } else { Self::parse(&text) }.with_context(named)
    }

    /// How many of how many runs must pass.
    ///
    /// # Errors
    /// When it is not written so.
    pub fn required(&self) -> anyhow::Result<(u32, u32)> {
        let Some(text) = &self.require else { return Ok((1, 1)) };
        let parsed = text.split_once('/').and_then(|(passed, runs)| {
            Some((passed.trim().parse().ok()?, runs.trim().parse().ok()?))
        });
        parsed
            .filter(|(passed, runs)| passed <= runs && *runs > 0)
            .with_context(|| format!("`require = \"{text}\"`: expected as in \"3/3\" or \"2/3\""))
    }

    /// The text of its file: a turn a table, a field a line.
    #[must_use]
    pub fn write(&self) -> String {
        let Ok(toml::Value::Table(mut fields)) = toml::Value::try_from(self) else {
            return String::new();
        };
        let turns = fields.remove("turn");
        let mut text = String::new();
        let (tables, plain): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|(_, value)| value.is_table());
        for (name, value) in plain {
            text.push_str(&format!("{name} = {value}\n"));
        }
        for turn in turns.iter().filter_map(toml::Value::as_array).flatten() {
            text.push_str("\n[[turn]]\n");
            text.push_str(&lines(turn));
        }
        for (name, table) in tables {
            text.push_str(&format!("\n[{name}]\n{}", lines(&table)));
        }
        text
    }
}

/// The fields of a table, a line each; what the customer does first.
fn lines(table: &toml::Value) -> String {
    let Some(table) = table.as_table() else { return String::new() };
    let first = ["say", "tap", "inbound"];
    let begin = first.iter().filter_map(|name| Some((*name, table.get(*name)?)));
    let rest = table.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    let rest = rest.map(|(name, value)| (name.as_str(), value));
    begin.chain(rest).map(|(name, value)| format!("{name} = {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_reads_back_what_it_writes() {
        let text = r#"
            name = "a \"case\""
            locale = "en"
            require = "2/3"
            [[turn]]
            say = "hello\nthere"
            tools = [{ name = "search", arguments = { max_price = 90, filters = { color = "black" } } }]
            amounts = ["77.90 EUR"]
            [[turn]]
            tap = "Add to cart"
            cart = []
            similar = { to = "so", at_least = 0.5 }
            [always]
            grounded = true
            [end]
            writes = [{ tool = "checkout", total = "1.00 EUR" }]
        "#;
        let case = Case::parse(text).unwrap();
        assert_eq!(case.required().unwrap(), (2, 3));
        let written = case.write();
        assert_eq!(Case::parse(&written).unwrap(), case, "{written}");
        assert!(written.contains("\n[[turn]]\ntap = \"Add to cart\"\n"), "{written}");
    }

    #[test]
    fn yaml_says_the_same() {
        let toml = "name = 'x'\n[[turn]]\nsay = 'a'\ncart = []\ntools = [{ name = 'search', arguments = { max_price = 90 } }]\n[always]\nusd = 0.01\n";
        let yaml = "name: x\nturn:\n  - say: a\n    cart: []\n    tools: [{ name: search, arguments: { max_price: 90 } }]\nalways: { usd: 0.01 }\n";
        assert_eq!(Case::parse_yaml(yaml).unwrap(), Case::parse(toml).unwrap());
        let error = Case::parse_yaml("name: x\nturn: [{ say: a, tool: [] }]").unwrap_err();
        assert!(format!("{error:#}").contains("tool"), "{error:#}");
    }

    #[test]
    fn every_golden_conversation_of_a_pack_is_a_case() {
        for pack in prompts::builtin() {
            let folder = prompts::Folder::builtin(pack).unwrap();
            for (file, text) in
                folder.files().iter().filter(|(file, _)| file.starts_with("golden/"))
            {
                Case::parse(text).unwrap_or_else(|error| panic!("{pack}/{file}: {error:#}"));
            }
        }
    }

    #[test]
    fn what_means_nothing_is_told() {
        let check = |text: &str, told: &str| {
            let error = format!("{:#}", Case::parse(text).unwrap_err());
            assert!(error.contains(told), "{error}");
        };
        check("name = 'x'", "no `[[turn]]`");
        check("name = 'x'\n[[turn]]", "one of `say`");
        check("name = 'x'\n[[turn]]\nsay = 'a'\ntool = []", "tool");
        check("name = 'x'\n[[turn]]\nsay = 'a'\nmatches = ['(']", "`(`");
        check("name = 'x'\n[[turn]]\nsay = 'a'\namounts = ['5']", "turn 1");
        check("name = 'x'\nrequire = '4/3'\n[[turn]]\nsay = 'a'", "3/3");
    }
}
