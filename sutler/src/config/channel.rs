//! `[[shop.channel]]`: where customers write. A kind this build does not hold is an error that names the
//! cargo feature that would.

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::problem::{ConfigError, Text};

/// The kinds of platforms: the word, the cargo feature that builds it in, and whether this build has it.
const KINDS: &[(&str, &str, bool)] = &[
    ("discord", "discord", cfg!(feature = "discord")),
    ("instagram", "meta", cfg!(feature = "meta")),
    ("messenger", "meta", cfg!(feature = "meta")),
    ("telegram", "telegram", cfg!(feature = "telegram")),
    ("terminal", "", true),
    ("web", "web", cfg!(feature = "web")),
    ("whatsapp", "meta", cfg!(feature = "meta")),
];

/// An account of the shop on a platform.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Channel {
    /// The terminal of `sutler chat`. It needs no configuration.
    Terminal {},
    /// A bot on Telegram.
    #[cfg(feature = "telegram")]
    Telegram(Telegram),
    /// A bot on Discord.
    #[cfg(feature = "discord")]
    Discord(super::Discord),
    /// The shop's page, and the widget on its own site.
    #[cfg(feature = "web")]
    Web(Web),
    /// A number on WhatsApp.
    #[cfg(feature = "meta")]
    #[serde(rename = "whatsapp")]
    WhatsApp(Box<super::WhatsApp>),
    /// A page on Messenger.
    #[cfg(feature = "meta")]
    Messenger(super::Messenger),
    /// An account on Instagram.
    #[cfg(feature = "meta")]
    Instagram(super::Messenger),
}

/// The shop's page.
#[cfg(feature = "web")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// The shop's colour: `#0f6b63`.
    pub accent: Option<String>,
    /// What a visitor reads first; the pack's greeting without.
    pub greeting: Option<String>,
    /// What a visitor may begin with, as buttons.
    #[serde(default)]
    pub starters: Vec<String>,
    /// Sites that may embed it with the widget: `https://shop.example`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Where pictures of goods may be loaded from; pictures from elsewhere are drawn.
    #[serde(default)]
    pub pictures: Vec<String>,
    /// The variable that holds the secret with which the shop's site signs the ids of its customers.
    pub identity_env: Option<String>,
}

/// A bot on Telegram.
#[cfg(feature = "telegram")]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// The variable that holds its token.
    pub token_env: String,
    /// How updates come.
    #[serde(default)]
    pub updates: Updates,
    /// Another Bot API server than Telegram's own.
    pub base_url: Option<String>,
}

/// How a platform's updates come.
#[cfg(feature = "telegram")]
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Updates {
    /// We ask for them: nobody has to reach us.
    #[default]
    Poll,
    /// They are sent to us, by way of `public_url`.
    Webhook,
}

/// Refuses kinds that are unknown, and those that are not built in.
pub(super) fn check_kinds(text: &Text<'_>) -> Result<(), ConfigError> {
    let root = text.table()?;
    for shop in tables(root.get_ref(), "shop") {
        for channel in tables(shop, "channel") {
            let Some(kind) = channel.get("kind") else { continue };
            let Some(word) = kind.get_ref().as_str() else { continue };
            let at = kind.span().start;
            match KINDS.iter().find(|(name, ..)| *name == word) {
                Some((_, _, true)) => {}
                Some((_, feature, false)) => {
                    let what = format!("this build has no channel `{word}`");
                    let hint = format!("build sutler with the cargo feature `{feature}`");
                    return Err(text.problem(at, &what).hint(hint));
                }
                None => {
                    let what = format!("unknown channel `{word}`");
                    let known = KINDS.iter().map(|(name, ..)| *name);
                    return Err(text.problem(at, &what).meant(word, known));
                }
            }
        }
    }
    Ok(())
}

/// The tables of an array of tables.
fn tables<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> impl Iterator<Item = &'t DeTable<'a>> {
    let array = table.get(key).and_then(|value| match value.get_ref() {
        DeValue::Array(array) => Some(array),
        _ => None,
    });
    array.into_iter().flat_map(|array| array.iter()).filter_map(|item| item.get_ref().as_table())
}
