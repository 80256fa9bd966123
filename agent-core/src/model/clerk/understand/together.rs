//! The wishes of one message together: what is said of one after it, what takes one back, and what says
//! nothing beside another.

use crate::model::clerk::understand::listed::listed_after;
use crate::model::clerk::understand::pairs::{
    absorb, asks_more, asks_of, asks_of_it, beside, describes, drop_told, drop_told_again,
    goes_with, mentions, names_more, narrow, narrowed, narrows, points, searches, takes_so_told,
    tells_how, tells_of, tells_why, tells_why_gone, told_in_greeting,
};
use crate::model::clerk::understand::{Act, Wish};

/// Wishes of one message that are heard.
const WISHES: usize = 3;
/// The same where all of them are ordered: `1 pizza, 2 colas, 1 salad, 1 cake`.
const ORDERED: usize = 6;

/// How a wish was said.
#[derive(Copy, Clone, Debug)]
pub(super) struct Heard {
    /// In the sentence of the one before.
    pub(super) follows: bool,
    /// A word joins it to the one before.
    pub(super) joined: bool,
    /// As a question.
    pub(super) asks: bool,
    /// Instead of what was named before it.
    pub(super) instead: bool,
    /// As a sentence, where it was asked for a version.
    pub(super) tells: bool,
}

/// The wishes of a message so far, in order.
#[derive(Debug, Default)]
pub(super) struct Together {
    pub(super) wishes: Vec<Wish>,
    /// The one before was a question.
    asked: bool,
    /// Some are named side by side.
    listed: bool,
}

impl Together {
    /// What was wished last.
    pub(super) fn last(&self) -> Option<Act> {
        self.wishes.last().and_then(|wish| wish.act)
    }

    /// `Belt and cap out`: all that is listed before it goes.
    fn all_listed_go(&mut self, wish: &Wish, heard: Heard) {
        if wish.act != Some(Act::Remove) || !wish.held || !heard.follows {
            return;
        }
        let listed = |it: &&mut Wish| it.held && it.guess && it.act == Some(Act::Search);
        let listed = self.wishes.iter_mut().rev().take_while(listed);
        listed.for_each(|it| it.act = Some(Act::Remove));
    }

    /// `I changed my mind, swap the hat for a cap`: what is told before a change takes nothing out.
    fn tells_change(&mut self, wish: &Wish, heard: Heard) {
        let swaps = wish.act == Some(Act::Swap) && !wish.words.is_empty();
        if (swaps || changes(wish)) && heard.follows {
            self.wishes.pop_if(|it| it.act == Some(Act::Remove) && bare(it) && !it.it);
        }
    }

