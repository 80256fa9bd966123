//! What Messenger's and Instagram's webhooks tell: an entry with its events, in its own hands or in standby.

use agent_core::action::is_token;
use agent_core::digest::Digest;
use agent_core::id::MessageId;
use agent_core::message::{
    AccountNews, Control, Inbound, InboundKind, MediaRef, Purpose, Standing, Status, Tap,
};
use agent_core::time::Micros;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Platform;
use super::render::ATTACHMENT;
use crate::meta::loose::{fields, is, items, moment, text, time, value};
use crate::meta::news::{News, Of, Place, Reading, What, control, mark, notice};
use crate::meta::parse::{id, unread};
use crate::meta::standby::STANDBY;

/// Until a page is tried again that was blocked for no stated time.
const BLOCKED: std::time::Duration = std::time::Duration::from_secs(24 * 3600);
/// What an event may be, that which a customer says first.
const KINDS: [&str; 11] = [
    "message",
    "postback",
    "referral",
    "optin",
    "reaction",
    "message_edit",
    "read",
    "messaging_seen",
    "delivery",
    "pass_thread_control",
    "take_thread_control",
];
/// The thumbs-up people send with one tap, in its three sizes.
const THUMBS: [&str; 3] = ["369239263222822", "369239343222814", "369239383222810"];

/// Reads an entry of a page.
pub(crate) fn page(raw: &RawValue, reading: Reading, news: &mut Vec<News>) {
    entry(raw, Platform::Messenger, reading, news);
}

/// Reads an entry of an Instagram account.
pub(crate) fn instagram(raw: &RawValue, reading: Reading, news: &mut Vec<News>) {
    entry(raw, Platform::Instagram, reading, news);
}

fn entry(raw: &RawValue, platform: Platform, reading: Reading, news: &mut Vec<News>) {
    let entry = fields(raw);
    let account = id(&entry);
    let of = || match platform {
        Platform::Messenger => Of::Page(account.clone()),
        Platform::Instagram => Of::Instagram(account.clone()),
    };
    let place = Place { channel: platform.kind(), account: &account };
    for raw in items(entry.get("messaging")) {
        match value(raw) {
            Some(it) => {
                let whats = event(&it, raw, &place, reading, false);
                news.extend(whats.into_iter().map(|what| News { of: of(), what }));
            }
            None => news.push(unread(of(), "an event", raw)),
        }
    }
    for raw in items(entry.get("standby")) {
        match value(raw) {
            Some(it) => {
                let whats = standby(&it, raw, &place, reading);
                news.extend(whats.into_iter().map(|what| News { of: of(), what }));
            }
            None => news.push(unread(of(), "an event in standby", raw)),
        }
    }
    for raw in items(entry.get("changes")) {
        let field = fields(raw).get("field").and_then(|raw| serde_json::from_str(raw.get()).ok());
        let field: String = field.unwrap_or_default();
        news.push(News { of: of(), what: What::Nothing(format!("change {field}")) });
    }
}

/// Somebody else answers in this chat: what is said there is kept, and not answered.
fn standby(it: &Value, raw: &RawValue, place: &Place<'_>, reading: Reading) -> Vec<What> {
    let mut whats = Vec::new();
    for what in event(it, raw, place, reading, true) {
        if let What::Chat(inbound) = &what
            && inbound.kind.is_spoken()
        {
            whats.push(What::Chat(Inbound {
                id: format!("{STANDBY}/{}", inbound.id).into(),
                kind: control(STANDBY, Control::TakeOver { until: None }),
                reply_to: None,
                referral: None,
                ..inbound.clone()
            }));
        }
        whats.push(what);
    }
    whats
}

/// An event as its readers see it.
struct Event<'a> {
    it: &'a Value,
    /// The customer.
    who: [String; 1],
    at: Micros,
    place: &'a Place<'a>,
    /// What names it where it names itself by nothing.
    derived: String,
}

impl Event<'_> {
    fn text(&self, path: &str) -> Option<String> {
        text(self.it, path)
    }

    fn chat(&self, id: impl Into<String>, kind: InboundKind) -> Inbound {
        self.place.inbound(&self.who, id, self.at, kind)
    }

    /// Of what has no id of its own.
    fn unnamed(&self, kind: InboundKind) -> Vec<What> {
        vec![What::Chat(self.chat(self.derived.clone(), kind))]
    }
}

fn nothing(named: &str) -> Vec<What> {
    vec![What::Nothing(named.to_owned())]
}

