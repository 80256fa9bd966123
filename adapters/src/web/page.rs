//! The page and the frame: one document, filled with the shop's words.

use agent_core::id::Locale;
use agent_core::pack::Pack;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::json;

use super::routes::Desk;
use super::{assets, settings};

const DOCUMENT: &str = include_str!("page/chat.html");
const LIST: &str = include_str!("page/list.html");

/// Scripts that the first one loads, told early so that they come together.
const MODULES: [&str; 5] = ["dom.js", "link.js", "log.js", "part.js", "cart.js"];

/// Questions that are offered to begin with, beside the greeting's own example.
const ASKED: usize = 2;

/// The page of a shop, on our own site alone.
pub(super) fn shop(desk: &Desk, headers: &HeaderMap) -> Response {
    document(desk, headers, false, "'none'")
}

/// The frame of a shop, on the sites it names.
pub(super) fn frame(desk: &Desk, headers: &HeaderMap) -> Response {
    let sites = desk.settings.origins.join(" ");
    document(desk, headers, true, format!("'self' {sites}").trim_end())
}

fn document(desk: &Desk, headers: &HeaderMap, frame: bool, ancestors: &str) -> Response {
    let Some(shop) = desk.house.shop(desk.shop) else { return not_open() };
    let pack = &shop.pack;
    let wishes = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let first = pack.default_locale();
    let locale = settings::wished(wishes.unwrap_or_default(), &pack.locales).unwrap_or(&first);
    let words: serde_json::Value =
        serde_json::from_str(settings::words(locale)).unwrap_or_default();
    let greeting = desk.settings.greeting.clone();
    let greeting = greeting.unwrap_or_else(|| pack.say("greet.first", locale, &[]));
    let starters = match desk.settings.starters.as_slice() {
        [] => starters(pack, locale, &greeting),
        said => said.to_vec(),
    };
    let about = json!({
        "base": format!("/s/{}", desk.slug),
        "frame": frame,
        "shop": desk.name,
        "locale": locale,
        "greeting": greeting,
        "notice": pack.say("disclosure", locale, &[]),
        "checkout": pack.say("checkout.label", locale, &[]),
        "empty": pack.say("cart.empty", locale, &[]),
        "total": pack.say("cart.total", locale, &[]),
        "starters": starters,
        "words": words,
    });
    let word = |name: &str| words.get(name).and_then(|word| word.as_str()).unwrap_or_default();
    let modules =
        MODULES.map(|file| format!("<link rel=\"modulepreload\" href=\"{}\">", assets::path(file)));
    let filled = fill(DOCUMENT, &|slot| match slot {
        "lang" => escape(locale.as_str()),
        "dir" => settings::direction(locale).to_owned(),
        "view" => if frame { "frame" } else { "page" }.to_owned(),
        "shop" => escape(&desk.name),
        "initial" => escape(
            &desk.name.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default(),
        ),
        "about" => escape(&about.to_string()),
        "theme" => format!("/s/{}/theme.css", escape(&desk.slug)),
        "modules" => modules.join("\n"),
        file if file.contains('.') => assets::path(file),
        name => escape(word(name)),
    });
    let pictures = desk.settings.pictures.join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {pictures}; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    served(filled, &policy)
}

/// What a visitor may begin with where the shop does not say: the example its greeting gives in quotes, and
/// what customers ask most, by the pack.
fn starters(pack: &Pack, locale: &Locale, greeting: &str) -> Vec<String> {
    let quote = |c: char| matches!(c, '"' | '“' | '”' | '„' | '«' | '»');
    let quoted = greeting.split(quote).nth(1).map(str::to_owned);
    let asked = pack.topics.iter().filter_map(|topic| topic.examples.get(locale)?.first().cloned());
    quoted.into_iter().chain(asked.step_by(2).take(ASKED)).collect()
}

/// The shops of this server.
pub(super) fn list<'a>(shops: impl Iterator<Item = (&'a str, &'a str)>) -> Response {
    let rows = shops.map(|(slug, name)| {
        format!("<li><a href=\"/s/{}\">{}</a></li>", escape(slug), escape(name))
    });
    let rows = rows.collect::<Vec<_>>().join("\n");
    let filled = fill(LIST, &|slot| match slot {
        "rows" => rows.clone(),
        file => assets::path(file),
    });
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                  frame-ancestors 'none'";
    served(filled, policy)
}

fn not_open() -> Response {
    axum::http::StatusCode::NOT_FOUND.into_response()
}

fn served(document: String, policy: &str) -> Response {
    let head = [
        ("content-security-policy", policy),
        ("cache-control", "no-cache"),
        ("vary", "accept-language"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    (head, Html(document)).into_response()
}

/// Fills the `{{slots}}` of a document.
fn fill(document: &str, slot: &dyn Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(document.len() * 2);
    let mut rest = document;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&slot(name));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// Text as it stands in HTML, in attributes too.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shop_is_called_breaks_no_page() {
        let filled = fill("<p title=\"{{shop}}\">{{shop}}</p>", &|_| escape("\"><script>'&"));
        let text = "&quot;&gt;&lt;script&gt;&#39;&amp;";
        assert_eq!(filled, format!("<p title=\"{text}\">{text}</p>"));
    }

    #[test]
    fn every_slot_of_the_page_is_known() {
        let words: serde_json::Value = serde_json::from_str(settings::words(&"en".into())).unwrap();
        let known = ["lang", "dir", "view", "shop", "initial", "about", "theme", "modules"];
        let wrong = std::cell::RefCell::new(Vec::new());
        fill(DOCUMENT, &|slot| {
            if !known.contains(&slot) && !slot.contains('.') && words.get(slot).is_none() {
                wrong.borrow_mut().push(slot.to_owned());
            }
            String::new()
        });
        assert_eq!(wrong.into_inner(), Vec::<String>::new());
    }

    #[test]
    fn the_pages_words_are_the_same_in_every_language() {
        let keys = |locale: &str| -> Vec<String> {
            let words: serde_json::Value =
                serde_json::from_str(settings::words(&locale.into())).unwrap();
            words.as_object().unwrap().keys().cloned().collect()
        };
        assert!(keys("en").len() > 20);
        assert_eq!(keys("en"), keys("de"));
    }
}
