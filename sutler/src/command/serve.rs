//! `sutler serve`: the shops of the configuration, open until somebody ends it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use adapters::server::{Limits, Part, Server, StatusCode, Stop, Stopper};
use agent_core::time::Clock;
use clap::Args;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::print;
use crate::assembly::{Account, Assembly};
use crate::channel::{self, Plug};
use crate::cli::Global;
use crate::config::{Config, Shop};
use crate::data::Data;
use crate::exit::{Code, Failure};
use crate::metrics::{self, Counted, Metrics};
use crate::readiness::{Health, Readiness};
use crate::rear::Rear;

/// Opens the shops of the configuration; without one, a demo shop. What is under way at the end is finished
/// within the configuration's `grace_s`, or taken up again at the next start; a second Ctrl-C ends at once. A disk that
/// fails or is full ends it too, with 3: what was acknowledged is safe, and the next start goes on.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A pack: a built-in one by its name, or a folder; goes before the shops of the configuration
    #[arg(long, value_name = "PACK")]
    pack: Option<String>,
    /// Where to listen [default: the configuration's, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let mut config = global.config(self.pack.as_deref())?;
        config.server.listen = self.listen.unwrap_or(config.server.listen);
        // Before anything is opened: a port that is taken is the most frequent mistake.
        let listeners = Listeners::bind(&config).await?;
        let data = Data::open(&config)?;
        let plugs = channel::plugs(&config, &data)?;
        let accounts = |shop: &Shop| -> Vec<Account> {
            let all = plugs.iter().flat_map(|plug| &plug.accounts);
            all.filter(|(of, _)| *of == shop.id()).map(|(_, account)| account.clone()).collect()
        };
        let shops = config.shops.iter().map(|it| (it.get_ref(), accounts(it.get_ref()))).collect();
        let metrics = Arc::new(Metrics::default());
        let counted = Arc::new(counted(&config, &data, metrics.clone()));
        let rear = Rear::open().map_err(|error| Failure::new(Code::Failed, error))?;
        let store = counted.clone();
        let assembly = Assembly::over(&config, &data, store, shops, (&rear).into()).await?;
        let (stopper, stop) = Stop::new();
        let (closer, closed) = Stop::new();
        let inner = begin(&assembly, &rear, &closed).await?;
        say(&config, &listeners)?;
        let told = operator(&config, &assembly, counted, metrics.clone());
        let ground = Ground { config: &config, clock: data.clock.clone(), metrics, told };
        let front = ground.serve(listeners, plugs, &assembly, &stop);
        tokio::select! {
            asked = asked_to_end() => asked?,
            // Nothing can be taken in or answered any more, and only opening it again helps.
            why = data.store.failure() => {
                let what = anyhow::anyhow!("the store in {} failed: {why}", data.dir.display());
                return Err(Failure::new(Code::Failed, what));
            }
        }
        stopper.ask();
        let end = End { front, inner, closer };
        end.within(config.server.grace(), &assembly).await
    }
}

/// Where is listened.
struct Listeners {
    world: TcpListener,
    operators: Option<TcpListener>,
}

impl Listeners {
    async fn bind(config: &Config) -> Result<Self, Failure> {
        let operators = match config.server.operator_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self { world: listen(config.server.listen).await?, operators })
    }
}

/// What the servers are built on.
struct Ground<'a> {
    config: &'a Config,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    /// What an operator asks.
    told: [Part; 2],
}

impl Ground<'_> {
    /// Everything that is there for the world, until `stop`.
    fn serve(
        self,
        listeners: Listeners,
        plugs: Vec<Plug>,
        assembly: &Assembly,
        stop: &Stop,
    ) -> JoinSet<()> {
        let mut front = JoinSet::new();
        let mut world = self.server(self.config.server.limits());
        for plug in plugs {
            let opened = (plug.open)(assembly, stop);
            world = opened.parts.into_iter().fold(world, Server::with);
            for one in opened.work {
                front.spawn(one);
            }
        }
        let grace = self.config.server.grace();
        let mut spawn = |server: Server, listener| {
            let stop = stop.clone();
            front.spawn(async move { _ = server.serve(listener, stop, grace).await });
        };
        match listeners.operators {
            Some(listener) => {
                let operators = self.server(Limits::default());
                spawn(self.told.into_iter().fold(operators, Server::with), listener);
            }
            None => world = self.told.into_iter().fold(world, Server::with),
        }
        spawn(world, listeners.world);
        front
    }

    fn server(&self, limits: Limits) -> Server {
        let proxies = self.config.server.trusted_proxies.clone();
        Server::new(limits, proxies, self.clock.clone(), self.metrics.clone())
    }
}

