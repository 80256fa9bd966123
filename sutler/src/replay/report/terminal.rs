//! The report on a terminal: what was changed, the conversations that differ turn by turn, and the figures.

use agent_core::replay::diff::{Difference, Facet};
use anstyle::{AnsiColor, Style};

use super::words::{Became, words};
use super::{Conversation, Report, Turn};

/// Conversations that are shown; files hold them all.
const SHOWN: usize = 20;

const GONE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const NEW: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const NOTE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The whole report.
#[must_use]
pub fn terminal(report: &Report) -> String {
    let mut text = String::new();
    for change in &report.changes {
        text.push_str(&format!("{DIM}changed{DIM:#}  {change}\n"));
    }
    text.push('\n');
    let differing: Vec<&Conversation> =
        report.conversations.iter().filter(|it| it.differs()).collect();
    for conversation in differing.iter().take(SHOWN) {
        text.push_str(&self::conversation(conversation, true));
        text.push('\n');
    }
    if differing.len() > SHOWN {
        let more = differing.len() - SHOWN;
        text.push_str(&format!(
            "and {more} conversations more that differ; --html shows them all\n\n"
        ));
    }
    text + &figures(report)
}

fn figures(report: &Report) -> String {
    let figures = report.figures();
    let mut text = format!(
        "{BOLD}{} conversations, {} turns: {} conversations alike, {} differ{BOLD:#}\n",
        figures.conversations,
        figures.turns,
        figures.alike,
        figures.conversations - figures.alike,
    );
    for (count, what) in [
        (figures.stopped, "turns were not run: the script was left before them"),
        (figures.misses, "requests were never recorded"),
        (figures.failed, "conversations could not be run"),
    ] {
        if count > 0 {
            text.push_str(&format!("{count} {what}\n"));
        }
    }
    if let Some(models) = figures.models() {
        text.push_str(&format!("models: {models}\n"));
    }
    if !figures.facets.is_empty() {
        let facets = figures.facets.iter();
        let facets: Vec<String> =
            facets.map(|(facet, turns)| format!("{} {turns}", facet.name())).collect();
        text.push_str(&format!("turns that differ in: {}\n", facets.join(", ")));
    }
    text
}

/// One conversation: its turns that differ.
#[must_use]
pub fn conversation(conversation: &Conversation, styled: bool) -> String {
    let alike = conversation.turns.iter().filter(|turn| !turn.differs()).count();
    let mut text = format!(
        "{BOLD}{}{BOLD:#} {DIM}{alike} of {} turns alike{DIM:#}\n",
        conversation.journal,
        conversation.turns.len()
    );
    if let Some(error) = &conversation.error {
        text.push_str(&format!("  {GONE}{error}{GONE:#}\n"));
    }
    for (n, turn) in conversation.turns.iter().enumerate().filter(|(_, turn)| turn.differs()) {
        turn_text(n + 1, turn, &mut text);
    }
    for miss in &conversation.misses {
        let nearest = miss.nearest.map_or_else(
            || "nothing is recorded that is near".to_owned(),
            |turn| {
                format!("the nearest recorded request is of turn {turn}, {} % alike", miss.alike)
            },
        );
        text.push_str(&format!(
            "  {NOTE}turn {} asks what was never asked; {nearest}{NOTE:#}\n",
            miss.turn
        ));
        for line in miss.diff.lines() {
            let style = match line.chars().next() {
                Some('-') => GONE,
                Some('+') => NEW,
                _ => DIM,
            };
            text.push_str(&format!("    {style}{line}{style:#}\n"));
        }
    }
    if styled { text } else { anstream::adapter::strip_str(&text).to_string() }
}

fn turn_text(n: usize, turn: &Turn, text: &mut String) {
    let heard = turn.heard.join(" / ");
    let by = if turn.simulated { "simulated" } else { "customer" };
    text.push_str(&format!("  {BOLD}{n:>2}{BOLD:#}  {DIM}{by}{DIM:#}  {heard}\n"));
    if let Some(why) = &turn.off_script {
        let ran = if turn.stopped { ", not run" } else { "" };
        text.push_str(&format!("      {NOTE}off script{ran}: {why}{NOTE:#}\n"));
    }
    if let (true, Some(now)) = (turn.simulated, &turn.now) {
        now.said.iter().for_each(|line| text.push_str(&format!("      {NEW}{line}{NEW:#}\n")));
    }
    for difference in &turn.differences {
        text.push_str(&difference_text(difference));
    }
}

fn difference_text(difference: &Difference) -> String {
    let name = difference.facet.name();
    let order = if difference.order_only { " (order only)" } else { "" };
    let indent = format!("\n{}", " ".repeat(17));
    let texts = matches!(difference.facet, Facet::Words | Facet::Amounts);
    let shown = if texts && alike(&difference.was, &difference.now) {
        marked(&difference.was, &difference.now)
    } else {
        let side = |style: Style, sign: &str, text: &str| {
            let text = if text.is_empty() { "nothing" } else { text };
            let lines: Vec<String> =
                text.lines().map(|line| format!("{style}{sign} {line}{style:#}")).collect();
            lines.join("\n")
        };
        format!("{}\n{}", side(GONE, "-", &difference.was), side(NEW, "+", &difference.now))
    };
    format!("      {name:<11}{}{order}\n", shown.replace('\n', &indent))
}

/// Whether two texts have so much in common that what differs is best shown inside of them.
fn alike(was: &str, now: &str) -> bool {
    similar::TextDiff::from_words(was, now).ratio() > 0.5
}

/// Both texts in one, words that went and came marked; signs as well as colours, for who sees none.
fn marked(was: &str, now: &str) -> String {
    let mut text = String::new();
    for (became, words) in words(was, now) {
        match became {
            Became::Same => text.push_str(&words),
            Became::Gone => styled(&mut text, GONE, "[-", &words, "-]"),
            Became::New => styled(&mut text, NEW, "{+", &words, "+}"),
        }
    }
    text
}

/// Line ends stay outside of the marks.
fn styled(text: &mut String, style: Style, open: &str, words: &str, close: &str) {
    for (n, line) in words.split('\n').enumerate() {
        if n > 0 {
            text.push('\n');
        }
        if !line.is_empty() {
            text.push_str(&format!("{style}{open}{line}{close}{style:#}"));
        }
    }
}
