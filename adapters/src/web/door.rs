//! What a request of the page has to show before it is heard: that it comes from a page of ours, and whose it is.

use agent_core::id::ShopId;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};

use super::session::LIFE;
use crate::server::Problem;

/// Where a token is kept.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// A cookie of our own page.
    Page,
    /// A cookie of our frame on another site, apart for each of them (CHIPS).
    Frame,
    /// The storage of a frame whose cookies are refused.
    Storage,
}

/// Whether the browser says that it came over TLS, or that it makes no difference. Who lies about it harms
/// only their own cookie.
fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
}

/// The name of a cookie. `__Host-` keeps sister domains from setting it, and needs TLS.
fn name(shop: ShopId, kept: Kept, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    match kept {
        Kept::Frame => format!("{prefix}sutler-frame-{shop}"),
        Kept::Page | Kept::Storage => format!("{prefix}sutler-{shop}"),
    }
}

/// The cookie that keeps a token.
pub(super) fn cookie(headers: &HeaderMap, shop: ShopId, kept: Kept, token: &str) -> String {
    let secure = is_secure(headers);
    let name = name(shop, kept, secure);
    let site = match kept {
        // Browsers take `Secure` from a local server without TLS too, and refuse it from others: then the
        // frame keeps the token itself.
        Kept::Frame => "; Secure; SameSite=None; Partitioned",
        Kept::Page | Kept::Storage if secure => "; Secure; SameSite=Strict",
        Kept::Page | Kept::Storage => "; SameSite=Strict",
    };
    format!("{name}={token}; Path=/; HttpOnly; Max-Age={}{site}", LIFE.as_secs())
}

/// The token a request shows, and where it was kept. A frame never reads the page's cookie, nor the page a frame's.
pub(super) fn token(headers: &HeaderMap, shop: ShopId, frame: bool) -> Option<(Kept, &str)> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Some((Kept::Storage, token));
    }
    let kept = if frame { Kept::Frame } else { Kept::Page };
    let name = name(shop, kept, is_secure(headers));
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, token)| (kept, token))
}

/// Refuses what another site had a visitor's browser send. Browsers say where a request comes from; what is no
/// browser has nobody's cookies.
pub(super) fn own_page(headers: &HeaderMap) -> Result<(), Problem> {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = match (said("sec-fetch-site"), said(ORIGIN.as_str()), said(HOST.as_str())) {
        (Some(site), _, _) => site == "same-origin",
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, from)| from == host)
        }
        (None, Some(_), None) => false,
        (None, None, _) => true,
    };
    if own {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "only the shop's own page may ask this"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: ShopId = ShopId(7);

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_cookie_is_for_us_alone_and_a_frames_is_apart_for_each_site() {
        let plain = cookie(&headers(&[]), SHOP, Kept::Page, "t");
        assert_eq!(plain, "sutler-7=t; Path=/; HttpOnly; Max-Age=2592000; SameSite=Strict");
        let tls = headers(&[("x-forwarded-proto", "https")]);
        let page = cookie(&tls, SHOP, Kept::Page, "t");
        assert_eq!(
            page,
            "__Host-sutler-7=t; Path=/; HttpOnly; Max-Age=2592000; Secure; SameSite=Strict"
        );
        let frame = cookie(&tls, SHOP, Kept::Frame, "t");
        assert!(frame.starts_with("__Host-sutler-frame-7=t; "), "{frame}");
        assert!(frame.ends_with("; Secure; SameSite=None; Partitioned"), "{frame}");
    }

    #[test]
    fn the_token_is_found_where_it_belongs_and_nowhere_else() {
        let both =
            headers(&[("cookie", "a=b; sutler-7=page; sutler-frame-7=frame; sutler-8=other")]);
        assert_eq!(token(&both, SHOP, false), Some((Kept::Page, "page")));
        assert_eq!(token(&both, SHOP, true), Some((Kept::Frame, "frame")));
        let tls = headers(&[("x-forwarded-proto", "https"), ("cookie", "sutler-7=planted")]);
        assert_eq!(token(&tls, SHOP, false), None, "a sister domain could have set it");
        let bearer = headers(&[("authorization", "Bearer t"), ("cookie", "sutler-7=page")]);
        assert_eq!(token(&bearer, SHOP, true), Some((Kept::Storage, "t")));
    }

    #[test]
    fn what_another_site_had_sent_is_refused() {
        let allowed = |pairs: &[(&'static str, &'static str)]| own_page(&headers(pairs)).is_ok();
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!allowed(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://a"),
            ("host", "a")
        ]));
        assert!(!allowed(&[("sec-fetch-site", "same-site")]));
        assert!(allowed(&[("origin", "http://a:80"), ("host", "a:80")]));
        assert!(!allowed(&[("origin", "http://b"), ("host", "a")]));
        assert!(!allowed(&[("origin", "null"), ("host", "a")]));
        assert!(allowed(&[]));
    }
}
