//! Marks of emphasis, as models write them, as Telegram's entities beside a plain text.

use teloxide::types::{MessageEntity, MessageEntityKind};

/// A text and what is special about pieces of it, counted in UTF-16 code units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marked {
    /// The plain text.
    pub(super) text: String,
    /// Bold, code, links.
    pub(super) entities: Vec<MessageEntity>,
}

impl Marked {
    /// Appends words as they are.
    pub(super) fn plain(&mut self, words: &str) {
        self.text.push_str(words);
    }

    /// Appends words of a kind.
    pub(super) fn special(&mut self, words: &str, kind: MessageEntityKind) {
        let length = units(words);
        if length > 0 {
            self.entities.push(MessageEntity::new(kind, units(&self.text), length));
        }
        self.text.push_str(words);
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The marks, longest first, and what they mean.
const MARKS: [(&str, MessageEntityKind); 4] = [
    ("**", MessageEntityKind::Bold),
    ("`", MessageEntityKind::Code),
    ("*", MessageEntityKind::Italic),
    ("_", MessageEntityKind::Italic),
];

/// Reads `**bold**`, `*italic*`, `_italic_` and `` `code` ``. A mark that is not closed on its line, or stands
/// within a word, within a link or beside a space, is a sign like any other.
pub(super) fn read(text: &str) -> Marked {
    let mut marked = Marked::default();
    let mut rest = text;
    let mut before = None;
    while let Some(next) = rest.chars().next() {
        if is_link(rest) {
            let (link, tail) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
            marked.plain(link);
            (rest, before) = (tail, link.chars().last());
            continue;
        }
        match span(rest, before) {
            Some((inner, kind, length)) => {
                marked.special(inner, kind);
                rest = rest.get(length..).unwrap_or_default();
                before = inner.chars().last();
            }
            None => {
                // All of a run, or `***` would be read from its middle.
                let run = if next == '*' || next == '_' {
                    rest.len() - rest.trim_start_matches(next).len()
                } else {
                    next.len_utf8()
                };
                let (plain, tail) = rest.split_at(run);
                marked.plain(plain);
                rest = tail;
                before = Some(next);
            }
        }
    }
    if marked.text.trim().is_empty() {
        return Marked { text: text.to_owned(), entities: Vec::new() };
    }
    marked
}

fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// Whether a text ends within a link that goes on with this.
fn splits_link(text: &str, tail: &str) -> bool {
    let (_, piece) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    let goes_on = tail.split(char::is_whitespace).next().unwrap_or_default();
    (piece.contains("https://") || piece.contains("http://"))
        && goes_on.contains(char::is_alphanumeric)
}

/// What a text begins with, if that is a marked span: its words, their kind, and its length with the marks.
fn span(text: &str, before: Option<char>) -> Option<(&str, MessageEntityKind, usize)> {
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let (mark, kind) = MARKS.iter().find(|(mark, _)| text.starts_with(mark))?;
    let body = text.strip_prefix(mark)?;
    let line = body.lines().next()?;
    let mut ends = line.match_indices(mark).map(|(at, _)| at);
    let end = ends.find(|at| {
        let (inner, tail) = line.split_at(*at);
        let after = tail.strip_prefix(mark).and_then(|tail| tail.chars().next());
        let closes = inner.chars().last().is_some_and(|last| !last.is_whitespace())
            && !after.is_some_and(|after| after.is_alphanumeric() || mark.starts_with(after));
        closes
            && !splits_link(inner, tail)
            && inner.chars().next().is_some_and(|first| !first.is_whitespace())
    })?;
    let inner = body.get(..end)?;
    (!mark.starts_with(inner.chars().next()?)).then(|| (inner, kind.clone(), end + 2 * mark.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, plain: &str, entities: &[(&str, MessageEntityKind)]) {
        let marked = read(text);
        assert_eq!(marked.text, plain);
        let units: Vec<u16> = marked.text.encode_utf16().collect();
        let told = marked.entities.iter().map(|entity| {
            let piece = &units[entity.offset..entity.offset + entity.length];
            (String::from_utf16(piece).unwrap(), entity.kind.clone())
        });
        let wanted = entities.iter().map(|(words, kind)| ((*words).to_owned(), kind.clone()));
        assert_eq!(told.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    }

    #[test]
    fn marks_become_entities_counted_as_telegram_counts() {
        use MessageEntityKind::{Bold, Code, Italic};
        check("🧥 **Harbour** jacket", "🧥 Harbour jacket", &[("Harbour", Bold)]);
        check(
            "`RJ-1` or *soft* and _dry_.",
            "RJ-1 or soft and dry.",
            &[("RJ-1", Code), ("soft", Italic), ("dry", Italic)],
        );
        check("**👩‍👩‍👧 family**!", "👩‍👩‍👧 family!", &[("👩‍👩‍👧 family", Bold)]);
    }

    #[test]
    fn links_stay_as_they_are() {
        use MessageEntityKind::{Bold, Italic};
        for link in ["https://parcel.example/t/_Ab3_", "(http://shop.example/_new_/x*y*/`z`)"] {
            check(link, link, &[]);
            check(
                &format!("*see* {link} _now_"),
                &format!("see {link} now"),
                &[("see", Italic), ("now", Italic)],
            );
        }
        let within = "see https://shop.example/_new_/x";
        check(&format!("_{within}_!"), &format!("{within}!"), &[(within, Italic)]);
        let all = "https://shop.example/a_b";
        check(&format!("**{all}**."), &format!("{all}."), &[(all, Bold)]);
    }

    #[test]
    fn what_is_no_mark_stays() {
        for text in [
            "2 * 3 * 4",
            "snake_case_name",
            "5**2**x",
            "an open **mark",
            "**a\nb**",
            "****",
            "***",
            "* a point\n* another",
            "_ _",
            "",
        ] {
            check(text, text, &[]);
        }
    }
}
