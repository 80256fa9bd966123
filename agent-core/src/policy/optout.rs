//! Stop, start, and the wish for a person, in any reasonable form, before any model is asked.
//!
//! The United States' FCC wants a revocation honoured "in any reasonable manner" (47 CFR 64.1200(a)(10));
//! ours is read from whole messages and a few sentence forms, in the languages the packs speak. A word like
//! "cancel" or "end" counts only when it is all that was said: "cancel my order" is an order's business.

mod words;

use unicode_normalization::UnicodeNormalization as _;

use self::words::{
    HUMAN, HUMAN_ASKED, HUMAN_WITHIN, MESSAGES, MORE, POLITE, REFUSAL, START, START_WITHIN, STOP,
    STOP_IN_ORDER, STOP_WITHIN, UNMISTAKABLE, WISHED,
};
use crate::pack::Pack;

/// What a customer wishes of us.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// A person.
    Human,
}

/// Whether an answer to our own question stops us, and is no mere no.
pub(super) fn is_unmistakable(text: &str) -> bool {
    let said = plain(text);
    UNMISTAKABLE.iter().any(|words| holds(&said, words))
}

/// What a tap on one of our own options wishes. "Cancel" or "End" alone is no stop there: it is of what was offered.
#[must_use]
pub fn tapped(label: &str, pack: &Pack) -> Option<Wish> {
    wish(label, pack, is_unmistakable(label))
}

/// What a message wishes, if it is such a wish.
#[must_use]
pub fn read(text: &str, pack: &Pack) -> Option<Wish> {
    wish(text, pack, true)
}

/// `alone`: whether words stop us that do so only where they are all that was said.
fn wish(text: &str, pack: &Pack, alone: bool) -> Option<Wish> {
    let said = plain(text);
    if said.is_empty() {
        return None;
    }
    let own = |list: fn(&crate::pack::Lexicon) -> &Vec<String>| {
        pack.lexicons.values().flat_map(list).any(|word| plain(word) == said)
    };
    let bare = bare(&said);
    let whole = |list: &[&str]| list.contains(&said.as_str()) || list.contains(&bare.as_str());
    let within = |list: &[&str]| list.iter().any(|words| holds(&said, words));
    let stops = alone && whole(STOP) || within(STOP_WITHIN) || own(|lexicon| &lexicon.stop);
    let in_order = || STOP_IN_ORDER.iter().any(|words| follow(&said, words));
    if stops || is_unwanted(&said) || in_order() {
        Some(Wish::Stop)
    } else if whole(START) || within(START_WITHIN) || own(|lexicon| &lexicon.start) {
        Some(Wish::Start)
    } else if within(HUMAN_ASKED) {
        None
    } else if whole(HUMAN) || within(HUMAN_WITHIN) || own(|lexicon| &lexicon.human) {
        Some(Wish::Human)
    } else {
        None
    }
}

/// Whether a sentence says in any words that no more messages are wanted: "I don't want any more messages from you".
fn is_unwanted(said: &str) -> bool {
    let words: Vec<&str> = said.split(' ').collect();
    let Some(refused) = words.iter().position(|word| REFUSAL.contains(word)) else { return false };
    let after = words.get(refused + 1..).unwrap_or_default();
    let any = |words: &[&str], list: &[&str]| words.iter().any(|word| list.contains(word));
    any(after, MESSAGES) && any(&words, MORE) && any(&words, WISHED)
}

/// Whether a sentence has a word of each of these lists, in order.
fn follow(said: &str, lists: &[&[&str]]) -> bool {
    let mut words = said.split(' ');
    lists.iter().all(|list| words.any(|word| list.contains(&word)))
}

/// What is left without politeness, repetition and letters that are held: "ok STOOOP stop, thanks!" is "stop".
fn bare(said: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in said.split(' ').filter(|word| !POLITE.contains(word)) {
        let mut held = String::new();
        let chars: Vec<char> = word.chars().collect();
        for run in chars.chunk_by(|a, b| a == b) {
            held.extend(run.iter().take(if run.len() > 2 { 1 } else { 2 }));
        }
        if words.last() != Some(&held) {
            words.push(held);
        }
    }
    words.join(" ")
}

