//! What is kept of one person, as one page: no script, no request, readable on a screen, in the dark and on paper.

use agent_core::id::Subject;
use agent_core::order::Order;
use agent_core::time::Micros;

use super::{Kept, names};
use crate::tape::Journal;
use crate::transcript::{Line, Who, lines};

const STYLE: &str = include_str!("page.css");

/// The page.
pub(super) fn page(kept: &Kept, shop: &str, now: Micros) -> String {
    let mut facts = vec![("Customer", kept.id.to_string()), ("Shop", shop.to_owned())];
    facts.extend(names(&kept.known).into_iter().map(|name| ("Known as", name)));
    let wants = if kept.known.opted_out() { "not wanted" } else { "wanted" };
    facts.push(("Messages", wants.to_owned()));
    let agreed: Vec<&str> = kept.known.consent.iter().map(|it| it.as_str()).collect();
    facts.push((
        "Agreed to",
        if agreed.is_empty() { "nothing".to_owned() } else { agreed.join(", ") },
    ));
    let damaged = kept.damaged.iter().map(|journal| ("Damaged, and not here", journal.to_string()));
    facts.extend(damaged);
    let facts: String = facts
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(value)))
        .collect();
    let talks: Vec<&Journal> =
        kept.journals.iter().filter(|it| it.id.subject == Subject::Conversation).collect();
    let talks: String = talks.iter().map(|journal| talk(journal)).collect();
    let orders = kept.journals.iter().filter(|it| it.id.subject == Subject::Order);
    let orders: String = orders.map(|journal| order(&Order::fold(&journal.events))).collect();
    let shop = escaped(shop);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>What {shop} keeps of you</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>What {shop} keeps of you</h1>\n<p class=\"at\">As of {now}. Times are UTC.</p>\n\
         <dl>\n{facts}</dl>\n{orders}{talks}</main>\n</body>\n</html>\n"
    )
}

fn talk(journal: &Journal) -> String {
    let began = journal.events.first().map(|first| first.at).unwrap_or_default();
    let said: String = lines(&journal.events, false).iter().map(line).collect();
    format!(
        "<section>\n<h2>Conversation of <time>{began}</time></h2>\n<p class=\"at\">{}</p>\n{said}</section>\n",
        journal.id.key
    )
}

fn order(order: &Order) -> String {
    let Some(placed) = &order.placed else { return String::new() };
    let (at, reference) = (placed.at, placed.reference);
    let mut facts: Vec<(String, String)> = placed
        .lines
        .iter()
        .map(|line| {
            let what = format!("{}, {}", line.title, line.options);
            let what = what.trim_end_matches(", ");
            (format!("{} ×", line.quantity), format!("{what}: {}", line.amount))
        })
        .collect();
    let mut fact = |name: &str, value: Option<String>| {
        facts.extend(value.map(|value| (name.to_owned(), value)));
    };
    fact("Total", placed.total.as_ref().map(ToString::to_string));
    fact("Progress", Some(order.progress().to_string()));
    fact("Paid", order.paid().map(|it| it.to_string()));
    fact("Paid back", order.refunded().map(|it| it.to_string()));
    let facts: String = facts
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(value)))
        .collect();
    format!(
        "<section>\n<h2>Order of <time>{at}</time></h2>\n<p class=\"at\">{reference}</p>\n<dl>\n{facts}</dl>\n\
         </section>\n"
    )
}

fn line(line: &Line) -> String {
    let (class, name) = match line.who {
        Who::Customer => ("you", "You"),
        Who::Agent => ("us", "Assistant"),
        Who::Person => ("us", "Shop"),
        Who::Note => return String::new(),
    };
    let (at, text) = (line.at, escaped(&line.text));
    format!(
        "<article class=\"{class}\"><header>{name} <time>{at}</time></header><p>{text}</p></article>\n"
    )
}

/// Text that means nothing to HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use agent_core::customer::Customer;
    use agent_core::event::{Answer, Recorded};
    use agent_core::id::{CustomerId, JournalId, Seq, ShopId};
    use agent_core::message::{Inbound, InboundKind};

    use super::*;

    #[test]
    fn words_of_customers_are_words_whatever_they_are() {
        let text = "<script>alert('1' & \"2\")</script>".to_owned();
        let inbound = Inbound::told("m1".into(), Micros(0), InboundKind::Text(text));
        let event =
            Recorded { seq: Seq(1), at: Micros(0), event: Answer::Received(inbound).into() };
        let id = JournalId::conversation(ShopId(1), 5);
        let journal = Journal { id, customer: Some(CustomerId(2)), events: vec![event] };
        let known =
            Customer { aliases: ["person\nweb\n<b>\n1".into()].into(), ..Customer::default() };
        let (shop, id, journals, damaged) = (ShopId(1), CustomerId(2), vec![journal], Vec::new());
        let kept = Kept { shop, id, known, journals, damaged };
        let page = page(&kept, "Shirts & <Co>", Micros(0));
        assert!(
            page.contains("&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;")
        );
        assert!(page.contains("web, account &lt;b&gt;, 1"));
        assert!(page.contains("Shirts &amp; &lt;Co&gt;"));
        assert!(!page.contains("<script") && !page.contains("<b>"));
        // It asks nobody for anything.
        assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("src="));
    }
}
