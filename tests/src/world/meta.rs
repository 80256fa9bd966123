//! A shop on WhatsApp, before the fake Graph API: webhooks go in as Meta sends them.

use std::sync::Arc;
use std::time::Duration;

use adapters::meta::graph::{Graph, GraphSettings, Token};
use adapters::meta::messenger::{self, Messenger, MessengerSettings, Own, Platform};
use adapters::meta::signature::Secrets;
use adapters::meta::standby::Standby;
use adapters::meta::webhook::{Front, Route};
use adapters::meta::whatsapp::render::Shelf;
use adapters::meta::whatsapp::{self, WhatsApp, WhatsAppSettings};
use agent_core::channel::Channel;
use agent_core::conversation::Conversation;
use agent_core::courier::Ambiguous;
use agent_core::id::{JournalId, Name};
use agent_core::intake::IntakeError;
use agent_core::message::{Address, Block, Control, Inbound, InboundKind};
use agent_core::store::{Archive, Store};
use agent_core::time::turned::TurnedClock;
use serde_json::Value;

use super::{Member, SHOP, World};
use crate::fake::graph::{FakeGraph, Settings, payload};

/// Meta's id of the number.
pub const NUMBER: &str = "77";
/// The app's secret.
pub const SECRET: &str = "test-secret";
/// The word of the handshake.
pub const VERIFY: &str = "test-verify";
const TOKEN: &str = "test-token";

/// A shop on WhatsApp.
#[derive(Debug)]
pub struct OnWhatsApp {
    /// The shop.
    pub world: World,
    /// Where webhooks come in.
    pub front: Front,
}

/// A Graph API for [`NUMBER`].
///
/// # Panics
/// When loopback has no port left.
pub async fn graph(clock: &Arc<TurnedClock>) -> FakeGraph {
    let settings = Settings {
        number: NUMBER.to_owned(),
        token: TOKEN.to_owned(),
        secret: SECRET.to_owned(),
        clock: clock.clone(),
        seed: 11,
    };
    let graph = FakeGraph::start(settings).await;
    assert!(graph.is_ok(), "{graph:?}");
    let Ok(graph) = graph else { unreachable!("asserted above") };
    graph
}

impl OnWhatsApp {
    /// The shop of a member, over a store and a clock that may have been used before.
    ///
    /// # Panics
    /// When there is no client, or the feed can't be used.
    pub async fn open(
        graph: &FakeGraph,
        store: (Arc<dyn Store>, Arc<dyn Archive>),
        clock: Arc<TurnedClock>,
        member: Member,
    ) -> Self {
        Self::by(graph, store, clock, member, (Ambiguous::Resend, |channel| channel)).await
    }

    /// The same with a policy for sends nobody knows the outcome of, and a channel that something stands before.
    ///
    /// # Panics
    /// When there is no client, or the feed can't be used.
    pub async fn by(
        graph: &FakeGraph,
        store: (Arc<dyn Store>, Arc<dyn Archive>),
        clock: Arc<TurnedClock>,
        mut member: Member,
        (ambiguous, before): (Ambiguous, impl FnOnce(Arc<dyn Channel>) -> Arc<dyn Channel>),
    ) -> Self {
        let _again = rustls::crypto::ring::default_provider().install_default();
        let shelf = Shelf { language: "en".to_owned(), addresses: true, ..Shelf::default() };
        let settings = WhatsAppSettings {
            number: NUMBER.to_owned(),
            profile: whatsapp::profile(&shelf, Some("we_answered".into()), Duration::ZERO),
            shelf,
            file_hosts: vec!["127.0.0.1".to_owned()],
        };
        let channel = before(Arc::new(WhatsApp::new(settings, client(graph, &clock))));
        member.accounts = vec![(whatsapp::KIND.into(), NUMBER.into(), channel)];
        let world = World::with_policy(store, clock.clone(), vec![member], ambiguous).await;
        Self { front: front(&world, clock, whatsapp::KIND.into(), Own::default()), world }
    }

