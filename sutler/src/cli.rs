//! The command line: what every command takes, and what becomes of it.

use std::path::{Path, PathBuf};

use clap::{Args, Parser};

use crate::command::Command;
use crate::config::{self, Config};
use crate::exit::{Code, Failure};
use crate::telemetry;

/// What is told when neither the command line nor the configuration nor the environment says.
const FILTER: &str = "warn";
/// The pack of a shop nobody configured.
const PACK: &str = "retail";

const EXAMPLES: &str = "\
Examples:
  sutler chat                                 talk to a fashion shop; needs no key and no account
  sutler chat --pack restaurant               another trade
  sutler chat --json --data DIR < script.txt  one JSON object a reply
  sutler pack check ./packs/mine              everything that is wrong with a pack
  sutler catalog search \"rain jacket\"         what a shop would find
  sutler conversations list                   what was talked about
  sutler doctor                               what is missing, and what to do about it

Exit codes: 0 done; 1 looked at and found wrong; 2 wrong arguments or configuration; 3 could not be done.";

/// A shop that talks: customers write, the agent answers from the shop's own catalogue, takes the order,
/// and hands over to a person when it should.
#[derive(Debug, Parser)]
#[command(name = "sutler", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The configuration [default: sutler.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of everything durable [default: the configuration's, else sutler-data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// What is told on standard error, in tracing's notation: info, agent_core=debug
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// What went wrong, with what to do about it and a code for scripts.
    pub fn run(self) -> Result<(), Failure> {
        // An error means that somebody in this process has already chosen one, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(Code::Failed, error))?;
        runtime.block_on(self.command.run(&self.global))
    }
}

impl Global {
    /// The configuration, and begins to log as it says. Without a file: one shop that runs `pack`.
    ///
    /// `pack` goes before the shops of a file, which then only says how to log, to store and to answer.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn config(&self, pack: Option<&str>) -> Result<Config, Failure> {
        let file = match &self.config {
            Some(file) => Some(file.as_path()),
            None => Some(Path::new(config::FILE)).filter(|file| file.exists()),
        };
        let mut config = match file {
            Some(file) => Config::load(file)?,
            None => Config::of_pack(pack.unwrap_or(PACK)),
        };
        if let Some(pack) = pack.filter(|_| file.is_some()) {
            config = config.with_pack(pack);
        }
        if let Some(data) = &self.data {
            config.put_data(data);
        }
        let asked = self.log.as_deref().or(config.log.filter.as_deref());
        telemetry::start(config.log.format, asked.unwrap_or(FILTER))
            .map_err(|error| Failure::new(Code::Usage, error))?;
        Ok(config)
    }
}
