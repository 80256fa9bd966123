//! From wishes to calls, or to what is said. A pure function of the request: on each round it looks at the
//! same wishes again, with what this turn's calls have brought.

use serde_json::{Value, json};

use crate::catalog::{Query, Sort};
use crate::evidence::{ProductFacts, VariantFacts};
use crate::id::Name;
use crate::model::clerk::say::{Said, Saying};
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Act, Tongue, Wish};
use crate::money::Decimal;

/// What is done next.
pub(crate) enum Step {
    /// These calls.
    Call(Vec<(Name, Value)>),
    /// This is said.
    Say(Said),
}

/// What one wish comes to.
enum Next {
    Call(Vec<(Name, Value)>),
    Say,
}

fn call(tool: &str, arguments: Value) -> Next {
    Next::Call(vec![(tool.into(), arguments)])
}

/// Chooses what is done next.
pub(crate) fn decide(wishes: &[Wish], scene: &Scene<'_>, tongue: &Tongue) -> Step {
    let mut saying = Saying::new(scene);
    if !scene.request.notes.violations.is_empty() {
        saying.phrase("sorry");
        return Step::Say(saying.said());
    }
    if scene.tapped {
        saying.tapped();
        return Step::Say(saying.said());
    }
    let mut calls = Vec::new();
    for wish in wishes {
        if let Next::Call(more) = one(wish, scene, tongue, &mut saying) {
            // A call that was made this turn with the same arguments is not made again.
            calls.extend(more.into_iter().filter(|(tool, arguments)| {
                scene.may(tool.as_str())
                    && !scene.done.iter().any(|done| done.call.tool == *tool && done.call.arguments == *arguments)
            }));
        }
    }
    if calls.is_empty() { Step::Say(saying.said()) } else { Step::Call(calls) }
}

fn one(wish: &Wish, scene: &Scene<'_>, tongue: &Tongue, saying: &mut Saying<'_>) -> Next {
    let Some(act) = wish.act else { return Next::Say };
    match act {
        Act::Search | Act::Refine => search(wish, act, scene, saying),
        Act::Details => details(wish, scene, saying),
        Act::Compare => compare(wish, scene, saying),
        Act::Add => add(wish, scene, tongue, saying),
        Act::Set | Act::Remove => change(wish, act, scene, saying),
        Act::Cart => after(scene, "cart_view", json!({}), |saying| saying.cart(), saying),
        Act::Checkout => checkout(scene, saying),
        Act::Policy => {
            let topic = wish.topic.clone();
            after(scene, "policy", json!({ "topic": topic }), |saying| saying.policy(), saying)
        }
        Act::Human => after(scene, "hand_over", json!({ "why": "the customer asked for a person" }), |_| {}, saying),
        Act::Greet => said(saying, if scene.request.notes.first { "greet.first" } else { "greet.again" }),
        Act::Thanks => said(saying, "thanks"),
        Act::Bye => said(saying, "bye"),
        Act::Help => said(saying, "help"),
        Act::Bot => said(saying, "bot"),
        Act::Rude => said(saying, "rude"),
        Act::OffTopic => said(saying, "off_topic"),
        Act::Nod => said(saying, "nod"),
        Act::Lost => said(saying, "lost"),
    }
}

fn said(saying: &mut Saying<'_>, phrase: &str) -> Next {
    saying.phrase(phrase);
    Next::Say
}

