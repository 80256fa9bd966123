//! Says it: phrases of the pack and blocks of the draft notation. Never a price, always a slot.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::evidence::{Body, Label, ToolError, VariantFacts};
use crate::id::Name;
use crate::model::Request;
use crate::model::clerk::decide::{Missing, chosen};
use crate::model::clerk::scene::{Done, Scene, Shown};
use crate::model::clerk::understand::{Act, plain, telling};

/// Options a question offers.
const OPTIONS: usize = 9;
/// Products shown at once.
const CARDS: usize = 5;

/// A reply, and the phrases it is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) phrases: Vec<String>,
}

/// A reply in the making.
#[derive(Clone, Debug)]
pub(crate) struct Saying<'a> {
    scene: &'a Scene<'a>,
    said: Said,
    /// It ends with a question that must be answered first.
    asks: bool,
}

impl<'a> Saying<'a> {
    pub(crate) fn new(scene: &'a Scene<'a>) -> Self {
        Self { scene, said: Said::default(), asks: false }
    }

    /// The reply; never empty.
    pub(crate) fn said(mut self) -> Said {
        if self.said.text.is_empty() {
            self.phrase("lost");
        }
        self.said
    }

    pub(crate) fn phrase(&mut self, name: &str) {
        self.filled(name, &[]);
    }

    /// Whether it says more than that nothing was found or understood; if not, it is taken back.
    pub(crate) fn helps(&mut self) -> bool {
        let nothing = |it: &String| matches!(it.as_str(), "search.none" | "lost");
        let helps = self.said.phrases.is_empty() || !self.said.phrases.iter().all(nothing);
        if !helps {
            self.said = Said::default();
        }
        helps
    }

    fn filled(&mut self, name: &str, slots: &[(&str, &str)]) {
        let request = self.scene.request;
        let text = request.pack.say(name, &request.locale, slots);
        let told = self.said.text.contains(&text);
        if !(told && self.said.phrases.iter().any(|said| said == name)) {
            self.paragraph(&text);
            self.said.phrases.push(name.to_owned());
        }
    }

    fn paragraph(&mut self, text: &str) {
        if !self.said.text.is_empty() {
            self.said.text.push_str("\n\n");
        }
        self.said.text.push_str(text);
    }

    fn line(&mut self, text: &str) {
        if !self.said.text.is_empty() {
            self.said.text.push('\n');
        }
        self.said.text.push_str(text);
    }

    /// A phrase about one product, and its card.
    pub(crate) fn card(&mut self, label: Label, variant: Option<&Name>, phrase: &str) {
        self.filled(phrase, &[("title", &format!("{{{{{label}.title}}}}"))]);
        match variant {
            Some(variant) => self.line(&format!("[[card {label}@{variant}]]")),
            None => self.line(&format!("[[card {label}]]")),
        }
    }

    pub(crate) fn found(&mut self, found: &[Shown<'_>], relaxed: bool, price: i8) {
        let name = match (found.len(), relaxed, price) {
            (0, ..) => "search.none",
            (_, true, _) => "search.relaxed",
            (1, ..) => "search.one",
            _ => "search.found",
        };
        self.phrase(name);
        for shown in found.iter().take(CARDS) {
            self.line(&format!("[[card {}]]", shown.label));
        }
    }

    /// That nothing is cheaper (-1) or dearer (1) than what was shown, and which of several that is.
    pub(crate) fn least(&mut self, price: i8) {
        self.phrase(if price < 0 { "search.no_cheaper" } else { "search.no_dearer" });
        let cost = |shown: &&Shown<'_>| {
            let price_of = chosen(shown).map_or(0, |variant| variant.price.minor);
            if price < 0 { price_of } else { -price_of }
        };
        if let Some(shown) = self.scene.shown.iter().min_by_key(cost)
            && self.scene.shown.len() > 1
        {
            let phrase = if price < 0 { "search.cheapest" } else { "search.dearest" };
            self.card(shown.label, Some(&shown.variant), phrase);
        }
    }

    pub(crate) fn details(&mut self, shown: &Shown<'_>) {
        let label = shown.label;
        self.filled(
            "product.details",
            &[
                ("title", &format!("{{{{{label}.title}}}}")),
                ("description", &format!("{{{{{label}.description}}}}")),
            ],
        );
        let sizes = values(shown.facts.variants.iter(), "size");
        let colors = values(shown.facts.variants.iter(), "color");
        if colors.len() > 1 {
            self.filled("product.colors", &[("colors", &colors.join(", "))]);
        }
        if sizes.len() > 1 {
            self.filled("product.sizes", &[("sizes", &sizes.join(", "))]);
        }
        // Where the description does not say it already.
        let told = plain(&shown.facts.description);
        let materials = values(shown.facts.variants.iter(), "material");
        let new = |it: &String| !plain(it).iter().any(|word| told.contains(word));
        if let [material] = materials.as_slice()
            && new(material)
        {
            self.filled("product.material", &[("material", material)]);
        }
        self.line(&format!("[[card {label}]]"));
    }

