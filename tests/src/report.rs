//! How the commands of this crate show where they are, and end.

use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// A bar on standard error.
#[must_use]
pub fn bar(length: u64, of: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left");
    let bar = ProgressBar::new(length).with_message(of.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}

/// What a command found.
#[derive(Debug, Default)]
pub struct Findings {
    /// How often it tried.
    pub tried: u64,
    wrong: u64,
    said: Vec<String>,
}

impl Findings {
    /// Something was wrong; shown at once.
    pub fn add(&mut self, at: &str, error: &anyhow::Error) {
        anstream::eprintln!("{at}: {error:#}");
        self.wrong += 1;
    }

    /// Something to say at the end.
    pub fn say(&mut self, what: String) {
        self.said.push(what);
    }

    /// How often something was wrong.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.wrong
    }
}

/// Says what was found to programs: one JSON object and nothing else. Ends as [`report`] does.
#[must_use]
pub fn report_json(found: anyhow::Result<(impl Serialize, Findings)>) -> ExitCode {
    match found {
        Err(error) => report(Err(error)),
        Ok((object, Findings { wrong, .. })) => {
            anstream::println!("{}", serde_json::to_string(&object).unwrap_or_default());
            ExitCode::from(u8::from(wrong > 0))
        }
    }
}

/// Says what was found; 0 when nothing was wrong, 1 when something was, 3 when it could not be tried.
#[must_use]
pub fn report(found: anyhow::Result<Findings>) -> ExitCode {
    match found {
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(3)
        }
        Ok(Findings { tried, wrong, said }) => {
            said.iter().for_each(|line| anstream::println!("{line}"));
            anstream::println!("{tried} tried, {wrong} wrong");
            ExitCode::from(u8::from(wrong > 0))
        }
    }
}
