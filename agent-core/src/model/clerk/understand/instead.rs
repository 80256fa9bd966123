//! What takes the place of what was said before it in one message.

use crate::model::clerk::understand::together::{Together, bare, names};
use crate::model::clerk::understand::{Act, Wish};

impl Together {
    /// `A salmon, no sorry, a saltimbocca`: what is named takes the place of what was named before it.
    pub(super) fn take_back(&mut self, wish: &mut Wish) {
        let goods = |it: &Wish| {
            let acts = [Act::Search, Act::Add, Act::Details, Act::Pick, Act::Refine, Act::Ask];
            it.act.is_some_and(|act| acts.contains(&act)) && !it.words.is_empty()
        };
        let swaps = wish.act == Some(Act::Swap) && !wish.words.is_empty();
        if !goods(wish) && !swaps {
            return;
        }
        let Some(before) = self.wishes.pop_if(|before| goods(before)) else { return };
        if before.held && !wish.held {
            wish.words = format!("{} {}", before.words, wish.words);
            wish.act = Some(Act::Swap);
            return;
        }
        if swaps || before.act == Some(Act::Add) {
            wish.act = before.act;
        }
        wish.buys |= before.buys;
        if !wish.article && wish.quantity.is_none() {
            (wish.quantity, wish.ahead) = (before.quantity, before.ahead);
        }
        wish.article |= before.article;
    }

    /// `No cola, a lemonade instead`: what it stands for was said.
    pub(super) fn in_its_place(&mut self, wish: &mut Wish) {
        let goes = |it: &Wish| match it.act {
            Some(Act::Remove) => !it.words.is_empty(),
            Some(Act::Refine) => !it.without.is_empty() && bare(it) && !it.asks,
            _ => false,
        };
        let named = wish.act == Some(Act::Swap) && !wish.words.is_empty() && !wish.it;
        // `In place of the scarf rather the bandana`, where that is no word for goods.
        let before = self.wishes.last().filter(|it| it.instead && it.act == Some(Act::Remove));
        let lookalike = matches!(wish.act, Some(Act::Refine | Act::Search)) && wish.guess;
        let meant = wish.instead && lookalike && names(wish) && !wish.asks;
        if named && self.wishes.last().is_some_and(goes) || meant && before.is_some() {
            wish.act = Some(Act::Add);
            wish.buys |= meant;
            self.wishes.retain(|it| it.act == Some(Act::Remove) || !goes(it));
        }
    }
}
