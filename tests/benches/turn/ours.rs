//! Our side: the real intake, turn, model client, courier and store, in front of the same model and sink.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use agent_core::catalog::{Backend, Catalog};
use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::courier::{Ambiguous, Courier};
use agent_core::event::{Decision, Event};
use agent_core::house::{self, House};
use agent_core::id::{Alias, JournalId, MessageId, Seq, ShopId};
use agent_core::intake::Intake;
use agent_core::mailbox::Mailbox;
use agent_core::message::{Address, Inbound, InboundKind, Part};
use agent_core::model::openai::{Cap, OpenAi, OpenAiSettings, Secret};
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};
use agent_core::store::{
    Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError,
};
use agent_core::time::{Clock, Ids, Micros};
use agent_core::tool::shop_tools;
use agent_core::turn::{Agent, Ports};
use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use catalog::Goods;
use catalog::backend::LocalLinks;
use storage::{Settings, SledStore};
use sutler::clock::SystemClock;
use sutler::ids::OsIds;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::bare::{Sent, client, serve, signed};

const SHOP: ShopId = ShopId(1);

/// A shop that is open.
pub(crate) struct Shop {
    /// Where messages go.
    pub(crate) url: String,
    store: Arc<Counted>,
    mailbox: Arc<Mailbox>,
    _tasks: [JoinHandle<()>; 2],
}

impl Shop {
    /// Opens a shop with the pack and the goods of `retail`, on sled in a folder.
    pub(crate) async fn open(dir: &Path, model: &str, sink: &str, stream: bool) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn Ids> = Arc::new(OsIds::open(&dir.join("data")).unwrap());
        let sled = SledStore::open(dir.join("data"), &Settings::default(), ids.clone()).unwrap();
        let store = Arc::new(Counted { store: sled.clone(), commits: 0.into(), turns: 0.into() });
        let goods = Goods::new(clock.clone());
        goods.import(SHOP, prompts::builtin_feed("retail").unwrap(), None, |_| {}).unwrap();
        let goods: Arc<dyn Catalog> = Arc::new(goods);
        let links = LocalLinks::new("https://shop.example/checkout".to_owned(), ids.clone());
        let links: Arc<dyn Backend> = Arc::new(links);
        let settings = OpenAiSettings {
            name: "muse".into(),
            base_url: model.to_owned(),
            model: "muse".to_owned(),
            key: Secret::default(),
            stream,
            cap: Cap::MaxTokens,
            least_output: 0,
            effort: None,
        };
        let ports = Ports {
            model: Arc::new(OpenAi::new(settings, client(), clock.clone())),
            tools: shop_tools(&goods, &links).into(),
            store: store.clone(),
            clock: clock.clone(),
        };
        let door = Door { profile: profile(), http: client(), sink: sink.to_owned() };
        let account = (("bench".into(), "main".into()), Arc::new(door) as Arc<dyn Channel>);
        let pack = prompts::Folder::builtin("retail").unwrap().pack().unwrap();
        let shop = house::Shop {
            id: SHOP,
            name: "bench".into(),
            pack: Arc::new(pack),
            accounts: BTreeMap::from([account]),
            settings: "{}".to_owned(),
        };
        let agents = BTreeMap::from([(SHOP, Agent::new(ports))]);
        let house =
            House::new(agents, (store.clone(), sled), (clock, ids), goods, vec![shop]).await;
        let (house, outbox) = (Arc::new(house.unwrap()), Arc::new(Notify::new()));
        let mailbox = Mailbox::new(house.clone(), outbox.clone(), Handle::current());
        let courier = Courier::new(house.clone(), mailbox.clone(), outbox, Ambiguous::Resend);
        let delivering = tokio::spawn(async move { courier.run(std::future::pending()).await });
        let intake = Arc::new(Intake::new(house, mailbox.clone()));
        let (url, serving) = serve(Router::new().route("/", post(handle)).with_state(intake)).await;
        Self { url, store, mailbox, _tasks: [delivering, serving] }
    }

    /// Commits and turns so far.
    pub(crate) fn written(&self) -> (u64, u64) {
        (self.store.commits.load(Ordering::Relaxed), self.store.turns.load(Ordering::Relaxed))
    }

    /// Returns when nothing is under way.
    pub(crate) async fn at_rest(&self) {
        let mut before = (0, 0);
        while before != self.written() {
            before = self.written();
            tokio::time::sleep(Duration::from_secs(2)).await;
            self.mailbox.settled().await;
        }
    }
}

async fn handle(State(intake): State<Arc<Intake>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let message = match signed(&headers, &body) {
        Ok(message) => message,
        Err(refused) => return refused,
    };
    let from = Address {
        channel: "bench".into(),
        account: "main".into(),
        thread: message.from.clone(),
        author: message.from,
    };
    let inbound = Inbound {
        id: MessageId(message.id),
        at: SystemClock.now(),
        from: Some(from),
        aliases: Vec::new(),
        kind: InboundKind::Text(message.text),
        reply_to: None,
        referral: None,
    };
    match intake.accept(SHOP, inbound).await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The channel to the sink.
#[derive(Debug)]
struct Door {
    profile: ChannelProfile,
    http: reqwest::Client,
    sink: String,
}

fn profile() -> ChannelProfile {
    let limit = |max| Limit { max, unit: Unit::Graphemes };
    let menu = |count| Menu { count, label: limit(24), hint: limit(72), body: limit(1_024) };
    ChannelProfile {
        channel: "bench".into(),
        text: limit(4_096),
        caption: limit(1_024),
        buttons: Some(menu(3)),
        list: Some(menu(10)),
        cards: Some(menu(10)),
        markup: Markup::Plain,
        can: [Can::Links].into(),
        window: None,
        reopen: None,
        settle: Duration::ZERO,
        repeat: Repeat::Nonce,
        pace: Pace {
            account_per_second: 60_000,
            chat_every: Duration::ZERO,
            chat_burst: 60_000,
            shared: None,
        },
    }
}

#[async_trait]
impl Channel for Door {
    fn profile(&self) -> &ChannelProfile {
        &self.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        let Part::Text(text) = &delivery.body else {
            return Err(DeliveryError::Never("the bench's model says words alone".to_owned()));
        };
        let sent = Sent {
            to: delivery.to.thread.clone(),
            text: text.clone(),
            answers: delivery.answers.iter().map(|id| id.0.clone()).collect(),
        };
        let response = self.http.post(&self.sink).json(&sent).send().await;
        match response.and_then(reqwest::Response::error_for_status) {
            Ok(_) => Ok(Some(MessageId(format!("{}/{}", delivery.id, delivery.part)))),
            Err(error) => Err(DeliveryError::Ambiguous(error.to_string())),
        }
    }
}

/// A store that counts what is written.
#[derive(Debug)]
struct Counted {
    store: Arc<SledStore>,
    commits: AtomicU64,
    turns: AtomicU64,
}

#[async_trait]
impl Store for Counted {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let closed = |it: &&_| matches!(it, Event::Decision(Decision::Closed { .. }));
        let turns = commit.events.iter().map(|it| &it.event).filter(closed).count();
        self.turns.fetch_add(turns as u64, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.store.commit(commit).await
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.store.read(journal, after, limit).await
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.store.snapshot(journal).await
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.store.inbox(journal, limit).await
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.store.waiting(shop, limit).await
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.store.due(shop, within, limit, passing).await
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, agent_core::id::Name, Micros)>, Option<Micros>), StoreError> {
        self.store.timers(shop, until, limit).await
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        self.store.find(shop, alias).await
    }
}
