//! Many conversations, run again at once: with progress, and gone on with where a run was cut short.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use agent_core::digest::{Digest, canonical};
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
    let mut journals: VecDeque<Journal> = journals
        .into_iter()
        .filter(|journal| journal.id.subject == Subject::Conversation)
        .collect();
    bar.set_length(journals.len() as u64);
    let order: BTreeMap<String, usize> =
        journals.iter().enumerate().map(|(n, it)| (it.id.to_string(), n)).collect();
    let results = results.map(|path| Results::open(path, &plan.changes)).transpose()?;
    let (results, held) = results.map_or((None, Vec::new()), |(it, held)| (Some(it), held));
    journals.retain(|journal| held.iter().all(|held| held.journal != journal.id.to_string()));
    bar.inc(held.len() as u64);
    let done = Arc::new(Mutex::new((held, results)));
    let queue = Arc::new(Mutex::new(journals));
    let worker = |_| {
        let (queue, done, plan) = (queue.clone(), done.clone(), plan.clone());
        let (archive, bar) = (archive.clone(), bar.clone());
        tokio::spawn(async move {
            let mut forces = Forces::new(archive);
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(journal) = next else { return anyhow::Ok(()) };
                let conversation = one(&journal, &mut forces, &plan).await;
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(results) = &mut done.1 {
                    results.keep(&conversation)?;
                }
                done.0.push(conversation);
                bar.inc(1);
            }
        })
    };
    let workers: Vec<_> = (0..jobs.max(1)).map(worker).collect();
    for worker in workers {
        worker.await.context("a worker ended")??;
    }
    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
    let mut conversations = std::mem::take(&mut done.0);
    conversations.sort_by_key(|it| order.get(&it.journal).copied());
    Ok(Report { changes: plan.changes.clone(), conversations })
}

async fn one(journal: &Journal, forces: &mut Forces, plan: &Plan) -> Conversation {
    let setting = plan.setting(&journal.events).await;
    let again = match rerun(journal.id, &journal.events, forces, setting).await {
        Ok(again) => again,
        Err(error) => return Conversation::failed(journal.id, &error.to_string()),
    };
    let mut conversation = Conversation::of(journal.id, &again.turns, plan.tolerance);
    if !again.misses.is_empty() {
        let recorded = requests(&journal.events, forces).await.unwrap_or_default();
        conversation.misses = again.misses.iter().map(|miss| explain(miss, &recorded)).collect();
    }
    conversation
}

/// What was run so far, a line each. The first line says of which run.
struct Results(File);

impl Results {
    fn open(path: &Path, changes: &[String]) -> anyhow::Result<(Self, Vec<Conversation>)> {
        let named = || format!("the results file {}", path.display());
        let head = format!("{{\"run\":\"{}\"}}", Digest::of(canonical(&changes).as_bytes()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // Results say what customers said.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).with_context(named)?;
        let (mut held, mut good) = (Vec::new(), 0);
        let mut lines = BufReader::new(&file);
        let mut line = String::new();
        while lines.read_line(&mut line).with_context(named)? > 0 && line.ends_with('\n') {
            if good == 0 && line.trim_end() != head {
                anyhow::bail!(
                    "{} is of another run: name another file, or remove it",
                    path.display()
                );
            }
            match serde_json::from_str(&line) {
                Ok(conversation) => held.push(conversation),
                // What was torn is run again.
                Err(_) if good > 0 => break,
                Err(_) => {}
            }
            good += line.len() as u64;
            line.clear();
        }
        drop(lines);
        file.set_len(good).with_context(named)?;
        file.seek(SeekFrom::End(0)).with_context(named)?;
        if good == 0 {
            writeln!(file, "{head}").with_context(named)?;
        }
        Ok((Self(file), held))
    }

    fn keep(&mut self, conversation: &Conversation) -> anyhow::Result<()> {
        let line = serde_json::to_string(conversation)? + "\n";
        self.0.write_all(line.as_bytes()).context("the results file")
    }
}