fn event(
    it: &Value,
    raw: &RawValue,
    place: &Place<'_>,
    reading: Reading,
    standby: bool,
) -> Vec<What> {
    let echo = is(it, "/message/is_echo");
    let who = if echo { "/recipient" } else { "/sender" };
    let who = text(it, &format!("{who}/id")).or_else(|| text(it, &format!("{who}/user_ref")));
    let at = time(it, "/timestamp", reading.now);
    let derived = format!("event/{}/{}", at.0, Digest::of(raw.get().as_bytes()));
    if let Some(policy) =
        it.pointer("/policy-enforcement").or_else(|| it.pointer("/policy_enforcement"))
    {
        return vec![What::Account { id: derived.into(), at, news: enforced(policy, at) }];
    }
    if let Some(roles) = it.pointer("/app_roles") {
        return vec![What::Account { id: derived.into(), at, news: notice("app roles", roles) }];
    }
    let Some(who) = who else { return nothing("event of nobody") };
    let event = Event { it, who: [who], at, place, derived };
    if echo {
        return echoed(&event, (!standby).then_some(reading.now));
    }
    match kind(it) {
        Some("message") => message(&event),
        Some("postback") => postback(&event),
        Some("referral") => referral(&event),
        Some("optin") => optin(&event),
        Some("reaction") => reaction(&event),
        Some("read" | "messaging_seen") => receipt(&event, "/read", Status::Read),
        Some("delivery") => receipt(&event, "/delivery", Status::Delivered),
        Some("message_edit") => edited(&event),
        // In standby it is passed between others.
        Some("pass_thread_control") if !standby => {
            event.unnamed(control("platform", Control::GiveBack))
        }
        Some("take_thread_control") => {
            event.unnamed(control("platform", Control::TakeOver { until: None }))
        }
        Some(other) => nothing(&format!("event {other}")),
        None => nothing("event without a kind"),
    }
}

/// The kind of an event: the first that is known, for others may stand beside it; else the one key beside the common
/// ones.
fn kind(it: &Value) -> Option<&str> {
    let common = ["sender", "recipient", "timestamp", "prior_message", "is_self"];
    let keys = || it.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let known = KINDS.into_iter().find(|kind| it.get(kind).is_some());
    known.or_else(|| keys().find(|key| !common.contains(key)))
}

fn message(event: &Event<'_>) -> Vec<What> {
    let Some(mid) = event.text("/message/mid") else { return nothing("message without an id") };
    if is(event.it, "/message/is_deleted") {
        let kind = InboundKind::Delete { of: mid.clone().into() };
        return vec![What::Chat(event.chat(format!("{mid}/deleted"), kind))];
    }
    let kinds = if is(event.it, "/message/is_unsupported") {
        vec![InboundKind::Unsupported("unsupported message".to_owned())]
    } else {
        said(event)
    };
    let story = event.it.pointer("/message/reply_to/story");
    let referral = event.it.pointer("/message/referral").or(story);
    let reply_to: Option<MessageId> = event.text("/message/reply_to/mid").map(Into::into);
    let chat = |(n, kind): (usize, InboundKind)| {
        let id = if n == 0 { mid.clone() } else { format!("{mid}/{n}") };
        What::Chat(Inbound {
            reply_to: reply_to.clone(),
            referral: referral.filter(|_| n == 0).cloned(),
            ..event.chat(id, kind)
        })
    };
    kinds.into_iter().enumerate().map(chat).collect()
}

/// Words, a tap, and files: one message may carry several.
fn said(event: &Event<'_>) -> Vec<InboundKind> {
    let words = event.text("/message/text");
    let mut kinds = Vec::new();
    match (event.text("/message/quick_reply/payload").filter(|it| is_token(it)), &words) {
        (Some(token), _) => kinds.push(InboundKind::Tap(Tap::Token(token))),
        (None, Some(words)) => kinds.push(InboundKind::Text(words.clone())),
        (None, None) => {}
    }
    let attachments = event.it.pointer("/message/attachments").and_then(Value::as_array);
    for attachment in attachments.into_iter().flatten().take(32) {
        kinds.push(attached(attachment));
    }
    let product = |kind: &InboundKind| matches!(kind, InboundKind::Enquiry { .. });
    if let ([InboundKind::Text(_), enquiry], Some(words)) = (kinds.as_mut_slice(), words)
        && product(enquiry)
        && let InboundKind::Enquiry { text, .. } = enquiry
    {
        // A question from a product's page is one question.
        *text = words;
        kinds.remove(0);
    }
    if kinds.is_empty() {
        kinds.push(InboundKind::Unsupported("empty message".to_owned()));
    }
    kinds
}

fn attached(it: &Value) -> InboundKind {
    let kind = text(it, "/type").unwrap_or_default();
    let url = text(it, "/payload/url").or_else(|| text(it, "/url"));
    let sticker = text(it, "/payload/sticker_id");
    if sticker.is_some_and(|sticker| THUMBS.contains(&sticker.as_str())) {
        return InboundKind::Text("👍".to_owned());
    }
    let unsupported = || InboundKind::Unsupported(kind.chars().take(120).collect());
    match kind.as_str() {
        "image" | "video" | "audio" | "file" => {
            let Some(id) = url else { return unsupported() };
            let mime = format!("{}/*", if kind == "file" { "application" } else { &kind });
            let media = MediaRef { id, mime, ..MediaRef::default() };
            InboundKind::Media { media, caption: text(it, "/title").unwrap_or_default() }
        }
        "location" => {
            let degrees = |path: &str, most: f64| {
                let degrees: f64 = text(it, path)?.parse().ok()?;
                let millionths = (degrees * 1e6).round();
                (degrees.abs() <= most).then_some(millionths as i32)
            };
            match (
                degrees("/payload/coordinates/lat", 90.0),
                degrees("/payload/coordinates/long", 180.0),
            ) {
                (Some(lat_e6), Some(lon_e6)) => {
                    let called = text(it, "/title").unwrap_or_default();
                    InboundKind::Location { lat_e6, lon_e6, called }
                }
                _ => unsupported(),
            }
        }
        "template" => match text(it, "/payload/product/elements/0/retailer_id") {
            Some(product) => InboundKind::Enquiry { product: product.into(), text: String::new() },
            None => unsupported(),
        },
        // A link whose page has no preview: the customer sent the link.
        "fallback" => {
            url.or_else(|| text(it, "/title")).map_or_else(unsupported, InboundKind::Text)
        }
        _ => unsupported(),
    }
}

