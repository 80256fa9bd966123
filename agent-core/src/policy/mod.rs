//! The rules, at five named stages. Pure functions over typed facts: the same for every model.
//!
//! A rule that applies becomes an event with its name. The stages: *ingress* judges what came in
//! ([`ingress`]), *context* what a model may see ([`tools_shown`]), *tool* what it may do ([`tool`]), *egress*
//! what may go out (`reply::check`, and [`send`] once more at the moment of sending), *retention* what is kept
//! ([`privacy`]).

pub mod optout;
pub mod privacy;

use crate::conversation::{Conversation, Resolved};
use crate::event::{Opening, Verdict};
use crate::evidence::{Access, Call, Owner, ToolSpec};
use crate::id::RuleId;
use crate::message::{Action, ActionRef, Control, Inbound, InboundKind, Purpose, Tap};
use crate::pack::Pack;
use crate::time::Micros;

use self::optout::Wish;

/// How long an offered action can be tapped.
pub const OFFER_GOOD_FOR: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// What a turn does with what came in, before any model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Nothing is to be said.
    Silent,
    /// The customer wants no messages: confirm once.
    OptOut,
    /// The customer wants messages again.
    OptIn,
    /// The customer asks for a person.
    HandOver,
    /// A person of the shop commands.
    Command(Vec<Control>, crate::id::Name),
    /// A phrase of the pack is the answer.
    Say(&'static str),
    /// A tap calls a tool.
    Act(ActionRef, Call0),
    /// The customer declined a write that waited.
    Declined,
    /// A model answers.
    Model,
}

/// A call before it has an id.
pub type Call0 = (crate::id::Name, serde_json::Value);

/// The path of a turn, and the rule that chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingress {
    /// What to do.
    pub path: Path,
    /// The rule that says so.
    pub rule: RuleId,
    /// How it reads in the journal.
    pub verdict: Verdict,
    /// Who owns the conversation from now on, where that changed.
    pub owner: Option<Owner>,
}

/// Judges what came in. The first rule that applies decides, in the order of this function: commands of
/// people, then opt-out, then the owner's silence, then what a tap or a typed number means, then a waiting
/// write, then the wish for a person; else a model answers.
#[must_use]
pub fn ingress(
    conversation: &Conversation,
    opening: &Opening,
    inputs: &[Inbound],
    pack: &Pack,
) -> Ingress {
    if let Some(command) = commands(inputs) {
        return command;
    }
    let spoken = inputs.iter().any(|inbound| is_spoken(&inbound.kind));
    let owner = owner_now(conversation, spoken);
    let asked = asked(conversation, opening, inputs, pack, spoken, owner.as_ref());
    Ingress { owner, ..asked }
}

fn asked(
    conversation: &Conversation,
    opening: &Opening,
    inputs: &[Inbound],
    pack: &Pack,
    spoken: bool,
    owner: Option<&Owner>,
) -> Ingress {
    let wishes: Vec<Wish> =
        inputs.iter().filter_map(words).filter_map(|text| optout::read(text, pack)).collect();
    let opted_out = conversation.opted_out || opening.opted_out;
    match wishes.iter().rev().find(|wish| **wish != Wish::Human) {
        Some(Wish::Stop) if opted_out => return silent("ingress.opted_out"),
        Some(Wish::Stop) => {
            return path(Path::OptOut, "ingress.stop", Verdict::Say("optout.confirmed".into()));
        }
        Some(Wish::Start) if opted_out => {
            return path(Path::OptIn, "ingress.start", Verdict::Say("optin.confirmed".into()));
        }
        _ => {}
    }
    if opted_out {
        return silent("ingress.opted_out");
    }
    if !matches!(owner.unwrap_or(&conversation.owner), Owner::Bot) {
        return silent("ingress.owner");
    }
    if let Some(tapped) = tapped(conversation, inputs) {
        return tapped;
    }
    if let Some(settled) = pending(conversation, inputs, pack) {
        return settled;
    }
    if wishes.contains(&Wish::Human) {
        return path(
            Path::HandOver,
            "ingress.human",
            Verdict::HandOver("the customer asked for a person".to_owned()),
        );
    }
    let happening = inputs
        .iter()
        .any(|inbound| matches!(inbound.kind, InboundKind::Timer(_) | InboundKind::Event { .. }));
    if spoken || happening {
        path(Path::Model, "ingress.open", Verdict::Say("model".into()))
    } else {
        silent("ingress.quiet")
    }
}

fn path(path: Path, rule: &str, verdict: Verdict) -> Ingress {
    Ingress { path, rule: rule.into(), verdict, owner: None }
}

fn silent(rule: &str) -> Ingress {
    path(Path::Silent, rule, Verdict::Block("nothing is said".to_owned()))
}

/// Whether it is something a customer says and expects an answer to.
fn is_spoken(kind: &InboundKind) -> bool {
    matches!(
        kind,
        InboundKind::Text(_)
            | InboundKind::Media { .. }
            | InboundKind::Location { .. }
            | InboundKind::Contact(_)
            | InboundKind::Tap(_)
            | InboundKind::Order { .. }
            | InboundKind::Enquiry { .. }
            | InboundKind::Form { .. }
            | InboundKind::Edit { .. }
            | InboundKind::Unsupported(_)
    )
}

/// The words of an inbound, where it has any.
#[must_use]
pub fn words(inbound: &Inbound) -> Option<&str> {
    match &inbound.kind {
        InboundKind::Text(text) | InboundKind::Edit { text, .. } => Some(text),
        InboundKind::Media { caption, .. } => Some(caption),
        _ => None,
    }
}

