//! Runs a case: the real turns, over a copy of a shop, with time as the case tells it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use agent_core::digest::{Digest, Named};
use agent_core::event::{Basis, Recorded};
use agent_core::id::{CustomerId, JournalId, MessageId, Name, TurnId};
use agent_core::message::{ActionRef, Address, Inbound, InboundKind, Tap};
use agent_core::model::Model;
use agent_core::pack::Pack;
use agent_core::policy;
use agent_core::profile::ChannelProfile;
use agent_core::replay::stage::{Stage, Tempo};
use agent_core::replay::view::{TurnView, view};
use agent_core::time::{Clock, Micros};
use agent_core::turn::{InForce, engine};

use super::case::{Case, Turn};
use super::mutate::broken::{Broken, Slot};
use super::mutate::{Mutant, Plant};
use super::plan::Measured;
use super::rates::Rates;
use super::sandbox::{self, Shelf};

/// Seconds a customer takes when a case does not say.
const THINKS: u64 = 20;

/// What cases are run with.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The pack in force.
    pub pack: Arc<Pack>,
    /// The goods.
    pub shelf: Shelf,
    /// Who answers.
    pub model: Arc<dyn Model>,
    /// What measures how long models take.
    pub clock: Arc<dyn Clock>,
    /// What they cost.
    pub rates: Rates,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// The turns, as people compare them.
    pub views: Vec<TurnView>,
    /// The turns' events.
    pub turns: Vec<Vec<Recorded>>,
    /// Why it ended early.
    pub ended: Option<String>,
}

impl Ran {
    /// All events.
    #[must_use]
    pub fn events(&self) -> Vec<Recorded> {
        self.turns.iter().flatten().cloned().collect()
    }
}

impl Runner {
    /// Runs a case once. Attempts differ in their ids alone, so only a model that does not always say the same
    /// makes them differ.
    pub async fn run(&self, case: &Case, attempt: u32) -> Ran {
        self.play(case, attempt, None).await
    }

    /// Runs a case with something broken in one turn; what came before it is as it was in an unbroken run.
    pub async fn broken(&self, case: &Case, gold: &Ran, mutant: &Mutant) -> Ran {
        self.play(case, 0, Some((gold, mutant))).await
    }

    async fn play(&self, case: &Case, attempt: u32, mutant: Option<(&Ran, &Mutant)>) -> Ran {
        let tempo = Arc::new(Tempo::default());
        let slot = Arc::new(Slot::default());
        let measured =
            Measured { model: self.model.clone(), clock: self.clock.clone(), tempo: tempo.clone() };
        let model = Arc::new(Broken { inner: measured, slot: slot.clone() });
        let tools = sandbox::tools(&self.shelf, &[]);
        let tools = tools.iter().map(|tool| slot.tool(tool)).collect();
        let key =
            Digest::of(case.name.as_bytes()).0.first_chunk().copied().map(u128::from_be_bytes);
        let journal = JournalId::conversation(self.shelf.shop, key.unwrap_or_default());
        let profile = case.profile.clone().unwrap_or_else(adapters::terminal::profile);
        let profile = Arc::new(Named::new(profile));
        let mut stage = Stage::new(journal, model, tools, tempo);
        let basis = self.basis(&stage, &profile).await;
        let (mut ran, mut at) = (Ran::default(), sandbox::START);
        if let Some((gold, mutant)) = mutant {
            ran.views.extend(gold.views.iter().take(mutant.turn).cloned());
            ran.turns.extend(gold.turns.iter().take(mutant.turn).cloned());
            stage.rewrite(0, ran.events());
        }
        for (n, turn) in case.turns.iter().enumerate() {
            at = at.after(Duration::from_secs(turn.after.unwrap_or(THINKS)));
            if n < ran.turns.len() {
                continue;
            }
            let kind = match kind(turn, &stage) {
                Ok(kind) => kind,
                Err(why) => {
                    ran.ended = Some(why);
                    return ran;
                }
            };
            let plant = mutant.filter(|(_, it)| it.turn == n).map(|(_, mutant)| &mutant.plant);
            slot.open(plant);
            let pack = match plant {
                Some(Plant::Pack(pack)) => pack.clone(),
                _ => self.pack.clone(),
            };
            let force = InForce {
                profile: profile.clone(),
                shown: policy::tools_shown(stage.agent().specs(), &pack),
                specs: stage.agent().specs().clone(),
                customer: CustomerId(1),
                turn: turn_id(&case.name, attempt, n),
                basis: Basis { pack: pack.id(), ..basis.clone() },
                pack,
                opted_out: false,
                consent: BTreeSet::new(),
            };
            let inbound = heard(n, at, &profile.channel, kind);
            stage.tempo.tell([at, at]);
            let mut before = stage.state.clone();
            let mut written = match stage.turn(force, vec![inbound]).await {
                Ok(written) => written.to_vec(),
                Err(error) => {
                    ran.ended = Some(error.to_string());
                    return ran;
                }
            };
            if let Some(Plant::Events(edit)) = plant {
                let edited = edit(written.clone());
                stage.rewrite(written.len(), edited.clone());
                written = edited;
            }
            ran.views.push(view(&mut before, &written));
            ran.turns.push(written);
        }
        ran
    }

    async fn basis(&self, stage: &Stage, profile: &Named<ChannelProfile>) -> Basis {
        let catalog = sandbox::version(&self.shelf).await;
        Basis {
            engine: engine(),
            pack: self.pack.id(),
            settings: Digest::of(b"{}"),
            profile: profile.id(),
            tools: stage.agent().specs().id(),
            catalog: catalog.unwrap_or_else(|| Digest::of(b"unavailable")),
            arm: None,
        }
    }
}

fn address(channel: Name) -> Address {
    Address {
        channel,
        account: "suite".into(),
        thread: "customer".to_owned(),
        author: "customer".to_owned(),
    }
}

/// What the customer says in the `n`-th turn.
fn heard(n: usize, at: Micros, channel: &Name, kind: InboundKind) -> Inbound {
    Inbound {
        id: MessageId(n.to_string()),
        at,
        from: Some(address(channel.clone())),
        aliases: Vec::new(),
        kind,
        reply_to: None,
        referral: None,
    }
}

fn turn_id(name: &str, attempt: u32, n: usize) -> TurnId {
    let digest = Digest::of(format!("{name}/{attempt}/{n}").as_bytes()).0;
    TurnId(digest.first_chunk().copied().map(u128::from_be_bytes).unwrap_or_default())
}

/// What the customer does.
fn kind(turn: &Turn, stage: &Stage) -> Result<InboundKind, String> {
    if let Some(text) = &turn.say {
        return Ok(InboundKind::Text(text.clone()));
    }
    if let Some(label) = &turn.tap {
        let offered = stage.state.offered.iter().rev();
        let mut found = offered.filter_map(|offered| {
            let option = offered.actions.iter().position(|(shown, _)| shown == label)?;
            let option = u16::try_from(option).ok()?;
            Some(ActionRef { outbound: offered.outbound, option })
        });
        let action = found.next().ok_or_else(|| format!("nothing offers `{label}`"))?;
        return Ok(InboundKind::Tap(Tap::Action(action)));
    }
    let inbound = turn.inbound.clone().unwrap_or_default();
    serde_json::from_value(inbound).map_err(|error| format!("`inbound`: {error}"))
}
