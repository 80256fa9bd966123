//! What is said: what comes in, what goes out as meaning, and what a platform is given to show.

mod inbound;
mod outbound;
mod plan;

pub use inbound::{
    AccountNews, Address, Control, Inbound, InboundKind, MediaRef, OrderLine, Standing, Status, Tap,
};
pub use outbound::{Action, Block, Card, Choice, Outbound, Purpose, SummaryLine, actions};
pub use plan::{ActionRef, CardPart, ListRow, Loss, Part, Picture, Plan};
