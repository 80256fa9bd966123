//! What a webhook comes to: what happened in a chat, what is told of an account, and what is of no concern.

use agent_core::house::person;
use agent_core::id::{Alias, MessageId, Name};
use agent_core::message::{AccountNews, Address, Control, Inbound, InboundKind};
use agent_core::time::Micros;
use serde_json::Value;

/// Which of the shops' accounts something is for, as Meta names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// A WhatsApp number, by its id.
    Number(String),
    /// All numbers of a WhatsApp business account; one alone where its number as people read it is told.
    Business(String, Option<String>),
    /// A Facebook page.
    Page(String),
    /// An Instagram account.
    Instagram(String),
}

/// One thing that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// For whom.
    pub of: Of,
    /// What.
    pub what: What,
}

/// What was told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "what happens in a chat is what nearly all of them are"
)]
pub enum What {
    /// It happened in a chat. What a person said by other means silences the agent `until` it came in: for how much
    /// longer, its account says.
    Chat(Inbound),
    /// It is about the account.
    Account {
        /// Told again, it is dropped.
        id: MessageId,
        /// When.
        at: Micros,
        /// What.
        news: AccountNews,
    },
    /// It could not be read: kept for people to look at.
    Unread {
        /// Told again, it is dropped.
        id: String,
        /// What is wrong with it.
        why: String,
        /// As it came.
        raw: String,
    },
    /// Known by this name, and nothing follows from it.
    Nothing(String),
}

/// What reading needs to know beside the bytes.
#[derive(Copy, Clone, Debug)]
pub struct Reading {
    /// The moment it came in.
    pub now: Micros,
}

/// Where somebody writes, on one account.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) channel: &'a str,
    pub(crate) account: &'a str,
}

impl Place<'_> {
    /// The chat with one person. All platforms here have chats with one person only.
    pub(crate) fn address(&self, author: &str) -> Address {
        Address {
            channel: self.channel.into(),
            account: self.account.into(),
            thread: author.to_owned(),
            author: author.to_owned(),
        }
    }

    /// A person under one of their names.
    pub(crate) fn alias(&self, author: &str) -> Alias {
        person(&self.address(author))
    }

    /// Something that happened in the chat with the first of these names.
    pub(crate) fn inbound(
        &self,
        names: &[String],
        id: impl Into<String>,
        at: Micros,
        kind: InboundKind,
    ) -> Inbound {
        let (first, others) = names.split_first().map_or(("", &[][..]), |(a, b)| (a.as_str(), b));
        Inbound {
            id: MessageId(id.into()),
            at,
            from: Some(self.address(first)),
            aliases: others.iter().map(|name| self.alias(name)).collect(),
            kind,
            reply_to: None,
            referral: None,
        }
    }
}

/// A command of whoever answers beside the agent.
pub(crate) fn control(by: &str, command: Control) -> InboundKind {
    InboundKind::Control { by: Name::from(by), command }
}

/// News of an account that people should read.
pub(crate) fn notice(about: &str, facts: &Value) -> AccountNews {
    AccountNews::Notice { about: about.into(), facts: facts.clone() }
}

/// The same of what names a customer: its shape alone, for an account's journal is not erased with them.
pub(crate) fn notice_of_customer(about: &str, facts: &Value) -> AccountNews {
    notice(about, &shape(facts))
}

/// The names of a value's fields, and nothing of what they hold.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, it)| (name.clone(), shape(it))).collect()
        }
        Value::Array(items) => items.iter().map(shape).collect(),
        _ => Value::Null,
    }
}

/// News of an account as they are logged: of a notice what it is about, for what it tells may name customers.
pub(crate) fn logged(news: &AccountNews) -> String {
    match news {
        AccountNews::Notice { about, .. } => about.to_string(),
        news => format!("{news:?}"),
    }
}

/// What our own sends carry, so that their echo tells which they were: an outbound and its part.
pub mod mark {
    use agent_core::id::Made;

    /// What stands before it.
    const PREFIX: &str = "sutler:";

    /// The mark of a part.
    #[must_use]
    pub fn write(of: Made, part: u8) -> String {
        format!("{PREFIX}{of}/{part}")
    }

    /// The part of a mark; none when it is not ours.
    #[must_use]
    pub fn read(mark: &str) -> Option<(Made, u8)> {
        let (of, part) = mark.strip_prefix(PREFIX)?.split_once('/')?;
        Some((of.parse().ok()?, part.parse().ok()?))
    }
}
