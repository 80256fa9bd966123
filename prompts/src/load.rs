//! A folder's files into a pack: what each file is, and what must hold between them.

use std::collections::{BTreeMap, BTreeSet};

use agent_core::id::{Locale, Name};
use agent_core::pack::{Content, Intent, Lexicon, Pack, Topic};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::document::Document;
use crate::folder::Folder;
use crate::manifest::{MODES, Manifest, is_name};
use crate::phrases;
use crate::problem::{PackErrors, Place, Problem};
use crate::suggest::nearest;

/// `intents.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Intents {
    intent: Vec<Intent>,
}

/// `topics.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Topics {
    topic: Vec<Topic>,
}

/// A pack with the texts it was read from, for closer looks.
#[derive(Debug)]
pub(crate) struct Loaded<'a> {
    pub(crate) content: Content,
    pub(crate) intents: Document<'a>,
    pub(crate) topics: Document<'a>,
    pub(crate) phrases: BTreeMap<Locale, Document<'a>>,
}

impl Folder {
    /// The pack in it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn pack(&self) -> Result<Pack, PackErrors> {
        let (loaded, problems) = self.load();
        PackErrors::unless(loaded, problems).map(|loaded| Pack::new(loaded.content))
    }

    /// What can be read of it, and every problem on the way.
    pub(crate) fn load(&self) -> (Option<Loaded<'_>>, Vec<Problem>) {
        let mut reader = Reader {
            folder: self,
            problems: self.problems.clone(),
            expected: BTreeSet::from(["README.md".to_owned()]),
        };
        let loaded = reader.loaded();
        (loaded, reader.problems)
    }
}

