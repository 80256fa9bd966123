//! What came of a suite, and of mutants, on a terminal.

use agent_core::digest::canonical;
use anstyle::{AnsiColor, Style};

use crate::replay::mutate::Mutation;
use crate::replay::rates::Spent;
use crate::replay::statistics::Class;
use crate::replay::suite::{Outcome, Results};

const BAD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const GOOD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const NOTE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The results of a suite.
#[must_use]
pub fn results(results: &Results, with: &[String]) -> String {
    let mut text =
        with.iter().map(|line| format!("{DIM}with{DIM:#}  {line}\n")).collect::<String>();
    text.push('\n');
    results.cases.iter().for_each(|outcome| text.push_str(&case(outcome)));
    for (case, what) in &results.guards {
        text.push_str(&format!("{NOTE}guard{NOTE:#}  {case}: {what}\n"));
    }
    for (case, why) in &results.missing {
        text.push_str(&format!("{NOTE}not looked at{NOTE:#}  {case}: {why}\n"));
    }
    let good = results.cases.iter().filter(|it| it.is_good()).count();
    let flaky = results.cases.iter().filter(|it| it.class == Class::Flaky).count();
    text.push_str(&format!("\n{BOLD}{good} of {} cases pass{BOLD:#}", results.cases.len()));
    if flaky > 0 {
        text.push_str(&format!(", {flaky} are flaky"));
    }
    text.push('\n');
    let runs = results.cases.iter().map(|it| it.runs).min().unwrap_or_default();
    if runs > 1 {
        let each = [1, 2, 3, 4, 8].into_iter().filter(|k| *k <= runs);
        let each = each.filter_map(|k| Some(format!("pass^{k} {:.3}", results.pass_all(k)?)));
        text.push_str(&format!("{}\n", each.collect::<Vec<_>>().join(", ")));
    }
    let mut judged = Spent::default();
    results.cases.iter().for_each(|it| judged += it.judged);
    if judged.tokens > 0 {
        text.push_str(&format!("judges cost {} tokens, {}\n", judged.tokens, judged.cost));
    }
    if let Some(compared) = results.compared() {
        text.push_str(&format!(
            "against the old: {} cases better, {} worse; by chance in {:.1} % of all (exact McNemar)\n",
            compared.better,
            compared.worse,
            compared.chance * 100.0
        ));
    }
    text
}

fn case(outcome: &Outcome) -> String {
    let (style, word) = match (outcome.is_good(), outcome.class) {
        (true, Class::Passes) => (GOOD, "pass "),
        (true, _) => (NOTE, "pass "),
        (false, Class::Flaky) => (NOTE, "flaky"),
        (false, _) => (BAD, "FAIL "),
    };
    let mut text = format!("{style}{word}{style:#}  {}", outcome.name);
    if outcome.runs > 1 {
        let (from, to) = outcome.interval;
        text.push_str(&format!(
            "  {DIM}{} of {} runs, {:.0} to {:.0} %{DIM:#}",
            outcome.passed,
            outcome.runs,
            from * 100.0,
            to * 100.0
        ));
    }
    text.push('\n');
    for wrong in &outcome.wrong {
        let told = if wrong.advisory { " (told only)" } else { "" };
        let at =
            if wrong.turn == 0 { "at the end".to_owned() } else { format!("turn {}", wrong.turn) };
        text.push_str(&format!("         {DIM}{at}:{DIM:#} {}{told}\n", wrong.what));
    }
    text
}

/// What a suite notices.
#[must_use]
pub fn mutation(found: &Mutation) -> String {
    let mut text = format!("{BOLD}places  noticed  harmless  way{BOLD:#}\n");
    for (way, places, noticed, harmless) in found.ways() {
        let missed = places - noticed - harmless;
        let style = if missed > 0 {
            NOTE
        } else if places == 0 {
            DIM
        } else {
            Style::new()
        };
        text.push_str(&format!(
            "{style}{places:>6}  {noticed:>7}  {harmless:>8}  {way}{style:#}\n"
        ));
    }
    let missed = found.fates.iter().filter(|fate| fate.noticed.is_none() && !fate.harmless);
    let missed: Vec<_> = missed.collect();
    if !missed.is_empty() {
        text.push_str(&format!("\n{BOLD}not noticed{BOLD:#}\n"));
    }
    for fate in &missed {
        let reason = fate.reason.as_deref().unwrap_or_default();
        let (case, turn, kind, site) = (&fate.case, fate.turn, fate.kind, &fate.site);
        text.push_str(&format!("  {case}, turn {turn}: {kind} ({site}): {reason}\n"));
    }
    let harm = found.fates.iter().filter(|fate| !fate.harmless).count();
    let ways = found.ways().iter().filter(|way| way.1 > 0).count();
    text.push_str(&format!(
        "\n{BOLD}{} mutants of {ways} ways; {} of {harm} that do harm are noticed: {:.1} %{BOLD:#}\n",
        found.fates.len(),
        harm - missed.len(),
        found.share() * 100.0
    ));
    for name in &found.failing {
        text.push_str(&format!("{BAD}fails without any mutant{BAD:#}  {}\n", canonical(name)));
    }
    text
}