/// Calls a tool once, then says what it brought.
fn after(
    scene: &Scene<'_>,
    tool: &str,
    arguments: Value,
    say: impl FnOnce(&mut Saying<'_>),
    saying: &mut Saying<'_>,
) -> Next {
    match scene.done.iter().rev().find(|done| done.call.tool.as_str() == tool) {
        None => call(tool, arguments),
        Some(done) if done.result.is_err() => {
            saying.failed(done);
            Next::Say
        }
        Some(_) => {
            say(saying);
            Next::Say
        }
    }
}

/// The query of a wish: its own, or the one before, changed.
fn query(wish: &Wish, act: Act, scene: &Scene<'_>) -> Query {
    let mut query = match (act, &scene.searched) {
        (Act::Refine, Some(before)) => before.clone(),
        (Act::Refine, None) => Query { words: noun(scene), ..Query::default() },
        _ => Query { words: wish.words.clone(), ..Query::default() },
    };
    for (name, value) in &wish.filters {
        query.filters.insert(name.clone(), value.clone());
    }
    let decimal = |text: &Option<String>| text.as_deref().and_then(|text| Decimal::parse(text).ok());
    if let Some(at_least) = decimal(&wish.amount.0) {
        query.min_price = Some(at_least);
    }
    if let Some(at_most) = decimal(&wish.amount.1) {
        query.max_price = Some(at_most);
    }
    if wish.price != 0 {
        query.sort = if wish.price < 0 { Sort::Cheapest } else { Sort::Dearest };
        let prices = scene.shown.iter().filter_map(|shown| {
            let variant = shown.facts.variants.iter().find(|variant| variant.variant == shown.variant)?;
            Some((variant.price.minor, whole(variant)))
        });
        if wish.price < 0 && wish.amount.1.is_none() {
            query.max_price = prices.min_by_key(|(minor, _)| *minor).and_then(|(_, text)| Decimal::parse(&text).ok());
        } else if wish.price > 0 && wish.amount.0.is_none() {
            query.max_price = None;
            query.min_price = prices.max_by_key(|(minor, _)| *minor).and_then(|(_, text)| Decimal::parse(&text).ok());
        }
    }
    query
}

/// Just below, or above, what a variant costs, in whole units.
fn whole(variant: &VariantFacts) -> String {
    let (whole, rest, places) = variant.price.split();
    match places {
        0 => whole.to_string(),
        places => format!("{whole}.{rest:0places$}", places = places as usize),
    }
}

/// What the product in focus is, as its title's last word.
fn noun(scene: &Scene<'_>) -> String {
    let focus = scene.focus.as_ref().and_then(|id| scene.product(id)).or_else(|| scene.shown.first().cloned());
    focus.and_then(|shown| shown.facts.title.split_whitespace().next_back().map(str::to_lowercase)).unwrap_or_default()
}

fn search(wish: &Wish, act: Act, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    // One product is spoken of, and only its colour or size is said: that variant of it.
    if act == Act::Refine
        && wish.price == 0
        && wish.amount == (None, None)
        && let Some(shown) = subject(wish, scene)
        && let Some(variant) = variant(shown.facts, wish, None)
    {
        saying.card(shown.label, Some(&variant.variant), "product.variant");
        return Next::Say;
    }
    let searches = scene.done.iter().filter(|done| done.call.tool.as_str() == "search").count();
    let asked = query(wish, act, scene);
    if searches == 0 {
        return call("search", json(&asked));
    }
    let found = scene.brought("search");
    if found.is_empty() && searches == 1 && wish.price == 0 {
        // The least important constraint is dropped once, and that is said.
        if let Some(relaxed) = relaxed(&asked) {
            return call("search", json(&relaxed));
        }
    }
    saying.found(&found, searches > 1, wish.price);
    Next::Say
}

/// A query without its least important constraint.
fn relaxed(query: &Query) -> Option<Query> {
    let mut relaxed = query.clone();
    let filter = ["color", "material", "gender", "size"].iter().find(|name| query.filters.contains_key(**name));
    if query.words.is_empty() {
        return None;
    }
    match filter {
        Some(name) => _ = relaxed.filters.remove(*name),
        None if query.max_price.is_some() || query.min_price.is_some() => {
            (relaxed.max_price, relaxed.min_price) = (None, None);
            relaxed.sort = Sort::Cheapest;
        }
        None => return None,
    }
    Some(relaxed)
}

fn json(query: &Query) -> Value {
    let mut arguments = json!({ "words": query.words });
    let mut put = |name: &str, value: Value| {
        if let Some(fields) = arguments.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    if !query.filters.is_empty() {
        put("filters", json!(query.filters));
    }
    if let Some(max) = &query.max_price {
        put("max_price", json!(max));
    }
    if let Some(min) = &query.min_price {
        put("min_price", json!(min));
    }
    if query.sort != Sort::Relevance {
        put("sort", json!(query.sort));
    }
    arguments
}

/// The one product a wish is about, if it is clear.
fn subject<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Shown<'a>> {
    if let Some(shown) = meant(wish, scene).into_iter().next() {
        return Some(shown);
    }
    let focus = scene.focus.as_ref().and_then(|id| {
        let mut shown = scene.product(id)?;
        if shown.facts.variants.iter().any(|variant| variant.variant == *id) {
            shown.variant = id.clone();
        }
        Some(shown)
    });
    focus.or_else(|| if scene.shown.len() == 1 { scene.shown.first().cloned() } else { None })
}

/// The shown products a wish names: by place, by name, by colour.
fn meant<'a>(wish: &Wish, scene: &Scene<'a>) -> Vec<Shown<'a>> {
    if wish.places.contains(&0) {
        return scene.shown.iter().take(2).cloned().collect();
    }
    let place = |place: &i64| match place {
        -1 => scene.shown.last(),
        place => usize::try_from(*place - 1).ok().and_then(|at| scene.shown.get(at)),
    };
    let by_place: Vec<Shown<'_>> = wish.places.iter().filter_map(place).cloned().collect();
    if !by_place.is_empty() {
        return by_place;
    }
    let words: Vec<&str> = wish.words.split(' ').filter(|word| word.chars().count() > 2).collect();
    let score = |shown: &Shown<'_>| {
        let title = shown.facts.title.to_lowercase();
        let title: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).collect();
        words.iter().filter(|word| title.contains(*word)).count()
    };
    let best = scene.shown.iter().map(score).max().unwrap_or(0);
    let named: Vec<&Shown<'_>> = scene.shown.iter().filter(|shown| best > 0 && score(shown) == best).collect();
    if let [only] = named.as_slice() {
        return vec![(*only).clone()];
    }
    // `the blue one`: the one that is shown in that colour.
    let Some(color) = wish.filters.get("color") else { return Vec::new() };
    let pool: Vec<&Shown<'_>> = if named.is_empty() { scene.shown.iter().collect() } else { named };
    let colored: Vec<&&Shown<'_>> = pool
        .iter()
        .filter(|shown| {
            let variant = shown.facts.variants.iter().find(|variant| variant.variant == shown.variant);
            variant.is_some_and(|variant| variant.attributes.get("color").is_some_and(|it| it.contains(color.as_str())))
        })
        .collect();
    match colored.as_slice() {
        [only] => vec![(**only).clone()],
        _ => Vec::new(),
    }
}

