//! What recorded models were asked. A journal keeps the hash of a request alone; the request is built again
//! from the fold, and equals what was asked when its hash does.

use crate::conversation::Conversation;
use crate::digest::Digest;
use crate::event::{Decision, Event, Recorded, Stage, Verdict};
use crate::model::Request;
use crate::policy;
use crate::replay::force::Forces;
use crate::replay::rerun::opening;
use crate::replay::{Stretch, stretches};
use crate::request;
use crate::store::StoreError;

/// A recorded request.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// The turn, counted from 0.
    pub turn: usize,
    /// Its hash in the journal.
    pub digest: Digest,
    /// What was asked.
    pub request: Request,
}

/// Every request of a conversation.
///
/// # Errors
/// When what was in force is not there.
pub async fn requests(
    events: &[Recorded],
    forces: &mut Forces,
) -> Result<Vec<RecordedRequest>, StoreError> {
    let mut state = Conversation::default();
    let mut found = Vec::new();
    let turns = |stretch: Stretch<'_>| matches!(stretch, Stretch::Turn(_));
    let mut turn = 0;
    for stretch in stretches(events) {
        let (Stretch::Turn(events) | Stretch::Quiet(events)) = stretch;
        let force = match opening(events).filter(|_| turns(stretch)) {
            Some((_, opening)) => Some(forces.of(&opening.basis).await?),
            None => None,
        };
        let (mut chosen, mut wrong, mut violations) = (None, Vec::new(), Vec::new());
        for recorded in events {
            match (&recorded.event, &force) {
                (Event::Decision(Decision::Chose { mode, locale, .. }), _) => {
                    chosen = Some((*mode, locale.clone()));
                }
                (
                    Event::Decision(Decision::Judged {
                        stage: Stage::Egress,
                        verdict: Verdict::Repair(why),
                        ..
                    }),
                    _,
                ) => wrong.push(why.clone()),
                (Event::Decision(Decision::Asked { request: digest, .. }), Some(force)) => {
                    if !wrong.is_empty() {
                        violations = std::mem::take(&mut wrong);
                    }
                    if let Some((mode, locale)) = &chosen {
                        let tools = policy::tools_shown(&force.specs, &force.pack);
                        let pack = &force.pack;
                        let request =
                            request::build(&state, pack, &tools, *mode, locale, &violations);
                        found.push(RecordedRequest { turn, digest: *digest, request });
                    }
                }
                _ => {}
            }
            state.apply(recorded);
        }
        turn += usize::from(force.is_some());
    }
    Ok(found)
}
