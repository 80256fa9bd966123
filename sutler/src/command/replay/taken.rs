//! `sutler replay scrub`, `sample`, `import` and `diff`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use agent_core::id::{CommitId, JournalId, Seq, Subject};
use agent_core::replay::diff::Tolerance;
use agent_core::replay::rerun::{Pair, Script};
use agent_core::replay::tape::Holds;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Archive as _, Commit, Store as _};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;

use super::change::Rated;
use super::source::Source;
use crate::cli::Global;
use crate::command::print;
use crate::exit::{Code, Failure};
use crate::ids::OsIds;
use crate::replay::import::{Format, read};
use crate::replay::infer::recorded;
use crate::replay::rates::{MicroUsd, Rates};
use crate::replay::report::{Conversation, Report, html, terminal};
use crate::replay::sample::{Rules, Stratum, choose};
use crate::replay::scrub::Scrub;
use crate::tape::{Books, Journal, export};

/// Write a tape without personal data: other names, numbers and addresses of the same kind in their place.
///
/// What came from outside is rewritten, the turns are run again to make the decisions, and the tape is chained anew.
/// It verifies, and its tools, arguments, cart, amounts and rules are those of the original; where that can't be, a
/// conversation is left out and the reason is said. One person is the same person throughout. What nobody can find
/// by its form, such as a name in the middle of a sentence, is given with --name.
#[derive(Debug, Args)]
pub(crate) struct ScrubOut {
    #[command(flatten)]
    source: Source,
    /// The tape
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A name to replace wherever it stands; repeatable
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// A file of such names, one a line
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
}

impl ScrubOut {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let (journals, archive) = self.source.read(&config, &ProgressBar::hidden()).await?;
        let mut names = self.name.clone();
        if let Some(path) = &self.names {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            names.extend(text.lines().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()));
        }
        // Nobody can tell afterwards who was who: the key is gone with this process.
        let ids = OsIds::passing().map_err(|error| Failure::new(Code::Failed, error))?;
        let mut scrub = Scrub::new(archive, Arc::new(ids), names);
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        let mut replaced: BTreeMap<String, usize> = BTreeMap::new();
        for journal in &journals {
            match scrub.journal(journal).await {
                Ok((scrubbed, found)) => {
                    kept.push(scrubbed);
                    found
                        .0
                        .into_iter()
                        .for_each(|(kind, n)| *replaced.entry(kind).or_default() += n);
                }
                Err(why) => refused.push(format!("{}: {why}", journal.id)),
            }
        }
        tape(&kept, &**scrub.archive(), &self.out).await?;
        let kinds = replaced.iter().map(|(kind, n)| format!("{n} × {kind}"));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        print(&format!("{} journals on {}; replaced: {kinds}\n", kept.len(), self.out.display()))?;
        refused.iter().try_for_each(|why| print(&format!("left out: {why}\n")))?;
        match refused.len() {
            0 => Ok(()),
            n => Err(Failure::found(format!("{n} conversations could not be scrubbed"))),
        }
    }
}

/// Writes journals onto a tape.
async fn tape(
    journals: &[Journal],
    archive: &dyn agent_core::store::Archive,
    out: &std::path::Path,
) -> Result<(), Failure> {
    let store = Arc::new(MemoryStore::new());
    for (n, journal) in journals.iter().enumerate() {
        for hash in agent_core::replay::tape::named_hashes(&journal.events) {
            let kept = archive.kept(&hash).await.map_err(crate::tape::Error::from)?;
            if let Some(bytes) = kept {
                store.keep(bytes).await.map_err(crate::tape::Error::from)?;
            }
        }
        let blank =
            Commit::blank(CommitId(n as u128), agent_core::time::Micros::default(), journal.id);
        let commit = Commit {
            customer: journal.customer,
            expect: Some(Seq::START),
            events: journal.events.clone(),
            ..blank
        };
        store.commit(commit).await.map_err(|error| Failure::new(Code::Failed, error))?;
    }
    let bar = ProgressBar::hidden();
    let written = export(&Books::new(store), Holds::Everything, out, &bar).await?;
    match written.lost.first() {
        None => Ok(()),
        Some(hash) => {
            let what = format!(
                "the archive has nothing named {hash}: turns that name it can't be run again"
            );
            Err(Failure::found(what))
        }
    }
}

