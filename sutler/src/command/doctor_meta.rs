//! What `sutler doctor` asks Meta: whether keys, numbers, pages and subscriptions are as they must be.

use std::sync::Arc;

use adapters::meta::app::Subscription;
use adapters::meta::errors::Class;
use adapters::meta::graph::{CallError, Graph};
use serde_json::Value;

use super::doctor::{Finding, Health, failed, found};
use crate::channel::meta::{PATH, settings};
use crate::clock::SystemClock;
use crate::config::{Channel, Config, MetaApp, Shop};
use crate::{assembly, environment};

/// Looks at a channel, if it is one of Meta's.
pub(super) async fn channel(config: &Config, shop: &Shop, channel: &Channel) -> Vec<Finding> {
    let (kind, id, business, app) = if let Channel::WhatsApp(it) = channel {
        ("whatsapp", &it.number_id, it.business_id.as_ref(), &it.app)
    } else if let Channel::Messenger(it) = channel {
        ("messenger", &it.id, None, &it.app)
    } else if let Channel::Instagram(it) = channel {
        ("instagram", &it.id, None, &it.app)
    } else {
        return Vec::new();
    };
    let what = format!("{}: {kind} {id}", shop.name);
    let mut findings = secrets(&what, app);
    if !findings.is_empty() {
        return findings;
    }
    let graph = match (settings(app), assembly::http()) {
        (Ok(settings), Ok(http)) => Graph::new(http, Arc::new(SystemClock), settings),
        (Err(failure), _) | (_, Err(failure)) => return vec![failed(what, &failure)],
    };
    let fields = if kind == "whatsapp" {
        "display_phone_number,verified_name,quality_rating"
    } else {
        "name"
    };
    let known = known(&what, graph.get(&format!("{id}?fields={fields}")).await);
    let reads = known.health != Health::Bad;
    findings.push(known);
    let secret = if reads { proved(&what, id, &graph, app, &mut findings).await } else { None };
    // A page and an account are subscribed themselves, a number by its business account.
    let whose = if kind == "whatsapp" { business } else { Some(id) };
    let mut own = String::new();
    match whose {
        Some(whose) => {
            let apps = graph.get(&format!("{whose}/subscribed_apps")).await;
            own = apps.as_ref().map(ToString::to_string).unwrap_or_default();
            findings.push(subscribed(&what, (kind, whose), &apps));
        }
        None => findings.push(Finding {
            hint: Some("set `business_id`: it stands in the app under API Setup".to_owned()),
            ..found(Health::Worth, &what, "whether an app is subscribed can't be looked up")
        }),
    }
    findings.push(reached(&what, config));
    if let Some(secret) = secret {
        let told = graph.subscriptions(&secret).await;
        findings.extend(tells(&what, kind, told, (webhook(config), &own)));
    }
    findings
}

/// What an app must tell of each kind of account, and what else is of use: taps, echoes, news of the number, who
/// else answers.
fn fields(kind: &str) -> (&'static str, &'static [&'static str], &'static [&'static str]) {
    match kind {
        "whatsapp" => (
            "whatsapp_business_account",
            &["messages"],
            &[
                "account_update",
                "message_template_status_update",
                "messaging_handovers",
                "phone_number_quality_update",
                "smb_message_echoes",
                "standby",
                "user_preferences",
            ],
        ),
        "messenger" => (
            "page",
            &["messages", "messaging_postbacks"],
            &[
                "message_echoes",
                "message_deliveries",
                "message_reads",
                "messaging_handovers",
                "standby",
            ],
        ),
        _ => (
            "instagram",
            &["messages", "messaging_postbacks"],
            &["messaging_handover", "messaging_seen", "standby"],
        ),
    }
}

/// Whether the app tells what it must, and here. `own` is what is said of the account, which may have a webhook of its
/// own.
fn tells(
    what: &str,
    kind: &str,
    told: Result<Vec<Subscription>, CallError>,
    (here, own): (Option<String>, &str),
) -> Vec<Finding> {
    let (object, needed, useful) = fields(kind);
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            return vec![found(Health::Worth, what, format!("what the app tells: {error}"))];
        }
    };
    let hinted = |health, how: String, hint: String| Finding {
        hint: Some(hint),
        ..found(health, what, how)
    };
    let Some(it) = told.into_iter().find(|it| it.object == object) else {
        let hint = "in the app: Webhook, Callback URL and the word, then Manage: messages";
        let how = format!("the app tells nothing of {object}");
        return vec![hinted(Health::Bad, how, hint.to_owned())];
    };
    let missing = |fields: &[&str]| {
        let missing = fields.iter().filter(|field| !it.fields.iter().any(|it| it == *field));
        missing.copied().collect::<Vec<&str>>().join(", ")
    };
    let mut findings = Vec::new();
    if let Some(here) = here.filter(|here| *here != it.callback && !own.contains(here.as_str())) {
        let how = format!("the app tells {}, and not {here}", it.callback);
        let hint = format!("in the app: Webhook, Callback URL: {here}");
        findings.push(hinted(Health::Bad, how, hint));
    }
    for (fields, health) in [(needed, Health::Bad), (useful, Health::Worth)] {
        let missing = missing(fields);
        if !missing.is_empty() {
            let how = format!("the app does not tell {missing}");
            findings.push(hinted(health, how, format!("in the app: Webhook, Manage: {missing}")));
        }
    }
    if findings.is_empty() {
        findings.push(found(Health::Good, what, format!("the app tells {}", it.callback)));
    }
    findings
}

