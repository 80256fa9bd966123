//! What is told of an account, its numbers and its templates.

use std::time::Duration;

use agent_core::digest::Digest;
use agent_core::message::{AccountNews, Standing};
use agent_core::time::Micros;
use serde_json::Value;
use serde_json::value::RawValue;

use super::parse::Change;
use crate::meta::loose::{moment, text, value};
use crate::meta::news::{News, Of, What, notice};
use crate::meta::parse::unread;

/// Until an account is tried again that Meta closed for no stated time.
const CLOSED: Duration = Duration::from_secs(24 * 3600);
/// How long an account is written from slowly after a warning of which Meta tells no end.
const WARNED: Duration = Duration::from_secs(7 * 24 * 3600);

/// Reads a change that names no number: it is of the whole business account, or of one number by its digits.
pub(super) fn read(field: &str, business: &str, at: Micros, raw: &RawValue) -> News {
    let of = |told: &Value| {
        let digits = text(told, "/display_phone_number").or_else(|| text(told, "/phone_number"));
        Of::Business(business.to_owned(), digits)
    };
    let Some(told) = value(raw) else {
        return unread(Of::Business(business.to_owned(), None), field, raw);
    };
    let news = match field {
        "account_update" => account(&told, at),
        "phone_number_quality_update" => quality(&told),
        "message_template_status_update" => template(&told),
        "account_review_update"
        | "account_alerts"
        | "business_capability_update"
        | "business_username_update"
        | "message_template_components_update"
        | "message_template_quality_update"
        | "phone_number_name_update"
        | "security"
        | "template_category_update" => notice(field, &told),
        _ => return News { of: of(&told), what: What::Nothing(field.to_owned()) },
    };
    let id = format!("{field}/{}/{}", at.0, Digest::of(raw.get().as_bytes()));
    News { of: of(&told), what: What::Account { id: id.into(), at, news } }
}

/// News of the number a change is for.
pub(super) fn told(id: &str, news: &AccountNews, change: &Change<'_>) -> What {
    // What has no id of its own is told by what it says.
    let id = match news {
        AccountNews::Notice { facts, .. } => format!("{id}/{}", Digest::of_value(facts)),
        _ => id.to_owned(),
    };
    What::Account { id: id.into(), at: change.reading.now, news: news.clone() }
}

/// What Meta does about an account, each under what ends it: nothing else does.
fn account(told: &Value, at: Micros) -> AccountNews {
    let event = text(told, "/event").unwrap_or_default();
    let stopped = |until: Micros| Standing::Stopped { why: event.clone(), until };
    match event.as_str() {
        "DISABLED_UPDATE" => {
            let standing = match text(told, "/ban_info/waba_ban_state").as_deref() {
                Some("REINSTATE") => Standing::Good,
                Some("SCHEDULE_FOR_DISABLE") => Standing::Slowed(event),
                _ => stopped(at.after(CLOSED)),
            };
            AccountNews::stands("ban", standing)
        }
        "ACCOUNT_RESTRICTION" => restriction(told, event, at),
        "ACCOUNT_VIOLATION" => AccountNews::Stands {
            cause: "violation".into(),
            standing: Standing::Slowed(event),
            ends: Some(at.after(WARNED)),
        },
        "ACCOUNT_DELETED"
        | "ACCOUNT_OFFBOARDED"
        | "PARTNER_REMOVED"
        | "PARTNER_APP_UNINSTALLED" => AccountNews::stands("access", stopped(at.after(CLOSED))),
        "ACCOUNT_RECONNECTED" => AccountNews::stands("access", Standing::Good),
        // That an account was verified ends nothing of these.
        _ => notice("account_update", told),
    }
}

