//! The clerk: a deterministic model without a network, the last rung of every route.
//!
//! Three pure steps: `understand` reads the customer's words, `decide` chooses calls or what to say, and
//! `say` says it in the pack's phrases. All it knows of a trade or a language comes from the pack, and it
//! has no state: everything it remembers is in the request.

mod decide;
mod say;
mod scene;
#[cfg(test)]
mod tests;
mod understand;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;

use crate::digest::Digest;
use crate::id::{Locale, Name};
use crate::model::{Completion, Delta, Finish, Model, ModelError, Request};

use self::decide::Step;
use self::understand::Tongue;
pub use self::understand::{Act, Wish};

/// Languages of packs that are kept ready.
const READY: usize = 16;

/// The clerk.
#[derive(Debug, Default)]
pub struct Clerk {
    ready: Mutex<BTreeMap<(Digest, Locale), Arc<Tongue>>>,
}

/// What the clerk made of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What the customer wishes.
    pub wishes: Vec<Wish>,
    /// The calls it makes.
    pub calls: Vec<(Name, serde_json::Value)>,
    /// The phrases it says, by name.
    pub phrases: Vec<String>,
}

impl Clerk {
    /// A clerk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it makes of a request, and why.
    #[must_use]
    pub fn explain(&self, request: &Request) -> Explanation {
        let (wishes, step) = self.step(request);
        match step {
            Step::Call(calls) => Explanation { wishes, calls, phrases: Vec::new() },
            Step::Say(said) => Explanation { wishes, calls: Vec::new(), phrases: said.phrases },
        }
    }

    fn step(&self, request: &Request) -> (Vec<Wish>, Step) {
        let tongue = self.tongue(request);
        let scene = scene::Scene::of(request);
        let wishes = tongue.understand(&scene);
        let step = decide::decide(&wishes, &scene);
        (wishes, step)
    }

    fn tongue(&self, request: &Request) -> Arc<Tongue> {
        let key = (request.pack.id(), request.locale.clone());
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tongue) = ready.get(&key) {
            return tongue.clone();
        }
        if ready.len() >= READY {
            ready.clear();
        }
        let tongue = Arc::new(Tongue::new(&request.pack, &request.locale));
        ready.insert(key, tongue.clone());
        tongue
    }
}

#[async_trait]
impl Model for Clerk {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let (text, calls, finish) = match self.step(request).1 {
            Step::Call(calls) => (String::new(), calls, Finish::Tools),
            Step::Say(said) => (said.text, Vec::new(), Finish::Stop),
        };
        hear(Delta::Text(&text));
        Ok(Completion {
            text,
            calls,
            finish,
            usage: None,
            by: "clerk".into(),
            attempts: Vec::new(),
        })
    }
}
