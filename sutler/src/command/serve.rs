//! `sutler serve`: the shops of the configuration, open until somebody ends it.

use std::net::SocketAddr;

use adapters::server::{Server, Stop};
use clap::Args;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::print;
use crate::assembly::{Account, Assembly};
use crate::channel;
use crate::cli::Global;
use crate::config::{Config, Shop};
use crate::data::Data;
use crate::exit::{Code, Failure};

/// Opens the shops of the configuration; without one, a demo shop. What is under way at the end is finished
/// within the configuration's `grace_s`, or taken up again at the next start; a second Ctrl-C ends at once.
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
        let listener = listen(config.server.listen).await?;
        let data = Data::open(&config)?;
        let plugs = channel::plugs(&config, &data)?;
        let accounts = |shop: &Shop| -> Vec<Account> {
            let all = plugs.iter().flat_map(|plug| &plug.accounts);
            all.filter(|(of, _)| *of == shop.id()).map(|(_, account)| account.clone()).collect()
        };
        let shops = config.shops.iter().map(|it| (it.get_ref(), accounts(it.get_ref()))).collect();
        let assembly = Assembly::new(&config, &data, shops).await?;
        let (stopper, stop) = Stop::new();
        let mut work = JoinSet::new();
        let limits = config.server.limits();
        let proxies = config.server.trusted_proxies.clone();
        let mut server = Server::new(limits, proxies, data.clock.clone());
        for plug in plugs {
            let opened = (plug.open)(&assembly, &stop);
            server = opened.parts.into_iter().fold(server, Server::with);
            opened.work.into_iter().for_each(|one| drop(work.spawn(one)));
        }
        let (closer, closed) = Stop::new();
        let mut inner = begin(&assembly, &closed).await?;
        say(&config, &listener)?;
        let served = tokio::spawn(server.serve(listener, stop, config.server.grace()));
        asked_to_end().await?;
        stopper.ask();
        let until = data.clock.now().after(config.server.grace());
        tokio::select! {
            () = async {
                // An error means that it panicked; then nothing is served any more all the same.
                let _ = served.await;
                while work.join_next().await.is_some() {}
                assembly.mailbox.settled().await;
                closer.ask();
                while inner.join_next().await.is_some() {}
            } => tracing::info!("everything was finished"),
            () = data.clock.sleep_until(until) => {
                tracing::warn!("not everything was finished in time; it is taken up at the next start");
            }
            again = asked_to_end() => {
                again?;
                tracing::warn!("ended at once; what was under way is taken up at the next start");
            }
        }
        Ok(())
    }
}

/// Takes up what was left when the process last ended, and begins to deliver and to ring timers.
async fn begin(assembly: &Assembly, closed: &Stop) -> Result<JoinSet<()>, Failure> {
    let failed = |error: anyhow::Error| Failure::new(Code::Failed, error);
    assembly.intake.open_shops().await.map_err(|error| failed(error.into()))?;
    let resumed = assembly.mailbox.resume().await.map_err(|error| failed(error.into()))?;
    if resumed > 0 {
        tracing::info!(resumed, "conversations were taken up again");
    }
    let mut inner = JoinSet::new();
    let (courier, stop) = (assembly.courier.clone(), closed.clone());
    inner.spawn(async move { courier.run(stop.asked()).await });
    let (house, mailbox) = (assembly.house.clone(), assembly.mailbox.clone());
    inner.spawn(agent_core::alarm::ring(house, mailbox, closed.clone().asked()));
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
fn say(config: &Config, listener: &TcpListener) -> Result<(), Failure> {
    let local = listener.local_addr().map_err(|error| Failure::new(Code::Failed, error))?;
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
