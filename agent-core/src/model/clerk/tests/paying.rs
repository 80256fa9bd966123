//! What is said where an order is placed, and where it can't be.

use super::*;
use crate::evidence::ToolError;

/// A call and what it brought.
type Brought<'a> = (&'a str, Value, Result<Vec<Evidence>, ToolError>);

/// Who wants to pay, after these calls of the turn.
fn paying(calls: &[Brought<'_>], text: &str) -> Request {
    let mut request = holding(text);
    let tools = ["cart_add", "cart_view", "checkout", "search"].map(spec).to_vec();
    request.tools = Arc::new(crate::digest::Named::new(tools));
    for (n, (tool, arguments, result)) in (1..).zip(calls) {
        let id = Made { turn: TurnId(2), n };
        let call = Call { id, tool: (*tool).into(), arguments: arguments.clone() };
        let (draft, blocks) = (String::new(), Vec::new());
        request.transcript.push(Entry::Agent { draft, blocks, calls: vec![call] });
        request.transcript.push(Entry::Tool { call: id, result: result.clone() });
    }
    request
}

/// What is said to it.
fn said(request: &Request) -> String {
    match Clerk::new().step(request).1 {
        Step::Say(said) => said.text,
        Step::Call(calls) => panic!("{calls:?}"),
    }
}

fn found(label: u32, body: Body) -> Evidence {
    let Evidence { call, finding, .. } = product(label, "", &[]);
    let finding = Finding { body, ..(*finding).clone() };
    Evidence { label: Label(label), call, finding: finding.into() }
}

fn cart(label: u32) -> Evidence {
    let lines = vec![line("P1-black-M", "Mitten Gloves", 2)];
    found(label, Body::Cart(CartFacts { lines, total: Some(euros(2_000)) }))
}

fn link(label: u32) -> Evidence {
    found(label, Body::Link { url: "https://shop.example/c".to_owned(), expires: None })
}

#[test]
fn what_there_is_not_enough_of_is_told_where_an_order_is_refused() {
    let refused = || Err(ToolError::Refused("only 1 left".to_owned()));
    let mut done = vec![("cart_view", json!({}), Ok(vec![cart(11)]))];
    assert_eq!(calls(&paying(&done, "to the till")), ["checkout {}"]);
    done.push(("checkout", json!({}), refused()));
    assert_eq!(calls(&paying(&done, "to the till")), ["cart_view {}"]);
    let short = product(13, "Mitten Gloves", &[("black", "M")]);
    done.push(("cart_view", json!({}), Ok(vec![cart(12), short])));
    let request = paying(&done, "to the till");
    assert_eq!(Clerk::new().explain(&request).phrases, ["stock.gone_now"]);
    let told = "[[cart]]\n{{e13.title}} ({{e13.options}}): {{e13.stock}}";
    assert!(said(&request).ends_with(told), "{}", said(&request));
    // Nothing lies in the cart: there is nothing to look at.
    let mut empty = paying(&[("checkout", json!({}), refused())], "to the till");
    empty.notes.cart = Vec::new();
    assert_eq!(Clerk::new().explain(&empty).phrases, ["checkout.empty"]);
}

#[test]
fn what_is_added_after_the_link_was_made_is_paid_as_well() {
    let (text, add) = ("to the till", json!({ "variant": "P1-black-M", "quantity": 2 }));
    let mut done = vec![
        ("cart_view", json!({}), Ok(vec![cart(10)])),
        ("checkout", json!({}), Ok(vec![link(11), cart(12)])),
    ];
    assert!(said(&paying(&done, text)).contains("[[link e11"));
    done.push(("cart_add", add, Ok(vec![cart(13)])));
    assert_eq!(calls(&paying(&done, text)), ["checkout {}"]);
    done.push(("checkout", json!({}), Ok(vec![link(14), cart(15)])));
    assert!(said(&paying(&done, text)).contains("[[link e14"));
}

#[test]
fn what_is_no_longer_sold_is_named_and_can_be_taken_out() {
    let refused = Err(ToolError::Refused("no longer sold".to_owned()));
    let gone = found(13, Body::Other(json!({ "no_longer_sold": ["P2-red-45 l"] })));
    let done = vec![
        ("cart_view", json!({}), Ok(vec![cart(11)])),
        ("checkout", json!({}), refused),
        ("cart_view", json!({}), Ok(vec![cart(12), gone])),
    ];
    let request = paying(&done, "to the till");
    let phrases = Clerk::new().explain(&request).phrases;
    assert_eq!(phrases, ["stock.gone_now", "stock.withdrawn"]);
    let mut after = paying(&done, "to the till");
    after.transcript.push(Entry::Agent {
        draft: "so".to_owned(),
        blocks: vec![Block::Text("so".to_owned())],
        calls: Vec::new(),
    });
    after.transcript.push(customer("take it out"));
    after.tools = holding("").tools;
    let remove = format!("cart_remove {}", json!({ "variant": "P2-red-45 l" }));
    assert_eq!(calls(&after), [remove]);
}