    /// Hears one wish more.
    pub(super) fn hear(&mut self, mut wish: Wish, heard: Heard) {
        self.tells_change(&wish, heard);
        let asked = std::mem::replace(&mut self.asked, heard.asks);
        let last = self.last();
        // `Ground, I don't own a grinder`: what is told behind the version is why.
        let why = heard.tells && heard.follows && !heard.joined && !heard.asks && mentions(&wish);
        let told = |before: &Wish| {
            repeats(before, &wish) || asks_more(before, &wish) || why && narrows(before)
        };
        if self.wishes.last().is_some_and(told) {
            return;
        }
        if heard.instead {
            self.take_back(&mut wish);
        }
        goes_with(&mut self.wishes, &mut wish, (last, heard));
        // `The pots can go again, I found some in the cellar`: what is told behind what goes is why.
        let gone = last == Some(Act::Remove) && heard.follows && !heard.joined && !heard.asks;
        if gone && tells_why_gone(&wish) || self.takes_in(&wish, heard) {
            return;
        }
        // `The same, but cheaper`; `the belt: take it out`.
        let aside = self.wishes.last().is_some_and(|it| it.act == Some(Act::Details) && bare(it));
        if heard.follows && wish.act == Some(Act::Refine) && aside {
            self.wishes.pop();
        }
        let mut anew = wish.instead || heard.instead;
        let search = |wish: &Wish| wish.act == Some(Act::Search);
        self.listed |= heard.joined && search(&wish) && self.wishes.last().is_some_and(search);
        if let Some(before) = self.wishes.last_mut() {
            // `She would also like the cap. Please order that`: nothing is paid before it is there.
            let ordered = wish.act == Some(Act::Checkout) && wish.it && buys(&wish);
            if ordered && bare(&wish) && names(before) && !before.held && !asked {
                wish.act = Some(Act::Add);
            }
            listed_after(before, &mut wish, heard);
            if narrows(&wish) && narrowed(before, &wish, heard) || tells_of(before, &wish, heard) {
                return narrow(before, wish);
            }
            if describes(before, &wish, heard) && !heard.joined {
                before.words = format!("{} {}", before.words, wish.words);
                return narrow(before, wish);
            }
            // `I have 60 euros. Which shirts can I get?`
            // `Black then, size L, add it`.
            let adds = wish.act == Some(Act::Add) && wish.it && wish.words.is_empty();
            let more = searches(&wish) || adds && heard.follows || takes_so_told(before, &wish);
            told_in_greeting(before, &mut wish, heard);
            if tells_how(before, &wish, heard) {
                absorb(before, &mut wish);
            }
            if narrows(before) && before.act != Some(Act::Swap) && more {
                absorb(before, &mut wish);
            }
            // `The beanie and the cap, side by side`.
            if wish.act == Some(Act::Compare) && heard.joined && names(before) && names_more(&wish)
            {
                return beside(before, wish);
            }
            let asks = asks_of_it(&wish) && before.own;
            if (refers(&wish) || asks || takes_so(before, &wish)) && names(before) && !asked {
                of(before, &mut wish);
                anew = true;
            }
            // `What does the soup cost? Add one anyway.`
            if refers(&wish) && names(before) && asked && !heard.asks {
                of(&mut before.clone(), &mut wish);
            }
        }
        let both = wish.places.iter().all(|place| *place == 0) && wish.words.is_empty();
        if wish.act == Some(Act::Compare) && both && self.compares(&wish) {
            return;
        }
        self.all_listed_go(&wish, heard);
        // `The first. No, the last`: what only pointed is taken back.
        if anew && !wish.places.is_empty() {
            self.wishes.retain(|before| !points(before));
        }
        self.in_its_place(&mut wish);
        self.push(wish);
    }

    /// A wish that was not heard before; each rule is asked for once.
    fn push(&mut self, mut wish: Wish) {
        // `In black and in blue, one each`, `in both colours, black and blue`.
        let also = std::mem::take(&mut wish.also);
        if wish.places.contains(&0) && !also.is_empty() {
            wish.places.clear();
            for (name, value) in also {
                let mut filters = wish.filters.clone();
                filters.insert(name, value);
                self.wishes.push(Wish { filters, ..wish.clone() });
            }
        }
        let rule = |it: &Wish| it.act == Some(Act::Policy) && it.topic == wish.topic;
        let known = wish.act == Some(Act::Policy) && self.wishes.iter().any(rule);
        if !known && !self.wishes.contains(&wish) {
            self.wishes.push(wish);
        }
    }

    /// Whether a wish only says more of those before it, and is no wish of its own.
    fn takes_in(&mut self, wish: &Wish, heard: Heard) -> bool {
        let both = wish.places.contains(&0) && wish.words.is_empty();
        // `A hoodie in black and a jacket in grey, both in L`.
        let sizes = both && heard.follows && !wish.filters.is_empty() && self.wishes.len() > 1;
        if sizes && self.wishes.iter().all(searches) {
            for before in &mut self.wishes {
                before.filters.extend(wish.filters.clone());
                before.act = before.act.map(|act| if buys(wish) { Act::Add } else { act });
            }
            return true;
        }
        let Some(before) = self.wishes.last_mut() else { return false };
        // `No more water, just remove both bottles`; `not the parka, take it off the list`.
        let same = both || wish.it && !wish.held && wish.places.is_empty();
        if same && before.held && [wish.act, before.act] == [Some(Act::Remove); 2] {
            return true;
        }
        // `Wrong size, we've got a king. Can you change it?`
        if before.act == Some(Act::Swap) && wish.instead && wish.it && bare(wish) {
            return true;
        }
        // `I also need guy lines, make that two packs`: of those, and not of what lies in the cart.
        let acts = wish.act == Some(Act::Set) || wish.act == Some(Act::Nod) || wish.it;
        // `OK, I'll take them, but two pairs`.
        let puts = [wish.act, before.act] == [Some(Act::Add); 2] && bare(before);
        let acts = acts || puts && heard.follows && !heard.joined && wish.filters.is_empty();
        // `Can I get the lamp, two of them, one for each side of the bed`.
        let ordered = before.act == Some(Act::Add) && wish.it && !wish.thing && wish.guess;
        let counts = acts && (bare(wish) || ordered) && wish.quantity.is_some() && !wish.more;
        let open = searches(before) || puts;
        if counts && open && !before.held && (!heard.asks || ordered) {
            (before.quantity, before.ahead) = (wish.quantity, true);
            return true;
        }
        // `Black please, just the one, I'll take it`: what is put there is not put there again.
        // `My daughter wants the same in pink. Add those too.`
        let again = (wish.again || wish.more) && (!wish.it || wish.same);
        let again = again || wish.one || heard.joined;
        let takes = wish.act == Some(Act::Add) && wish.it && bare(wish) && !again;
        if takes && before.act == Some(Act::Add) && wish.quantity.is_none() {
            return true;
        }
        // `The cheapest one please, just to look`.
        let looks = wish.act == Some(Act::Search) && bare(wish) && heard.follows && !heard.asks;
        if looks && before.act == Some(Act::Add) && before.words.is_empty() {
            before.act = Some(Act::Refine);
            return true;
        }
        let changed = changed(before, wish);
        before.act = before.act.map(|act| if changed { Act::Swap } else { act });
        changed
    }

