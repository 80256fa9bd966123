//! `sutler pack`: the packs that are built in, and everything that is wrong with one.

use clap::Subcommand;
use prompts::{Folder, PackErrors, Problem};
use serde_json::{Value, json};

use super::{print, table};
use crate::cli::Global;
use crate::exit::Failure;

/// Packs: the trades a shop can be in.
#[derive(Debug, Subcommand)]
pub(crate) enum Pack {
    /// List the packs that are built in, and those of the configuration
    List {
        /// One JSON object a pack
        #[arg(long)]
        json: bool,
    },
    /// Say everything that is wrong with a pack: file, line, and what was meant
    Check {
        /// A built-in pack by its name, or a folder
        #[arg(value_name = "PACK")]
        pack: String,
        /// One JSON object a problem
        #[arg(long)]
        json: bool,
    },
}

impl Pack {
    pub(super) fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::List { json } => list(global, json),
            Self::Check { pack, json } => check(&pack, json),
        }
    }
}

fn list(global: &Global, json: bool) -> Result<(), Failure> {
    let config = global.config(None)?;
    let mut named: Vec<String> = prompts::builtin().map(str::to_owned).collect();
    for shop in &config.shops {
        let pack = config.pack(&shop.get_ref().pack);
        if !named.contains(&pack) {
            named.push(pack);
        }
    }
    let mut rows = Vec::new();
    let mut broken = 0;
    for name in named {
        match Folder::find(&name).and_then(|folder| folder.pack()) {
            Ok(pack) if json => {
                let (version, locales, id) = (&pack.version, &pack.locales, pack.id().to_string());
                let told = json!({"pack": name, "version": version, "locales": locales, "id": id});
                print(&format!("{told}\n"))?;
            }
            Ok(pack) => {
                let locales: Vec<&str> = pack.locales.iter().map(|it| it.as_str()).collect();
                let id = pack.id().to_string().chars().take(12).collect();
                rows.push(vec![name, pack.version.clone(), locales.join(", "), id]);
            }
            Err(errors) => {
                broken += 1;
                let problems = errors.problems().len();
                if json {
                    print(&format!("{}\n", json!({"pack": name, "problems": problems})))?;
                } else {
                    rows.push(vec![name, format!("does not load: {problems} problems")]);
                }
            }
        }
    }
    if !json {
        print(&table(&["pack", "version", "languages", "content"], &rows))?;
    }
    match broken {
        0 => Ok(()),
        broken => Err(Failure::found(format!("{broken} of the configured packs do not load"))
            .hint("`sutler pack check PACK` says why")),
    }
}

fn check(pack: &str, json: bool) -> Result<(), Failure> {
    let checked = Folder::find(pack).and_then(|folder| folder.check());
    let (problems, warnings) = match &checked {
        Ok(checked) => (&[][..], checked.warnings.as_slice()),
        Err(errors) => (PackErrors::problems(errors), &[][..]),
    };
    for (problem, weight) in
        problems.iter().map(|it| (it, "error")).chain(warnings.iter().map(|it| (it, "warning")))
    {
        let line =
            if json { told(problem, weight).to_string() } else { format!("{weight}: {problem}") };
        print(&format!("{line}\n"))?;
    }
    let Ok(checked) = &checked else {
        let what = format!("{pack}: {} problems", problems.len());
        return Err(Failure::found(what));
    };
    if !json {
        let (pack, goldens) = (&checked.pack, checked.goldens.len());
        let examples = pack.intents.iter().flat_map(|it| it.examples.values());
        let examples: usize = examples.map(Vec::len).sum();
        let locales: Vec<&str> = pack.locales.iter().map(|it| it.as_str()).collect();
        print(&format!("{} {} in {}\n", pack.name, pack.version, locales.join(", ")))?;
        let (intents, topics) = (pack.intents.len(), pack.topics.len());
        print(&format!("  intents {intents}, with {examples} examples; topics {topics}\n"))?;
        print(&format!("  golden conversations {goldens}; warnings {}\n", warnings.len()))?;
    }
    Ok(())
}

fn told(problem: &Problem, weight: &str) -> Value {
    json!({
        "weight": weight,
        "file": problem.file,
        "line": problem.place.map(|place| place.line),
        "column": problem.place.map(|place| place.column),
        "what": problem.what,
        "nearest": problem.nearest,
    })
}
