//! Conversations with a clerk of a small shop of gloves and scarves.

mod amends;
mod asked;
mod asking;
mod changes;
mod corrections;
mod counting;
mod dialogues;
mod feeds;
mod listing;
mod meant;
mod names;
mod ordering;
mod paying;
mod rules;
mod side;
mod sizes;
mod supposed;
mod taken;
mod together;
mod told;
mod unseen;
mod versions;
mod weighing;
mod wholes;
mod within;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::digest::Digest;
use crate::evidence::{
    Body, Call, CartFacts, CartLine, Evidence, Finding, Label, ProductFacts, Stock, Trust,
    VariantFacts,
};
use crate::id::{Made, TurnId};
use crate::message::Block;
use crate::model::{Entry, contract};
use crate::money::Money;
use crate::pack::{Amounts, Content, Intent, Lexicon, Pack, Topic};
use crate::time::Micros;

fn list(text: &str) -> Vec<String> {
    text.split(", ").map(str::to_owned).collect()
}

fn lexicon() -> Lexicon {
    let size = [("large", "L"), ("small", "S"), ("l", "L"), ("m", "M"), ("s", "S")];
    let color = [
        ("grey", "grey"),
        ("black", "black"),
        ("red", "red"),
        ("grün", "green"),
        ("whatever color", "*"),
    ];
    let map = |said: &[(&str, &str)]| -> BTreeMap<String, String> {
        said.iter().map(|(said, feed)| ((*said).to_owned(), (*feed).to_owned())).collect()
    };
    Lexicon {
        fillers: list(
            "a, the, in, please, is, it, for, one, and, my, of, i, that, to, at, on, out, basket, but, sorry, me, another, other, than",
        ),
        yes: list("yes"),
        no: list("no, wait, no wait, wait no"),
        slips: list("i mean"),
        serves: list("for"),
        times: list("x"),
        pieces: list("box"),
        against: list("than"),
        leads: list("hence"),
        conditions: list("if"),
        the: list("the, my"),
        single: list("a, an"),
        beside: list("too, also, another"),
        larger: list("bigger, a size up"),
        smaller: list("smaller"),
        most: list("est"),
        it: list("it, that, those, of those, the same"),
        joins: list("and"),
        one: list("one"),
        ties: list("for, with"),
        units: list("litres, person, kilo, g, kg"),
        negations: list("not, no, none, minus, instead of"),
        both: list("both"),
        other: list("other"),
        size_words: list("size, in"),
        questions: list("is, which, what, do, can"),
        open: list("which, what"),
        requests: list("can"),
        things: list("gloves, scarf, marinara, poncho, knapsacks"),
        endings: list("s"),
        numbers: [("two", 2), ("three", 3), ("one less", 1)]
            .map(|(said, n)| (said.to_owned(), n))
            .into(),
        ordinals: [("first", 1), ("second", 2)].map(|(said, n)| (said.to_owned(), n)).into(),
        needs: [("gloves", "cold hands"), ("poncho", "knit … gloves")]
            .map(|(feed, said)| (feed.to_owned(), list(said)))
            .into(),
        amounts: Amounts { at_least: list("over"), ..Amounts::default() },
        synonyms: map(&[("hand warmer", "gloves"), ("fists", "gloves")]),
        values: [("size".into(), map(&size)), ("color".into(), map(&color))].into(),
        ..Lexicon::default()
    }
}

