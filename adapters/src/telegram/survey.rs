//! What an operator has to know of a bot: for `sutler doctor`.

use teloxide::prelude::Requester as _;
use teloxide::{ApiError, RequestError};
use url::Url;

use super::client::Telegram;
use super::fault;

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Whether the shop can be open with it.
    pub good: bool,
    /// Whether it is worth a look all the same.
    pub worth: bool,
    /// How it is.
    pub how: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Remark {
    fn good(how: impl Into<String>) -> Self {
        Self { good: true, worth: false, how: how.into(), hint: None }
    }

    fn worth(how: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { good: true, worth: true, how: how.into(), hint: Some(hint.into()) }
    }

    fn bad(how: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { good: false, worth: true, how: how.into(), hint: Some(hint.into()) }
    }
}

/// Looks at the token, the webhook, and whether the bot reads groups. `webhook` is where it should be; none
/// where the shop polls.
pub async fn survey(telegram: &Telegram, webhook: Option<&Url>) -> Vec<Remark> {
    let me = match telegram.bot().get_me().await {
        Ok(me) => me,
        Err(error) => return vec![token(&error)],
    };
    let name = me.user.username.clone().unwrap_or_default();
    let mut remarks = vec![Remark::good(format!("the token is @{name}'s"))];
    remarks.push(match (me.can_join_groups, me.can_read_all_group_messages) {
        (false, _) => Remark::good("it can't be added to groups, and answers people alone"),
        (true, false) => Remark {
            hint: Some(
                "to be told mentions too: make it an administrator of the group, or @BotFather, /setprivacy, choose the bot, Disable; then add it to the group again".to_owned(),
            ),
            ..Remark::good("privacy mode is on: of groups it is told commands and replies to it alone")
        },
        (true, true) => Remark::worth(
            "privacy mode is off: it is told all that is said in its groups, and answers where it is spoken to",
            "if that is not meant: @BotFather, /setprivacy, choose the bot, Enable; then add it to the groups again",
        ),
    });
    match telegram.bot().get_webhook_info().await {
        Ok(info) => remarks.extend(hook(&info, webhook)),
        Err(error) => remarks.push(Remark::worth(
            format!("the webhook's state is not told: {}", fault::told(&error)),
            "try again",
        )),
    }
    remarks
}

fn token(error: &RequestError) -> Remark {
    match error {
        RequestError::Api(ApiError::InvalidToken) => Remark::bad(
            "Telegram does not know the token",
            "@BotFather, /mybots, choose the bot, API Token; export it under the variable the configuration names",
        ),
        error => Remark::worth(
            format!("Telegram does not answer: {}", fault::told(error)),
            "without a way to it nothing comes in; what is to be sent waits",
        ),
    }
}

fn hook(info: &teloxide::types::WebhookInfo, wanted: Option<&Url>) -> Vec<Remark> {
    let mut remarks = vec![match (&info.url, wanted) {
        (None, None) => Remark::good("no webhook is set, as polling wants it"),
        (Some(url), None) => Remark::worth(
            format!("a webhook is set: {}", host(url)),
            "`sutler serve` takes it away when it begins to poll; if another program uses this bot, give it one of its own",
        ),
        (Some(url), Some(wanted)) if url == wanted => Remark::good("the webhook is ours"),
        (Some(url), Some(_)) => Remark::worth(
            format!("the webhook is another one: {}", host(url)),
            "`sutler serve` sets ours when it begins; if another program uses this bot, give it one of its own",
        ),
        (None, Some(_)) => {
            Remark::worth("the webhook is not set yet", "`sutler serve` sets it when it begins")
        }
    }];
    if let Some(why) = info.last_error_message.as_ref().filter(|_| wanted.is_some()) {
        let hint = "Telegram must reach it by HTTPS on port 443, 80, 88 or 8443, with a certificate that is trusted";
        remarks.push(Remark::worth(format!("Telegram last failed to deliver: {why}"), hint));
    }
    if info.pending_update_count > 0 {
        remarks.push(Remark::good(format!("{} updates wait there", info.pending_update_count)));
    }
    remarks
}

/// Of another's webhook, no more than where it is: its path may be a secret.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}
