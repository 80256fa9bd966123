//! The rules, at five named stages. Pure functions over typed facts: the same for every model.
//!
//! A rule that applies becomes an event with its name. The stages: *ingress* judges what came in
//! ([`ingress`]), *context* what a model may see ([`tools_shown`]), *tool* what it may do ([`tool`]), *egress*
//! what may go out (`reply::check`, and [`send`] once more at the moment of sending), *retention* what is kept
//! ([`privacy`]).

pub mod optout;
pub mod privacy;

use std::sync::Arc;
use std::time::Duration;

use crate::account::Account;
use crate::conversation::{Conversation, Resolved, unsupported};
use crate::customer::Customer;
use crate::digest::Named;
use crate::event::{Opening, Verdict};
use crate::evidence::{Access, Call, Owner, ToolSpec};
use crate::id::RuleId;
use crate::message::{Action, ActionRef, Inbound, InboundKind, OrderLine, Part, Purpose, Tap};
use crate::model::Entry;
use crate::pack::{Pack, answer};
use crate::profile::ChannelProfile;
use crate::store::OutboxRow;
use crate::time::Micros;

use self::optout::Wish;

/// For how long what nobody can read is not answered again.
const PUZZLED: Duration = Duration::from_secs(600);

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
    /// A phrase of the pack is the answer.
    Say(&'static str),
    /// Taps call tools, in their order.
    Act(Vec<Act>),
    /// The customer declined a write that waited.
    Declined,
    /// An order from the platform goes into the cart; beside it, what taps do to the cart.
    Order(Vec<OrderLine>, Vec<Act>),
    /// A model answers.
    Model,
}

/// A call before it has an id.
pub type Call0 = (crate::id::Name, serde_json::Value);

/// A call the customer taps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What was tapped.
    pub action: ActionRef,
    /// The call it means.
    pub call: Call0,
    /// It is the yes to a write that waits for it.
    pub confirmed: bool,
}

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

/// Judges what came in, commands of people aside. The first rule that applies decides, in the order of this
/// function: opt-out, then the owner's silence, then the wish for a person, then an order of the platform, then what
/// taps or a typed number mean, then a waiting write; else a model answers. Whoever declines a waiting write and says
/// nothing else by itself declines, whatever else the word would mean.
#[must_use]
pub fn ingress(
    conversation: &Conversation,
    opening: &Opening,
    inputs: &[Inbound],
    pack: &Pack,
) -> Ingress {
    let spoken = inputs.iter().any(|inbound| inbound.kind.is_spoken());
    let owner = owner_now(conversation, spoken);
    let asked = asked(conversation, opening, inputs, pack, owner.as_ref());
    Ingress { owner, ..asked }
}

fn asked(
    conversation: &Conversation,
    opening: &Opening,
    inputs: &[Inbound],
    pack: &Pack,
    owner: Option<&Owner>,
) -> Ingress {
    let opted_out = conversation.opted_out || opening.opted_out;
    let free = !opted_out && matches!(owner.unwrap_or(&conversation.owner), Owner::Bot);
    let settled = pending(conversation, inputs, pack).filter(|_| free);
    let declines = settled.as_ref().is_some_and(|it| it.path == Path::Declined);
    // "Cancel" is a no where a yes was asked for, and a stop elsewhere.
    let answer = inputs.iter().rposition(|it| words(it).is_some()).filter(|_| declines);
    let others = inputs.iter().enumerate().filter(|(n, _)| Some(*n) != answer);
    let wishes: Vec<Wish> =
        others.filter_map(|(_, inbound)| wish(conversation, inbound, pack)).collect();
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
    if !free {
        return silent("ingress.owner");
    }
    if wishes.contains(&Wish::Human) {
        return path(
            Path::HandOver,
            "ingress.human",
            Verdict::HandOver("the customer asked for a person".to_owned()),
        );
    }
    let tapped = tapped(conversation, inputs);
    let ordered: Vec<OrderLine> = inputs.iter().flat_map(ordered).cloned().collect();
    if !ordered.is_empty() {
        let acts = match tapped {
            Some(Ingress { path: Path::Act(acts), .. }) => acts,
            _ => Vec::new(),
        };
        return path(Path::Order(ordered, acts), "ingress.order", Verdict::Say("cart.view".into()));
    }
    if let Some(found) = tapped.or(settled) {
        return found;
    }
    let calls_for_words = |kind: &InboundKind| {
        kind.is_spoken() || matches!(kind, InboundKind::Timer(_) | InboundKind::Event { .. })
    };
    let calling: Vec<&InboundKind> =
        inputs.iter().map(|inbound| &inbound.kind).filter(|kind| calls_for_words(kind)).collect();
    match calling.as_slice() {
        [] => silent("ingress.quiet"),
        calling if is_puzzle_again(conversation, calling) => silent("ingress.unsupported"),
        _ => path(Path::Model, "ingress.open", Verdict::Say("model".into())),
    }
}