fn details(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if let Some(shown) = scene.brought("product").first() {
        saying.details(shown);
        return Next::Say;
    }
    match subject(wish, scene) {
        Some(shown) => call("product", json!({ "id": shown.variant })),
        None if scene.shown.is_empty() => search(wish, Act::Search, scene, saying),
        None => ask_which(scene, saying),
    }
}

fn ask_which(scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    saying.which(&scene.shown);
    Next::Say
}

fn compare(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let compared = scene.brought("compare");
    if !compared.is_empty() {
        saying.compared(&compared);
        return Next::Say;
    }
    let mut meant = meant(wish, scene);
    if meant.len() < 2 {
        meant = scene.shown.iter().take(2).cloned().collect();
    }
    if meant.len() < 2 {
        return said(saying, "compare.which");
    }
    let ids: Vec<&Name> = meant.iter().take(4).map(|shown| &shown.variant).collect();
    call("compare", json!({ "ids": ids }))
}

fn add(wish: &Wish, scene: &Scene<'_>, tongue: &Tongue, saying: &mut Saying<'_>) -> Next {
    if scene.done.iter().any(|done| done.call.tool.as_str() == "cart_add") {
        saying.added();
        return Next::Say;
    }
    let mut products = meant(wish, scene);
    if products.is_empty() && (wish.words.is_empty() || wish.it) {
        products.extend(subject(wish, scene));
    }
    let things = wish.words.split(' ').filter(|word| !word.is_empty()).count();
    if products.is_empty() && things > 0 {
        let found = scene.brought("search");
        let Some(first) = found.first() else {
            let asked = scene.done.iter().any(|done| done.call.tool.as_str() == "search");
            if asked {
                saying.found(&[], false, 0);
                return Next::Say;
            }
            return call("search", json(&query(wish, Act::Search, scene)));
        };
        let words: Vec<&str> = wish.words.split(' ').collect();
        let full = |shown: &&Shown<'_>| {
            let title = shown.facts.title.to_lowercase();
            words.iter().all(|word| title.contains(word))
        };
        let full: Vec<&Shown<'_>> = found.iter().filter(full).collect();
        match (full.as_slice(), found.len()) {
            ([only], _) => products.push((*only).clone()),
            (_, 1) => products.push(first.clone()),
            _ => {
                saying.found(&found, false, 0);
                return Next::Say;
            }
        }
    }
    if products.is_empty() {
        return if scene.shown.is_empty() { said(saying, "add.what") } else { ask_which(scene, saying) };
    }
    let mut calls = Vec::new();
    for product in &products {
        match pick(product, wish, scene, tongue) {
            Ok(variant) => {
                let quantity = wish.quantity.unwrap_or(1).max(1);
                calls.push(("cart_add".into(), json!({ "variant": variant.variant, "quantity": quantity })));
            }
            Err(missing) => {
                saying.choose(product, &missing, wish);
                return Next::Say;
            }
        }
    }
    Next::Call(calls)
}