    /// `I can't decide between the Penny and the Mooring loafers. Which is warmer?`: what was named is compared.
    fn compares(&mut self, wish: &Wish) -> bool {
        if self.last() == Some(Act::Compare) {
            return true;
        }
        let named: Vec<&Wish> = self.wishes.iter().filter(|it| names(it) && it.guess).collect();
        let names: Vec<String> = named.iter().flat_map(|it| it.names.clone()).collect();
        if names.len() < 2 {
            return false;
        }
        let words = names.join(" ");
        self.wishes.retain(|it| !(self::names(it) && it.guess));
        let places = Vec::new();
        self.wishes.push(Wish { words, names, places, own: true, ..wish.clone() });
        true
    }

    /// The wishes that count.
    pub(super) fn wishes(self) -> Vec<Wish> {
        let mut wishes = self.wishes;
        drop_supposed(&mut wishes);
        drop_told(&mut wishes);
        told_before(&mut wishes);
        // `My niece set this up for me. What can I do here?`
        let talks = |act| matches!(act, Act::Thanks | Act::Bye | Act::Help | Act::Bot);
        let talk = wishes.iter().any(|wish| wish.act.is_some_and(talks));
        // `Reassuring. Thanks for your help!`
        let lightly = |wish: &Wish| wish.act == Some(Act::Refine) && wish.filters.is_empty();
        let lightly = |wish: &Wish| lightly(wish) && !wish.refines && wish.price == 0;
        let long = |wish: &Wish| wish.loose || wish.words.split(' ').count() > 2 || lightly(wish);
        let told = |wish: &Wish| talk && long(wish) && wish.guess && !wish.thing;
        for light in [
            &[Act::Lost, Act::Nod, Act::Keep][..],
            &[Act::Greet, Act::Thanks, Act::Bot],
            &[Act::Bye],
            &[Act::Help],
        ] {
            let weighty = |wish: &Wish| wish.act.is_some_and(|act| !light.contains(&act));
            if wishes.iter().any(|wish| weighty(wish) && !told(wish)) {
                wishes.retain(weighty);
            }
        }
        // `Was that all? Show me some others.`
        if wishes.iter().any(|wish| wish.act == Some(Act::More)) {
            wishes.retain(|wish| wish.act != Some(Act::Details) || !bare(wish));
        }
        listed(&mut wishes);
        let aside = |wish: &Wish| {
            matches!(wish.act, Some(Act::Search | Act::Details | Act::Ask | Act::OffTopic))
                && !(self.listed && wish.act == Some(Act::Search))
                && wish.guess
                && !wish.thing
                && !asks_of(wish)
                && wish.filters.keys().all(|name| name.as_str() == "gender")
                && wish.places.is_empty()
                && wish.amount == (None, None)
                && wish.quantity.is_none()
                && (!wish.it || wish.act == Some(Act::Search))
        };
        if wishes.iter().any(|wish| !aside(wish)) {
            wishes.iter_mut().for_each(|wish| wish.aside = aside(wish));
            wishes.retain(|wish| !wish.aside || wish.act == Some(Act::Search));
        }
        // A rule that one word told of says nothing beside one that was asked for.
        let rule = |wish: &Wish| wish.act == Some(Act::Policy);
        if wishes.iter().any(|wish| rule(wish) && !wish.guess) {
            wishes.retain(|wish| !rule(wish) || !wish.guess);
        }
        // `Where is my food? I ordered an hour ago`: what is told beside what is asked is why.
        if wishes.iter().any(|wish| rule(wish) && wish.asks) {
            wishes.retain(|wish| !rule(wish) || wish.asks);
        }
        // `My parcel came, and one of the shirts has a hole`: what is told last is what it is about.
        let last = wishes.iter().rposition(rule);
        let mut at = 0..;
        wishes.retain(|wish| {
            let at = at.next();
            !rule(wish) || wish.asks || at == last
        });
        tells_why(&mut wishes);
        // `Do you ship to Austria, and what would that cost?`: not what is in the cart.
        if wishes.iter().any(|wish| rule(wish) && wish.asks) {
            wishes.retain(|wish| wish.act != Some(Act::Cart) || !wish.it);
        }
        // `I wear M or L, how do they run?`: what is asked is a rule.
        let loose = |wish: &Wish| {
            // `Got blue hammocks? And how fast do you ship?`
            let told = wish.asks && !wish.filters.is_empty();
            let guess = wish.guess && !wish.thing && !told;
            wish.act == Some(Act::Search) && (wish.words.is_empty() || guess)
        };
        if wishes.iter().any(|wish| rule(wish) && !wish.guess) {
            wishes.retain(|wish| !loose(wish));
        }
        wishes.sort_by_key(|wish| wish.aside);
        let ordered = |wish: &Wish| wish.act == Some(Act::Add) || wish.quantity.is_some();
        wishes.truncate(if wishes.iter().all(ordered) { ORDERED } else { WISHES });
        wishes
    }
}

