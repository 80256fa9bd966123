//! A part as text for a terminal. Pure: the same part and look give the same text.

use std::fmt::Write as _;

use agent_core::message::{ActionRef, CardPart, Part};
use agent_core::profile::{Limit, Unit};
use agent_core::reply::lower::summary;
use anstyle::{AnsiColor, Style};

/// The narrowest and the widest box that is drawn: below nothing fits, above nobody reads.
const WIDTHS: (usize, usize) = (30, 76);

/// How a terminal shows things.
#[derive(Copy, Clone, Debug, Default)]
pub struct Look {
    /// The width boxes and texts may take; none: no boxes, and lines as long as they are.
    width: Option<usize>,
    title: Style,
    number: Style,
    quiet: Style,
}

impl Look {
    /// For a pipe: no colours, no boxes, one fact a line.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// Boxes, for a terminal of so many columns.
    #[must_use]
    pub fn boxes(columns: usize) -> Self {
        Self { width: Some(columns.clamp(WIDTHS.0, WIDTHS.1)), ..Self::default() }
    }

    /// The same with colours. What never stands for meaning alone: every coloured word is readable without.
    #[must_use]
    pub fn coloured(self) -> Self {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        Self {
            title: Style::new().bold(),
            number: colour(AnsiColor::Cyan).bold(),
            quiet: Style::new().dimmed(),
            ..self
        }
    }
}

/// The text of a part, without a line break at its end.
///
/// An option's number is its place among all actions of its reply, counted from 1, so numbers are told apart
/// across the parts of one reply.
#[must_use]
pub fn render(part: &Part, look: &Look) -> String {
    match part {
        Part::Text(text) | Part::AskLocation(text) => wrapped(text, look),
        Part::Buttons { body, options } => {
            let mut text = wrapped(body, look);
            for (label, action) in options {
                text.push('\n');
                text.push_str(&option(label, *action, look));
            }
            text
        }
        Part::List { body, rows, .. } => {
            let mut text = wrapped(body, look);
            for row in rows {
                // Writing to a string can't fail.
                let _ = write!(text, "\n{}", option(&row.label, row.action, look));
                if !row.hint.is_empty() {
                    let _ = write!(text, "  {}{}{:#}", look.quiet, row.hint, look.quiet);
                }
            }
            text
        }
        Part::Summary { lines, total } => wrapped(&summary(lines, total), look),
        Part::Cards(cards) => {
            let cards: Vec<String> = cards.iter().map(|card| shown(card, look)).collect();
            cards.join(if look.width.is_some() { "\n" } else { "\n\n" })
        }
        Part::Album(pictures) => {
            let lines: Vec<String> =
                pictures.iter().map(|picture| joined(&[&picture.caption, &picture.url])).collect();
            lines.join("\n")
        }
        Part::Media { media, caption } => joined(&[caption, &media.id]),
        Part::Link { body, label, url } => {
            let words = if body == label { String::new() } else { wrapped(body, look) };
            joined(&[&words, &format!("{label}: {url}")])
        }
        Part::Template { name, slots, .. } => {
            let slots: Vec<String> = slots.iter().map(|(_, value)| value.clone()).collect();
            joined(&[&format!("[{name}]"), &slots.join(", ")])
        }
        Part::Form { body, .. } => wrapped(body, look),
        Part::Native(native) => wrapped(&native.words(), look),
    }
}

