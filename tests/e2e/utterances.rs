//! What customers may write, that no pack has among its own examples: the clerk is right in at least nine of
//! ten of those it was changed after. Each file was written before the clerk was run on it; what it misses is listed
//! in the folder `misses`. The `heldout` sets are in voices far from the packs' (formal, slang, dictated, learners').
//! Each file says how much of it was right at its first run, which is what strangers may expect.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use agent_core::id::{Locale, Name};
use agent_core::model::clerk::{Clerk, Wish};
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::pack::{Content, Pack};
use agent_core::time::turned::TurnedClock;
use async_trait::async_trait;
use catalog::Goods;
use expect_test::expect_file;
use prompts::golden::Turn;
use prompts::{Feed, Folder};
use serde::Deserialize;
use sutler_tests::world::{SHOP, START, World};

use crate::goldens::wrong;

/// The sets in the order they were written, each a test of its own; what their files begin with, and how many of
/// 100 are right at least.
macro_rules! sets {
    ($($name:ident: $prefix:literal, $least:literal;)*) => {
        const SETS: &[&str] = &[$($prefix),*];
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                understood(stringify!($name), $prefix, $least).await;
            }
        )*
    };
}

sets! {
    first: "", 90;
    second: "second.", 90;
    heldout: "heldout.", 90;
    third: "third.", 90;
    fourth: "fourth.", 90;
    fifth: "fifth.", 90;
    sixth: "sixth.", 90;
    seventh: "seventh.", 90;
    eighth: "eighth.", 90;
    ninth: "ninth.", 90;
    tenth: "tenth.", 90;
    eleventh: "eleventh.", 90;
    twelfth: "twelfth.", 90;
    thirteenth: "thirteenth.", 90;
    fourteenth: "fourteenth.", 90;
    fifteenth: "fifteenth.", 90;
    sixteenth: "sixteenth.", 90;
    seventeenth: "seventeenth.", 90;
    eighteenth: "eighteenth.", 90;
    nineteenth: "nineteenth.", 90;
    twentieth: "twentieth.", 85;
    twentyfirst: "twentyfirst.", 85;
    twentysecond: "twentysecond.", 85;
    twentythird: "twentythird.", 90;
    twentyfourth: "twentyfourth.", 90;
    twentyfifth: "twentyfifth.", 90;
    twentysixth: "twentysixth.", 90;
    twentyseventh: "twentyseventh.", 75;
    twentyeighth: "twentyeighth.", 90;
    twentyninth: "twentyninth.", 80;
    thirtieth: "thirtieth.", 85;
    thirtyfirst: "thirtyfirst.", 80;
    thirtysecond: "thirtysecond.", 70;
    thirtythird: "thirtythird.", 80;
    thirtyfourth: "thirtyfourth.", 70;
    thirtyfifth: "thirtyfifth.", 80;
    thirtysixth: "thirtysixth.", 75;
    thirtyseventh: "thirtyseventh.", 75;
    thirtyeighth: "thirtyeighth.", 85;
    thirtyninth: "thirtyninth.", 85;
    fortieth: "fortieth.", 80;
}

