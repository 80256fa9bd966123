//! A brain for the fake model server that shops as a language model would: it calls tools for what
//! the customer asks, and writes drafts that cite what they returned.
//!
//! It knows the draft notation and the tools' names, and nothing of any shop.

use serde_json::{Map, Value, json};

use super::openai::Reply;

/// Answers one request.
#[must_use]
pub fn shop(asked: &Value) -> Reply {
    let messages = asked.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    // The notes are last; the customer's words are the newest of the user's before them.
    let before = messages.split_last().map_or(&[][..], |(_, before)| before);
    let said = before.iter().rposition(|message| role(message) == "user");
    let (older, newer) = before.split_at(said.unwrap_or(0));
    let words = newer.first().map(text).unwrap_or_default();
    let results: Vec<Value> = newer.iter().filter_map(result).collect();
    if let Some(result) = results.last() {
        return says(&report(result));
    }
    let known: Vec<Value> = older.iter().filter_map(result).collect();
    let notes = messages.last().map(text).unwrap_or_default();
    decide(&words.to_lowercase(), &known, &notes)
}

fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

fn text(message: &Value) -> String {
    message.get("content").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn result(message: &Value) -> Option<Value> {
    (role(message) == "tool").then(|| serde_json::from_str(&text(message)).ok()).flatten()
}

fn says(draft: &str) -> Reply {
    Reply::Says(draft.to_owned(), Vec::new())
}

fn calls(tool: &str, arguments: Value) -> Reply {
    Reply::Says(String::new(), vec![(tool.to_owned(), arguments)])
}

/// What to call for what was said.
fn decide(words: &str, known: &[Value], notes: &str) -> Reply {
    let has = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let variant = || pick(words, known).and_then(|product| Some(product.get("chosen")?.clone()));
    if has(&["checkout", "check out", "pay", "order now"]) {
        calls("checkout", json!({}))
    } else if has(&["person", "human", "agent"]) {
        calls("hand_over", json!({"why": "the customer asks for a person"}))
    } else if has(&["return", "refund"]) {
        calls("policy", json!({"topic": "returns"}))
    } else if has(&["shipping", "deliver"]) {
        calls("policy", json!({"topic": "shipping"}))
    } else if has(&["remove"]) {
        let line = notes.lines().find_map(|line| line.strip_prefix("cart: "));
        let variant = line.and_then(|line| line.split(" x ").nth(1)?.split([',', ';']).next());
        calls("cart_remove", json!({"variant": variant.unwrap_or_default()}))
    } else if has(&["compare", "difference"]) {
        let ids: Vec<&Value> = newest(known).iter().filter_map(|it| it.get("id")).take(2).collect();
        calls("compare", json!({"ids": ids}))
    } else if has(&["add", "take it", "i'll take"]) {
        match variant() {
            Some(variant) => calls("cart_add", json!({"variant": variant, "quantity": 1})),
            None => says("Which one shall I add?"),
        }
    } else if has(&["total", "cart", "how much is it all"]) {
        calls("cart_view", json!({}))
    } else if ["hi", "hello", "hey", "thanks", "thank you"]
        .contains(&words.trim_matches(['!', '.']))
    {
        says("Hello! What are you looking for?")
    } else {
        calls("search", query(words))
    }
}

/// A search: a price after `under`, a size after `size` or alone, and the rest as words.
fn query(words: &str) -> Value {
    let mut query = Map::new();
    let mut filters = Map::new();
    let mut rest = Vec::new();
    let mut pieces =
        words.split_whitespace().map(|it| it.trim_matches(['?', '!', '.', ','])).peekable();
    while let Some(piece) = pieces.next() {
        let number = |it: &&str| it.trim_matches(['€', '$']).parse::<u32>().ok();
        match piece {
            "under" | "below" if pieces.peek().and_then(number).is_some() => {
                query
                    .insert("max_price".to_owned(), json!(pieces.next().as_ref().and_then(number)));
            }
            "xs" | "s" | "m" | "l" | "xl" => {
                filters.insert("size".to_owned(), json!(piece.to_uppercase()));
            }
            "i" | "need" | "want" | "a" | "an" | "the" | "in" | "size" | "show" | "me"
            | "looking" | "for" | "euro" | "euros" | "eur" | "do" | "you" | "have" | "please" => {}
            word => rest.push(word),
        }
    }
    query.insert("words".to_owned(), json!(rest.join(" ")));
    if !filters.is_empty() {
        query.insert("filters".to_owned(), Value::Object(filters));
    }
    query.insert("limit".to_owned(), json!(3));
    Value::Object(query)
}

/// The products of the newest result that has any.
fn newest(known: &[Value]) -> Vec<&Value> {
    known.iter().rev().map(products).find(|products| !products.is_empty()).unwrap_or_default()
}

fn products(result: &Value) -> Vec<&Value> {
    let items = result.as_array().into_iter().flatten();
    items.filter_map(|item| item.pointer("/says/product")).collect()
}

/// The product that is meant: by its place, else the first.
fn pick<'a>(words: &str, known: &'a [Value]) -> Option<&'a Value> {
    let products = newest(known);
    let place = ["first", "second", "third"].iter().position(|word| words.contains(word));
    products.get(place.unwrap_or(0)).copied()
}