/// A restriction of answers stops the number until it ends; one of messages the business begins slows it so long.
fn restriction(told: &Value, event: String, at: Micros) -> AccountNews {
    let all = told.pointer("/restriction_info").and_then(Value::as_array);
    let all = || all.into_iter().flatten();
    let of_answers = |it: &&Value| {
        text(it, "/restriction_type").is_some_and(|it| it.contains("CUSTOMER_INITIATED"))
    };
    let end = |it: &Value| moment(it, "/expiration");
    let (standing, ends) = match all().find(of_answers) {
        Some(it) => {
            let until = end(it).unwrap_or_else(|| at.after(CLOSED));
            (Standing::Stopped { why: event, until }, None)
        }
        None => {
            let ends = all().filter_map(end).max().unwrap_or_else(|| at.after(WARNED));
            (Standing::Slowed(event), Some(ends))
        }
    };
    AccountNews::Stands { cause: "restriction".into(), standing, ends }
}

fn quality(told: &Value) -> AccountNews {
    let event = text(told, "/event").unwrap_or_default();
    let standing = match event.as_str() {
        "FLAGGED" | "DOWNGRADE" => Standing::Slowed(format!("quality {event}")),
        "UNFLAGGED" | "UPGRADE" | "ONBOARDING" => Standing::Good,
        _ => return notice("phone_number_quality_update", told),
    };
    AccountNews::stands("quality", standing)
}

