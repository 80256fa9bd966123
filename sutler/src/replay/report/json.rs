//! The report as one JSON object: the figures, then what differs. Turns that are alike are told in short.

use serde_json::json;

use super::Report;

/// The text of the file.
#[must_use]
pub fn json(report: &Report) -> String {
    let value = json!({
        "format": 1,
        "changes": report.changes,
        "figures": report.figures(),
        "conversations": report.conversations,
    });
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}
