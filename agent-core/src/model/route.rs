//! An ordered list of models: the first that answers wins, and what failed before is on record.

use std::sync::Arc;

use async_trait::async_trait;

use crate::id::Name;
use crate::model::{Attempt, Completion, Delta, Model, ModelError, Request};

/// A route: its last rung is the clerk, which always answers.
///
/// Every failure falls through, a rejected or too long request as well: what one model can't take,
/// the next may, and the clerk can.
#[derive(Debug)]
pub struct Route {
    rungs: Vec<(Name, Arc<dyn Model>)>,
}

impl Route {
    /// A route over these models, asked in this order.
    #[must_use]
    pub fn new(rungs: Vec<(Name, Arc<dyn Model>)>) -> Self {
        Self { rungs }
    }
}

#[async_trait]
impl Model for Route {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let mut attempts: Vec<Attempt> = Vec::new();
        for (name, model) in &self.rungs {
            let mut heard = false;
            let mut listen = |delta: Delta<'_>| {
                heard = matches!(delta, Delta::Text(_));
                hear(delta);
            };
            match model.complete(request, &mut listen).await {
                Ok(mut completion) => {
                    attempts.append(&mut completion.attempts);
                    return Ok(Completion { attempts, ..completion });
                }
                Err(failed) => attempts.push(Attempt { model: name.clone(), failed }),
            }
            if heard {
                hear(Delta::Restart);
            }
        }
        let last = attempts.pop().map(|attempt| attempt.failed);
        Err(last.unwrap_or_else(|| ModelError::Unavailable("the route names no model".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contract;
    use crate::model::scripted::{Scripted, says};

    /// Says half of an answer, then fails.
    #[derive(Debug)]
    struct Breaking;

    #[async_trait]
    impl Model for Breaking {
        async fn complete(
            &self,
            _: &Request,
            hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
        ) -> Result<Completion, ModelError> {
            hear(Delta::Text("Hel"));
            Err(ModelError::TooLong("8192".to_owned()))
        }
    }

    fn rung(name: &str, model: impl Model + 'static) -> (Name, Arc<dyn Model>) {
        (name.into(), Arc::new(model))
    }

    #[tokio::test]
    async fn the_first_that_answers_wins_and_the_failures_before_it_are_told() {
        let route = Route::new(vec![
            rung("a", Scripted::new([Err(ModelError::Rejected("no".to_owned()))])),
            rung("b", Breaking),
            rung("c", Scripted::new([Ok(says("Hello"))])),
            rung("d", Scripted::new([Ok(says("never"))])),
        ]);
        let answer = contract::check(&route, &contract::request()).await.unwrap();
        assert_eq!(answer.text, "Hello");
        let tried: Vec<&str> = answer.attempts.iter().map(|it| it.model.as_str()).collect();
        assert_eq!(tried, ["a", "b"]);
    }

    #[tokio::test]
    async fn what_was_heard_of_a_failed_model_is_taken_back() {
        let route =
            Route::new(vec![rung("a", Breaking), rung("b", Scripted::new([Ok(says("Hi"))]))]);
        let mut heard = String::new();
        let mut hear = |delta: Delta<'_>| match delta {
            Delta::Text(text) => heard.push_str(text),
            Delta::Restart => heard.push('|'),
        };
        route.complete(&contract::request(), &mut hear).await.unwrap();
        assert_eq!(heard, "Hel|Hi");
    }

    #[tokio::test]
    async fn when_nobody_answers_the_last_failure_is_told() {
        let route = Route::new(vec![rung("a", Breaking), rung("b", Scripted::new([]))]);
        assert_eq!(contract::check(&route, &contract::request()).await, Err(ModelError::Miss));
        let none = Route::new(Vec::new());
        let failed = contract::check(&none, &contract::request()).await;
        assert!(matches!(failed, Err(ModelError::Unavailable(_))));
    }
}
