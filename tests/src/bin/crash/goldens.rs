//! Every golden conversation of a pack, on every channel at once, in a process that is killed in the middle of it
//! and started again; then all of them are verified.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use adapters::meta::{messenger, whatsapp};
use adapters::{api, discord, telegram, terminal, web};
use agent_core::channel::Channel as _;
use agent_core::id::MessageId;
use agent_core::message::{ActionRef, Address, Inbound, InboundKind, Tap};
use agent_core::model::clerk::Clerk;
use agent_core::profile::ChannelProfile;
use agent_core::replay::tape::Holds;
use agent_core::time::turned::TurnedClock;
use agent_core::time::{Clock as _, Ids};
use anyhow::{Context as _, Result, ensure};
use clap::Args;
use prompts::golden::{Golden, Turn};
use prompts::{Feed, Folder};
use storage::{Settings, SledStore};
use sutler::ids::OsIds;
use sutler::tape::{Books, How, verify};
use sutler_tests::report::{Findings, bar};
use sutler_tests::world::{Collected, Member, SHOP, START, World};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

/// Between two messages of one customer, and between two processes.
const STEP: Duration = Duration::from_secs(20);
/// The account on each channel.
const ACCOUNT: &str = "main";

/// What every channel there is can do.
fn channels() -> Vec<ChannelProfile> {
    let at_once = Duration::ZERO;
    let profiles = vec![
        terminal::profile(),
        web::profile(),
        api::Api::default().profile().clone(),
        whatsapp::profile(&whatsapp::render::Shelf::default(), None, at_once),
        messenger::profile(messenger::Platform::Messenger, at_once),
        messenger::profile(messenger::Platform::Instagram, at_once),
        telegram::profile(),
        discord::profile(),
    ];
    // Time is turned here, so nobody waits for the rest of a message, or for their turn to send.
    let pace = || Collected::default().profile().pace;
    let unhurried = |it| ChannelProfile { settle: at_once, pace: pace(), ..it };
    profiles.into_iter().map(unhurried).collect()
}

fn goldens(pack: &str) -> Result<Vec<Golden>> {
    Ok(Folder::builtin(pack).context("no such pack")?.goldens()?)
}

/// The process that is killed.
#[derive(Clone, Debug, Args)]
pub(crate) struct Talking {
    /// The data folder.
    #[arg(long)]
    data: PathBuf,
    /// The pack.
    #[arg(long)]
    pack: String,
    /// Processes before this one.
    #[arg(long)]
    before: u32,
}

impl Talking {
    /// Takes up what was left; then every customer says everything from the beginning, as a platform tells again what
    /// was not acknowledged. What was taken in before is dropped by its id.
    pub(crate) async fn run(self) -> Result<()> {
        let ids: Arc<dyn Ids> = Arc::new(OsIds::open(&self.data)?);
        let sled = SledStore::open(&self.data, &Settings::default(), ids)?;
        let clock =
            Arc::new(TurnedClock::new(START.after(Duration::from_secs(3_600) * self.before)));
        let folder = Folder::builtin(&self.pack).context("no such pack")?;
        let Some(Feed::Embedded(feed)) = folder.feed() else { anyhow::bail!("no feed") };
        let collects = |profile: &ChannelProfile| {
            let own = profile.clone();
            let channel = Arc::new(Collected::shaped(move |profile| *profile = own));
            (profile.channel.clone(), ACCOUNT.into(), channel as Arc<_>)
        };
        let pack = Arc::new(folder.pack()?);
        let member = Member {
            feed: feed.to_vec(),
            accounts: channels().iter().map(collects).collect(),
            ..Member::new(&pack, Arc::new(Clerk::new()))
        };
        let world = World::on((sled.clone(), sled), clock, vec![member]).await;
        world.take_up().await;
        let goldens = folder.goldens()?;
        let rounds = goldens.iter().map(|golden| golden.turns.len()).max().unwrap_or_default();
        for round in 0..rounds {
            for (golden, turn) in goldens.iter().filter_map(|it| Some((it, it.turns.get(round)?))) {
                for profile in channels() {
                    say(&world, &profile, golden, (round, turn)).await?;
                }
            }
            world.settled().await;
            world.clock.turn(STEP);
            world.deliver_and_settle().await;
        }
        Ok(())
    }
}

