//! The configuration: one TOML file, strictly read. Every section has a file; this one composes them.
//!
//! Secrets are never in it, only the names of the variables that hold them.

mod channel;
mod courier;
#[cfg(feature = "discord")]
mod discord;
#[cfg(feature = "api")]
mod key;
mod log;
#[cfg(feature = "meta")]
mod meta;
mod model;
mod problem;
#[cfg(feature = "server")]
mod server;
mod shop;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

pub use channel::Channel;
#[cfg(feature = "web")]
pub use channel::Web;
#[cfg(feature = "telegram")]
pub use channel::{Telegram, Updates};
pub use courier::{Ambiguous, Courier};
#[cfg(feature = "discord")]
pub use discord::{Discord, Interactions};
#[cfg(feature = "api")]
pub use key::{Key, SECRET};
pub use log::{Log, LogFormat};
#[cfg(feature = "meta")]
pub use meta::{Country, Messenger, MetaApp, Payments, WhatsApp};
pub use model::{Cap, Model, ModelKind, Price};
pub use problem::ConfigError;
#[cfg(feature = "server")]
pub use server::Server;
pub use shop::{Checkout, Shop, Webhook};
pub use store::Store;

use crate::exit::Failure;
use problem::Text;

/// The file that is read when none is named, if it is there.
pub const FILE: &str = "sutler.toml";
/// The data folder when none is named: beside the configuration, where whoever makes backups looks for it.
pub const DATA: &str = "sutler-data";

/// What one process is to be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder of everything durable; relative to the configuration's own folder.
    data: Option<PathBuf>,
    /// What is told to the operator.
    #[serde(default)]
    pub log: Log,
    /// The journals' store.
    #[serde(default)]
    pub store: Store,
    /// How answers are delivered.
    #[serde(default)]
    pub courier: Courier,
    /// How `sutler serve` meets the world.
    #[cfg(feature = "server")]
    #[serde(default)]
    pub server: Server,
    /// The shops of this process.
    #[serde(default, rename = "shop")]
    pub shops: Vec<Spanned<Shop>>,
    /// Where paths begin.
    #[serde(skip)]
    base: PathBuf,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// The first thing that is wrong with it: file, line, what, and the nearest valid name.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| ConfigError::unreadable(file, &error.to_string()))?;
        let mut config = Self::parse(&file.display().to_string(), &text)?;
        config.base = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(config)
    }

    /// Reads a text; `file` is its name in errors.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let text = Text { file, text };
        // A channel of another build has keys this build does not know; say that, and not the first key.
        channel::check_kinds(&text)?;
        let config: Self = text.read()?;
        config.check(&text)?;
        Ok(config)
    }

    /// One shop that runs a pack with all defaults: what is used without a configuration.
    #[must_use]
    pub fn of_pack(pack: &str) -> Self {
        let shop = Shop::of_pack(pack);
        Self { shops: vec![Spanned::new(0..0, shop)], ..Self::default() }
    }

    /// The same with one shop that runs a pack with all defaults, and the model of the first.
    #[must_use]
    pub fn with_pack(self, pack: &str) -> Self {
        let first = self.shops.first().map(Spanned::get_ref);
        // The pack was named in the current folder, not in the configuration's.
        let here = std::path::absolute(pack).ok().filter(|path| path.is_dir());
        let pack = here.map_or_else(|| pack.to_owned(), |path| path.display().to_string());
        let shop = Spanned::new(0..0, Shop::of_pack(&pack).answered_like(first));
        Self { shops: vec![shop], ..self }
    }

    /// A shop by its name; without one, the first.
    ///
    /// # Errors
    /// When there is no such shop.
    pub fn shop(&self, name: Option<&str>) -> Result<&Shop, Failure> {
        let mut shops = self.shops.iter().map(Spanned::get_ref);
        let found = match name {
            Some(name) => shops.find(|shop| shop.name == name),
            None => shops.next(),
        };
        found.ok_or_else(|| {
            let known: Vec<&str> = self.shops.iter().map(|it| it.get_ref().name.as_str()).collect();
            let what = format!("there is no shop `{}`", name.unwrap_or_default());
            Failure::usage(what).hint(format!("the configuration has: {}", known.join(", ")))
        })
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.path(self.data.as_deref().unwrap_or(Path::new(DATA)))
    }

    /// A path as the configuration means it: relative to its own folder.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    /// A pack as the configuration means it: a built-in one by its name, else a folder.
    #[must_use]
    pub fn pack(&self, pack: &str) -> String {
        if prompts::builtin().any(|name| name == pack) || self.base.as_os_str().is_empty() {
            return pack.to_owned();
        }
        self.path(Path::new(pack)).display().to_string()
    }

    /// Puts the data elsewhere, as seen from the current folder.
    pub fn put_data(&mut self, data: &Path) {
        self.data = Some(std::path::absolute(data).unwrap_or_else(|_| data.to_owned()));
    }

    fn check(&self, text: &Text<'_>) -> Result<(), ConfigError> {
        if self.shops.is_empty() {
            return Err(text.problem(0, "there is no `[[shop]]`").hint(
                "a shop needs two lines under `[[shop]]`: name = \"…\" and pack = \"retail\"",
            ));
        }
        self.store.check(text)?;
        #[cfg(feature = "server")]
        self.server.check(text)?;
        let mut ids = BTreeMap::new();
        let mut names = BTreeMap::new();
        for shop in &self.shops {
            let at = shop.span().start;
            let shop = shop.get_ref();
            shop.check(text, at)?;
            if names.insert(&shop.name, ()).is_some() {
                let what = format!("two shops are named `{}`", shop.name);
                return Err(text.problem(at, &what));
            }
            if let Some(other) = ids.insert(shop.id(), &shop.name) {
                let what = format!("`{}` and `{other}` have the same id {}", shop.name, shop.id());
                let hint = "give one of them another `id`; an id that has data must stay";
                return Err(text.problem(at, &what).hint(hint));
            }
        }
        Ok(())
    }
}
