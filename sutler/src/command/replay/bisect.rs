//! `sutler replay bisect`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_core::pack::Pack;
use clap::Args;
use prompts::Folder;

use super::change::short;
use super::suite::With;
use crate::cli::Global;
use crate::command::print;
use crate::exit::{Code, Failure};
use crate::replay::assert::{Ground, check};
use crate::replay::bisect::{Trial, bisect, changed_files, culprits, mixed};
use crate::replay::case::Case;
use crate::replay::runner::Runner;

/// Runs of a version with some files, until it fails; as many as leave one in a thousand undetected.
const DOUBT: f64 = 0.001;

/// Find the version of a pack that broke a case, and then the file.
///
/// The versions are folders, oldest first; the first must pass and the last must fail, if only now and then: then
/// each version is run until the odds are clear. Versions of the same content are one.
#[derive(Debug, Args)]
pub(crate) struct Bisect {
    /// The case
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// The versions, oldest first; or one folder that holds them, in the order of their names
    #[arg(required = true, value_name = "PACKS")]
    packs: Vec<PathBuf>,
    #[command(flatten)]
    with: With,
}

struct Version {
    path: PathBuf,
    folder: Folder,
    pack: Arc<Pack>,
}

impl Bisect {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let case = Case::read(&self.case).map_err(|error| Failure::new(Code::Usage, error))?;
        let runner = self.with.runner(global, &mut Vec::new()).await?;
        let versions = versions(&self.packs)?;
        print(&format!("{} versions of different content\n", versions.len()))?;
        let mut trial = Runs { runner, case: &case, versions: &versions };
        let found = bisect(versions.len(), &mut trial).await;
        let found = found.map_err(|error| Failure::new(Code::Usage, error))?;
        let (Some(good), Some(bad)) = (versions.get(found.at - 1), versions.get(found.at)) else {
            return Err(Failure::usage("there are no versions to compare"));
        };
        print(&format!(
            "the first bad version: {} ({} {}, {}), after {} runs\n",
            bad.path.display(),
            bad.pack.name,
            bad.pack.version,
            short(&bad.pack),
            found.runs
        ))?;
        let share = f64::from(found.failed) / 24.0;
        let changes = changed_files(&good.folder, &bad.folder);
        let files: Vec<String> = changes.keys().cloned().collect();
        print(&format!("it changes {} files: {}\n", files.len(), files.join(", ")))?;
        let trial = &trial;
        let guilty = culprits(files, |taken| {
            let pack = mixed(&good.folder, &changes, &taken).pack().ok().map(Arc::new);
            async move { Some(trial.fails(&pack?, share).await) }
        })
        .await;
        print(&format!("what breaks it: {}\n", guilty.join(" together with ")))
    }
}

/// The versions, each content once.
fn versions(packs: &[PathBuf]) -> Result<Vec<Version>, Failure> {
    let paths = match packs {
        [one] if !one.join("pack.toml").exists() => inside(one)?,
        several => several.to_vec(),
    };
    let mut versions: Vec<Version> = Vec::new();
    for path in paths {
        let folder = Folder::open(&path).and_then(|it| it.pack().map(|pack| (it, pack)));
        let (folder, pack) = folder.map_err(|errors| Failure::new(Code::Usage, errors))?;
        if versions.last().is_none_or(|last| *last.pack != pack) {
            versions.push(Version { path, folder, pack: Arc::new(pack) });
        }
    }
    Ok(versions)
}

/// The folders in a folder, by name; numbers in names by their value.
fn inside(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(path)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|it| Some(it.ok()?.path())).filter(|it| it.is_dir()).collect();
    let key = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let numbers: Vec<u64> =
            name.split(|c: char| !c.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect();
        (numbers, name)
    };
    folders.sort_by_key(key);
    Ok(folders)
}

struct Runs<'a> {
    runner: Runner,
    case: &'a Case,
    versions: &'a [Version],
}

impl Trial for Runs<'_> {
    async fn passes(&mut self, version: usize, attempt: u32) -> bool {
        let Some(version) = self.versions.get(version) else { return false };
        self.once(&version.pack, attempt).await
    }
}

impl Runs<'_> {
    async fn once(&self, pack: &Arc<Pack>, attempt: u32) -> bool {
        let runner = Runner { pack: pack.clone(), ..self.runner.clone() };
        let ran = runner.run(self.case, attempt).await;
        ran.ended.is_none()
            && check(self.case, &ran.views, &Ground::of(pack).priced(&runner.rates)).is_empty()
    }

    /// Whether a version fails that fails so often if it is bad.
    async fn fails(&self, pack: &Arc<Pack>, share: f64) -> bool {
        let mut undetected = 1.0;
        for attempt in 0.. {
            if !self.once(pack, attempt).await {
                return true;
            }
            undetected *= 1.0 - share * 0.8;
            if undetected < DOUBT {
                break;
            }
        }
        false
    }
}
