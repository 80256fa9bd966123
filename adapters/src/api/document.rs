//! The routes, and the document that is made from them.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoResponses, Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::desk::Desk;
use super::{control, orders, post, read, show, stream};
use crate::server::Problem;

/// Where the document is found.
const PATH: &str = "/v1/openapi.json";

/// What an error looks like, whatever the request.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the document is made from it; the answers are problems")]
pub(super) enum Refused {
    /// The request is not what the document says.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// No key, or one that nobody knows.
    #[response(status = 401, content_type = "application/problem+json")]
    Unknown(Problem),
    /// The key lacks the scope.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// The shop of the key has no such conversation or order.
    #[response(status = 404, content_type = "application/problem+json")]
    Missing(Problem),
    /// The answer took too long to begin.
    #[response(status = 408, content_type = "application/problem+json")]
    Late(Problem),
    /// The body is too long.
    #[response(status = 413, content_type = "application/problem+json")]
    Long(Problem),
    /// The body is not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    Media(Problem),
    /// The body is JSON, and not what the document says.
    #[response(status = 422, content_type = "application/problem+json")]
    Misfit(Problem),
    /// Too many requests; `Retry-After` says when to come again.
    #[response(status = 429, content_type = "application/problem+json")]
    Often(Problem),
    /// Not now; `Retry-After` says when to come again. Nothing was kept of the request.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(Problem),
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sutler",
        description = "For shops that bring their own front end or back office. A key belongs to one shop, and opens its scopes: `post` says what customers say, `read` reads conversations and orders, `control` takes over, gives back, writes as a person and settles, `tell` tells of events of the shop. Whatever is sent carries an id of the client's; sent again under the same id, it changes nothing.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem)),
    modifiers(&Bearer),
    tags(
        (name = "customers", description = "What customers say on the shop's own front end"),
        (name = "conversations", description = "What was said, on all platforms"),
        (name = "control", description = "What a person of the shop does"),
        (name = "orders", description = "What was ordered, and how far it is"),
    ),
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("key", bearer);
    }
}

/// All routes, and the document about them.
pub(super) fn routes(desk: Arc<Desk>) -> Router {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(post::message))
        .routes(routes!(post::tap))
        .routes(routes!(read::list))
        .routes(routes!(read::conversation))
        .routes(routes!(read::entries))
        .routes(routes!(stream::events))
        .routes(routes!(control::take_over))
        .routes(routes!(control::give_back))
        .routes(routes!(control::close))
        .routes(routes!(control::say))
        .routes(routes!(show::show))
        .routes(routes!(show::file))
        .routes(routes!(control::settle))
        .routes(routes!(control::tell))
        .routes(routes!(orders::order))
        .routes(routes!(orders::tell))
        .split_for_parts();
    // Made from types: it is always JSON.
    let json: Arc<str> = document.to_json().unwrap_or_default().into();
    let served = move || async move { ([(CONTENT_TYPE, "application/json")], json.to_string()) };
    router.with_state(desk).route(PATH, get(served))
}
