//! The path of a turn, from what came in to the first thing said.

use crate::event::{Decision, Opening, Outcome, Stage};
use crate::evidence::{Change, Owner};
use crate::message::{Control, Purpose};
use crate::mode;
use crate::policy::{self, Path};
use crate::turn::{Turn, TurnError};

impl Turn<'_> {
    /// From what came in to how the turn ended.
    pub(super) async fn run(&mut self, opening: &Opening) -> Result<Outcome, TurnError> {
        let ingress =
            policy::ingress(&self.recorder.state, opening, &self.inputs, &self.force.pack);
        for rule in policy::privacy::marks(&self.inputs) {
            let verdict = crate::event::Verdict::Redact(rule.as_str().to_owned());
            self.recorder.decide(Decision::Judged { stage: Stage::Retention, rule, verdict })?;
        }
        let judged = Decision::Judged {
            stage: Stage::Ingress,
            rule: ingress.rule,
            verdict: ingress.verdict,
        };
        self.recorder.decide(judged)?;
        if let Some(owner) = ingress.owner {
            self.change(Change::Owner(owner))?;
        }
        let (mode, why) = mode::choose(&self.force.pack);
        let locale = mode::locale(&self.recorder.state, &self.force.pack);
        self.recorder.decide(Decision::Chose { mode, locale: locale.clone(), why })?;
        match ingress.path {
            Path::Silent => Ok(Outcome::Silent),
            Path::OptOut => {
                self.change(Change::Consent { purpose: Purpose::Service, given: false })?;
                self.say("optout.confirmed", Purpose::Notice)
            }
            Path::OptIn => {
                self.change(Change::Consent { purpose: Purpose::Service, given: true })?;
                self.say("optin.confirmed", Purpose::Service)
            }
            Path::Command(commands, who) => self.command(commands, &who),
            Path::Say(phrase) => self.say(phrase, Purpose::Service),
            Path::Declined => {
                self.change(Change::Pending(None))?;
                self.say("confirm.declined", Purpose::Service)
            }
            Path::HandOver => self.hand_over("the customer asked for a person").await,
            Path::Act(action, call) => {
                if self.writes(&call.0) {
                    self.change(Change::Spent(action))?;
                }
                let answered = self.act(call).await?;
                match answered {
                    Some(outcome) => Ok(outcome),
                    None => self.rounds(mode, &locale).await,
                }
            }
            Path::Model => self.rounds(mode, &locale).await,
        }
    }

    /// Whether a tool changes anything.
    fn writes(&self, tool: &crate::id::Name) -> bool {
        let spec = self.force.specs.iter().find(|spec| spec.name == *tool);
        spec.is_none_or(|spec| spec.access != crate::evidence::Access::Read)
    }

    fn command(
        &mut self,
        commands: Vec<Control>,
        who: &crate::id::Name,
    ) -> Result<Outcome, TurnError> {
        let mut outcome = Outcome::Silent;
        for command in commands {
            match command {
                Control::TakeOver { until } => {
                    self.change(Change::Owner(Owner::Person { who: who.clone(), until }))?;
                }
                Control::GiveBack => self.change(Change::Owner(Owner::Bot))?,
                Control::Close => self.change(Change::Owner(Owner::Closed))?,
                Control::Say(text) => {
                    if matches!(self.recorder.state.owner, Owner::Bot | Owner::Waiting { .. }) {
                        self.change(Change::Owner(Owner::Person {
                            who: who.clone(),
                            until: None,
                        }))?;
                    }
                    outcome = self.send_words(text, Purpose::Person)?;
                }
                Control::Settle { .. } => {}
            }
        }
        Ok(outcome)
    }
}
