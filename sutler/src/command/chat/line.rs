//! Lines in: typed by a person, or from a pipe until its end.

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;

use agent_core::model::Entry;
use indicatif::{ProgressBar, ProgressStyle};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::watch;

use super::reply::Reply;
use super::screen::{self, Screen};
use super::talk::Talk;
use crate::exit::{Code, Failure};

/// The longest line that is taken in; the rest of it is left out.
const LINE_MAX: usize = 16 * 1024;
/// What was said before that is shown again when a conversation is taken up.
const SHOWN_AGAIN: usize = 6;

/// Each line of standard input is answered before the next is read. Who ends it is heard at every moment: once Ctrl-C was
/// listened to, it never again ends the process by itself.
pub(super) async fn piped(mut talk: Talk, screen: Screen) -> Result<(), Failure> {
    let mut input = BufReader::new(tokio::io::stdin());
    let mut bytes = Vec::new();
    let mut line = 0;
    let mut open = show(&screen, &talk.resume().await?)?;
    let mut ended = pin!(tokio::signal::ctrl_c());
    while open {
        bytes.clear();
        let read = tokio::select! {
            read = input.read_until(b'\n', &mut bytes) => read,
            _ = &mut ended => break,
        };
        if read.map_err(|error| Failure::new(Code::Failed, error))? == 0 {
            break;
        }
        line += 1;
        let text = String::from_utf8_lossy(&bytes);
        let text = cut(text.trim());
        if !text.is_empty() {
            let replies = tokio::select! {
                replies = talk.say(text, line) => replies?,
                _ = &mut ended => break,
            };
            open = show(&screen, &replies)?;
        }
    }
    talk.end().await;
    Ok(())
}

/// Shows replies; false when nobody reads any more.
fn show(screen: &Screen, replies: &[Reply]) -> Result<bool, Failure> {
    for reply in replies {
        match screen.show(reply) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(false),
            shown => shown.map_err(|error| Failure::new(Code::Failed, error))?,
        }
    }
    Ok(true)
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LINE_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// A person types, with the lines they typed before at hand, until they leave.
pub(super) async fn interactive(
    mut talk: Talk,
    screen: Screen,
    mut preview: watch::Receiver<String>,
    shop: &str,
) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(Code::Failed, error);
    let hello = format!("{shop} · conversation {} · /help", talk.thread);
    screen::tell(&hello).map_err(failed)?;
    let left = talk.resume().await?;
    again(&talk).map_err(failed)?;
    show(&screen, &left)?;
    let mut editor = Some(DefaultEditor::new().map_err(|error| Failure::new(Code::Failed, error))?);
    let mut line = 0;
    loop {
        let Some(mut held) = editor.take() else { break };
        let typed = tokio::task::spawn_blocking(move || {
            let typed = held.readline("you › ");
            (held, typed)
        });
        let (mut held, typed) = typed.await.map_err(|error| Failure::new(Code::Failed, error))?;
        let text = match typed {
            Ok(text) => text,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => break,
            Err(error) => return Err(Failure::new(Code::Failed, error)),
        };
        let text = cut(text.trim());
        match text {
            "" => {}
            "/quit" | "/exit" => break,
            "/help" => screen::tell(HELP).map_err(failed)?,
            text => {
                // In memory only: what a customer types is nowhere but in the journal.
                let _ = held.add_history_entry(text);
                line += 1;
                let waiting = spinner();
                let replies = tokio::select! {
                    replies = talk.say(text, line) => replies?,
                    () = follow(&mut preview, &waiting) => Vec::new(),
                    _ = tokio::signal::ctrl_c() => break,
                };
                waiting.finish_and_clear();
                show(&screen, &replies)?;
                if replies.is_empty() {
                    screen::tell("(no reply)").map_err(failed)?;
                }
            }
        }
        editor = Some(held);
    }
    let goodbye = format!("kept; take it up again with --conversation {}", talk.thread);
    screen::tell(&goodbye).map_err(failed)?;
    talk.end().await;
    Ok(())
}

/// Shows what is being written; the reply itself takes its place.
async fn follow(preview: &mut watch::Receiver<String>, waiting: &ProgressBar) {
    while preview.changed().await.is_ok() {
        waiting.set_message(preview.borrow_and_update().clone());
    }
    // Nobody writes any more; what was said is still waited for.
    std::future::pending::<()>().await;
}

const HELP: &str = "\
Write as a customer would. A number chooses the option shown with it; the
arrow keys bring back what you typed. \"stop\" and \"start\" end and resume
messages, \"I want to talk to a person\" hands over.
/quit, Ctrl-D or Ctrl-C leaves; nothing is lost.";

/// What was said last, when a conversation is taken up.
fn again(talk: &Talk) -> io::Result<()> {
    let said = talk.state.transcript.iter().filter_map(|entry| match entry {
        Entry::Customer { text, .. } => Some(format!("you › {text}")),
        Entry::Person { text } => Some(text.clone()),
        Entry::Agent { blocks, .. } => blocks.iter().find_map(|block| match block {
            agent_core::message::Block::Text(text) => Some(text.clone()),
            _ => None,
        }),
        Entry::Tool { .. } | Entry::Happening { .. } => None,
    });
    let said: Vec<String> = said.collect();
    let from = said.len().saturating_sub(SHOWN_AGAIN);
    said.iter().skip(from).try_for_each(|text| screen::tell(text))
}

/// A sign that somebody is writing.
fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner:.dim} {msg:.dim}") {
        bar.set_style(style.tick_strings(&["·  ", "·· ", "···", " ··", "  ·", "   "]));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
