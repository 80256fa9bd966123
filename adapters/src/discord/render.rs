//! A part as a message of Discord. Pure: the same part and tokens give the same message.

use std::collections::BTreeMap;

use agent_core::message::{ActionRef, CardPart, ListRow, Part};
use agent_core::profile::{Limit, Unit};
use agent_core::reply::lower::summary;
use serenity::all::{
    ButtonStyle, CreateActionRow, CreateAllowedMentions, CreateButton, CreateEmbed,
    CreateInteractionResponseFollowup, CreateMessage, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption, EditInteractionResponse,
};

use super::parse::custom_id;
use super::place::Place;
use super::profile::{CONTENT, EMBEDDED, EMBEDS, ROW, ROWS};

/// The characters of a button's link. <https://discord.com/developers/docs/components/reference#button>
const URL: u32 = 512;
/// The characters of what opens a select menu.
const PLACEHOLDER: usize = 150;
/// The characters of a button.
const LABEL: usize = 80;

/// A message of Discord, before it is known whether it is sent, or edited into another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) content: String,
    pub(crate) embeds: Vec<CreateEmbed>,
    /// The characters in the embeds.
    pub(crate) embedded: u32,
    pub(crate) rows: Vec<CreateActionRow>,
    /// The custom ids in the rows.
    pub(crate) ids: Vec<String>,
}

/// How the tokens of a part become custom ids.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Wire<'a> {
    /// The tokens, by the number of the option.
    pub(crate) tokens: &'a BTreeMap<u16, String>,
    /// The conversation's place, where the part is shown somewhere else.
    pub(crate) elsewhere: Option<Place>,
}

/// A part as a message.
#[must_use]
pub(crate) fn render(part: &Part, wire: Wire<'_>) -> Shown {
    match part {
        Part::Text(text) | Part::AskLocation(text) | Part::Form { body: text, .. } => words(text),
        Part::Native(native) => words(&native.words()),
        Part::Buttons { body, options } => {
            let options = options.iter().map(|(label, action)| (label.clone(), *action));
            let mut shown = words(body);
            shown.buttons(options, wire);
            shown
        }
        Part::List { body, open, rows } => list(body, open, rows, wire),
        Part::Cards(cards) => shown_cards(cards, wire),
        Part::Summary { lines, total } => words(&summary(lines, total)),
        Part::Album(pictures) => Shown {
            embeds: pictures
                .iter()
                .map(|picture| CreateEmbed::new().image(&picture.url).description(&picture.caption))
                .collect(),
            embedded: pictures.iter().map(|picture| units(&picture.caption)).sum(),
            ..Shown::default()
        },
        Part::Media { media, caption } => {
            let mut shown = words(caption);
            if media.mime.starts_with("image/") {
                shown.embeds.push(CreateEmbed::new().image(&media.id));
            } else {
                shown.content = lines([&shown.content, &media.id]);
            }
            shown
        }
        Part::Link { body, label, url } => {
            let mut shown = words(body);
            if units(url) > URL {
                shown.content = lines([&shown.content, url]);
            } else {
                let button = CreateButton::new_link(url).label(cut(label, LABEL));
                shown.rows.push(CreateActionRow::Buttons(vec![button]));
            }
            shown
        }
        Part::Template { name, slots, .. } => {
            let slots: Vec<&str> = slots.iter().map(|(_, value)| value.as_str()).collect();
            words(&format!("{name}: {}", slots.join(", ")))
        }
    }
}

impl Shown {
    /// Both as one message, if that is within Discord's limits.
    #[must_use]
    pub(crate) fn joined(mut self, other: Self) -> Option<Self> {
        self.content = lines([&self.content, &other.content]);
        self.embeds.extend(other.embeds);
        self.embedded += other.embedded;
        self.rows.extend(other.rows);
        self.ids.extend(other.ids);
        let fits = units(&self.content) <= CONTENT
            && self.embeds.len() <= EMBEDS
            && self.embedded <= EMBEDDED
            && self.rows.len() <= ROWS;
        fits.then_some(self)
    }

    /// As a new message in a channel.
    pub(crate) fn message(self) -> CreateMessage {
        let message = CreateMessage::new().allowed_mentions(nobody()).embeds(self.embeds);
        let message = if self.rows.is_empty() { message } else { message.components(self.rows) };
        if self.content.is_empty() { message } else { message.content(self.content) }
    }

    /// As the answer to an interaction.
    pub(crate) fn answer(self) -> EditInteractionResponse {
        EditInteractionResponse::new()
            .allowed_mentions(nobody())
            .content(self.content)
            .embeds(self.embeds)
            .components(self.rows)
    }

    /// As a further answer to an interaction, which only who asked sees.
    pub(crate) fn follow_up(self) -> CreateInteractionResponseFollowup {
        CreateInteractionResponseFollowup::new()
            .allowed_mentions(nobody())
            .content(self.content)
            .embeds(self.embeds)
            .components(self.rows)
            .ephemeral(true)
    }