    /// The same on another platform, in a process of its own: what the one before remembered is gone.
    ///
    /// # Panics
    /// When there is no client, or the feed can't be used.
    pub async fn on(
        platform: Platform,
        graph: &FakeGraph,
        store: (Arc<dyn Store>, Arc<dyn Archive>),
        (clock, mut member): (Arc<TurnedClock>, Member),
    ) -> Self {
        let _again = rustls::crypto::ring::default_provider().install_default();
        let settings = MessengerSettings {
            platform,
            account: NUMBER.to_owned(),
            profile: messenger::profile(platform, Duration::ZERO),
        };
        let own = Own::default();
        let channel = Arc::new(Messenger::new(settings, client(graph, &clock), own.clone()));
        let kind: Name = platform.kind().into();
        member.accounts = vec![(kind.clone(), NUMBER.into(), channel)];
        let world = World::on(store, clock.clone(), vec![member]).await;
        Self { front: front(&world, clock, kind, own), world }
    }

    /// Meta tells this, again and again until it is taken, as Meta does.
    ///
    /// # Panics
    /// When it is never taken.
    pub async fn told(&self, (body, _): &(Vec<u8>, String)) {
        let mut taken: Result<(), IntakeError> = Ok(());
        for _ in 0..3 {
            taken = self.front.take(body).await;
            if taken.is_ok() {
                self.world.settled().await;
                return;
            }
        }
        assert!(taken.is_ok(), "{taken:?}");
    }

    /// A customer writes, is answered, and gets the answer.
    pub async fn answered(&self, graph: &FakeGraph, from: &str, words: &str) {
        self.told(&graph.says(from, &payload::text(words))).await;
        self.world.deliver_and_settle().await;
    }

    /// A person of the shop commands something of a customer's conversation. Told again under the same id, it is dropped.
    ///
    /// # Panics
    /// When the customer never wrote.
    pub async fn commanded(&self, from: &str, id: &str, command: Control) {
        self.command(self.journal(from).await, id, command).await;
    }

    /// The same of a conversation.
    ///
    /// # Panics
    /// When there is none.
    pub async fn command(&self, journal: JournalId, id: &str, command: Control) {
        let kind = InboundKind::Control { by: "eve".into(), command };
        let inbound = Inbound::told(id.into(), self.world.house.clock.now(), kind);
        let told = self.world.intake.tell(journal, inbound).await;
        assert!(told.is_ok(), "{told:?}");
        self.world.settled().await;
    }

    /// A person of the shop shows a customer this, and it is delivered.
    pub async fn shows(&self, from: &str, id: &str, block: Block) {
        self.commanded(from, id, Control::Show(Box::new(block))).await;
        self.world.deliver_and_settle().await;
    }

    /// What a customer's conversation came to.
    ///
    /// # Panics
    /// When they never wrote.
    pub async fn conversation(&self, from: &str) -> Conversation {
        self.world.state(self.journal(from).await).await
    }

    async fn journal(&self, from: &str) -> JournalId {
        let at = address(from);
        let found = self.world.house.find(SHOP, &at).await;
        assert!(matches!(found, Ok(Some(_))), "{from} never wrote: {found:?}");
        let Ok(Some(journal)) = found else { unreachable!("asserted above") };
        journal
    }
}

fn client(graph: &FakeGraph, clock: &Arc<TurnedClock>) -> Graph {
    let reached = GraphSettings {
        base_url: graph.base_url().to_owned(),
        version: "v25.0".to_owned(),
        token: Token(TOKEN.to_owned()),
    };
    Graph::new(reqwest::Client::new(), clock.clone(), reached)
}

/// The webhook of a world, with [`NUMBER`] on this channel as its only account.
#[must_use]
pub fn front(world: &World, clock: Arc<TurnedClock>, channel: Name, own: Own) -> Front {
    let route = Route {
        shop: SHOP,
        channel,
        account: NUMBER.into(),
        business: Some("BUSINESS".to_owned()),
        number: None,
        quiet: Duration::from_secs(3_600),
    };
    Front {
        intake: world.intake.clone(),
        house: world.house.clone(),
        clock,
        secrets: Secrets::new([SECRET]),
        verify_tokens: vec![VERIFY.to_owned()],
        routes: vec![route],
        own,
        standby: Standby::default(),
    }
}

/// Where a customer writes from.
#[must_use]
pub fn address(from: &str) -> Address {
    Address {
        channel: whatsapp::KIND.into(),
        account: NUMBER.into(),
        thread: from.to_owned(),
        author: from.to_owned(),
    }
}

/// The words of a body that was sent.
#[must_use]
pub fn words(body: &Value) -> &str {
    let of = |path: &str| body.pointer(path).and_then(Value::as_str);
    let named = of("/text/body").or_else(|| of("/interactive/body/text"));
    named.or_else(|| of("/template/name")).unwrap_or_default()
}
