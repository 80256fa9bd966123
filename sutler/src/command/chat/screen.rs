//! Where replies are shown: a terminal with boxes and colours, a pipe, or a script that reads JSON.

use std::io::{self, Write as _};

use adapters::terminal::{Look, render};
use anstyle::Style;

use super::reply::Reply;

/// A terminal that tells no width.
const COLUMNS: usize = 80;

/// Where replies are shown.
#[derive(Debug)]
pub(super) struct Screen {
    look: Look,
    json: bool,
}

impl Screen {
    /// For a person at a keyboard.
    pub(super) fn terminal() -> Self {
        let columns = terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| width.0.into());
        Self { look: Look::boxes(columns).coloured(), json: false }
    }

    /// For a pipe.
    pub(super) fn plain() -> Self {
        Self { look: Look::plain(), json: false }
    }

    /// For a script.
    pub(super) fn json() -> Self {
        Self { look: Look::plain(), json: true }
    }

    /// Shows a reply, flushed: whoever reads answers it.
    pub(super) fn show(&self, reply: &Reply) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        if self.json {
            let line = serde_json::to_string(reply)?;
            writeln!(out, "{line}")?;
        } else {
            for part in &reply.parts {
                writeln!(out, "{}", render(part, &self.look))?;
            }
            writeln!(out)?;
        }
        out.flush()
    }
}

/// Says something that is not a reply, to the person at the keyboard.
pub(super) fn tell(text: &str) -> io::Result<()> {
    let quiet = Style::new().dimmed();
    let mut out = anstream::stdout().lock();
    writeln!(out, "{quiet}{text}{quiet:#}")?;
    out.flush()
}
