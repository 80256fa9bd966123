//! The packs that ship in the binary, so that it can talk from anywhere.

/// A pack in the binary.
#[derive(Debug)]
pub(crate) struct Embedded {
    pub(crate) name: &'static str,
    pub(crate) files: &'static [(&'static str, &'static str)],
    pub(crate) feed: &'static [u8],
}

macro_rules! embed {
    ($($pack:literal: [$($file:literal),* $(,)?])*) => {
        &[$(Embedded {
            name: $pack,
            files: &[$(($file, include_str!(concat!("../packs/", $pack, "/", $file)))),*],
            feed: include_bytes!(concat!("../packs/", $pack, "/feed.csv")),
        }),*]
    };
}

/// A test holds this list to the folders.
const PACKS: &[Embedded] = embed! {};

const NAMES: &[&str] = &["retail", "restaurant"];

/// The names of the packs that ship; the first is the default.
#[must_use]
pub fn builtin() -> &'static [&'static str] {
    NAMES
}

/// The goods of a pack that ships: a Google Merchant feed.
#[must_use]
pub fn builtin_feed(name: &str) -> Option<&'static [u8]> {
    embedded(name).map(|pack| pack.feed)
}

pub(crate) fn embedded(name: &str) -> Option<&'static Embedded> {
    PACKS.iter().find(|pack| pack.name == name)
}
