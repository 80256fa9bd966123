//! What is wished of the cart as a whole, and what puts something into it.

use std::collections::BTreeSet;

use crate::evidence::VariantFacts;
use crate::model::clerk::decide::coming;
use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::act::About;
use crate::model::clerk::understand::guess::act_of;
use crate::model::clerk::understand::reading::{Reading, TALE};
use crate::model::clerk::understand::words::{plain, same, starts_with, stem};

/// Words of a name that is not known, at most.
const NAME: usize = 3;
/// Words around such a name, at most.
const AROUND: usize = 2;

impl Reading<'_> {
    /// What is wished of the cart where nothing in it is named: it is paid, looked at, or to be changed.
    pub(super) fn whole_cart(&self, about: &About<'_>) -> Option<Act> {
        let (wish, scene) = (&self.wish, self.scene);
        let bare = about.left.is_empty() && !about.constrained && wish.places.is_empty();
        let counts = wish.quantity.is_some();
        if self.focused() && bare && self.buys() || about.held && bare && self.wants_to_order() {
            return Some(Act::Checkout);
        }
        // `Sum it up for me`, `read my order back to me`.
        if self.views
            && about.held
            && bare
            && (!counts || self.beside())
            && !self.has(Act::Checkout)
        {
            return Some(Act::Cart);
        }
        // `Yes, buy`, of the cart that was shown.
        let more = counts || wish.again || self.has(Act::More);
        if scene.viewing && about.held && bare && self.has(Act::Add) && !more && !self.asks {
            return Some(Act::Checkout);
        }
        // `I want to change something first`.
        let sets = self.has(Act::Set) && !counts && !wish.it;
        (sets && about.held && bare && !self.asks).then_some(Act::Set)
    }

    /// Whether it begins by joining something to what was said: `and a hat`, `with a hat`.
    pub(super) fn joined(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let join = |word: &String| lexicon.joins.contains(word);
        let mut first =
            self.words.iter().skip_while(|it| self.tongue.fillers.contains(*it) && !join(it));
        let opening = self.opening();
        let with = starts_with(&self.words, opening, &lexicon.alongside).is_some();
        // `Perfect, and a lamp`.
        let led = opening.checked_sub(1).and_then(|at| self.words.get(at)).is_some_and(join);
        first.next().is_some_and(join) || with || led
    }

    /// How many words only agree to what was said, or join something to it: the `ok and` of `ok and a hat`.
    pub(super) fn opening(&self) -> usize {
        let lexicon = &self.tongue.lexicon;
        let agrees = |at: usize| starts_with(&self.words, at, &lexicon.yes);
        let joins = |at: usize| {
            let join = self.words.get(at).is_some_and(|it| lexicon.joins.contains(it));
            join.then_some(at + 1)
        };
        let mut at = 0;
        while let Some(next) = joins(at).or_else(|| agrees(at)) {
            at = next;
        }
        at
    }

    /// Whether who has begun to order goes on: `and a bottle of red wine`, `and one for my brother`.
    pub(super) fn orders_on(&self, about: &About<'_>) -> bool {
        let wish = &self.wish;
        let whom = wish.filters.keys().all(|name| name.as_str() == "gender");
        let one = (wish.one || wish.quantity.is_some()) && whom && !self.asks;
        let more = about.thing || !about.left.is_empty() && !self.asks || one;
        // `And three cannoli, not one`, of what lies there.
        let recounts = self.recounts && about.left.iter().all(|word| self.held(word));
        // `Of those five then`, of what lies there.
        let of_it = wish.it && self.focused() && about.left.is_empty() && !self.beside();
        let of_it = of_it && wish.quantity.is_some() && wish.filters.is_empty();
        let inquires = self.inquires || self.open || recounts || of_it;
        self.goes_on() && more && !inquires && self.cues.is_subset(&[Act::Nod].into())
    }

    /// Whether what is named is ordered, where goods are ordered by their names: counted, with an article or joined to
    /// what was said; of who has begun to order, any name. `ok, the margherita`, `2 colas`, `with a salad`.
    pub(super) fn orders_by_name(&self, about: &About<'_>) -> bool {
        let (wish, lexicon) = (&self.wish, &self.tongue.lexicon);
        let light = [Act::Nod, Act::Thanks];
        let bound = wish.price != 0 || wish.amount != (None, None) || !wish.without.is_empty();
        let looks = self.asks || bound || self.cues.iter().any(|act| !light.contains(act));
        let nothing = about.left.is_empty() || self.opening() >= self.words.len();
        if !lexicon.menu || looks || nothing {
            return false;
        }
        let words = self.words.get(self.opening()..).unwrap_or_default();
        let article = words.first().is_some_and(|it| lexicon.the.contains(it)) || wish.article;
        // `The tonno then`, `nduja pizza then`.
        let taken = self.words.last().is_some_and(|it| lexicon.joins.contains(it));
        let counts = article || wish.quantity.is_some() || self.joined() || taken;
        let begun = !self.scene.cart.is_empty() && !self.has(Act::Thanks);
        let held = about.left.iter().all(|word| self.held(word));
        // `One of the colas diet` is of what lies there.
        if wish.quantity.is_some() && !held && !self.joined() && self.points_at_line() {
            return false;
        }
        let around = self.told.iter().filter(|told| !**told).count();
        let around = around.saturating_sub(about.left.len() + self.opening());
        let named = about.thing || about.meant || about.left.len() <= NAME;
        let short = around <= if about.thing { TALE } else { AROUND };
        short && named && (counts || begun && !held)
    }

    /// Whether another is to be told of just after one was: `and the tiramisu`, behind `tell me about the cannoli`.
    pub(super) fn tells_too(&self, left: &[String]) -> bool {
        let the = self.words.get(self.opening());
        let the = the.is_some_and(|it| self.tongue.lexicon.the.contains(it));
        let (wish, told) = (&self.wish, self.scene.shown.iter());
        let bare = self.cues.is_empty() && wish.quantity.is_none() && wish.filters.is_empty();
        let told: Vec<String> = told.flat_map(|it| plain(&it.facts.title)).collect();
        let other = left.iter().any(|word| !told.iter().any(|own| same(own, word)));
        let other = other && wish.places.is_empty();
        self.scene.telling && bare && other && the && self.joined() && !self.beside()
    }

    /// Whether what was shown last is wished beside what there is: `yep, that too`.
    pub(super) fn takes_it_too(&self, about: &About<'_>) -> bool {
        let light = [Act::Nod, Act::Thanks];
        let bare = about.left.is_empty() && self.cues.iter().all(|act| light.contains(act));
        let one = self.scene.shown.len() == 1 && !self.focused();
        bare && one && self.wish.it && self.beside() && !self.asks && about.held
    }

    /// Whether so many are wished of what is not in the cart: `just two waters`.
    pub(super) fn counts_other(&self, about: &About<'_>) -> bool {
        let held = about.left.iter().any(|word| self.held(word));
        let other = !self.wish.it || self.counts_thing();
        let other = about.thing && !about.left.is_empty() && !held && other;
        about.held && self.wish.quantity.is_some() && (other || self.counts_shown(about))
    }

    /// Whether the one thing that was just shown is counted, and does not lie there: `two of those`.
    fn counts_shown(&self, about: &About<'_>) -> bool {
        let [only] = self.scene.shown.as_slice() else { return false };
        let held = |it: &VariantFacts| self.scene.cart.iter().any(|(held, _)| *held == it.variant);
        let bare = about.left.is_empty() && self.wish.it && !self.focused();
        bare && !self.scene.adding && !only.facts.variants.iter().any(held)
    }

    /// Whether the number stands right before what is sold: `make it two sorbets`, but not `make it two, for my sister`.
    fn counts_thing(&self) -> bool {
        let said: Vec<&str> = self.wish.counted.split(' ').collect();
        let counted = self.words.windows(said.len()).position(|words| words == said);
        let behind = counted.map(|at| at + said.len());
        behind.is_some_and(|at| {
            let thing = self.words.get(at).is_some_and(|it| self.tongue.is_thing(it));
            thing && self.free(at, at + 1) && !self.commas.contains(&at)
        })
    }

    /// Whether the number is said of a line whose words are denied before it: `no beer for me, just 1`.
    pub(super) fn counts_denied(&self) -> bool {
        let last = self.wish.counted.split(' ').next_back().unwrap_or_default();
        let counted = self.words.iter().rposition(|word| word == last);
        let line = |at: usize| self.line_word(at);
        self.denies_line()
            && counted.is_some_and(|at| !(at..self.words.len()).any(line) && (0..at).any(line))
    }

    /// Whether what was just put into the cart is to be paid, and no more is said: `I'll order that`, `buy!`
    fn buys(&self) -> bool {
        let join = |word: &String| self.tongue.lexicon.joins.contains(word);
        // `Good, then we order it`: what only agrees stands before it.
        let agrees = |it: &String| self.tongue.fillers.contains(it) && !join(it);
        let first =
            self.words.iter().take_while(|it| agrees(it) || self.tongue.tells(it) && !join(it));
        let first = first.count();
        let also = |at: usize| at != first && self.words.get(at).is_some_and(join);
        let also =
            first == 0 && self.words.first().is_some_and(join) || (0..self.words.len()).any(also);
        let it = (self.wish.it || self.words.len() < 3) && !self.beside();
        let more = self.has(Act::More) || also;
        // `Put it in my basket`, where it lies, pays nothing.
        let more = more || self.has(Act::Cart);
        it && self.has(Act::Add) && !more && self.wish.quantity.is_none() && !self.asks
    }

    /// Whether nothing is said but that one would like to order: its last word by itself asks to pay.
    fn wants_to_order(&self) -> bool {
        let mut pays = self.tongue.intents.iter().filter(|it| it.name.as_str() == "checkout");
        let last = self.words.last().map(|it| stem(it, &self.tongue.lexicon));
        let alone = |said: &BTreeSet<String>| said.len() == 1 && said.first() == last.as_ref();
        let more = self.has(Act::More) || self.wish.quantity.is_some() || self.wish.it;
        self.puts && !more && !self.asks && pays.any(|it| it.said().iter().any(alone))
    }

    /// Whether what was just put there is wished in another version beside it: `and the same one in brown too`.
    pub(super) fn another_version(&self, left: &[String]) -> bool {
        let wish = &self.wish;
        let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
        let line = left.iter().all(|word| self.held(word));
        // `And her brother needs the same in 134`, `the same in blue for my sister`.
        let lexicon = &self.tongue.lexicon;
        let whose = |pair: &[String]| match pair {
            [serves, the] => lexicon.serves.contains(serves) && lexicon.the.contains(the),
            _ => false,
        };
        let whom =
            !self.has(Act::Search) && !self.has(Act::Set) && self.words.windows(2).any(whose);
        // `I need another of the same in 134`.
        let beside = |at: usize| starts_with(&self.words, at, &lexicon.beside);
        let it = |at: usize| starts_with(&self.words, at, &lexicon.it).is_some();
        let again = (0..self.words.len()).filter_map(beside).any(|to| it(to) || it(to + 1));
        let same = wish.it && (self.joined() || whom || again) && !wish.instead;
        // `And one in S for my sister`, `and a black one`, `and 2 in S`.
        let counts = wish.quantity.is_some() && left.is_empty() && !self.has(Act::Set);
        let one = (wish.one || self.stands || counts) && self.joined();
        let beside = self.beside() && !self.has(Act::More) || one;
        let beside = beside && !self.has(Act::Search) && !self.turns_into();
        let beside = beside && !self.points_at_last();
        let fresh = self.scene.adding || self.scene.did.is_some();
        let of_line = self.focused() && line && fresh;
        of_line && kinds && (beside || same) && !self.asks
    }

    /// Whether who has begun to order goes on: `and a bottle of red wine`; just after something was put there, also
    /// `the Anchor shirt too`.
    fn goes_on(&self) -> bool {
        let scene = self.scene;
        let begun = scene.adding || !scene.cart.is_empty() && !self.asks;
        let beside = |it: &String| self.tongue.lexicon.beside.contains(it);
        let small = |it: &String| self.tongue.fillers.contains(it);
        let first = self.words.iter().position(|it| beside(it) || !small(it));
        // `Now also the toothbrush`, `blades too, the Sharp Blades`.
        let also = self.words.last().is_some_and(beside)
            || first.is_some_and(|at| self.words.get(at).is_some_and(beside))
            || self.commas.iter().any(|at| self.words.get(at.wrapping_sub(1)).is_some_and(beside));
        begun && self.joined() || also && self.beside() && scene.adding && !self.asks
    }

    /// Whether one more is wished of what there is.
    pub(super) fn another(&self) -> bool {
        let counts = self.wish.quantity.is_some() || !self.has(Act::More) || self.another_pair();
        self.beside() && counts && !self.asks && !self.has(Act::Search)
    }

    /// Whether one more piece is wished of what was just put there: `she wants some too, so another pair of those`.
    pub(super) fn another_pair(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let is =
            |list: &[String], at: usize| self.words.get(at).is_some_and(|it| list.contains(it));
        let piece = |at: usize| {
            is(&lexicon.single, at)
                && is(&lexicon.pieces, at + 1)
                && starts_with(&self.words, at + 2, &lexicon.it).is_some()
        };
        self.focused() && self.scene.adding && (0..self.words.len()).any(piece)
    }

    /// Whether something is taken out of the cart; `names`: something is named, and no rule is asked for.
    pub(super) fn removes(&self, about: &About<'_>, names: bool) -> bool {
        // `How do I get rid of ticks?`
        let nods = self.has(Act::Nod) && about.left.is_empty();
        let asks = (self.open || self.has(Act::Bye) || nods) && !about.held;
        let begins = self.begins_with(Act::Remove) && !self.wish.it;
        let searched = self.scene.searched.is_some() && self.cues.len() < 2;
        let open = !about.thing || begins || searched;
        self.has(Act::Remove) && !asks && (about.held || names && open)
    }

    /// Whether a cue of an act comes before all that says something: `remove the garlic bread`.
    fn begins_with(&self, act: Act) -> bool {
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let first = self.words.iter().take_while(|it| self.tongue.fillers.contains(*it)).count();
        let mut cues = found.iter().filter(|(cue, _)| act_of(cue.intent.as_str()) == Some(act));
        cues.any(|(_, places)| places.first().is_some_and(|at| *at <= first))
    }

    /// Whether something is put into the cart; `asked`: a rule is asked for.
    pub(super) fn adds(&self, about: &About<'_>, asked: bool) -> bool {
        let (wish, scene) = (&self.wish, self.scene);
        // `I order here for the first time, how does it work?`, `I never used one of these chats`.
        if self.told_at_length && about.left.is_empty() || self.passes_over() || self.asks_which() {
            return false;
        }
        // `I'll take no cream after all`, with nothing there to go.
        if self.has(Act::Remove) && !about.held {
            return false;
        }
        // `The same again in XL`, of what was searched.
        let again = wish.again && !about.held && !self.puts_itself();
        if again && about.constrained && about.left.is_empty() {
            return false;
        }
        let known = about.meant || wish.it || scene.focus.is_some() || !scene.shown.is_empty();
        match (self.has(Act::Add), self.has(Act::Search)) {
            // `I want …` searches, unless it points at something; `no onions, please` puts nothing there.
            // Nor does `the cheapest one please, just to look`.
            (true, true) => {
                let puts = self.puts && wish.price == 0 && (known || about.thing);
                // `I'd like the red one of those bikes in my cart`.
                let other = about.left.iter().any(|word| !self.held(word));
                let cart = self.has(Act::Cart) && self.puts_into_cart() && other && !self.asks;
                // `Then I'd like one of those`.
                let of_it = self.counts_it().is_some() && known && !self.asks;
                about.meant || puts || cart || of_it && about.left.is_empty()
            }
            (true, false) => {
                // `Put the black ones in M in the basket` does not, nor `take the one with 80`, of one product.
                let one = scene.shown.len() == 1 && about.left.is_empty();
                let refines = about.left.is_empty() && !wish.without.is_empty()
                    || self.has(Act::Refine) && !about.meant && !self.puts && !one;
                // `Describe the platter, please.`
                let told = self.has(Act::Details) && !self.orders;
                !asked
                    && !refines
                    && !told
                    && (known
                        || about.thing
                        || about.constrained
                        || !about.left.is_empty()
                        || wish.quantity.is_some())
            }
            (false, _) => {
                self.has(Act::Set) && !about.held && wish.quantity.is_some() && known
                    || self.has(Act::Set) && self.counts_other(about) && !self.asks
                    || self.many(about, known)
                    || self.has(Act::Cart)
                        && (self.buying || self.puts_into_cart())
                        && !about.left.is_empty()
                        && !self.asks
                    || self.has(Act::Cart)
                        && (about.meant || about.thing || about.constrained && known)
                        && !self.asks
            }
        }
    }

    /// Whether one or both of what was compared is taken: `can't decide, I'll have both`, `the first one then`.
    pub(super) fn chooses(&self, about: &About<'_>) -> bool {
        let (wish, lexicon) = (&self.wish, &self.tongue.lexicon);
        if !self.scene.comparing || self.asks || self.has(Act::Remove) {
            return false;
        }
        if wish.places.contains(&0) {
            return about.left.is_empty() || self.has(Act::Add) && !about.thing;
        }
        // `Ok, the corded one then`.
        let opening = self.opening();
        let nods = self.has(Act::Nod) && opening == 0;
        let other = [Act::Details, Act::Search, Act::Compare];
        if nods || wish.price != 0 || other.iter().any(|act| self.has(*act)) {
            return false;
        }
        let joins = |word: Option<&String>| word.is_some_and(|it| lexicon.joins.contains(it));
        // `The mushroom one then, that's more like me`.
        let clauses = self.commas.iter().copied().chain([self.words.len()]);
        let mut ends = clauses.filter_map(|at| self.words.get(at.checked_sub(1)?));
        let small = |word: &String| {
            let lists = [&lexicon.the, &lexicon.one, &lexicon.joins];
            let small = lists.iter().any(|list| list.contains(word)) || lexicon.it.contains(word);
            small || lexicon.ordinals.contains_key(word) || about.left.contains(word)
        };
        let bare = self.words.iter().skip(opening).all(small);
        about.meant && (bare || joins(self.words.first()) || ends.any(|it| joins(Some(it))))
    }

    /// Whether the cheaper or the dearer one of what is shown is taken: `the cheaper one in M please`.
    pub(super) fn takes_by_price(&self, about: &About<'_>) -> bool {
        let wish = &self.wish;
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let prices = |intent: &str| matches!(intent, "cheaper" | "dearer");
        let the =
            |at: usize| self.words.get(at).is_some_and(|it| self.tongue.lexicon.the.contains(it));
        let pointed = |places: &[usize]| places.first().is_some_and(|at| *at > 0 && the(at - 1));
        let pointed = found.iter().any(|(cue, at)| prices(cue.intent.as_str()) && pointed(at));
        let of_two = wish.price.abs() == 1 && coming(wish, self.scene).len() == 2;
        let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
        let takes = self.has(Act::Add) || wish.kindly || wish.instead || kinds;
        let other = [Act::Search, Act::Details, Act::Remove, Act::Compare, Act::More];
        let other = self.asks || other.iter().any(|act| self.has(*act));
        pointed && of_two && takes && !other && about.left.is_empty() && wish.amount == (None, None)
    }

    /// Whether something counted is said to be in the cart: `a plate set in the basket, thanks`.
    fn puts_into_cart(&self) -> bool {
        let the = |it: &String| self.tongue.lexicon.the.contains(it);
        let counted = self.wish.article || self.wish.quantity.is_some();
        let found = self.tongue.cues.found(&self.words, &self.tongue.lexicon);
        let carts = found.iter().filter(|(cue, _)| cue.intent.as_str() == "cart");
        let first = carts.filter_map(|(_, places)| places.first()).min();
        let within = |at: usize| {
            self.words.get(at).is_some_and(|it| self.tongue.lexicon.size_words.contains(it))
        };
        first.is_some_and(|at| {
            let points = self.words.iter().take(*at).any(the);
            (counted || points) && (within(*at) || within(at.saturating_sub(1)))
        })
    }

    /// Whether a word puts something there that says nothing else: the `pack` of `pack das in L dazu`.
    fn puts_itself(&self) -> bool {
        let lexicon = &self.tongue.lexicon;
        let found = self.tongue.cues.found(&self.words, lexicon);
        let first = found.iter().filter(|(cue, _)| cue.intent.as_str() == "add");
        let mut first = first.filter_map(|(_, places)| self.words.get(*places.first()?));
        first.any(|it| {
            let lists = [&lexicon.beside, &lexicon.it, &lexicon.single];
            !self.tongue.fillers.contains(it) && !lists.iter().any(|list| list.contains(it))
        })
    }

    /// Whether others are wished than those that were shown: `none of these, any others?`, `the next ones please`.
    fn passes_over(&self) -> bool {
        let (lexicon, words) = (&self.tongue.lexicon, &self.words);
        let no = |at: usize| words.get(at).is_some_and(|it| lexicon.negations.contains(it));
        let them = |at: usize| starts_with(words, at, &lexicon.it).is_some();
        let denies =
            (1..words.len()).any(|at| no(at - 1) && them(at) && !self.commas.contains(&at));
        let several = self.scene.shown.len() > 1 && self.wish.quantity.is_none();
        self.has(Act::More) && several && (denies || !self.orders && !self.wish.again)
    }

    /// Whether nothing else is said: `two, please`; `I want two`, of what was just put there.
    pub(super) fn alone(&self, about: &About<'_>) -> bool {
        let wants = self.scene.adding && self.has(Act::Search);
        // `Three, please` puts no more there than `three`.
        let kindly = self.scene.adding && !self.orders;
        let small = [Act::Nod, Act::Thanks, Act::Add, Act::Search];
        let small = small.get(..if wants { 4 } else { 2 + usize::from(kindly) });
        let small = small.unwrap_or_default();
        about.left.is_empty() && self.cues.iter().all(|act| small.contains(act))
    }

    /// `Four of them`, `two of the first`, of what was shown and is not in the cart.
    pub(super) fn many(&self, about: &About<'_>, known: bool) -> bool {
        let looks = self.has(Act::Search) || self.has(Act::Details) || self.has(Act::Compare);
        let wish = &self.wish;
        let one = self.scene.shown.len() == 1;
        let pointed = wish.it || about.meant && !wish.places.is_empty() || one;
        known && pointed && wish.quantity.is_some() && !looks && !self.asks && about.left.is_empty()
    }

    /// Whether it is how much there is to pay that is asked, and not to pay.
    pub(super) fn much(&self) -> bool {
        self.open && self.has(Act::Cart)
    }

    /// `Two of each`, just after one of them was put there beside another.
    pub(super) fn counts_each(&self, about: &About<'_>) -> bool {
        let each = self.wish.places == [0] && self.scene.adding && self.scene.cart.len() > 1;
        each && about.left.is_empty() && !self.beside()
    }

    /// `It should not cost more than 150`: a bound, of what was named before.
    pub(super) fn bound(&self, about: &About<'_>) -> Option<Act> {
        let wish = &self.wish;
        let bare = about.left.is_empty() && wish.places.is_empty() && !about.meant && !self.asks;
        let acts = [Act::Add, Act::Set, Act::Remove, Act::Checkout, Act::Human];
        let more = acts.into_iter().any(|act| self.has(act)) || wish.price != 0;
        (wish.amount != (None, None) && bare && !more).then_some(Act::Refine)
    }
}
