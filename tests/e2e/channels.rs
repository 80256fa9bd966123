//! What every channel can do, as a table in the documents: it is generated, and this test says when it is old.

use std::collections::BTreeMap;
use std::time::Duration;

use adapters::meta::messenger::{self, Platform};
use adapters::meta::whatsapp::render::Shelf;
use adapters::meta::whatsapp::{self, Payments};
use adapters::{discord, telegram, terminal, web};
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Repeat, Unit};
use expect_test::expect_file;

/// Every channel, with what its settings can switch on.
fn profiles() -> Vec<ChannelProfile> {
    let settle = Duration::from_secs(1);
    let shelf = Shelf {
        catalog: Some("1".to_owned()),
        forms: BTreeMap::from([("size".into(), "2".to_owned())]),
        payments: Some(Payments { currency: "INR".to_owned(), configuration: None }),
        addresses: true,
        ..Shelf::default()
    };
    vec![
        web::profile(),
        whatsapp::profile(&shelf, None, settle),
        messenger::profile(Platform::Messenger, settle),
        messenger::profile(Platform::Instagram, settle),
        telegram::profile(),
        discord::profile(),
        terminal::profile(),
    ]
}

/// What a row tells of a channel.
type Cell = fn(&ChannelProfile) -> String;

const ROWS: &[(&str, Cell)] = &[
    ("text", |it| limit(&it.text)),
    ("caption", |it| limit(&it.caption)),
    ("buttons", |it| it.buttons.map_or_else(none, |menu| options(&menu))),
    ("list", |it| it.list.map_or_else(none, |menu| options(&menu))),
    ("product cards in a row", |it| it.cards.map_or_else(none, |menu| menu.count.to_string())),
    ("emphasis", |it| {
        match it.markup {
            Markup::Plain => "none",
            Markup::WhatsApp => "WhatsApp's signs",
            Markup::Entities => "entities",
            Markup::Discord => "Markdown",
            Markup::Html => "HTML",
        }
        .to_owned()
    }),
    ("one message where it can be", |it| {
        if can(it, Can::Bill) == "yes" {
            "yes, each is billed".to_owned()
        } else {
            can(it, Can::Join)
        }
    }),
    ("lines of an order", |it| can(it, Can::Summaries)),
    ("a catalogue of its own", |it| can(it, Can::Catalog)),
    ("albums", |it| can(it, Can::Album)),
    ("link buttons", |it| can(it, Can::Links)),
    ("asks for a place", |it| can(it, Can::AskLocation)),
    ("asks for an address", |it| can(it, Can::Addresses)),
    ("places, contacts, rows of pictures", |it| can(it, Can::Native)),
    ("orders paid in the chat", |it| can(it, Can::Orders)),
    ("forms", |it| can(it, Can::Forms)),
    ("approved templates", |it| can(it, Can::Templates)),
    ("typing sign", |it| can(it, Can::Typing)),
    ("marks as seen", |it| can(it, Can::Seen)),
    ("changes what it sent", |it| can(it, Can::Edit)),
    ("free to write", |it| it.window.map_or_else(|| "always".to_owned(), span)),
    ("gathers messages for", |it| span(it.settle)),
    ("a repeated send", |it| {
        let means = [
            (Repeat::Nonce, "is dropped"),
            (Repeat::StatusEcho, "is settled by its status"),
            (Repeat::Never, "by the policy"),
        ];
        let found = means.iter().find(|(repeat, _)| *repeat == it.repeat);
        found.map_or("is dropped for a while", |(_, means)| *means).to_owned()
    }),
    ("messages a second", |it| it.pace.account_per_second.to_string()),
    ("to one chat", |it| match it.pace.chat_every {
        Duration::ZERO => none(),
        every => {
            let burst = u32::from(it.pace.chat_burst.max(1));
            format!("{burst} in {}", span(every.saturating_mul(burst)))
        }
    }),
    ("to a group", |it| {
        it.pace.shared.map_or_else(none, |(count, within)| format!("{count} in {}", span(within)))
    }),
];

fn none() -> String {
    "–".to_owned()
}

fn limit(limit: &Limit) -> String {
    let unit = match limit.unit {
        Unit::Utf16 => "UTF-16 units",
        Unit::Scalars => "characters",
        Unit::Graphemes => "graphemes",
        Unit::Bytes => "bytes",
    };
    format!("{} {unit}", limit.max)
}

fn options(menu: &Menu) -> String {
    format!("{} of {}", menu.count, limit(&menu.label))
}

fn can(profile: &ChannelProfile, what: Can) -> String {
    if profile.can.contains(&what) { "yes".to_owned() } else { none() }
}

fn span(span: Duration) -> String {
    match span.as_millis() {
        0 => none(),
        millis if millis % 3_600_000 == 0 => format!("{} h", millis / 3_600_000),
        millis if millis % 1_000 == 0 => format!("{} s", millis / 1_000),
        millis => format!("{millis} ms"),
    }
}

#[test]
fn the_table_in_the_documents_is_what_the_profiles_say() {
    let profiles = profiles();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let row = |name: &str, cell: &dyn Fn(&ChannelProfile) -> String| {
        line(std::iter::once(name.to_owned()).chain(profiles.iter().map(cell)).collect())
    };
    let mut page = String::from(
        "# Channels\n\n\
         What each channel can do. This page is generated from the `ChannelProfile` of each; \
         `UPDATE_EXPECT=1 cargo test --workspace --test e2e channels` writes it anew.\n\n\
         `–` is none, or no limit.\n\n",
    );
    page.push_str(&row("", &|profile| profile.channel.to_string()));
    page.push_str(&row("---", &|_| "---".to_owned()));
    for (name, cell) in ROWS {
        page.push_str(&row(name, cell));
    }
    expect_file!["../../CHANNELS.md"].assert_eq(&page);
}
