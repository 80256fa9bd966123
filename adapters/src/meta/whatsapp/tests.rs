//! Parts of our own through `render`: what Meta is sent for each.

use std::collections::BTreeMap;

use agent_core::channel::Delivery;
use agent_core::id::{Made, Name, TurnId};
use agent_core::message::{
    ActionRef, Address, CardPart, Fill, Header, MediaRef, Native, Part, Slide, SlideTap,
    TemplateButton,
};
use serde_json::{Value, json};

use super::render::{Shelf, render};

fn delivery(to: &str, body: Part) -> Delivery {
    let (thread, author) = (to.to_owned(), to.to_owned());
    Delivery {
        id: Made { turn: TurnId(9), n: 1 },
        part: 0,
        to: Address { channel: "whatsapp".into(), account: "77".into(), thread, author },
        private: false,
        again: false,
        answers: Vec::new(),
        body,
        tokens: BTreeMap::from([(3, "T".repeat(40))]),
    }
}

fn rendered(to: &str, body: Part) -> Result<Value, String> {
    let shelf = Shelf { language: "de".to_owned(), addresses: true, ..Shelf::default() };
    render(&delivery(to, body), &shelf).map_err(|error| error.to_string())
}

/// What a part comes to below its type.
fn content(to: &str, body: Part) -> Value {
    let whole = rendered(to, body).unwrap();
    whole[whole["type"].as_str().unwrap()].clone()
}

fn file(mime: &str) -> MediaRef {
    let id = "https://shop.example/a".to_owned();
    MediaRef { id, mime: mime.to_owned(), ..MediaRef::default() }
}

#[test]
fn each_part_names_its_customer_its_type_and_itself() {
    let text = |to: &str| rendered(to, Part::Text("**Hi**".to_owned())).unwrap();
    let whole = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "4915",
        "type": "text",
        "text": { "body": "*Hi*", "preview_url": false },
        "biz_opaque_callback_data": "sutler:00000000000000000000000000000009-1/0",
    });
    assert_eq!(text("4915"), whole);
    let scoped = text("DE.9");
    assert_eq!((&scoped["recipient"], scoped.get("to")), (&json!("DE.9"), None));
}

#[test]
fn requests_have_metas_own_button() {
    let ask = |text: &str| Part::Native(Native::AskContact { text: text.to_owned() });
    let own = json!({ "type": "request_contact_info", "body": { "text": "Your number?" },
        "action": { "name": "request_contact_info" } });
    assert_eq!(content("DE.9", ask("Your number?")), own);
    let ask = || Part::Native(Native::AskAddress { text: "Where to?".to_owned() });
    let own = json!({ "type": "address_message", "body": { "text": "Where to?" },
        "action": { "name": "address_message", "parameters": { "country": "IN" } } });
    assert_eq!(content("919810", ask()), own);
    assert_eq!(content("IN.9", ask()), own);
    let words = json!({ "body": "Where to?", "preview_url": false });
    assert_eq!(content("4915", ask()), words, "no form outside of India");
}

#[test]
fn a_file_goes_as_what_it_is() {
    let sent = |id: &str, mime: &str, caption: &str| {
        let media = MediaRef { id: id.to_owned(), mime: mime.to_owned(), ..MediaRef::default() };
        let whole = rendered("4915", Part::Media { media, caption: caption.to_owned() }).unwrap();
        let kind = whole["type"].as_str().unwrap().to_owned();
        (whole[&kind].clone(), kind)
    };
    let of = |kind: &str, content: Value| (content, kind.to_owned());
    assert_eq!(
        sent("123", "image/png", "**Red**"),
        of("image", json!({ "id": "123", "caption": "*Red*" }))
    );
    assert_eq!(sent("123", "image/webp", ""), of("sticker", json!({ "id": "123" })));
    assert_eq!(sent("123", "audio/ogg", "words"), of("audio", json!({ "id": "123" })));
    let invoice = "https://shop.example/d/invoice-12.pdf?key=1";
    assert_eq!(
        sent(invoice, "application/pdf", "Yours"),
        of(
            "document",
            json!({ "link": invoice, "caption": "Yours", "filename": "invoice-12.pdf" })
        )
    );
    let bare = "https://shop.example";
    assert_eq!(sent(bare, "text/csv", ""), of("document", json!({ "link": bare })));
}

#[test]
fn what_meta_could_not_fetch_twice_is_left_out() {
    let sent = |times: usize, body: Part| {
        let mut it = delivery("4915", body);
        it.id = std::iter::successors(Some(it.id), |id| id.again()).nth(times).unwrap();
        let whole = render(&it, &Shelf::default()).unwrap();
        whole[whole["type"].as_str().unwrap()].clone()
    };
    let action = ActionRef { outbound: Made { turn: TurnId(9), n: 1 }, option: 3 };
    let card = CardPart {
        record: "socks".into(),
        title: "Socks".to_owned(),
        detail: "€12.50".to_owned(),
        image: Some("https://shop.example/a.jpg".to_owned()),
        link: None,
        options: vec![("Add".to_owned(), action)],
    };
    let paper = || Part::Media { media: file("application/pdf"), caption: "Yours".to_owned() };
    for times in 0..4 {
        let card = sent(times, Part::Cards(vec![card.clone()]));
        assert_eq!(card.get("header").is_some(), times < 2, "{card}");
        assert_eq!(card["action"]["buttons"][0]["reply"]["id"], "T".repeat(40));
        let paper = sent(times, paper());
        let words = if times < 2 { Value::Null } else { json!("Yours\nhttps://shop.example/a") };
        assert_eq!(paper["body"], words, "{paper}");
    }
}

