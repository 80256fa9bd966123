use agent_core::id::{Made, TurnId};
use agent_core::profile::Limit;
use expect_test::{Expect, expect};

use super::super::profile::profile;
use super::*;

fn action(option: u16) -> ActionRef {
    ActionRef { outbound: Made { turn: TurnId(1), n: 0 }, option }
}

fn tokens(count: u16) -> BTreeMap<u16, String> {
    (0..count).map(|option| (option, format!("{option:-<40}"))).collect()
}

fn card(n: u16, image: Option<&str>) -> CardPart {
    CardPart {
        record: format!("v{n}").into(),
        title: format!("Jacket {n}"),
        detail: "€89.00 · in stock".to_owned(),
        image: image.map(str::to_owned),
        link: Some(format!("https://shop.example/p/{n}")),
        options: vec![
            ("Add to cart".to_owned(), action(2 * n)),
            ("Details".to_owned(), action(2 * n + 1)),
        ],
    }
}

/// Words, entities and keyboard of a call, as a reader sees them.
fn shown(call: &Call) -> String {
    let (words, keyboard) = match call {
        Call::Text { words, keyboard, .. } => (words, keyboard),
        Call::Photo { words, keyboard, .. } => (words, keyboard),
        Call::File { words, .. } | Call::AskLocation(words) => (words, &None),
        Call::Album(pictures) => {
            return pictures.iter().map(|(url, words)| format!("{url} {words}\n")).collect();
        }
    };
    let mut text = format!("{}\n", words.text);
    let units: Vec<u16> = words.text.encode_utf16().collect();
    for entity in &words.entities {
        let piece = String::from_utf16(&units[entity.offset..entity.offset + entity.length]);
        text.push_str(&format!("{:?}: {}\n", entity.kind, piece.unwrap()));
    }
    for row in keyboard.iter().flat_map(|keyboard| &keyboard.inline_keyboard) {
        let labels: Vec<&str> = row.iter().map(|button| button.text.as_str()).collect();
        text.push_str(&format!("[{}]\n", labels.join("] [")));
    }
    text
}

#[track_caller]
fn check(part: &Part, expect: &Expect) {
    expect.assert_eq(&shown(&call(part, &tokens(40))));
}