/// The attribute that is not told yet, with the variants left.
pub(crate) struct Missing<'a> {
    pub(crate) attribute: &'static str,
    pub(crate) left: Vec<&'a VariantFacts>,
}

/// The variant that is meant, or what is missing to tell it.
fn pick<'a>(
    product: &Shown<'a>,
    wish: &Wish,
    scene: &Scene<'_>,
    _: &Tongue,
) -> Result<&'a VariantFacts, Missing<'a>> {
    let shown = product.facts.variants.iter().find(|variant| variant.variant == product.variant);
    if product.facts.variants.len() == 1 && let Some(only) = product.facts.variants.first() {
        return if only.stock.can_be_ordered() { Ok(only) } else { Err(Missing { attribute: "stock", left: Vec::new() }) };
    }
    let searched = scene.searched.as_ref();
    let wanted = |name: &str| {
        let said = wish.filters.get(name);
        let asked = searched.and_then(|query| query.filters.get(name));
        // A colour that was shown counts as chosen; a size never does unless it was asked for.
        let seen = (name == "color").then(|| shown.and_then(|variant| variant.attributes.get(name))).flatten();
        said.or(asked.filter(|asked| has(shown, name, asked))).or(seen).map(String::as_str)
    };
    let fits = |variant: &&VariantFacts| {
        ["color", "size"].iter().all(|name| wanted(name).is_none_or(|wanted| has(Some(variant), name, wanted)))
    };
    let left: Vec<&VariantFacts> =
        product.facts.variants.iter().filter(fits).filter(|variant| variant.stock.can_be_ordered()).collect();
    match left.as_slice() {
        [] => {
            let others = product.facts.variants.iter().filter(|variant| variant.stock.can_be_ordered());
            Err(Missing { attribute: "stock", left: others.collect() })
        }
        [only] => Ok(only),
        _ => {
            let colors: std::collections::BTreeSet<_> = left.iter().map(|it| it.attributes.get("color")).collect();
            let attribute = if colors.len() > 1 && wanted("color").is_none() { "color" } else { "size" };
            Err(Missing { attribute, left })
        }
    }
}

/// Whether a variant's attribute is this value, or has it as a word.
fn has(variant: Option<&VariantFacts>, name: &str, wanted: &str) -> bool {
    let Some(value) = variant.and_then(|variant| variant.attributes.get(name)) else { return false };
    let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
    value == wanted
        || name == "color" && value.split(' ').any(|word| word == wanted)
        || name == "size" && value.len() > 3 && wanted.len() == 1 && value.starts_with(&wanted)
}