/// The owner where time or a new message changed it: a person's time is over, a closed matter is open again.
fn owner_now(conversation: &Conversation, spoken: bool) -> Option<Owner> {
    match &conversation.owner {
        Owner::Person { until: Some(until), .. } if conversation.at >= *until => Some(Owner::Bot),
        Owner::Closed if spoken => Some(Owner::Bot),
        _ => None,
    }
}

fn commands(inputs: &[Inbound]) -> Option<Ingress> {
    let mut who = None;
    let commands: Vec<Control> = inputs
        .iter()
        .filter_map(|inbound| match &inbound.kind {
            InboundKind::Control { by, command } => {
                who = Some(by.clone());
                Some(command.clone())
            }
            _ => None,
        })
        .collect();
    let who = who?;
    Some(path(
        Path::Command(commands, who),
        "ingress.command",
        Verdict::Block("a person commands".to_owned()),
    ))
}

/// What the last tap or typed number comes to.
fn tapped(conversation: &Conversation, inputs: &[Inbound]) -> Option<Ingress> {
    let action = inputs.iter().rev().find_map(|inbound| match &inbound.kind {
        InboundKind::Tap(Tap::Action(action)) => Some(Some(*action)),
        InboundKind::Tap(_) => Some(None),
        InboundKind::Text(text) => conversation.numbered(text).map(Some),
        _ => None,
    })?;
    let phrase = |phrase: &'static str, rule: &str| {
        path(Path::Say(phrase), rule, Verdict::Say(phrase.into()))
    };
    let Some(action) = action else { return Some(phrase("tap.expired", "ingress.tap_forged")) };
    match conversation.resolve(action, conversation.at, OFFER_GOOD_FOR) {
        Resolved::Spent => Some(phrase("tap.spent", "ingress.tap_spent")),
        Resolved::Gone => Some(phrase("tap.expired", "ingress.tap_expired")),
        Resolved::Meant(_, Action::Say(_)) => None,
        Resolved::Meant(_, Action::Do { tool, arguments }) => {
            let call = (tool.clone(), arguments.clone());
            Some(path(Path::Act(action, call), "ingress.tap", Verdict::Say("tool".into())))
        }
    }
}

/// A yes or no to a write that waits.
fn pending(conversation: &Conversation, inputs: &[Inbound], pack: &Pack) -> Option<Ingress> {
    let call = conversation.pending.as_ref()?;
    let offer = conversation.offered.last()?;
    let text = inputs.iter().rev().find_map(words)?;
    let said = text.trim().trim_end_matches(['.', '!', ',']).to_lowercase();
    let among = |list: fn(&crate::pack::Lexicon) -> &[String]| {
        pack.lexicons.values().flat_map(list).any(|word| word.to_lowercase() == said)
    };
    if among(|lexicon| &lexicon.yes) {
        // The yes uses up the button that asked.
        let action = ActionRef { outbound: offer.outbound, option: 0 };
        let call = (call.tool.clone(), call.arguments.clone());
        return Some(path(
            Path::Act(action, call),
            "ingress.confirmed",
            Verdict::Say("tool".into()),
        ));
    }
    let declined =
        || path(Path::Declined, "ingress.declined", Verdict::Say("confirm.declined".into()));
    among(|lexicon| &lexicon.no).then(declined)
}

/// The tools a model is shown: those the pack allows.
#[must_use]
pub fn tools_shown(specs: &[ToolSpec], pack: &Pack) -> Vec<ToolSpec> {
    specs.iter().filter(|spec| pack.tools.contains_key(&spec.name)).cloned().collect()
}

/// What becomes of a call a model makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolVerdict {
    /// It runs.
    Run(Access),
    /// It does not; the rule, and what the model is told.
    Refuse(RuleId, String),
    /// It waits for the customer's yes.
    Confirm(RuleId),
}

/// Judges a call: the tool must exist and be allowed by the pack, and a write the pack wants confirmed
/// waits for the customer's yes. `confirmed` is that yes.
#[must_use]
pub fn tool(call: &Call, specs: &[ToolSpec], pack: &Pack, confirmed: bool) -> ToolVerdict {
    let spec = specs.iter().find(|spec| spec.name == call.tool);
    let (Some(spec), Some(grant)) = (spec, pack.tools.get(&call.tool)) else {
        let known: Vec<&str> = tools_known(specs, pack);
        let why =
            format!("there is no tool `{}` here; use one of: {}", call.tool, known.join(", "));
        return ToolVerdict::Refuse("tool.allow".into(), why);
    };
    if spec.access == Access::Write && grant.confirm && !confirmed {
        return ToolVerdict::Confirm("tool.confirm".into());
    }
    ToolVerdict::Run(spec.access)
}

fn tools_known<'a>(specs: &'a [ToolSpec], pack: &Pack) -> Vec<&'a str> {
    specs
        .iter()
        .map(|spec| spec.name.as_str())
        .filter(|name| pack.tools.contains_key(*name))
        .collect()
}

/// Whether a part may still be sent, asked again at the moment of each send; the rule that forbids it.
///
/// # Errors
/// The rule that forbids it.
pub fn send(
    conversation: &Conversation,
    opted_out: bool,
    purpose: Purpose,
    expires: Option<Micros>,
    now: Micros,
) -> Result<(), RuleId> {
    if expires.is_some_and(|expires| now > expires) {
        return Err("send.expired".into());
    }
    match purpose {
        Purpose::Notice => Ok(()),
        Purpose::Person if conversation.opted_out || opted_out => Err("send.opted_out".into()),
        Purpose::Person => Ok(()),
        Purpose::Service | Purpose::Utility | Purpose::Marketing => {
            if conversation.opted_out || opted_out {
                Err("send.opted_out".into())
            } else if matches!(conversation.owner, Owner::Person { .. } | Owner::Closed) {
                Err("send.owner".into())
            } else {
                Ok(())
            }
        }
    }
}
