//! What is wished of something that was shown, or is named.

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::act::About;
use crate::model::clerk::understand::reading::Reading;

impl Reading<'_> {
    /// What is wished of something that was shown or is named.
    pub(super) fn of_shown(&self, about: &About<'_>) -> Option<Act> {
        let (wish, scene, spoken) = (&self.wish, self.scene, self.spoken());
        let open = about.thing || !about.left.is_empty();
        // `A jacket that should not cost more than 150`.
        let named = about.thing || !self.asks && !about.left.is_empty();
        let bound = (self.has(Act::Search) || !self.asks) && named && wish.amount != (None, None);
        if self.has(Act::Details)
            && wish.price == 0
            && !bound
            && (about.meant || open || spoken && !about.constrained)
        {
            return Some(Act::Details);
        }
        // `Would the Contour Softshell Jacket keep me dry?`
        let name = |word: &String| {
            let mut titled = self.words.iter().zip(&self.titled);
            titled.any(|(own, titled)| *titled && own == word)
        };
        let called = about.left.iter().filter(|it| name(it)).count();
        let of_called = called > 0 && called < about.left.len() && !about.constrained;
        if of_called && self.asks && self.cues.is_empty() {
            return Some(Act::Details);
        }
        // `What has the first that the second has not?`
        let two = about.meant && wish.places.len() == 2 && !wish.places.contains(&0);
        if two && self.asks && !self.has(Act::Details) {
            return Some(Act::Compare);
        }
        // `Which is the lightest?`
        let several = scene.shown.len() > 1 && !about.thing && !about.constrained;
        if several && about.left.len() < 2 && self.most() {
            return Some(Act::Compare);
        }
        // `Would it fit a laptop?`, of the one shown.
        let of_it = wish.it && self.asks && scene.shown.len() == 1 && !self.has(Act::Search);
        if of_it && wish.price == 0 && !about.constrained {
            return Some(Act::Details);
        }
        // `Both of them, please`.
        let all = wish.places.len() > 1 || wish.places.contains(&0);
        let bound = wish.price != 0 || wish.amount != (None, None);
        if about.meant && !self.asks && all && !bound && !self.has(Act::Bye) {
            return Some(Act::Add);
        }
        // `The Klara bottle, four of them`, of what is shown.
        let light = [Act::Nod, Act::Thanks].into();
        if about.meant && !self.asks && wish.quantity.is_some() && self.cues.is_subset(&light) {
            return Some(Act::Add);
        }
        // `Yes, the Calder please`.
        let agreed = wish.points && wish.kindly && wish.price == 0;
        if about.meant && !self.asks && agreed && self.cues.is_subset(&light) {
            return Some(Act::Add);
        }
        if about.meant && !self.asks {
            let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
            return Some(if kinds || wish.costs { Act::Pick } else { Act::Details });
        }
        None
    }
}