/// The variant of a product with the wished colour and size; the colour of `shown` where none is wished.
fn variant<'a>(facts: &'a ProductFacts, wish: &Wish, _: Option<()>) -> Option<&'a VariantFacts> {
    let fits = |variant: &&VariantFacts| {
        ["color", "size"].iter().all(|name| wish.filters.get(*name).is_none_or(|value| has(Some(variant), name, value)))
    };
    let mut fitting = facts.variants.iter().filter(fits);
    fitting.clone().find(|variant| variant.stock.can_be_ordered()).or_else(|| fitting.next())
}

/// The line of the cart a wish means: by name, by what is in focus, or the only one.
fn line(wish: &Wish, scene: &Scene<'_>) -> Option<Name> {
    let notes = &scene.request.notes;
    let priced = notes.priced.as_ref();
    let words: Vec<&str> = wish.words.split(' ').filter(|word| word.chars().count() > 2).collect();
    let titled = |variant: &Name| {
        let line = priced.and_then(|cart| cart.lines.iter().find(|line| line.variant == *variant));
        line.map(|line| format!("{} {}", line.title, line.options).to_lowercase()).unwrap_or_default()
    };
    let score = |variant: &Name| {
        let title = titled(variant);
        let colors = wish.filters.values().filter(|value| title.contains(&value.to_lowercase())).count();
        words.iter().filter(|word| title.contains(*word)).count() + colors
    };
    let best = notes.cart.iter().map(|(variant, _)| score(variant)).max().unwrap_or(0);
    if best > 0 {
        return notes.cart.iter().find(|(variant, _)| score(variant) == best).map(|(variant, _)| variant.clone());
    }
    if let Some(place) = wish.places.first().filter(|place| **place != 0) {
        let at = if *place < 0 { notes.cart.len().checked_sub(1) } else { usize::try_from(*place - 1).ok() };
        return at.and_then(|at| notes.cart.get(at)).map(|(variant, _)| variant.clone());
    }
    let focus = scene.focus.clone().filter(|focus| notes.cart.iter().any(|(variant, _)| variant == focus));
    focus.or_else(|| notes.cart.last().map(|(variant, _)| variant.clone()))
}

fn change(wish: &Wish, act: Act, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let tool = if act == Act::Set { "cart_set" } else { "cart_remove" };
    if scene.done.iter().any(|done| matches!(done.call.tool.as_str(), "cart_set" | "cart_remove")) {
        saying.changed(act);
        return Next::Say;
    }
    let cart = &scene.request.notes.cart;
    if cart.is_empty() {
        return said(saying, "cart.empty");
    }
    if act == Act::Remove && wish.places.contains(&0) {
        let calls = cart.iter().map(|(variant, _)| (tool.into(), json!({ "variant": variant })));
        return Next::Call(calls.collect());
    }
    let Some(variant) = line(wish, scene) else { return said(saying, "cart.which") };
    let held = cart.iter().find(|(line, _)| *line == variant).map_or(0, |(_, quantity)| *quantity);
    match (act, wish.quantity) {
        (Act::Remove, Some(fewer)) if fewer < held => {
            call("cart_set", json!({ "variant": variant, "quantity": held - fewer }))
        }
        (Act::Remove, _) => call("cart_remove", json!({ "variant": variant })),
        (_, Some(quantity)) => call("cart_set", json!({ "variant": variant, "quantity": quantity })),
        (_, None) => said(saying, "cart.how_many"),
    }
}

fn checkout(scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if scene.request.notes.cart.is_empty() && scene.done.is_empty() {
        return said(saying, "checkout.empty");
    }
    let viewed = scene.done.iter().any(|done| done.call.tool.as_str() == "cart_view");
    let asked = scene.done.iter().rev().find(|done| done.call.tool.as_str() == "checkout");
    match asked {
        None if !viewed => call("cart_view", json!({})),
        None => call("checkout", json!({})),
        Some(done) if done.result.is_err() => {
            saying.failed(done);
            Next::Say
        }
        Some(_) => {
            saying.checkout();
            Next::Say
        }
    }
}
