//! An order that was put together on the platform: its goods go into the cart at today's prices, and what differs
//! from the platform's is said before anything is confirmed. No model is asked.

use serde_json::json;

use crate::event::Outcome;
use crate::evidence::Access;
use crate::id::Locale;
use crate::message::{Block, OrderLine, Purpose};
use crate::policy::Act;
use crate::reply::write;
use crate::turn::{Turn, TurnError};

/// As many of one variant as the cart takes.
const MOST: u32 = 99;

impl Turn<'_> {
    /// Takes an order into the cart and shows the cart. Of taps that came with it, those that change the cart count; what
    /// would act outside can be tapped again when the differences were read.
    pub(super) async fn order(
        &mut self,
        lines: &[OrderLine],
        acts: Vec<Act>,
        locale: &Locale,
    ) -> Result<Outcome, TurnError> {
        for line in lines {
            let quantity = line.quantity.min(MOST);
            let arguments = json!({ "variant": line.variant, "quantity": quantity });
            if let Some(outcome) = self.act(("cart_set".into(), arguments), false).await? {
                return Ok(outcome);
            }
        }
        for act in acts {
            if self.access(&act.call.0) == Access::State
                && let Some(outcome) = self.tap(act).await?
            {
                return Ok(outcome);
            }
        }
        let intro = self.phrase("cart.view");
        let draft = format!("{intro}\n[[cart]]");
        let Ok((mut blocks, sources)) = self.filled(&draft, locale) else {
            return self.fall_back("ingress.order").await;
        };
        let differing = self.differing(lines, locale);
        if !differing.is_empty() {
            blocks.insert(1.min(blocks.len()), Block::Text(differing.join("\n")));
        }
        self.reply(draft, blocks, sources, Purpose::Service, false)
    }

    /// What is not as the platform said: `Wool Socks: 2 × €11.00 → 2 × €12.50`. What can't be had is none.
    fn differing(&self, lines: &[OrderLine], locale: &Locale) -> Vec<String> {
        let pack = &self.force.pack;
        let cart = self.recorder.state.priced.as_ref();
        let mut differing = Vec::new();
        for line in lines {
            let claimed = line.claimed.as_ref().map(|each| write::money(each, pack, locale));
            let said = match &claimed {
                Some(each) => format!("{} × {each}", line.quantity),
                None => line.quantity.to_string(),
            };
            let priced =
                cart.and_then(|cart| cart.lines.iter().find(|it| it.variant == line.variant));
            let Some(priced) = priced else {
                differing.push(format!("{}: {said} → 0", line.variant));
                continue;
            };
            let same = line.claimed.as_ref().is_none_or(|each| *each == priced.each);
            if !same || priced.quantity != line.quantity {
                let each = write::money(&priced.each, pack, locale);
                differing.push(format!("{}: {said} → {} × {each}", priced.title, priced.quantity));
            }
        }
        differing
    }
}
