//! `sutler chat`: one person talks to one shop, at a keyboard or from a pipe.

mod line;
mod reply;
mod screen;
mod talk;

use std::io::IsTerminal as _;
use std::sync::Arc;

use adapters::terminal::{ACCOUNT, KIND, Terminal};
use agent_core::conversation::Conversation;
use agent_core::id::{JournalId, JournalKey, Seq, Subject};
use clap::Args;

use self::screen::Screen;
use self::talk::Talk;
use crate::assembly::{Account, Assembly};
use crate::cli::Global;
use crate::data::Data;
use crate::exit::{Code, Failure};

/// Talks to a shop. Every step is durable before it is shown: a conversation can be left at any moment and
/// taken up again by its id.
#[derive(Debug, Args)]
pub(crate) struct Chat {
    /// A pack: a built-in one by its name, or a folder; goes before the shops of the configuration
    #[arg(long, value_name = "PACK")]
    pack: Option<String>,
    /// Which shop of the configuration [default: the first]
    #[arg(long, value_name = "NAME", conflicts_with = "pack")]
    shop: Option<String>,
    /// Take up a conversation, or begin one under this name
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// One JSON object a reply on standard output: conversation, line, text, parts, options, tools, sources,
    /// model, usage
    #[arg(long)]
    json: bool,
}

impl Chat {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(self.pack.as_deref())?;
        let shop = config.shop(self.shop.as_deref())?;
        let data = Data::open(&config)?;
        let thread = match &self.conversation {
            Some(id) => thread_of(&data, shop.id(), id).await?,
            None => format!("{:08x}", data.ids.fresh() >> 96),
        };
        let (terminal, shown) = Terminal::new(&thread);
        let preview = terminal.preview();
        let account: Account = (KIND.into(), ACCOUNT.into(), Arc::new(terminal));
        let assembly = Assembly::new(&config, &data, vec![(shop, vec![account])]).await?;
        let talk = Talk::new(assembly, shop.id(), thread, shown);
        let keyboard = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let screen = match (self.json, keyboard) {
            (true, _) => Screen::json(),
            (false, true) => Screen::terminal(),
            (false, false) => Screen::plain(),
        };
        if keyboard && !self.json {
            line::interactive(talk, screen, preview, &shop.name).await
        } else {
            line::piped(talk, screen).await
        }
    }
}

/// The thread of a conversation: `id` is its own name, or a journal's id as `conversations list` tells it.
async fn thread_of(data: &Data, shop: agent_core::id::ShopId, id: &str) -> Result<String, Failure> {
    use agent_core::store::Store as _;
    let Ok(key) = id.parse::<JournalKey>() else { return Ok(id.to_owned()) };
    let journal = JournalId { shop, subject: Subject::Conversation, key };
    let page = data.store.read(journal, Seq::START, usize::from(u8::MAX)).await;
    let page = page.map_err(|error| Failure::new(Code::Failed, error))?;
    match Conversation::fold(&page.events).address {
        Some(address) if address.channel.as_str() == KIND => Ok(address.thread),
        Some(address) => {
            let what =
                format!("the conversation {id} is on {}, not on a terminal", address.channel);
            Err(Failure::usage(what))
        }
        None => Ok(id.to_owned()),
    }
}
