//! `[[shop.channel]]` of Meta's platforms: WhatsApp, Messenger and Instagram.

use std::collections::BTreeMap;

use adapters::meta::whatsapp;
use serde::Deserialize;

/// A WhatsApp number of the shop.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatsApp {
    /// Meta's id of the number, which is not the number itself.
    pub number_id: String,
    /// The number's business account; with it its news reach the shop: templates, quality, restrictions.
    pub business_id: Option<String>,
    /// The number as people dial it; needed only where several of one business account are configured.
    pub number: Option<String>,
    /// The catalogue that is connected to it; with it products are shown as Meta shows them.
    pub catalog_id: Option<String>,
    /// The approved template that invites a customer to write when a reply had to be held, because they had not
    /// written for 24 hours. Without one nothing is sent then.
    pub reopen: Option<String>,
    /// The language of templates, as Meta writes it.
    #[serde(default = "english")]
    pub language: String,
    /// Forms: what the shop calls each, and Meta's id of the flow.
    #[serde(default)]
    pub forms: BTreeMap<String, String>,
    /// Whether customers are asked for their address by Meta's own form: numbers of India have it, for customers of India.
    #[serde(default)]
    pub addresses: bool,
    /// How orders are paid in the chat, in India, Brazil and Singapore.
    pub payments: Option<Payments>,
    /// Hosts of the shop whose files are brought to Meta once and sent by their id: `cdn.shop.example`. Meta fetches
    /// those of other hosts itself.
    #[serde(default)]
    pub file_hosts: Vec<String>,
    /// What Meta bills for one message, in US dollars, by its category: `service`, `utility`, `marketing`.
    #[serde(default)]
    pub prices_usd: BTreeMap<String, f64>,
    /// Messages a second that the number may send: Meta grants 80, 1,000 to who writes to many, 20 to a number that
    /// is on a phone as well.
    #[serde(default = "eighty")]
    pub per_second: u16,
    /// How its app is reached, and how it reaches us.
    pub app: MetaApp,
}

/// How orders are paid in the chat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payments {
    /// The country of the number: `IN`, `BR` or `SG`.
    pub country: Country,
    /// Meta's name of the payment gateway's configuration. Without, the shop's own link is shown: Brazil alone has that.
    pub configuration: Option<String>,
}

/// A country where orders are paid in the chat.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Country {
    /// India.
    #[serde(rename = "IN")]
    India,
    /// Brazil.
    #[serde(rename = "BR")]
    Brazil,
    /// Singapore.
    #[serde(rename = "SG")]
    Singapore,
}

impl Country {
    /// The money of it.
    #[must_use]
    pub fn currency(self) -> &'static str {
        match self {
            Self::India => "INR",
            Self::Brazil => "BRL",
            Self::Singapore => "SGD",
        }
    }
}

/// A page on Messenger, or an Instagram account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messenger {
    /// Meta's id of the page or account.
    pub id: String,
    /// How its app is reached, and how it reaches us.
    pub app: MetaApp,
}

/// An app at Meta: its keys, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetaApp {
    /// The variable that holds the key we send with.
    pub token_env: String,
    /// The variables that hold the app's secret, which signs webhooks: two while it is being changed.
    pub secret_env: Vec<String>,
    /// The variable that holds the word Meta repeats when the webhook is set up.
    pub verify_env: String,
    /// Another Graph API than Meta's own.
    #[serde(default = "graph")]
    pub base_url: String,
    /// The version of the Graph API.
    #[serde(default = "version")]
    pub version: String,
    /// For how many milliseconds messages that arrive together are gathered into one answer: people write in
    /// several bubbles, and each answer is billed.
    #[serde(default = "second")]
    pub settle_ms: u32,
    /// For how many hours the agent is silent after a person answered from the phone or another app.
    #[serde(default = "hours")]
    pub quiet_hours: u16,
}

fn eighty() -> u16 {
    whatsapp::PER_SECOND
}

fn english() -> String {
    "en".to_owned()
}

fn graph() -> String {
    adapters::meta::graph::BASE_URL.to_owned()
}

fn version() -> String {
    adapters::meta::graph::VERSION.to_owned()
}

fn second() -> u32 {
    1_000
}

fn hours() -> u16 {
    12
}
