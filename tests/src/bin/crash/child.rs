//! The process that is ended: the real intake, mailbox, turn and courier over the store on sled.
//!
//! It takes one message a line from standard input, and says `ok ID` when it was taken in. At the end of
//! input it answers and delivers all that is left, and exits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agent_core::catalog::{Backend, Catalog};
use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::courier::{Ambiguous, Courier};
use agent_core::house::{House, Shop};
use agent_core::id::MessageId;
use agent_core::intake::Intake;
use agent_core::mailbox::Mailbox;
use agent_core::message::{Inbound, InboundKind};
use agent_core::model::Model;
use agent_core::model::clerk::Clerk;
use agent_core::profile::{ChannelProfile, Repeat};
use agent_core::store::fault::{Fault, FaultStore};
use agent_core::store::{Archive, OutboxState, Store};
use agent_core::time::{Clock, Ids, Micros};
use agent_core::tool::{Tool, shop_tools};
use agent_core::turn::{Agent, Ports};
use anyhow::{Context as _, Result, anyhow};
use async_trait::async_trait;
use catalog::Goods;
use catalog::backend::Webhook;
use clap::{Args, ValueEnum};
use prompts::{Feed, Folder};
use serde::{Deserialize, Serialize};
use storage::{Settings, SledStore};
use sutler::clock::SystemClock;
use sutler::ids::OsIds;
use sutler_tests::script;
use sutler_tests::world::{Collected, SHOP, address};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::gate::{End, Gate, Port};
use crate::sight::OnSight;
use crate::sink::Sent;

/// How a child is started.
#[derive(Clone, Debug, Args)]
pub(crate) struct Child {
    /// The data folder.
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// Where the sink listens.
    #[arg(long)]
    pub(crate) sink: String,
    /// The port at whose call the process ends.
    #[arg(long, requires = "at")]
    pub(crate) port: Option<Port>,
    /// At which call.
    #[arg(long, default_value_t = 0)]
    pub(crate) at: u64,
    /// When the call has had its effect.
    #[arg(long)]
    pub(crate) after: bool,
    #[command(flatten)]
    pub(crate) kind: Kind,
}

/// What kind of shop it is.
#[derive(Copy, Clone, Debug, Args)]
pub(crate) struct Kind {
    /// What the platform does with a part that is sent again.
    #[arg(long, value_enum, default_value = "nonce")]
    pub(crate) repeat: Platform,
    /// What the shop does with a part nobody knows the outcome of, where the platform drops nothing.
    #[arg(long)]
    pub(crate) hold: bool,
    /// Marks a message as seen before the work it guards is durable, to see that this is missed.
    #[arg(long)]
    pub(crate) on_sight: bool,
    /// The clerk answers, not a script of two rounds of tools.
    #[arg(long)]
    pub(crate) clerk: bool,
}

/// What a platform does with a part that is sent again.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Platform {
    /// Drops it, by its key.
    Nonce,
    /// Shows it again.
    Never,
}

/// A line of a child's standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) who: String,
    pub(crate) text: String,
}

struct Running {
    store: Arc<dyn Store>,
    intake: Intake,
    mailbox: Arc<Mailbox>,
    courier: Arc<Courier>,
    clock: Arc<dyn Clock>,
}

/// Products enough to sell from, few enough to start quickly with.
const PRODUCTS: usize = 60;

impl Child {
    pub(crate) async fn run(self) -> Result<()> {
        let Running { store, intake, mailbox, courier, clock } = self.start().await?;
        mailbox.resume().await?;
        let delivering = courier.clone();
        tokio::spawn(async move { delivering.run(std::future::pending()).await });
        anstream::println!("ready");
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        let mut accepting = tokio::task::JoinSet::new();
        while let Some(line) = lines.next_line().await? {
            let message: Message = serde_json::from_str(&line)?;
            let (intake, now) = (intake.clone(), clock.now());
            accepting.spawn(async move {
                let inbound = Inbound {
                    id: MessageId(message.id.clone()),
                    at: now,
                    from: Some(address(&message.who)),
                    aliases: Vec::new(),
                    kind: InboundKind::Text(message.text),
                    reply_to: None,
                    referral: None,
                };
                match intake.accept(SHOP, inbound).await {
                    Ok(_) => anstream::println!("ok {}", message.id),
                    Err(error) => anstream::println!("no {} {error}", message.id),
                }
            });
        }
        accepting.join_all().await;
        loop {
            mailbox.settled().await;
            courier.deliver_due().await;
            let (left, _) =
                store.due(SHOP, Micros::MIN..=Micros::MAX, usize::MAX, &BTreeSet::new()).await?;
            if left.iter().all(|row| row.state == OutboxState::Held) {
                return Ok(());
            }
            clock.sleep_until(clock.now().after(Duration::from_millis(20))).await;
        }
    }

    fn end(&self) -> Option<End> {
        self.port.map(|port| End { port, at: self.at, after: self.after })
    }

