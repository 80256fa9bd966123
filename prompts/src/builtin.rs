//! The packs that ship in the binary, so that it can talk from anywhere.

/// A pack in the binary.
#[derive(Debug)]
pub(crate) struct Embedded {
    name: &'static str,
    pub(crate) files: &'static [(&'static str, &'static str)],
    pub(crate) feed: &'static [u8],
}

/// The files of packs, by name. A test holds the names to the folders.
macro_rules! embed {
    ($($pack:literal: [$($file:literal,)*])*) => {
        &[$(Embedded {
            name: $pack,
            files: &[$(($file, include_str!(concat!("../packs/", $pack, "/", $file)))),*],
            feed: include_bytes!(concat!("../packs/", $pack, "/feed.csv")),
        }),*]
    };
}

const PACKS: &[Embedded] = embed! {
    "retail": [
        "README.md",
        "golden/cart.en.toml",
        "golden/checkout.en.toml",
        "golden/gone.en.toml",
        "golden/hello.de.toml",
        "golden/hello.en.toml",
        "golden/jacke.de.toml",
        "golden/jacket.en.toml",
        "golden/kasse.de.toml",
        "golden/none.en.toml",
        "golden/person.de.toml",
        "golden/person.en.toml",
        "golden/pick.en.toml",
        "golden/rules.de.toml",
        "golden/rules.en.toml",
        "golden/slips.en.toml",
        "golden/warenkorb.de.toml",
        "intents.toml",
        "lexicon.de.toml",
        "lexicon.en.toml",
        "pack.toml",
        "phrases.de.toml",
        "phrases.en.toml",
        "prompts/instant.de.md",
        "prompts/instant.en.md",
        "prompts/shopping.de.md",
        "prompts/shopping.en.md",
        "prompts/thinking.de.md",
        "prompts/thinking.en.md",
        "topics.toml",
    ]
    "restaurant": [
        "README.md",
        "golden/changed.en.toml",
        "golden/diet.en.toml",
        "golden/order.en.toml",
        "golden/person.en.toml",
        "golden/rules.en.toml",
        "golden/several.en.toml",
        "intents.toml",
        "lexicon.en.toml",
        "pack.toml",
        "phrases.en.toml",
        "prompts/instant.en.md",
        "prompts/shopping.en.md",
        "topics.toml",
    ]
};

/// The names of the packs that ship; the first is the default.
pub fn builtin() -> impl Iterator<Item = &'static str> + Clone {
    PACKS.iter().map(|pack| pack.name)
}

/// The goods of a pack that ships: a Google Merchant feed.
#[must_use]
pub fn builtin_feed(name: &str) -> Option<&'static [u8]> {
    embedded(name).map(|pack| pack.feed)
}

pub(crate) fn embedded(name: &str) -> Option<&'static Embedded> {
    PACKS.iter().find(|pack| pack.name == name)
}
