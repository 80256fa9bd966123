//! What is said: what comes in, what goes out as meaning, and what a platform is given to show.

mod inbound;
mod native;
mod outbound;
mod plan;
mod template;

pub use inbound::{
    AccountNews, Address, Bounce, Control, Inbound, InboundKind, MediaRef, OrderLine, Rests,
    Standing, Status, Tap,
};
pub use native::{Native, Slide, SlideTap};
pub use outbound::{Action, Block, Card, Choice, Outbound, Purpose, SummaryLine, actions};
pub use plan::{ActionRef, CardPart, ListRow, Loss, Part, Picture, Plan};
pub use template::{CardShows, Fill, Header, TemplateButton, TemplateCard};

/// What stands in a text for a card's number that was taken out of it.
pub const REDACTED_CARD: &str = "[redacted card number]";
/// The same for a password or another secret.
pub const REDACTED_SECRET: &str = "[redacted secret]";
