//! From a model's draft to what a platform shows: `draft → fill → check → lower`. All pure.

pub mod check;
pub mod claims;
pub mod draft;
pub mod fill;
pub mod gate;
pub mod lower;
mod meant;
mod pay;
mod row;
mod split;
pub mod write;

use crate::evidence::{Evidence, Label};
use crate::id::Locale;
use crate::pack::Pack;
use crate::time::Micros;

/// What a reply stands on.
#[derive(Copy, Clone, Debug)]
pub struct Ground<'a> {
    /// The evidence of the conversation, oldest first.
    pub evidence: &'a [Evidence],
    /// The pack in force.
    pub pack: &'a Pack,
    /// The language spoken.
    pub locale: &'a Locale,
    /// The time of the turn.
    pub now: Micros,
}

impl<'a> Ground<'a> {
    /// Evidence by its label.
    #[must_use]
    pub fn cited(&self, label: Label) -> Option<&'a Evidence> {
        self.evidence.iter().find(|evidence| evidence.label == label)
    }

    /// Evidence that may still be told as present fact.
    pub fn good(&self) -> impl Iterator<Item = &'a Evidence> + use<'a> {
        let now = self.now;
        self.evidence.iter().filter(move |it| now <= it.finding.at.after(it.finding.good_for))
    }
}
