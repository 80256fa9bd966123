//! What follows for a delivery from what the Graph API answered, the same on all of Meta's platforms.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use agent_core::channel::{Delivery, DeliveryError};
use agent_core::digest::Digest;

use super::errors::{self, Class, GraphError};
use super::graph::CallError;

/// Chats whose failures are counted; beyond it all are forgotten, and waits begin small again.
const CHATS: usize = 10_000;
/// How often that is tried which is worth a second try and no more.
const TWICE: u32 = 2;
/// A chat that is refused is tried again from so much later on than one that was not reached: it rarely changes soon.
const FORBIDDEN: u32 = 4;

/// How often in a row each chat could not be written to.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<BTreeMap<String, u32>>);

impl Failures {
    /// It went: waits begin small again.
    pub(crate) fn forget(&self, delivery: &Delivery) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&delivery.to.thread);
    }

    fn count(&self, delivery: &Delivery) -> u32 {
        let mut chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if chats.len() > CHATS {
            chats.clear();
        }
        let count = chats.entry(delivery.to.thread.clone()).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// What follows from a failed call.
    pub(crate) fn follows(&self, delivery: &Delivery, error: CallError) -> DeliveryError {
        match error {
            CallError::Unknown(why) => DeliveryError::Ambiguous(why),
            CallError::NotSent(why) => {
                tracing::warn!(account = %delivery.to.account, why, "the platform was not reached");
                self.later(delivery)
            }
            CallError::Refused(error, wait) => self.refused(delivery, &error, wait),
        }
    }

    fn later(&self, delivery: &Delivery) -> DeliveryError {
        let key = format!("{}/{}", delivery.id, delivery.part);
        let spread = Digest::of(key.as_bytes()).0.first().copied().unwrap_or_default();
        DeliveryError::Later(errors::retry_wait(self.count(delivery), spread))
    }

    fn refused(
        &self,
        delivery: &Delivery,
        error: &GraphError,
        wait: Option<Duration>,
    ) -> DeliveryError {
        let what = format!("{} (code {})", error.message, error.code);
        match error.class() {
            Class::Retry => self.later(delivery),
            Class::PairSlower => DeliveryError::Later(errors::pair_wait(self.count(delivery))),
            Class::NumberSlower => DeliveryError::AccountLater(wait.unwrap_or(errors::ACCOUNT)),
            Class::Once if self.count(delivery) < TWICE => self.later(delivery),
            Class::WindowClosed => DeliveryError::WindowClosed,
            Class::OptedOut => DeliveryError::OptedOut,
            Class::Stopped => DeliveryError::Stopped(what),
            Class::Unauthorized => DeliveryError::Unauthorized(what),
            Class::Forbidden => {
                let wait = errors::retry_wait(self.count(delivery) + FORBIDDEN, 0);
                DeliveryError::Forbidden(what, wait)
            }
            Class::Once | Class::Recipient | Class::Capped | Class::Template => {
                DeliveryError::Never(what)
            }
            Class::Bug => {
                tracing::error!(
                    code = error.code,
                    what,
                    "the platform says that what we sent is wrong"
                );
                DeliveryError::Never(what)
            }
        }
    }
}
