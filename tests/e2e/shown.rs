//! What Meta's platforms are given to show: never beyond a limit, and no option out of reach.

use std::collections::BTreeMap;
use std::time::Duration;

use adapters::meta::messenger::{self, Platform};
use adapters::meta::whatsapp::{self, render::Shelf};
use agent_core::channel::Delivery;
use agent_core::evidence::Label;
use agent_core::id::{Made, TurnId};
use agent_core::message::{
    Action, ActionRef, Block, Card, CardShows, Choice, Fill, Header, MediaRef, Native, Outbound,
    Part, Purpose, Slide, SlideTap, SummaryLine, TemplateButton, TemplateCard, actions,
};
use agent_core::money::Money;
use agent_core::profile::ChannelProfile;
use agent_core::reply::lower::lower;
use serde_json::Value;
use sutler_tests::dice::Dice;
use sutler_tests::fake::graph::limits;
use sutler_tests::world::START;

/// Words of up to so many pieces, some of them hostile to whoever counts or cuts.
fn words(dice: &mut Dice, most: u64) -> String {
    const PIECES: &[&str] = &[
        "jacket ",
        "blue ",
        "**bold** ",
        "👩‍👩‍👧‍👦",
        "Straße ",
        "\n",
        "e\u{301}",
        "https://shop.example/x ",
        "ÄÖÜ",
        "日本語 ",
        "a",
        "1. ",
        "🇩🇪",
        "word. ",
        "! ",
    ];
    let count = 1 + dice.below(most);
    let mut text = String::from("x");
    for _ in 0..count {
        let at = usize::try_from(dice.below(PIECES.len() as u64)).unwrap();
        text.push_str(PIECES[at]);
    }
    text
}

fn choice(dice: &mut Dice, most: u64) -> Choice {
    let label = words(dice, most);
    Choice { hint: words(dice, 20), action: Action::Say(label.clone()), label }
}

fn card(dice: &mut Dice, n: u64) -> Card {
    let options = dice.below(5);
    let link = (dice.below(2) == 0).then(|| format!("https://shop.example/{n}"));
    Card {
        record: format!("v{n}").into(),
        source: Label(1),
        title: words(dice, 20),
        detail: words(dice, 30),
        price: Money { minor: 100, currency: "EUR".into() },
        image: (dice.below(2) == 0).then(|| format!("https://shop.example/{n}.jpg")),
        link,
        actions: (0..options).map(|_| choice(dice, 6)).collect(),
    }
}

fn block(dice: &mut Dice) -> Block {
    let small = dice.below(4) > 0;
    match dice.below(12) {
        0 => Block::Text(words(dice, if small { 40 } else { 2_000 })),
        1 => {
            let count = if small { 3 } else { 14 };
            let options = (0..=dice.below(count)).map(|_| choice(dice, 8)).collect();
            Block::Choice { ask: words(dice, 40), open: words(dice, 8), options }
        }
        2 | 3 => {
            let count = if small { 3 } else { 40 };
            Block::Cards((0..=dice.below(count)).map(|n| card(dice, n)).collect())
        }
        4 => {
            let line = |dice: &mut Dice| SummaryLine {
                variant: (dice.below(2) == 0).then(|| "socks-1".into()),
                quantity: 1 + dice.below(3) as u32,
                label: words(dice, 10),
                text: "₹2.00".to_owned(),
                amount: Money { minor: 200, currency: "INR".into() },
            };
            let lines: Vec<SummaryLine> = (0..=dice.below(5)).map(|_| line(dice)).collect();
            // With dispatch, with a discount, or neither.
            let minor = 200 * lines.len() as i64 + 100 * dice.below(3) as i64 - 100;
            let amount = Money { minor, currency: "INR".into() };
            Block::Summary { lines, total: ("Total".to_owned(), "€2.00".to_owned()), amount }
        }
        5 | 6 => Block::Link { label: words(dice, 12), url: "https://shop.example/pay".to_owned() },
        7 => {
            let media = MediaRef {
                id: if small { "https://shop.example/a.pdf" } else { "1013859600285441" }
                    .to_owned(),
                mime: ["image/png", "image/webp", "audio/ogg", "video/mp4", "text/csv"]
                    [dice.below(5) as usize]
                    .to_owned(),
                name: (dice.below(2) == 0).then(|| words(dice, 100).into()),
                voice: dice.below(2) == 0,
                ..MediaRef::default()
            };
            let caption = words(dice, if small { 5 } else { 400 });
            Block::Media {
                media,
                caption: if dice.below(4) == 0 { String::new() } else { caption },
            }
        }
        8 => Block::Form { name: "fit".into(), ask: words(dice, if small { 3 } else { 400 }) },
        9 => Block::AskLocation(words(dice, 10)),
        _ => Block::Native(native(dice)),
    }
}

