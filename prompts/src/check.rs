//! A closer look at a pack: what loads, and is odd all the same.

use std::collections::{BTreeMap, BTreeSet};

use agent_core::id::Locale;
use agent_core::pack::{CLERK_INTENTS, ENGINE_PHRASES, Pack};

use crate::document::Document;
use crate::folder::Folder;
use crate::golden::{self, Golden};
use crate::load::Loaded;
use crate::phrases::slots;
use crate::problem::{PackErrors, Problem, sort};

/// The longest phrase, in characters, that is still read on a telephone, and that fits the smallest
/// text of a platform with what fills its slots.
const LONG_PHRASE: usize = 600;

/// A language whose examples times this are still fewer than another's is understood worse.
const FEW_EXAMPLES: usize = 2;

/// A pack that was looked at closely.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The pack.
    pub pack: Pack,
    /// Its golden conversations, in the order of their files.
    pub goldens: Vec<Golden>,
    /// What is odd, in the order of files and lines.
    pub warnings: Vec<Problem>,
}

impl Folder {
    /// Loads the pack and its golden conversations, and looks for what is allowed but odd.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<Checked, PackErrors> {
        let (loaded, mut problems) = self.load();
        let goldens = match &loaded {
            Some(loaded) => golden::read(self, &loaded.content, &mut problems),
            None => Vec::new(),
        };
        let loaded = PackErrors::unless(loaded, problems)?;
        let mut warnings = Vec::new();
        shared_examples(&loaded, &mut warnings);
        phrases(&loaded, &mut warnings);
        unsaid(&loaded, &mut warnings);
        intents(&loaded, &mut warnings);
        for locale in &loaded.content.locales {
            if goldens.iter().all(|golden| golden.locale != *locale) {
                let what = format!("no golden conversation is in `{locale}`");
                warnings.push(Problem::new(self.name_of("golden"), what));
            }
        }
        sort(&mut warnings);
        Ok(Checked { pack: Pack::new(loaded.content), goldens, warnings })
    }
}

/// Examples that stand in two intents or topics, and languages that have few.
fn shared_examples(loaded: &Loaded<'_>, warnings: &mut Vec<Problem>) {
    let mut seen: BTreeMap<(&Locale, String), String> = BTreeMap::new();
    let content = &loaded.content;
    let intents = content.intents.iter().map(|intent| &intent.examples).enumerate();
    let topics = content.topics.iter().map(|topic| &topic.examples).enumerate();
    let intents = intents.map(|(at, examples)| ("intent", &loaded.intents, at, examples));
    let topics = topics.map(|(at, examples)| ("topic", &loaded.topics, at, examples));
    for (kind, document, at, examples) in intents.chain(topics) {
        let at = at.to_string();
        let most = examples.values().map(Vec::len).max().unwrap_or(0);
        for (locale, said) in examples {
            let here = [kind, &at, "examples", locale.as_str()];
            if said.len() * FEW_EXAMPLES < most {
                let what = format!(
                    "`{locale}` has few examples: {} where another language has {most}",
                    said.len()
                );
                warnings.push(document.problem(&here, what));
            }
            for (n, example) in said.iter().enumerate() {
                let here = [kind, &at, "examples", locale.as_str(), &n.to_string()];
                if let Some(first) = seen.get(&(locale, plain(example))) {
                    let what = format!("the example \"{example}\" is already at {first}");
                    warnings.push(document.problem(&here, what));
                    continue;
                }
                seen.insert((locale, plain(example)), document.line(&here));
            }
        }
    }
}

/// Phrases that are too long for a chat, or the same in two languages.
fn phrases(loaded: &Loaded<'_>, warnings: &mut Vec<Problem>) {
    let mut texts: BTreeMap<(&str, &str), &Document<'_>> = BTreeMap::new();
    for document in loaded.content.locales.iter().filter_map(|l| loaded.phrases.get(l)) {
        for phrase in document.keys() {
            for text in document.strings(phrase) {
                let long = text.chars().count();
                if long > LONG_PHRASE {
                    let what = format!(
                        "phrase `{phrase}` has {long} characters; in a chat {LONG_PHRASE} are much"
                    );
                    warnings.push(document.problem(&[phrase], what));
                }
                if let Some(other) = texts.get(&(phrase, text)).filter(|_| is_sentence(text)) {
                    let what = format!(
                        "phrase `{phrase}` is word for word that of {}",
                        other.line(&[phrase])
                    );
                    warnings.push(document.problem(&[phrase], what));
                }
                texts.entry((phrase, text)).or_insert(document);
            }
        }
    }
}

/// Slots of the engine's phrases that are said by none; of other languages those of the first must be.
fn unsaid(loaded: &Loaded<'_>, warnings: &mut Vec<Problem>) {
    let first = loaded.content.locales.first().and_then(|it| loaded.phrases.get(it));
    let Some(document) = first else { return };
    for (phrase, filled) in ENGINE_PHRASES {
        let texts = document.strings(phrase);
        let used: BTreeSet<&str> =
            texts.iter().flat_map(|it| slots(it).unwrap_or_default()).collect();
        for slot in filled.iter().filter(|slot| !used.contains(*slot)) {
            let what = format!("phrase `{phrase}` does not say its slot `{slot}`");
            warnings.push(document.problem(&[phrase], what));
        }
    }
}

/// Intents by which the clerk understands nothing, and those without which customers can't be served.
fn intents(loaded: &Loaded<'_>, warnings: &mut Vec<Problem>) {
    let content = &loaded.content;
    let own = |name: &str| content.intents.iter().any(|intent| intent.name.as_str() == name);
    for (at, intent) in content.intents.iter().enumerate() {
        let name = intent.name.as_str();
        if !CLERK_INTENTS.contains(&name) {
            let what = format!("the clerk understands nothing by the intent `{name}`");
            let problem = loaded.intents.problem(&["intent", &at.to_string(), "name"], what);
            warnings.push(problem.meant(name, CLERK_INTENTS.iter().copied()));
        }
    }
    let needed = [("human", "ask for a person"), ("checkout", "order")];
    // Where nothing can be ordered, nobody needs to ask for it.
    let wanted = |name: &str| name != "checkout" || content.tools.contains_key(name);
    for (name, what) in needed.into_iter().filter(|(name, _)| !own(name) && wanted(name)) {
        let what = format!("there is no intent `{name}`: nobody can {what} by it");
        warnings.push(loaded.intents.problem(&[], what));
    }
}

/// An example as it is compared: without case, punctuation and double spaces.
fn plain(example: &str) -> String {
    let letters = example.to_lowercase().replace(|letter: char| !letter.is_alphanumeric(), " ");
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text has words enough that two languages would not say it alike.
fn is_sentence(text: &str) -> bool {
    let words: BTreeSet<&str> =
        text.split_whitespace().filter(|word| !word.contains('{')).collect();
    words.len() > 2
}
