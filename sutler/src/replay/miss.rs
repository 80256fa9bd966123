//! A request nothing was recorded for, beside the nearest that was.

use agent_core::model::Request;
use agent_core::replay::asked::RecordedRequest;
use agent_core::replay::cassette::Miss;
use serde::{Deserialize, Serialize};
use similar::TextDiff;

/// Lines of a difference that are shown.
const SHOWN: usize = 60;
/// Recorded requests that are compared with a miss: those of the nearest turns.
const COMPARED: usize = 12;

/// A request that was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// The turn, counted from 1.
    pub turn: usize,
    /// The turn of the nearest recorded request.
    pub nearest: Option<usize>,
    /// How alike the two are, in percent.
    pub alike: u8,
    /// What differs, as lines that begin with `-`, `+` or a space.
    pub diff: String,
}

/// The miss, and the recorded request it is nearest to.
#[must_use]
pub fn explain(miss: &Miss, recorded: &[RecordedRequest]) -> Missed {
    let wanted = text(&miss.request);
    let mut near: Vec<&RecordedRequest> = recorded.iter().collect();
    near.sort_by_key(|it| it.turn.abs_diff(miss.turn));
    near.truncate(COMPARED);
    let texts = near.into_iter().map(|it| (it.turn, text(&it.request)));
    let scored = texts.map(|(turn, text)| {
        let ratio = TextDiff::from_lines(&text, &wanted).ratio();
        (turn, text, ratio)
    });
    let nearest = scored.max_by(|a, b| a.2.total_cmp(&b.2));
    let Some((turn, nearest, ratio)) = nearest else {
        return Missed { turn: miss.turn + 1, nearest: None, alike: 0, diff: String::new() };
    };
    let diff = TextDiff::from_lines(&nearest, &wanted);
    let diff = diff.unified_diff().context_radius(2).to_string();
    let mut lines: Vec<&str> = diff.lines().take(SHOWN).collect();
    if diff.lines().count() > SHOWN {
        lines.push("…");
    }
    Missed {
        turn: miss.turn + 1,
        nearest: Some(turn + 1),
        alike: percent(ratio),
        diff: lines.join("\n"),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a ratio is between 0 and 1"
)]
fn percent(ratio: impl Into<f64>) -> u8 {
    (ratio.into() * 100.0).floor() as u8
}

/// A request as people read it, a field a line.
fn text(request: &Request) -> String {
    serde_json::to_string_pretty(request).unwrap_or_default() + "\n"
}