fn file(mime: &str) -> MediaRef {
    let id = "https://shop.example/a".to_owned();
    MediaRef { id, mime: mime.to_owned(), ..MediaRef::default() }
}

fn template(dice: &mut Dice) -> Block {
    let header = match dice.below(4) {
        0 => None,
        1 => Some(Header::Text { slot: "1".into(), text: words(dice, 30) }),
        2 => {
            let mime = ["image/png", "video/mp4", "text/csv"][dice.below(3) as usize];
            Some(Header::Media(file(mime)))
        }
        _ => Some(Header::Place {
            name: words(dice, 500),
            address: words(dice, 5),
            lat_e6: -90_000_000,
            lon_e6: 180_000_000,
        }),
    };
    let button = |dice: &mut Dice, place: u64| TemplateButton {
        place: u8::try_from(place).unwrap(),
        fill: fill(dice),
    };
    let slots = |dice: &mut Dice, most: u64| {
        (1..=dice.below(4)).map(|n| (n.to_string().into(), words(dice, most))).collect()
    };
    // Cards have the same buttons, and films, pictures or products on top.
    let (count, tops, kinds) = ([0, 2, 10][dice.below(3) as usize], dice.below(3), dice.below(3));
    let card = |dice: &mut Dice, n: u64| TemplateCard {
        shows: match tops {
            0 => CardShows::Media(file("image/jpeg")),
            1 => CardShows::Media(file("video/mp4")),
            _ => CardShows::Product(format!("v{n}").into()),
        },
        slots: slots(dice, 60),
        buttons: (0..kinds)
            .map(|place| TemplateButton {
                place: u8::try_from(place).unwrap(),
                fill: Fill::Reply(choice(dice, 8)),
            })
            .collect(),
    };
    let offers = !matches!(header, Some(Header::Text { .. } | Header::Place { .. }))
        && !matches!(&header, Some(Header::Media(media)) if media.mime == "text/csv");
    Block::Template {
        name: "order_shipped".into(),
        slots: slots(dice, 300),
        header,
        buttons: (0..dice.below(11)).map(|place| button(dice, place)).collect(),
        cards: (0..count).map(|n| card(dice, n)).collect(),
        until: (offers && dice.below(2) == 0).then_some(START),
    }
}

fn fill(dice: &mut Dice) -> Fill<Choice> {
    match dice.below(6) {
        0 => Fill::Reply(choice(dice, 8)),
        1 => Fill::Link("?order=12".to_owned()),
        2 => Fill::Code("WINTER25".to_owned()),
        3 => Fill::Catalog((dice.below(2) == 0).then(|| "v1".into())),
        4 => {
            let records = (0..=dice.below(30)).map(|n| format!("v{n}").into()).collect();
            Fill::Products { title: words(dice, 20), records }
        }
        _ => Fill::Form,
    }
}

fn native(dice: &mut Dice) -> Native {
    match dice.below(8) {
        5 => Native::AskContact { text: words(dice, 400) },
        6 => Native::AskAddress { text: words(dice, 400) },
        7 => {
            let (film, replies) = (dice.below(4) == 0, dice.below(4));
            let slide = |dice: &mut Dice, n: u64| Slide {
                media: file(if film && dice.below(4) > 0 { "video/mp4" } else { "image/png" }),
                text: words(dice, 60),
                tap: match replies {
                    0 => SlideTap::Link {
                        label: words(dice, 8),
                        url: format!("https://shop.example/{n}"),
                    },
                    // Every now and then one of them has more than the others.
                    few => {
                        let count = few + u64::from(dice.below(20) == 0);
                        SlideTap::Replies((0..count).map(|_| choice(dice, 4)).collect())
                    }
                },
            };
            let slides = (0..dice.below(12)).map(|n| slide(dice, n)).collect();
            Native::Carousel { text: words(dice, 400), slides }
        }
        0 => Native::Place {
            name: words(dice, 500),
            address: words(dice, 5),
            lat_e6: 90_000_000,
            lon_e6: -180_000_000,
        },
        1 => Native::Contact { name: words(dice, 3), phone: "+49 30 1".to_owned() },
        2 => {
            let emoji = (dice.below(2) == 0).then(|| "👩‍❤️‍💋‍👨".to_owned());
            Native::Reaction { to: "wamid.1".into(), emoji }
        }
        3 => Native::Catalog { text: words(dice, 400) },
        _ => Native::OrderStatus {
            reference: "r1".to_owned(),
            status: "shipped".into(),
            text: words(dice, 5),
        },
    }
}

