//! What people of the shop ask of customers and show them beside words: their number, their address, rows of
//! pictures, approved templates; and what comes back of it.

use std::time::Duration;

use agent_core::message::{
    Action, Block, CardShows, Choice, Fill, Header, MediaRef, Native, Slide, SlideTap, Status,
    TemplateButton, TemplateCard,
};
use agent_core::time::Clock as _;
use serde_json::{Value, json};
use sutler_tests::fake::graph::{FakeGraph, payload};
use sutler_tests::world::SHOP;
use sutler_tests::world::meta::{OnWhatsApp, address};

use crate::whatsapp::open;

async fn find(shop: &OnWhatsApp, who: &str) -> Option<agent_core::id::JournalId> {
    shop.world.house.find(SHOP, &address(who)).await.unwrap()
}

async fn transcript(shop: &OnWhatsApp, who: &str) -> String {
    format!("{:?}", shop.conversation(who).await.transcript)
}

fn newest(graph: &FakeGraph) -> Value {
    graph.taken().pop().unwrap().body
}

#[tokio::test]
async fn who_gives_the_number_they_were_asked_for_is_known_by_it() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4916", "hello").await;
    shop.answered(&graph, "DE.9", "hello").await;
    let ask = Native::AskContact { text: "May we call you?".to_owned() };
    shop.shows("DE.9", "ask", Block::Native(ask)).await;
    let asked = newest(&graph);
    assert_eq!((&asked["recipient"], asked.get("to")), (&json!("DE.9"), None));
    assert_eq!(asked["interactive"]["type"], "request_contact_info");
    // A friend's contact is no word about oneself, and nobody gets a number that another customer has.
    for (number, given) in [("4917", false), ("4916", true)] {
        shop.told(&graph.says("DE.9", &payload::contact(number, given))).await;
        assert_ne!(find(&shop, number).await, find(&shop, "DE.9").await, "{number}");
    }
    shop.told(&graph.says("DE.9", &payload::contact("4915", true))).await;
    assert_eq!(find(&shop, "4915").await, find(&shop, "DE.9").await);
    shop.told(&graph.says("4915", &payload::text("It is me."))).await;
    let said = transcript(&shop, "DE.9").await;
    assert_eq!(said.matches("[a contact]").count(), 3, "{said}");
    assert!(said.contains("It is me."), "{said}");
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn an_address_is_asked_for_by_metas_form_in_india_and_in_words_elsewhere() {
    let (shop, graph, _) = open().await;
    for (who, kind) in [("919810", "interactive"), ("4915", "text")] {
        shop.answered(&graph, who, "hello").await;
        let ask = Native::AskAddress { text: "Where do you live?".to_owned() };
        shop.shows(who, who, Block::Native(ask)).await;
        assert_eq!(newest(&graph)["type"], kind, "{who}");
    }
    let filled = json!({ "in_pin_code": "110001", "city": "Delhi", "address": "Janpath 1" });
    shop.told(&graph.says("919810", &payload::address(&filled))).await;
    let said = transcript(&shop, "919810").await;
    for told in ["address", "Janpath 1", "Delhi", "110001"] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn pictures_with_links_are_a_row_and_what_is_no_row_is_words() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    let slide = |n: usize, mime: &str| Slide {
        media: MediaRef {
            id: format!("https://shop.example/{n}"),
            mime: mime.to_owned(),
            ..MediaRef::default()
        },
        text: format!("Jacket {n}\n\n**new**\nin\nred {}", "and blue ".repeat(30)),
        tap: SlideTap::Link {
            label: "Look at all of it".to_owned(),
            url: format!("https://shop.example/p/{n}"),
        },
    };
    let row =
        |slides: Vec<Slide>| Block::Native(Native::Carousel { text: "New:".to_owned(), slides });
    shop.shows("4915", "row", row((0..10).map(|n| slide(n, "image/jpeg")).collect())).await;
    let cards = newest(&graph)["interactive"]["action"]["cards"].clone();
    assert_eq!(cards.as_array().map(Vec::len), Some(10));
    assert_eq!(cards[9]["header"]["image"]["link"], "https://shop.example/9");
    assert!(cards[9]["body"]["text"].as_str().unwrap().starts_with("Jacket 9\n*new*\nin red and"));
    for (n, slides) in [
        vec![slide(0, "image/png")],
        vec![slide(0, "image/png"), slide(1, "video/mp4")],
        (0..11).map(|n| slide(n, "image/png")).collect(),
    ]
    .into_iter()
    .enumerate()
    {
        shop.shows("4915", &format!("words{n}"), row(slides)).await;
        let words = newest(&graph)["text"]["body"].clone();
        assert!(words.as_str().unwrap().contains("https://shop.example/p/0"), "{words}");
    }
    assert_eq!(graph.faults(), [""; 0]);
}

