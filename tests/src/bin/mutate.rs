//! `cargo run --release -p tests --bin mutate`: damaged webhooks of Meta, a million by default, from a seed.
//! Files named after `--` are damaged too.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use sutler_tests::mutate;

#[derive(Debug, Parser)]
#[command(about = "Reads damaged webhooks; a panic is a defect")]
struct Cli {
    /// How many
    #[arg(long, default_value_t = 1_000_000)]
    cases: u64,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the bodies to begin with into this folder: what `fuzz/run` begins with
    #[arg(long, value_name = "DIR")]
    bodies: Option<PathBuf>,
    /// Bodies to damage beside the built-in ones
    files: Vec<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let mut bodies = mutate::bodies();
    for file in &cli.files {
        bodies.push(std::fs::read(file).with_context(|| file.display().to_string())?);
    }
    if let Some(folder) = &cli.bodies {
        for (n, body) in bodies.iter().enumerate() {
            let file = folder.join(format!("{n}.json"));
            std::fs::write(&file, body).with_context(|| file.display().to_string())?;
        }
    }
    let run = mutate::run(cli.cases, cli.seed, &bodies);
    anstream::println!("{} cases from seed {}: {run:?}", cli.cases, cli.seed);
    Ok(())
}