/// What ends, in this order: what is there for the world; the turns; what delivers.
struct End {
    front: JoinSet<()>,
    inner: JoinSet<()>,
    closer: Stopper,
}

impl End {
    #[expect(
        clippy::cognitive_complexity,
        reason = "one wait after the other, each with its word to the log"
    )]
    async fn within(mut self, grace: Duration, assembly: &Assembly) -> Result<(), Failure> {
        let clock = &assembly.house.clock;
        let until = clock.now().after(grace);
        let all = async {
            while self.front.join_next().await.is_some() {}
            assembly.mailbox.settled().await;
            self.closer.ask();
            while self.inner.join_next().await.is_some() {}
        };
        tokio::select! {
            () = all => tracing::info!("everything was finished"),
            () = clock.sleep_until(until) => {
                tracing::warn!("not everything was finished in time; the next start takes it up");
            }
            again = asked_to_end() => {
                tracing::warn!("ended at once; the next start takes up what was under way");
                return again;
            }
        }
        Ok(())
    }
}

/// The folder's store, and what is counted of it.
fn counted(config: &Config, data: &Data, metrics: Arc<Metrics>) -> Counted {
    let shops = config.shops.iter().map(toml::Spanned::get_ref);
    let priced = shops.map(|shop| (shop.id(), (shop.name.clone(), shop.model().price)));
    let shops = config.shops.iter().map(toml::Spanned::get_ref);
    let bills = shops.flat_map(|shop| {
        let bills = channel::bills(shop).into_iter();
        bills.map(|(of, usd)| ((shop.id(), of.0, of.1, of.2), usd))
    });
    let (priced, bills) = (priced.collect(), bills.collect());
    Counted::new(data.store.clone(), metrics, data.clock.clone(), priced, bills)
}

/// What an operator asks.
fn operator(
    config: &Config,
    assembly: &Assembly,
    counted: Arc<Counted>,
    metrics: Arc<Metrics>,
) -> [Part; 2] {
    let shops = config.shops.iter().map(toml::Spanned::get_ref);
    let models = shops.map(|shop| (shop.name.clone(), shop.model())).collect();
    let house = assembly.house.clone();
    let readiness = Arc::new(Readiness::new(house.clone(), counted, models));
    let ready = move || {
        let readiness = readiness.clone();
        async move {
            let report = readiness.look().await;
            let unready = report.health == Health::Unready;
            let status = if unready { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
            // Words alone: they are always JSON.
            (status, "application/json", serde_json::to_string(&report).unwrap_or_default())
        }
    };
    let count = move || {
        let (metrics, house) = (metrics.clone(), house.clone());
        async move {
            metrics::look(&metrics, &house).await;
            (StatusCode::OK, metrics::MEDIA, metrics.text())
        }
    };
    [Part::telling("/readyz", ready), Part::telling("/metrics", count)]
}

/// Takes up what was left when the process last ended, and begins to deliver and to ring timers.
async fn begin(assembly: &Assembly, rear: &Rear, closed: &Stop) -> Result<JoinSet<()>, Failure> {
    let failed = |error: anyhow::Error| Failure::new(Code::Failed, error);
    assembly.intake.open_shops().await.map_err(|error| failed(error.into()))?;
    let resumed = assembly.mailbox.resume().await.map_err(|error| failed(error.into()))?;
    if resumed > 0 {
        tracing::info!(resumed, "conversations were taken up again");
    }
    let mut inner = JoinSet::new();
    let (courier, stop) = (assembly.courier.clone(), closed.clone());
    inner.spawn_on(async move { courier.run(stop.asked()).await }, &rear.handle);
    let (house, mailbox) = (assembly.house.clone(), assembly.mailbox.clone());
    let ring = agent_core::alarm::ring(house, mailbox, closed.clone().asked());
    inner.spawn_on(ring, &rear.handle);
    Ok(inner)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = anyhow::Error::new(error).context(format!("can't listen on {address}"));
        Failure::new(Code::Failed, failure).hint(
            "choose another address with --listen, or as `listen` under `[server]`; port 0 is any free one",
        )
    })
}

/// Tells where the shops are found.
fn say(config: &Config, listeners: &Listeners) -> Result<(), Failure> {
    let local = listeners.world.local_addr().map_err(|error| Failure::new(Code::Failed, error))?;
    let names: Vec<&str> = config.shops.iter().map(|it| it.get_ref().name.as_str()).collect();
    let url = config.server.public_url.clone().unwrap_or_else(|| format!("http://{local}"));
    print(&format!("open at {url}: {}\nCtrl-C ends it; nothing is lost.\n", names.join(", ")))
}

/// Returns when somebody wants the process to end: Ctrl-C, or SIGTERM of who runs it.
async fn asked_to_end() -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(Code::Failed, error);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended.map_err(failed),
            _ = term.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}
