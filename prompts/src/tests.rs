//! What authors are told of a bad pack.

mod places;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use agent_core::pack::{CLERK_INTENTS, ENGINE_PHRASES};
use expect_test::{Expect, expect};

use crate::builtin;
use crate::folder::Folder;

const MANIFEST: &str = r#"format = 1
name = "tea"
version = "1"
locales = ["en", "de"]
[modes]
instant = "default"
thinking = "default"
shopping = "default"
[tools.search]
[tools.checkout]
confirm = true
"#;

const INTENTS: &str = r#"[[intent]]
name = "greet"
examples.en = ["hello"]
examples.de = ["hallo"]
"#;

const TOPICS: &str = r#"[[topic]]
name = "returns"
examples.en = ["send it back"]
examples.de = ["umtauschen"]
text.en = "Thirty days."
text.de = "Dreißig Tage."
"#;

const LEXICON: &str = r#"writing = { decimal = ".", group = ",", money = "{sign}{number}" }"#;

const GOLDEN: &str = r#"name = "one"
locale = "en"
[[turn]]
say = "hi"
kind = "greet"
"#;

/// What the clerk must understand beside.
const REST: &str = r#"[[intent]]
name = "human"
examples.en = ["a person, please"]
examples.de = ["einen Menschen, bitte"]
[[intent]]
name = "checkout"
examples.en = ["I pay"]
examples.de = ["ich zahle"]
"#;

/// Phrases of a test, with those every pack must have after them.
fn phrases(own: &str) -> String {
    let mut text = own.to_owned();
    for (name, slots) in ENGINE_PHRASES {
        let slots: String = slots.iter().map(|slot| format!(" {{{slot}}}")).collect();
        writeln!(text, "\n\"{name}\" = \"…{slots}\"").unwrap();
    }
    text
}

/// A small sound pack in two languages.
fn sound() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut add = |name: &str, text: &str| drop(files.insert(name.to_owned(), text.to_owned()));
    add("pack.toml", MANIFEST);
    add("intents.toml", &format!("{INTENTS}{REST}"));
    add("topics.toml", TOPICS);
    add("golden/one.toml", GOLDEN);
    for locale in ["en", "de"] {
        add(&format!("phrases.{locale}.toml"), &phrases("greet.first = \"{shop}!\""));
        add(&format!("lexicon.{locale}.toml"), LEXICON);
        for mode in ["instant", "thinking", "shopping"] {
            let prompt = "You serve. Write `{{e1.price}}`, call {\"a\": 1}.\n";
            add(&format!("prompts/{mode}.{locale}.md"), prompt);
        }
    }
    files
}

/// The sound pack with some files changed; those without text are taken away.
fn folder(changes: &[(&str, &str)]) -> Folder {
    let mut files = sound();
    for (name, text) in changes {
        files.remove(*name);
        if !text.is_empty() {
            files.insert((*name).to_owned(), (*text).to_owned());
        }
    }
    Folder::of("tea", files)
}

/// Loads the sound pack with changes and shows what its author is told.
#[track_caller]
fn check(changes: &[(&str, &str)], expect: &Expect) {
    let told = match folder(changes).check() {
        Ok(checked) => {
            let lines = checked.warnings.iter().map(|warning| format!("warning: {warning}\n"));
            lines.collect()
        }
        Err(errors) => format!("{errors}\n"),
    };
    expect.assert_eq(&told);
}