/// What each set has: what its file is called, the pack, the language, and a feed of its own.
const SHOPS: &[(&str, &str, &str, Option<&str>)] = &[
    ("retail.en", "retail", "en", None),
    ("retail.de", "retail", "de", None),
    ("restaurant.en", "restaurant", "en", None),
    ("outdoor.en", "retail", "en", Some("outdoor.csv")),
    ("home.en", "retail", "en", Some("home.csv")),
    ("garten.de", "retail", "de", Some("garten.csv")),
    ("pets.en", "retail", "en", Some("pets.csv")),
    ("drogerie.de", "retail", "de", Some("drogerie.csv")),
    ("toys.en", "retail", "en", Some("toys.csv")),
    ("elektro.de", "retail", "de", Some("elektro.csv")),
    ("shoes.en", "retail", "en", Some("shoes.csv")),
    ("sport.de", "retail", "de", Some("sport.csv")),
    ("paper.en", "retail", "en", Some("paper.csv")),
    ("wohnen.de", "retail", "de", Some("wohnen.csv")),
    ("coffee.en", "retail", "en", Some("coffee.csv")),
    ("baby.de", "retail", "de", Some("baby.csv")),
    ("music.en", "retail", "en", Some("music.csv")),
    ("feinkost.de", "retail", "de", Some("feinkost.csv")),
    ("bike.en", "retail", "en", Some("bike.csv")),
    ("schmuck.de", "retail", "de", Some("schmuck.csv")),
    ("photo.en", "retail", "en", Some("photo.csv")),
    ("basteln.de", "retail", "de", Some("basteln.csv")),
    ("tools.en", "retail", "en", Some("tools.csv")),
    ("kueche.de", "retail", "de", Some("kueche.csv")),
    ("office.en", "retail", "en", Some("office.csv")),
    ("angeln.de", "retail", "de", Some("angeln.csv")),
    ("beauty.en", "retail", "en", Some("beauty.csv")),
    ("tee.de", "retail", "de", Some("tee.csv")),
    ("street.en", "retail", "en", Some("street.csv")),
    ("mode.de", "retail", "de", Some("mode.csv")),
    ("furniture.en", "retail", "en", Some("furniture.csv")),
    ("reiten.de", "retail", "de", Some("reiten.csv")),
    ("electronics.en", "retail", "en", Some("electronics.csv")),
    ("boutique.en", "retail", "en", Some("boutique.csv")),
    ("camping.de", "retail", "de", Some("camping.csv")),
    ("gifts.en", "retail", "en", Some("gifts.csv")),
    ("schuhe.de", "retail", "de", Some("schuhe.csv")),
    ("gym.en", "retail", "en", Some("gym.csv")),
    ("textil.de", "retail", "de", Some("textil.csv")),
    ("luggage.en", "retail", "en", Some("luggage.csv")),
    ("lampen.de", "retail", "de", Some("lampen.csv")),
    ("kids.en", "retail", "en", Some("kids.csv")),
    ("taschen.de", "retail", "de", Some("taschen.csv")),
    ("workwear.en", "retail", "en", Some("workwear.csv")),
    ("waesche.de", "retail", "de", Some("waesche.csv")),
];

/// The clerk, and the last request it had, so that it can say what it made of it.
#[derive(Debug, Default)]
struct Explained {
    clerk: Clerk,
    last: Mutex<Option<Request>>,
}

impl Explained {
    fn wishes(&self) -> Vec<Wish> {
        let last = self.last.lock().unwrap();
        last.as_ref().map(|last| self.clerk.explain(last).wishes).unwrap_or_default()
    }
}

#[async_trait]
impl Model for Explained {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        *self.last.lock().unwrap() = Some(request.clone());
        self.clerk.complete(request, hear).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    case: Vec<toml::Table>,
}

/// One conversation: what is said before, what is said then, and what must come of it.
#[derive(Debug)]
struct Case {
    before: Vec<String>,
    say: String,
    all: Wanted,
    any: Vec<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    turn: Turn,
    /// The tool called last.
    last: Option<Name>,
}

impl Case {
    fn read(mut table: toml::Table) -> Self {
        let mut take = |name: &str| table.remove(name);
        let before = take("before").map(|it| it.try_into().unwrap()).unwrap_or_default();
        let say: String = take("say").unwrap().try_into().unwrap();
        let any: Vec<toml::Table> =
            take("any").map(|it| it.try_into().unwrap()).unwrap_or_default();
        take("note");
        let wanted = |mut table: toml::Table| {
            let last = table.remove("last").map(|it| it.try_into().unwrap());
            table.insert("say".to_owned(), say.clone().into());
            Wanted { turn: table.try_into().unwrap(), last }
        };
        let any = any.into_iter().map(wanted).collect();
        let all = wanted(table);
        Self { before, say, all, any }
    }