/// The variables that are not set.
fn secrets(what: &str, app: &MetaApp) -> Vec<Finding> {
    let named = [&app.token_env, &app.verify_env].into_iter().chain(&app.secret_env);
    let missing = named.filter(|variable| environment::variable(variable).is_none());
    let mut findings: Vec<Finding> = missing
        .map(|variable| Finding {
            hint: Some(format!("export {variable}=…")),
            ..found(Health::Bad, what, format!("the variable {variable} is not set"))
        })
        .collect();
    if app.secret_env.is_empty() {
        let hint = "name the variable of the app's secret in `secret_env`: App settings, Basic";
        let how = "no secret is named, so no webhook would be believed";
        findings.push(Finding { hint: Some(hint.to_owned()), ..found(Health::Bad, what, how) });
    }
    findings
}

/// Whether the secrets are those of the key's app, with another of which no webhook would be believed; the one that is.
async fn proved(
    what: &str,
    id: &str,
    graph: &Graph,
    app: &MetaApp,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let (mut good, mut wrong) = (None, Vec::new());
    for variable in &app.secret_env {
        let secret = environment::variable(variable).unwrap_or_default();
        match graph.knows(id, &secret).await {
            Ok(true) => {
                let how = format!("{variable} is the secret of the key's app");
                findings.push(found(Health::Good, what, how));
                good = Some(secret);
            }
            Ok(false) => wrong.push(variable),
            Err(error) => {
                let how = format!("whether {variable} is the app's secret: {error}");
                findings.push(found(Health::Worth, what, how));
            }
        }
    }
    // While a secret is being changed one of two is wrong.
    let (health, hint) = if good.is_some() {
        (Health::Worth, "once the app's secret is changed, take the old one out of `secret_env`")
    } else {
        (
            Health::Bad,
            "webhooks are signed with that of App settings, Basic: no message would be believed",
        )
    };
    findings.extend(wrong.into_iter().map(|variable| Finding {
        hint: Some(hint.to_owned()),
        ..found(health, what, format!("{variable} is not the secret of the key's app"))
    }));
    good
}

fn known(what: &str, answer: Result<Value, CallError>) -> Finding {
    match answer {
        Ok(it) => {
            let of = |key: &str| it.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let how = format!(
                "{} {} {}",
                of("verified_name") + &of("name"),
                of("display_phone_number"),
                of("quality_rating")
            );
            let poor = matches!(of("quality_rating").as_str(), "RED" | "YELLOW");
            let hint =
                poor.then(|| "customers block or report it: write less, and ask first".to_owned());
            let health = if poor { Health::Worth } else { Health::Good };
            let how = how.split_whitespace().collect::<Vec<_>>().join(" ");
            Finding { hint, ..found(health, what, format!("the key is good; {how}")) }
        }
        Err(CallError::Refused(error, _)) => {
            let hint = match error.class() {
                Class::Unauthorized | Class::Forbidden => {
                    "make a key of a system user with whatsapp_business_messaging or pages_messaging"
                }
                _ => "is it the id, and not the number? it stands in the app under API Setup",
            };
            let how = format!("Meta refuses: {} (code {})", error.message, error.code);
            Finding { hint: Some(hint.to_owned()), ..found(Health::Bad, what, how) }
        }
        Err(error) => found(Health::Worth, what, error.to_string()),
    }
}

/// Whether an app is subscribed: to a page and an account for fields of its own, besides what the app tells at all.
fn subscribed(
    what: &str,
    (kind, whose): (&str, &str),
    answer: &Result<Value, CallError>,
) -> Finding {
    let apps = match answer {
        Ok(it) => it.get("data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice),
        Err(error) => {
            return found(Health::Worth, what, format!("subscriptions of {whose}: {error}"));
        }
    };
    let (_, needed, useful) = fields(kind);
    let (ask, all) = match kind {
        "whatsapp" => (String::new(), &[][..]),
        _ => (format!("?subscribed_fields={}", [needed, useful].concat().join(",")), needed),
    };
    let told = |field: &str| {
        let fields = apps.iter().filter_map(|app| app.get("subscribed_fields")?.as_array());
        fields.flatten().any(|it| it.as_str() == Some(field))
    };
    let missing: Vec<&str> = all.iter().copied().filter(|field| !told(field)).collect();
    let how = match (apps, missing.as_slice()) {
        ([], _) => format!("no app is subscribed to {whose}: no message would come"),
        (_, []) => return found(Health::Good, what, format!("an app is subscribed to {whose}")),
        (_, missing) => format!("no app is subscribed to {} of {whose}", missing.join(", ")),
    };
    let hint = format!(
        "POST /{whose}/subscribed_apps{ask} with the key, or subscribe in the app's dashboard"
    );
    Finding { hint: Some(hint), ..found(Health::Bad, what, how) }
}

/// Where Meta is to send webhooks, if the shop can be reached from there.
fn webhook(config: &Config) -> Option<String> {
    let url = config.server.public_url.as_deref().filter(|url| url.starts_with("https://"))?;
    Some(format!("{}{PATH}", url.trim_end_matches('/')))
}

/// Whether Meta can send webhooks.
fn reached(what: &str, config: &Config) -> Finding {
    match webhook(config) {
        Some(url) => found(Health::Good, what, format!("its webhook is {url}")),
        None => Finding {
            hint: Some(
                "set `public_url` under `[server]` to the https address of your proxy".to_owned(),
            ),
            ..found(Health::Worth, what, "Meta sends webhooks to https alone")
        },
    }
}
