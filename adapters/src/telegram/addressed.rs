//! Whether a message in a group is meant for the bot, and what it says without the address and the slash.

use std::ops::Range;

use teloxide::types::{Message, MessageEntity, MessageEntityKind};

use super::client::Me;

/// The words of a message, as they are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Without mentions of the bot; a command is its name, `/my_cart` is "my cart".
    pub(super) text: String,
    /// What came with `/start`: the parameter of the link that led here.
    pub(super) start: Option<String>,
    /// It speaks to the bot: a mention, or a command that is not another bot's.
    pub(super) addressed: bool,
    /// It is a command to another bot.
    pub(super) others: bool,
}

/// Reads the words of a message or caption.
pub(super) fn words(text: &str, entities: &[MessageEntity], me: &Me) -> Words {
    let mut words = Words::default();
    let mut gone: Vec<Range<usize>> = Vec::new();
    let mut command = None;
    for entity in entities {
        let Some(range) = range(text, entity) else { continue };
        let piece = text.get(range.clone()).unwrap_or_default();
        match &entity.kind {
            MessageEntityKind::Mention if is_me(piece.trim_start_matches('@'), me) => {
                words.addressed = true;
                gone.push(range);
            }
            MessageEntityKind::TextMention { user } if user.id.0 == me.id => {
                words.addressed = true;
                gone.push(range);
            }
            MessageEntityKind::BotCommand if command.is_none() => {
                let (name, bot) = piece.split_once('@').unwrap_or((piece, ""));
                words.others = !bot.is_empty() && !is_me(bot, me);
                words.addressed |= !words.others;
                command = (range.start == 0).then(|| name.trim_start_matches('/').to_lowercase());
                if range.start == 0 {
                    gone.push(range);
                }
            }
            _ => {}
        }
    }
    let rest = without(text, &gone);
    match command.as_deref() {
        Some("start") => {
            words.start = Some(rest).filter(|parameter| !parameter.is_empty());
            words.text = "start".to_owned();
        }
        Some(name) => {
            let name = name.replace('_', " ");
            words.text = format!("{name} {rest}").trim().to_owned();
        }
        None => words.text = rest,
    }
    words
}

/// Whether a message in a group answers one of ours.
pub(super) fn answers_us(message: &Message, me: &Me) -> bool {
    let to = message.reply_to_message().and_then(|to| to.from.as_ref());
    to.is_some_and(|user| user.id.0 == me.id)
}

fn is_me(name: &str, me: &Me) -> bool {
    name.eq_ignore_ascii_case(&me.username)
}

/// Where an entity stands, in bytes; none when it lies outside of the text, which is never believed.
fn range(text: &str, entity: &MessageEntity) -> Option<Range<usize>> {
    let end = entity.offset.checked_add(entity.length)?;
    let (mut units, mut from, mut to) = (0, None, None);
    for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
        from = from.or((units == entity.offset).then_some(at));
        to = to.or((units == end).then_some(at));
        units += c.len_utf16();
    }
    Some(from?..to?)
}

/// The text without these pieces, and without the space they leave.
fn without(text: &str, gone: &[Range<usize>]) -> String {
    let kept = text.char_indices().filter(|(at, _)| !gone.iter().any(|gone| gone.contains(at)));
    let kept: String = kept.map(|(_, c)| c).collect();
    if gone.is_empty() {
        return kept;
    }
    let lines = kept.lines().map(|line| line.split(' ').filter(|it| !it.is_empty()));
    let lines: Vec<String> = lines.map(|words| words.collect::<Vec<_>>().join(" ")).collect();
    lines.join("\n").trim().trim_start_matches([',', ':']).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> Me {
        Me { id: 99, username: "ShopBot".to_owned() }
    }

    fn check(text: &str, entities: &[(MessageEntityKind, usize, usize)]) -> Words {
        let entity = |(kind, offset, length): &(MessageEntityKind, usize, usize)| {
            MessageEntity::new(kind.clone(), *offset, *length)
        };
        words(text, &entities.iter().map(entity).collect::<Vec<_>>(), &me())
    }

    #[test]
    fn mentions_and_commands_address_and_are_no_words() {
        use MessageEntityKind::{BotCommand, Mention};
        let mention = check("👋 @shopbot, a jacket", &[(Mention, 3, 8)]);
        assert_eq!((mention.text.as_str(), mention.addressed), ("👋 , a jacket", true));
        let first = check("@ShopBot: a jacket", &[(Mention, 0, 8)]);
        assert_eq!((first.text.as_str(), first.addressed), ("a jacket", true));
        let other = check("@another a jacket", &[(Mention, 0, 8)]);
        assert_eq!((other.text.as_str(), other.addressed), ("@another a jacket", false));
        let command = check("/my_cart@shopbot now", &[(BotCommand, 0, 16)]);
        assert_eq!((command.text.as_str(), command.addressed), ("my cart now", true));
        let others = check("/cart@other", &[(BotCommand, 0, 11)]);
        assert!(others.others && !others.addressed);
    }

    #[test]
    fn a_start_parameter_is_told_apart() {
        let start = check("/start ad-7", &[(MessageEntityKind::BotCommand, 0, 6)]);
        assert_eq!((start.text.as_str(), start.start.as_deref()), ("start", Some("ad-7")));
        let plain = check("/start", &[(MessageEntityKind::BotCommand, 0, 6)]);
        assert_eq!((plain.text.as_str(), plain.start), ("start", None));
    }

    #[test]
    fn entities_outside_of_the_text_are_passed_over() {
        use MessageEntityKind::Mention;
        for (offset, length) in [(90, 4), (1, 1), (usize::MAX, 9), (0, 100)] {
            assert_eq!(check("👋 hello", &[(Mention, offset, length)]).text, "👋 hello");
        }
    }
}
