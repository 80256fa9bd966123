//! Meta's error codes, each in its class: what is to be done, and nothing else, is read from them.
//!
//! The same codes come in answers to a send and in its status webhooks. Only the number is looked at, never the
//! title or the HTTP status. From the documents of the Cloud API and of Messenger, November 2026.

use std::time::Duration;

use agent_core::message::Rests;
use serde_json::Value;

use super::loose::text;

/// How often a message is sent again that Meta had taken and told of as failed.
const AGAIN: u16 = 6;
/// Until a customer who has had enough of marketing may be tried again.
pub(crate) const CAPPED: Duration = Duration::from_secs(24 * 3_600);
/// The sending, counted from 0, from which on a file that Meta could not fetch is left out, or told by its link.
pub(crate) const PLAIN: u16 = 2;
/// How long a number waits where Meta does not say.
pub(crate) const ACCOUNT: Duration = Duration::from_secs(60);
/// Until a number that Meta stopped is tried again.
pub(crate) const STOPPED: Duration = Duration::from_secs(3_600);

/// What is to be done.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The same again, later and later.
    Retry,
    /// This chat is written to too often.
    PairSlower,
    /// The whole number is.
    NumberSlower,
    /// The file can't be had, or Meta does not know why itself: once more, then without the file, then not.
    Once,
    /// It is too long since the customer wrote.
    WindowClosed,
    /// It can't reach this customer.
    Recipient,
    /// This customer has had enough of marketing for now: Meta lets some more through in a day at the earliest, later
    /// and later, and refuses whatever is tried before ("per-user marketing template message limits", and the entry
    /// of 131049 among its error codes). What is sent here is good for a day, so it is over by then: whoever sent it
    /// is told when it may be tried, and the agent sends nothing of the kind by itself.
    Capped,
    /// The customer wants none of this.
    OptedOut,
    /// The number must stop: quality, payment, a ban.
    Stopped,
    /// Our key.
    Unauthorized,
    /// Our rights, or this customer: Messenger says 10 and 200 for what an app may not do, and also where one person
    /// takes no messages (2018108), is away (1545041), or is no tester of an app that is not public (2018028), and its
    /// list of such second codes is not whole ("Common Error Codes" of the Messenger Platform). So a refusal is the
    /// chat's alone, until a second chat is refused as well.
    Forbidden,
    /// The template can't be used.
    Template,
    /// What we sent is wrong.
    Bug,
}

/// The class of a code; one nobody knows is tried again when Meta says that it passes, else it is our bug.
#[must_use]
pub fn class(code: u64, transient: Option<bool>) -> Class {
    match code {
        1 | 2 | 131_000 | 131_016 | 133_004 => Class::Retry,
        131_056 => Class::PairSlower,
        4 | 32 | 613 | 80_007 | 130_429 | 131_057 | 133_016 => Class::NumberSlower,
        131_052 | 131_053 | 135_000 => Class::Once,
        131_047 => Class::WindowClosed,
        131_026 | 131_030 | 131_021 | 130_472 | 131_062 | 551 => Class::Recipient,
        131_049 => Class::Capped,
        131_050 => Class::OptedOut,
        131_048 | 131_064 | 368 | 131_031 | 130_497 | 131_037 | 131_042 | 131_063 => Class::Stopped,
        0 | 3 | 33 | 190 | 131_005 | 131_045 => Class::Unauthorized,
        10 | 200..=299 => Class::Forbidden,
        132_015 | 132_016 | 132_068 | 132_069 => Class::Template,
        _ if transient == Some(true) => Class::Retry,
        _ => Class::Bug,
    }
}

/// An error as the Graph API tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    /// Its code.
    pub code: u64,
    /// Its second code, which Messenger's errors need.
    pub subcode: Option<u64>,
    /// Whether Meta says that it passes.
    pub transient: Option<bool>,
    /// Its words, for the operator.
    pub message: String,
}

impl GraphError {
    /// The error of an answer's body, if it tells one.
    #[must_use]
    pub fn of(body: &Value) -> Option<Self> {
        let number = |path: &str| text(body, path)?.parse().ok();
        let message = text(body, "/error/message").unwrap_or_default();
        let details = text(body, "/error/error_data/details").unwrap_or_default();
        Some(Self {
            code: number("/error/code")?,
            subcode: number("/error/error_subcode"),
            transient: body.pointer("/error/is_transient").and_then(Value::as_bool),
            message: format!("{message} {details}").trim().chars().take(300).collect(),
        })
    }

    /// Its class.
    #[must_use]
    pub fn class(&self) -> Class {
        match (self.code, self.subcode) {
            // Messenger's window, and its people who are not there.
            (10, Some(2_018_065 | 2_018_278 | 2_534_022)) => Class::WindowClosed,
            (100, Some(2_018_001)) => Class::Recipient,
            // Who blocked the page or is away, under codes that otherwise mean our rights.
            (10 | 200, Some(1_545_041 | 2_018_108)) => Class::Recipient,
            (code, _) => class(code, self.transient),
        }
    }
}

/// How long the n-th time of waiting is, counted from 1: 4 seconds to the n-th power, to an hour.
#[must_use]
pub fn pair_wait(n: u32) -> Duration {
    let seconds = 4_u64.saturating_pow(n.clamp(1, 6)).min(3_600);
    Duration::from_secs(seconds)
}

