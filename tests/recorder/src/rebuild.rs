//! What a power cut leaves.
//!
//! What was synced is there. Of what was not, each page of a file holds any of the states it went through,
//! and each directory a beginning of the changes made to it: file systems write pages in any order, and
//! names in theirs.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;

use crate::{Entry, Node, Recording, Step};

/// What the kernel writes at once.
const PAGE: u64 = 4096;

/// A power cut.
#[derive(Copy, Clone, Debug)]
pub struct Cut {
    /// Before which step.
    pub before: usize,
    /// How likely anything that was not synced is there all the same, of 100.
    pub percent: u8,
}

/// Where chance comes from: numbers, one after the other.
type Dice<'a> = &'a mut dyn FnMut() -> u64;

impl Cut {
    fn survives(self, dice: Dice<'_>) -> bool {
        dice() % 100 < u64::from(self.percent)
    }
}

impl Recording {
    /// Rebuilds the folder as a power cut leaves it, in an empty one.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn rebuild(&self, cut: Cut, dice: Dice<'_>, to: &Path) -> io::Result<()> {
        let names = self.names(cut, dice);
        self.place(0, &names, cut, dice, to)
    }

    fn place(
        &self,
        dir: Node,
        names: &BTreeMap<Entry, Node>,
        cut: Cut,
        dice: Dice<'_>,
        to: &Path,
    ) -> io::Result<()> {
        fs::create_dir_all(to)?;
        for ((_, name), node) in names.iter().filter(|((above, _), _)| *above == dir) {
            if self.kinds.get(*node).copied().unwrap_or_default() {
                self.place(*node, names, cut, dice, &to.join(name))?;
            } else {
                fs::write(to.join(name), self.content(*node, cut, dice))?;
            }
        }
        Ok(())
    }

    fn steps(&self, cut: Cut) -> impl Iterator<Item = (usize, &Step)> {
        self.steps.iter().enumerate().take(cut.before)
    }

    /// Up to which step each node's own are durable.
    fn durable(&self, cut: Cut) -> HashMap<Node, usize> {
        let mut durable = HashMap::new();
        for (_, step) in self.steps(cut) {
            if let Step::Sync { node, covers } = step {
                let known: &mut usize = durable.entry(*node).or_default();
                *known = (*known).max(*covers);
            }
        }
        durable
    }

    fn names(&self, cut: Cut, dice: Dice<'_>) -> BTreeMap<Entry, Node> {
        let durable = self.durable(cut);
        let mut lost: HashMap<Node, bool> = HashMap::new();
        let mut survives = |n: usize, dir: Node| {
            let synced = durable.get(&dir).is_some_and(|durable| n < *durable);
            let lost = lost.entry(dir).or_default();
            *lost = !synced && (*lost || !cut.survives(dice));
            !*lost
        };
        let mut names = BTreeMap::new();
        for (n, step) in self.steps(cut) {
            match step {
                Step::Name { entry, node } if survives(n, entry.0) => {
                    names.insert(entry.clone(), *node);
                }
                Step::Unname { entry } if survives(n, entry.0) => {
                    names.remove(entry);
                }
                // One transaction of the file system, so with one of its directories.
                Step::Move { from, to, node } if survives(n, to.0) => {
                    names.remove(from);
                    names.insert(to.clone(), *node);
                }
                _ => {}
            }
        }
        names
    }

    fn content(&self, node: Node, cut: Cut, dice: Dice<'_>) -> Vec<u8> {
        let durable = self.durable(cut).get(&node).copied().unwrap_or_default();
        let kept = self.kept(node, durable, cut, dice);
        let mut seen: HashMap<u64, u64> = HashMap::new();
        let mut content = Vec::new();
        for (n, step) in self.steps(cut) {
            match step {
                Step::Write { node: of, at, bytes } if *of == node => {
                    for (page, at, piece) in pages(*at, bytes) {
                        let version = seen.entry(page).or_default();
                        *version += u64::from(n >= durable);
                        if *version <= kept.get(&page).copied().unwrap_or_default() {
                            put(&mut content, at, piece);
                        }
                    }
                }
                Step::Length { node: of, length }
                    if *of == node && (n < durable || cut.survives(dice)) =>
                {
                    content.resize(usize::try_from(*length).unwrap_or_default(), 0);
                }
                _ => {}
            }
        }
        content
    }

    /// For each page, how many of the writes to it that were not synced are there.
    fn kept(&self, node: Node, durable: usize, cut: Cut, dice: Dice<'_>) -> HashMap<u64, u64> {
        let mut versions: BTreeMap<u64, u64> = BTreeMap::new();
        for (_, step) in self.steps(cut).skip(durable) {
            if let Step::Write { node: of, at, bytes } = step
                && *of == node
            {
                pages(*at, bytes).for_each(|(page, ..)| *versions.entry(page).or_default() += 1);
            }
        }
        let kept = versions.into_iter().map(|(page, versions)| {
            let kept = cut.survives(dice).then(|| 1 + dice() % versions);
            (page, kept.unwrap_or_default())
        });
        kept.collect()
    }
}

/// The pieces of a write, by page: which page, where in the file, and the bytes.
fn pages(at: u64, bytes: &[u8]) -> impl Iterator<Item = (u64, u64, &[u8])> {
    let (mut at, mut rest) = (at, bytes);
    std::iter::from_fn(move || {
        let (here, room) = (at, PAGE - at % PAGE);
        let length = usize::try_from(room).unwrap_or_default().min(rest.len());
        let (piece, after) =
            rest.split_at_checked(length).filter(|(piece, _)| !piece.is_empty())?;
        at += piece.len() as u64;
        rest = after;
        Some((here / PAGE, here, piece))
    })
}

fn put(content: &mut Vec<u8>, at: u64, piece: &[u8]) {
    let at = usize::try_from(at).unwrap_or_default();
    if content.len() < at + piece.len() {
        content.resize(at + piece.len(), 0);
    }
    if let Some(place) = content.get_mut(at..at + piece.len()) {
        place.copy_from_slice(piece);
    }
}
