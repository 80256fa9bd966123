//! A model of many moods: the clerk, a shopper's scripts, lies, nonsense, and no answer at all.

use std::sync::Arc;
use std::time::Duration;

use agent_core::model::clerk::Clerk;
use agent_core::model::scripted::{calls, says};
use agent_core::model::{Completion, Delta, Entry, Finish, Model, ModelError, Request, Usage};
use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Chance, words};

/// Drafts no shop should send.
const LIES: &[&str] = &[
    "It costs only 9.99 € today, I promise.",
    "Nur heute für 9,99 €!",
    "There are exactly 3 left, and here is the link: https://evil.example/pay",
    "You get 70% off with the code SAVE70.",
    "{{e99.price}} is the price.",
    "{{e1.",
    "[[card e404]]",
    "[[choice | ",
    "",
];

/// The model.
#[derive(Debug)]
pub(super) struct Moods {
    clerk: Clerk,
    chance: Arc<Chance>,
}

impl Moods {
    pub(super) fn new(chance: Arc<Chance>) -> Self {
        Self { clerk: Clerk::new(), chance }
    }

    /// What a language model would do: call tools, then write of what they brought.
    fn shops(&self, request: &Request) -> Completion {
        let newest = request.notes.evidence.last().map(|evidence| evidence.label);
        match (request.transcript.last(), newest) {
            (Some(Entry::Tool { result: Ok(_), .. }), Some(label)) => match self.chance.below(4) {
                0 => says(&format!("[[card {label}]]\nIs that what you meant?")),
                1 => says(&format!("That is {{{{{label}.price}}}}.")),
                2 => says("[[cart]]"),
                _ => says("Here you are."),
            },
            _ => calls([self.call(request)]),
        }
    }

    fn call(&self, request: &Request) -> (&'static str, Value) {
        let variant = request.notes.cart.first().map(|(variant, _)| variant.to_string());
        let variant = variant.unwrap_or_else(|| "LL-1001-BLU-M".to_owned());
        let said = self.chance.of(words::WANTS).copied().unwrap_or_default();
        // Numbers as models write them.
        let prices = [json!(149.9), json!(0.1 + 0.2), json!(120), json!("99,50")];
        let price = self.chance.of(&prices);
        match self.chance.below(9) {
            0..=2 => ("search", json!({ "words": said, "max_price": price })),
            3 => ("product", json!({ "id": variant })),
            4 => ("cart_add", json!({ "variant": variant, "quantity": self.chance.below(4) })),
            5 => ("cart_view", json!({})),
            6 => ("checkout", json!({})),
            7 => ("hand_over", json!({ "why": "the model was asked to" })),
            _ => ("policy", json!({ "topic": "returns", "precision": 1.0e-7 })),
        }
    }

    fn nonsense(&self) -> Completion {
        match self.chance.below(4) {
            0 => calls([("rm_rf", json!({ "path": "/" })), ("refund", json!({ "all": true }))]),
            1 => {
                calls([("search", json!("not an object")), ("cart_set", json!({ "n": -1.5e300 }))])
            }
            2 => {
                let many = (0..12).map(|n| ("cart_add".into(), json!({ "quantity": n })));
                Completion { calls: many.collect(), finish: Finish::Tools, ..says("thinking…") }
            }
            _ => says(&"la ".repeat(3_000)),
        }
    }

    fn fails(&self) -> ModelError {
        match self.chance.below(6) {
            0 => ModelError::Later(Duration::from_millis(1_500)),
            1 => ModelError::Rejected("no".to_owned()),
            2 => ModelError::Unauthorized("the key is old".to_owned()),
            3 => ModelError::TooLong("12001 tokens".to_owned()),
            4 => ModelError::Unavailable("broken pipe".to_owned()),
            _ => ModelError::Miss,
        }
    }
}

#[async_trait]
impl Model for Moods {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let mut answer = match self.chance.below(100) {
            0 => panic!("a model panics by chance"),
            1..=6 => return Err(self.fails()),
            7..=12 => says(self.chance.of(LIES).copied().unwrap_or_default()),
            13..=16 => self.nonsense(),
            17..=36 => self.shops(request),
            _ => self.clerk.complete(request, hear).await?,
        };
        if self.chance.one_in(2) {
            let input = u32::try_from(self.chance.below(9_000)).unwrap_or_default();
            answer.usage = Some(Usage { input, output: input / 9, ..Usage::default() });
        }
        Ok(answer)
    }
}
