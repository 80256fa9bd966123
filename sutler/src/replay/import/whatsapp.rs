//! A chat exported from WhatsApp: lines of date, time, author and words, as Android or iOS writes them.
//!
//! ```text
//! 25/11/2026, 14:03 - Ada: do you have it in blue?          (Android)
//! [25/11/2026, 14:03:07] Ada: do you have it in blue?       (iOS)
//! ```

use std::sync::OnceLock;

use regex::Regex;

use super::{Import, ImportError};

/// What stands for a file: of both systems, in English, German, Spanish, Portuguese and French.
const OMITTED: [&str; 12] = [
    "<media omitted>",
    "image omitted",
    "video omitted",
    "audio omitted",
    "sticker omitted",
    "document omitted",
    "gif omitted",
    "<medien ausgeschlossen>",
    "bild weggelassen",
    "<multimedia omitido>",
    "<mídia oculta>",
    "<médias omis>",
];
const ATTACHED: [&str; 3] = ["<attached:", "(file attached)", "(datei angehängt)"];
const DELETED: [&str; 4] = [
    "this message was deleted",
    "you deleted this message",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
];

fn head() -> Option<&'static Regex> {
    static HEAD: OnceLock<Option<Regex>> = OnceLock::new();
    // Day, month and year in any order and with any signs between; the time with or without seconds, `AM`, `PM`.
    let day = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}";
    let time = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s\u{202f}\u{a0}]?[AaPp]\.?[\s\u{a0}]?[Mm]\.?)?";
    let head = format!(r"^(?:\[{day},? {time}\] |{day},? {time} - )(.*)$");
    HEAD.get_or_init(|| Regex::new(&head).ok()).as_ref()
}

struct Message {
    author: Option<String>,
    words: String,
}

pub(super) fn read(
    name: &str,
    file: &str,
    agent: Option<&str>,
    import: &mut Import,
) -> Result<(), ImportError> {
    let messages = messages(file);
    let authors = messages.iter().filter_map(|message| message.author.as_deref());
    let customer = authors.clone().find(|author| Some(*author) != agent);
    let customer = customer.map(ToOwned::to_owned).ok_or_else(|| {
        ImportError("no line has a date, a time and an author, as WhatsApp exports them".to_owned())
    })?;
    let others: std::collections::BTreeSet<&str> = authors.filter(|it| *it != customer).collect();
    if agent.is_none() && others.len() > 1 {
        let what = "several people write: say with --agent which of them is the shop";
        return Err(ImportError(format!(
            "{what}; they are {}",
            others.into_iter().collect::<Vec<_>>().join(", ")
        )));
    }
    import.begin(name, "WhatsApp chat");
    for Message { author, words } in messages {
        let Some(author) = author else {
            import.skipped("a notice of WhatsApp");
            continue;
        };
        let lower = words.to_lowercase();
        let customers = agent.map_or(author == customer, |agent| author != agent);
        if DELETED.iter().any(|it| lower.starts_with(it)) {
            import.skipped("a message that was deleted");
        } else if OMITTED.contains(&lower.as_str()) {
            import.skipped("a file that was not exported");
        } else if ATTACHED.iter().any(|it| lower.contains(it)) {
            import.skipped("a file");
        } else if customers {
            import.says(&words);
        } else {
            import.replied(&words);
        }
    }
    Ok(())
}

/// The messages; a line without a head goes on with the one before.
fn messages(file: &str) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let marks = ['\u{200e}', '\u{200f}', '\u{202a}', '\u{202c}', '\u{feff}'];
    for line in file.lines() {
        let line: String = line.chars().filter(|c| !marks.contains(c)).collect();
        let rest = head().and_then(|head| head.captures(&line)).and_then(|found| found.get(1));
        match (rest, messages.last_mut()) {
            (Some(rest), _) => {
                let (author, words) = match rest.as_str().split_once(": ") {
                    Some((author, words)) => (Some(author.trim().to_owned()), words),
                    None => (None, rest.as_str()),
                };
                messages.push(Message { author, words: words.trim().to_owned() });
            }
            (None, Some(last)) => {
                last.words.push('\n');
                last.words.push_str(line.trim_end());
            }
            (None, None) => {}
        }
    }
    messages
}
