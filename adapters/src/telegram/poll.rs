//! Long polling: for a shop that is not reached from outside. An update is confirmed by asking for the next,
//! which is done only after it is durable.

use std::time::Duration;

use teloxide::prelude::Requester as _;
use teloxide::types::Update;
use teloxide::{ApiError, RequestError};

use super::decode::{self, Unread};
use super::door::{Door, WANTED};
use super::fault;

/// How long Telegram may hold a question for updates open. teloxide's client gives up after 17 seconds.
const PATIENCE: u32 = 10;
/// Updates in one answer; Telegram's own most.
const UPDATES: u8 = 100;
/// The first and the longest wait after a failure.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Polls until `stop`; what was fetched by then and not taken in is fetched again at the next start.
pub async fn poll(door: Door, stop: impl Future<Output = ()> + Send) {
    let account = door.telegram.account().clone();
    let clock = door.telegram.clock().clone();
    let mut stop = std::pin::pin!(stop);
    let mut polling = Polling { door, offset: None, begun: false };
    let mut wait = WAITS.0;
    loop {
        let failed = tokio::select! {
            () = &mut stop => return,
            fetched = polling.fetch() => match fetched {
                Ok(updates) => polling.take(updates).await.err(),
                Err(error) => Some(error),
            },
        };
        let Some(failed) = failed else {
            wait = WAITS.0;
            continue;
        };
        match &failed {
            Failed::Soon(why) => tracing::warn!(%account, why, "polling"),
            Failed::Ours(why) => {
                wait = WAITS.1;
                tracing::error!(%account, why, "polling");
            }
        }
        tokio::select! {
            () = &mut stop => return,
            () = clock.sleep_until(clock.now().after(wait)) => {}
        }
        wait = wait.saturating_mul(2).min(WAITS.1);
    }
}

/// Why nothing was fetched or taken in.
enum Failed {
    /// It may be better soon.
    Soon(String),
    /// An operator has to act.
    Ours(String),
}

struct Polling {
    door: Door,
    /// The number from which on updates are wanted.
    offset: Option<i64>,
    /// A webhook of an earlier time is gone.
    begun: bool,
}

impl Polling {
    async fn fetch(&mut self) -> Result<Vec<Result<Update, Unread>>, Failed> {
        let bot = self.door.telegram.bot();
        if !self.begun {
            // With a webhook set there is no polling; what it has not delivered stays.
            bot.delete_webhook().await.map_err(|error| failed(&error))?;
            self.begun = true;
        }
        let mut asked = bot.get_updates();
        asked.offset = self.offset.and_then(|offset| i32::try_from(offset).ok());
        asked.limit = Some(UPDATES);
        asked.timeout = Some(PATIENCE);
        asked.allowed_updates = Some(WANTED.to_vec());
        match asked.await {
            Ok(updates) => Ok(updates.into_iter().map(Ok).collect()),
            Err(RequestError::InvalidJson { raw, source }) => decode::updates(&raw)
                .filter(|updates| updates.iter().any(|update| number(update).is_some()))
                .ok_or_else(|| Failed::Soon(format!("the answer is not readable: {source}"))),
            Err(RequestError::Api(ApiError::CantGetUpdates)) => {
                self.begun = false;
                Err(Failed::Soon("a webhook was set meanwhile".to_owned()))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Takes updates in, in their order, up to the first that can't be.
    async fn take(&mut self, updates: Vec<Result<Update, Unread>>) -> Result<(), Failed> {
        for update in updates {
            let number = number(&update);
            let refused = |error: super::door::Refused| Failed::Soon(error.to_string());
            self.door.take(update).await.map_err(refused)?;
            if let Some(number) = number {
                self.offset = self.offset.max(Some(i64::from(number) + 1));
            }
        }
        Ok(())
    }
}

fn number(update: &Result<Update, Unread>) -> Option<u32> {
    match update {
        Ok(update) => Some(update.id.0),
        Err(unread) => unread.id,
    }
}

fn failed(error: &RequestError) -> Failed {
    match error {
        RequestError::Api(ApiError::InvalidToken) => {
            Failed::Ours("Telegram does not know the bot's token; @BotFather tells it".to_owned())
        }
        RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => Failed::Ours(
            "another process polls with this bot's token; end it, or give it a bot of its own"
                .to_owned(),
        ),
        error => Failed::Soon(fault::told(error)),
    }
}
