//! The files of a pack as texts, whether they lie on disk or in the binary. Knows names and sizes, no meaning.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::builtin::{builtin, embedded};
use crate::problem::{PackErrors, Problem};

/// The largest file a pack may hold. Packs are written by hand; a larger file is a mistake.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The most files a pack may hold, its golden conversations included.
pub const MAX_FILES: usize = 1_000;

/// The goods that come with a pack.
const FEEDS: [&str; 2] = ["feed.csv", "feed.tsv"];

/// The folders a pack may have.
const FOLDERS: [&str; 2] = ["golden", "prompts"];

/// A pack's folder, read but not understood.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its path, or the built-in pack's name: what stands before file names in problems.
    pub(crate) path: String,
    /// Its texts by their path inside it: `prompts/instant.en.md`.
    pub(crate) files: BTreeMap<String, String>,
    /// What could not be read.
    pub(crate) problems: Vec<Problem>,
    feed: Option<Feed>,
}

/// The goods that come with a pack, for who tries it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// In the binary.
    Embedded(&'static [u8]),
    /// On disk.
    File(PathBuf),
}

impl Folder {
    /// The folder of a pack by the name of a built-in one (`retail`) or by path (`./packs/mine`).
    ///
    /// # Errors
    /// There is no such pack, or its folder cannot be read.
    pub fn find(pack: &str) -> Result<Self, PackErrors> {
        if let Some(folder) = Self::builtin(pack) {
            return Ok(folder);
        }
        if pack.contains(['/', '\\', '.']) || Path::new(pack).is_dir() {
            return Self::open(Path::new(pack));
        }
        let what = "no such pack is built in; others are named by the path of their folder";
        Err(Problem::new(pack, what).meant(pack, builtin()).into())
    }

    /// The folder of a built-in pack.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        let pack = embedded(name)?;
        let files = pack.files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let feed = Some(Feed::Embedded(pack.feed));
        Some(Self { feed, ..Self::of(name, files.collect()) })
    }

    /// A folder of these files, by their path inside it, without goods.
    #[must_use]
    pub fn of(path: &str, files: BTreeMap<String, String>) -> Self {
        Self { path: path.to_owned(), files, problems: Vec::new(), feed: None }
    }

    /// Reads a folder on disk.
    ///
    /// # Errors
    /// It is not there, is no folder, or may not be read.
    pub fn open(dir: &Path) -> Result<Self, PackErrors> {
        let mut folder = Self::of(&dir.display().to_string(), BTreeMap::new());
        let names = names_in(dir).map_err(|error| {
            Problem::new(&folder.path, format!("the pack's folder cannot be read: {error}"))
        })?;
        for name in names {
            let path = dir.join(&name);
            if path.is_dir() {
                folder.read_inner(&path, &name);
            } else if FEEDS.contains(&name.as_str()) {
                folder.feed = Some(Feed::File(path));
            } else {
                folder.read(&path, name);
            }
        }
        Ok(folder)
    }

    /// Its texts by their path inside it.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// The goods that come with it.
    #[must_use]
    pub fn feed(&self) -> Option<&Feed> {
        self.feed.as_ref()
    }

    /// The path of one of its files, as problems name it.
    pub(crate) fn name_of(&self, file: &str) -> String {
        format!("{}/{file}", self.path)
    }

    fn read_inner(&mut self, dir: &Path, name: &str) {
        if !FOLDERS.contains(&name) {
            let problem = Problem::new(self.name_of(name), "unknown folder");
            self.problems.push(problem.meant(name, FOLDERS));
            return;
        }
        match names_in(dir) {
            Ok(names) => {
                for inner in names {
                    self.read(&dir.join(&inner), format!("{name}/{inner}"));
                }
            }
            Err(error) => {
                let what = format!("the folder cannot be read: {error}");
                self.problems.push(Problem::new(self.name_of(name), what));
            }
        }
    }

    fn read(&mut self, path: &Path, name: String) {
        let read = if self.files.len() < MAX_FILES {
            text_of(path)
        } else {
            Err(format!("a pack holds at most {MAX_FILES} files"))
        };
        match read {
            Ok(text) => drop(self.files.insert(name, text)),
            Err(what) => self.problems.push(Problem::new(self.name_of(&name), what)),
        }
    }
}

/// The names in a folder in their order, without hidden ones.
fn names_in(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn text_of(path: &Path) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("the file cannot be read: {error}");
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(format!(
            "the file has {bytes} bytes; a pack's file has at most {MAX_FILE_BYTES}"
        ));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|error| {
        format!("the file is not UTF-8 at byte {}", error.utf8_error().valid_up_to())
    })
}
