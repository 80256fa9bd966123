//! The state of one account of a shop on a platform: a fold over the journal that is told of it.

use std::collections::BTreeMap;

use crate::event::{Answer, Event, Recorded};
use crate::id::Name;
use crate::message::{AccountNews, InboundKind, Standing};
use crate::time::Micros;

/// The cause of a platform that refuses what is sent, which the courier and statuses tell of.
pub const REFUSED: &str = "refused";

/// What is known of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How far it may be used by each cause; what was told without one stands under the empty name.
    causes: BTreeMap<Name, Cause>,
    /// Templates the platform spoke of: whether they may be sent, and since when, by name and language.
    templates: BTreeMap<(Name, Name), (Micros, bool)>,
}

/// What was told last of a cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cause {
    at: Micros,
    standing: Standing,
    ends: Option<Micros>,
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

    /// News come in any order; of each cause the latest by the platform's clock holds.
    fn take(&mut self, at: Micros, news: &AccountNews) {
        match news {
            AccountNews::Standing(standing) => {
                let standing = standing.clone();
                self.stands("".into(), Cause { at, standing, ends: None });
            }
            AccountNews::Stands { cause, standing, ends } => {
                let told = Cause { at, standing: standing.clone(), ends: *ends };
                self.stands(cause.clone(), told);
            }
            AccountNews::Template { name, locale, usable, .. } => {
                let known = self.templates.entry((name.clone(), locale.clone())).or_default();
                if at >= known.0 {
                    *known = (at, *usable);
                }
            }
            AccountNews::Notice { .. } => {}
        }
    }

    fn stands(&mut self, cause: Name, told: Cause) {
        let known = self.causes.entry(cause).or_default();
        if told.at >= known.at {
            *known = told;
        }
    }

    /// What keeps it from being used freely. What was told without a cause is over with the next good news of any.
    fn held(&self, now: Micros) -> impl Iterator<Item = (&Name, &Standing)> {
        let good = |it: &&Cause| it.standing == Standing::Good;
        let cleared = self.causes.values().filter(good).map(|it| it.at).max();
        let holds = move |(cause, it): &(&Name, &Cause)| {
            let over = it.ends.is_some_and(|ends| now >= ends);
            let cleared = cause.as_str().is_empty() && cleared >= Some(it.at);
            it.standing != Standing::Good && !over && !cleared
        };
        self.causes.iter().filter(holds).map(|(cause, it)| (cause, &it.standing))
    }

    /// How far it may be used now, by the worst that holds: stopped, it may be tried again slowly once its time is over.
    #[must_use]
    pub fn standing(&self, now: Micros) -> Standing {
        let held = self.held(now).map(|(_, standing)| match standing {
            Standing::Stopped { why, until } if now >= *until => Standing::Slowed(why.clone()),
            standing => standing.clone(),
        });
        let worst = held.max_by_key(|standing| match standing {
            Standing::Stopped { until, .. } => Some(*until),
            Standing::Slowed(_) | Standing::Good => None,
        });
        worst.unwrap_or_default()
    }

    /// The causes it was stopped for and is tried again: nothing was taken of it since their time was over.
    #[must_use]
    pub fn on_trial(&self, now: Micros) -> Vec<Name> {
        if matches!(self.standing(now), Standing::Stopped { .. }) {
            return Vec::new();
        }
        let stopped = |it: &(&Name, &Standing)| matches!(it.1, Standing::Stopped { .. });
        self.held(now).filter(stopped).map(|(cause, _)| cause.clone()).collect()
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

    fn stopped(why: &str, until: i64) -> Standing {
        Standing::Stopped { why: why.to_owned(), until: Micros(until) }
    }

    fn slowed(why: &str) -> Standing {
        Standing::Slowed(why.to_owned())
    }

    #[test]
    fn the_latest_news_hold_in_whatever_order_they_come() {
        let template = |usable| AccountNews::Template {
            name: "hello".into(),
            locale: "en".into(),
            usable,
            why: String::new(),
        };
        let mut news = vec![
            told(1, AccountNews::stands(REFUSED, Standing::Good)),
            told(2, AccountNews::stands(REFUSED, stopped("spam", 50))),
            told(3, template(true)),
            told(4, template(false)),
        ];
        for _ in 0..2 {
            let account = Account::fold(&news);
            assert_eq!(account.standing(Micros(10)), stopped("spam", 50));
            assert!(account.on_trial(Micros(49)).is_empty(), "what was on its way proves nothing");
            assert_eq!(account.on_trial(Micros(50)), [REFUSED.into()]);
            assert_eq!(account.standing(Micros(50)), slowed("spam"));
            assert!(!account.may_send(&"hello".into()));
            assert!(account.may_send(&"other".into()));
            news.reverse();
        }
    }

    #[test]
    fn one_cause_neither_hides_nor_ends_another() {
        let news = |ends| {
            [
                told(1, AccountNews::stands("restriction", stopped("ban", 50))),
                told(2, AccountNews::stands("quality", slowed("flagged"))),
                told(3, AccountNews::stands(REFUSED, stopped("spam", 20))),
                told(
                    4,
                    AccountNews::Stands {
                        cause: "provider".into(),
                        standing: slowed("provider"),
                        ends,
                    },
                ),
            ]
        };
        let good = [told(6, AccountNews::stands("quality", Standing::Good))];
        let mut all = [&news(Some(Micros(80)))[..], &good].concat();
        for _ in 0..2 {
            let account = Account::fold(&all);
            for (now, standing) in
                [(5, stopped("ban", 50)), (49, stopped("ban", 50)), (80, slowed("ban"))]
            {
                assert_eq!(account.standing(Micros(now)), standing, "at {now}");
            }
            assert!(account.on_trial(Micros(30)).is_empty(), "nothing was tried: it is banned");
            assert_eq!(account.on_trial(Micros(50)), [REFUSED.into(), "restriction".into()]);
            all.reverse();
        }
        let taken = ["restriction", REFUSED]
            .map(|cause| told(55, AccountNews::stands(cause, Standing::Good)));
        let account = |ends| Account::fold(&[&news(ends)[..], &good, &taken].concat());
        assert_eq!(account(None).standing(Micros(99)), slowed("provider"), "that is not over");
        assert_eq!(account(Some(Micros(80))).standing(Micros(79)), slowed("provider"));
        assert_eq!(account(Some(Micros(80))).standing(Micros(80)), Standing::Good);
    }

    #[test]
    fn what_was_told_before_there_were_causes_holds_until_good_news() {
        let old = |at, json: &str| told(at, serde_json::from_str(json).unwrap());
        let spam = old(1, r#"{"standing":{"stopped":{"why":"spam","until":50}}}"#);
        let flagged = old(2, r#"{"standing":{"slowed":"flagged"}}"#);
        let standing = |news: &[&Recorded]| Account::fold(news.iter().copied()).standing(Micros(9));
        assert_eq!(standing(&[&spam]), stopped("spam", 50));
        assert_eq!(standing(&[&spam, &flagged]), slowed("flagged"), "the latest, as it was");
        assert_eq!(standing(&[&flagged, &old(3, r#"{"standing":"good"}"#)]), Standing::Good);
        let other = told(3, AccountNews::stands("violation", slowed("violation")));
        assert_eq!(standing(&[&spam, &other]), stopped("spam", 50));
        let good = |at| told(at, AccountNews::stands("quality", Standing::Good));
        assert_eq!(standing(&[&flagged, &good(3)]), Standing::Good);
        assert_eq!(standing(&[&flagged, &good(1)]), slowed("flagged"));
    }
}