/// How long the n-th try after a failure that passes is waited for: doubling from 2 seconds to 10 minutes,
/// less up to a quarter that `spread` (0 to 255) chooses, so that not all come at once.
#[must_use]
pub fn retry_wait(n: u32, spread: u8) -> Duration {
    let whole = Duration::from_secs(2_u64.saturating_pow(n.clamp(1, 10)).min(600));
    whole - whole / 4 * u32::from(spread) / 255
}

/// What follows for a message that Meta had taken and tells of as failed: how long until it is sent again, and what
/// rests so long; none where it is not sent again. `times` says how often it was before, and `spread` is of
/// [`retry_wait`].
#[must_use]
pub fn after_failure(class: Class, times: u16, spread: u8) -> Option<(Duration, Rests)> {
    let n = u32::from(times) + 1;
    // Meta tells of a failure after it tried for itself: so the first wait is no shorter than a quarter of a minute.
    let later = || retry_wait(n + 3, spread);
    match class {
        _ if times >= AGAIN => None,
        Class::Retry | Class::Unauthorized | Class::Forbidden => Some((later(), Rests::Part)),
        Class::Once if times < PLAIN => Some((later(), Rests::Part)),
        Class::PairSlower => Some((pair_wait(n), Rests::Chat)),
        Class::NumberSlower => Some((ACCOUNT, Rests::Account)),
        // That the number is stopped is told to its account, which holds all else as well.
        Class::Stopped => Some((STOPPED, Rests::Part)),
        Class::WindowClosed => Some((Duration::ZERO, Rests::Window)),
        Class::Once
        | Class::Recipient
        | Class::Capped
        | Class::OptedOut
        | Class::Template
        | Class::Bug => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_the_documents_is_in_its_class() {
        let classes: &[(Class, &[u64])] = &[
            (Class::Retry, &[1, 2, 131_000, 131_016, 133_004]),
            (Class::NumberSlower, &[4, 80_007, 130_429, 131_057, 133_016]),
            (Class::PairSlower, &[131_056]),
            (Class::Once, &[131_052, 131_053, 135_000]),
            (Class::WindowClosed, &[131_047]),
            (Class::Recipient, &[131_026, 131_030, 131_021, 130_472, 131_062]),
            (Class::Capped, &[131_049]),
            (Class::OptedOut, &[131_050]),
            (Class::Stopped, &[131_048, 131_064, 368, 131_031, 130_497, 131_037, 131_042, 131_063]),
            (Class::Unauthorized, &[0, 3, 190, 131_005, 131_045, 33]),
            (Class::Forbidden, &[10, 200, 230, 299]),
            (Class::Bug, &[100, 131_008, 131_009, 131_051, 132_000, 132_001, 132_005, 132_007]),
            (Class::Bug, &[132_008, 132_012, 132_018, 999_999]),
            (Class::Template, &[132_015, 132_016, 132_068, 132_069]),
        ];
        for (expected, codes) in classes {
            for code in *codes {
                assert_eq!(class(*code, None), *expected, "{code}");
            }
        }
        assert_eq!(class(999_999, Some(true)), Class::Retry);
        let of = |code: u64, subcode: u64| {
            let body = serde_json::json!({ "error": { "code": code, "error_subcode": subcode } });
            GraphError::of(&body).unwrap().class()
        };
        for subcode in [2_018_065, 2_018_278, 2_534_022] {
            assert_eq!(of(10, subcode), Class::WindowClosed, "{subcode}");
        }
        for (code, subcode) in [(10, 2_018_108), (200, 2_018_108), (200, 1_545_041)] {
            assert_eq!(of(code, subcode), Class::Recipient, "{code}, {subcode}");
        }
        assert_eq!(of(200, 2_018_028), Class::Forbidden);
    }

    #[test]
    fn what_is_told_of_as_failed_follows_its_class() {
        let seconds = |class, times| {
            after_failure(class, times, 0).map(|(wait, rests)| (wait.as_secs(), rests))
        };
        let cases = [
            (Class::Retry, 0, Some((16, Rests::Part))),
            (Class::Retry, 5, Some((512, Rests::Part))),
            (Class::Retry, 6, None),
            (Class::Unauthorized, 0, Some((16, Rests::Part))),
            (Class::Forbidden, 0, Some((16, Rests::Part))),
            (Class::Once, 0, Some((16, Rests::Part))),
            (Class::Once, 1, Some((32, Rests::Part))),
            (Class::Once, 2, None),
            (Class::PairSlower, 1, Some((16, Rests::Chat))),
            (Class::NumberSlower, 0, Some((60, Rests::Account))),
            (Class::Stopped, 0, Some((3_600, Rests::Part))),
            (Class::WindowClosed, 0, Some((0, Rests::Window))),
            (Class::Recipient, 0, None),
            (Class::Capped, 0, None),
            (Class::OptedOut, 0, None),
            (Class::Template, 0, None),
            (Class::Bug, 0, None),
        ];
        for (class, times, expected) in cases {
            assert_eq!(seconds(class, times), expected, "{class:?} after {times}");
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let seconds: Vec<u64> = (1..8).map(|n| pair_wait(n).as_secs()).collect();
        assert_eq!(seconds, [4, 16, 64, 256, 1024, 3600, 3600]);
        let seconds: Vec<u64> = (0..12).map(|n| retry_wait(n, 0).as_secs()).collect();
        assert_eq!(seconds, [2, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(retry_wait(2, 255), Duration::from_secs(3));
    }
}