fn joined(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn number(action: ActionRef) -> u32 {
    u32::from(action.option) + 1
}

fn option(label: &str, action: ActionRef, look: &Look) -> String {
    format!("{}[{}]{:#} {label}", look.number, number(action), look.number)
}

fn shown(card: &CardPart, look: &Look) -> String {
    match look.width {
        Some(width) => boxed(card, width, look),
        None => {
            let options: Vec<String> =
                card.options.iter().map(|(label, action)| option(label, *action, look)).collect();
            let link = card.link.as_deref().unwrap_or_default();
            joined(&[&card.title, &card.detail, link, &options.join("  ")])
        }
    }
}

fn boxed(card: &CardPart, width: usize, look: &Look) -> String {
    let inner = width.saturating_sub(4);
    let rule = "─".repeat(width.saturating_sub(2));
    let mut text = format!("┌{rule}┐");
    let mut line = |words: &str, style: Style| {
        let pad = " ".repeat(inner.saturating_sub(measure(words)));
        // Writing to a string can't fail.
        let _ = write!(text, "\n│ {style}{words}{style:#}{pad} │");
    };
    for (words, style) in [(&card.title, look.title), (&card.detail, Style::new())] {
        wrap(words, inner).iter().for_each(|words| line(words, style));
    }
    let link = card.link.as_deref().unwrap_or_default();
    let fits = measure(link) <= inner;
    if !link.is_empty() && fits {
        line(link, look.quiet);
    }
    for (label, action) in &card.options {
        let words = format!("[{}] {label}", number(*action));
        wrap(&words, inner).iter().for_each(|words| line(words, look.number));
    }
    let _ = write!(text, "\n└{rule}┘");
    // A link that is broken into lines can't be followed.
    if !fits {
        let _ = write!(text, "\n{}{link}{:#}", look.quiet, look.quiet);
    }
    text
}

fn wrapped(text: &str, look: &Look) -> String {
    match look.width {
        Some(width) => {
            text.lines().flat_map(|line| wrap(line, width)).collect::<Vec<_>>().join("\n")
        }
        None => text.to_owned(),
    }
}

/// Lines of at most `width`, broken between words; a word that is longer keeps a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for whole in text.lines() {
        let mut line = String::new();
        for word in whole.split(' ') {
            if !line.is_empty() && measure(&line) + 1 + measure(word) > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// What a reader calls characters.
fn measure(text: &str) -> usize {
    let length = Limit { max: u32::MAX, unit: Unit::Graphemes }.measure(text);
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use agent_core::id::{Made, TurnId};
    use expect_test::{Expect, expect};

    use super::*;

    fn action(option: u16) -> ActionRef {
        ActionRef { outbound: Made { turn: TurnId(1), n: 0 }, option }
    }

    fn card(title: &str, link: &str, first: u16) -> CardPart {
        CardPart {
            record: "jacket-1".into(),
            title: title.to_owned(),
            detail: "€89.00 (was €119.00) · in stock".to_owned(),
            image: None,
            link: Some(link.to_owned()),
            options: vec![
                ("Add to cart".to_owned(), action(first)),
                ("More".to_owned(), action(first + 1)),
            ],
        }
    }

    #[track_caller]
    fn check(part: &Part, look: Look, expect: &Expect) {
        expect.assert_eq(&render(part, &look));
    }

    #[test]
    fn cards_are_boxes_on_a_terminal_and_numbers_run_on() {
        let long = "https://shop.example/a-jacket-with-a-rather-long-address?utm=1";
        let cards =
            vec![card("Alma Rain Jacket", "https://s.example/1", 0), card("Überzieher", long, 2)];
        check(
            &Part::Cards(cards),
            Look::boxes(40),
            &expect![[r#"
                ┌──────────────────────────────────────┐
                │ Alma Rain Jacket                     │
                │ €89.00 (was €119.00) · in stock      │
                │ https://s.example/1                  │
                │ [1] Add to cart                      │
                │ [2] More                             │
                └──────────────────────────────────────┘
                ┌──────────────────────────────────────┐
                │ Überzieher                           │
                │ €89.00 (was €119.00) · in stock      │
                │ [3] Add to cart                      │
                │ [4] More                             │
                └──────────────────────────────────────┘
                https://shop.example/a-jacket-with-a-rather-long-address?utm=1"#]],
        );
    }

    #[test]
    fn a_pipe_gets_a_fact_a_line() {
        check(
            &Part::Cards(vec![card("Alma Rain Jacket", "https://s.example/1", 0)]),
            Look::plain(),
            &expect![[r#"
                Alma Rain Jacket
                €89.00 (was €119.00) · in stock
                https://s.example/1
                [1] Add to cart  [2] More"#]],
        );
    }

    #[test]
    fn choices_are_numbered_and_words_wrapped() {
        let part = Part::Buttons {
            body: "Shall I look for something warmer, or for another colour?".to_owned(),
            options: vec![("Warmer".to_owned(), action(0)), ("Blue".to_owned(), action(1))],
        };
        check(
            &part,
            Look::boxes(34),
            &expect![[r#"
                Shall I look for something warmer,
                or for another colour?
                [1] Warmer
                [2] Blue"#]],
        );
    }

    #[test]
    fn a_link_stays_whole() {
        let part = Part::Link {
            body: "Pay here".to_owned(),
            label: "Pay here".to_owned(),
            url: "https://shop.example/checkout/0123456789/0123456789".to_owned(),
        };
        check(
            &part,
            Look::boxes(30),
            &expect![["Pay here: https://shop.example/checkout/0123456789/0123456789"]],
        );
    }

    #[test]
    fn colours_add_no_words() {
        let part =
            Part::Buttons { body: "Which?".to_owned(), options: vec![("A".into(), action(0))] };
        let text = render(&part, &Look::plain().coloured());
        assert_eq!(anstream::adapter::strip_str(&text).to_string(), "Which?\n[1] A");
        assert_ne!(text, "Which?\n[1] A");
    }
}
