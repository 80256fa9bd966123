//! What is wished, from the cues of a part of a message, what it is about and what was spoken of before.

use crate::model::clerk::decide::{costing, named as named_in};
use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::alike::{Likeness, TOPIC};
use crate::model::clerk::understand::reading::{Reading, TALE};
use crate::model::clerk::understand::topic::{CUED, SURELY};

/// So alike that it is as good as the example.
pub(super) const NEAR: u32 = 80;
/// So much of one word must tell of a rule beside what is sold, in hundredths.
const ALONE: u32 = 80;
/// Where more of words than this tells of a rule, they are not about the world, in hundredths of a word.
const SEVERAL: u32 = 100;
/// So alike that nothing else in the message counts.
const SURE: u32 = 70;
/// Words of two names have more than so many.
const FEW: usize = 3;
/// So alike that it is no question about a product.
const CERTAIN: u32 = 84;

/// What a part of a message is about.
pub(super) struct About<'w> {
    pub(super) left: &'w [String],
    /// It names what is sold.
    pub(super) thing: bool,
    /// It has filters, amounts, or wants it cheaper.
    pub(super) constrained: bool,
    /// One shown product is named or pointed at.
    pub(super) meant: bool,
    /// How surely a rule of the shop is asked for.
    pub(super) topic: u32,
    /// Something is in the cart.
    pub(super) held: bool,
}

