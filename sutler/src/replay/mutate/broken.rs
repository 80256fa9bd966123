//! A model and tools that are broken in one place of one turn.

use std::sync::{Arc, Mutex, PoisonError};

use agent_core::evidence::{Call, Output, ToolError, ToolSpec};
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::tool::{Scene, Tool};
use async_trait::async_trait;
use serde_json::Value;

use super::{Edit, Plant};

/// What is broken in the turn that runs, and how far it is.
#[derive(Default)]
pub struct Slot(Mutex<Open>);

#[derive(Default)]
struct Open {
    completion: Option<(Option<usize>, Edit<Completion>)>,
    output: Option<(usize, Edit<Result<Output, ToolError>>)>,
    asked: usize,
    called: usize,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl Slot {
    /// A turn begins, with this broken.
    pub fn open(&self, plant: Option<&Plant>) {
        let mut open = Open::default();
        match plant {
            Some(Plant::Completion(nth, edit)) => open.completion = Some((*nth, edit.clone())),
            Some(Plant::Output(nth, edit)) => open.output = Some((*nth, edit.clone())),
            Some(Plant::Pack(_) | Plant::Events(_)) | None => {}
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = open;
    }

    /// A tool that is broken when this says so.
    #[must_use]
    pub fn tool(self: &Arc<Self>, tool: &Arc<dyn Tool>) -> Arc<dyn Tool> {
        Arc::new(BrokenTool { inner: tool.clone(), slot: self.clone() })
    }

    fn completed(&self, completion: Completion) -> Completion {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = open.asked;
        open.asked += 1;
        match &open.completion {
            Some((nth, edit)) if nth.is_none_or(|nth| nth == at) => edit(completion),
            _ => completion,
        }
    }

    fn returned(&self, result: Result<Output, ToolError>) -> Result<Output, ToolError> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = open.called;
        open.called += 1;
        match &open.output {
            Some((nth, edit)) if *nth == at => edit(result),
            _ => result,
        }
    }
}

/// A model that is broken when its slot says so.
#[derive(Debug)]
pub struct Broken<M> {
    /// The model.
    pub inner: M,
    /// What is broken.
    pub slot: Arc<Slot>,
}

#[async_trait]
impl<M: Model> Model for Broken<M> {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let completion = self.inner.complete(request, hear).await?;
        Ok(self.slot.completed(completion))
    }
}

#[derive(Debug)]
struct BrokenTool {
    inner: Arc<dyn Tool>,
    slot: Arc<Slot>,
}

#[async_trait]
impl Tool for BrokenTool {
    fn spec(&self) -> &ToolSpec {
        self.inner.spec()
    }

    async fn prepare(&self, call: &Call, scene: &Scene<'_>) -> Result<Option<Value>, ToolError> {
        self.inner.prepare(call, scene).await
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let result = self.inner.call(call, scene).await;
        self.slot.returned(result)
    }
}