fn pack() -> Pack {
    let said = |text: &str| BTreeMap::from([("en".into(), list(text))]);
    let intent = |(name, cues): (&str, &str)| Intent {
        name: name.into(),
        examples: said("zzz"),
        cues: said(cues),
    };
    let cues = [
        ("greet", "hello, good evening"),
        ("bye", "bye, ciao"),
        ("add", "add, i take, can i take, for me"),
        ("remove", "take … out, out of the basket"),
        ("away", "out"),
        ("stay", "can stay"),
        ("except", "any … but"),
        ("cart", "basket, the basket"),
        ("checkout", "to the till, that is all, bill"),
        ("human", "person please, a clerk"),
        ("set", "make, # … enough"),
        ("single", "one … enough"),
        ("rest", "keep … rest"),
        ("excess", "too many|big|small"),
        ("persons", "he is #"),
        ("remove", "one less"),
        ("cart", "set me back"),
        ("bot", "a bot"),
        ("unbound", "forget the price"),
        ("remove", "out"),
        ("remove", "want … not"),
        ("compare", "side by side, which one is the"),
        ("more", "any others, next ones"),
        ("thanks", "thanks"),
        ("refine", "preferably"),
        ("help", "what can i do"),
        ("off_topic", "how high"),
        ("cheapest", "cheapest"),
        ("search", "do you have, show me, can you make, do you knit"),
        ("remove", "leave … off"),
        ("details", "told of"),
        ("nod", "yes"),
        ("cheaper", "cheaper, cheaper ones"),
        ("each", "in each size|color"),
        ("off_topic", "chess"),
        ("double", "double"),
        ("kindly", "kindly"),
        ("instead", "instead, i prefer"),
        ("same", "same size"),
    ];
    let topic = |(name, cues, example): (&str, &str, &str)| Topic {
        name: name.into(),
        orders: false,
        examples: said(example),
        cues: said(cues),
        text: [("en".into(), "a rule".to_owned())].into(),
    };
    let topics = [
        ("delivery", "delivery, in town, frost card", "what is the delivery"),
        ("payment", "pay, for bill", "how can one pay"),
        ("care", "poncho", "how is it washed"),
        ("sizes", "i usually take", "which size is mine"),
    ];
    let bare = contract::request().pack;
    Pack::new(Content {
        intents: cues.into_iter().map(intent).collect(),
        topics: topics.into_iter().map(topic).collect(),
        lexicons: [("en".into(), lexicon())].into(),
        ..(**bare).clone()
    })
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".into() }
}

fn product(n: u32, title: &str, versions: &[(&str, &str)]) -> Evidence {
    let id = format!("P{n}");
    let variants = versions.iter().map(|(color, size)| VariantFacts {
        variant: format!("{id}-{color}-{size}").as_str().into(),
        attributes: [("color".into(), (*color).into()), ("size".into(), (*size).into())].into(),
        price: euros(1_000),
        was: None,
        stock: Stock::In(None),
        link: None,
        image: None,
    });
    let facts = ProductFacts {
        product: id.as_str().into(),
        title: title.to_owned(),
        brand: String::new(),
        description: String::new(),
        category: Vec::new(),
        chosen: 0,
        variants: variants.collect(),
    };
    let finding = Finding {
        source: "catalog".into(),
        record: id.as_str().into(),
        version: Digest::of(b""),
        at: Micros(0),
        good_for: Duration::from_secs(60),
        trust: Trust::Typed,
        body: Body::Product(Box::new(facts)),
    };
    Evidence { label: Label(n), call: made(), finding: finding.into() }
}

fn made() -> Made {
    Made { turn: TurnId(1), n: 0 }
}

fn line(variant: &str, title: &str, quantity: u32) -> CartLine {
    CartLine {
        variant: variant.into(),
        product: variant.split('-').next().unwrap().into(),
        title: title.to_owned(),
        options: String::new(),
        quantity,
        each: euros(1_000),
        amount: euros(1_000 * i64::from(quantity)),
    }
}

fn customer(text: &str) -> Entry {
    Entry::Customer { text: text.to_owned(), action: None, media: Vec::new() }
}

/// A turn that called a tool and said something.
fn turn(tool: &str, arguments: Value) -> Vec<Entry> {
    let call = Call { id: made(), tool: tool.into(), arguments };
    let answer = Entry::Agent {
        draft: "so".to_owned(),
        blocks: vec![Block::Text("so".to_owned())],
        calls: Vec::new(),
    };
    let called = Entry::Agent { draft: String::new(), blocks: Vec::new(), calls: vec![call] };
    vec![customer("before"), called, answer]
}

/// What is said to a shop: nothing lies in the cart.
fn fresh(before: Vec<Entry>, text: &str) -> Request {
    let mut request = contract::request();
    request.pack = Arc::new(pack());
    request.notes.first = before.is_empty();
    request.transcript = [before, vec![customer(text)]].concat();
    request
}