#[test]
fn films_with_links_are_a_row() {
    let slide = |n: usize, text: &str| Slide {
        media: file("video/mp4"),
        text: text.to_owned(),
        tap: SlideTap::Link {
            label: "Look".to_owned(),
            url: format!("https://shop.example/p/{n}"),
        },
    };
    let slides = vec![slide(0, "one\ntwo\nthree\nfour"), slide(1, "")];
    let row = content("4915", Part::Native(Native::Carousel { text: String::new(), slides }));
    let card = |n: usize| {
        json!({ "card_index": n, "type": "cta_url",
            "header": { "type": "video", "video": { "link": "https://shop.example/a" } },
            "action": { "name": "cta_url", "parameters": {
                "display_text": "Look", "url": format!("https://shop.example/p/{n}") } } })
    };
    let mut first = card(0);
    first["body"] = json!({ "text": "one\ntwo\nthree four" });
    let own = json!({ "type": "carousel", "body": { "text": "…" },
        "action": { "cards": [first, card(1)] } });
    assert_eq!(row, own);
}

fn filled(
    slots: Vec<(Name, String)>,
    header: Option<Header>,
    buttons: Vec<TemplateButton<ActionRef>>,
) -> Part {
    let (name, cards, until) = ("shipped".into(), Vec::new(), None);
    Part::Template { name, slots, header, buttons, cards, until }
}

fn template(header: Option<Header>, fills: Vec<Fill<ActionRef>>) -> Part {
    let buttons = (0..).zip(fills).map(|(place, fill)| TemplateButton { place, fill });
    filled(Vec::new(), header, buttons.collect())
}

#[test]
fn a_template_is_filled_by_name_or_by_number() {
    assert_eq!(
        content("4915", template(None, Vec::new())),
        json!({ "name": "shipped", "language": { "code": "de" } }),
    );
    let slots = vec![("1".into(), "two\n lines".to_owned()), ("size".into(), " ".to_owned())];
    let part = filled(slots, None, Vec::new());
    let words = json!([{ "type": "body", "parameters": [
        { "type": "text", "text": "two lines" },
        { "type": "text", "parameter_name": "size", "text": "–" },
    ] }]);
    assert_eq!(content("4915", part)["components"], words);
    let slots = vec![("Size 2".into(), "M".to_owned())];
    let part = filled(slots, None, Vec::new());
    assert!(rendered("4915", part).is_err(), "Meta names no piece so");
}

#[test]
fn headers_and_buttons_are_filled_each_in_its_way() {
    let above =
        |header: Header| content("4915", template(Some(header), Vec::new()))["components"].clone();
    let filled = |parameter: Value| json!([{ "type": "header", "parameters": [parameter] }]);
    let long = Header::Text { slot: "1".into(), text: "x".repeat(61) };
    assert_eq!(above(long)[0]["parameters"][0]["text"], format!("{}…", "x".repeat(59)));
    for (mime, kind) in [("image/png", "image"), ("video/mp4", "video"), ("text/csv", "document")] {
        let parameter = json!({ "type": kind, kind: { "link": "https://shop.example/a" } });
        assert_eq!(above(Header::Media(file(mime))), filled(parameter));
    }
    let (name, address) = ("Shop".to_owned(), "Harbour 1".to_owned());
    let place = Header::Place { name, address, lat_e6: 52_520_000, lon_e6: -13_400_000 };
    let at =
        json!({ "latitude": 52.52, "longitude": -13.4, "name": "Shop", "address": "Harbour 1" });
    assert_eq!(above(place), filled(json!({ "type": "location", "location": at })));
    let action = ActionRef { outbound: Made { turn: TurnId(9), n: 1 }, option: 3 };
    let fills = vec![
        Fill::Reply(action),
        Fill::Link("?order=12".to_owned()),
        Fill::Code("WINTER25".to_owned()),
        Fill::Form,
    ];
    let button = |kind: &str, place: &str, parameter: Value| json!({ "type": "button", "sub_type": kind, "index": place, "parameters": [parameter] });
    let action = json!({ "flow_token": "00000000000000000000000000000009-1/0" });
    let own = json!([
        button("quick_reply", "0", json!({ "type": "payload", "payload": "T".repeat(40) })),
        button("url", "1", json!({ "type": "text", "text": "?order=12" })),
        button("copy_code", "2", json!({ "type": "coupon_code", "coupon_code": "WINTER25" })),
        button("flow", "3", json!({ "type": "action", "action": action })),
    ]);
    assert_eq!(content("4915", template(None, fills))["components"], own);
    for fill in [Fill::Code("x".repeat(21)), Fill::Code(" ".to_owned()), Fill::Link(String::new())]
    {
        assert!(rendered("4915", template(None, vec![fill.clone()])).is_err(), "{fill:?}");
    }
    let sound = template(Some(Header::Media(file("audio/ogg"))), Vec::new());
    assert!(rendered("4915", sound).is_err());
}