fn reply(says: &str) -> Choice {
    Choice { label: "More".to_owned(), hint: String::new(), action: Action::Say(says.to_owned()) }
}

/// A template's or a row's ids of what can be tapped.
fn tokens(body: &Value, path: &str) -> Vec<String> {
    let cards = body.pointer(path).and_then(Value::as_array).unwrap();
    let of = |card: &Value| {
        let id = card
            .pointer("/action/buttons/0/quick_reply/id")
            .or_else(|| card.pointer("/components/1/parameters/0/payload"));
        id.unwrap().as_str().unwrap().to_owned()
    };
    cards.iter().map(of).collect()
}

#[tokio::test]
async fn an_answer_below_a_picture_means_what_was_said_of_that_picture() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    shop.answered(&graph, "4916", "hello").await;
    let slide = |n: usize| Slide {
        media: MediaRef {
            id: format!("https://shop.example/{n}.jpg"),
            mime: "image/jpeg".to_owned(),
            ..MediaRef::default()
        },
        text: String::new(),
        tap: SlideTap::Replies(vec![reply(&format!("Tell me more of jacket {n}."))]),
    };
    let row = Native::Carousel { text: "New:".to_owned(), slides: (0..3).map(slide).collect() };
    shop.shows("4915", "row", Block::Native(row)).await;
    let ids = tokens(&newest(&graph), "/interactive/action/cards");
    assert!(ids.iter().all(|id| id.len() == 20), "{ids:?}");
    shop.told(&graph.says("4915", &payload::tap(&ids[2], "More"))).await;
    assert!(transcript(&shop, "4915").await.contains("Tell me more of jacket 2."));
    // Another customer's tap, and one of nothing that was offered, say nothing.
    let odd = format!("{}A", &ids[0][..19]);
    for (who, id) in [("4916", &ids[1]), ("4915", &odd)] {
        shop.told(&graph.says(who, &payload::tap(id, "More"))).await;
        let said = transcript(&shop, who).await;
        assert!(!said.contains("jacket 1.") && !said.contains("jacket 0."), "{said}");
    }
    shop.world.deliver_and_settle().await;
    // Where a platform has no such rows, or they make none, the answers are typed.
    let one = Native::Carousel { text: "New:".to_owned(), slides: vec![slide(7)] };
    shop.shows("4915", "one", Block::Native(one)).await;
    assert_eq!(newest(&graph)["text"]["body"], "New:\n1. More");
    shop.told(&graph.says("4915", &payload::text("1"))).await;
    assert!(transcript(&shop, "4915").await.contains("Tell me more of jacket 7."));
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn a_template_has_a_row_of_cards_and_says_how_long_its_offer_holds() {
    let (shop, graph, clock) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    clock.turn(Duration::from_secs(24 * 3_600));
    let card = |n: usize| TemplateCard {
        shows: CardShows::Media(MediaRef {
            id: format!("https://shop.example/{n}.jpg"),
            mime: "image/jpeg".to_owned(),
            ..MediaRef::default()
        }),
        slots: Vec::new(),
        buttons: vec![TemplateButton {
            place: 0,
            fill: Fill::Reply(reply(&format!("The {n}th."))),
        }],
    };
    let until = clock.now().after(Duration::from_secs(3_600));
    let offer = |cards: Vec<TemplateCard<Choice>>| Block::Template {
        name: "winter_sale".into(),
        slots: Vec::new(),
        header: None,
        buttons: vec![TemplateButton { place: 0, fill: Fill::Code("WINTER25".to_owned()) }],
        cards,
        until: Some(until),
    };
    shop.shows("4915", "offer", offer((0..4).map(card).collect())).await;
    let sent = newest(&graph);
    let kinds = sent["template"]["components"].as_array().unwrap().iter();
    let kinds: Vec<&Value> = kinds.map(|it| &it["type"]).collect();
    assert_eq!(kinds, ["limited_time_offer", "button", "carousel"]);
    let ends = &sent["template"]["components"][0]["parameters"][0]["limited_time_offer"];
    assert_eq!(ends["expiration_time_ms"], until.0 / 1_000);
    let ids = tokens(&sent, "/template/components/2/cards");
    shop.told(&graph.says("4915", &payload::reply(&ids[3], "More"))).await;
    assert!(transcript(&shop, "4915").await.contains("The 3th."));
    let taken = graph.taken().len();
    shop.shows("4915", "one", offer(vec![card(0)])).await;
    let parts = shop.conversation("4915").await.deliveries.parts;
    assert!(matches!(&parts.last().unwrap().status, Status::Failed(why) if why.contains("row")));
    assert_eq!((graph.taken().len(), graph.faults()), (taken, Vec::new()));
}

