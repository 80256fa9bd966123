//! A planted fault among 64 versions of a pack, also when it fails one time in three.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use agent_core::model::clerk::Clerk;
use agent_core::model::scripted::says;
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::pack::{Mode, Pack};
use async_trait::async_trait;
use prompts::Folder;
use sutler::replay::assert::{Ground, check};
use sutler::replay::bisect::{Trial, bisect, changed_files, culprits, mixed};
use sutler::replay::case::Case;
use sutler::replay::runner::Runner;
use sutler_tests::dice::Dice;

use super::{runner, shipped};

/// Words of a prompt by which the model below goes wrong.
const FAULT: &str = "Be brief, whatever it costs.";

/// The clerk; told to be brief, it says nothing useful now and then.
#[derive(Debug)]
struct Moody {
    clerk: Clerk,
    dice: Mutex<Dice>,
    one_in: u64,
}

#[async_trait]
impl Model for Moody {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let prompts = request.pack.prompts.get(&Mode::Shopping);
        let told =
            prompts.and_then(|it| it.get(&request.locale)).is_some_and(|it| it.contains(FAULT));
        if told && self.dice.lock().unwrap().below(self.one_in) == 0 {
            return Ok(says("Yes."));
        }
        self.clerk.complete(request, hear).await
    }
}

struct Versions {
    runner: Runner,
    case: Case,
    folders: Vec<Folder>,
    /// Those that were tried: a pack takes longer to read than to talk to.
    packs: BTreeMap<usize, Arc<Pack>>,
}

impl Versions {
    async fn once(&self, pack: &Arc<Pack>, attempt: u32) -> bool {
        let runner = Runner { pack: pack.clone(), ..self.runner.clone() };
        let ran = runner.run(&self.case, attempt).await;
        check(&self.case, &ran.views, &Ground::of(pack)).is_empty()
    }
}

impl Trial for Versions {
    async fn passes(&mut self, version: usize, attempt: u32) -> bool {
        let read = || Arc::new(self.folders[version].pack().unwrap());
        let pack = self.packs.entry(version).or_insert_with(read).clone();
        self.once(&pack, attempt).await
    }
}

/// 64 folders, each with a changed phrase; from `bad` on with the fault in a prompt, and a topic changed with it.
fn folders(bad: usize) -> Vec<Folder> {
    let first = Folder::builtin("retail").unwrap();
    let version = |n: usize| {
        let mut files: BTreeMap<String, String> = first.files().clone();
        let manifest = files.get_mut("pack.toml").unwrap();
        *manifest = manifest.replace("version = \"1.0.0\"", &format!("version = \"1.0.{n}\""));
        let topics = files.get_mut("topics.toml").unwrap();
        topics.push_str(&format!("# as of version {}\n", n.min(bad)));
        if n >= bad {
            files.get_mut("prompts/shopping.en.md").unwrap().push_str(FAULT);
        }
        Folder::of(&format!("version {n}"), files)
    };
    (0..64).map(version).collect()
}

#[tokio::test]
async fn the_version_and_then_the_file_is_found() {
    let (pack, feed, _) = shipped("retail");
    let case = "name = 'a bag'\n[[turn]]\nsay = \"what's in my cart?\"\nkind = 'cart.empty'\n";
    for (bad, one_in, seed) in [(1, 1, 1), (37, 1, 1), (63, 3, 2), (20, 3, 3)] {
        let folders = folders(bad);
        let model = Moody { clerk: Clerk::new(), dice: Mutex::new(Dice::new(seed)), one_in };
        let runner = Runner { model: Arc::new(model), ..runner(pack.clone(), feed) };
        let case = Case::parse(case).unwrap();
        let mut versions = Versions { runner, case, folders, packs: BTreeMap::new() };
        let found = bisect(64, &mut versions).await.unwrap();
        assert_eq!(found.at, bad, "one in {one_in}: {found:?}");
        let (good, bad) = (&versions.folders[bad - 1], &versions.folders[bad]);
        let changes = changed_files(good, bad);
        assert_eq!(changes.len(), 3, "the manifest, the topics and the prompt");
        let versions = &versions;
        let guilty = culprits(changes.keys().cloned().collect(), |taken| {
            let pack = mixed(good, &changes, &taken).pack().ok().map(Arc::new);
            async move {
                let pack = pack?;
                for attempt in 0..30 {
                    if !versions.once(&pack, attempt).await {
                        return Some(true);
                    }
                }
                Some(false)
            }
        })
        .await;
        assert_eq!(guilty, ["prompts/shopping.en.md"], "one in {one_in}");
    }
}
