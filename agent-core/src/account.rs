//! The state of one account of a shop on a platform: a fold over the journal that is told of it.

use std::collections::BTreeMap;

use crate::event::{Answer, Event, Recorded};
use crate::id::Name;
use crate::message::{AccountNews, InboundKind, Standing};
use crate::time::Micros;

/// What is known of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How far it may be used, and since when.
    standing: (Micros, Standing),
    /// Templates the platform spoke of: whether they may be sent, and since when, by name and language.
    templates: BTreeMap<(Name, Name), (Micros, bool)>,
}

impl Account {
    /// The fold.
    #[must_use]
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut account = Self::default();
        for recorded in events {
            if let Event::Answer(Answer::Received(inbound)) = &recorded.event
                && let InboundKind::Account(news) = &inbound.kind
            {
                account.take(inbound.at, news);
            }
        }
        account
    }

    /// News come in any order; the latest by the platform's clock holds.
    fn take(&mut self, at: Micros, news: &AccountNews) {
        match news {
            AccountNews::Standing(standing) if at >= self.standing.0 => {
                self.standing = (at, standing.clone());
            }
            AccountNews::Template { name, locale, usable, .. } => {
                let known = self.templates.entry((name.clone(), locale.clone())).or_default();
                if at >= known.0 {
                    *known = (at, *usable);
                }
            }
            AccountNews::Standing(_) | AccountNews::Notice { .. } => {}
        }
    }

    /// How far it may be used now: stopped, it may be tried again slowly once its time is over.
    #[must_use]
    pub fn standing(&self, now: Micros) -> Standing {
        match &self.standing.1 {
            Standing::Stopped { why, until } if now >= *until => Standing::Slowed(why.clone()),
            standing => standing.clone(),
        }
    }

    /// Whether it was stopped, and is tried again: nothing was taken of it since its time was over.
    #[must_use]
    pub fn is_on_trial(&self, now: Micros) -> bool {
        matches!(self.standing.1, Standing::Stopped { until, .. } if now >= until)
    }

    /// Whether a template may be sent, as far as the platform said; of what it never spoke, yes.
    #[must_use]
    pub fn may_send(&self, template: &Name) -> bool {
        let mut known = self.templates.iter().filter(|((name, _), _)| name == template).peekable();
        known.peek().is_none() || known.any(|(_, (_, usable))| *usable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{MessageId, Seq};
    use crate::message::Inbound;

    fn told(at: i64, news: AccountNews) -> Recorded {
        let inbound =
            Inbound::told(MessageId(format!("{at}")), Micros(at), InboundKind::Account(news));
        Recorded { seq: Seq(1), at: Micros(99), event: Answer::Received(inbound).into() }
    }

    #[test]
    fn the_latest_news_hold_in_whatever_order_they_come() {
        let stopped = Standing::Stopped { why: "spam".to_owned(), until: Micros(50) };
        let template = |usable| AccountNews::Template {
            name: "hello".into(),
            locale: "en".into(),
            usable,
            why: String::new(),
        };
        let mut news = vec![
            told(1, AccountNews::Standing(Standing::Good)),
            told(2, AccountNews::Standing(stopped.clone())),
            told(3, template(true)),
            told(4, template(false)),
        ];
        for _ in 0..2 {
            let account = Account::fold(&news);
            assert_eq!(account.standing(Micros(10)), stopped);
            assert!(!account.is_on_trial(Micros(49)), "what was on its way proves nothing");
            assert!(account.is_on_trial(Micros(50)));
            assert_eq!(account.standing(Micros(50)), Standing::Slowed("spam".to_owned()));
            assert!(!account.may_send(&"hello".into()));
            assert!(account.may_send(&"other".into()));
            news.reverse();
        }
    }
}
