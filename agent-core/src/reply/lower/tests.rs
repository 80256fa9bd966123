//! What becomes of replies on made-up platforms.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::evidence::Label;
use crate::id::{Made, TurnId};
use crate::message::{Address, MediaRef, Purpose};
use crate::money::Money;
use crate::profile::{Limit, Markup, Pace, Repeat, Unit};

fn profile(cards: u16, can: &[Can]) -> ChannelProfile {
    let limit = Limit { max: 100, unit: Unit::Scalars };
    ChannelProfile {
        channel: "test".into(),
        text: limit,
        caption: limit,
        buttons: None,
        list: None,
        cards: Some(Menu { count: cards, label: limit, hint: limit, body: limit }),
        markup: Markup::Plain,
        can: can.iter().copied().collect(),
        window: None,
        reopen: None,
        settle: Duration::ZERO,
        repeat: Repeat::Never,
        pace: Pace {
            account_per_second: 1,
            chat_every: Duration::ZERO,
            chat_burst: 1,
            shared: None,
        },
    }
}

fn outbound(thread: &str, blocks: Vec<Block>) -> Outbound {
    Outbound {
        id: Made { turn: TurnId(1), n: 0 },
        to: Address {
            channel: "test".into(),
            account: "main".into(),
            thread: thread.to_owned(),
            author: "ada".to_owned(),
        },
        purpose: Purpose::Service,
        answers: Vec::new(),
        blocks,
        sources: Vec::new(),
        expires: None,
    }
}

fn cards(count: u16) -> Block {
    let card = |n| Card {
        record: format!("v{n}").into(),
        source: Label(1),
        title: format!("Jacket {n}"),
        detail: "€1.00".to_owned(),
        price: Money { minor: 100, currency: "EUR".into() },
        image: Some(format!("https://shop.example/{n}.jpg")),
        link: None,
        actions: Vec::new(),
    };
    Block::Cards((0..count).map(card).collect())
}

#[test]
fn cards_beyond_a_row_begin_another_and_pictures_go_together_where_they_can() {
    let rows = lower(&outbound("ada", vec![cards(5)]), &profile(3, &[])).parts;
    let counts = rows.iter().map(|part| match part {
        Part::Cards(cards) => cards.iter().filter(|card| card.image.is_some()).count(),
        other => panic!("{other:?}"),
    });
    assert_eq!(counts.collect::<Vec<_>>(), [3, 2]);
    let parts = lower(&outbound("ada", vec![cards(4)]), &profile(3, &[Can::Album])).parts;
    let [Part::Album(album), Part::Cards(three), Part::Cards(one)] = parts.as_slice() else {
        panic!("{parts:?}")
    };
    assert_eq!(album.len(), 3);
    assert!(three.iter().all(|card| card.image.is_none()));
    assert!(one.iter().all(|card| card.image.is_some()), "a single one keeps its picture");
}

#[test]
fn words_that_belong_together_are_one_message_and_a_button_is_not_said_twice() {
    let pay = Block::Link { label: "Pay".to_owned(), url: "https://shop.example".to_owned() };
    let blocks = vec![Block::Text("Hello.".to_owned()), pay];
    let chat = profile(3, &[Can::Join, Can::Links]);
    let chat = ChannelProfile { buttons: chat.cards, ..chat };
    let parts = |to: &str| lower(&outbound(to, blocks.clone()), &chat).parts;
    let joined = parts("ada");
    assert!(matches!(&joined[..], [Part::Link { body, .. }] if body == "Hello."), "{joined:?}");
    assert_eq!(parts("a group").len(), 2, "a link is private");
}

#[test]
fn cart_and_link_are_private_where_others_read_along() {
    let blocks = || {
        let total = ("Total".to_owned(), "€1.00".to_owned());
        let amount = Money { minor: 100, currency: "EUR".into() };
        vec![
            Block::Text("In your cart:".to_owned()),
            Block::Summary { lines: Vec::new(), total, amount },
            Block::Link { label: "Pay".to_owned(), url: "https://shop.example/pay".to_owned() },
        ]
    };
    let private = |thread| lower(&outbound(thread, blocks()), &profile(1, &[Can::Links])).private;
    assert_eq!(private("ada"), BTreeSet::new());
    assert_eq!(private("a group"), BTreeSet::from([1, 2]));
}

#[test]
fn words_with_a_file_go_before_it_where_it_has_none() {
    let media = MediaRef { id: "https://shop.example/a.jpg".to_owned(), ..MediaRef::default() };
    let shown = |caption: &str, max: u32| {
        let chat = profile(3, &[]);
        let chat = ChannelProfile { caption: Limit { max, ..chat.caption }, ..chat };
        let block = Block::Media { media: media.clone(), caption: caption.to_owned() };
        let plan = lower(&outbound("ada", vec![block]), &chat);
        (plan.parts, plan.losses.len())
    };
    let file = |caption: &str| Part::Media { media: media.clone(), caption: caption.to_owned() };
    let words = "This one, 20 % off";
    assert_eq!(shown(words, 0), (vec![Part::Text(words.to_owned()), file("")], 0));
    assert_eq!(shown("", 0), (vec![file("")], 0));
    assert_eq!(shown(words, 9), (vec![file("This one…")], 1));
}
