//! Connections: taken in one after the other up to a limit, served side by side, and ended in good order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use futures::future::BoxFuture;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::{Limits, Server, Stop};

/// How long nothing is taken in when the system has no more handles: whoever ends gives some back.
const SHORT: Duration = Duration::from_millis(100);

/// How a server ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Connections that were cut, because they had not ended in time.
    pub cut: usize,
}

impl Server {
    /// Serves until `stop`; then takes in nobody more, and waits at most `grace` until those who are in are
    /// answered.
    ///
    /// What is awaited is compiled where it is awaited: boxed, the whole of HTTP is here, and as fast as this crate.
    #[must_use]
    pub fn serve(
        self,
        listener: TcpListener,
        stop: Stop,
        grace: Duration,
    ) -> BoxFuture<'static, Ended> {
        Box::pin(self.until(listener, stop, grace))
    }

    async fn until(self, listener: TcpListener, stop: Stop, grace: Duration) -> Ended {
        let routes = self.guarded();
        let seats = Arc::new(Semaphore::new(self.limits.connections));
        let mut served = JoinSet::new();
        loop {
            let seated = async {
                let seat = seats.clone().acquire_owned().await;
                (seat, listener.accept().await)
            };
            tokio::select! {
                () = stop.clone().asked() => break,
                (seat, accepted) = seated => match accepted {
                    Ok((stream, peer)) => {
                        let one = connection(stream, peer, routes.clone(), &self.limits, stop.clone());
                        served.spawn(async move {
                            one.await;
                            drop(seat);
                        });
                        self.witness.connections(served.len());
                    }
                    Err(error) => {
                        tracing::warn!(%error, "connection not taken");
                        self.clock.sleep_until(self.clock.now().after(SHORT)).await;
                    }
                },
                Some(_) = served.join_next() => self.witness.connections(served.len()),
            }
        }
        drop(listener);
        let until = self.clock.now().after(grace);
        let all = async { while served.join_next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = self.clock.sleep_until(until) => {}
        }
        Ended { cut: served.len() }
    }
}

/// One connection, until either end closes it.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    limits: &Limits,
    stop: Stop,
) -> impl Future<Output = ()> + Send + use<> {
    // Answers are small and whole: nothing is gained by waiting for more.
    let _fine = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head.max(8_192));
    async move {
        let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.asked() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection ended");
        }
    }
}