/// Whether it says no more than the wish before it did.
fn repeats(before: &Wish, wish: &Wish) -> bool {
    let again = matches!(wish.act, Some(Act::Remove | Act::Refine)) && before.act == wish.act;
    let same = before.price == wish.price && before.amount == wish.amount;
    again && bare(wish) && (!narrows(wish) || same)
}

/// Whether it changes a line of the cart that it names.
fn changes(wish: &Wish) -> bool {
    matches!(wish.act, Some(Act::Set | Act::Remove)) && wish.held
}

fn buys(wish: &Wish) -> bool {
    wish.buys && !wish.asks
}

/// Whether it says that what was put into the cart is to be as was just said: `she prefers blue. Can you change it?`
fn changed(before: &Wish, wish: &Wish) -> bool {
    let kinds = before.filters.keys().any(|name| name.as_str() != "gender");
    let told = matches!(before.act, Some(Act::Refine | Act::Search | Act::Details | Act::Pick));
    let bare = bare(wish) && wish.quantity.is_none() && wish.price == 0;
    let whole = wish.it || wish.act == Some(Act::Swap);
    kinds && told && before.guess && !before.thing && wish.instead && whole && bare
}

/// What was only supposed says nothing beside a goodbye, goods, or what changes the cart: `that's me done for the day.
/// Bye!`
fn drop_supposed(wishes: &mut Vec<Wish>) {
    drop_told_again(wishes);
    let supposed = |wish: &Wish| {
        matches!(wish.act, Some(Act::Policy | Act::Lost | Act::Nod)) && wish.guess && !wish.asks
    };
    // `They just walked in, four more of them`.
    let does = |wish: &Wish| {
        let acts = [Act::Add, Act::Set, Act::Remove, Act::Swap];
        let of_it = wish.it || wish.again || wish.held || wish.quantity.is_some();
        wish.act.is_some_and(|act| acts.contains(&act)) && of_it
    };
    // `Off to walk the dog. Bye!`
    if wishes.iter().any(|wish| wish.act == Some(Act::Bye)) {
        wishes.retain(|wish| wish.act != Some(Act::OffTopic) || wish.asks);
    }
    let says = |wish: &Wish| wish.act == Some(Act::Bye) || sought(wish) || does(wish);
    if wishes.iter().any(says) {
        wishes.retain(|wish| !supposed(wish));
    }
}

/// Whether a thing is searched or bought.
fn sought(wish: &Wish) -> bool {
    wish.thing && matches!(wish.act, Some(Act::Search | Act::Add))
}