    async fn run(&self, world: &World, who: &str, locale: &Locale) -> Vec<String> {
        for text in &self.before {
            world.say(who, text).await;
        }
        let turned = world.say(who, &self.say).await;
        let state = world.conversation(who).await;
        let pack = &world.house.shop(SHOP).unwrap().pack;
        let judge = |wanted: &Wanted| {
            let mut found = wrong(&wanted.turn, &turned, &state, (pack, locale));
            let last = turned.calls.last().map(|call| call.tool.clone());
            if wanted.last.is_some() && wanted.last != last {
                found.push(format!("the last call is not {:?}", wanted.last));
            }
            found
        };
        let mut found = judge(&self.all);
        if !self.any.is_empty() && !self.any.iter().any(|wanted| judge(wanted).is_empty()) {
            found.push("none of what may be came".to_owned());
        }
        if turned.text().contains(pack.phrase("fallback", locale)) {
            found.push("the clerk's own draft was refused".to_owned());
        }
        if !found.is_empty() {
            let calls: Vec<String> = turned
                .calls
                .iter()
                .map(|call| format!("{} {}", call.tool, call.arguments))
                .collect();
            found.push(format!("called {}", calls.join("; ")));
            found.push(format!("said {}", on_a_line(&turned.text())));
        }
        found
    }
}