async fn say(
    world: &World,
    profile: &ChannelProfile,
    golden: &Golden,
    (round, turn): (usize, &Turn),
) -> Result<()> {
    let (channel, account) = (profile.channel.clone(), ACCOUNT.into());
    let (thread, author) = (golden.name.clone(), golden.name.clone());
    let from = Address { channel, account, thread, author };
    let kind = match (&turn.say, &turn.tap) {
        (Some(text), _) => InboundKind::Text(text.clone()),
        (None, Some(label)) => tapped(world, &from, label).await?,
        (None, None) => return Ok(()),
    };
    let id = format!("{}/{}/{round}", profile.channel, golden.name);
    let inbound = Inbound {
        id: MessageId(id.clone()),
        at: world.clock.now(),
        from: Some(from),
        aliases: Vec::new(),
        kind,
        reply_to: None,
        referral: None,
    };
    world.intake.accept(SHOP, inbound).await?;
    anstream::println!("ok {id}");
    Ok(())
}

/// A tap on the newest option of this name; where it was tapped before, the message is dropped anyway.
async fn tapped(world: &World, from: &Address, label: &str) -> Result<InboundKind> {
    let journal = world.house.find(SHOP, from).await?.context("never wrote")?;
    let state = world.state(journal).await;
    let action = state.offered.iter().rev().find_map(|offered| {
        let at = offered.actions.iter().position(|(shown, _)| shown == label)?;
        let option = u16::try_from(at).ok()?;
        Some(ActionRef { outbound: offered.outbound, option })
    });
    let action = action.with_context(|| format!("nothing offers `{label}`"))?;
    Ok(InboundKind::Tap(Tap::Token(agent_core::action::mint(&*world.house.ids, journal, action))))
}

/// Kills it so often, and verifies.
#[derive(Clone, Debug, Args)]
pub(crate) struct Goldens {
    /// How often the process of each pack is killed
    #[arg(long, default_value_t = 2)]
    kills: u32,
}

impl Goldens {
    pub(crate) async fn run(self) -> Result<Findings> {
        let mut findings = Findings::default();
        for pack in prompts::builtin() {
            findings.tried += 1;
            match self.pack(pack).await {
                Ok(said) => findings.say(said),
                Err(error) => findings.add(pack, &error),
            }
        }
        Ok(findings)
    }

    async fn pack(&self, pack: &str) -> Result<String> {
        let dir = tempfile::tempdir()?;
        let turns: usize = goldens(pack)?.iter().map(|golden| golden.turns.len()).sum();
        let messages = turns * channels().len();
        for kill in 1..=self.kills {
            // Each time later: every process tells again what came before it.
            let after = messages * usize::try_from(kill)? / (usize::try_from(self.kills)? + 1);
            ensure!(
                talk(dir.path(), pack, kill - 1, Some(after)).await?,
                "ended before it was killed"
            );
        }
        talk(dir.path(), pack, self.kills, None).await?;
        let ids: Arc<dyn Ids> = Arc::new(OsIds::open(dir.path())?);
        let books = Books::new(SledStore::open(dir.path(), &Settings::default(), ids)?);
        let verdict = verify(&books, Holds::Everything, &How::default(), &bar(0, pack)).await?;
        let diverged = verdict.diverged.iter().map(|it| format!("{}: {}", it.journal, it.error));
        let diverged: Vec<String> = diverged.collect();
        ensure!(diverged.is_empty(), "{}", diverged.join("\n"));
        let ran = verdict.turns;
        ensure!(ran.failed + ran.open == 0, "{} failed, {} open", ran.failed, ran.open);
        ensure!(ran.identical == u64::try_from(messages)?, "{} of {messages} turns", ran.identical);
        Ok(format!(
            "{pack}: killed {} times, {messages} turns on {} channels identical",
            self.kills,
            channels().len()
        ))
    }
}

/// Lets it talk, to its end or until it has taken in so many messages; whether it was killed.
async fn talk(
    data: &std::path::Path,
    pack: &str,
    before: u32,
    kill_after: Option<usize>,
) -> Result<bool> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("talking").arg("--data").arg(data).args(["--pack", pack]);
    command.args(["--before", &before.to_string()]).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().context("no child")?;
    let stdout = child.stdout.take().context("a child without output")?;
    let mut lines = BufReader::new(stdout).lines();
    let mut heard = 0;
    while lines.next_line().await?.is_some() {
        heard += 1;
        if kill_after.is_some_and(|after| heard >= after) {
            child.start_kill()?;
            child.wait().await?;
            return Ok(true);
        }
    }
    ensure!(child.wait().await?.success(), "the child failed");
    Ok(false)
}