/// Choose conversations that are worth a look: by rules, and a share of the rest.
///
/// Without any rule, all rules apply but --tokens and --usd, and no share. The same conversations are chosen each time.
#[derive(Debug, Args)]
pub(crate) struct Sample {
    #[command(flatten)]
    source: Source,
    /// This share of each kind, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0)]
    share: f64,
    /// Those in which a person was asked
    #[arg(long)]
    hand_overs: bool,
    /// Those whose customer was not content: reactions, scores, failed turns
    #[arg(long)]
    negative: bool,
    /// Those in which a rule held something back
    #[arg(long)]
    policy: bool,
    /// Those that cost more tokens than this
    #[arg(long, value_name = "TOKENS")]
    tokens: Option<u64>,
    /// Those that cost more US dollars than this
    #[arg(long, value_name = "USD")]
    usd: Option<f64>,
    #[command(flatten)]
    rated: Rated,
    /// Those that call tools in an order that no earlier one had
    #[arg(long)]
    new_paths: bool,
    /// What the share is taken of; repeatable
    #[arg(long, value_enum, value_name = "KIND")]
    per: Vec<Per>,
    /// At most so many, those with the most reasons first
    #[arg(long, value_name = "N")]
    most: Option<usize>,
    /// Write them onto this tape too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Copy, Clone, Debug, ValueEnum)]
enum Per {
    /// Each pack
    Pack,
    /// Each language
    Locale,
    /// Each channel
    Channel,
    /// Each shop
    Shop,
}

impl Sample {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let (mut journals, archive) = self.source.read(&config, &ProgressBar::hidden()).await?;
        journals.retain(|journal| journal.id.subject == Subject::Conversation);
        let none = !(self.hand_overs || self.negative || self.policy || self.new_paths)
            && self.share == 0.0
            && self.tokens.is_none()
            && self.usd.is_none();
        let per = |per: &Per| match per {
            Per::Pack => Stratum::Pack,
            Per::Locale => Stratum::Locale,
            Per::Channel => Stratum::Channel,
            Per::Shop => Stratum::Shop,
        };
        let rules = Rules {
            share: self.share / 100.0,
            hand_overs: self.hand_overs || none,
            negative: self.negative || none,
            policy: self.policy || none,
            tokens: self.tokens,
            cost: self.usd.map(MicroUsd::of_usd),
            rates: self.rated.rates(&config),
            new_paths: self.new_paths || none,
            per: self.per.iter().map(per).collect(),
            most: self.most,
        };
        let chosen = choose(&journals, &rules);
        if let Some(out) = &self.out {
            let kept: Vec<Journal> =
                chosen.iter().filter_map(|it| journals.get(it.at)).cloned().collect();
            tape(&kept, &*archive, out).await?;
        }
        if self.json {
            return print(&(serde_json::to_string_pretty(&chosen).unwrap_or_default() + "\n"));
        }
        for it in &chosen {
            let kind =
                if it.stratum.is_empty() { String::new() } else { format!("  ({})", it.stratum) };
            print(&format!("{}{kind}  {}\n", it.journal, it.reasons.join("; ")))?;
        }
        print(&format!("{} of {} conversations\n", chosen.len(), journals.len()))
    }
}

/// Make cases of conversations of other programs.
///
/// Each says what came over, what only in part, what was left out, and why.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The format
    #[arg(value_enum)]
    format: Format,
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder the cases are written to, a file each [default: none, only look]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Who of a chat is the shop
    #[arg(long, value_name = "AUTHOR")]
    agent: Option<String>,
    /// The figures as JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut written = 0;
        if let Some(out) = &self.out {
            std::fs::create_dir_all(out).map_err(|error| Failure::new(Code::Failed, error))?;
        }
        for file in &self.files {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let imported = read(self.format, &name, &text, self.agent.as_deref());
            let imported =
                imported.map_err(|error| Failure::found(format!("{}: {error}", file.display())))?;
            if let Some(out) = &self.out {
                for case in &imported.cases {
                    written += 1;
                    let path = out.join(format!("{name}-{written:04}.toml"));
                    super::suite::put(&path, &case.write())?;
                }
            }
            if self.json {
                print(&(serde_json::to_string(&imported).unwrap_or_default() + "\n"))?;
                continue;
            }
            let conversations = imported.cases.len();
            print(&format!(
                "{}: {conversations} conversations, {} turns imported\n",
                file.display(),
                imported.imported
            ))?;
            for (word, counted) in
                [("degraded", &imported.degraded), ("skipped", &imported.skipped)]
            {
                for (why, n) in counted {
                    print(&format!("  {word:<8}  {n:>5}  {why}\n"))?;
                }
            }
        }
        Ok(())
    }
}

/// Compare two tapes of the same conversations, turn by turn, without running anything.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The older tape
    was: PathBuf,
    /// The newer tape
    now: PathBuf,
    /// A report in one file, to be opened in a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    rated: Rated,
}

impl Diff {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let rates = self.rated.rates(&global.config(None)?);
        let (quiet, archive) = (ProgressBar::hidden(), MemoryStore::new());
        let was = crate::tape::read_tape(&self.was, &archive, &quiet).await?;
        let now = crate::tape::read_tape(&self.now, &archive, &quiet).await?;
        let mut report = Report {
            changes: vec![format!("{} → {}", self.was.display(), self.now.display())],
            ..Report::default()
        };
        let mut sides: BTreeMap<JournalId, (Option<Journal>, Option<Journal>)> = BTreeMap::new();
        for journal in was {
            let sides = sides.entry(journal.id).or_default();
            sides.0 = Some(journal);
        }
        for journal in now {
            let sides = sides.entry(journal.id).or_default();
            sides.1 = Some(journal);
        }
        sides.retain(|id, _| id.subject == Subject::Conversation);
        for (id, sides) in sides {
            report.conversations.push(match sides {
                (Some(was), Some(now)) => compared(&was, &now, &rates),
                (Some(_), None) => Conversation::failed(id, "it is not on the newer tape"),
                (None, _) => Conversation::failed(id, "it is not on the older tape"),
            });
        }
        if let Some(path) = &self.html {
            std::fs::write(path, html::html(&report, "Two tapes"))
                .map_err(|error| Failure::new(Code::Failed, error))?;
        }
        print(&terminal::terminal(&report))?;
        match report.conversations.iter().filter(|it| it.differs()).count() {
            0 => Ok(()),
            n => Err(Failure::found(format!("{n} conversations differ"))),
        }
    }
}

fn compared(was: &Journal, now: &Journal, rates: &Rates) -> Conversation {
    let (was_views, now_views) = (recorded(&was.events).1, recorded(&now.events).1);
    let turns = was_views.len().max(now_views.len());
    let pair = |n: usize| {
        let (was, now) = (was_views.get(n).cloned(), now_views.get(n).cloned());
        let missing = was.is_none() || now.is_none();
        let script = if missing {
            Script::Off("only one of the tapes has this turn".to_owned())
        } else {
            Script::On
        };
        Pair { was, now, script }
    };
    let pairs: Vec<Pair> = (0..turns).map(pair).collect();
    Conversation::of(was.id, &pairs, Tolerance::default(), rates)
}