#[test]
fn a_sound_pack_is_read_whole() {
    let pack = folder(&[]).pack().unwrap();
    assert_eq!(pack.locales, ["en".into(), "de".into()]);
    assert!(pack.tools["checkout"].confirm && !pack.tools["search"].confirm);
    assert_eq!(pack.phrase("greet.first", &"de".into()), "{shop}!");
    assert_eq!(pack.topics[0].text["de"], "Dreißig Tage.");
    check(
        &[],
        &expect![[r#"
        warning: tea/golden: no golden conversation is in `de`
    "#]],
    );
}

#[test]
fn its_identity_is_its_content_and_not_how_it_is_written() {
    let id = |changes: &[(&str, &str)]| folder(changes).pack().unwrap().id();
    let quoted = phrases("# a remark\n\"greet.first\" = '{shop}!'");
    let tabled = format!("{}\n[greet]\nfirst = \"{{shop}}!\"", phrases(""));
    assert_eq!(id(&[]), id(&[("phrases.en.toml", quoted.as_str())]));
    assert_eq!(id(&[]), id(&[("phrases.en.toml", tabled.as_str()), ("README.md", "About tea.")]));
    assert_ne!(id(&[]), id(&[("phrases.en.toml", &phrases("greet.first = \"{shop}?\""))]));
    assert_ne!(id(&[]), id(&[("prompts/instant.en.md", "Serve.")]));
}

#[test]
fn the_manifest_tells_all_its_problems_at_once() {
    let manifest = r#"format = 2
nmae = "tea"
version = 1
locales = ["en", "de", "en", "english"]
[modes]
instant = "default"
thinking = "default"
shoping = "default"
[tools.serach]
[tools.checkout]
confrim = true
[tools.teleport]
"#;
    check(
        &[("pack.toml", manifest)],
        &expect![[r#"
            tea/pack.toml:1:1: format 2 is not known here; this program reads format 1
            tea/pack.toml:1:1: the pack needs a `name` of small letters, digits, `-` and `_`
            tea/pack.toml:1:1: the pack needs a `version`
            tea/pack.toml:2:1: unknown key `nmae`; did you mean `name`?
            tea/pack.toml:3:11: invalid type: integer `1`, expected a string
            tea/pack.toml:4:24: locale `en` is declared twice
            tea/pack.toml:4:30: `english` is no language tag; one is `en` or `pt-BR`
            tea/pack.toml:8:1: unknown mode `shoping`; did you mean `shopping`?
            tea/pack.toml:9:8: unknown tool `serach`; did you mean `search`?
            tea/pack.toml:11:1: unknown key `confrim`; did you mean `confirm`?
            tea/pack.toml:12:8: unknown tool `teleport`; known: search, product, compare, cart_view, cart_add, cart_set, cart_remove, checkout, policy, hand_over
            tea/prompts/shopping.de.md: `prompts/shopping` has no route in pack.toml
            tea/prompts/shopping.en.md: `prompts/shopping` has no route in pack.toml
        "#]],
    );
    check(
        &[("pack.toml", "locales = []")],
        &expect![[r#"
            tea/pack.toml:1:1: missing key `format`; write `format = 1`
            tea/pack.toml:1:1: the pack needs a `name` of small letters, digits, `-` and `_`
            tea/pack.toml:1:1: the pack needs a `version`
            tea/pack.toml:1:1: the pack needs `locales`; the first is the default
            tea/pack.toml:1:1: the pack needs a route for a mode: `modes.shopping`
        "#]],
    );
    check(
        &[("pack.toml", "format = 1\nname = \n[tools\n")],
        &expect![[r#"
        tea/pack.toml:2:8: string values must be quoted, expected literal string
        tea/pack.toml:3:7: unclosed table, expected `]`
    "#]],
    );
}

#[test]
fn files_are_those_the_manifest_asks_for() {
    check(
        &[
            ("intents.toml", ""),
            ("intent.toml", INTENTS),
            ("phrases.de.toml", ""),
            ("lexicon.fr.toml", LEXICON),
            ("prompts/shopping.de.md", ""),
            ("prompts/shoping.de.md", "Verkaufe."),
            ("prompts/thinking.en.md", " \n"),
            ("notes.txt", "hm"),
        ],
        &expect![[r#"
            tea/intent.toml: unknown file; did you mean `intents.toml`?
            tea/intents.toml: the file is missing
            tea/lexicon.fr.toml: locale `fr` is not declared in pack.toml; known: en, de
            tea/notes.txt: unknown file
            tea/phrases.de.toml: the file is missing
            tea/prompts/shoping.de.md: unknown file; did you mean `prompts/shopping.de.md`?
            tea/prompts/shopping.de.md: the file is missing
            tea/prompts/thinking.en.md: the prompt is empty
        "#]],
    );
}

#[test]
fn intents_and_topics_name_what_is_wrong_with_each() {
    let intents = r#"[[intent]]
name = "greet"
examples.en = ["hello", " "]
examples.fr = ["bonjour"]
[[intent]]
nam = "bye"
examples.en = ["bye"]
examples.de = ["tschüss"]
[[intent]]
name = "greet"
examples.en = []
examples.de = "hallo"
[[intent]]
name = "Say Hi"
exmples = 3
"#;
    let topics = "[[topics]]\nname = \"returns\"\n";
    check(
        &[("intents.toml", intents), ("topics.toml", topics)],
        &expect![[r#"
            tea/intents.toml:3:1: `examples` lacks locale `de`
            tea/intents.toml:3:25: an example is empty
            tea/intents.toml:4:10: unknown locale `fr`; known: en, de
            tea/intents.toml:6:1: unknown key `nam`; did you mean `name`?
            tea/intents.toml:10:1: intent `greet` is already at tea/intents.toml:2
            tea/intents.toml:11:1: `examples` lacks locale `de`
            tea/intents.toml:11:10: intent `greet` has no examples in `en`
            tea/intents.toml:12:15: invalid type: string "hallo", expected a sequence
            tea/intents.toml:15:1: unknown key `exmples`; did you mean `examples`?
            tea/topics.toml:1:3: unknown key `topics`; did you mean `topic`?
        "#]],
    );
    let rule = TOPICS.replace("Thirty days.", " ").replace("text.de", "text.dee");
    check(
        &[("topics.toml", &rule)],
        &expect![[r#"
        tea/topics.toml:5:1: `text` lacks locale `de`
        tea/topics.toml:5:6: topic `returns` has no rule in `en`
        tea/topics.toml:6:6: unknown locale `dee`; did you mean `de`?
    "#]],
    );
}

#[test]
fn phrases_agree_between_languages() {
    let english = r#"
greet.first = "Welcome to {shop}"
cart.added = "{quantity} of {title} for {{e1.price}}"
cart.gone = "Gone: {title}"
"#;
    let german = r#"
greet.first = "Willkommen"
cart.added = "{titel}, {quantity} Stück"
cart.goner = "Weg: {title}"
bye = "Tschüss"
"#;
    let changes = [("phrases.en.toml", phrases(english)), ("phrases.de.toml", phrases(german))];
    let changes = changes.each_ref().map(|(name, text)| (*name, text.as_str()));
    check(
        &changes,
        &expect![[r#"
            tea/phrases.de.toml:2:7: phrase `greet.first` lacks the slot `shop`, which tea/phrases.en.toml:2 has
            tea/phrases.de.toml:3:6: phrase `cart.added` has the unknown slot `titel`; did you mean `title`?
            tea/phrases.de.toml:3:6: phrase `cart.added` lacks the slot `title`, which tea/phrases.en.toml:3 has
            tea/phrases.de.toml:4:6: unknown phrase `cart.goner`; did you mean `cart.gone`?
            tea/phrases.de.toml:5:1: unknown phrase `bye`
        "#]],
    );
}

#[test]
fn a_slot_the_clerk_does_not_fill_is_a_slip() {
    let slip = phrases("greet.first = \"{shop}!\"\nask.about = \"{titel} comes in several\"");
    let sound = phrases("greet.first = \"{shop}!\"\nask.about = \"{title} gibt es mehrmals\"");
    check(
        &[("phrases.en.toml", &slip), ("phrases.de.toml", &sound)],
        &expect![[r#"
            tea/phrases.de.toml:2:5: phrase `ask.about` has the slot `title`, which tea/phrases.en.toml:2 lacks
            tea/phrases.en.toml:2:5: phrase `ask.about` has the unknown slot `titel`; did you mean `title`?
        "#]],
    );
}

#[test]
fn phrases_of_the_engine_must_be_there_with_its_slots() {
    let whole = phrases("greet.first = \"{shop}!\"");
    let slip = whole.replace("\"fallback\"", "\"falback\"").replace("\"tap.spent\"", "\"spent\"");
    let slot = slip.replace("\"tap.expired\" = \"…\"", "\"tap.expired\" = \"{when}\"");
    check(
        &[("phrases.en.toml", &slot)],
        &expect![[r#"
            tea/phrases.de.toml:1:1: missing phrase `spent`; tea/phrases.en.toml:46 has it
            tea/phrases.en.toml:1:1: missing phrase `tap.spent`; the engine says it
            tea/phrases.en.toml:24:1: unknown phrase `falback`; did you mean `fallback`?
            tea/phrases.en.toml:44:1: phrase `tap.expired` has the unknown slot `when`
        "#]],
    );
}

#[test]
fn braces_are_slots_or_a_mistake() {
    let phrases = |own: &str| phrases(&format!("greet.first = \"{{shop}}!\"\n{own}"));
    let broken = phrases("a = \"{open\"\nb = \"{{e1.price}\"\nc = \"{Two Words}\"\nd = \"{}\"\n");
    let whole = phrases("a = \"\"\nb = \"\"\nc = \"\"\nd = \"\"\n");
    check(
        &[
            ("phrases.en.toml", &broken),
            ("phrases.de.toml", &whole),
            ("prompts/instant.de.md", "Hier ist der Laden.\nDu heißt {shpo} und {name}.\n"),
        ],
        &expect![[r#"
            tea/phrases.en.toml:2:1: phrase `a`: a `{` is never closed
            tea/phrases.en.toml:3:1: phrase `b`: a `{{` is never closed
            tea/phrases.en.toml:4:1: phrase `c`: `{Two Words}` is no slot; one is written `{small_letters}`
            tea/phrases.en.toml:5:1: phrase `d`: `{}` is no slot; one is written `{small_letters}`
            tea/prompts/instant.de.md:2:10: the slot `{shpo}` is filled by nobody; a prompt is told as it stands
            tea/prompts/instant.de.md:2:21: the slot `{name}` is filled by nobody; a prompt is told as it stands
        "#]],
    );
}

#[test]
fn a_key_is_said_once() {
    let nested =
        format!("{}\n[greet]\nfirst = \"again\"\n", phrases("\"greet.first\" = \"{shop}\""));
    let twice = "name = 1\n".to_owned() + GOLDEN;
    check(
        &[("phrases.en.toml", &nested), ("golden/one.toml", &twice)],
        &expect![[r#"
        tea/golden/one.toml:2:1: duplicate key
        tea/phrases.en.toml:1:1: duplicate key `greet.first`
    "#]],
    );
}

#[test]
fn lexicons_are_read_by_the_types_of_the_core() {
    let lexicon =
        "writing = { decimal = \".\", gruop = \",\", money = 3 }\nyess = [\"yes\"]\nsizes = 1\n";
    check(
        &[("lexicon.de.toml", lexicon)],
        &expect![[r#"
            tea/lexicon.de.toml:1:28: unknown key `gruop`; did you mean `group`?
            tea/lexicon.de.toml:1:49: invalid type: integer `3`, expected a string
            tea/lexicon.de.toml:2:1: unknown key `yess`; did you mean `yes`?
            tea/lexicon.de.toml:3:1: unknown key `sizes`
        "#]],
    );
}

#[test]
fn a_text_of_another_format_is_not_told_of_without_end() {
    let lexicon: String = (0..500).map(|n| format!("key{n} = 1\n")).collect();
    let errors = folder(&[("lexicon.de.toml", &lexicon)]).pack().unwrap_err();
    assert_eq!(errors.problems().len(), 100);
}

#[test]
fn golden_conversations_are_checked_against_the_pack() {
    let golden = r#"name = "one"
locale = "eng"
[[turn]]
say = "hi"
tap = "there"
[[turn]]
replies = ["hello"]
[[turn]]
say = "search"
tools = [{ name = "serch" }]
parts = ["text", "card"]
owner = "human"
[[turn]]
tap = "Add"
kind = "gret"
cart = [{ variant = "A", quantity = -1 }]
"#;
    check(
        &[("golden/one.toml", golden), ("golden/two.toml", "name = \"two\"\nlocale = \"de\"\n")],
        &expect![[r#"
            tea/golden/one.toml:2:1: unknown locale `eng`; did you mean `en`?
            tea/golden/one.toml:3:1: a turn has either `say` or `tap`
            tea/golden/one.toml:6:1: a turn has either `say` or `tap`
            tea/golden/one.toml:7:1: unknown key `replies`; known: say, tap, tools, reply, not, kind, parts, cart, owner
            tea/golden/one.toml:10:12: unknown tool `serch`; did you mean `search`?
            tea/golden/one.toml:11:18: unknown value `card`; did you mean `cards`?
            tea/golden/one.toml:12:9: unknown value `human`; known: bot, waiting, person, closed
            tea/golden/one.toml:15:1: no phrase and no area of phrases is called `gret`
            tea/golden/one.toml:16:37: invalid value: integer `-1`, expected u32
            tea/golden/two.toml:1:1: the conversation has no `[[turn]]`
        "#]],
    );
}

#[test]
fn what_is_odd_is_a_warning() {
    let intents = format!(
        "{INTENTS}[[intent]]\nname = \"bye\"\nexamples.en = [\"Hello!\", \"o/\", \"ahoi\"]\nexamples.de = [\"moin\"]\n{REST}"
    );
    let long = phrases(&format!(
        "greet.first = \"{{shop}}!\"\nbye = \"See you soon again {}\"",
        "…".repeat(600)
    ));
    check(
        &[("intents.toml", &intents), ("phrases.en.toml", &long), ("phrases.de.toml", &long)],
        &expect![[r#"
            warning: tea/golden: no golden conversation is in `de`
            warning: tea/intents.toml:7:16: the example "Hello!" is already at tea/intents.toml:3
            warning: tea/intents.toml:8:10: `de` has few examples: 1 where another language has 3
            warning: tea/phrases.de.toml:2:1: phrase `bye` has 619 characters; in a chat 600 are much
            warning: tea/phrases.de.toml:2:1: phrase `bye` is word for word that of tea/phrases.en.toml:2
            warning: tea/phrases.en.toml:2:1: phrase `bye` has 619 characters; in a chat 600 are much
        "#]],
    );
}

#[test]
fn an_intent_nobody_understands_is_a_warning() {
    let slip = format!("{INTENTS}{}", REST.replace("\"human\"", "\"humans\""));
    check(
        &[("intents.toml", &slip)],
        &expect![[r#"
            warning: tea/golden: no golden conversation is in `de`
            warning: tea/intents.toml:1:1: there is no intent `human`: nobody can ask for a person by it
            warning: tea/intents.toml:6:1: the clerk understands nothing by the intent `humans`; did you mean `human`?
        "#]],
    );
    check(
        &[("intents.toml", INTENTS)],
        &expect![[r#"
            warning: tea/golden: no golden conversation is in `de`
            warning: tea/intents.toml:1:1: there is no intent `human`: nobody can ask for a person by it
            warning: tea/intents.toml:1:1: there is no intent `checkout`: nobody can order by it
        "#]],
    );
}

#[test]
fn what_the_packs_in_the_binary_want_is_understood() {
    for name in builtin() {
        for intent in &Folder::builtin(name).unwrap().pack().unwrap().intents {
            assert!(CLERK_INTENTS.contains(&intent.name.as_str()), "{name}: {}", intent.name);
        }
    }
}

#[test]
fn what_is_reduced_has_its_price() {
    let own = |name: &str, text: &str| {
        let whole = phrases("greet.first = \"{shop}!\"");
        let rest = whole.lines().filter(|line| !line.starts_with(&format!("\"{name}\"")));
        format!("{}\n\"{name}\" = \"{text}\"\n", rest.collect::<Vec<_>>().join("\n"))
    };
    let told = |name: &str, text: &str, expect: Expect| {
        let (english, german) = (own(name, text), own(name, &format!("{text}?")));
        check(&[("phrases.en.toml", &english), ("phrases.de.toml", &german)], &expect);
    };
    told(
        "card.sale",
        "{was}",
        expect![[r#"
            tea/phrases.en.toml:46:1: phrase `card.sale` lacks the slot `price`: a reduced product would have none
        "#]],
    );
    told(
        "card.sale",
        "Now {price}",
        expect![[r#"
            warning: tea/golden: no golden conversation is in `de`
            warning: tea/phrases.en.toml:46:1: phrase `card.sale` does not say its slot `was`
        "#]],
    );
    told(
        "stock.few",
        "Few",
        expect![[r#"
            warning: tea/golden: no golden conversation is in `de`
            warning: tea/phrases.en.toml:46:1: phrase `stock.few` does not say its slot `count`
        "#]],
    );
}