/// The same with a scarf and two pairs of gloves in the cart, the gloves put there last.
fn holding(text: &str) -> Request {
    let mut request = fresh(turn("cart_add", json!({ "variant": "P1-black-M" })), text);
    let gloves = [("black", "M"), ("black", "L"), ("grey", "M")];
    let scarf = [("red", "45 l"), ("grey", "60 l")];
    request.notes.evidence =
        vec![product(2, "Fringe Scarf", &scarf), product(1, "Mitten Gloves", &gloves)];
    let lines =
        vec![line("P2-red-45 l", "Fringe Scarf", 1), line("P1-black-M", "Mitten Gloves", 2)];
    request.notes.cart = lines.iter().map(|it| (it.variant.clone(), it.quantity)).collect();
    request.notes.priced = Some(CartFacts { lines, total: None });
    request.tools = Arc::new(crate::digest::Named::new(
        ["cart_add", "cart_set", "cart_remove", "cart_view", "policy", "search"].map(spec).to_vec(),
    ));
    request
}

fn spec(name: &str) -> crate::evidence::ToolSpec {
    crate::evidence::ToolSpec {
        name: name.into(),
        about: String::new(),
        arguments: json!({}),
        access: crate::evidence::Access::State,
    }
}

/// The calls that come of a request, in short.
fn calls(request: &Request) -> Vec<String> {
    let calls = Clerk::new().explain(request).calls;
    calls.iter().map(|(tool, arguments)| format!("{tool} {arguments}")).collect()
}

fn swapped(from: &str, to: &str, quantity: u32) -> Vec<String> {
    let (gone, come) = (json!({ "variant": from }), json!({ "variant": to, "quantity": quantity }));
    vec![format!("cart_remove {gone}"), format!("cart_add {come}")]
}

#[test]
fn another_version_of_a_line_is_wished_in_many_ways() {
    let larger = swapped("P1-black-M", "P1-black-L", 2);
    for text in [
        "the gloves in L please",
        "the gloves in L, not in M",
        "L instead of M",
        "i prefer the gloves in large",
        "make the gloves a large one",
        "the gloves a size up please",
        "the bigger one instead",
    ] {
        assert_eq!(calls(&holding(text)), larger, "{text}");
    }
    let scarf = swapped("P2-red-45 l", "P2-grey-60 l", 1);
    assert_eq!(calls(&holding("make the scarf 60 litres, in grey")), scarf);
    for text in ["do you have the gloves in L", "the gloves in L too", "add the gloves in L"] {
        assert!(calls(&holding(text)).iter().all(|it| !it.starts_with("cart_remove")), "{text}");
    }
}

#[test]
fn one_is_enough_where_there_are_two() {
    let one = format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 1 }));
    assert_eq!(calls(&holding("one of the gloves is enough")), [one]);
    let three = format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 3 }));
    assert_eq!(calls(&holding("three gloves are enough")), [three]);
}

#[test]
fn one_stands_for_a_thing_behind_its_article() {
    let wishes = Clerk::new().explain(&holding("the grey one")).wishes;
    assert_eq!(wishes.first().and_then(|it| it.quantity), None);
}

#[test]
fn what_is_asked_after_a_rule_is_asked_of_it() {
    let told = || turn("policy", json!({ "topic": "delivery" }));
    let topic = |request: &Request| {
        let wishes = Clerk::new().explain(request).wishes;
        wishes.into_iter().next().and_then(|it| it.topic)
    };
    assert_eq!(topic(&fresh(told(), "and abroad?")), Some("delivery".into()));
    assert_eq!(topic(&fresh(told(), "and how does one pay?")), Some("payment".into()));
    assert_eq!(topic(&fresh(Vec::new(), "and abroad?")), None);
}

#[test]
fn things_in_a_list_are_counted_by_their_articles() {
    let wishes =
        Clerk::new().explain(&fresh(Vec::new(), "a small marinara, a large tonno and two nduja"));
    let said: Vec<(String, Option<u32>, Option<String>)> = wishes
        .wishes
        .into_iter()
        .map(|it| (it.words, it.quantity, it.filters.get("size").cloned()))
        .collect();
    let size = |size: &str| Some(size.to_owned());
    assert_eq!(
        said,
        [
            ("marinara".to_owned(), Some(1), size("S")),
            ("tonno".to_owned(), Some(1), size("L")),
            ("nduja".to_owned(), Some(2), None),
        ]
    );
}

