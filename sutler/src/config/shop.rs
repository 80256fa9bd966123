//! `[[shop]]`: one shop. Several run in one process, and nothing crosses between them.

use std::path::PathBuf;

use agent_core::digest::Digest;
use agent_core::id::ShopId;
use serde::Deserialize;
use toml::Spanned;

use super::problem::{ConfigError, Text};
use super::{Channel, Model};

/// One shop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// Its name, for people.
    pub name: String,
    /// Its number, under which its data is kept; without one it is made from the name.
    id: Option<u32>,
    /// The pack it runs: a built-in one by its name, or a folder.
    pub pack: String,
    /// Its goods: a Google Merchant feed, CSV or TSV, read at every start. Without one, what was last
    /// imported, else the pack's own.
    pub feed: Option<PathBuf>,
    /// The currency of prices that name none, by ISO 4217.
    pub currency: Option<String>,
    /// The language spoken until the customer's words tell otherwise; else the pack's first.
    pub locale: Option<String>,
    /// Where carts are paid.
    #[serde(default)]
    pub checkout: Checkout,
    /// The shop's own system, told of checkouts and hand-overs.
    webhook: Option<Spanned<Webhook>>,
    /// Who answers; without it the clerk.
    model: Option<Spanned<Model>>,
    /// Where customers write.
    #[serde(default, rename = "channel")]
    pub channels: Vec<Channel>,
    /// Who may use the HTTP API.
    #[cfg(feature = "api")]
    #[serde(default, rename = "key")]
    pub keys: Vec<super::Key>,
}

/// Where carts are paid when the shop has no webhook: a signed link to a page that reads the cart from it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkout {
    /// What the cart and its signature are appended to.
    #[serde(default = "example")]
    pub base_url: String,
    /// For how many minutes a link can be paid.
    #[serde(default = "hour")]
    pub minutes: u32,
}

/// The shop's own system.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where errands are sent.
    pub url: String,
    /// The variable that holds the secret they are signed with.
    pub secret_env: String,
    /// For how many seconds an answer is awaited.
    #[serde(default = "seconds")]
    pub timeout_s: u32,
}

fn example() -> String {
    "https://shop.example/checkout".to_owned()
}

fn hour() -> u32 {
    60
}

fn seconds() -> u32 {
    10
}

impl Default for Checkout {
    fn default() -> Self {
        Self { base_url: example(), minutes: hour() }
    }
}

impl Checkout {
    /// Whether it is nobody's page, as it stands where none was named.
    #[must_use]
    pub fn is_example(&self) -> bool {
        self.base_url == example()
    }
}

impl Shop {
    /// A shop that runs a pack with all defaults.
    pub(super) fn of_pack(pack: &str) -> Self {
        let name = pack.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next();
        Self {
            name: name.unwrap_or(pack).to_owned(),
            id: None,
            pack: pack.to_owned(),
            feed: None,
            currency: None,
            locale: None,
            checkout: Checkout::default(),
            webhook: None,
            model: None,
            channels: Vec::new(),
            #[cfg(feature = "api")]
            keys: Vec::new(),
        }
    }

    /// The same with another shop's model.
    pub(super) fn answered_like(self, other: Option<&Self>) -> Self {
        Self { model: other.and_then(|other| other.model.clone()), ..self }
    }

    /// Its number. Made from the name where none is given, so that the order of shops in the file means nothing.
    #[must_use]
    pub fn id(&self) -> ShopId {
        let made = || {
            let digest = Digest::of(self.name.as_bytes());
            digest.0.iter().take(4).fold(0, |id, byte| id << 8 | u32::from(*byte))
        };
        ShopId(self.id.unwrap_or_else(made))
    }

    /// The shop's own system.
    #[must_use]
    pub fn webhook(&self) -> Option<&Webhook> {
        self.webhook.as_ref().map(Spanned::get_ref)
    }

    /// Who answers.
    #[must_use]
    pub fn model(&self) -> Model {
        self.model.clone().map(Spanned::into_inner).unwrap_or_default()
    }

    #[cfg(feature = "api")]
    fn check_keys(&self, text: &Text<'_>, at: usize) -> Result<(), ConfigError> {
        let mut names = std::collections::BTreeSet::new();
        for key in &self.keys {
            if !names.insert(&key.name) {
                let what = format!("two keys of `{}` are named `{}`", self.name, key.name);
                return Err(text.problem(at, &what));
            }
            if key.scopes.is_empty() {
                let what = format!("the key `{}` opens nothing", key.name);
                let hint = "give it `scopes`: post, read, control, tell";
                return Err(text.problem(at, &what).hint(hint));
            }
        }
        Ok(())
    }

    pub(super) fn check(&self, text: &Text<'_>, at: usize) -> Result<(), ConfigError> {
        if self.name.is_empty() {
            return Err(text.problem(at, "the shop's `name` is empty"));
        }
        let code = |code: &String| code.len() == 3 && code.bytes().all(|c| c.is_ascii_uppercase());
        if let Some(currency) = self.currency.as_ref().filter(|currency| !code(currency)) {
            let what = format!("`{currency}` is no currency");
            return Err(text.problem(at, &what).hint("three capital letters by ISO 4217: EUR"));
        }
        #[cfg(feature = "api")]
        self.check_keys(text, at)?;
        is_web(text, at, &self.checkout.base_url)?;
        if self.checkout.minutes == 0 {
            return Err(text.problem(at, "`minutes` is 0: no link could ever be paid"));
        }
        if let Some(webhook) = &self.webhook {
            let (at, webhook) = (webhook.span().start, webhook.get_ref());
            is_web(text, at, &webhook.url)?;
            if webhook.timeout_s == 0 {
                return Err(text.problem(at, "`timeout_s` is 0: no answer would be awaited"));
            }
        }
        let Some(model) = &self.model else { return Ok(()) };
        let (at, model) = (model.span().start, model.get_ref());
        if let Some(base_url) = &model.base_url {
            is_web(text, at, base_url)?;
        }
        model.check(text, at)
    }
}

pub(super) fn is_web(text: &Text<'_>, at: usize, url: &str) -> Result<(), ConfigError> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(()),
        _ => Err(text
            .problem(at, &format!("`{url}` is no address"))
            .hint("it begins with https:// or http://")),
    }
}