/// Whether all of it is something nobody can read, of the same kind as what was answered just before: a poll is told
/// of with each vote, and each answer is billed.
fn is_puzzle_again(conversation: &Conversation, calling: &[&InboundKind]) -> bool {
    let Some(InboundKind::Unsupported(what)) = calling.first() else { return false };
    let same = |kind: &&InboundKind| matches!(kind, InboundKind::Unsupported(it) if it == what);
    let newest = conversation.offered.last();
    let lately = newest.is_some_and(|reply| conversation.at <= reply.at.after(PUZZLED));
    let mut said = conversation.transcript.iter().rev().filter_map(|entry| match entry {
        Entry::Customer { text, .. } => Some(text),
        _ => None,
    });
    let before = said.nth(calling.len());
    lately && calling.iter().all(same) && before == Some(&unsupported(what))
}

fn path(path: Path, rule: &str, verdict: Verdict) -> Ingress {
    Ingress { path, rule: rule.into(), verdict, owner: None }
}

fn silent(rule: &str) -> Ingress {
    path(Path::Silent, rule, Verdict::Block("nothing is said".to_owned()))
}

/// The words of an inbound, where it has any.
#[must_use]
pub fn words(inbound: &Inbound) -> Option<&str> {
    match &inbound.kind {
        InboundKind::Text(text)
        | InboundKind::Edit { text, .. }
        | InboundKind::Enquiry { text, .. } => Some(text),
        InboundKind::Media { caption, .. } => Some(caption),
        _ => None,
    }
}

/// What an inbound orders.
fn ordered(inbound: &Inbound) -> &[OrderLine] {
    match &inbound.kind {
        InboundKind::Order { lines, .. } => lines,
        _ => &[],
    }
}