    /// The colours or sizes that some versions of a product come in, beside those that were said.
    pub(crate) fn comes_in(
        &mut self,
        shown: &Shown<'_>,
        versions: &[&VariantFacts],
        said: &BTreeMap<Name, String>,
    ) {
        let label = shown.label;
        self.filled("product.variant", &[("title", &format!("{{{{{label}.title}}}}"))]);
        let kinds = [("color", "product.colors", "colors"), ("size", "product.sizes", "sizes")];
        for (name, phrase, slot) in kinds {
            let told = said.keys().any(|it| it.as_str() == name);
            let values = values(versions.iter().copied(), name);
            if !told && !values.is_empty() {
                self.filled(phrase, &[(slot, &values.join(", "))]);
            }
        }
        if let Some(first) = versions.first() {
            self.line(&format!("[[card {label}@{}]]", first.variant));
        }
    }

    pub(crate) fn compared(&mut self, compared: &[Shown<'_>]) {
        self.phrase("compare.intro");
        for shown in compared {
            let label = shown.label;
            let facts = format!(
                "{{{{{label}.title}}}}: {{{{{label}.price}}}}. {{{{{label}.description}}}}"
            );
            self.paragraph(&facts);
        }
        for shown in compared {
            self.line(&format!("[[card {}]]", shown.label));
        }
    }

    pub(crate) fn which(&mut self, shown: &[Shown<'_>]) {
        let options: Vec<String> = shown
            .iter()
            .take(OPTIONS)
            .map(|shown| {
                let arguments = json!({ "id": shown.variant });
                format!("{{{{{}.title}}}} => product {arguments}", shown.label)
            })
            .collect();
        self.choice("ask.which", &options);
    }

    /// Whether it ends with a question that must be answered first.
    pub(crate) fn asks(&self) -> bool {
        self.asks
    }

    fn choice(&mut self, phrase: &str, options: &[String]) {
        let request = self.scene.request;
        let ask = request.pack.say(phrase, &request.locale, &[]);
        self.said.phrases.push(phrase.to_owned());
        self.asks = true;
        self.line(&format!("[[choice {ask} | {}]]", options.join(" | ")));
    }

    /// Asks for the colour or size that is missing; says what can't be had.
    pub(crate) fn choose(&mut self, product: &Shown<'_>, missing: &Missing<'_>, quantity: u32) {
        let title = format!("{{{{{}.title}}}}", product.label);
        let telling: Vec<&Name> =
            telling(product.facts).into_iter().map(|(name, _)| name).collect();
        if missing.attribute.is_none() {
            self.filled("stock.gone", &[("title", &title)]);
        }
        let mut options: Vec<String> = Vec::new();
        let mut named = BTreeSet::new();
        for variant in &missing.left {
            let value = |name: &Name| variant.attributes.get(name).cloned().unwrap_or_default();
            let name = match &missing.attribute {
                Some(name) => value(name),
                None => {
                    let mut values: Vec<String> = variant
                        .attributes
                        .keys()
                        .filter(|it| telling.contains(it))
                        .map(value)
                        .collect();
                    values.dedup();
                    values.join(" ")
                }
            };
            let same = |other: &&&VariantFacts| {
                missing.attribute.as_ref().is_some_and(|it| {
                    value(it) == other.attributes.get(it).cloned().unwrap_or_default()
                })
            };
            if name.is_empty() || !named.insert(name.clone()) {
                continue;
            }
            // Where more is still to be asked, the answer is words; else it puts the variant into the cart.
            let open = missing.attribute.is_some() && missing.left.iter().filter(same).count() > 1;
            options.push(if open {
                name
            } else {
                let arguments = json!({ "variant": variant.variant, "quantity": quantity });
                format!("{name} => cart_add {arguments}")
            });
        }
        options.truncate(OPTIONS);
        if options.is_empty() {
            return;
        }
        if missing.attribute.is_some() {
            self.filled("ask.about", &[("title", &title)]);
        }
        let phrase = match missing.attribute.as_ref().map(Name::as_str) {
            Some("color") => "ask.color",
            Some("size") => "ask.size",
            _ => "ask.other",
        };
        self.choice(phrase, &options);
    }

    /// The cart, once, and what there is not enough of.
    fn cart_block(&mut self) {
        if self.said.text.contains("[[cart]]") {
            return;
        }
        let withdrawn = self.scene.withdrawn();
        let lines = self.scene.cart().map(|evidence| match &evidence.finding.body {
            Body::Cart(cart) => cart.lines.len(),
            _ => 0,
        });
        if withdrawn.is_empty() || lines != Some(0) {
            self.line("[[cart]]");
        }
        let Request { pack, locale, .. } = self.scene.request;
        for title in withdrawn {
            // A title is a feed's free text: what may be notation of a draft is not said.
            let plain = title.filter(|title| !title.contains(['[', '{', '|']));
            let name = if plain.is_some() { "stock.withdrawn" } else { "stock.gone_now" };
            let title = plain.unwrap_or_default();
            self.line(&pack.say(name, locale, &[("title", &title)]));
            self.said.phrases.push(name.to_owned());
        }
        for Shown { label, facts, .. } in self.scene.short() {
            let has = |name| facts.variant().is_some_and(|it| it.attributes.contains_key(name));
            let which =
                (has("color") || has("size")).then(|| format!(" ({{{{{label}.options}}}})"));
            let which = which.unwrap_or_default();
            self.line(&format!("{{{{{label}.title}}}}{which}: {{{{{label}.stock}}}}"));
        }
    }

    pub(crate) fn cart(&mut self) {
        let Some(evidence) = self.scene.cart() else { return self.phrase("cart.empty") };
        match &evidence.finding.body {
            Body::Cart(cart) if cart.lines.is_empty() && self.scene.withdrawn().is_empty() => {
                self.phrase("cart.empty");
            }
            _ => {
                self.phrase("cart.view");
                self.cart_block();
            }
        }
    }

    pub(crate) fn added(&mut self) {
        let adds = self.scene.done.iter().filter(|done| done.call.tool.as_str() == "cart_add");
        let (good, bad): (Vec<_>, Vec<_>) = adds.partition(|done| done.result.is_ok());
        if let Some(done) = bad.first() {
            self.failed(done);
        }
        if !good.is_empty() {
            self.phrase("cart.added");
            self.cart_block();
        }
    }

    pub(crate) fn changed(&mut self, act: Act) {
        let bad = self.scene.done.iter().find(|done| done.result.is_err());
        if let Some(done) = bad {
            return self.failed(done);
        }
        self.phrase(if act == Act::Remove { "cart.removed" } else { "cart.changed" });
        let empty = self.scene.cart().is_none_or(
            |evidence| matches!(&evidence.finding.body, Body::Cart(cart) if cart.lines.is_empty()),
        );
        if empty {
            self.phrase("cart.empty");
        } else {
            self.cart_block();
        }
    }

    pub(crate) fn policy(&mut self, done: &Done<'_>) {
        let policies = done
            .result
            .iter()
            .flatten()
            .filter(|evidence| matches!(evidence.finding.body, Body::Policy { .. }));
        for policy in policies {
            self.paragraph(&format!("{{{{{}.text}}}}", policy.label));
            self.said.phrases.push("policy".to_owned());
        }
    }

    pub(crate) fn checkout(&mut self) {
        let mut evidence =
            self.scene.done.iter().filter_map(|done| done.result.as_ref().ok()).flatten();
        let link = evidence.rfind(|evidence| matches!(evidence.finding.body, Body::Link { .. }));
        let Some(label) = link.map(|evidence| evidence.label) else { return self.phrase("sorry") };
        self.phrase("checkout.link");
        if self.scene.cart().is_some() || self.scene.priced() {
            self.cart_block();
        }
        let request = self.scene.request;
        let words = request.pack.say("checkout.label", &request.locale, &[]);
        self.line(&format!("[[link {label} | {words}]]"));
    }

    pub(crate) fn failed(&mut self, done: &Done<'_>) {
        match done.result {
            Err(ToolError::Refused(_)) if done.call.tool.as_str() != "checkout" => {
                self.phrase("stock.gone_now");
            }
            Err(ToolError::Refused(_)) if self.scene.request.notes.cart.is_empty() => {
                self.phrase("checkout.empty");
            }
            Err(ToolError::Refused(_)) => {
                self.phrase("stock.gone_now");
                self.cart_block();
            }
            Err(ToolError::Missing(_)) => self.phrase("search.none"),
            _ => self.phrase("sorry"),
        }
    }

    /// What a tap's call brought.
    pub(crate) fn tapped(&mut self) {
        let refused = self.scene.refused().cloned();
        let Some(done) = refused.or_else(|| self.scene.done.last().cloned()) else {
            return self.phrase("sorry");
        };
        if done.result.is_err() {
            return self.failed(&done);
        }
        match done.call.tool.as_str() {
            "cart_add" => self.added(),
            "cart_set" => self.changed(Act::Set),
            "cart_remove" => self.changed(Act::Remove),
            "cart_view" => self.cart(),
            "checkout" => self.checkout(),
            "policy" => self.policy(&done),
            "product" => {
                if let Some(shown) = self.scene.brought("product").first() {
                    self.details(shown);
                }
            }
            "search" => {
                let found = self.scene.brought("search");
                self.found(&found, false, 0);
            }
            _ => self.phrase("nod"),
        }
    }
}

/// The values of an attribute, once each, in the feed's order.
fn values<'v>(variants: impl Iterator<Item = &'v VariantFacts>, name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in variants.filter_map(|variant| variant.attributes.get(name)) {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    values
}