#[test]
fn what_is_named_apart_is_compared() {
    let wishes = Clerk::new()
        .explain(&fresh(Vec::new(), "mitten gloves and a fringe scarf side by side"))
        .wishes;
    let compared: Vec<_> = wishes.iter().map(|it| (it.act, it.names.clone())).collect();
    assert_eq!(compared, [(Some(Act::Compare), list("mitten gloves, fringe scarf"))]);
}

#[test]
fn a_first_word_of_farewell_beside_a_greeting_greets() {
    let act =
        |request: &Request| Clerk::new().explain(request).wishes.first().and_then(|it| it.act);
    assert_eq!(act(&fresh(Vec::new(), "ciao, good evening")), Some(Act::Greet));
    let later = fresh(turn("search", json!({ "words": "gloves" })), "ciao, good evening");
    assert_eq!(act(&later), Some(Act::Bye));
}

#[test]
fn what_lies_in_the_cart_is_added_to_by_its_name() {
    let more = format!("cart_add {}", json!({ "variant": "P1-black-M", "quantity": 2 }));
    assert_eq!(calls(&holding("add two of those gloves")), [more]);
}

#[test]
fn a_place_is_no_part_of_a_name() {
    let places = |text: &str| {
        let wishes = Clerk::new().explain(&fresh(Vec::new(), text)).wishes;
        wishes.into_iter().flat_map(|it| it.places).collect::<Vec<_>>()
    };
    assert_eq!(places("add a first aid kit"), [0_i64; 0]);
    assert_eq!(places("add the first"), [1]);
}

#[test]
fn what_is_kept_stays_and_the_rest_goes() {
    let gone = format!("cart_remove {}", json!({ "variant": "P1-black-M" }));
    assert_eq!(calls(&holding("keep the scarf, the rest can go")), [gone]);
}

#[test]
fn what_is_taken_back_at_once_was_not_said() {
    let wish = |text: &str| Clerk::new().explain(&fresh(Vec::new(), text)).wishes.remove(0);
    for text in ["three, no sorry, two gloves", "three gloves, no wait, two", "two gloves"] {
        assert_eq!(wish(text).quantity, Some(2), "{text}");
    }
    let color = |text: &str| wish(text).filters.get("color").cloned();
    for text in [
        "a scarf in red, no wait, in black",
        "a scarf in red, i prefer black",
        "a scarf in red... sorry, no, black",
        "a scarf in black, not red",
        "a scarf in black, no red",
        "a scarf in black instead of red",
    ] {
        assert_eq!(color(text), Some("black".to_owned()), "{text}");
    }
}

#[test]
fn one_more_of_another_colour_is_wished_by_its_colour_alone() {
    let wishes =
        Clerk::new().explain(&fresh(Vec::new(), "one scarf in red and one in grey")).wishes;
    let said: Vec<_> = wishes
        .iter()
        .map(|it| (it.words.as_str(), it.quantity, it.filters.get("color").map(String::as_str)))
        .collect();
    assert_eq!(said, [("scarf", Some(1), Some("red")), ("scarf", Some(1), Some("grey"))]);
}

#[test]
fn all_that_is_listed_before_it_goes() {
    let gone = |variant: &str| format!("cart_remove {}", json!({ "variant": variant }));
    assert_eq!(calls(&holding("scarf and gloves out")), [gone("P2-red-45 l")]);
}

#[test]
fn another_of_what_lies_in_the_cart_is_of_its_version() {
    let more = format!("cart_add {}", json!({ "variant": "P2-red-45 l", "quantity": 1 }));
    assert_eq!(calls(&holding("another scarf please")), [more]);
}

#[test]
fn what_is_told_around_a_thing_is_not_searched() {
    let words = |text: &str| Clerk::new().explain(&fresh(Vec::new(), text)).wishes.remove(0).words;
    assert_eq!(words("my neighbour froze, the gloves please"), "gloves");
    assert_eq!(words("show me a scarf for my neighbour"), "scarf");
    assert_eq!(words("show me a silly scarf for a wedding"), "silly scarf wedding");
}
