//! A model that says what it was given: for tests, and for replaying what a real one once said.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use crate::id::Name;
use crate::model::{Completion, Delta, Finish, Model, ModelError, Request};

type Answer = Result<Completion, ModelError>;
type Script = Box<dyn FnMut(&Request) -> Answer + Send>;

/// A model that follows a script, and keeps what it was asked.
pub struct Scripted {
    script: Mutex<Script>,
    asked: Mutex<Vec<Request>>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").finish_non_exhaustive()
    }
}

impl Scripted {
    /// Gives these answers in order, and then none.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Answer, IntoIter: Send + 'static>) -> Self {
        let mut answers = answers.into_iter();
        Self::by(move |_| answers.next().unwrap_or(Err(ModelError::Miss)))
    }

    /// Gives the answer that `script` has to each request.
    #[must_use]
    pub fn by(script: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        Self { script: Mutex::new(Box::new(script)), asked: Mutex::default() }
    }

    /// What it was asked so far, oldest first.
    #[must_use]
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Model for Scripted {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Answer {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let answer = (self.script.lock().unwrap_or_else(PoisonError::into_inner))(request)?;
        if !answer.text.is_empty() {
            hear(Delta::Text(&answer.text));
        }
        Ok(answer)
    }
}

/// An answer that says `draft`.
#[must_use]
pub fn says(draft: &str) -> Completion {
    Completion {
        text: draft.to_owned(),
        calls: Vec::new(),
        finish: Finish::Stop,
        usage: None,
        by: "scripted".into(),
        attempts: Vec::new(),
    }
}

/// An answer that calls tools.
#[must_use]
pub fn calls<const N: usize>(calls: [(&str, Value); N]) -> Completion {
    let calls = calls.map(|(tool, arguments)| (Name::from(tool), arguments)).into();
    Completion { calls, finish: Finish::Tools, ..says("") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::contract;

    #[tokio::test]
    async fn a_script_is_followed_to_its_end_and_what_was_asked_is_kept() {
        let model = Scripted::new([Ok(says("Hi")), Ok(calls([("cart_view", json!({}))]))]);
        let request = contract::request();
        assert_eq!(contract::check(&model, &request).await, Ok(says("Hi")));
        assert_eq!(contract::check(&model, &request).await.unwrap().calls.len(), 1);
        assert_eq!(contract::check(&model, &request).await, Err(ModelError::Miss));
        assert_eq!(model.asked().len(), 3);
    }
}