    fn buttons(&mut self, options: impl Iterator<Item = (String, ActionRef)>, wire: Wire<'_>) {
        let mut row = Vec::new();
        for (label, action) in options {
            let Some(token) = wire.tokens.get(&action.option) else { continue };
            let id = custom_id(token, wire.elsewhere);
            let style = if row.is_empty() { ButtonStyle::Primary } else { ButtonStyle::Secondary };
            row.push(CreateButton::new(&id).label(cut(&label, LABEL)).style(style));
            self.ids.push(id);
            if row.len() == ROW {
                self.rows.push(CreateActionRow::Buttons(std::mem::take(&mut row)));
            }
        }
        if !row.is_empty() {
            self.rows.push(CreateActionRow::Buttons(row));
        }
    }
}

fn words(text: &str) -> Shown {
    Shown { content: escaped(text, CONTENT), ..Shown::default() }
}

fn list(body: &str, open: &str, rows: &[ListRow], wire: Wire<'_>) -> Shown {
    let mut shown = words(body);
    let mut options = Vec::new();
    for row in rows {
        let Some(token) = wire.tokens.get(&row.action.option) else { continue };
        let id = custom_id(token, wire.elsewhere);
        let option = CreateSelectMenuOption::new(&row.label, &id);
        options.push(if row.hint.is_empty() { option } else { option.description(&row.hint) });
        shown.ids.push(id);
    }
    if let Some(first) = shown.ids.first() {
        // A menu wants an id of its own, different for each menu of a message; what counts is the row's.
        let id = format!("menu/{}", first.get(..40).unwrap_or(first));
        let menu = CreateSelectMenu::new(id, CreateSelectMenuKind::String { options });
        let menu = if open.is_empty() { menu } else { menu.placeholder(cut(open, PLACEHOLDER)) };
        shown.rows.push(CreateActionRow::SelectMenu(menu));
    }
    shown
}

fn shown_cards(cards: &[CardPart], wire: Wire<'_>) -> Shown {
    let mut shown = Shown::default();
    for (n, card) in cards.iter().enumerate() {
        // With several cards, a number tells which one a button belongs to.
        let number = if cards.len() > 1 { format!("{}. ", n + 1) } else { String::new() };
        let title = escaped(&format!("{number}{}", card.title), 256);
        let detail = escaped(&card.detail, 4_096);
        shown.embedded += units(&title) + units(&detail);
        let mut embed = CreateEmbed::new().title(title).description(detail);
        if let Some(link) = &card.link {
            embed = embed.url(link);
        }
        if let Some(image) = &card.image {
            embed = embed.thumbnail(image);
        }
        shown.embeds.push(embed);
        let options =
            card.options.iter().map(|(label, action)| (format!("{number}{label}"), *action));
        shown.buttons(options, wire);
    }
    shown
}

/// No name in a text of ours calls anybody, whatever a customer or a feed put there.
fn nobody() -> CreateAllowedMentions {
    CreateAllowedMentions::new()
}

fn lines<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let texts: Vec<&str> =
        texts.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    texts.join("\n")
}

fn units(text: &str) -> u32 {
    Limit { max: u32::MAX, unit: Unit::Utf16 }.measure(text)
}

fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// A text whose signs mean themselves, and not Discord's Markdown. Links stay as they are. A text that gets
/// too long by it is shown with the Markdown it happens to have.
fn escaped(text: &str, max: u32) -> String {
    let mut plain = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let link = ["https://", "http://"].iter().filter_map(|begins| piece.find(begins)).min();
        let (words, link) = piece.split_at(link.unwrap_or(piece.len()));
        for c in words.chars() {
            let begins = plain.is_empty() || plain.ends_with('\n');
            if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '[')
                || (begins && matches!(c, '#' | '>' | '-'))
            {
                plain.push('\\');
            }
            plain.push(c);
        }
        plain.push_str(link);
    }
    if units(&plain) <= max { plain } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use agent_core::id::{Made, TurnId};
    use expect_test::{Expect, expect};

    use super::*;

    fn action(option: u16) -> ActionRef {
        ActionRef { outbound: Made { turn: TurnId(1), n: 0 }, option }
    }

    fn card(n: u16) -> CardPart {
        CardPart {
            record: "jacket".into(),
            title: format!("Rain_Jacket {n}"),
            detail: "€89.00 · in stock".to_owned(),
            image: Some("https://shop.example/jacket_blue.jpg".to_owned()),
            link: Some("https://shop.example/jacket".to_owned()),
            options: vec![
                ("Add".to_owned(), action(2 * n)),
                ("More".to_owned(), action(2 * n + 1)),
            ],
        }
    }

    fn tokens() -> BTreeMap<u16, String> {
        (0..60).map(|n| (n, format!("token-{n}"))).collect()
    }

    #[track_caller]
    fn check(part: &Part, elsewhere: Option<Place>, expect: &Expect) {
        let shown = render(part, Wire { tokens: &tokens(), elsewhere });
        let body = serde_json::to_value(shown.answer()).unwrap();
        expect.assert_eq(&serde_json::to_string_pretty(&body).unwrap());
    }

    #[test]
    fn a_text_means_what_it_says() {
        let text = "# 5 * 3 = _15_ <@everyone>\n- see https://shop.example/a_b_c [x](y)";
        check(
            &Part::Text(text.to_owned()),
            None,
            &expect![[r#"
            {
              "allowed_mentions": {
                "parse": [],
                "roles": [],
                "users": []
              },
              "components": [],
              "content": "\\# 5 \\* 3 = \\_15\\_ \\<@everyone>\n\\- see https://shop.example/a_b_c \\[x](y)",
              "embeds": []
            }"#]],
        );
    }

    #[test]
    fn a_link_stays_as_it_is_wherever_it_stands() {
        for (text, plain) in [
            ("(https://s.example/rain_jacket)", "(https://s.example/rain_jacket)"),
            ("my_link:http://s.example/a_b *now*", "my\\_link:http://s.example/a_b \\*now\\*"),
        ] {
            assert_eq!(escaped(text, CONTENT), plain);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one message, written out")]
    #[test]
    fn cards_are_embeds_with_a_row_of_buttons_each() {
        check(
            &Part::Cards(vec![card(0), card(1)]),
            None,
            &expect![[r#"
            {
              "allowed_mentions": {
                "parse": [],
                "roles": [],
                "users": []
              },
              "components": [
                {
                  "components": [
                    {
                      "custom_id": "token-0",
                      "disabled": false,
                      "label": "1. Add",
                      "style": 1,
                      "type": 2
                    },
                    {
                      "custom_id": "token-1",
                      "disabled": false,
                      "label": "1. More",
                      "style": 2,
                      "type": 2
                    }
                  ],
                  "type": 1
                },
                {
                  "components": [
                    {
                      "custom_id": "token-2",
                      "disabled": false,
                      "label": "2. Add",
                      "style": 1,
                      "type": 2
                    },
                    {
                      "custom_id": "token-3",
                      "disabled": false,
                      "label": "2. More",
                      "style": 2,
                      "type": 2
                    }
                  ],
                  "type": 1
                }
              ],
              "content": "",
              "embeds": [
                {
                  "description": "€89.00 · in stock",
                  "thumbnail": {
                    "height": null,
                    "proxy_url": null,
                    "url": "https://shop.example/jacket_blue.jpg",
                    "width": null
                  },
                  "title": "1. Rain\\_Jacket 0",
                  "type": "rich",
                  "url": "https://shop.example/jacket"
                },
                {
                  "description": "€89.00 · in stock",
                  "thumbnail": {
                    "height": null,
                    "proxy_url": null,
                    "url": "https://shop.example/jacket_blue.jpg",
                    "width": null
                  },
                  "title": "2. Rain\\_Jacket 1",
                  "type": "rich",
                  "url": "https://shop.example/jacket"
                }
              ]
            }"#]],
        );
    }

    #[test]
    fn many_options_are_a_menu_that_knows_its_conversation() {
        let row = |n: u16| ListRow {
            label: format!("Size {n}"),
            hint: if n == 0 { String::new() } else { "in stock".to_owned() },
            action: action(n),
        };
        let part = Part::List {
            body: "Which size?".to_owned(),
            open: "Sizes".to_owned(),
            rows: vec![row(0), row(1)],
        };
        check(
            &part,
            Some(Place::Guild { guild: 7, channel: 5 }),
            &expect![[r#"
            {
              "allowed_mentions": {
                "parse": [],
                "roles": [],
                "users": []
              },
              "components": [
                {
                  "components": [
                    {
                      "custom_id": "menu/token-0@7/5",
                      "options": [
                        {
                          "label": "Size 0",
                          "value": "token-0@7/5"
                        },
                        {
                          "description": "in stock",
                          "label": "Size 1",
                          "value": "token-1@7/5"
                        }
                      ],
                      "placeholder": "Sizes",
                      "type": 3
                    }
                  ],
                  "type": 1
                }
              ],
              "content": "Which size?",
              "embeds": []
            }"#]],
        );
    }

    #[test]
    fn a_link_is_a_button_unless_it_is_too_long() {
        let link = |url: String| Part::Link { body: "Pay here".into(), label: "Pay".into(), url };
        let short =
            render(&link("https://s.example".into()), Wire { tokens: &tokens(), elsewhere: None });
        assert_eq!((short.rows.len(), short.content.as_str()), (1, "Pay here"));
        let url = format!("https://s.example/{}", "a".repeat(500));
        let long = render(&link(url.clone()), Wire { tokens: &tokens(), elsewhere: None });
        assert_eq!((long.rows.len(), long.content), (0, format!("Pay here\n{url}")));
    }

    #[test]
    fn parts_are_joined_as_long_as_they_fit() {
        let part = |part: &Part| render(part, Wire { tokens: &tokens(), elsewhere: None });
        let text = part(&Part::Text("a".repeat(1_500)));
        let cards = part(&Part::Cards(vec![card(0), card(1)]));
        let both = text.clone().joined(cards.clone()).unwrap();
        assert_eq!((both.embeds.len(), both.rows.len(), both.ids.len()), (2, 2, 4));
        assert!(both.clone().joined(text).is_none(), "too many words");
        assert!(
            both.joined(cards.clone()).and_then(|it| it.joined(cards)).is_none(),
            "too many rows"
        );
    }
}