impl Reading<'_> {
    pub(super) fn act(&mut self, left: &[String], thing: bool) -> Act {
        if let Some(act) = self.so_too(left) {
            return act;
        }
        let (topic, likeness) = self.topic();
        let about = self.about(left, thing, likeness);
        // `And what does that cost?`, of the rule that was told.
        let asked = self.wish.it && self.asks;
        let follows = self.joined() || self.wish.it;
        let follows = follows && !thing && !about.constrained && !about.meant;
        let ruled = self.scene.ruled.clone().filter(|_| follows);
        let topic = match &ruled {
            Some(rule) if asked && self.tells_of(rule, likeness) => ruled.clone(),
            _ => topic,
        };
        let act = self
            .bound(&about)
            .or_else(|| self.example(&about))
            .or_else(|| self.leaves(&about))
            .or_else(|| self.service(&about))
            .or_else(|| self.cart(&about))
            .or_else(|| self.talk(&about))
            .or_else(|| self.goods(&about))
            .unwrap_or_else(|| self.by_example(left));
        let nothing = matches!(act, Act::Lost | Act::Ask | Act::OffTopic | Act::Search);
        let nothing = nothing || act == Act::Details && !self.spoken();
        // `Do I have to pay for that?`
        let nothing = nothing || asked && matches!(act, Act::Cart | Act::Checkout);
        let nothing = nothing && !self.has(Act::Search) && self.wish.quantity.is_none();
        if let Some(ruled) = ruled.filter(|_| nothing) {
            self.wish.topic = Some(ruled);
            return Act::Policy;
        }
        if act == Act::Policy {
            let topic = self.wish.topic.take().or(topic);
            self.wish.topic = topic.or_else(|| self.rule(&self.stems()));
            self.wish.guess = ![CUED, SURELY].contains(&likeness);
            if self.asks && likeness != SURELY {
                self.wish.unknown = self.unknown();
            }
        }
        act
    }

    /// What it is about, and how surely it asks for a rule of the shop.
    fn about<'w>(&self, left: &'w [String], thing: bool, likeness: Likeness) -> About<'w> {
        let wish = &self.wish;
        let looks = self.has(Act::Refine) || self.has(Act::Search);
        let named = thing || !left.is_empty() && !self.open;
        let unwanted =
            !wish.without.is_empty() && (named || looks || self.scene.searched.is_some());
        // `You were so patient with an old lady` searches nothing: whom it speaks of is no constraint.
        let whom = wish.filters.keys().all(|name| name.as_str() == "gender");
        let light = self.has(Act::Thanks) || self.has(Act::Bye) || !looks;
        let long = self.words.len() > left.len() + TALE;
        let whom = whom && !thing && !left.is_empty() && light && long;
        let constrained = !wish.filters.is_empty() && !whom
            || !wish.open.is_empty()
            || unwanted
            || wish.amount != (None, None)
            || wish.price != 0
            || wish.step != 0;
        let own = |word: &String| !self.tongue.is_thing(word);
        let pools = [&self.scene.shown, &self.scene.listed, &self.scene.recent];
        let known = || pools.into_iter().any(|pool| named_in(pool, left, true).is_some());
        let named = left.iter().any(own) && known();
        // `The vegan one`, `which is vegan?`
        let which = self.stands || self.open && self.asks && !self.has(Act::Search);
        let several = self.scene.shown.len() > 1 && which;
        let named = named || several && named_in(&self.scene.shown, left, false).is_some();
        let costs = wish.costs && costing(&self.scene.shown, wish).is_some();
        let cued = [CUED, SURELY].contains(&likeness);
        // `Will it all get here in time?` points at none of what was shown.
        let all = self.asks && likeness == SURELY && wish.places == [0];
        let pointed = !wish.places.is_empty() && !self.scene.shown.is_empty() && !all;
        // One word tells of a rule only where no cue tells of something else.
        let open = |act: &Act| match act {
            Act::Search | Act::Details => true,
            Act::Greet => self.asks && cued,
            Act::Thanks | Act::Nod | Act::Add | Act::Help => self.asks,
            _ => false,
        };
        let product = self.has(Act::Details) && (thing || self.spoken());
        // `Could you add the cap?`
        let adds = self.has(Act::Add) && !self.open;
        let bought = thing && (!self.asks || self.has(Act::Search) || adds);
        let shown = self.has(Act::Search) && self.spoken();
        let one = self.cues.iter().all(open) && !product && !bought && !constrained && !shown;
        // `Add two birthday cards` asks for no rule that has such words among others.
        let put = bought && self.has(Act::Add) && !cued;
        // `A green dress with long sleeves` is about no rule, nor is `men's jeans, black, waist 33`.
        let small = |word: &String| self.tongue.fillers.contains(word);
        let bare = likeness != SURELY && !self.words.iter().any(small);
        // `Iron`, where irons are sold.
        let alone = bare && !left.is_empty() && left.iter().all(|it| self.tongue.is_thing(it));
        // `Gift boxes between 35 and 45 euro`.
        let bounded = wish.amount != (None, None) && !wish.costs || self.orders_first();
        let goods = thing && !self.asks && (constrained && (!cued || bare) || alone || bounded);
        // `Anything in organic cotton for kids, size 134, blue?`
        let kinds = wish.filters.keys().filter(|name| name.as_str() != "gender").count();
        let goods = goods || kinds > 1 && likeness != SURELY;
        // `Thanks for the quick delivery`; `what about ones in recycled wool?`, of what was searched.
        let polite =
            likeness == CUED && !self.asks && (self.has(Act::Thanks) || self.has(Act::Bye));
        let refines = likeness != SURELY && self.has(Act::Refine) && self.scene.searched.is_some();
        // `Which pastas are meat free?` asks nothing of what else is free.
        let sure = || self.tongue.shares.of(&self.stems()).into_values().max() >= Some(ALONE);
        let one = one && (cued || !thing || sure());
        // `Do you sell washing machines?`
        let other = self.asks && self.has(Act::Search) && wish.elsewhere;
        let other = other || polite || refines || self.seeks_goods() || self.says_size();
        let other = other || likeness == CUED && self.seeks_named(left);
        let other = other || !cued && self.seeks_alone(left) || self.names_goods(left);
        // `Better take two`, of what lies in the cart.
        let counts = wish.quantity.is_some() && left.is_empty() && !self.asks;
        let sets = counts && (self.has(Act::Set) || wish.instead) && self.focused();
        // `Another box of the same`.
        let again = self.beside() && wish.it && !self.asks && self.focused();
        let other = other || sets || again;
        // `The birthday card, four of it`, of what lies in the cart.
        let line = !self.asks && self.points_at_line() && left.iter().all(|it| self.held(it));
        let told = (likeness.words > 1 || one) && !put && !goods && !other && !line;
        About {
            left,
            thing,
            constrained,
            meant: pointed || named || costs,
            topic: if told { likeness.alike } else { 0 },
            held: !self.scene.cart.is_empty(),
        }
    }

    pub(super) fn has(&self, act: Act) -> bool {
        self.cues.contains(&act)
    }

    /// Persons, rules that are surely meant, payment.
    fn service(&self, about: &About<'_>) -> Option<Act> {
        // `Am I talking to a human?` asks for none.
        let wants = self.has(Act::Search) || self.has(Act::Add);
        // `Could I chat with someone instead of a bot?`
        let may = self.words.iter().any(|it| self.tongue.lexicon.requests.contains(it));
        let rather = self.wish.instead && (wants || may);
        let machine = self.has(Act::Bot) && (self.asks || !wants) && !rather;
        if self.has(Act::Human) && !machine {
            return Some(Act::Human);
        }
        // `If it is too tight, can I swap it later?`
        if about.topic >= SURE && self.supposes() {
            return Some(Act::Policy);
        }
        if self.asks_of_goods(about) {
            return Some(Act::Details);
        }
        if let Some(act) = self.of_line(about.left) {
            return Some(act);
        }
        if self.chooses(about) || self.takes_by_price(about) {
            return Some(Act::Add);
        }
        let named = about.left.iter().any(|word| self.held(word));
        let removes = about.held
            && (self.has(Act::Remove) || self.has(Act::Set) && self.wish.quantity.is_some())
            && (!self.wish.places.is_empty() || named || self.wish.it && !self.asks);
        let own = about.thing && about.left.iter().any(|word| !self.tongue.is_thing(word));
        let own = own && (about.topic < NEAR || self.details_of_name());
        // `And which sizes is it made in?`
        let whole = self.detailed && self.wish.it && about.left.is_empty();
        let product = self.spoken() && (about.topic < CERTAIN || whole) || own;
        let details = self.has(Act::Details) && product;
        // `How do I pay?`, with something to pay for.
        let pays = self.has(Act::Checkout) && about.held && about.left.is_empty();
        // `Can I pay by invoice?`
        let pays = pays && !(self.asks && !self.open && self.says_how_to_pay());
        // `I waver between the Penny loafers and the Mooring loafers`.
        let two = self.has(Act::Compare) && about.thing && about.left.len() > FEW;
        // `What will the weather be like tomorrow?` asks for no day of delivery.
        let shares = self.tongue.shares.of(&self.stems());
        let little = shares.into_values().max().is_none_or(|told| told <= SEVERAL);
        let world = self.has(Act::OffTopic) && self.asks && !about.thing && !about.meant && little;
        // `What's in my bag?`
        let views = self.views && about.left.is_empty() && !about.constrained;
        if about.topic >= SURE
            && !views
            && !about.meant
            && !removes
            && !details
            && !pays
            && !world
            && !two
        {
            return Some(Act::Policy);
        }
        // `Which of them is the cheapest?` and `which is the dearest suit?` are one of them.
        let of_two = self.wish.price.abs() < 2 || about.meant || self.names().len() > 1;
        let compares = about.meant || self.scene.recent.len() > 1 || about.left.len() > 1;
        let compares = (compares || self.spoken() && !about.left.is_empty()) && of_two;
        if self.has(Act::Compare) && (about.topic < TOPIC || about.meant || two) && compares {
            return Some(Act::Compare);
        }
        // What is said beside thanks or a goodbye is no wish to pay for nothing.
        let light = [Act::Bye, Act::Thanks].into_iter().find(|act| self.has(*act));
        if self.has(Act::Checkout) && light.is_some() && !about.held && !self.buying {
            return light;
        }
        // Asked with nothing to pay for, it is how one pays that is asked.
        let rule = || self.open && self.has(Act::Help) || self.rule(&self.stems()).is_some();
        let how = self.asks && !about.held && rule();
        // `I want to order a pizza` puts one there first.
        let other = about.left.iter().any(|word| !self.held(word));
        let buys = about.thing && self.has(Act::Add) && other;
        // `Please order the Workshop jeans for me`, with nothing there yet.
        if self.has(Act::Checkout) && about.thing && !about.held && self.names_own(about.left) {
            return (!self.asks).then_some(Act::Add);
        }
        if self.has(Act::Checkout) && self.counts_line(about.left) {
            return Some(Act::Set);
        }
        if self.has(Act::Checkout) && !about.held && self.orders_shown() {
            return Some(Act::Add);
        }
        (self.has(Act::Checkout) && !how && !buys && !self.much()).then_some(Act::Checkout)
    }

    /// What changes the cart goes before what looks at it.
    fn cart(&self, about: &About<'_>) -> Option<Act> {
        let wish = &self.wish;
        let focused = self.focused();
        let rule = || self.asks && !about.thing && self.rule(&self.stems()).is_some();
        let least = if self.asks { TOPIC } else { SURE };
        if self.tells_too(about.left) {
            return Some(Act::Search);
        }
        let asked = (about.topic >= least || rule()) && !about.meant;
        if !asked && (self.orders_on(about) || self.takes_it_too(about)) {
            return Some(Act::Add);
        }
        // No tool changes a dish: better not understood than taken out.
        if self.denies_part(about.left) {
            return Some(Act::Lost);
        }
        if self.another_version(about.left) {
            return Some(Act::Add);
        }
        let names = !about.left.is_empty() || wish.it || !wish.places.is_empty();
        // `Take one out, I need only two`: so many are left.
        let sets = self.has(Act::Set) && wish.quantity.is_some() && !self.less;
        if self.has(Act::Remove) && sets && about.held {
            // `The cap can go, one is enough`, of one.
            let one = wish.quantity == Some(1) && !self.some_stay(about.left);
            return Some(if one { Act::Remove } else { Act::Set });
        }
        if self.removes(about, names && !asked) {
            return Some(Act::Remove);
        }
        if self.has(Act::Keep) && about.held && !self.has(Act::Add) && !self.has(Act::Set) {
            return Some(Act::Keep);
        }
        // `Take two of them`: so many of what is in the cart, where it is there; else put there.
        let named = !about.left.is_empty() && about.left.iter().all(|word| self.held(word));
        let of_it = focused && wish.it || named && !self.puts;
        let changes = !self.has(Act::Add) || of_it && wish.quantity.is_some();
        let so_many = wish.quantity.is_some() || wish.doubled || wish.halved || about.meant;
        if self.has(Act::Set) && changes && so_many && about.held && !self.counts_other(about) {
            return Some(Act::Set);
        }
        if let Some(act) = self.whole_cart(about) {
            return Some(act);
        }
        // `Another salad`, `I need three bags, not two`.
        let looks = self.has(Act::Details) || self.has(Act::Remove) || self.asks;
        let other = self.has(Act::Search) && self.beside() && !self.again_of_line();
        if named && wish.again && !looks && !other {
            return Some(Act::Add);
        }
        let recounts = self.recounts || wish.quantity.is_some() && self.counts_denied();
        if named && recounts && !looks {
            return Some(Act::Set);
        }
        let puts = self.has(Act::Add) && !self.has(Act::Search) || self.has(Act::Details);
        // `Two caps`, of what is in the cart; `the caps: two`, `I need the hat twice`.
        let talks = puts || self.has(Act::Add) || self.has(Act::Search) || self.asks;
        // `The earrings twice, please`.
        let the = self.points_at_line() && !self.orders && !self.beside();
        // `Another hat, please`; `same again for my friend`, of what was just put there.
        let bare = about.left.is_empty() && !about.constrained && wish.places.is_empty();
        let same = bare && focused && self.scene.adding && self.has(Act::Refine);
        if (named || same || self.another_pair()) && self.another() {
            return Some(Act::Add);
        }
        if named && wish.quantity.is_some() && (!talks || the && !looks) {
            // `Two chairs in green`, of grey ones.
            let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
            let others = kinds && !talks && !self.lies_so(about.left);
            return Some(if others { Act::Add } else { Act::Set });
        }
        let alone = focused && self.alone(about) && !about.constrained;
        let of_it = focused && wish.it && !self.counts_other(about) && !puts;
        let so = alone || of_it || self.counts_each(about);
        if so && wish.quantity.is_some() && !self.asks {
            return Some(Act::Set);
        }
        (self.adds(about, asked) || !asked && self.orders_by_name(about)).then_some(Act::Add)
    }

    /// Rules, and talk that is not about goods.
    fn talk(&self, about: &About<'_>) -> Option<Act> {
        // `What do I pay for the parcel?`, with nothing in the cart.
        let empty = self.asks && !about.held;
        let cart = self.has(Act::Cart) && !empty;
        let goods = about.thing && about.constrained || about.meant || cart;
        let other = self.has(Act::Rude) || self.has(Act::OffTopic) || self.has(Act::Bot);
        let details = self.has(Act::Details) && (self.spoken() || about.thing);
        if about.topic >= TOPIC && !goods && !other && !details {
            return Some(Act::Policy);
        }
        // `How do I exchange?` asks for a rule, and not how it works here.
        if self.has(Act::Help) && !about.left.is_empty() && self.rule(&self.stems()).is_some() {
            return Some(Act::Policy);
        }
        let views = self.views && about.left.is_empty();
        if self.has(Act::Cart) && empty && !views && self.rule(&self.stems()).is_some() {
            return Some(Act::Policy);
        }
        if self.has(Act::Cart) && self.prices_goods(about.left) {
            return Some(Act::Details);
        }
        // `How high is the heel of the Slingback heels?`
        let thing = |at: usize| about.left.get(at).is_some_and(|it| self.tongue.is_thing(it));
        let own = (1..about.left.len()).any(|at| thing(at) && !thing(at - 1));
        if self.has(Act::OffTopic) && self.asks && about.thing && own {
            return Some(Act::Ask);
        }
        // `My cat shreds the sofa so I'm after a scratching post`: a shop may have it.
        let told = !self.asks && !self.open && !about.thing && !about.left.is_empty();
        if told && self.has(Act::OffTopic) && self.has(Act::Search) {
            return Some(Act::Ask);
        }
        let talk = [Act::Cart, Act::Rude, Act::Bot, Act::OffTopic, Act::Help];
        talk.into_iter().find(|act| {
            // `What can you tell me of the third?`
            let pointed = about.meant && (*act == Act::Help || *act == Act::Cart && !about.held);
            let goods = pointed
                || about.thing
                    && (*act == Act::Help
                        || *act == Act::Bot && self.inquires
                        || self.has(Act::Search));
            // `Nothing in there yet, show me others`, with nothing in the cart.
            let more = self.has(Act::More) && self.scene.searched.is_some() && !about.held;
            // `An overview of your chairs`, with nothing in the cart.
            let goods = goods || *act == Act::Cart && about.thing && !about.held && !self.asks;
            let pointed = pointed || more && *act == Act::Cart;
            let polite = *act == Act::Help && self.has(Act::Thanks) && !self.asks;
            // `How do I …` asks for help only where nothing else is named.
            // Nor does `which tools do you offer?` where they are sold.
            let named = || about.left.iter().any(|it| self.tongue.is_named(it));
            // `What have you got here in brass?`
            let told = about.left.len() > 1 || !self.wish.filters.is_empty() || named();
            let open = *act == Act::Help && told;
            self.has(*act)
                && !polite
                && !open
                && !pointed
                && (*act == Act::Cart && about.held || !goods)
        })
    }

    fn goods(&mut self, about: &About<'_>) -> Option<Act> {
        let scene = self.scene;
        let before = scene.searched.is_some() || self.spoken();
        let details = about.meant && self.has(Act::Details);
        let meant = about.meant && !self.asks;
        if self.has(Act::More) && before && !about.thing && !about.constrained && !details && !meant
        {
            return Some(Act::More);
        }
        // `And shoe polish if you have it` is another thing.
        let other = about.thing && self.joined() && self.wish.it && !self.asks;
        // `Any with mushrooms?`, of what was searched.
        if self.has(Act::Refine)
            && !other
            && (!self.asks || !self.of_other_kind(about.left))
            && !self.names_other(about.left)
            && !self.seeks_one()
            && scene.searched.is_some()
            && !about.meant
            && !about.left.is_empty()
        {
            return Some(Act::Refine);
        }
        // `Something vegan among those?`
        let those = self.wish.it && self.asks && scene.shown.len() > 1 && !about.left.is_empty();
        let those = those && !self.seeks_one() && !self.of_other_kind(about.left);
        if those && scene.searched.is_some() && !self.has(Act::Details) {
            return Some(if about.meant { Act::Details } else { Act::Refine });
        }
        let talks = [Act::Details, Act::Greet, Act::Thanks, Act::Bye];
        let talks = talks.into_iter().any(|act| self.has(act));
        let rule = self.asks && !about.constrained && !about.meant && !talks;
        if rule
            && (!about.thing || !self.has(Act::Search))
            && let Some(topic) = self.rule(&self.stems())
        {
            // `From what age?`, of the one shown.
            let one = scene.shown.len() == 1 && about.left.len() == 1 && !about.thing;
            if one && self.tongue.rule(&self.words).is_none() {
                return Some(Act::Details);
            }
            self.wish.topic = Some(topic);
            return Some(Act::Policy);
        }
        self.of_shown(about).or_else(|| self.sought(about, before))
    }
}
