//! The two ways to end a child: at a call of a port, one after the other, and by the system at any moment.

use std::collections::VecDeque;
use std::time::Duration;

use agent_core::time::Clock as _;
use anyhow::{Result, ensure};
use indicatif::ProgressBar;
use sutler::clock::SystemClock;
use sutler_tests::dice::Dice;
use sutler_tests::report::{Findings, bar};

use crate::child::{Kind, Message};
use crate::gate::{End, Port};
use crate::invariants::check;
use crate::parent::{Parent, Process};

/// How often a child is started after the one that was ended, before it must be done.
const RESTARTS: u32 = 3;

/// Ends at the calls of ports.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    pub(crate) kind: Kind,
    /// Of these ports; of all where there is none.
    pub(crate) only: Vec<Port>,
    /// At every so many calls.
    pub(crate) every: u64,
    /// Up to this call.
    pub(crate) last: u64,
}

impl Calls {
    /// Ends the process before and after each call, in a turn of two rounds with one write.
    pub(crate) async fn run(self) -> Result<Findings> {
        let ports = if self.only.is_empty() { Port::ALL.to_vec() } else { self.only.clone() };
        let mut findings = Findings::default();
        let bar = bar(ports.len() as u64 * 2, "ports, before and after their calls");
        for port in ports {
            for after in [false, true] {
                self.at_calls(port, after, &mut findings, &bar).await?;
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        Ok(findings)
    }

    async fn at_calls(
        &self,
        port: Port,
        after: bool,
        findings: &mut Findings,
        bar: &ProgressBar,
    ) -> Result<()> {
        let when = if after { "after" } else { "before" };
        let (mut calls, mut repeated) = (0, 0);
        for at in (1..=self.last).step_by(usize::try_from(self.every.max(1))?) {
            match at_call(self.kind, End { port, at, after }).await {
                Ok(None) => break,
                Ok(Some(again)) => repeated += again,
                Err(error) => {
                    let what = format!("ended {when} call {at} of {port:?}");
                    bar.suspend(|| findings.add(&what, &error));
                }
            }
            calls += 1;
            findings.tried += 1;
        }
        ensure!(calls > 0, "{port:?} is never called");
        findings.say(format!("{port:?}: ended {when} {calls} calls, {repeated} parts sent again"));
        Ok(())
    }
}

/// Nothing when there is no such call; else how many parts were sent again.
async fn at_call(kind: Kind, end: End) -> Result<Option<u64>> {
    let mut parent = Parent::new(kind).await?;
    let message = |id: &str| Message {
        id: id.to_owned(),
        who: "ada".to_owned(),
        text: "I want a rain jacket, and to pay for it".to_owned(),
    };
    let messages = [message("m1")];
    if parent.through(&messages, Some(end)).await? {
        return Ok(None);
    }
    let mut settled = false;
    for _ in 0..RESTARTS {
        settled = settled || parent.through(&messages, None).await?;
    }
    ensure!(settled, "never settled");
    check(&parent).await?;
    let seen = parent.sink.seen();
    ensure!(seen.errands.len() == 1, "{} effects", seen.errands.len());
    Ok(Some(seen.repeated()))
}

/// What many customers say, in turn.
const SAID: [&str; 8] = [
    "Hello",
    "I need a waterproof jacket under 120",
    "add the first one in M",
    "how much is my cart?",
    "what is your return policy?",
    "checkout please",
    "show me rain jackets",
    "compare the first two",
];

/// Kills under load.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Kills {
    pub(crate) kind: Kind,
    pub(crate) kills: u64,
    pub(crate) customers: u64,
    pub(crate) seed: u64,
}

/// The longest a child lives after it took in as many messages as it was to; and an early one, at all.
const LIFE: Duration = Duration::from_millis(100);

impl Kills {
    pub(crate) async fn run(self) -> Result<Findings> {
        let mut parent = Parent::new(self.kind).await?;
        let mut findings = Findings::default();
        let mut load = Load::new(self.customers);
        let mut dice = Dice::new(self.seed);
        let bar = bar(self.kills, "kills");
        for _ in 0..self.kills {
            let life = Duration::from_micros(dice.below(LIFE.as_micros() as u64));
            let taken = (dice.below(8) > 0).then(|| dice.below(self.customers * 2));
            self.kill(&mut parent, &mut load, taken, life).await?;
            findings.tried += 1;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let left: Vec<Message> = load.told.into();
        let mut settled = false;
        for _ in 0..RESTARTS {
            settled = settled || parent.through(&left, None).await?;
        }
        ensure!(settled, "never settled");
        match check(&parent).await {
            Ok(said) => findings.say(said),
            Err(error) => findings.add(&format!("after {} kills", self.kills), &error),
        }
        Ok(findings)
    }

    /// One child, from its start to its kill, after so many messages; at none, it is killed while it starts.
    async fn kill(
        self,
        parent: &mut Parent,
        load: &mut Load,
        taken: Option<u64>,
        life: Duration,
    ) -> Result<()> {
        let mut process = parent.start(None)?;
        for message in &load.told {
            process.tell(message).await?;
        }
        let clock = SystemClock;
        let mut end = taken.is_none().then(|| clock.now().after(life));
        let mut left = taken.unwrap_or_default();
        loop {
            let ended = async {
                match end {
                    Some(end) => clock.sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            let line = tokio::select! {
                () = ended => break,
                line = process.lines.next_line() => line?,
            };
            let Some(line) = line else { anyhow::bail!("the child ended by itself") };
            if let Some(id) = parent.hear(&line)? {
                load.acknowledged(&id);
                left = left.saturating_sub(1);
            }
            if left == 0 {
                end = end.or_else(|| Some(clock.now().after(life)));
            }
            load.fill(&mut process).await?;
        }
        process.child.kill().await?;
        parent.bury(process).await?;
        load.told.retain(|message| !parent.acknowledged.contains(&message.id));
        Ok(())
    }
}

/// As often as one customer writes; then somebody else does. A conversation that went on for the whole run would
/// be longer than any real one, and its cart full.
const WRITES: u64 = 24;

/// What was told and is not acknowledged; never more than two messages a customer.
#[derive(Debug)]
struct Load {
    told: VecDeque<Message>,
    customers: u64,
    next: u64,
}

impl Load {
    fn new(customers: u64) -> Self {
        Self { told: VecDeque::new(), customers, next: 0 }
    }

    fn acknowledged(&mut self, id: &str) {
        self.told.retain(|message| message.id != id);
    }

    async fn fill(&mut self, process: &mut Process) -> Result<()> {
        while (self.told.len() as u64) < self.customers * 2 {
            let (who, n) = (self.next % self.customers, self.next / self.customers);
            let said = SAID.get((n + who) as usize % SAID.len()).copied().unwrap_or_default();
            let message = Message {
                id: format!("m{}", self.next),
                who: format!("customer {}", who + n / WRITES * self.customers),
                text: said.to_owned(),
            };
            process.tell(&message).await?;
            self.told.push_back(message);
            self.next += 1;
        }
        Ok(())
    }
}