/// What a customer wishes by an inbound: by its words, or by those a tap stands for.
fn wish(conversation: &Conversation, inbound: &Inbound, pack: &Pack) -> Option<Wish> {
    match &inbound.kind {
        InboundKind::Tap(Tap::Action(action)) => match conversation.resolve(*action) {
            Resolved::Meant(_, Action::Say(text)) => optout::tapped(text, pack),
            _ => None,
        },
        _ => optout::read(words(inbound)?, pack),
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

/// What taps and typed numbers come to. One that says something is read with the words; where one calls a
/// tool, those that can't be used any more are passed over.
fn tapped(conversation: &Conversation, inputs: &[Inbound]) -> Option<Ingress> {
    let mut acts: Vec<Act> = Vec::new();
    let mut useless = None;
    let mut words = false;
    for inbound in inputs {
        let action = match &inbound.kind {
            InboundKind::Tap(Tap::Action(action)) => *action,
            InboundKind::Tap(_) => {
                useless = Some(("tap.expired", "ingress.tap_forged"));
                continue;
            }
            InboundKind::Text(text) if let Some(action) = conversation.numbered(text) => action,
            kind => {
                words |= kind.is_spoken();
                continue;
            }
        };
        match conversation.resolve(action) {
            Resolved::Spent => useless = Some(("tap.spent", "ingress.tap_spent")),
            Resolved::Gone => useless = Some(("tap.expired", "ingress.tap_expired")),
            Resolved::Meant(_, Action::Say(_)) => words = true,
            Resolved::Meant(_, Action::Do { tool, arguments }) => {
                let confirmed = conversation.asked().is_some_and(|(_, yes)| yes == action);
                if acts.iter().all(|act| act.action != action) {
                    let call = (tool.clone(), arguments.clone());
                    acts.push(Act { action, call, confirmed });
                }
            }
        }
    }
    if !acts.is_empty() {
        return Some(path(Path::Act(acts), "ingress.tap", Verdict::Say("tool".into())));
    }
    let (phrase, rule) = useless.filter(|_| !words)?;
    Some(path(Path::Say(phrase), rule, Verdict::Say(phrase.into())))
}

/// A yes or no to a write that waits, as long as it is the newest thing the customer was asked.
fn pending(conversation: &Conversation, inputs: &[Inbound], pack: &Pack) -> Option<Ingress> {
    let (call, action) = conversation.asked()?;
    conversation.offered.last().filter(|offer| offer.outbound == action.outbound)?;
    let text = inputs.iter().rev().find_map(words)?;
    let said = answer::words(text);
    let (agrees, declines) = answer::given(&said, &pack.lexicons);
    if agrees {
        // The yes uses up the button that asked.
        let call = (call.tool.clone(), call.arguments.clone());
        let act = Act { action, call, confirmed: true };
        return Some(path(Path::Act(vec![act]), "ingress.confirmed", Verdict::Say("tool".into())));
    }
    let declined =
        || path(Path::Declined, "ingress.declined", Verdict::Say("confirm.declined".into()));
    (declines && !optout::is_unmistakable(text)).then(declined)
}

/// The tools a model is shown: those the pack allows.
#[must_use]
pub fn tools_shown(specs: &Named<Vec<ToolSpec>>, pack: &Pack) -> Arc<Named<Vec<ToolSpec>>> {
    pack.shown(specs)
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

/// A part at the moment it is to be sent.
#[derive(Copy, Clone, Debug)]
pub struct Sending<'a> {
    /// The conversation as it stands.
    pub conversation: &'a Conversation,
    /// Its customer as they stand.
    pub customer: &'a Customer,
    /// The account as it stands.
    pub account: &'a Account,
    /// What the platform can do.
    pub profile: &'a ChannelProfile,
    /// The part.
    pub row: &'a OutboxRow,
    /// The moment.
    pub now: Micros,
}

/// The rule by which a part is held and not refused: the customer may still be invited to write.
pub const WINDOW: &str = "send.window";

/// Whether a part may still be sent, asked again at the moment of each send; the rule that forbids it.
///
/// # Errors
/// The rule that forbids it.
pub fn send(sending: &Sending<'_>) -> Result<(), RuleId> {
    let Sending { conversation, customer, row, now, .. } = *sending;
    if row.expires.is_some_and(|expires| now > expires) {
        return Err("send.expired".into());
    }
    // Platforms tell of failures and of arrivals in whatever order.
    let known = conversation.deliveries.of(row.id, row.part);
    if known.is_some_and(|sent| sent.is_made(row.id)) {
        return Err("send.made".into());
    }
    if row.purpose != Purpose::Notice {
        if is_opted_out(conversation, customer) || row.seq < conversation.opted_out_at {
            return Err("send.opted_out".into());
        }
        let owned = matches!(conversation.owner, Owner::Person { .. } | Owner::Closed);
        // Whoever was asked since then would be contradicted by what was decided before.
        if row.purpose != Purpose::Person && (owned || row.seq < conversation.silent_at) {
            return Err("send.owner".into());
        }
    }
    match &row.body {
        Part::Template { name, .. } => template(sending, name),
        _ if is_open(conversation, sending.profile, now) => Ok(()),
        _ => Err(WINDOW.into()),
    }
}

/// Whether the customer wants no messages: by their newest word in whatever conversation, else by what is known of this one.
#[must_use]
pub fn is_opted_out(conversation: &Conversation, customer: &Customer) -> bool {
    customer.wants_messages().map_or(conversation.opted_out, |(wanted, _)| !wanted)
}

/// Whether the customer may be written to freely.
#[must_use]
pub fn is_open(conversation: &Conversation, profile: &ChannelProfile, now: Micros) -> bool {
    let Some(window) = profile.window else { return true };
    let open = |last: &Micros| now < last.after(window) && conversation.shut < Some(*last);
    conversation.last_customer.as_ref().is_some_and(open)
}

/// A template goes where the platform still allows it and the customer agreed to its purpose.
fn template(sending: &Sending<'_>, name: &crate::id::Name) -> Result<(), RuleId> {
    if !sending.account.may_send(name) {
        return Err("send.template".into());
    }
    let needed = match sending.row.purpose {
        Purpose::Marketing => "marketing",
        Purpose::Utility => "utility",
        Purpose::Service | Purpose::Notice | Purpose::Person => return Ok(()),
    };
    if sending.customer.consent.contains(needed) { Ok(()) } else { Err("send.consent".into()) }
}