/// What was said for the shop: by us, by a person, or by another app, in standby without an end.
fn echoed(event: &Event<'_>, until: Option<Micros>) -> Vec<What> {
    let Some(mid) = event.text("/message/mid") else { return nothing("echo without an id") };
    if let Some((of, part)) = event.text("/message/metadata").and_then(|it| mark::read(&it)) {
        let kind = InboundKind::Status { of, part, status: Status::Sent, billed: None };
        return vec![What::Chat(event.chat(format!("{mid}/echo"), kind))];
    }
    let words = event.text("/message/text").unwrap_or_else(|| ATTACHMENT.to_owned());
    let by = if until.is_some() { "person" } else { STANDBY };
    let said = control(by, Control::Said { text: words, until });
    vec![What::Chat(event.chat(mid, said))]
}

fn postback(event: &Event<'_>) -> Vec<What> {
    let payload = event.text("/postback/payload");
    let kind = match payload.clone().filter(|payload| is_token(payload)) {
        Some(token) => InboundKind::Tap(Tap::Token(token)),
        None => match event.text("/postback/title").or(payload) {
            Some(words) => InboundKind::Text(words),
            None => return nothing("postback without words"),
        },
    };
    let id = event.text("/postback/mid").unwrap_or_else(|| event.derived.clone());
    let referral = event.it.pointer("/postback/referral").cloned();
    vec![What::Chat(Inbound { referral, ..event.chat(id, kind) })]
}

/// A link or an ad was followed into a chat that was there already.
fn referral(event: &Event<'_>) -> Vec<What> {
    let kind = InboundKind::Unsupported("followed a link into the chat".to_owned());
    let referral = event.it.pointer("/referral").cloned();
    vec![What::Chat(Inbound { referral, ..event.chat(event.derived.clone(), kind) })]
}

fn optin(event: &Event<'_>) -> Vec<What> {
    match event.text("/optin/type").as_deref() {
        Some("notification_messages") => {
            let stopped = event.text("/optin/notification_messages_status");
            let given = stopped.as_deref() != Some("STOP_NOTIFICATIONS");
            event.unnamed(InboundKind::Consent { purpose: Purpose::Marketing, given })
        }
        _ => nothing("event optin"),
    }
}

fn reaction(event: &Event<'_>) -> Vec<What> {
    let Some(mid) = event.text("/reaction/mid") else { return nothing("reaction to nothing") };
    let taken_back = event.text("/reaction/action").as_deref() == Some("unreact");
    let sign = event.text("/reaction/emoji").or_else(|| event.text("/reaction/reaction"));
    let emoji = sign.filter(|_| !taken_back);
    event.unnamed(InboundKind::Reaction { to: mid.into(), emoji })
}

fn receipt(event: &Event<'_>, at: &str, status: Status) -> Vec<What> {
    let one = event.text(&format!("{at}/mid")).or_else(|| event.text("/messaging_seen/mid"));
    let many = event.it.pointer(&format!("{at}/mids")).and_then(Value::as_array);
    let many = many.into_iter().flatten().filter_map(|mid| text(mid, ""));
    let of: Vec<MessageId> = one.into_iter().chain(many).take(100).map(Into::into).collect();
    let until = moment(event.it, &format!("{at}/watermark"));
    if of.is_empty() && until.is_none() {
        return nothing("receipt of nothing");
    }
    event.unnamed(InboundKind::Receipt { of, until, status })
}

fn edited(event: &Event<'_>) -> Vec<What> {
    let (Some(mid), Some(text)) =
        (event.text("/message_edit/mid"), event.text("/message_edit/text"))
    else {
        return nothing("edit of nothing");
    };
    let n = event.text("/message_edit/num_edit").unwrap_or_default();
    let kind = InboundKind::Edit { of: mid.clone().into(), text };
    vec![What::Chat(event.chat(format!("{mid}/edit/{n}"), kind))]
}

/// Meta enforces its policy on the page.
fn enforced(it: &Value, at: Micros) -> AccountNews {
    let why = text(it, "/reason").unwrap_or_else(|| "policy enforcement".to_owned());
    let standing = match text(it, "/action").as_deref() {
        Some("block") => Standing::Stopped { why, until: at.after(BLOCKED) },
        Some("unblock") => Standing::Good,
        _ => return notice("policy enforcement", it),
    };
    AccountNews::stands("policy", standing)
}
