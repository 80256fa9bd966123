//! A chat exported from WhatsApp: lines of date, time, author and words, as Android or iOS writes them.
//!
//! ```text
//! 25/11/2026, 14:03 - Ada: do you have it in blue?          (Android)
//! [25/11/2026, 14:03:07] Ada: do you have it in blue?       (iOS)
//! ```
//!
//! Date and time are written as the telephone's language does, so only their form is looked at.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use regex::Regex;

use super::{Import, ImportError};

/// What iOS says of a file that was not exported, behind its kind: `image omitted`, `Bild weggelassen`.
const OMITTED: [&str; 12] = [
    "omitted",
    "weggelassen",
    "weggelaten",
    "omitido",
    "omitida",
    "ocultado",
    "ocultada",
    "absent",
    "absente",
    "omis",
    "omesso",
    "omessa",
];
/// What is said of a file that was exported beside the chat.
const ATTACHED: [&str; 6] = [
    "(file attached)",
    "(datei angehängt)",
    "(archivo adjunto)",
    "(arquivo anexado)",
    "(fichier joint)",
    "(file allegato)",
];
/// How the notice begins that stands for a message that was deleted.
const DELETED: [&str; 13] = [
    "this message was deleted",
    "you deleted this message",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
    "se eliminó este mensaje",
    "este mensaje fue eliminado",
    "eliminaste este mensaje",
    "mensagem apagada",
    "você apagou esta mensagem",
    "ce message a été supprimé",
    "vous avez supprimé ce message",
    "questo messaggio è stato eliminato",
    "hai eliminato questo messaggio",
];
/// Words in angle brackets by which a message says that it was changed later.
const EDITED: [&str; 6] = ["edited", "bearbeitet", "editó", "editada", "modifié", "modificato"];

/// Signs of direction, which nobody reads. The first of them stands before everything iOS says itself.
const MARKS: [char; 5] = ['\u{200e}', '\u{200f}', '\u{202a}', '\u{202c}', '\u{feff}'];

fn head() -> Option<&'static Regex> {
    static HEAD: OnceLock<Option<Regex>> = OnceLock::new();
    // Day, month and year in any order; between date and time a comma, or a word such as `à`, `klo`, `um`.
    let day = r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?(?: г\.)?(?:,|,? \p{L}{1,3}\.?)?";
    // With or without seconds; `AM` and `PM` behind the time in many spellings, or before it, as in Chinese.
    let time = r"(?:\p{Han}{2} ?)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s\u{202f}\u{a0}]?\p{L}\.?[\s\u{a0}\u{202f}]?[Mm]\.?)?";
    let head = format!(r"^(?:\[{day} {time}\] |{day} {time} - )(.*)$");
    HEAD.get_or_init(|| Regex::new(&head).ok()).as_ref()
}

struct Message {
    author: Option<String>,
    words: String,
    /// WhatsApp says it, and not the author.
    own: bool,
}

pub(super) fn read(
    name: &str,
    file: &str,
    agent: Option<&str>,
    import: &mut Import,
) -> Result<(), ImportError> {
    let messages = messages(file);
    let said = messages.iter().filter(|message| !message.own);
    let authors = said.filter_map(|message| message.author.as_deref());
    let customer = authors.clone().find(|author| Some(*author) != agent);
    let customer = customer.map(ToOwned::to_owned).ok_or_else(|| {
        ImportError("no line has a date, a time and an author, as WhatsApp exports them".to_owned())
    })?;
    let others: BTreeSet<&str> = authors.filter(|it| *it != customer).collect();
    if agent.is_none() && others.len() > 1 {
        let what = "several people write: say with --agent which of them is the shop";
        return Err(ImportError(format!(
            "{what}; they are {customer}, {}",
            others.into_iter().collect::<Vec<_>>().join(", ")
        )));
    }
    import.begin(name, "WhatsApp chat");
    if agent.is_none() {
        import.degraded(&format!(
            "{customer} writes first and is taken for the customer; --agent says who is the shop"
        ));
    }
    for Message { author, words, own } in messages {
        let Some(author) = author else {
            import.skipped("a notice of WhatsApp");
            continue;
        };
        let lower = words.to_lowercase();
        let customers = agent.map_or(author == customer, |agent| author != agent);
        if DELETED.iter().any(|it| lower.starts_with(it)) {
            import.skipped("a message that was deleted");
        } else if is_omitted(&lower, own) {
            import.skipped("a file that was not exported");
        } else if is_attached(&lower) {
            import.skipped("a file");
        } else if own {
            import.skipped("a notice of WhatsApp");
        } else if words.is_empty() {
            import.skipped("a message without words");
        } else if customers {
            import.says(&words);
        } else {
            import.replied(&words);
        }
    }
    Ok(())
}

/// Android puts it in angle brackets, in every language; iOS says it in words, with its mark before them.
fn is_omitted(lower: &str, own: bool) -> bool {
    let bracketed = lower.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
    let bracketed = bracketed.is_some_and(|it| !it.contains(['<', '>', ':']));
    let last = lower.rsplit(' ').next().unwrap_or_default();
    let short = lower.split(' ').count() <= 3;
    // What it is comes first; a document is called by its name, and so may be long.
    bracketed || lower == "null" || (own || short) && OMITTED.contains(&last)
}

