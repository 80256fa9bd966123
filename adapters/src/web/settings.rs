//! What a shop says of its page: colours, words, and on whose sites it may stand.

use agent_core::id::Locale;

/// What a shop says of its page.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Its colour, `#rrggbb`; the page's own without.
    pub accent: Option<String>,
    /// What a visitor reads first; the pack's greeting without.
    pub greeting: Option<String>,
    /// What a visitor may begin with, as buttons.
    pub starters: Vec<String>,
    /// Sites that may embed it: `https://shop.example`. Nobody else may.
    pub origins: Vec<String>,
    /// Where pictures of goods may be loaded from: `https://cdn.shop.example`. Pictures from elsewhere are drawn.
    pub pictures: Vec<String>,
    /// What the shop's own site signs its customers' ids with.
    pub secret: Option<Secret>,
}

/// A secret of the shop's.
#[derive(Clone)]
pub struct Secret(pub Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// What is wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not a colour.
    #[error("`{0}` is no colour; write it as #0f766e")]
    Colour(String),
    /// Not a site.
    #[error("`{0}` is no site; write it as https://shop.example, without a path")]
    Origin(String),
}

impl Settings {
    /// Whether they can be used.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), SettingsError> {
        if let Some(accent) = self.accent.as_ref().filter(|accent| Colour::parse(accent).is_none())
        {
            return Err(SettingsError::Colour(accent.clone()));
        }
        let mut sites = self.origins.iter().chain(&self.pictures);
        match sites.find(|site| !is_origin(site)) {
            Some(wrong) => Err(SettingsError::Origin(wrong.clone())),
            None => Ok(()),
        }
    }

    /// Whether a picture may be loaded from where it is.
    pub(super) fn shows(&self, url: &str) -> bool {
        self.pictures
            .iter()
            .any(|site| url.strip_prefix(site.as_str()).is_some_and(|path| path.starts_with('/')))
    }

    /// The shop's colours as a style sheet.
    pub(super) fn theme(&self) -> String {
        let accent = self.accent.as_deref().and_then(Colour::parse);
        let Some(accent) = accent else { return String::new() };
        let (light, dark) = (accent.readable_on(LIGHT), accent.readable_on(DARK));
        format!(
            ":root{{--accent:{light};--on-accent:{}}}\n\
             @media (prefers-color-scheme:dark){{:root{{--accent:{dark};--on-accent:{}}}}}\n",
            light.ink(),
            dark.ink(),
        )
    }
}

/// What the page's colours are read on, where they are nearest to it: the sunken grounds of `chat.css`.
const LIGHT: Colour = Colour(0xec, 0xe8, 0xe0);
const DARK: Colour = Colour(0x26, 0x2a, 0x32);

/// Whether it is scheme, host and perhaps port, and nothing a header could be broken with.
fn is_origin(site: &str) -> bool {
    let host = site.strip_prefix("https://").or_else(|| site.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    host.is_some_and(|host| !host.is_empty() && host.chars().all(plain))
}

/// Red, green, blue.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Colour(u8, u8, u8);

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let part = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// Relative luminance by WCAG 2.2.
    fn luminance(self) -> f64 {
        let part = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }

    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The nearest shade that can be read on a ground (4.5 to 1), lighter on a dark one.
    fn readable_on(self, ground: Self) -> Self {
        let towards = if ground.luminance() < 0.5 { 255.0 } else { 0.0 };
        let mixed = |share: f64| {
            let part = |part: u8| (f64::from(part) + (towards - f64::from(part)) * share) as u8;
            Self(part(self.0), part(self.1), part(self.2))
        };
        let shades = (0..=20).map(|step| mixed(f64::from(step) / 20.0));
        shades.into_iter().find(|shade| shade.contrast(ground) >= 4.5).unwrap_or(self)
    }

    /// What is written on it.
    fn ink(self) -> Self {
        let (black, white) = (Self(0x0b, 0x0d, 0x10), Self(255, 255, 255));
        if self.contrast(white) >= 4.5 { white } else { black }
    }
}