/// What was said on one line, its links without their queries: those have ids and signatures that any other change
/// changes.
fn on_a_line(text: &str) -> String {
    let line = |line: &str| {
        let words = line.split(' ').map(|word| match word.split_once('?') {
            Some((link, _)) if link.contains("://") => link,
            _ => word,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    text.split('\n').map(line).collect::<Vec<_>>().join(" / ")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("utterances")
}

/// Everything a pack says of how customers write.
fn known(pack: &Pack, folder: &Folder) -> BTreeSet<String> {
    let intents = pack.intents.iter().flat_map(|it| it.examples.values().chain(it.cues.values()));
    let topics = pack.topics.iter().flat_map(|it| it.examples.values());
    let goldens = folder.goldens().unwrap();
    let said = goldens.iter().flat_map(|golden| &golden.turns).filter_map(|turn| turn.say.as_ref());
    intents.chain(topics).flatten().chain(said).map(|text| plain(text)).collect()
}

fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A pack as a shop has it whose customers speak this language first, as `[[shop]] locale` says.
fn speaking(pack: &Pack, locale: &str) -> Pack {
    let mut content = Content::clone(pack);
    let at = content.locales.iter().position(|it| it.as_str() == locale).unwrap();
    content.locales.swap(0, at);
    Pack::new(content)
}

/// A set as it came out.
#[derive(Debug)]
struct Outcome {
    /// What was missed, as it is written down.
    misses: String,
    /// What the test must not let pass.
    low: Vec<String>,
}

/// The goods of a feed, imported once for all sets that sell them.
fn goods(pack: &'static str, feed: Option<&'static str>, builtin: &Folder) -> Arc<Goods> {
    type Stocked = Mutex<BTreeMap<(&'static str, Option<&'static str>), Arc<Goods>>>;
    static STOCKED: Stocked = Mutex::new(BTreeMap::new());
    let import = || {
        let bytes = match (feed, builtin.feed()) {
            (Some(feed), _) => std::fs::read(folder().join(feed)).unwrap(),
            (None, Some(Feed::Embedded(bytes))) => bytes.to_vec(),
            (None, other) => panic!("a feed in the binary, not {other:?}"),
        };
        let goods = Arc::new(Goods::new(Arc::new(TurnedClock::new(START))));
        goods.import(SHOP, bytes.as_slice(), None, |_| {}).unwrap();
        goods
    };
    STOCKED.lock().unwrap().entry((pack, feed)).or_insert_with(import).clone()
}

/// The cases of a set; a long one goes on in a second file.
fn cases(set: &str) -> Vec<Case> {
    let mut text = std::fs::read_to_string(folder().join(format!("{set}.toml"))).unwrap();
    text += &std::fs::read_to_string(folder().join(format!("{set}.more.toml"))).unwrap_or_default();
    let cases: Set = toml::from_str(&text).unwrap();
    cases.case.into_iter().map(Case::read).collect()
}

async fn outcome(
    set: String,
    least: usize,
    pack: Arc<Pack>,
    (locale, goods): (Locale, Arc<Goods>),
) -> Outcome {
    let cases = cases(&set);
    let model = Arc::new(Explained::default());
    let world = World::stocked(pack, goods, model.clone()).await;
    let mut listed = String::new();
    let mut wrong = 0;
    for (n, case) in cases.iter().enumerate() {
        let found = case.run(&world, &format!("{n}"), &locale).await;
        if found.is_empty() {
            continue;
        }
        wrong += 1;
        let wishes = model.wishes();
        let wishes = wishes.iter().map(|wish| format!("{:?} `{}`", wish.act.unwrap(), wish.words));
        let wishes = wishes.collect::<Vec<_>>().join(", ");
        let before = case.before.iter().map(|text| format!("{text} → ")).collect::<String>();
        let found = found.join("\n  ");
        writeln!(listed, "- {before}**{}**\n  read as {wishes}\n  {found}", case.say).unwrap();
    }
    let right = cases.len() - wrong;
    let misses = format!("\n## {set}: {right} of {} right\n\n{listed}", cases.len());
    let low =
        (right * 100 < cases.len() * least).then(|| format!("{set}: {right} of {}", cases.len()));
    Outcome { misses, low: low.into_iter().collect() }
}

async fn understood(name: &str, prefix: &str, least: usize) {
    let mut misses = format!(
        "# What the clerk gets wrong of the {name} set\n\nWritten by `cargo test utterances::{name}`.\n"
    );
    let (mut running, mut low) = (Vec::new(), Vec::new());
    for (shop, pack, locale, feed) in SHOPS {
        let set = format!("{prefix}{shop}");
        if !folder().join(format!("{set}.toml")).exists() {
            continue;
        }
        let builtin = Folder::builtin(pack).unwrap();
        let goods = goods(pack, *feed, &builtin);
        let pack = speaking(&builtin.pack().unwrap(), locale);
        let pack = Arc::new(pack.fitted(&goods.vocabulary(SHOP)));
        let known = known(&pack, &builtin);
        // One word is what it is; a whole sentence must not be the pack's own.
        let own = cases(&set).into_iter().map(|case| case.say);
        let own = own.filter(|say| say.contains(' ') && known.contains(&plain(say)));
        low.extend(own.map(|own| format!("{set}: `{own}` is the pack's own")));
        running.push(tokio::spawn(outcome(set, least, pack, ((*locale).into(), goods))));
    }
    for outcome in running {
        let outcome = outcome.await.unwrap();
        misses += &outcome.misses;
        low.extend(outcome.low);
    }
    expect_file![format!("../utterances/misses/{name}.md")].assert_eq(&misses);
    assert!(low.is_empty(), "{low:?}");
}

#[test]
fn every_file_of_utterances_is_of_a_set() {
    let files = std::fs::read_dir(folder()).unwrap().map(|it| it.unwrap().file_name());
    let files = files.map(|it| it.into_string().unwrap());
    let found: BTreeSet<String> =
        files.filter(|it| it.ends_with(".toml") && !it.ends_with(".more.toml")).collect();
    let named =
        SETS.iter().flat_map(|set| SHOPS.iter().map(move |it| format!("{set}{}.toml", it.0)));
    let named: BTreeSet<String> = named.collect();
    let other: Vec<&String> = found.difference(&named).collect();
    assert!(other.is_empty(), "{other:?}");
}
