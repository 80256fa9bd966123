//! A judge: a model that is asked whether a turn was good. It sees what was said and called, its votes are counted
//! and metered, and it only advises unless a case says that it binds.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_core::digest::Named;
use agent_core::id::Locale;
use agent_core::model::{Delta, Entry, Model, Notes, Request};
use agent_core::pack::{Content, Mode, Pack};
use agent_core::replay::view::TurnView;
use agent_core::request::LIMITS;

use super::assert::Wrong;
use super::case::{Case, Judge};
use super::rates::{Rates, Spent};

const TOLD: &str = "You judge one turn of a shop's agent. You see what the customer wrote, the tools the agent called \
with their results, and what it replied. Answer the question with one word: yes or no.";

/// What of a case would bind, had a judge been asked.
#[must_use]
pub fn unasked(case: &Case) -> Vec<Wrong> {
    let binds = |turn: &super::case::Turn| turn.judge.as_ref().is_some_and(|it| it.binding);
    let turns = case.turns.iter().enumerate().filter(|(_, turn)| binds(turn));
    let what = "not judged: judges are asked with `--judge`";
    turns.map(|(n, _)| Wrong { turn: n + 1, what: what.to_owned(), advisory: true }).collect()
}

/// Who judges.
#[derive(Clone, Debug)]
pub struct Jury {
    model: Arc<dyn Model>,
    pack: Arc<Pack>,
    /// Tokens that may be spent in all.
    most: u64,
    spent: Arc<std::sync::atomic::AtomicU64>,
}

impl Jury {
    /// This model, as long as it has not spent so many tokens.
    #[must_use]
    pub fn new(model: Arc<dyn Model>, most: u64) -> Self {
        let locale: Locale = "en".into();
        let prompts = BTreeMap::from([(locale.clone(), TOLD.to_owned())]);
        let pack = Pack::new(Content {
            name: "judge".into(),
            version: "1".to_owned(),
            locales: vec![locale],
            modes: BTreeMap::from([(Mode::Thinking, "default".into())]),
            prompts: BTreeMap::from([(Mode::Thinking, prompts)]),
            tools: BTreeMap::new(),
            intents: Vec::new(),
            topics: Vec::new(),
            phrases: BTreeMap::new(),
            lexicons: BTreeMap::new(),
        });
        Self { model, pack: Arc::new(pack), most, spent: Arc::default() }
    }

    /// Two of it, each with half of what may be spent: neither takes from the other.
    #[must_use]
    pub fn halved(self) -> [Self; 2] {
        let most = self.most / 2;
        let half = || Self { most, spent: Arc::default(), ..self.clone() };
        [half(), half()]
    }

    /// Asks what a case wants to be asked; what it cost.
    pub async fn judge(
        &self,
        case: &Case,
        views: &[TurnView],
        rates: &Rates,
        wrong: &mut Vec<Wrong>,
    ) -> Spent {
        let mut cost = Spent::default();
        for (n, (turn, view)) in case.turns.iter().zip(views).enumerate() {
            let Some(judge) = &turn.judge else { continue };
            let told = self.ask(judge, view, (rates, &mut cost)).await;
            wrong.extend(told.map(|what| Wrong { turn: n + 1, what, advisory: !judge.binding }));
        }
        cost
    }

    /// What is to be told of the votes. What was not judged has not passed.
    async fn ask(
        &self,
        judge: &Judge,
        view: &TurnView,
        (rates, cost): (&Rates, &mut Spent),
    ) -> Option<String> {
        use std::sync::atomic::Ordering::Relaxed;
        let (mut yes, mut no) = (0, 0);
        for _ in 0..judge.votes.max(1) {
            if self.spent.load(Relaxed) >= self.most {
                return Some(format!("not judged: {} tokens were spent on judges", self.most));
            }
            let answer =
                self.model.complete(&self.request(judge, view), &mut |_: Delta<'_>| {}).await;
            let Ok(answer) = answer else {
                return Some("not judged: no model answered".to_owned());
            };
            let usage = answer.usage.unwrap_or_default();
            let tokens = u64::from(usage.input) + u64::from(usage.output);
            self.spent.fetch_add(tokens, Relaxed);
            *cost += Spent { tokens, cost: rates.cost(&answer.by, &usage), millis: 0 };
            let word = answer.text.trim().to_lowercase();
            yes += u32::from(word.starts_with("yes"));
            no += u32::from(word.starts_with("no"));
        }
        (yes <= no).then(|| format!("judged {yes} : {no} on `{}`", judge.ask))
    }

    fn request(&self, judge: &Judge, view: &TurnView) -> Request {
        let calls = view.calls.iter().map(|called| {
            let result = match &called.result {
                Some(Ok(findings)) => serde_json::to_string(findings).unwrap_or_default(),
                Some(Err(error)) => error.to_string(),
                None => "not run".to_owned(),
            };
            format!("{} {} → {result}", called.call.tool, called.call.arguments)
        });
        let text = format!(
            "The customer wrote:\n{}\n\nThe agent called:\n{}\n\nThe agent replied:\n{}\n\nQuestion: {}",
            view.heard.join("\n"),
            calls.collect::<Vec<_>>().join("\n"),
            view.lines().join("\n"),
            judge.ask
        );
        Request {
            pack: self.pack.clone(),
            mode: Mode::Thinking,
            locale: "en".into(),
            tools: Arc::new(Named::new(Vec::new())),
            transcript: vec![Entry::Customer { text, action: None, media: Vec::new() }],
            notes: Notes {
                now: view.at,
                first: true,
                cart: Vec::new(),
                priced: None,
                slots: BTreeMap::new(),
                evidence: Vec::new(),
                pending: None,
                violations: Vec::new(),
            },
            limits: LIMITS,
        }
    }
}