/// The languages of the page's own words.
const WORDS: &[(&str, &str)] =
    &[("en", include_str!("page/words.en.json")), ("de", include_str!("page/words.de.json"))];
/// Languages that are written from right to left.
const RIGHT: &[&str] = &["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// The language of a locale: `pt` of `pt-BR`.
fn language(locale: &Locale) -> &str {
    locale.as_str().split('-').next().unwrap_or_default()
}

/// The page's own words in a language, as JSON; English where there are none.
pub(super) fn words(locale: &Locale) -> &'static str {
    let known = WORDS.iter().find(|(name, _)| *name == language(locale));
    known.or(WORDS.first()).map_or("{}", |(_, words)| words)
}

/// Which way a language is written.
pub(super) fn direction(locale: &Locale) -> &'static str {
    if RIGHT.contains(&language(locale)) { "rtl" } else { "ltr" }
}

/// The first language of a browser's wishes (RFC 9110, section 12.5.4) that the shop speaks, else its own first.
/// Browsers send their wishes in order, so weights are not read.
pub(super) fn wished<'a>(header: &str, spoken: &'a [Locale]) -> Option<&'a Locale> {
    let wishes = header.split(',').map(|wish| wish.split(';').next().unwrap_or_default().trim());
    wishes
        .filter_map(|wish| {
            let same = |locale: &&Locale| locale.as_str().eq_ignore_ascii_case(wish);
            let word = wish.split('-').next().unwrap_or_default();
            let alike = |locale: &&Locale| language(locale).eq_ignore_ascii_case(word);
            spoken.iter().find(same).or_else(|| spoken.iter().find(alike))
        })
        .next()
        .or_else(|| spoken.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_no_path_and_breaks_no_header() {
        let check =
            |site: &str| Settings { origins: vec![site.to_owned()], ..Settings::default() }.check();
        assert_eq!(check("https://shop.example"), Ok(()));
        assert_eq!(check("http://127.0.0.1:8080"), Ok(()));
        for wrong in [
            "shop.example",
            "https://",
            "https://shop.example/",
            "https://a; script-src *",
            "https://a\r\n",
        ] {
            assert_eq!(check(wrong), Err(SettingsError::Origin(wrong.to_owned())));
        }
        let settings =
            Settings { pictures: vec!["https://cdn.example".to_owned()], ..Settings::default() };
        assert!(settings.shows("https://cdn.example/a.jpg"));
        assert!(!settings.shows("https://cdn.example.evil/a.jpg"));
    }

    #[test]
    fn any_colour_can_be_read_in_the_light_and_in_the_dark() {
        for accent in ["#000000", "#ffffff", "#ffee00", "#0f766e", "#ff0000", "#1a1a2e", "#7f7f7f"]
        {
            let colour = Colour::parse(accent).unwrap();
            for ground in [LIGHT, DARK] {
                let shade = colour.readable_on(ground);
                assert!(shade.contrast(ground) >= 4.5, "{accent} on {ground}: {shade}");
                assert!(shade.contrast(shade.ink()) >= 4.5, "{accent}: {} on {shade}", shade.ink());
            }
        }
        assert_eq!(Colour::parse("#12345"), None);
        assert_eq!(Colour::parse("red"), None);
    }

    #[test]
    fn the_first_wish_that_the_shop_speaks_is_its_language() {
        let spoken = [Locale::from("en"), Locale::from("de")];
        let wished = |header| wished(header, &spoken).map(Locale::as_str);
        assert_eq!(wished("fr-CH, de-AT;q=0.9, en;q=0.8"), Some("de"));
        assert_eq!(wished("EN-gb"), Some("en"));
        assert_eq!(wished("fr"), Some("en"));
        assert_eq!(wished(""), Some("en"));
        assert_eq!((direction(&"ar-EG".into()), direction(&"de".into())), ("rtl", "ltr"));
    }
}
