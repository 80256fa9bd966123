//! What a request passes before it comes to its route.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use agent_core::time::Clock;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Witness;
use super::problem::Problem;
use super::proxy::{self, Client, Network};
use super::rate::Rate;

/// How long an answer may be awaited.
#[derive(Clone, Debug)]
pub(super) struct Time {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limit: Duration,
}

/// Tells how a request was answered.
pub(super) async fn witness(
    State((witness, clock)): State<(Arc<dyn Witness>, Arc<dyn Clock>)>,
    request: Request,
    next: Next,
) -> Response {
    let begun = clock.now();
    let method = method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map(MatchedPath::as_str).unwrap_or_default();
    witness.answered(method, route, response.status().as_u16(), clock.now().since(begun));
    response
}

/// Of all the methods anybody can think of, those that are told apart.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Notes who asks.
pub(super) async fn client(
    State(proxies): State<Arc<[Network]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let client = proxy::client(peer, request.headers(), &proxies);
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Refuses who asks too often. Whether the process lives may be asked at any time.
pub(super) async fn rate(
    State(rate): State<Arc<Rate<IpAddr>>>,
    request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get::<Client>().copied();
    // A platform comes from few addresses, with the messages of everybody; what it sends is signed.
    let path = request.uri().path();
    let platforms = ["/webhooks/", "/discord/"];
    let free = path == "/healthz" || platforms.iter().any(|it| path.starts_with(it));
    match client.filter(|_| !free).map(|client| rate.take(client.network())) {
        Some(Err(wait)) => {
            let seconds = wait.as_secs() + 1;
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests from your address")
                .retry(seconds)
                .into_response()
        }
        Some(Ok(())) | None => next.run(request).await,
    }
}

/// Gives up on an answer that does not begin in time.
pub(super) async fn time(State(time): State<Time>, request: Request, next: Next) -> Response {
    let until = time.clock.now().after(time.limit);
    tokio::select! {
        response = next.run(request) => response,
        () = time.clock.sleep_until(until) => {
            let detail = format!("the request was not answered within {:?}", time.limit);
            Problem::new(StatusCode::REQUEST_TIMEOUT, detail).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use agent_core::time::Micros;
    use agent_core::time::turned::TurnedClock;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::super::rate::Allowance;
    use super::super::{Limits, Server};
    use super::*;

    #[derive(Debug)]
    struct Blind;

    impl Witness for Blind {
        fn answered(&self, _method: &str, _route: &str, _status: u16, _took: Duration) {}

        fn connections(&self, _open: usize) {}
    }

    #[tokio::test]
    async fn a_platform_asks_as_often_as_its_customers_do() {
        let clock = Arc::new(TurnedClock::new(Micros(0)));
        let allowance = Allowance { per_second: 1, burst: 1 };
        let limits = Limits { allowance, ..Limits::default() };
        let paths = ["/discord/7/interactions", "/webhooks/meta", "/healthz", "/s/shop"];
        let any = |routes: Router, path: &&str| routes.route(path, get(|| async {}));
        let routes = paths.iter().filter(|path| **path != "/healthz").fold(Router::new(), any);
        let part = super::super::Part { at: String::new(), routes };
        let routes = Server::new(limits, Vec::new(), clock, Arc::new(Blind)).with(part).guarded();
        for (path, last) in paths.into_iter().zip([200, 200, 200, 429]) {
            let mut status = 0;
            for _ in 0..3 {
                let request = Request::get(path).body(Body::empty()).unwrap();
                status = routes.clone().oneshot(request).await.unwrap().status().as_u16();
            }
            assert_eq!(status, last, "{path}");
        }
    }
}
