//! The model and the tools, in bounded rounds.

use std::sync::Arc;

use serde_json::Value;

use crate::event::{Answer, Decision, Event, Outcome, Stage, Verdict};
use crate::evidence::{Access, Call, Change, Output, Owner, ToolError};
use crate::id::{Locale, Name};
use crate::message::{Action, Block, Choice, Purpose};
use crate::model::{Attempt, Completion, Delta, ModelError, Request};
use crate::pack::Mode;
use crate::policy::{self, Call0, ToolVerdict};
use crate::reply::gate::Gate;
use crate::request;
use crate::tool::{Scene, Tool};
use crate::turn::{CALLS, ROUNDS, Turn, TurnError};

impl Turn<'_> {
    /// Asks the model until it answers in words that may be said.
    pub(super) async fn rounds(
        &mut self,
        mode: Mode,
        locale: &Locale,
    ) -> Result<Outcome, TurnError> {
        let mut violations: Vec<String> = Vec::new();
        for _ in 0..ROUNDS {
            self.forget()?;
            let completion = match self.ask(mode, locale, &violations).await? {
                Ok(completion) => completion,
                Err(failed) => return self.without_model(&failed).await,
            };
            if completion.calls.is_empty() {
                match self.egress(&completion, locale)? {
                    Ok(outcome) => return Ok(outcome),
                    // One regeneration, told of what was wrong; then the pack's phrase.
                    Err(wrong) if violations.is_empty() => violations = wrong,
                    Err(_) => return self.fall_back("egress.repaired").await,
                }
                continue;
            }
            for (tool, arguments) in completion.calls.into_iter().take(CALLS) {
                let ended = self.call((tool, arguments), false).await?;
                if let Some(outcome) = ended {
                    return Ok(outcome);
                }
            }
        }
        self.fall_back("turn.rounds").await
    }

    /// The oldest entries leave what models are shown, once there are too many.
    pub(super) fn forget(&mut self) -> Result<(), TurnError> {
        match request::to_forget(&self.recorder.state.transcript) {
            0 => Ok(()),
            entries => {
                self.change(Change::Forgot { entries: u32::try_from(entries).unwrap_or(u32::MAX) })
            }
        }
    }

    async fn ask(
        &mut self,
        mode: Mode,
        locale: &Locale,
        violations: &[String],
    ) -> Result<Result<Completion, ModelError>, TurnError> {
        let request = request::build(
            &self.recorder.state,
            &self.force.pack,
            &self.force.shown,
            mode,
            locale,
            violations,
        );
        let (digest, stem) = request::digests(&request);
        self.recorder.decide(Decision::Asked { request: digest, stem })?;
        let answer = if self.recorder.is_live() {
            let answered = self.hear(&request, locale).await;
            let tried = answered.iter().flat_map(|completion| &completion.attempts);
            for Attempt { model, failed } in tried {
                tracing::warn!(%model, class = failed.class(), "another model was asked instead");
            }
            self.recorder.given(Answer::Answered(answered))?
        } else {
            self.recorder.recorded()?
        };
        match answer {
            Answer::Answered(answered) => Ok(answered),
            other => Err(self.unexpected(other)),
        }
    }

    /// Asks the model; what passes the gate on the way is told to the live half of the channel. The whole
    /// answer alone counts.
    async fn hear(&self, request: &Request, locale: &Locale) -> Result<Completion, ModelError> {
        let model = &self.agent.ports.model;
        let Some(live) = &self.live else { return model.complete(request, &mut |_| {}).await };
        let disclosed = self.recorder.state.disclosed;
        let first = if disclosed { String::new() } else { self.phrase("disclosure") };
        let mut gate = Gate::new(self.ground(locale), self.spoken(), first);
        let mut hear = |delta: Delta<'_>| {
            if let Some(passed) = gate.hear(&delta) {
                live.send_replace(passed);
            }
        };
        let answered = model.complete(request, &mut hear).await;
        // What goes on with tools was not the reply.
        if answered.as_ref().is_ok_and(|completion| !completion.calls.is_empty()) {
            live.send_if_modified(|shown| !std::mem::take(shown).is_empty());
        }
        answered
    }

    /// A tap or a yes. `confirmed` is the yes to this very call; a button a model made is not.
    pub(super) async fn act(
        &mut self,
        call: Call0,
        confirmed: bool,
    ) -> Result<Option<Outcome>, TurnError> {
        self.change_pending(None)?;
        self.call(call, confirmed).await
    }

    fn change_pending(&mut self, pending: Option<Call>) -> Result<(), TurnError> {
        if self.recorder.state.pending == pending {
            Ok(())
        } else {
            self.change(Change::Pending(pending))
        }
    }

    /// One call, judged and run. An outcome ends the turn.
    async fn call(
        &mut self,
        (tool, arguments): Call0,
        confirmed: bool,
    ) -> Result<Option<Outcome>, TurnError> {
        let call = Call { id: self.recorder.made(), tool, arguments };
        match policy::tool(&call, &self.force.specs, &self.force.pack, confirmed) {
            ToolVerdict::Refuse(rule, why) => {
                self.recorder.decide(Decision::Refused { call, rule, why })?;
            }
            ToolVerdict::Confirm(rule) => {
                let why = "the customer was asked to confirm".to_owned();
                self.recorder.decide(Decision::Refused { call: call.clone(), rule, why })?;
                return self.ask_to_confirm(call).map(Some);
            }
            ToolVerdict::Run(access) => {
                self.recorder.decide(Decision::Called { call: call.clone(), access })?;
                self.run_tool(&call, access).await?;
                if access == Access::Write && !self.recorder.on_tape() {
                    self.commit(false).await?;
                }
                if matches!(self.recorder.state.owner, Owner::Waiting { .. }) {
                    return self
                        .say("handover.waiting", Purpose::Service)
                        .map(|_| Some(Outcome::HandedOver));
                }
            }
        }
        Ok(None)
    }

    /// Runs a tool and takes its changes over. What a write is going to tell is durable before it is told.
    pub(super) async fn run_tool(&mut self, call: &Call, access: Access) -> Result<(), TurnError> {
        let mut prepared = Ok(());
        if access == Access::Write {
            prepared = self.prepare(call).await?;
            if !self.recorder.on_tape() {
                self.commit(false).await?;
            }
        }
        let answer = if self.recorder.is_live() {
            let result = match prepared {
                Ok(()) => self.called(call).await,
                Err(failed) => Err(failed),
            };
            let answer = self.recorder.given(Answer::Returned { call: call.id, result })?;
            if let Answer::Returned { result: Ok(output), .. } = &answer {
                self.tell_placed(call.id, output);
            }
            answer
        } else {
            self.recorder.recorded()?
        };
        let changes = match answer {
            Answer::Returned { call: of, result } if of == call.id => {
                result.map(|Output { changes, .. }| changes).unwrap_or_default()
            }
            other => return Err(self.unexpected(other)),
        };
        for change in changes {
            // Who has taken over need not be asked to.
            let asks = matches!(change, Change::Owner(Owner::Waiting { .. }));
            if !(asks && self.recorder.state.is_taken()) {
                self.change(change)?;
            }
        }
        Ok(())
    }

    /// What a write is going to tell, as the journal has it, else as it stands now. The journal may have none of it:
    /// not each tool has something to prepare, nor did older engines.
    async fn prepare(&mut self, call: &Call) -> Result<Result<(), ToolError>, TurnError> {
        let has = |event: &Event| matches!(event, Event::Answer(Answer::Prepared { .. }));
        let answer = if self.recorder.unmet().is_some_and(|recorded| has(&recorded.event)) {
            self.recorder.recorded()?
        } else if self.recorder.is_live() && self.prepared(call).is_none() {
            let locale = self.spoken_in();
            let prepared = match self.tool(call) {
                Ok(tool) => tool.prepare(call, &self.scene(call, &locale)).await,
                Err(missing) => Err(missing),
            };
            match prepared {
                Ok(Some(body)) => self.recorder.given(Answer::Prepared { call: call.id, body })?,
                Ok(None) => return Ok(Ok(())),
                Err(failed) => return Ok(Err(failed)),
            }
        } else {
            return Ok(Ok(()));
        };
        match answer {
            Answer::Prepared { call: of, .. } if of == call.id => Ok(Ok(())),
            other => Err(self.unexpected(other)),
        }
    }

    fn prepared(&self, call: &Call) -> Option<&Value> {
        let prepared = self.recorder.state.prepared.as_ref();
        prepared.filter(|(of, _)| *of == call.id).map(|(_, body)| body)
    }

    async fn called(&self, call: &Call) -> Result<Output, ToolError> {
        let locale = self.spoken_in();
        self.tool(call)?.call(call, self.scene(call, &locale)).await
    }

    fn tool(&self, call: &Call) -> Result<&Arc<dyn Tool>, ToolError> {
        let mut tools = self.agent.ports.tools.iter();
        let tool = tools.find(|tool| tool.spec().name == call.tool);
        tool.ok_or_else(|| ToolError::Missing(format!("tool `{}`", call.tool)))
    }

    fn scene<'a>(&'a self, call: &Call, locale: &'a Locale) -> Scene<'a> {
        let (pack, conversation) = (&self.force.pack, &self.recorder.state);
        let (shop, now, prepared) = (self.journal.shop, self.recorder.at(), self.prepared(call));
        Scene { shop, conversation, pack, locale, now, prepared }
    }

    /// Asks the customer whether a write is to be made.
    fn ask_to_confirm(&mut self, call: Call) -> Result<Outcome, TurnError> {
        let option = |label: String, action: Action| Choice { label, hint: String::new(), action };
        let run = Action::Do { tool: call.tool.clone(), arguments: call.arguments.clone() };
        let no = self.phrase("confirm.no");
        let options =
            vec![option(self.phrase("confirm.yes"), run), option(no.clone(), Action::Say(no))];
        let ask = self.phrase(&format!("confirm.{}", call.tool));
        let ask = if ask.starts_with("confirm.") { self.phrase("confirm.ask") } else { ask };
        self.change_pending(Some(call))?;
        let choice = Block::Choice { ask, open: self.phrase("choice.open"), options };
        self.reply(String::new(), vec![choice], Vec::new(), Purpose::Service, false)
    }

    /// No model answered: the pack's phrase, and a person when it happens again.
    async fn without_model(&mut self, failed: &ModelError) -> Result<Outcome, TurnError> {
        tracing::warn!(class = failed.class(), "no model answered");
        self.fall_back("turn.model").await
    }

    /// The pack's phrase; a person, when it was the phrase last time already.
    pub(super) async fn fall_back(&mut self, rule: &str) -> Result<Outcome, TurnError> {
        let again = self.recorder.state.fallbacks > 0;
        let verdict = if again {
            Verdict::HandOver("no reply could be made twice in a row".to_owned())
        } else {
            Verdict::Say("fallback".into())
        };
        self.recorder.decide(Decision::Judged {
            stage: Stage::Egress,
            rule: rule.into(),
            verdict,
        })?;
        if again {
            return self.hand_over("no reply could be made twice in a row").await;
        }
        let text = self.phrase("fallback");
        self.reply(text.clone(), vec![Block::Text(text)], Vec::new(), Purpose::Service, true)
    }

    /// Asks a person of the shop to take over, by the tool where the pack has it.
    pub(super) async fn hand_over(&mut self, why: &str) -> Result<Outcome, TurnError> {
        let tool: Name = "hand_over".into();
        if self.force.pack.tools.contains_key(&tool) {
            let arguments = serde_json::json!({ "why": why });
            if let Some(outcome) = self.call((tool, arguments), true).await? {
                return Ok(outcome);
            }
        }
        if self.recorder.state.is_taken() {
            return Ok(Outcome::HandedOver);
        }
        // The shop's system did not take it: the conversation still waits for a person.
        let owner = Owner::Waiting { why: why.to_owned(), since: self.recorder.at() };
        self.change(Change::Owner(owner))?;
        self.say("handover.waiting", Purpose::Service)?;
        Ok(Outcome::HandedOver)
    }
}
