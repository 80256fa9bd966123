//! `[[shop.channel]]` of Meta's platforms: WhatsApp, Messenger and Instagram.

use serde::Deserialize;

/// A WhatsApp number of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
    /// How its app is reached, and how it reaches us.
    pub app: MetaApp,
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
