//! `sutler conversations settle`.

use agent_core::conversation::{Conversation, Sent};
use agent_core::id::Subject;
use agent_core::message::{Control, InboundKind};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::json;

use super::{books, find, shop_name};
use crate::cli::Global;
use crate::command::print;
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::Error;
use crate::transcript::became;

const EXAMPLES: &str = "\
Examples:
  sutler conversations settle 3f2a --arrived --by Grace   she saw it in the chat: it is not sent again
  sutler conversations settle 3f2a --again --by Grace     it is not there: it is sent once more

A shop that runs is told over its API: POST /v1/conversations/ID/settle.";

/// Say of a part that failed, or of which nobody knows, whether it arrived or is to be sent once more.
///
/// Look into the chat first: what is there already would stand there twice. What a rule holds back is let go in the same way.
/// The shop's process does it when it is next started, as far as its rules allow by then.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Settle {
    /// The conversation's id, or as much of its beginning as tells it from the others
    #[arg(value_name = "ID")]
    id: String,
    /// Which part, as `sutler conversations show` names it: TURN-NUMBER/PART [default: the only one there is to settle]
    #[arg(value_name = "PART")]
    part: Option<String>,
    /// It is there
    #[arg(long, required_unless_present = "again", conflicts_with = "again")]
    arrived: bool,
    /// It is not there: send it once more
    #[arg(long)]
    again: bool,
    /// Who found it out, for the journal
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    by: String,
    /// What was told, as JSON
    #[arg(long)]
    json: bool,
}

impl Settle {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let data = Data::existing(&config)?;
        let books = books(&data);
        let id = find(&books, Subject::Conversation, &self.id).await?;
        let Some(journal) = books.journal(id).await? else {
            return Err(Failure::found(format!("the customer of {id} was erased")));
        };
        let state = Conversation::fold(&journal.events);
        let sent = self.meant(&state)?;
        let (of, part) = (sent.newest().unwrap_or(sent.of), sent.part);
        let command = Control::Settle { of, part, arrived: self.arrived };
        let kind = InboundKind::Control { by: self.by.as_str().into(), command };
        let name = format!("settle/{:032x}", data.ids.fresh());
        let told = data.tell((id, journal.customer), (name, data.clock.now()), kind).await;
        told.map_err(|source| Error::Commit { journal: id, source })?;
        if self.json {
            let told = json!({
                "conversation": id.key, "shop": shop_name(&config, id.shop), "outbound": sent.of.to_string(),
                "part": part, "arrived": self.arrived, "by": self.by,
            });
            return print(&format!("{told}\n"));
        }
        let what = if self.arrived {
            "arrived: it is not sent again"
        } else {
            "did not arrive: it is sent once more, when the shop's process is next started"
        };
        print(&format!("{} of conversation {} {what}\n", named(sent), id.key))
    }

    /// The part that is meant, among those that can be settled.
    fn meant<'a>(&self, state: &'a Conversation) -> Result<&'a Sent, Failure> {
        let open: Vec<&Sent> =
            state.deliveries.parts.iter().filter(|it| it.can_be_settled()).collect();
        let all: Vec<String> = open.iter().map(|it| waits(it)).collect();
        let hint = match all.as_slice() {
            [] => "its parts arrived, are on their way, or were refused by a rule".to_owned(),
            all => format!("name one of them: {}", all.join("; ")),
        };
        let found = match (&self.part, open.as_slice()) {
            (Some(part), open) => {
                open.iter().find(|it| named(it) == *part).copied().ok_or_else(|| {
                    format!("there is no part {part} to settle in this conversation")
                })
            }
            (None, [one]) => Ok(*one),
            (None, []) => Err("there is nothing to settle in this conversation".to_owned()),
            (None, open) => Err(format!("{} parts could be meant", open.len())),
        };
        found.map_err(|what| Failure::usage(what).hint(hint))
    }
}

/// A part, as the API names the message of it.
pub(super) fn named(sent: &Sent) -> String {
    format!("{}/{}", sent.of, sent.part)
}

/// A part that can be settled, and why it must be.
pub(super) fn waits(sent: &Sent) -> String {
    format!("{}, {}", named(sent), became(&sent.status))
}
