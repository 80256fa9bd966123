//! One customer, who does something at each step: writes, taps, sends things, is taken over by a person.

use std::time::Duration;

use agent_core::conversation::Conversation;
use agent_core::house::{person, talk};
use agent_core::id::{JournalId, MessageId, Seq, ShopId};
use agent_core::message::{
    ActionRef, Address, Control, Inbound, InboundKind, MediaRef, OrderLine, Tap,
};
use agent_core::time::{Clock as _, Micros};
use serde_json::json;

use super::{SHOPS, Street, words};
use crate::dice::Dice;

/// How often a message that was not taken in is sent again, as platforms do.
const DELIVERIES: usize = 12;

/// A customer of one of the shops.
pub(super) struct Customer {
    who: String,
    shop: ShopId,
    german: bool,
    /// Steps after which they say no more.
    steps: u64,
    said: u64,
    dice: Dice,
}

impl Customer {
    pub(super) fn new(n: u64, mut dice: Dice) -> Self {
        let kitchen = dice.below(3) == 0;
        let [(clothes, _), (food, _)] = SHOPS;
        let shop = if kitchen { food } else { clothes };
        let german = !kitchen && dice.below(2) == 0;
        let steps = 1 + dice.below(super::STEPS);
        Self { who: format!("customer {n}"), shop, german, steps, said: 0, dice }
    }

    /// Does something; sometimes several things in one breath.
    pub(super) async fn step(&mut self, street: &Street, step: u64) {
        if step >= self.steps {
            return;
        }
        let breath = if self.dice.below(5) == 0 { 3 } else { 1 };
        for _ in 0..breath {
            match self.dice.below(20) {
                0 | 1 => self.tap(street).await,
                2 => self.command(street).await,
                _ => {
                    let kind = self.kind();
                    self.send(street, kind).await;
                }
            }
            street.clock.turn(Duration::from_micros(self.dice.below(3_000_000)));
        }
    }

    fn address(&self) -> Address {
        let (thread, author) = (self.who.clone(), self.who.clone());
        Address { channel: "test".into(), account: "main".into(), thread, author }
    }

    fn kind(&mut self) -> InboundKind {
        let words = if self.german { words::GERMAN } else { words::ENGLISH };
        let at = usize::try_from(self.dice.below(words.len() as u64)).unwrap_or_default();
        let text = words.get(at).copied().unwrap_or_default();
        match self.dice.below(30) {
            0 => InboundKind::Media {
                media: MediaRef {
                    id: "photo-1".to_owned(),
                    mime: "image/jpeg".to_owned(),
                    bytes: Some(self.dice.below(1 << 40)),
                    ..MediaRef::default()
                },
                caption: text.to_owned(),
            },
            1 => InboundKind::Location {
                lat_e6: 52_520_008,
                lon_e6: -13_404_954,
                called: "Harbour Inn, Pier 1".to_owned(),
            },
            2 => InboundKind::Contact(json!({ "name": "Ada", "score": 0.1 })),
            3 => InboundKind::Reaction { to: "m1".into(), emoji: Some("❤".to_owned()) },
            4 => InboundKind::Tap(Tap::Token("forged".to_owned())),
            5 => InboundKind::Order {
                lines: vec![OrderLine {
                    variant: "LL-1001-BLU-M".into(),
                    quantity: 2,
                    claimed: None,
                }],
                note: text.to_owned(),
            },
            6 => InboundKind::Enquiry { product: "LL-1001".into(), text: text.to_owned() },
            7 => InboundKind::Edit { of: "m1".into(), text: text.to_owned() },
            8 => InboundKind::Delete { of: "m1".into() },
            9 => InboundKind::Unsupported("poll".to_owned()),
            10 => InboundKind::Text(text.repeat(40)),
            _ => InboundKind::Text(text.to_owned()),
        }
    }

    fn inbound(&mut self, street: &Street, kind: InboundKind, from: Option<Address>) -> Inbound {
        self.said += 1;
        Inbound {
            id: MessageId(format!("{}/{}", self.who, self.said)),
            at: street.clock.now(),
            from,
            aliases: Vec::new(),
            kind,
            reply_to: (self.dice.below(9) == 0).then(|| "m0".into()),
            referral: (self.dice.below(20) == 0).then(|| json!({ "ad": 7.25 })),
        }
    }

    async fn send(&mut self, street: &Street, kind: InboundKind) {
        let from = Some(self.address());
        let inbound = self.inbound(street, kind, from);
        for _ in 0..DELIVERIES {
            if street.intake.accept(self.shop, inbound.clone()).await.is_ok() {
                break;
            }
        }
        if self.dice.below(12) == 0 {
            // Told twice, it is the same message.
            let _again = street.intake.accept(self.shop, inbound).await;
        }
    }

    /// Something offered, of any reply that still offers it, or of none.
    async fn tap(&mut self, street: &Street) {
        let Some(journal) = self.journal(street).await else { return };
        let Ok((_, events)) = street.house.events(journal, Seq::START).await else { return };
        let conversation = Conversation::fold(&events);
        let offers = conversation.offered.iter().flat_map(|offered| {
            let options = 0..u16::try_from(offered.actions.len()).unwrap_or_default();
            options.map(|option| ActionRef { outbound: offered.outbound, option })
        });
        let offers: Vec<ActionRef> = offers.collect();
        let at = usize::try_from(self.dice.below(offers.len() as u64)).unwrap_or_default();
        let Some(action) = offers.get(at) else { return };
        let token = agent_core::action::mint(&*street.house.ids, journal, *action);
        self.send(street, InboundKind::Tap(Tap::Token(token))).await;
    }

    /// A person of the shop, or the shop's system, has something to say.
    async fn command(&mut self, street: &Street) {
        let Some(journal) = self.journal(street).await else { return };
        let until = (self.dice.below(2) == 0).then(|| Micros(street.clock.now().0 + 60_000_000));
        let by = |command| InboundKind::Control { by: "mel".into(), command };
        let kind = match self.dice.below(6) {
            0 => by(Control::TakeOver { until }),
            1 | 2 => by(Control::GiveBack),
            3 => by(Control::Say("Mel here, how can I help?".to_owned())),
            4 => by(Control::Close),
            _ => InboundKind::Event {
                name: "order_shipped".into(),
                facts: [("order".into(), json!(1234.5))].into(),
            },
        };
        let inbound = self.inbound(street, kind, None);
        for _ in 0..DELIVERIES {
            if street.intake.tell(journal, inbound.clone()).await.is_ok() {
                break;
            }
        }
    }

    async fn journal(&self, street: &Street) -> Option<JournalId> {
        let (store, address) = (&street.house.store, self.address());
        let customer = store.find(self.shop, &person(&address)).await.ok()??;
        store.find(self.shop, &talk(customer, &address)).await.ok()?
    }
}
