//! What conversations are run again with: everything that may be another than it was.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use agent_core::digest::Digest;
use agent_core::event::Recorded;
use agent_core::id::Name;
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::pack::Pack;
use agent_core::replay::cassette::{Cassette, Key};
use agent_core::replay::diff::Tolerance;
use agent_core::replay::rerun::{OffScript, Repack, Setting};
use agent_core::replay::stage::Tempo;
use agent_core::time::{Clock, Micros};
use agent_core::turn::engine;
use async_trait::async_trait;
use serde::Serialize;

use super::rates::Rates;
use super::sandbox::{self, Shelf};
use super::simulated::Shopper;

/// What conversations are run again with.
#[derive(Clone)]
pub struct Plan {
    /// Who answers; none: the recorded answers do, found so.
    pub model: Result<Arc<dyn Model>, Key>,
    /// The goods tools look into; none: tools answer as recorded.
    pub shelf: Option<Shelf>,
    /// The pack in force instead of the recorded one.
    pub pack: Repack,
    /// What becomes of turns that leave the script.
    pub off_script: OffScript,
    /// What counts as the same.
    pub tolerance: Tolerance,
    /// What models cost.
    pub rates: Rates,
    /// The time models take is measured with it.
    pub clock: Arc<dyn Clock>,
    /// The clerk's time is nobody's: neither what it took then, nor what it takes now.
    pub clerk: bool,
    /// What is changed, a line each, for the report.
    pub changes: Vec<String>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("changes", &self.changes).finish_non_exhaustive()
    }
}

impl Plan {
    /// What tells this run from others: results of the same may be gone on with. Another build is another run, for
    /// what it changes may be the very thing that is looked for.
    pub(super) fn run(&self) -> impl Serialize + use<> {
        let Tolerance { latency, percent } = self.tolerance;
        let by_place = self.model.as_ref().err() == Some(&Key::Place);
        let how = (self.changes.clone(), self.off_script, by_place, latency, percent);
        (engine(), built(), how, self.rates.clone())
    }

    /// What one conversation is run again with.
    pub async fn setting(&self, recorded: &[Recorded]) -> Setting {
        let tempo = Arc::new(Tempo::default());
        let key = self.model.as_ref().err().copied().unwrap_or_default();
        let cassette = Arc::new(Cassette::of(recorded, key));
        let timed = self.model.is_err();
        let model: Arc<dyn Model> = match &self.model {
            Ok(model) => Arc::new(Measured {
                model: model.clone(),
                clock: self.clock.clone(),
                tempo: tempo.clone(),
            }),
            Err(_) => cassette.clone(),
        };
        let (tools, catalog) = match &self.shelf {
            Some(shelf) => (Some(sandbox::tools(shelf, recorded)), sandbox::version(shelf).await),
            None => (None, None),
        };
        let simulated = self.off_script == OffScript::Simulate;
        let customer = simulated.then(|| Box::new(Shopper::of(recorded)) as _);
        Setting {
            model,
            tools,
            cassette,
            tempo,
            timed,
            pack: self.pack.clone(),
            catalog,
            off_script: self.off_script,
            customer,
        }
    }
}

/// When this program was built, and how large it is: the engine's name says nothing of the search behind the tools.
fn built() -> Option<(SystemTime, u64)> {
    let program = std::env::current_exe().and_then(std::fs::metadata).ok()?;
    Some((program.modified().ok()?, program.len()))
}

/// A clock that stands: the clerk takes no time worth telling, and how busy this machine is says nothing of a model.
#[derive(Copy, Clone, Debug)]
pub struct Standing;

#[async_trait]
impl Clock for Standing {
    fn now(&self) -> Micros {
        Micros::default()
    }

    async fn sleep_until(&self, _: Micros) {}
}

/// A model, and the time it takes.
#[derive(Debug)]
pub struct Measured {
    /// The model.
    pub model: Arc<dyn Model>,
    /// What measures.
    pub clock: Arc<dyn Clock>,
    /// What is told.
    pub tempo: Arc<Tempo>,
}

#[async_trait]
impl Model for Measured {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let began = self.clock.now();
        let answer = self.model.complete(request, hear).await;
        self.tempo.pass(self.clock.now().since(began));
        answer
    }
}

/// The recorded packs, unchanged.
#[must_use]
pub fn as_recorded() -> Repack {
    Arc::new(Arc::clone)
}

/// This pack, whatever was in force.
#[must_use]
pub fn this(pack: Pack) -> Repack {
    let pack = Arc::new(pack);
    Arc::new(move |_| pack.clone())
}

/// Each pack that was in force, or the one that replaces it, changed so.
#[must_use]
pub fn changed(
    of: Repack,
    change: impl Fn(&mut agent_core::pack::Content) + Send + Sync + 'static,
) -> Repack {
    let made: Mutex<BTreeMap<Digest, Arc<Pack>>> = Mutex::default();
    Arc::new(move |recorded| {
        let pack = of(recorded);
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = made.entry(pack.id()).or_insert_with(|| {
            let mut content = (**pack).clone();
            change(&mut content);
            Arc::new(Pack::new(content))
        });
        changed.clone()
    })
}

/// The rules of another pack: which tools may be used and how, what the shop's rules say, and the words of stop,
/// yes and no. What is said and understood otherwise stays.
#[must_use]
pub fn policy_of(of: Repack, policy: &Pack) -> Repack {
    let policy = (**policy).clone();
    changed(of, move |content| {
        content.tools.clone_from(&policy.tools);
        content.topics.clone_from(&policy.topics);
        for (locale, words) in &policy.lexicons {
            if let Some(lexicon) = content.lexicons.get_mut(locale) {
                lexicon.yes.clone_from(&words.yes);
                lexicon.no.clone_from(&words.no);
                lexicon.stop.clone_from(&words.stop);
            }
        }
    })
}

/// The same without some tools.
#[must_use]
pub fn without(of: Repack, tools: Vec<Name>) -> Repack {
    changed(of, move |content| content.tools.retain(|name, _| !tools.contains(name)))
}

#[cfg(test)]
mod tests {
    use agent_core::digest::canonical;

    use super::*;

    #[test]
    fn a_run_is_of_the_engine_that_ran_it() {
        let plan = Plan {
            model: Err(Key::Request),
            shelf: None,
            pack: as_recorded(),
            off_script: OffScript::Stop,
            tolerance: Tolerance::default(),
            rates: Rates::default(),
            clock: Arc::new(Standing),
            clerk: false,
            changes: Vec::new(),
        };
        assert!(canonical(&plan.run()).contains(&engine().to_string()));
    }
}
