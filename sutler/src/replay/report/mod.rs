//! What a run came to, for people and for machines.

pub mod html;
pub mod json;
pub mod junit;
pub mod suite;
pub mod terminal;
pub mod words;

use std::collections::BTreeMap;

use agent_core::event::Verdict;
use agent_core::id::JournalId;
use agent_core::replay::diff::{Difference, Facet, Tolerance, compare};
use agent_core::replay::rerun::{Pair, Script};
use agent_core::replay::view::TurnView;
use serde::{Deserialize, Serialize};

use super::miss::Missed;
use super::rates::{Rates, Spent};

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What was changed, a line each.
    pub changes: Vec<String>,
    /// The conversations.
    pub conversations: Vec<Conversation>,
}

/// One conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Which.
    pub journal: String,
    /// Its turns.
    pub turns: Vec<Turn>,
    /// Requests nothing was recorded for.
    pub misses: Vec<Missed>,
    /// Why it could not be run.
    pub error: Option<String>,
}

/// One turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// What the customer said.
    pub heard: Vec<String>,
    /// As it was.
    pub was: Option<Side>,
    /// As it is; none where it was not run, or nothing differs.
    pub now: Option<Side>,
    /// The script was left, and why.
    pub off_script: Option<String>,
    /// The turn was not run.
    pub stopped: bool,
    /// A simulated customer took it.
    pub simulated: bool,
    /// What it cost and what it costs, where it was run.
    pub spent: Option<(Spent, Spent)>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A turn as people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The reply, a line each.
    pub said: Vec<String>,
    /// The calls.
    pub calls: Vec<String>,
    /// The rules that applied.
    pub rules: Vec<String>,
}

impl Side {
    fn of(view: &TurnView) -> Self {
        let call = |called: &agent_core::replay::view::Called| {
            let refused = called.refused.as_ref().map(|rule| format!(" refused by {rule}"));
            let call = &called.call;
            format!("{} {}{}", call.tool, call.arguments, refused.unwrap_or_default())
        };
        let rule = |(_, rule, verdict): &(_, agent_core::id::RuleId, Verdict)| {
            format!(
                "{rule}{}",
                match verdict {
                    Verdict::Repair(why) | Verdict::HandOver(why) => format!(": {why}"),
                    _ => String::new(),
                }
            )
        };
        Self {
            said: view.lines(),
            calls: view.calls.iter().map(call).collect(),
            rules: view.judged.iter().map(rule).collect(),
        }
    }
}

impl Conversation {
    /// One that could not be run.
    #[must_use]
    pub fn failed(journal: JournalId, why: &str) -> Self {
        Self { journal: journal.to_string(), error: Some(why.to_owned()), ..Self::default() }
    }

    /// One that was run.
    #[must_use]
    pub fn of(journal: JournalId, pairs: &[Pair], tolerance: Tolerance, rates: &Rates) -> Self {
        let turns = pairs.iter().map(|pair| turn(pair, tolerance, rates)).collect();
        Self { journal: journal.to_string(), turns, ..Self::default() }
    }

    /// Whether anything is to be told of it.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.error.is_some() || !self.misses.is_empty() || self.turns.iter().any(Turn::differs)
    }

    /// The same without differences of these kinds, and of order alone where that does not matter.
    pub fn forgive(&mut self, facets: &[Facet], order: bool) {
        for turn in &mut self.turns {
            turn.differences.retain(|it| !(facets.contains(&it.facet) || order && it.order_only));
        }
    }
}

fn turn(pair: &Pair, tolerance: Tolerance, rates: &Rates) -> Turn {
    let sides = (&pair.was, &pair.now);
    let heard = pair.was.as_ref().or(pair.now.as_ref());
    let mut turn = Turn {
        heard: heard.map(|view| view.heard.clone()).unwrap_or_default(),
        was: pair.was.as_ref().map(Side::of),
        ..Turn::default()
    };
    match &pair.script {
        Script::On => {}
        Script::Off(why) => turn.off_script = Some(why.clone()),
        Script::Stopped(why) => (turn.off_script, turn.stopped) = (Some(why.clone()), true),
        Script::Simulated => turn.simulated = true,
    }
    if let (Some(was), Some(now)) = sides {
        turn.differences = compare(was, now, tolerance);
        rates.tell(was, now, &mut turn.differences);
        turn.spent = Some((rates.spent(was), rates.spent(now)));
    }
    let shown = !turn.differences.is_empty() || turn.was.is_none() || turn.off_script.is_some();
    turn.now = pair.now.as_ref().filter(|_| shown).map(Side::of);
    turn
}

impl Turn {
    /// Whether anything is to be told of it.
    #[must_use]
    pub fn differs(&self) -> bool {
        !self.differences.is_empty() || self.off_script.is_some() || self.simulated
    }
}

/// The figures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Conversations.
    pub conversations: usize,
    /// Of these, nothing differs in.
    pub alike: usize,
    /// Could not be run.
    pub failed: usize,
    /// Turns that were run.
    pub turns: usize,
    /// Turns that were not run because the script was left.
    pub stopped: usize,
    /// Requests nothing was recorded for.
    pub misses: usize,
    /// What the turns that were run cost, and what they cost now.
    pub spent: (Spent, Spent),
    /// Turns that differ, by what differs.
    pub facets: BTreeMap<Facet, usize>,
}

impl Figures {
    /// What models cost as they were and as they are, in words; none where no model was asked.
    #[must_use]
    pub fn models(&self) -> Option<String> {
        let (was, now) = self.spent;
        let turns = u64::try_from(self.turns).unwrap_or(u64::MAX).max(1);
        let seconds = |spent: Spent| {
            let millis = spent.millis / turns;
            format!("{}.{:02} s", millis / 1_000, millis % 1_000 / 10)
        };
        let mut told = Vec::new();
        if was.tokens + now.tokens > 0 {
            told.push(format!("{} → {} tokens", was.tokens, now.tokens));
        }
        if was.cost.0 + now.cost.0 > 0 {
            told.push(format!("{} → {}", was.cost, now.cost));
        }
        if was.millis + now.millis > 0 {
            told.push(format!("{} → {} a turn", seconds(was), seconds(now)));
        }
        (!told.is_empty()).then(|| told.join(", "))
    }
}

impl Report {
    /// Its figures.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut figures = Figures { conversations: self.conversations.len(), ..Figures::default() };
        for conversation in &self.conversations {
            figures.alike += usize::from(!conversation.differs());
            figures.failed += usize::from(conversation.error.is_some());
            figures.misses += conversation.misses.len();
            for turn in &conversation.turns {
                let missing = turn.stopped || (turn.simulated && turn.now.is_none());
                figures.stopped += usize::from(missing);
                figures.turns += usize::from(!missing);
                if let Some((was, now)) = turn.spent {
                    figures.spent.0 += was;
                    figures.spent.1 += now;
                }
                for difference in &turn.differences {
                    *figures.facets.entry(difference.facet).or_default() += 1;
                }
            }
        }
        figures
    }
}
