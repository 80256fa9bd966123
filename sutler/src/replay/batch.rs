//! Many conversations, run again at once: with progress, and gone on with where a run was cut short.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use agent_core::id::Subject;
use agent_core::replay::asked::requests;
use agent_core::replay::force::Forces;
use agent_core::replay::rerun::rerun;
use agent_core::store::Archive;
use anyhow::Context as _;
use indicatif::ProgressBar;

use super::miss::explain;
use super::plan::Plan;
use super::report::{Conversation, Report};
use crate::tape::Journal;
use crate::tape::results::Results;

/// Runs conversations again; those a results file holds already are not run again.
///
/// # Errors
/// When the results file can't be read or written, or is of another run.
pub async fn run(
    journals: Vec<Journal>,
    archive: Arc<dyn Archive>,
    plan: &Plan,
    results: Option<&Path>,
    jobs: usize,
    bar: &ProgressBar,
) -> anyhow::Result<Report> {
    let journals: Vec<Journal> =
        journals.into_iter().filter(|it| it.id.subject == Subject::Conversation).collect();
    bar.set_length(journals.len() as u64);
    let mut results = results.map(|path| Results::open(path, &plan.run())).transpose()?;
    let mut ran: Vec<(usize, Conversation)> = Vec::new();
    let mut queue = VecDeque::new();
    for (n, journal) in journals.into_iter().enumerate() {
        match results.as_mut().and_then(|results| results.take(&journal)) {
            Some(held) => ran.push((n, held)),
            None => queue.push_back((n, journal)),
        }
    }
    bar.inc(ran.len() as u64);
    let done = Arc::new(Mutex::new((ran, results)));
    let queue = Arc::new(Mutex::new(queue));
    let worker = |_| {
        let (queue, done, plan) = (queue.clone(), done.clone(), plan.clone());
        let (archive, bar) = (archive.clone(), bar.clone());
        tokio::spawn(async move {
            let mut forces = Forces::new(archive);
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some((n, journal)) = next else { return anyhow::Ok(()) };
                let conversation = one(&journal, &mut forces, &plan).await;
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                // What could not be run is tried again.
                if let Some(results) = done.1.as_mut().filter(|_| conversation.error.is_none()) {
                    let kept = results.keep(&journal, &conversation);
                    if kept.is_err() {
                        // Nobody goes on for what can't be kept.
                        queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
                    }
                    kept?;
                }
                done.0.push((n, conversation));
                bar.inc(1);
            }
        })
    };
    let workers: Vec<_> = (0..jobs.max(1)).map(worker).collect();
    for worker in workers {
        worker.await.context("a worker ended")??;
    }
    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ran = std::mem::take(&mut done.0);
    ran.sort_by_key(|(n, _)| *n);
    let conversations = ran.into_iter().map(|(_, it)| it).collect();
    Ok(Report { changes: plan.changes.clone(), conversations })
}

async fn one(journal: &Journal, forces: &mut Forces, plan: &Plan) -> Conversation {
    let setting = plan.setting(&journal.events).await;
    let mut again = match rerun(journal.id, &journal.events, forces, setting).await {
        Ok(again) => again,
        Err(error) => return Conversation::failed(journal.id, &error.to_string()),
    };
    if plan.clerk {
        let before = again.turns.iter_mut().filter_map(|pair| pair.was.as_mut());
        let asked = before.flat_map(|view| &mut view.asked);
        let clerks = asked.filter(|it| it.by.as_ref().is_ok_and(|by| by.as_str() == "clerk"));
        clerks.for_each(|it| it.took = std::time::Duration::ZERO);
    }
    let mut conversation = Conversation::of(journal.id, &again.turns, plan.tolerance, &plan.rates);
    if !again.misses.is_empty() {
        let recorded = requests(&journal.events, forces).await.unwrap_or_default();
        conversation.misses = again.misses.iter().map(|miss| explain(miss, &recorded)).collect();
    }
    conversation
}
