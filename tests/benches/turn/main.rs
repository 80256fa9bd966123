//! What a turn costs beside a bare handler that does the same work, and what a conversation at rest costs.
//!
//! Both sides take a signed HTTP request, ask a model on loopback, and send the answer to a sink on loopback.
//! The model, the sink and the customers live in a second process, so that the CPU counted is the side's own.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures with the machine's clock and speaks to whoever runs it"
)]

mod bare;
mod machine;
mod ours;
mod town;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use clap::Parser;
use tokio::runtime::Runtime;

use crate::town::{Load, Told};

/// As the program has it, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a turn costs beside a bare handler, and what a conversation at rest costs.
///
/// `cargo bench -p tests --bench turn -- [OPTIONS]`. Set TMPDIR to a folder on the disk in question.
#[derive(Debug, Parser)]
struct Args {
    /// Messages on each side that are measured
    #[arg(long, default_value_t = 3_000)]
    messages: u64,
    /// Messages a second; they come whether or not those before were answered
    #[arg(long, default_value_t = 200)]
    rate: u64,
    /// Customers, each with one conversation
    #[arg(long, default_value_t = 64)]
    customers: u64,
    /// Let the model stream its answer to our side
    #[arg(long)]
    stream: bool,
    /// Measure memory instead: so many conversations of two turns each come to rest [usual: 10000]
    #[arg(long, value_name = "CONVERSATIONS")]
    idle: Option<u64>,
    /// Be the town: the model, the sink and the customers. The bench starts this itself.
    #[arg(long, hide = true)]
    town: bool,
    /// What `cargo bench` says.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The second process.
struct Town {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    model: String,
    sink: String,
}

impl Town {
    fn found() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("--town")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let mut from = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        let (model, sink) = line.trim().split_once(' ').unwrap();
        let (model, sink) = (model.to_owned(), sink.to_owned());
        Self { child, to, from, model, sink }
    }

    /// Lets the customers write, and waits until all are answered.
    fn write(&mut self, load: &Load) -> Told {
        writeln!(self.to, "{}", serde_json::to_string(load).unwrap()).unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        let told: Told = serde_json::from_str(&line).unwrap();
        assert_eq!(
            told.answered, load.messages,
            "messages that were answered; {} failed",
            told.failed
        );
        told
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn main() {
    let args = Args::parse();
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap();
    if args.town {
        runtime.block_on(town::run());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    println!("raw before: {}", machine::probe(dir.path()));
    let mut town = Town::found();
    match args.idle {
        Some(conversations) => idle(&runtime, &mut town, dir.path(), conversations),
        None => turns(&runtime, &mut town, dir.path(), &args),
    }
    println!("raw after: {}", machine::probe(dir.path()));
}

fn turns(runtime: &Runtime, town: &mut Town, dir: &Path, args: &Args) {
    let (url, _serving) = runtime.block_on(bare::open(&town.model, &town.sink));
    let bare = measured(town, args, url, 0);
    println!("bare: {bare}");
    let ours = runtime.block_on(ours::Shop::open(dir, &town.model, &town.sink, args.stream));
    let cost = measured(town, args, ours.url.clone(), args.messages * 2);
    println!("ours: {cost}");
    let (commits, turns) = ours.written();
    println!("{turns} turns; {:.2} commits a turn", commits as f64 / turns as f64);
    let ratio = cost.cpu / bare.cpu;
    println!(
        "ours / bare: {ratio:.2}; asked at most 8: {}; aimed at 4: {}",
        ratio <= 8.0,
        ratio <= 4.0
    );
}

/// What one side needs for a message.
struct Cost {
    /// Milliseconds of CPU.
    cpu: f64,
    told: Told,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Told { p50, p99, .. } = self.told;
        write!(f, "{:.3} ms of CPU a message; answered after p50 {p50} us, p99 {p99} us", self.cpu)
    }
}

/// Two messages of each customer to get acquainted, then those that are measured.
fn measured(town: &mut Town, args: &Args, url: String, first: u64) -> Cost {
    let (customers, rate) = (args.customers, Some(args.rate));
    town.write(&Load { url: url.clone(), customers, messages: 2 * customers, rate, first });
    let used = machine::cpu();
    let first = first + 2 * customers;
    let told = town.write(&Load { url, customers, messages: args.messages, rate, first });
    Cost { cpu: (machine::cpu() - used) * 1_000.0 / args.messages as f64, told }
}

/// Conversations come to rest, then as many more, for what the allocator keeps comes and goes by some MiB; what each
/// further one leaves behind.
fn idle(runtime: &Runtime, town: &mut Town, dir: &Path, conversations: u64) {
    let ours = runtime.block_on(ours::Shop::open(dir, &town.model, &town.sink, false));
    println!("resident before the first: {:.1} MiB", machine::resident() / MIB);
    let mut talk = |first: u64, customers: u64| {
        let (url, messages) = (ours.url.clone(), 2 * customers);
        town.write(&Load { url, customers, messages, rate: None, first: 2 * first });
        runtime.block_on(ours.at_rest());
        machine::resident()
    };
    let rest = talk(0, conversations);
    println!(
        "resident after {conversations}: {:.1} MiB; asked at most 120: {}",
        rest / MIB,
        rest <= 120.0 * MIB
    );
    let each = (talk(conversations, conversations) - rest) / conversations as f64;
    println!(
        "each of {conversations} further: {each:.0} bytes; asked at most 2048: {}",
        each <= 2_048.0
    );
}

const MIB: f64 = 1024.0 * 1024.0;
