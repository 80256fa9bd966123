//! What is done with conversations that were held: they go by tape to another folder with other keys, and are
//! verified there; and then each of them with one field changed.

use std::path::Path;
use std::sync::Arc;

use agent_core::event::{Decision, Event, Outcome, Recorded};
use agent_core::id::{Seq, Subject};
use agent_core::replay::tape::{Chain, Holds, Line, Reader, Wrong, head};
use agent_core::replay::verify::{Verified, Verifier, VerifyError};
use agent_core::time::turned::CountedIds;
use anyhow::{Context as _, ensure};
use indicatif::ProgressBar;
use serde_json::Value;
use storage::{Settings, SledStore};
use sutler::tape::{Books, How, Imported, Journal, export, import, verify, verify_tape};

use crate::dice::Dice;
use crate::report::Findings;
use crate::tamper;
use crate::world::START;

/// How often the same must come out.
const TIMES: usize = 3;

/// Opens a store of its own keys.
///
/// # Errors
/// When it does not open.
pub fn open(dir: &Path, keys: u64) -> anyhow::Result<Books> {
    let ids = Arc::new(CountedIds::new(keys));
    Ok(Books::new(SledStore::open(dir, &Settings::default(), ids)?))
}

/// Exports, imports elsewhere, and verifies: the store, the tape, and the other store three times.
///
/// # Errors
/// When any of it can't be done.
pub async fn travel(
    (here, there): (&Books, &Books),
    tape: &Path,
    bar: &ProgressBar,
    findings: &mut Findings,
) -> anyhow::Result<Verified> {
    let all = Holds::Everything;
    let exported = export(here, all, tape, bar).await.context("export")?;
    let imported = import(there, tape, START, bar).await.context("import")?;
    ensure!(imported.events == exported.events, "{imported:?} of {exported:?}");
    let again = import(there, tape, START, bar).await.context("import again")?;
    let nothing = Imported { there: imported.events, events: 0, ..imported };
    ensure!(again == nothing, "imported again: {again:?}");
    let mut verdicts = vec![
        verify(here, all, &How::default(), bar).await?,
        verify_tape(tape, &How::default(), bar).await?,
    ];
    for _ in 0..TIMES {
        verdicts.push(verify(there, all, &How::default(), bar).await?);
    }
    let turns = verdicts.first().map(|first| first.turns).unwrap_or_default();
    for verdict in &verdicts {
        findings.tried += verdict.journals;
        for divergence in &verdict.diverged {
            findings.add(&divergence.journal.to_string(), &divergence.error.clone().into());
        }
        ensure!(verdict.turns == turns, "not the same each time: {:?} {turns:?}", verdict.turns);
    }
    Ok(turns)
}

/// What became of changed fields.
#[derive(Clone, Debug, Default)]
pub struct Tampered {
    /// Tapes with one changed field.
    pub tapes: u64,
    /// Of those with their chain made good again: the engine met the change at its event.
    pub at_the_event: u64,
    /// …later, at the first decision that hangs on the changed answer.
    pub later: u64,
    /// …not at all: no decision hangs on the changed answer.
    pub free: u64,
}

/// Changes one field in each conversation, so many times; each change must be reported at its event.
///
/// # Errors
/// When the journals can't be read.
pub async fn tamper(
    books: &Books,
    times: u64,
    dice: &mut Dice,
    bar: &ProgressBar,
    findings: &mut Findings,
) -> anyhow::Result<Tampered> {
    let mut tampered = Tampered::default();
    let mut verifier = Verifier::new(books.archive.clone());
    let mut journals = books.journals(Holds::Everything).await?;
    journals.retain(|journal| journal.subject == Subject::Conversation);
    ensure!(!journals.is_empty(), "there is nothing to change");
    for id in journals.iter().cycle().take(usize::try_from(times)?) {
        let journal = books.journal(*id).await?.context("nobody was erased")?;
        findings.tried += 1;
        tampered.tapes += 1;
        if let Err(error) = one(&mut verifier, &journal, dice, &mut tampered).await {
            findings.add(&id.to_string(), &error);
        }
        bar.inc(1);
    }
    Ok(tampered)
}

async fn one(
    verifier: &mut Verifier,
    journal: &Journal,
    dice: &mut Dice,
    tampered: &mut Tampered,
) -> anyhow::Result<()> {
    let at = usize::try_from(dice.below(journal.events.len() as u64))?;
    let mut lines = written(journal);
    // The head and the beginning of the journal stand before the first event.
    let text = lines.get_mut(at + 2).context("a journal has events")?;
    let mut line: Value = serde_json::from_str(text)?;
    ensure!(tamper::one_field(&mut line, dice), "an event has fields");
    *text = serde_json::to_string(&line)?;
    let seq = Seq(at as u64 + 1);
    let mut reader = Reader::default();
    let error = lines.iter().find_map(|line| reader.read(line).err());
    let error = error.with_context(|| format!("the change in event {seq} was not seen: {line}"))?;
    ensure!(error.wrong == Wrong::Changed, "{error}");
    ensure!(error.at == Some((journal.id, seq)), "{error}, and not at event {seq}: {line}");
    let changed = line.get("line").and_then(|line| line.get("event")).cloned();
    let Ok(changed) = serde_json::from_value::<Recorded>(changed.unwrap_or_default()) else {
        // No event any more: with a chain that holds it is unreadable at that line.
        return Ok(());
    };
    if journal.events.get(at) == Some(&changed) {
        // It was the chain itself that was changed.
        return Ok(());
    }
    let mut events = journal.events.clone();
    let event = events.get_mut(at).context("a journal has events")?;
    let answer = event.event.is_answer() && event.seq == changed.seq;
    let was = std::mem::replace(event, changed);
    match (met(verifier.verify(journal.id, &events).await)?, answer) {
        (Some(met), _) if met == seq => tampered.at_the_event += 1,
        (Some(met), true) if met > seq => tampered.later += 1,
        (None, true) => tampered.free += 1,
        // Why a turn failed comes from outside, and stands in two decisions that must agree.
        (Some(met), false) if met.next() == seq && is_failed(&was) => tampered.at_the_event += 1,
        (met, _) => anyhow::bail!("the change in event {seq} was met at {met:?}: {line}"),
    }
    Ok(())
}

fn is_failed(recorded: &Recorded) -> bool {
    let Event::Decision(Decision::Closed { outcome, .. }) = &recorded.event else { return false };
    matches!(outcome, Outcome::Failed(_))
}

/// Where the engine met a difference.
fn met(verified: Result<Verified, VerifyError>) -> anyhow::Result<Option<Seq>> {
    match verified {
        Ok(_) => Ok(None),
        Err(VerifyError::Diverged { seq, .. } | VerifyError::Order(seq)) => Ok(Some(seq)),
        // What was in force can't be found under a changed hash; the opening says so itself.
        Err(VerifyError::Archive { seq, .. }) => Ok(Some(seq)),
        Err(error) => Err(error.into()),
    }
}

fn written(journal: &Journal) -> Vec<String> {
    let mut chain = Chain::default();
    let begin = Line::Journal { journal: journal.id, customer: journal.customer };
    let mut lines = vec![head(Holds::Journal(journal.id)), begin];
    lines.extend(journal.events.iter().cloned().map(|event| Line::Event(Box::new(event))));
    lines.push(Line::End { events: journal.events.len() as u64 });
    lines.push(Line::Done { journals: 1 });
    lines.iter().map(|line| chain.write(line)).collect()
}