fn template(told: &Value) -> AccountNews {
    let event = text(told, "/event").unwrap_or_default();
    let name = text(told, "/message_template_name").unwrap_or_default();
    let usable = match event.as_str() {
        // Flagged is a warning: it may still be sent.
        "APPROVED" | "REINSTATED" | "FLAGGED" | "UNPAUSED" => true,
        "REJECTED" | "PENDING" | "PAUSED" | "DISABLED" | "LOCKED" | "ARCHIVED" | "DELETED"
        | "PENDING_DELETION" | "IN_APPEAL" | "LIMIT_EXCEEDED" => false,
        _ => return notice("message_template_status_update", told),
    };
    let reason = text(told, "/reason").unwrap_or_default();
    AccountNews::Template {
        name: name.into(),
        locale: text(told, "/message_template_language").unwrap_or_default().into(),
        usable,
        why: format!("{event} {reason}").trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use agent_core::id::Name;
    use serde_json::json;

    use super::*;
    use crate::meta::news::Reading;
    use crate::meta::parse::parse;

    const TOLD: Micros = Micros(1_793_491_200_000_000);

    /// What a change of a business account comes to, and whom it is for.
    fn told(field: &str, value: &Value) -> (Of, What) {
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "5",
            "time": TOLD.0 / 1_000_000, "changes": [{ "field": field, "value": value }] }] });
        let reading = Reading { now: TOLD.after(CLOSED) };
        let mut news = parse(body.to_string().as_bytes(), reading).unwrap();
        assert_eq!(news.len(), 1);
        let News { of, what } = news.remove(0);
        (of, what)
    }

    fn standing(field: &str, value: &Value) -> Standing {
        stands(field, value).1
    }

    fn stands(field: &str, value: &Value) -> (Name, Standing, Option<Micros>) {
        match told(field, value).1 {
            What::Account { news: AccountNews::Stands { cause, standing, ends }, .. } => {
                (cause, standing, ends)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_account_is_stopped_slowed_or_good_again() {
        let event = |event: &str| standing("account_update", &json!({ "event": event }));
        let closed = TOLD.after(CLOSED);
        let stopped = |why: &str, until| Standing::Stopped { why: why.to_owned(), until };
        assert_eq!(event("ACCOUNT_DELETED"), stopped("ACCOUNT_DELETED", closed));
        assert_eq!(event("ACCOUNT_VIOLATION"), Standing::Slowed("ACCOUNT_VIOLATION".to_owned()));
        assert_eq!(event("ACCOUNT_RECONNECTED"), Standing::Good);
        let verified = told("account_update", &json!({ "event": "VERIFIED_ACCOUNT" })).1;
        assert!(matches!(verified, What::Account { news: AccountNews::Notice { .. }, .. }));
        let ban = |state: &str| {
            let ban =
                json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state } });
            standing("account_update", &ban)
        };
        assert_eq!(ban("DISABLE"), stopped("DISABLED_UPDATE", closed));
        assert_eq!(ban("SCHEDULE_FOR_DISABLE"), Standing::Slowed("DISABLED_UPDATE".to_owned()));
        assert_eq!(ban("REINSTATE"), Standing::Good);
        let restricted = |kind: &str| {
            let info = json!([{ "restriction_type": kind, "expiration": 1_793_577_600 }]);
            let told = json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": info });
            standing("account_update", &told)
        };
        let until = Micros(1_793_577_600_000_000);
        let answers = restricted("RESTRICTED_CUSTOMER_INITIATED_MESSAGING");
        assert_eq!(answers, stopped("ACCOUNT_RESTRICTION", until));
        let begun = restricted("RESTRICTED_BIZ_INITIATED_MESSAGING");
        assert_eq!(begun, Standing::Slowed("ACCOUNT_RESTRICTION".to_owned()));
    }

    #[test]
    fn each_news_is_of_its_own_cause_and_over_when_meta_says() {
        let of = |event: Value| {
            let (cause, _, ends) = stands("account_update", &event);
            (cause.to_string(), ends)
        };
        let event = |event: &str| of(json!({ "event": event }));
        let cause = |cause: &str, ends| (cause.to_owned(), ends);
        assert_eq!(event("DISABLED_UPDATE"), cause("ban", None));
        for name in ["ACCOUNT_DELETED", "PARTNER_REMOVED", "ACCOUNT_RECONNECTED"] {
            assert_eq!(event(name), cause("access", None), "{name}");
        }
        let warned = Some(TOLD.after(WARNED));
        assert_eq!(event("ACCOUNT_VIOLATION"), cause("violation", warned));
        assert_eq!(event("ACCOUNT_RESTRICTION"), cause("restriction", warned));
        let of_begun = |end: i64| json!({ "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": end });
        let info = json!([of_begun(1_793_577_600), of_begun(1_793_491_300)]);
        let restricted = json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": info });
        let until = Some(Micros(1_793_577_600_000_000));
        assert_eq!(of(restricted), cause("restriction", until));
        let quality = json!({ "display_phone_number": "4930 1", "event": "ONBOARDING" });
        let (cause, standing, ends) = stands("phone_number_quality_update", &quality);
        assert_eq!((cause.as_str(), standing, ends), ("quality", Standing::Good, None));
    }

    #[test]
    fn quality_is_of_one_number_and_a_template_of_all() {
        let quality = json!({ "display_phone_number": "4930 1", "event": "FLAGGED" });
        assert_eq!(
            standing("phone_number_quality_update", &quality),
            Standing::Slowed("quality FLAGGED".to_owned())
        );
        let of = told("phone_number_quality_update", &quality).0;
        assert_eq!(of, Of::Business("5".to_owned(), Some("4930 1".to_owned())));
        for (event, may) in [("PAUSED", false), ("FLAGGED", true), ("APPROVED", true)] {
            let it = json!({ "event": event, "message_template_name": "shipped",
                "message_template_language": "de", "reason": null });
            let (of, what) = told("message_template_status_update", &it);
            assert_eq!(of, Of::Business("5".to_owned(), None));
            let What::Account { news: AccountNews::Template { usable, name, .. }, .. } = what
            else {
                panic!("{what:?}")
            };
            assert_eq!((usable, name.as_str()), (may, "shipped"), "{event}");
        }
        let unknown = told("account_update", &json!({ "event": "SOMETHING_NEW" })).1;
        assert!(
            matches!(unknown, What::Account { news: AccountNews::Notice { .. }, .. }),
            "people read it: {unknown:?}"
        );
    }
}