/// Lower case, without marks, signs and invisible characters; full-width letters as plain ones.
fn plain(text: &str) -> String {
    let folded: String =
        text.nfkc().flat_map(char::to_lowercase).filter(|c| !matches!(c, '\'' | '’')).collect();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn holds(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).is_none_or(|text| text.is_empty() || text.ends_with(' '));
        let after = text.get(at + words.len()..);
        before && after.is_none_or(|text| text.is_empty() || text.starts_with(' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::tests::pack;

    #[test]
    fn asking_whether_we_are_a_person_is_no_wish_for_one() {
        for message in ["are you a real person?", "Spreche ich mit einem Menschen?"] {
            assert_eq!(read(message, &pack()), None, "{message}");
        }
    }

    #[test]
    fn stop_start_and_person_are_read_in_any_reasonable_form() {
        for (wish, messages) in [
            (
                Wish::Stop,
                &[
                    "STOP",
                    "Stop!",
                    "ｓｔｏｐ",
                    "please stop.",
                    "Please stop messaging me",
                    "don't text me again",
                    "Unsubscribe",
                    "no more messages, thanks",
                    "STOPP 🛑",
                    "Bitte keine Nachrichten mehr",
                    "hört auf mir zu schreiben!",
                    "ok, stop now please",
                    "stop stop STOP",
                    "STOOOOP!!!",
                    "Bitte sofort abmelden, danke",
                    "please unsubscribe me",
                    "just leave me alone",
                    "don't send me any more messages please",
                    "stop, I don't want any more messages from you",
                    "I do not need any of your texts anymore",
                    "Ich will von euch keine weiteren Nachrichten",
                    "Schickt mir bitte keine Werbung mehr",
                    "Schreiben Sie mir bitte nie wieder",
                    "ich will von euch nicht mehr kontaktiert werden",
                    "will von euch nix mehr hören, abmelden",
                    "nehmt mich bitte aus eurem Verteiler",
                ][..],
            ),
            (
                Wish::Start,
                &["START", "unstop", "you can write again", "Ihr dürft wieder schreiben"],
            ),
            (
                Wish::Human,
                &[
                    "I want to talk to a human",
                    "agent please",
                    "can I speak to someone?",
                    "Ich möchte mit einem Mitarbeiter sprechen",
                    "real person!!",
                ],
            ),
        ] {
            for message in messages {
                assert_eq!(read(message, &pack()), Some(wish), "{message}");
            }
        }
    }

    #[test]
    fn on_a_button_only_what_is_unmistakable_stops_us() {
        for label in ["Cancel", "End", "Quit", "No more", "Remove me", "Aufhören", "Revoke"] {
            assert_eq!(tapped(label, &pack()), None, "{label}");
            assert_eq!(read(label, &pack()), Some(Wish::Stop), "typed: {label}");
        }
        for label in
            ["Stop", "Stop messages", "Unsubscribe", "Opt out", "Abmelden", "No more texts"]
        {
            assert_eq!(tapped(label, &pack()), Some(Wish::Stop), "{label}");
        }
        assert_eq!(tapped("Stop by the shop", &pack()), None);
        assert_eq!(tapped("Talk to a human", &pack()), Some(Wish::Human));
    }

    #[test]
    fn what_only_sounds_like_it_is_not_read_so() {
        for message in [
            "can I cancel my order?",
            "stop, I meant the red one",
            "when does the sale end?",
            "non-stop flight",
            "where is the bus stop",
            "are you human?",
            "is this a bot or a person?",
            "start with the jackets",
            "stop by the shop",
            "ok, all good now",
            "all of them please",
            "",
            "wann endet der Sale?",
            "the weekend",
            "cancel the second one",
            "I don't need the gift message any more",
            "why do I get no messages about my parcel?",
            "no more socks please, send the rest",
            "nimm die Liste mit, ich will die Socken nicht mehr",
            "schickt mir den Rest, die Mütze nicht mehr",
        ] {
            assert_eq!(read(message, &pack()), None, "{message}");
        }
    }
}