    async fn start(&self) -> Result<Running> {
        let end = self.end();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn Ids> = Arc::new(OsIds::open(&self.data)?);
        let sled = SledStore::open(&self.data, &Settings::default(), ids.clone())?;
        let fault = end.filter(|end| end.port == Port::Store);
        let (at, fault) = fault.map_or((0, Fault::Before), |end| (end.at, end.fault()));
        let mut store: Arc<dyn Store> = Arc::new(FaultStore::new(sled.clone(), at, fault));
        if self.kind.on_sight {
            store = Arc::new(OnSight::new(store));
        }
        let archive: Arc<dyn Archive> = Gate::<dyn Archive>::new(Port::Archive, end, sled);
        let catalog: Arc<dyn Catalog> = Gate::new(Port::Catalog, end, goods(&clock)?);
        let ports = Ports {
            model: self.model(),
            tools: self.tools(&catalog, &clock)?.into(),
            store: store.clone(),
            clock: clock.clone(),
        };
        let pack = Folder::builtin("retail").context("no pack")?.pack()?;
        let shop = Shop {
            id: SHOP,
            name: "test".into(),
            pack: Arc::new(pack),
            accounts: BTreeMap::from([(("test".into(), "main".into()), self.channel()?)]),
            settings: "{}".to_owned(),
        };
        let agents = BTreeMap::from([(SHOP, Agent::new(ports))]);
        let time = (clock.clone(), ids);
        let house = House::new(agents, (store.clone(), archive), time, catalog, vec![shop]).await?;
        let house = Arc::new(house);
        let outbox = Arc::new(Notify::new());
        let mailbox = Mailbox::new(house.clone(), outbox.clone(), Handle::current());
        let ambiguous = if self.kind.hold { Ambiguous::Hold } else { Ambiguous::Resend };
        let courier = Courier::new(house.clone(), mailbox.clone(), outbox, ambiguous);
        let intake = Intake::new(house, mailbox.clone());
        Ok(Running { store, intake, mailbox, courier, clock })
    }

    fn model(&self) -> Arc<dyn Model> {
        let model: Arc<dyn Model> =
            if self.kind.clerk { Arc::new(Clerk::new()) } else { Arc::new(script::two_rounds()) };
        Gate::new(Port::Model, self.end(), model)
    }

    fn tools(
        &self,
        catalog: &Arc<dyn Catalog>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Vec<Arc<dyn Tool>>> {
        let (url, late) = (format!("{}/errand", self.sink), Duration::from_secs(20));
        let webhook = Webhook::new(http()?, clock.clone(), url, b"secret".to_vec(), late);
        let backend: Arc<dyn Backend> =
            Gate::<dyn Backend>::new(Port::Backend, self.end(), Arc::new(webhook));
        let mut tools = shop_tools(catalog, &backend).into_iter();
        let first = tools.next().context("no tools")?;
        let first = Gate::new(Port::Tool, self.end(), first);
        let rest = tools.map(|tool| first.beside(tool) as Arc<dyn Tool>).collect::<Vec<_>>();
        Ok([vec![first as Arc<dyn Tool>], rest].concat())
    }

    fn channel(&self) -> Result<Arc<dyn Channel>> {
        let repeat = match self.kind.repeat {
            Platform::Nonce => Repeat::Nonce,
            Platform::Never => Repeat::Never,
        };
        let profile = ChannelProfile { repeat, ..Collected::default().profile().clone() };
        let channel = Posted { profile, http: http()?, url: format!("{}/deliver", self.sink) };
        Ok(Gate::<dyn Channel>::new(Port::Channel, self.end(), Arc::new(channel)))
    }
}

fn goods(clock: &Arc<dyn Clock>) -> Result<Arc<dyn Catalog>> {
    let folder = Folder::builtin("retail").context("no pack")?;
    let Some(Feed::Embedded(feed)) = folder.feed() else { return Err(anyhow!("no feed")) };
    let rows = feed.split_inclusive(|byte| *byte == b'\n').take(PRODUCTS + 1);
    let goods = Goods::new(clock.clone());
    goods.import(SHOP, &*rows.collect::<Vec<_>>().concat(), None, |_| {})?;
    Ok(Arc::new(goods))
}

fn http() -> Result<reqwest::Client> {
    // Loopback needs no certificates, but the client wants a provider before it is built.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// A channel that posts to the sink.
#[derive(Debug)]
struct Posted {
    profile: ChannelProfile,
    http: reqwest::Client,
    url: String,
}

#[async_trait]
impl Channel for Posted {
    fn profile(&self) -> &ChannelProfile {
        &self.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        let sent = Sent {
            outbound: delivery.id.to_string(),
            part: delivery.part,
            answers: delivery.answers.iter().map(|id| id.0.clone()).collect(),
        };
        let answer = self.http.post(&self.url).json(&sent).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let answer = answer.map_err(|error| DeliveryError::Ambiguous(error.to_string()))?;
        let known: serde_json::Value =
            answer.json().await.map_err(|error| DeliveryError::Ambiguous(error.to_string()))?;
        Ok(known.get("id").and_then(|id| id.as_str()).map(MessageId::from))
    }
}