/// Takes out what only led to what is sought.
fn told_before(wishes: &mut Vec<Wish>) {
    // `I have a job interview and need a suit`.
    let named =
        |wish: &Wish| sought(wish) && !wish.needed && !(wish.guess && wish.filters.is_empty());
    if wishes.iter().any(named) {
        wishes.retain(|wish| !wish.needed);
    }
    // `Does it keep the rain out? I wear it to work`.
    let asked = wishes.iter().position(|wish| wish.asks && names(wish));
    let told = |wish: &Wish| {
        let supposed = wish.guess || wish.needed;
        let bare = wish.filters.is_empty() && wish.quantity.is_none() && wish.price == 0;
        wish.act == Some(Act::Search) && supposed && wish.it && wish.tale && !wish.asks && bare
    };
    if let Some(asked) = asked {
        let mut at = 0..;
        wishes.retain(|wish| at.next() <= Some(asked) || !told(wish));
    }
    // `My son rips all his trousers! I need kids' trousers in 110`.
    let sure = wishes.iter().filter(|it| sought(it) && !it.guess && !it.needed);
    let sure: Vec<String> = sure
        .flat_map(|it| it.kind.split(' ').map(str::to_owned))
        .filter(|it| !it.is_empty())
        .collect();
    let told = |wish: &Wish| {
        let bare = wish.guess && wish.filters.is_empty() && wish.quantity.is_none();
        let named =
            wish.kind.split(' ').next_back().is_some_and(|it| sure.iter().any(|own| own == it));
        wish.act == Some(Act::Search) && bare && named
    };
    wishes.retain(|wish| !told(wish));
    // `A friend told me of a bag that folds up, have you got something like that?`
    if wishes.iter().any(sought) {
        wishes.retain(|wish| wish.act != Some(Act::More));
    }
}

/// `I'd like the jeans in blue and a belt in brown`: what is named beside something that is bought is bought too,
/// where it is one thing.
fn listed(wishes: &mut [Wish]) {
    let search = |wish: &Wish| wish.act == Some(Act::Search) && !wish.asks && !wish.loose;
    let buys = |wish: &Wish| wish.act == Some(Act::Add) || search(wish) && wish.buys;
    // `Not the orange juice. Lemonade!`
    let denied = |wish: &Wish| wish.act == Some(Act::Remove) && wish.held && !wish.buys;
    let bought = wishes.iter().any(|wish| buys(wish) || denied(wish));
    let kindly = wishes.iter().any(|wish| search(wish) && wish.kindly);
    // `I need the jeans in blue and two belts in brown`.
    let counted = |wish: &Wish| search(wish) && wish.ahead && wish.quantity.is_some();
    if wishes.iter().any(counted) {
        wishes.iter_mut().filter(|it| search(it)).for_each(|it| it.buys = true);
    }
    for wish in wishes.iter_mut().filter(|it| search(it) && it.guess) {
        (wish.buys, wish.kindly) = (wish.buys || bought, kindly);
    }
}

pub(super) fn bare(wish: &Wish) -> bool {
    wish.words.is_empty() && wish.filters.is_empty() && wish.places.is_empty()
}

/// Whether it says what is done with what was named before it: `put it in my bag`.
fn refers(wish: &Wish) -> bool {
    let acts = matches!(wish.act, Some(Act::Add | Act::Set | Act::Remove));
    let counts = wish.act == Some(Act::Lost) && wish.quantity.is_some();
    (acts || counts) && bare(wish)
}

/// Whether it takes what was named before it in a version: `the beanie is lovely. I take it in red`.
fn takes_so(before: &Wish, wish: &Wish) -> bool {
    let adds = wish.act == Some(Act::Add) && wish.it && !wish.more && wish.quantity.is_none();
    adds && before.own
        && before.act == Some(Act::Details)
        && wish.words.is_empty()
        && wish.places.is_empty()
}

/// Whether it names something, and wishes no more of it than to look at it.
pub(super) fn names(wish: &Wish) -> bool {
    let looks = matches!(wish.act, Some(Act::Details | Act::Pick | Act::Search | Act::Refine));
    looks && !bare(wish) && !wish.loose
}

/// It is about what was named before, which is no wish of its own any more.
fn of(before: &mut Wish, wish: &mut Wish) {
    wish.words.clone_from(&before.words);
    wish.names.clone_from(&before.names);
    wish.places.clone_from(&before.places);
    let told = std::mem::replace(&mut wish.filters, before.filters.clone());
    wish.filters.extend(told);
    wish.without.clone_from(&before.without);
    wish.quantity = wish.quantity.or(before.quantity);
    (wish.thing, wish.own) = (before.thing, before.own);
    wish.same |= before.same;
    // `The beef burger. Two.`
    wish.act = wish.act.filter(|act| *act != Act::Lost).or(Some(Act::Add));
    *before = Wish { act: Some(Act::Nod), ..Wish::default() };
}