/// `<attached: 0001-PHOTO.jpg>` and its like in other languages, or a name with a note behind it.
fn is_attached(lower: &str) -> bool {
    let bracketed = lower.starts_with('<') && lower.ends_with('>') && lower.contains(": ");
    bracketed || ATTACHED.iter().any(|it| lower.contains(it))
}

/// The messages; a line without a head goes on with the one before.
fn messages(file: &str) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for line in file.lines() {
        let bare = line.trim_start_matches(MARKS);
        let rest = head().and_then(|head| head.captures(bare)).and_then(|found| found.get(1));
        match (rest, messages.last_mut()) {
            (Some(rest), _) => messages.push(message(rest.as_str())),
            (None, Some(last)) => {
                last.words.push('\n');
                last.words.push_str(plain(line).trim_end());
            }
            (None, None) => {}
        }
    }
    for message in &mut messages {
        let words = message.words.trim_end();
        let note = words.rfind('<').filter(|_| words.ends_with('>'));
        let note = note.and_then(|at| Some((at, words.get(at..)?.to_lowercase())));
        if let Some((at, note)) =
            note.filter(|(_, it)| EDITED.iter().any(|edited| it.contains(edited)))
            && at > 0
            && !note.contains('\n')
        {
            message.words.truncate(at);
        }
        message.words = message.words.trim_end().to_owned();
    }
    messages
}

fn message(rest: &str) -> Message {
    // Nothing may stand behind the colon.
    let split = rest.split_once(": ").or_else(|| Some((rest.strip_suffix(':')?, "")));
    let (author, words) = match split {
        Some((author, words)) => (Some(plain(author).trim().to_owned()), words),
        None => (None, rest),
    };
    // A document is called by its name first, and the mark stands behind it.
    let own = words.starts_with('\u{200e}') || words.contains(" \u{200e}• \u{200e}");
    Message { author, own, words: plain(words).trim().to_owned() }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !MARKS.contains(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Format, read};

    /// Dates and times as telephones of many languages write them, and what stands for a file and a deleted message.
    #[test]
    fn whatsapp_chats_of_many_languages() {
        let heads = [
            "25.11.26, 14:03 - ",
            "[25.11.26, 14:03:07] ",
            "25/11/2026 14:03 - ",
            "25/11/2026 à 14:03 - ",
            "25-11-2026 14:03 - ",
            "25.11.2026 klo 14.03 - ",
            "25.11.2026 kl. 14.03 - ",
            "2026-11-25 14:03 - ",
            "2026/11/25, 14:03 - ",
            "[2026/11/25 14:03:07] ",
            "25. 11. 2026 14:03 - ",
            "2026. 11. 25. 14:03 - ",
            "25.11.2026 г., 14:03 - ",
            "11/25/26, 2:03 PM - ",
            "[11/25/26, 2:03:07\u{202f}PM] ",
            "25/11/26, 2:03 p. m. - ",
            "25/11/2026, 2:03 p.\u{a0}m. - ",
            "2026/11/25 下午2:03 - ",
        ];
        for head in heads {
            let chat = format!("{head}Ada: a hat?\n{head}Shop: Here: two.\n");
            let imported = read(Format::Whatsapp, "file", &chat, Some("Shop")).unwrap();
            let turn = &imported.cases[0].turns[0];
            assert_eq!(turn.say.as_deref(), Some("a hat?"), "{head}");
            assert_eq!(turn.was.as_deref(), Some("Here: two."), "{head}");
            assert!(
                imported.skipped.is_empty() && imported.degraded.is_empty(),
                "{head} {imported:?}"
            );
        }
        let told = [
            ("<Medien ausgeschlossen>", "a file that was not exported"),
            ("<Multimedia omitido>", "a file that was not exported"),
            ("<Mídia oculta>", "a file that was not exported"),
            ("<Médias omis>", "a file that was not exported"),
            ("<Media omessi>", "a file that was not exported"),
            ("\u{200e}Bild weggelassen", "a file that was not exported"),
            ("\u{200e}imagen omitida", "a file that was not exported"),
            ("\u{200e}áudio ocultado", "a file that was not exported"),
            ("\u{200e}image absente", "a file that was not exported"),
            ("\u{200e}<Anhang: 1-PHOTO.jpg>", "a file"),
            ("A.vcf (Datei angehängt)", "a file"),
            ("Diese Nachricht wurde gelöscht.", "a message that was deleted"),
            ("\u{200e}Eliminaste este mensaje.", "a message that was deleted"),
            ("Mensagem apagada", "a message that was deleted"),
            ("Ce message a été supprimé", "a message that was deleted"),
            ("Questo messaggio è stato eliminato", "a message that was deleted"),
            ("\u{200e}Verpasster Sprachanruf", "a notice of WhatsApp"),
        ];
        for (words, why) in told {
            let chat =
                format!("[25.11.26, 14:03:07] Ada: a hat?\n[25.11.26, 14:03:08] Ada: {words}\n");
            let imported = read(Format::Whatsapp, "file", &chat, Some("Shop")).unwrap();
            let skipped: Vec<&String> = imported.skipped.keys().collect();
            assert_eq!((skipped, imported.imported), (vec![&why.to_owned()], 1), "{words}");
        }
        // People write such words too.
        for words in ["<3", "the blue one was omitted from the order", "null problem"] {
            let chat = format!("25.11.26, 14:03 - Ada: {words}\n");
            assert_eq!(
                read(Format::Whatsapp, "file", &chat, Some("S")).unwrap().imported,
                1,
                "{words}"
            );
        }
    }
}