fn reply(dice: &mut Dice) -> Outbound {
    Outbound {
        id: Made { turn: TurnId(7), n: 1 },
        to: sutler_tests::world::meta::address("4915"),
        purpose: Purpose::Service,
        answers: Vec::new(),
        blocks: (0..=dice.below(4)).map(|_| block(dice)).collect(),
        sources: Vec::new(),
        expires: None,
    }
}

type Rendered = Result<(), String>;

/// Shows a reply on a platform: every body within the limits, and every option tapped or typed.
fn shown(
    outbound: &Outbound,
    profile: &ChannelProfile,
    body: impl Fn(&Delivery) -> Value,
    check: impl Fn(&Value) -> Rendered,
) {
    let plan = lower(outbound, profile);
    let count = u16::try_from(actions(&outbound.blocks).len()).unwrap();
    let token = |option: u16| format!("t{option:018}x");
    let mut all = String::new();
    for (n, part) in plan.parts.iter().enumerate() {
        // As long as they are: in a row of pictures they are short.
        let long = if matches!(part, Part::Native(_)) { "" } else { "-and-twenty-letters-" };
        let tokens = (0..count).map(|option| (option, token(option) + long));
        let delivery = Delivery {
            id: outbound.id,
            part: u8::try_from(n).unwrap_or(u8::MAX),
            to: outbound.to.clone(),
            private: false,
            again: false,
            answers: Vec::new(),
            body: part.clone(),
            tokens: tokens.collect(),
        };
        let body = body(&delivery);
        if let Err(why) = check(&body) {
            panic!("{why}\n{body:#}\n{part:?}");
        }
        all.push_str(&body.to_string());
    }
    for option in 0..count {
        let action = ActionRef { outbound: outbound.id, option };
        let typed = plan.numbered.iter().find(|(_, numbered)| *numbered == action);
        let reachable = all.contains(&token(option))
            || typed.is_some_and(|(n, _)| all.contains(&format!("{n}.")));
        assert!(reachable, "option {option} is out of reach: {plan:#?}");
    }
}

#[test]
fn five_hundred_replies_are_within_the_limits_and_lose_no_option() {
    let mut dice = Dice::new(5);
    for _ in 0..500 {
        let outbound = reply(&mut dice);
        let paid = |configuration: Option<&str>| {
            let configuration = configuration.map(str::to_owned);
            Some(whatsapp::Payments { currency: "INR".to_owned(), configuration })
        };
        for (catalog, payments) in
            [(None, None), (Some("194".to_owned()), paid(Some("gateway"))), (None, paid(None))]
        {
            let forms = payments.iter().map(|_| ("fit".into(), "77".to_owned())).collect();
            let addresses = payments.is_some();
            let shelf = Shelf { catalog, language: "en".to_owned(), forms, payments, addresses };
            let profile = whatsapp::profile(&shelf, None, Duration::ZERO);
            let body = |it: &Delivery| whatsapp::render::render(it, &shelf).unwrap();
            shown(&outbound, &profile, body, limits::whatsapp);
        }
        for platform in [Platform::Messenger, Platform::Instagram] {
            let profile = messenger::profile(platform, Duration::ZERO);
            let body = |it: &Delivery| messenger::render::render(it, platform).unwrap();
            let check = |it: &Value| limits::messenger(it, platform == Platform::Instagram);
            shown(&outbound, &profile, body, check);
        }
    }
}

