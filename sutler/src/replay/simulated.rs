//! A simulated customer: wants what the recorded one ended up with, and says so. No model, the same on every run.

use agent_core::conversation::Conversation;
use agent_core::event::{Decision, Event, Recorded};
use agent_core::evidence::{Body, Owner};
use agent_core::id::Name;
use agent_core::message::{Action, ActionRef, InboundKind, Tap};
use agent_core::replay::rerun::Customer;
use serde_json::Value;

/// How often the same wish is said before the customer gives up.
const TRIES: usize = 2;

/// What they are after.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    /// So many of a variant, and what it is called.
    Have(Name, u32, String),
    /// To pay.
    Pay,
    /// A person.
    Person,
}

/// A customer with a goal.
#[derive(Debug)]
pub struct Shopper {
    wishes: Vec<Wish>,
    tried: usize,
}

impl Shopper {
    /// Who wants what came of a recorded conversation.
    #[must_use]
    pub fn of(recorded: &[Recorded]) -> Self {
        let state = Conversation::fold(recorded);
        let titles = titles(recorded);
        let have = state.cart.iter().map(|(variant, quantity)| {
            let title = titles.iter().rev().find(|(id, _)| id == variant);
            let title = title.map_or_else(|| variant.to_string(), |(_, title)| title.clone());
            Wish::Have(variant.clone(), *quantity, title)
        });
        let mut wishes: Vec<Wish> = have.collect();
        let called = |tool: &str| {
            recorded.iter().any(|recorded| {
                matches!(&recorded.event, Event::Decision(Decision::Called { call, .. })
                    if call.tool.as_str() == tool)
            })
        };
        wishes.extend(called("checkout").then_some(Wish::Pay));
        wishes.extend(called("hand_over").then_some(Wish::Person));
        wishes.reverse();
        Self { wishes, tried: 0 }
    }
}

/// Variants and what they are called with their options, as they were shown.
fn titles(recorded: &[Recorded]) -> Vec<(Name, String)> {
    let mut titles = Vec::new();
    for evidence in Conversation::fold(recorded).evidence {
        match &evidence.finding.body {
            Body::Product(facts) => {
                for variant in &facts.variants {
                    let options: Vec<&str> =
                        variant.attributes.values().map(String::as_str).take(2).collect();
                    let title = format!("{} {}", facts.title, options.join(" "));
                    titles.push((variant.variant.clone(), title));
                }
            }
            Body::Cart(cart) => {
                let line = |line: &agent_core::evidence::CartLine| {
                    let options = line.options.replace(", ", " ");
                    (line.variant.clone(), format!("{} {options}", line.title))
                };
                titles.extend(cart.lines.iter().map(line));
            }
            Body::Link { .. } | Body::Policy { .. } | Body::Other(_) => {}
        }
    }
    titles
}

impl Customer for Shopper {
    fn next(&mut self, now: &Conversation) -> Option<InboundKind> {
        loop {
            if now.owner != Owner::Bot {
                return None;
            }
            let wish = self.wishes.last()?.clone();
            let done = match &wish {
                Wish::Have(variant, quantity, _) => now.in_cart(variant) >= *quantity,
                Wish::Pay => now.evidence.iter().any(|it| it.finding.source.as_str() == "checkout"),
                Wish::Person => false,
            };
            if !done && self.tried < TRIES + 1 {
                self.tried += 1;
                return Some(says(&wish, self.tried, now));
            }
            self.wishes.pop();
            self.tried = 0;
        }
    }
}

/// What is said for a wish: an option that grants it, else words.
fn says(wish: &Wish, tried: usize, now: &Conversation) -> InboundKind {
    if let Some(action) = granted(wish, now) {
        return InboundKind::Tap(Tap::Action(action));
    }
    InboundKind::Text(match wish {
        Wish::Have(_, 1, title) if tried > 1 => format!("add {title} to my cart"),
        Wish::Have(_, quantity, title) if tried > 1 => format!("add {quantity} {title} to my cart"),
        Wish::Have(_, _, title) => format!("show me {title}"),
        Wish::Pay => "checkout".to_owned(),
        Wish::Person => "I want to talk to a person".to_owned(),
    })
}

/// An option of the newest reply that grants a wish: it puts the variant into the cart, or says yes to paying.
fn granted(wish: &Wish, now: &Conversation) -> Option<ActionRef> {
    let offered = now.offered.last()?;
    let grants = |action: &Action| match (action, wish) {
        (Action::Do { tool, arguments }, Wish::Have(variant, ..)) => {
            let named = arguments.get("variant").and_then(Value::as_str);
            tool.as_str().starts_with("cart_") && named == Some(variant.as_str())
        }
        (Action::Do { tool, .. }, Wish::Pay) => tool.as_str() == "checkout",
        _ => false,
    };
    let option = offered.actions.iter().position(|(_, action)| grants(action))?;
    let action = ActionRef { outbound: offered.outbound, option: u16::try_from(option).ok()? };
    (!now.spent.contains(&action)).then_some(action)
}