fn template(header: Option<Header>, fills: Vec<Fill<Choice>>) -> Block {
    let buttons = (0..).zip(fills).map(|(place, fill)| TemplateButton { place, fill });
    Block::Template {
        name: "order_shipped".into(),
        slots: vec![("customer".into(), "Ada\nL.".to_owned())],
        header,
        buttons: buttons.collect(),
        cards: Vec::new(),
        until: None,
    }
}

#[tokio::test]
async fn a_template_goes_after_a_day_and_a_tap_on_it_means_what_was_said() {
    let (shop, graph, clock) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    clock.turn(Duration::from_secs(24 * 3_600));
    let place = Header::Place {
        name: "The shop".to_owned(),
        address: "Harbour 1".to_owned(),
        lat_e6: 52_520_000,
        lon_e6: 13_400_000,
    };
    let reply = Choice {
        label: "Monday".to_owned(),
        hint: String::new(),
        action: Action::Say("Bring it on Monday.".to_owned()),
    };
    let fills = vec![
        Fill::Reply(reply),
        Fill::Link("?order=12".to_owned()),
        Fill::Code("WINTER25".to_owned()),
        Fill::Form,
    ];
    shop.shows("4915", "t1", template(Some(place), fills)).await;
    let sent = newest(&graph);
    let components = sent["template"]["components"].as_array().unwrap();
    assert_eq!(components.len(), 6, "{sent}");
    assert_eq!(components[1]["parameters"][0]["text"], "Ada L.");
    let kinds: Vec<&Value> = components.iter().skip(2).map(|it| &it["sub_type"]).collect();
    assert_eq!(kinds, ["quick_reply", "url", "copy_code", "flow"]);
    let token = components[2]["parameters"][0]["payload"].as_str().unwrap();
    let taken = graph.taken().len();
    shop.told(&graph.says("4915", &payload::reply(token, "Monday"))).await;
    shop.world.deliver_and_settle().await;
    assert!(transcript(&shop, "4915").await.contains("Bring it on Monday."));
    assert_eq!(graph.taken().len(), taken, "a person has the conversation");
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn what_no_template_takes_is_not_sent_and_said_to_have_failed() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    let taken = graph.taken().len();
    let sound = MediaRef {
        id: "https://shop.example/a.ogg".to_owned(),
        mime: "audio/ogg".to_owned(),
        ..MediaRef::default()
    };
    let code = Fill::Code("x".repeat(21));
    let link = Fill::Link(String::new());
    for (n, block) in [
        template(None, vec![code]),
        template(None, vec![link]),
        template(Some(Header::Media(sound)), Vec::new()),
        template(None, (0..11).map(|_| Fill::Form).collect()),
    ]
    .into_iter()
    .enumerate()
    {
        shop.shows("4915", &format!("over{n}"), block).await;
        let parts = shop.conversation("4915").await.deliveries.parts;
        let newest = &parts.last().unwrap().status;
        assert!(matches!(newest, Status::Failed(why) if why.contains("WhatsApp")), "{newest:?}");
    }
    assert_eq!(graph.taken().len(), taken);
    assert_eq!(graph.faults(), [""; 0]);
}