#[test]
fn one_card_is_a_picture_and_several_are_one_text() {
    let one = Part::Cards(vec![card(0, Some("https://shop.example/0.jpg"))]);
    assert!(matches!(call(&one, &tokens(2)), Call::Photo { .. }));
    check(
        &one,
        &expect![[r#"
            Jacket 0
            €89.00 · in stock
            TextLink { url: Url { scheme: "https", cannot_be_a_base: false, username: "", password: None, host: Some(Domain("shop.example")), port: None, path: "/p/0", query: None, fragment: None } }: Jacket 0
            [Add to cart] [Details]
        "#]],
    );
    let mut cards = vec![card(0, None), card(1, None)];
    cards.iter_mut().for_each(|card| card.link = None);
    check(
        &Part::Cards(cards),
        &expect![[r#"
            1. Jacket 0
            €89.00 · in stock

            2. Jacket 1
            €89.00 · in stock
            Bold: Jacket 0
            Bold: Jacket 1
            [1 · Add to cart] [1 · Details]
            [2 · Add to cart] [2 · Details]
        "#]],
    );
}

#[test]
fn short_answers_share_a_row_and_a_link_is_a_button() {
    let options = ["S", "M", "L", "XL", "XXL"].iter().zip(0..);
    let options = options.map(|(label, n)| ((*label).to_owned(), action(n))).collect();
    check(
        &Part::Buttons { body: "Which **size**?".to_owned(), options },
        &expect![[r"
            Which size?
            Bold: size
            [S] [M] [L] [XL]
            [XXL]
        "]],
    );
    let link = |url: &str| Part::Link {
        body: "To the checkout".to_owned(),
        label: "To the checkout".to_owned(),
        url: url.to_owned(),
    };
    check(
        &link("https://shop.example/pay?x=1"),
        &expect![[r"
            To the checkout
            [To the checkout]
        "]],
    );
    check(
        &link("shop.example/pay"),
        &expect![[r"
            To the checkout
            shop.example/pay
        "]],
    );
}

#[test]
fn what_telegram_would_not_have_is_shown_plainer() {
    let photo = call(&Part::Cards(vec![card(0, Some("https://shop.example/0.jpg"))]), &tokens(2));
    let Call::Text { keyboard: Some(keyboard), .. } = photo.plainer(None).unwrap() else {
        panic!()
    };
    assert_eq!(keyboard.inline_keyboard.iter().flatten().count(), 2, "its options stay");
    let url = "http://localhost:8080/pay";
    let link = Part::Link { body: "Pay".to_owned(), label: "Pay".to_owned(), url: url.to_owned() };
    assert_eq!(shown(&call(&link, &tokens(0)).plainer(None).unwrap()), format!("Pay\n{url}\n"));
    assert_eq!(call(&Part::Text("a".to_owned()), &tokens(0)).plainer(None), None);
}

#[test]
fn a_picture_telegram_would_not_have_is_taken_out_of_its_album() {
    let picture = |n: u16| Picture {
        url: format!("https://shop.example/{n}.jpg"),
        caption: format!("picture {n}"),
    };
    let mut call = call(&Part::Album((0..3).map(picture).collect()), &tokens(0));
    assert_eq!((call.plainer(None), call.plainer(Some(3))), (None, None));
    for (which, left) in [
        (1, "https://shop.example/0.jpg picture 0\nhttps://shop.example/2.jpg picture 2\n"),
        (0, "picture 2\n"),
    ] {
        call = call.plainer(Some(which)).unwrap();
        assert_eq!(shown(&call), left);
    }
    assert!(matches!(call, Call::Photo { .. }));
}

#[test]
fn the_longest_that_is_lowered_is_within_telegrams_limits() {
    let profile = profile();
    let long = |limit: Limit| "🧥".repeat(usize::try_from(limit.max / 2).unwrap());
    let menu = profile.cards.unwrap();
    let cards = (0..menu.count).map(|n| CardPart {
        title: long(menu.body),
        detail: long(menu.hint),
        options: (0..4).map(|m| ("x".repeat(32), action(4 * n + m))).collect(),
        ..card(n, None)
    });
    let cards: Vec<CardPart> = cards.collect();
    let text = Limit { max: 4_096, ..profile.text };
    let Call::Text { words, keyboard, .. } = call(&Part::Cards(cards.clone()), &tokens(40)) else {
        panic!()
    };
    assert!(text.fits(&words.text), "{}", text.measure(&words.text));
    let keyboard = keyboard.unwrap().inline_keyboard;
    assert!(keyboard.iter().flatten().count() <= 100 && keyboard.iter().all(|row| row.len() <= 8));
    let caption = Limit { max: 1_024, ..profile.text };
    let image = Some("https://shop.example/0.jpg".to_owned());
    let Call::Photo { words, .. } =
        call(&Part::Cards(vec![CardPart { image, ..cards[0].clone() }]), &tokens(40))
    else {
        panic!()
    };
    assert!(caption.fits(&words.text));
}

#[test]
fn a_tapped_button_is_marked_once() {
    let part = Part::Buttons {
        body: "?".to_owned(),
        options: vec![("Yes".to_owned(), action(0)), ("No".to_owned(), action(1))],
    };
    let Call::Text { keyboard: Some(keyboard), .. } = call(&part, &tokens(2)) else { panic!() };
    let token = tokens(2)[&1].clone();
    let marked = tapped(&keyboard, &token).unwrap();
    let labels: Vec<&str> =
        marked.inline_keyboard.iter().flatten().map(|button| button.text.as_str()).collect();
    assert_eq!(labels, ["Yes", "• No"]);
    assert_eq!(tapped(&marked, &token), None);
    assert_eq!(tapped(&keyboard, "another"), None);
}
