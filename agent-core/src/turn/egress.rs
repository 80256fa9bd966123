//! What may go out: the draft is filled with evidence, checked against it, lowered, and put into the outbox.

use std::sync::Arc;

use crate::event::{Decision, Outcome, Stage, Verdict};
use crate::evidence::{Change, Label};
use crate::id::{Locale, RuleId};
use crate::message::{Block, Inbound, Outbound, Purpose};
use crate::model::{Completion, Entry, Finish};
use crate::reply::check::{self, Said};
use crate::reply::{Ground, draft, fill, lower};
use crate::turn::{REPLY_GOOD_FOR, Turn, TurnError};

impl Turn<'_> {
    /// Sends a draft, if everything it claims is backed; else says what is wrong with it.
    pub(super) fn egress(
        &mut self,
        answer: &Completion,
        locale: &Locale,
    ) -> Result<Result<Outcome, Vec<String>>, TurnError> {
        // Half an answer promises what its lost half was to do.
        if matches!(answer.finish, Finish::Length | Finish::Filtered) {
            let wrong = "the draft broke off before its end: answer in fewer words";
            return self.repair(vec![("egress.whole".into(), wrong.to_owned())]);
        }
        let (blocks, sources) = match self.filled(&answer.text, locale) {
            Ok(filled) => filled,
            Err((rule, wrong)) => return self.repair(vec![(rule, wrong)]),
        };
        let (spoken, ground) = (self.spoken(), self.ground(locale));
        let said = Said { blocks: &blocks, sources: &sources, customer: &spoken };
        let violations = check::check(said, &ground);
        if !violations.is_empty() {
            let wrong =
                violations.into_iter().map(|it| (it.rule, format!("`{}`: {}", it.claim, it.why)));
            return self.repair(wrong.collect());
        }
        self.reply(answer.text.clone(), blocks, sources, Purpose::Service, false).map(Ok)
    }

    /// What a reply stands on now.
    pub(super) fn ground<'t>(&'t self, locale: &'t Locale) -> Ground<'t> {
        Ground {
            evidence: &self.recorder.state.evidence,
            pack: &self.force.pack,
            locale,
            now: self.recorder.at(),
        }
    }

    /// What the customer said themselves, and what happened to their orders.
    pub(super) fn spoken(&self) -> Vec<String> {
        let said = self.recorder.state.transcript.iter().filter_map(|entry| match entry {
            // The words of a tap are ours.
            Entry::Customer { text, action: None, .. } => Some(text.clone()),
            Entry::Happening { facts, .. } => serde_json::to_string(facts).ok(),
            _ => None,
        });
        said.collect()
    }

    pub(super) fn filled(
        &self,
        text: &str,
        locale: &Locale,
    ) -> Result<(Vec<Block>, Vec<Label>), (RuleId, String)> {
        let ground = self.ground(locale);
        let draft = draft::parse(text)
            .map_err(|error| (RuleId::from("egress.draft"), error.to_string()))?;
        let filled = fill::fill(&draft, &ground)
            .map_err(|error| (RuleId::from("egress.evidence"), error.to_string()))?;
        if filled.blocks.is_empty() {
            return Err(("egress.empty".into(), "the reply is empty".to_owned()));
        }
        Ok((filled.blocks, filled.sources))
    }

    fn repair(
        &mut self,
        wrong: Vec<(RuleId, String)>,
    ) -> Result<Result<Outcome, Vec<String>>, TurnError> {
        let mut violations = Vec::with_capacity(wrong.len());
        for (rule, why) in wrong {
            let verdict = Verdict::Repair(why.clone());
            self.recorder.decide(Decision::Judged { stage: Stage::Egress, rule, verdict })?;
            violations.push(why);
        }
        Ok(Err(violations))
    }

    /// A phrase of the pack is the reply.
    pub(super) fn say(&mut self, phrase: &str, purpose: Purpose) -> Result<Outcome, TurnError> {
        let text = self.phrase(phrase);
        self.send_words(text, purpose)
    }

    /// These words are the reply.
    pub(super) fn send_words(
        &mut self,
        text: String,
        purpose: Purpose,
    ) -> Result<Outcome, TurnError> {
        self.reply(text.clone(), vec![Block::Text(text)], Vec::new(), purpose, false)
    }

    /// The inbound messages a reply answers.
    fn answered(&self) -> Vec<crate::id::MessageId> {
        let told = |it: &&Inbound| !it.kind.is_receipt();
        self.inputs.iter().filter(told).map(|inbound| inbound.id.clone()).collect()
    }

    /// Replies: adds the notices the first reply needs, lowers, and fills the outbox.
    pub(super) fn reply(
        &mut self,
        draft: String,
        mut blocks: Vec<Block>,
        sources: Vec<Label>,
        purpose: Purpose,
        fallback: bool,
    ) -> Result<Outcome, TurnError> {
        let Some(to) = self.recorder.state.address.clone() else { return Ok(Outcome::Silent) };
        if !self.recorder.state.disclosed
            && matches!(purpose, Purpose::Service | Purpose::Marketing)
        {
            // EU AI Act, article 50(1): people are told at the first interaction.
            let verdict = Verdict::Append("disclosure".into());
            self.recorder.decide(Decision::Judged {
                stage: Stage::Egress,
                rule: "egress.disclosure".into(),
                verdict,
            })?;
            blocks.insert(0, Block::Text(self.phrase("disclosure")));
            self.change(Change::Disclosed)?;
        }
        let outbound = Outbound {
            id: self.recorder.made(),
            to,
            purpose,
            answers: self.answered(),
            blocks,
            sources,
            expires: Some(self.recorder.at().after(REPLY_GOOD_FOR)),
        };
        let profile = Arc::clone(&self.force.profile);
        let plan = lower::lower(&outbound, &profile);
        let live = !self.recorder.on_tape();
        self.recorder.decide(Decision::Replied {
            draft,
            outbound: Box::new(outbound.clone()),
            plan: plan.clone(),
            fallback,
        })?;
        if live {
            let seq = self.recorder.state.head;
            self.rows(&outbound, &plan, seq);
        }
        Ok(Outcome::Replied)
    }
}
