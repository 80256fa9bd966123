//! The report as one HTML file: everything is in it, nothing is fetched, and it can be sent by mail.

use agent_core::replay::diff::Facet;
use serde_json::{Value, json};

use super::words::{Became, words};
use super::{Conversation, Report, Turn};
use crate::replay::rates::Spent;

const PAGE: &str = include_str!("page.html");

/// The text of the file.
#[must_use]
pub fn html(report: &Report, title: &str) -> String {
    let figures = report.figures();
    let data = json!({
        "title": title,
        "changes": report.changes,
        "figures": figures,
        "models": figures.models(),
        "facets": Facet::ALL.map(Facet::name),
        "conversations": report.conversations.iter().map(conversation).collect::<Vec<_>>(),
    });
    // Nothing a customer wrote can end the element it stands in, or begin another.
    let data = data.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028");
    PAGE.replace("{{title}}", &escaped(title)).replace("{{data}}", &data)
}

fn conversation(conversation: &Conversation) -> Value {
    json!({
        "journal": conversation.journal,
        "error": conversation.error,
        "differs": conversation.differs(),
        "misses": conversation.misses,
        "turns": conversation.turns.iter().map(turn).collect::<Vec<_>>(),
    })
}

fn turn(turn: &Turn) -> Value {
    let differences = turn.differences.iter().map(|it| {
        json!({ "facet": it.facet.name(), "was": it.was, "now": it.now, "order": it.order_only })
    });
    let said = |side: &Option<super::Side>| {
        side.as_ref().map(|side| side.said.join("\n")).unwrap_or_default()
    };
    let marked = |(became, text): (Became, String)| {
        let became = match became {
            Became::Same => 0,
            Became::Gone => 1,
            Became::New => 2,
        };
        json!([became, text])
    };
    let both = turn.was.is_some() && turn.now.is_some();
    let marks = both.then(|| words(&said(&turn.was), &said(&turn.now)));
    json!({
        "heard": turn.heard,
        "was": turn.was,
        "now": turn.now,
        "off": turn.off_script,
        "stopped": turn.stopped,
        "simulated": turn.simulated,
        "spent": turn.spent.map(|(was, now)| [was, now].map(spent)),
        "differences": differences.collect::<Vec<_>>(),
        "marks": marks.map(|it| it.into_iter().map(marked).collect::<Vec<_>>()),
    })
}

/// Tokens, money and time, in words.
fn spent(spent: Spent) -> String {
    let mut told = Vec::new();
    if spent.tokens > 0 {
        told.push(format!("{} tokens", spent.tokens));
    }
    if spent.cost.0 > 0 {
        told.push(spent.cost.to_string());
    }
    if spent.millis > 0 {
        told.push(format!("{}.{:02} s", spent.millis / 1_000, spent.millis % 1_000 / 10));
    }
    told.join(", ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fetches_nothing_and_what_a_customer_wrote_stays_text() {
        let turn = Turn {
            heard: vec!["</script><img src=x onerror=alert(1)>".to_owned()],
            off_script: Some("why".to_owned()),
            ..Turn::default()
        };
        let conversations = vec![Conversation {
            journal: "one".to_owned(),
            turns: vec![turn],
            ..Conversation::default()
        }];
        let page = html(&Report { changes: vec!["a pack".to_owned()], conversations }, "A <title>");
        assert!(page.contains("<title>A &lt;title&gt;</title>"));
        assert!(!page.contains("<img"), "what was said is data");
        for outside in ["http://", "https://", "src=\"", "url(", "@import", "<link"] {
            let found = page.replace("http://www.w3.org", "").contains(outside);
            assert!(!found, "the page names `{outside}`");
        }
    }
}
