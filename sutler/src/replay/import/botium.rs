//! Botium convo text: a name, then `#me` and `#bot` sections.

use super::{Import, ImportError};

/// Asserters whose argument the reply must contain, those it must not, and those that are patterns.
const CONTAINS: [&str; 5] =
    ["TEXT_CONTAINS_ANY", "TEXT_CONTAINS_ALL", "TEXT_CONTAINS", "TEXT", "TEXT_IC"];

pub(super) fn read(name: &str, file: &str, import: &mut Import) -> Result<(), ImportError> {
    let mut section: Option<String> = None;
    let mut lines: Vec<&str> = Vec::new();
    let first =
        file.lines().take_while(|line| !line.starts_with('#')).find(|line| !line.trim().is_empty());
    import.begin(first.map_or(name, str::trim), "Botium convo");
    let mut found = false;
    for line in file.lines().chain(["#end"]) {
        let Some(next) = line.strip_prefix('#') else {
            lines.push(line);
            continue;
        };
        if let Some(section) = section.take() {
            found |= matches!(section.as_str(), "me" | "bot");
            self::section(&section, &lines, import);
        }
        lines.clear();
        let named = next.split_whitespace().next().unwrap_or_default();
        section = Some(named.to_lowercase());
    }
    if found { Ok(()) } else { Err(ImportError("there is neither `#me` nor `#bot`".to_owned())) }
}

fn section(name: &str, lines: &[&str], import: &mut Import) {
    match name {
        "me" => me(lines, import),
        "bot" => bot(lines, import),
        "begin" => import.skipped("what is done before a convo"),
        "end" => {}
        other => import.skipped(&format!("a section `#{other}`")),
    }
}

fn me(lines: &[&str], import: &mut Import) {
    let mut said = Vec::new();
    for line in lines.iter().map(|line| line.trim_end()) {
        if let Some(button) = line.strip_prefix("BUTTON ") {
            // `BUTTON payload|text`: the customer sees the text.
            return import.taps(button.rsplit('|').next().unwrap_or(button).trim());
        }
        match command(line) {
            Some(command) => import.degraded(&format!("a step `{command}`")),
            None => said.push(line),
        }
    }
    let said = said.join("\n");
    if said.contains("${")
        || said.split_whitespace().any(|word| word.starts_with('$') && word.len() > 1)
    {
        import.degraded("words with a variable");
    }
    if said.trim_start().starts_with('{') {
        import.degraded("a message that is data");
    }
    match said.trim() {
        "" => import.skipped("a `#me` without words"),
        said => import.says(said),
    }
}

fn bot(lines: &[&str], import: &mut Import) {
    let mut said = Vec::new();
    for line in lines.iter().map(|line| line.trim_end()).filter(|line| !line.is_empty()) {
        let (not, bare) = line.strip_prefix('!').map_or((false, line), |line| (true, line));
        if bare.starts_with('?') {
            import.skipped("a line that may be missing");
            continue;
        }
        let asserter = command(bare);
        match asserter {
            None if not => put(bare, true, import),
            None => said.push(bare),
            Some("BUTTONS") if !not => {
                let labels =
                    bare.trim_start_matches("BUTTONS").split('|').map(|it| it.trim().to_owned());
                let labels: Vec<String> = labels.filter(|it| !it.is_empty()).collect();
                if let Some(turn) = import.answered() {
                    turn.offers = Some(labels);
                }
            }
            Some(name) if CONTAINS.contains(&name) => {
                let wanted = bare.get(name.len()..).unwrap_or_default().trim();
                if name == "TEXT_CONTAINS_ANY" && wanted.contains('|') && !not {
                    let any: Vec<String> =
                        wanted.split('|').map(|it| regex::escape(it.trim())).collect();
                    if let Some(turn) = import.answered() {
                        turn.matches.push(format!("(?i){}", any.join("|")));
                    }
                } else {
                    wanted.split('|').for_each(|it| put(it.trim(), not, import));
                }
            }
            Some(name) => import.skipped(&format!("an assertion `{name}`")),
        }
    }
    // Botium takes a reply that contains the words for the right one.
    let said = said.join("\n");
    if !said.trim().is_empty() {
        put(said.trim(), false, import);
    }
}

fn put(words: &str, not: bool, import: &mut Import) {
    let words = words.to_owned();
    if let Some(turn) = import.answered() {
        if not { turn.not.push(words) } else { turn.reply.push(words) }
    }
}

/// The name of an asserter or a logic hook: capitals, digits and `_`.
fn command(line: &str) -> Option<&str> {
    let word = line.split_whitespace().next()?;
    let name = word.len() > 2
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let known = word.contains('_')
        || [
            "BUTTONS",
            "MEDIA",
            "CARDS",
            "FORM",
            "FORMS",
            "INTENT",
            "ENTITIES",
            "PAUSE",
            "WAITFORBOT",
            "TEXT",
        ]
        .contains(&word);
    (name && known).then_some(word)
}
