//! How fast conversations are verified, and how long a swap of a thousand of them takes with the clerk.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures with the machine's clock and speaks to whoever runs it"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_core::model::clerk::Clerk;
use agent_core::replay::diff::Tolerance;
use agent_core::replay::rerun::OffScript;
use agent_core::replay::tape::Holds;
use agent_core::replay::verify::{Verified, Verifier};
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use catalog::Goods;
use clap::Parser;
use indicatif::ProgressBar;
use prompts::{Feed, Folder};
use sutler::replay::batch;
use sutler::replay::plan::{Plan, as_recorded};
use sutler::replay::rates::Rates;
use sutler::replay::sandbox::Shelf;
use sutler::tape::{Books, Journal, export, read_tape};
use sutler_tests::world::{SHOP, START, World};
use tempfile::TempDir;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Turns verified in a second on one core, at least.
const TURNS_A_SECOND: f64 = 2_000.0;
/// A swap of a thousand conversations takes so long at most.
const SWAP: Duration = Duration::from_secs(60);

/// How fast conversations are verified and swapped.
///
/// `cargo bench -p tests --bench replay -- [OPTIONS]`. The golden conversations of the pack `retail`, held
/// again and again by the real intake, mailbox and courier over a store in memory.
#[derive(Debug, Parser)]
struct Args {
    /// Conversations
    #[arg(long, default_value_t = 1_000)]
    conversations: usize,
    /// What `cargo bench` says.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> std::process::ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if runtime.block_on(run(args.conversations)) {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    }
}

async fn run(conversations: usize) -> bool {
    let folder = Folder::builtin("retail").unwrap();
    let Some(Feed::Embedded(feed)) = folder.feed().cloned() else { return false };
    let pack = Arc::new(folder.pack().unwrap());
    let world = World::new(pack, feed, Arc::new(Clerk::new())).await;
    let goldens = folder.goldens().unwrap();
    let mut journals = Vec::new();
    for (n, golden) in goldens.iter().cycle().take(conversations).enumerate() {
        let who = format!("customer {n}");
        for turn in &golden.turns {
            match (&turn.say, &turn.tap) {
                (Some(text), _) => _ = world.say(&who, text).await,
                (None, Some(label)) => _ = world.tap(&who, label).await,
                (None, None) => {}
            }
        }
        let (id, events) = (world.journal(&who).await, world.events(&who).await);
        journals.push(Journal { id, customer: None, events });
    }
    println!("machine: {}", probe());
    let speed = verify(&world).await;
    println!("machine: {}", probe());
    let archive = world.house.archive.clone();
    let goods = Arc::new(Goods::new(Arc::new(TurnedClock::new(START))));
    goods.import(SHOP, feed, None, |_| {}).unwrap();
    let plan = Plan {
        model: Ok(Arc::new(Clerk::new())),
        shelf: Some(Shelf { goods, shop: SHOP }),
        pack: as_recorded(),
        off_script: OffScript::Stop,
        tolerance: Tolerance::default(),
        rates: Rates::default(),
        clock: Arc::new(TurnedClock::new(START)),
        clerk: false,
        changes: Vec::new(),
    };
    let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let began = Instant::now();
    let report =
        batch::run(journals, archive, &plan, None, jobs, &ProgressBar::hidden()).await.unwrap();
    let swapped = began.elapsed();
    let figures = report.figures();
    println!(
        "swap: {} conversations, {} turns in {swapped:.2?} on {jobs} cores; {} alike",
        figures.conversations, figures.turns, figures.alike
    );
    println!("machine: {}", probe());
    speed >= TURNS_A_SECOND && swapped <= SWAP && figures.alike == figures.conversations
}

/// Turns a second on one core, from a tape: read, held to its chain, and run again.
async fn verify(world: &World) -> f64 {
    let folder = TempDir::new().unwrap();
    let tape = folder.path().join("shop.tape");
    let books = Books { store: world.house.store.clone(), archive: world.house.archive.clone() };
    let quiet = ProgressBar::hidden();
    export(&books, Holds::Everything, &tape, &quiet).await.unwrap();
    let archive = Arc::new(MemoryStore::new());
    let began = Instant::now();
    let journals = read_tape(&tape, &*archive, &quiet).await.unwrap();
    let read = began.elapsed();
    let mut verifier = Verifier::new(archive);
    let began = Instant::now();
    let mut verified = Verified::default();
    for journal in &journals {
        verified += verifier.verify(journal.id, &journal.events).await.unwrap();
    }
    let took = began.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "counts of turns are small")]
    let speed = |time: Duration| verified.identical as f64 / time.as_secs_f64();
    println!(
        "verify: {} turns on one core: read in {read:.2?}, verified in {took:.2?}, {:.0} a second; \
         {:.0} with reading",
        verified.identical,
        speed(took),
        speed(read + took)
    );
    speed(read + took)
}

/// The machine at that very hour: a fixed loop on one core.
fn probe() -> String {
    let began = Instant::now();
    let mut x = 1_u64;
    for n in 0..200_000_000_u64 {
        x = std::hint::black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n));
    }
    format!("{:.2?} for 200 million steps", began.elapsed())
}