struct Reader<'a> {
    folder: &'a Folder,
    problems: Vec<Problem>,
    /// The files a pack of this manifest has.
    expected: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn loaded(&mut self) -> Option<Loaded<'a>> {
        let (manifest, document) = self.toml::<Manifest>("pack.toml")?;
        manifest.check(&document, &mut self.problems);
        let intents = self.toml::<Intents>("intents.toml");
        let topics = self.toml::<Topics>("topics.toml");
        let locales = manifest.spoken();
        if locales.is_empty() {
            return None;
        }
        let modes = manifest.routed().map(|(_, mode, route)| (mode, route.clone())).collect();
        let prompts =
            manifest.routed().map(|(name, mode, _)| (mode, self.prompts(name, &locales))).collect();
        let lexicons = self.lexicons(&locales);
        let (phrases, documents) = self.phrases(&locales);
        phrases::check(&locales, &documents, &mut self.problems);
        self.unknown_files(&locales);
        let ((intents, intents_toml), (topics, topics_toml)) = (intents?, topics?);
        let (intents, topics) = (intents.intent, topics.topic);
        self.listed(
            "intent",
            intents.iter().map(|i| (&i.name, &i.examples)),
            &locales,
            &intents_toml,
        );
        self.listed("topic", topics.iter().map(|t| (&t.name, &t.examples)), &locales, &topics_toml);
        self.rules(&topics, &locales, &topics_toml);
        let content = Content {
            name: manifest.name.into(),
            version: manifest.version,
            locales,
            modes,
            prompts,
            tools: manifest.tools,
            intents,
            topics,
            phrases,
            lexicons,
        };
        Some(Loaded { content, intents: intents_toml, topics: topics_toml, phrases: documents })
    }

    fn text(&mut self, file: &str) -> Option<&'a str> {
        self.expected.insert(file.to_owned());
        let text = self.folder.files.get(file);
        // A file that is there but could not be read has its problem already.
        let named = self.folder.name_of(file);
        if text.is_none() && self.problems.iter().all(|problem| problem.file != named) {
            self.problems.push(Problem::new(named, "the file is missing"));
        }
        text.map(String::as_str)
    }

    fn toml<T: DeserializeOwned>(&mut self, file: &str) -> Option<(T, Document<'a>)> {
        let text = self.text(file)?;
        let mut document = Document::parse(self.folder.name_of(file), text, &mut self.problems)?;
        let read = document.read(&mut self.problems)?;
        Some((read, document))
    }

    fn prompts(&mut self, mode: &str, locales: &[Locale]) -> BTreeMap<Locale, String> {
        let mut prompts = BTreeMap::new();
        for locale in locales {
            let file = format!("prompts/{mode}.{locale}.md");
            let Some(text) = self.text(&file) else { continue };
            if text.trim().is_empty() {
                self.problems.push(Problem::new(self.folder.name_of(&file), "the prompt is empty"));
            }
            for (byte, slot) in prompt_slots(text) {
                let what = format!(
                    "the slot `{{{slot}}}` is filled by nobody; a prompt is told as it stands"
                );
                let problem = Problem::new(self.folder.name_of(&file), what);
                self.problems.push(problem.at(Place::of(text, byte)));
            }
            prompts.insert(locale.clone(), text.to_owned());
        }
        prompts
    }

    fn lexicons(&mut self, locales: &[Locale]) -> BTreeMap<Locale, Lexicon> {
        let read = locales.iter().filter_map(|locale| {
            let (lexicon, _) = self.toml(&format!("lexicon.{locale}.toml"))?;
            Some((locale.clone(), lexicon))
        });
        read.collect()
    }

    fn phrases(
        &mut self,
        locales: &[Locale],
    ) -> (BTreeMap<Locale, BTreeMap<Name, String>>, BTreeMap<Locale, Document<'a>>) {
        let mut phrases = BTreeMap::new();
        let mut documents = BTreeMap::new();
        for locale in locales {
            let file = format!("phrases.{locale}.toml");
            let Some(text) = self.text(&file) else { continue };
            let parsed = Document::parse(self.folder.name_of(&file), text, &mut self.problems);
            let Some(mut document) = parsed else { continue };
            document.flatten(&mut self.problems);
            if let Some(read) = document.read(&mut self.problems) {
                phrases.insert(locale.clone(), read);
                documents.insert(locale.clone(), document);
            }
        }
        (phrases, documents)
    }

    /// Checks the names and examples of intents or topics.
    fn listed<'i>(
        &mut self,
        kind: &str,
        items: impl Iterator<Item = (&'i Name, &'i BTreeMap<Locale, Vec<String>>)>,
        locales: &[Locale],
        document: &Document<'a>,
    ) {
        let mut seen: BTreeMap<&Name, String> = BTreeMap::new();
        for (at, (name, examples)) in items.enumerate() {
            let at = at.to_string();
            let mut told =
                |path: &[&str], what: String| self.problems.push(document.problem(path, what));
            if !is_name(name.as_str()) {
                told(
                    &[kind, &at, "name"],
                    format!("`{name}` is no name; one has small letters, digits, `-`, `_` and `.`"),
                );
            }
            if let Some(first) = seen.get(name) {
                told(&[kind, &at, "name"], format!("{kind} `{name}` is already at {first}"));
            }
            seen.entry(name).or_insert_with(|| document.line(&[kind, &at, "name"]));
            for (locale, examples) in examples {
                let here = [kind, &at, "examples", locale.as_str()];
                if examples.is_empty() {
                    told(&here, format!("{kind} `{name}` has no examples in `{locale}`"));
                }
                for (n, _) in examples.iter().enumerate().filter(|(_, said)| said.trim().is_empty())
                {
                    let here = [kind, &at, "examples", locale.as_str(), &n.to_string()];
                    told(&here, "an example is empty".to_owned());
                }
            }
            self.spoken(&[kind, &at, "examples"], examples.keys(), locales, document);
        }
    }

    /// Checks the shop's rules.
    fn rules(&mut self, topics: &[Topic], locales: &[Locale], document: &Document<'a>) {
        for (at, topic) in topics.iter().enumerate() {
            let at = at.to_string();
            for (locale, _) in topic.text.iter().filter(|(_, text)| text.trim().is_empty()) {
                let here = ["topic", &at, "text", locale.as_str()];
                let what = format!("topic `{}` has no rule in `{locale}`", topic.name);
                self.problems.push(document.problem(&here, what));
            }
            self.spoken(&["topic", &at, "text"], topic.text.keys(), locales, document);
        }
    }

    /// Checks that the keys at a path are the pack's languages.
    fn spoken<'l>(
        &mut self,
        path: &[&str],
        keys: impl Iterator<Item = &'l Locale>,
        locales: &[Locale],
        document: &Document<'a>,
    ) {
        let keys: Vec<&Locale> = keys.collect();
        for key in keys.iter().filter(|key| !locales.contains(key)) {
            let here = [path, &[key.as_str()]].concat();
            let problem = document.problem(&here, format!("unknown locale `{key}`"));
            self.problems.push(problem.meant(key.as_str(), locales.iter().map(Locale::as_str)));
        }
        for locale in locales.iter().filter(|locale| !keys.contains(locale)) {
            let what = path
                .last()
                .map_or_else(String::new, |key| format!("`{key}` lacks locale `{locale}`"));
            self.problems.push(document.problem(path, what));
        }
    }

    /// Tells of files that a pack of this manifest does not have.
    fn unknown_files(&mut self, locales: &[Locale]) {
        let golden = |file: &str| file.starts_with("golden/") && file.ends_with(".toml");
        for file in self.folder.files.keys() {
            if self.expected.contains(file) || golden(file) {
                continue;
            }
            let told = |what: &str| Problem::new(self.folder.name_of(file), what);
            let problem = match kind_of(file) {
                Some((_, tag)) if !locales.iter().any(|locale| locale.as_str() == tag) => {
                    told(&format!("locale `{tag}` is not declared in pack.toml"))
                        .meant(tag, locales.iter().map(Locale::as_str))
                }
                Some((mode, _)) => told(&format!("`{mode}` has no route in pack.toml")),
                None => {
                    let mut problem = told("unknown file");
                    problem.nearest =
                        nearest(file, self.expected.iter().map(String::as_str)).map(str::to_owned);
                    problem
                }
            };
            self.problems.push(problem);
        }
    }
}

/// What a file is and its language, if it is of a kind that has one.
fn kind_of(file: &str) -> Option<(&str, &str)> {
    let (stem, _) = file.rsplit_once('.')?;
    let (kind, locale) = stem.rsplit_once('.')?;
    let known = |kind: &&str| {
        let mut modes = MODES.iter().map(|(mode, _)| *mode);
        modes.any(|mode| kind.strip_prefix("prompts/") == Some(mode))
            || ["phrases", "lexicon"].contains(kind)
    };
    Some((kind, locale)).filter(|(kind, _)| known(kind))
}

/// What looks like a `{slot}` in a prompt, and where. Other braces are its own: it may show JSON and `{{e1.price}}`.
fn prompt_slots(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('{').filter_map(|(at, _)| {
        let (slot, after) = text.get(at + 1..)?.split_once('}')?;
        let doubled = text.get(..at)?.ends_with('{') || after.starts_with('}');
        (!doubled && phrases::is_slot(slot)).then_some((at, slot))
    })
}
