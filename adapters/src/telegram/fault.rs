//! What an error of teloxide means for a delivery.

use std::time::Duration;

use agent_core::channel::DeliveryError;
use serde::Deserialize;
use teloxide::{ApiError, RequestError};

/// Until a server that could not be reached is tried again: nothing was sent.
const UNREACHED: Duration = Duration::from_secs(5);
/// How long a chat rests when Telegram does not say.
const REST: Duration = Duration::from_secs(30);

/// What an answer came to that teloxide could not read: the number of the message it tells of.
///
/// A message that was sent must not be sent again because something in the answer is new.
pub(super) fn accepted(raw: &str) -> Option<i32> {
    #[derive(Deserialize)]
    struct Answer {
        ok: bool,
        result: serde_json::Value,
    }
    let answer: Answer = serde_json::from_str(raw).ok().filter(|answer: &Answer| answer.ok)?;
    let message = answer.result.get(0).unwrap_or(&answer.result);
    i32::try_from(message.get("message_id")?.as_i64()?).ok()
}

/// Why a delivery failed.
pub(super) fn delivery(error: &RequestError) -> DeliveryError {
    match error {
        RequestError::RetryAfter(seconds) => {
            DeliveryError::TooFast(Duration::from_secs(seconds.seconds().into()))
        }
        // A connection that never stood carried nothing.
        RequestError::Network(error) if error.is_connect() => DeliveryError::Later(UNREACHED),
        RequestError::Network(_) | RequestError::InvalidJson { .. } => {
            DeliveryError::Ambiguous(told(error))
        }
        RequestError::Api(ApiError::BotBlocked) => DeliveryError::OptedOut,
        RequestError::Api(ApiError::InvalidToken) => DeliveryError::Unauthorized(told(error)),
        RequestError::Api(ApiError::Unknown(words)) => unknown(words),
        RequestError::Api(_) | RequestError::MigrateToChatId(_) | RequestError::Io(_) => {
            DeliveryError::Never(told(error))
        }
    }
}

/// teloxide drops the code of an error it has no word for; what Telegram writes there begins with its name.
fn unknown(words: &str) -> DeliveryError {
    let begins = |starts: &[&str]| starts.iter().any(|start| words.starts_with(start));
    if begins(&["Too Many Requests"]) {
        let seconds = words.rsplit(' ').next().and_then(|last| last.parse().ok());
        return DeliveryError::TooFast(seconds.map_or(REST, Duration::from_secs));
    }
    if begins(&["Internal Server Error", "Bad Gateway", "Gateway Timeout", "Service Unavailable"]) {
        return DeliveryError::Ambiguous(words.to_owned());
    }
    DeliveryError::Never(words.to_owned())
}

/// An error in words, without what anybody wrote.
pub(super) fn told(error: &RequestError) -> String {
    match error {
        RequestError::InvalidJson { source, .. } => format!("the answer is not readable: {source}"),
        // Its address holds the token, which teloxide hides where it knows it; better none at all.
        RequestError::Network(error) if error.is_timeout() => "no answer in time".to_owned(),
        RequestError::Network(error) if error.is_connect() => "not reached".to_owned(),
        RequestError::Network(_) => "the connection ended before the answer".to_owned(),
        RequestError::Api(error) => error.to_string(),
        RequestError::RetryAfter(_) | RequestError::MigrateToChatId(_) | RequestError::Io(_) => {
            error.to_string()
        }
    }
}

/// Whether the bot may not write to a person who has not opened a chat with it, or closed it.
pub(super) fn is_shut(error: &RequestError) -> bool {
    match error {
        RequestError::Api(ApiError::Unknown(words)) => {
            words.contains("can't initiate conversation") || words.contains("chat not found")
        }
        RequestError::Api(error) => matches!(
            error,
            ApiError::BotBlocked | ApiError::CantInitiateConversation | ApiError::ChatNotFound
        ),
        _ => false,
    }
}

/// Which of the pictures of an album Telegram would not have, by its words: "failed to send message #3 with …".
pub(super) fn picture(error: &RequestError) -> Option<usize> {
    let RequestError::Api(ApiError::Unknown(words)) = error else { return None };
    let (_, after) = words.split_once("message #")?;
    after.split(' ').next()?.parse::<usize>().ok()?.checked_sub(1)
}

/// Whether it was a picture, a file or a link Telegram would not have: nothing was sent.
pub(super) fn is_of_content(error: &RequestError) -> bool {
    match error {
        RequestError::Api(ApiError::Unknown(words)) => {
            let words = words.to_lowercase();
            words.starts_with("bad request")
                && ["url", "photo", "image", "file", "media", "webpage", "web page", "http"]
                    .iter()
                    .any(|word| words.contains(word))
        }
        RequestError::Api(error) => matches!(
            error,
            ApiError::ButtonUrlInvalid
                | ApiError::FailedToGetUrlContent
                | ApiError::ImageProcessFailed
                | ApiError::WrongFileId
                | ApiError::WrongFileIdOrUrl
                | ApiError::WrongHttpUrl
                | ApiError::FileIdInvalid
                | ApiError::PhotoAsInputFileRequired
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use teloxide::types::Seconds;

    use super::*;

    #[test]
    fn errors_mean_what_the_courier_can_do() {
        let api = |words: &str| RequestError::Api(ApiError::Unknown(words.to_owned()));
        let seconds = Duration::from_secs;
        for (error, means) in [
            (
                RequestError::RetryAfter(Seconds::from_seconds(35)),
                DeliveryError::TooFast(seconds(35)),
            ),
            (api("Too Many Requests: retry after 7"), DeliveryError::TooFast(seconds(7))),
            (api("Too Many Requests"), DeliveryError::TooFast(REST)),
            (
                api("Internal Server Error"),
                DeliveryError::Ambiguous("Internal Server Error".to_owned()),
            ),
            (
                api("Bad Request: message to be replied not found"),
                DeliveryError::Never("Bad Request: message to be replied not found".to_owned()),
            ),
            (RequestError::Api(ApiError::BotBlocked), DeliveryError::OptedOut),
            (
                RequestError::Api(ApiError::InvalidToken),
                DeliveryError::Unauthorized("Invalid bot token".to_owned()),
            ),
        ] {
            assert_eq!(delivery(&error), means);
        }
    }

    #[test]
    fn what_telegram_would_not_have_is_told_by_its_words() {
        let api = |words: &str| RequestError::Api(ApiError::Unknown(words.to_owned()));
        for (words, of_content, which) in [
            ("Bad Request: wrong type of the web page content", true, None),
            (
                "Bad Request: failed to send message #3 with the error message \"WEBPAGE_MEDIA_EMPTY\"",
                true,
                Some(2),
            ),
            ("Bad Request: chat not found", false, None),
        ] {
            assert_eq!(
                (is_of_content(&api(words)), picture(&api(words))),
                (of_content, which),
                "{words}"
            );
        }
    }

    #[test]
    fn an_answer_with_something_new_in_it_is_still_an_answer() {
        assert_eq!(
            accepted(r#"{"ok":true,"result":{"message_id":8,"aura":{"deep":[]}}}"#),
            Some(8)
        );
        assert_eq!(
            accepted(r#"{"ok":true,"result":[{"message_id":9},{"message_id":10}]}"#),
            Some(9)
        );
        for none in
            [r#"{"ok":false,"result":{"message_id":8}}"#, "<html>", r#"{"ok":true,"result":true}"#]
        {
            assert_eq!(accepted(none), None);
        }
    }
}