/// A draft that tells what a tool returned.
fn report(result: &Value) -> String {
    let items = result.as_array().map_or(&[][..], Vec::as_slice);
    let told = |item: &Value| {
        let label = item.get("label").and_then(Value::as_str).unwrap_or_default().to_owned();
        let says = item.get("says")?.as_object()?;
        Some(if says.contains_key("product") {
            format!("[[card {label}]]")
        } else if says.contains_key("cart") {
            format!("[[cart]]\n\nThat is {{{{{label}.total}}}} in all.")
        } else if says.contains_key("link") {
            format!("[[link {label} | Checkout]]")
        } else {
            format!("{{{{{label}.text}}}}")
        })
    };
    let lines: Vec<String> = items.iter().filter_map(told).collect();
    match (result.get("error").is_some(), lines.is_empty()) {
        (true, _) => "That did not work. What would you like instead?".to_owned(),
        (false, true) => "I found nothing like that.".to_owned(),
        (false, false) => format!("Here you are:\n\n{}", lines.join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conversation in which products were found, and then this was said.
    fn said(words: &str) -> Vec<Value> {
        let product = |id: &str| json!({"product": {"id": id, "chosen": format!("{id}-1")}});
        let found =
            json!([{"label": "e1", "says": product("a")}, {"label": "e2", "says": product("b")}]);
        vec![
            json!({"role": "system", "content": ""}),
            json!({"role": "user", "content": "jackets"}),
            json!({"role": "assistant", "content": null, "tool_calls": []}),
            json!({"role": "tool", "content": found.to_string()}),
            json!({"role": "assistant", "content": "[[card e1]]\n[[card e2]]"}),
            json!({"role": "user", "content": words}),
        ]
    }

    fn answer(mut messages: Vec<Value>) -> (String, Vec<(String, Value)>) {
        messages.push(json!({"role": "user", "content": "[notes]\ncart: 2 x a-1, 1 x b-1\n"}));
        match shop(&json!({ "messages": messages })) {
            Reply::Says(text, calls) => (text, calls),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_become_calls() {
        for (words, tool, arguments) in [
            ("hello", "", json!(null)),
            (
                "I need a rain jacket under 120 in M",
                "search",
                json!({"words": "rain jacket", "max_price": 120, "filters": {"size": "M"}, "limit": 3}),
            ),
            ("compare them", "compare", json!({"ids": ["a", "b"]})),
            ("add the second one", "cart_add", json!({"variant": "b-1", "quantity": 1})),
            ("what is the total?", "cart_view", json!({})),
            ("remove it", "cart_remove", json!({"variant": "a-1"})),
            ("can I return it?", "policy", json!({"topic": "returns"})),
            ("checkout please", "checkout", json!({})),
        ] {
            let calls = answer(said(words)).1;
            let expected = [(tool.to_owned(), arguments)];
            assert_eq!(calls, if tool.is_empty() { &[][..] } else { &expected }, "{words}");
        }
    }

    #[test]
    fn results_become_drafts_that_cite_them() {
        let after = |result: Value| {
            let mut messages = said("and?");
            messages.push(json!({"role": "tool", "content": result.to_string()}));
            answer(messages).0
        };
        let product = json!([{"label": "e7", "says": {"product": {"id": "a"}}}]);
        assert_eq!(after(product), "Here you are:\n\n[[card e7]]");
        let cart = json!([{"label": "e8", "says": {"cart": {}}}]);
        assert_eq!(after(cart), "Here you are:\n\n[[cart]]\n\nThat is {{e8.total}} in all.");
        assert_eq!(after(json!([])), "I found nothing like that.");
        let failed = after(json!({"error": "refused: out of stock"}));
        assert!(failed.starts_with("That did not work"), "{failed}");
    }
}