#[test]
fn five_hundred_templates_are_within_the_limits_and_lose_no_option() {
    let mut dice = Dice::new(6);
    let catalog = Some("194".to_owned());
    let shelf = Shelf { language: "en_US".to_owned(), catalog, ..Shelf::default() };
    let profile = whatsapp::profile(&shelf, None, Duration::ZERO);
    for _ in 0..500 {
        // What is tapped in it and what is tapped after it are told apart.
        let outbound =
            Outbound { blocks: vec![template(&mut dice), block(&mut dice)], ..reply(&mut dice) };
        let body = |it: &Delivery| whatsapp::render::render(it, &shelf).unwrap();
        shown(&outbound, &profile, body, limits::whatsapp);
    }
}

#[test]
fn an_order_is_paid_in_the_chat_under_one_reference_however_often_it_is_shown() {
    let inr = |minor| Money { minor, currency: "INR".into() };
    let line = |quantity, amount| SummaryLine {
        variant: Some("socks-1".into()),
        quantity,
        label: "Wool Socks".to_owned(),
        text: String::new(),
        amount: inr(amount),
    };
    let blocks = vec![
        Block::Summary {
            lines: vec![line(2, 2_000), line(3, 1_000)],
            total: ("Total".to_owned(), "₹35.00".to_owned()),
            amount: inr(3_500),
        },
        Block::Link { label: "Pay".to_owned(), url: "https://shop.example/c/1".to_owned() },
    ];
    let shelf = |currency: &str| {
        let configuration = Some("gateway".to_owned());
        let payments = whatsapp::Payments { currency: currency.to_owned(), configuration };
        Shelf { payments: Some(payments), ..Shelf::default() }
    };
    let body = |turn: u128, shelf: &Shelf| {
        let id = Made { turn: TurnId(turn), n: 1 };
        let outbound = Outbound { id, blocks: blocks.clone(), ..reply(&mut Dice::new(1)) };
        let parts = lower(&outbound, &whatsapp::profile(shelf, None, Duration::ZERO)).parts;
        let [part] = parts.as_slice() else { panic!("{parts:?}") };
        let delivery = Delivery {
            id,
            part: 0,
            to: outbound.to,
            private: false,
            again: false,
            answers: Vec::new(),
            body: part.clone(),
            tokens: BTreeMap::new(),
        };
        whatsapp::render::render(&delivery, shelf).unwrap()
    };
    let first = body(1, &shelf("INR"));
    let of = |path: &str| first["interactive"]["action"]["parameters"].pointer(path).cloned();
    assert_eq!(limits::whatsapp(&first), Ok(()));
    assert_eq!(of("/total_amount/value"), Some(3_500.into()));
    assert_eq!(of("/order/items/0/amount/value"), Some(1_000.into()), "one of them");
    assert_eq!(of("/order/items/1/quantity"), Some(1.into()), "three for what is no third");
    assert_eq!(of("/order/shipping/value"), Some(500.into()));
    let named = agent_core::order::paid_by("https://shop.example/c/1");
    assert_eq!(of("/reference_id"), Some(named.into()), "so that the order is told of its payment");
    let again = body(2, &shelf("INR"));
    assert_eq!(first["interactive"], again["interactive"], "the same order");
    let words = body(1, &shelf("BRL"));
    assert_eq!(words["type"], "text", "another money than the number takes");
    assert!(words["text"]["body"].as_str().unwrap().contains("https://shop.example/c/1"));
}

#[test]
fn what_can_be_said_in_one_message_is() {
    let option = |label: &str| Choice {
        label: label.to_owned(),
        hint: String::new(),
        action: Action::Say(label.to_owned()),
    };
    let ask = Block::Choice {
        ask: "Which size?".to_owned(),
        open: "Sizes".to_owned(),
        options: vec![option("S"), option("M")],
    };
    let mut outbound = reply(&mut Dice::new(1));
    outbound.blocks =
        vec![Block::Text("A machine writes.".to_owned()), Block::Text("Hello.".to_owned()), ask];
    let parts = lower(&outbound, &whatsapp::profile(&Shelf::default(), None, Duration::ZERO)).parts;
    let [Part::Buttons { body, .. }] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(body, "A machine writes.\n\nHello.\n\nWhich size?");
}
