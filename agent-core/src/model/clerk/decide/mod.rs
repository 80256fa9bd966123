//! From wishes to calls, or to what is said. A pure function of the request: on each round it looks at the
//! same wishes again, with what this turn's calls have brought.

mod before;
mod cart;
mod goods;
mod lines;
mod look;
mod name;
mod pick;
mod price;
mod query;
mod share;
mod side;
mod single;
mod size;
mod swap;
mod taken;

use serde_json::{Value, json};

use crate::id::Name;
use crate::model::clerk::say::{Said, Saying};
use crate::model::clerk::scene::{Done, Scene};
use crate::model::clerk::understand::{Act, PRICE, Wish};
use crate::pack::answer;

pub(crate) use self::name::counted;
pub(crate) use self::name::own;
pub(crate) use self::pick::{Missing, chosen, coming, named};
pub(crate) use self::price::costing;

/// What is done next.
pub(crate) enum Step {
    /// These calls.
    Call(Vec<(Name, Value)>),
    /// This is said.
    Say(Said),
}

/// What one wish comes to.
enum Next {
    Call(Vec<(Name, Value)>),
    Say,
}

fn call(tool: &str, arguments: Value) -> Next {
    Next::Call(vec![(tool.into(), arguments)])
}

/// Chooses what is done next.
pub(crate) fn decide(wishes: &[Wish], scene: &Scene<'_>) -> Step {
    let mut saying = Saying::new(scene);
    if !scene.request.notes.violations.is_empty() {
        saying.phrase("sorry");
        return Step::Say(saying.said());
    }
    // A typed yes did what was asked, before any model.
    let agreed = !scene.done.is_empty()
        && answer::given(&answer::words(&scene.words), &scene.request.pack.lexicons).0;
    if scene.tapped || agreed {
        if scene.is_in_doubt() {
            return Step::Call(vec![("cart_view".into(), json!({}))]);
        }
        saying.tapped();
        cart::ask_on(scene, &mut saying);
        return Step::Say(saying.said());
    }
    // Words around a card's number ask for nothing that is sold.
    let mut wishes = wishes.to_vec();
    if scene.redacted {
        saying.phrase("secret");
        let named = |wish: &Wish| !wish.guess && wish.act != Some(Act::Lost);
        let acts = [Act::Add, Act::Set, Act::Remove, Act::Cart, Act::Checkout, Act::Human];
        wishes.retain(|wish| named(wish) || wish.act.is_some_and(|act| acts.contains(&act)));
    }
    // `Forget the stoves, do you have pots?`, with nothing in the cart.
    let looks = |wish: &Wish| matches!(wish.act, Some(Act::Search | Act::Refine | Act::Details));
    if scene.cart.is_empty() && wishes.iter().any(looks) {
        wishes.retain(|wish| wish.act != Some(Act::Remove));
    }
    let wishes = share::shared(wishes, scene);
    let wishes = match side::told_once(&wishes, scene) {
        Ok(wishes) => wishes,
        Err(Next::Call(calls)) => return Step::Call(calls),
        Err(Next::Say) => wishes,
    };
    let mut calls: Vec<(Name, Value)> = Vec::new();
    let mut asking: Vec<&Wish> = Vec::new();
    for wish in &wishes {
        // What was said aside may be what was meant, where the rest came to nothing.
        if wish.aside && (!calls.is_empty() || saying.helps()) {
            break;
        }
        // What looks at the cart or changes its lines waits for what was wished before it.
        let waits = matches!(
            wish.act,
            Some(Act::Set | Act::Remove | Act::Swap | Act::Cart | Act::Checkout | Act::Human)
        );
        if waits && !(calls.is_empty() && asking.is_empty()) {
            break;
        }
        let before = saying.clone();
        let next = one(wish, scene, &mut saying);
        // `A margherita and a tiramisu`: of which size is asked when all else is done.
        if saying.asks() {
            saying = before;
            asking.push(wish);
            if !matches!(wish.act, Some(Act::Add | Act::Search)) {
                break;
            }
        }
        if let Next::Call(more) = next {
            calls.extend(more.into_iter().filter(|(tool, _)| scene.may(tool.as_str())));
            if waits {
                break;
            }
        }
    }
    if !calls.is_empty() {
        return Step::Call(calls);
    }
    for wish in asking {
        let _asked = one(wish, scene, &mut saying);
    }
    cart::ask_on(scene, &mut saying);
    Step::Say(saying.said())
}

fn one(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let Some(mut act) = wish.act else { return Next::Say };
    // The answer to `which size?` is a wish to add.
    let open = matches!(act, Act::Refine | Act::Details | Act::Search | Act::Pick | Act::Lost);
    let answers = wish.words.is_empty() || cart::tells_of_asked(wish, scene);
    let answers = answers && wish.price == 0 && wish.amount == (None, None);
    let says = !wish.filters.is_empty() || wish.open.iter().any(|name| name.as_str() != PRICE);
    let says = says || wish.step != 0;
    let answer;
    let answers = !scene.asked.is_empty() && open && answers && says;
    // `How much is that one in small?` takes none.
    if let Some(asked) = scene.asked.first().filter(|_| answers && wish.open_question) {
        return goods::version(&asked.product, wish, saying);
    }
    let wish = if answers {
        act = Act::Add;
        answer = Wish { words: String::new(), names: Vec::new(), ..wish.clone() };
        &answer
    } else {
        wish
    };
    match act {
        // `Is the tent waterproof?`, of the one in the cart.
        Act::Search | Act::Ask if wish.guess && pick::asked_of(wish, scene).is_some() => {
            look::details(wish, scene, saying)
        }
        Act::Search | Act::Refine => goods::search(wish, act, scene, saying),
        Act::Details => look::details(wish, scene, saying),
        Act::Compare => look::compare(wish, scene, saying),
        Act::More => goods::more(scene, saying),
        Act::Add => cart::add(wish, scene, saying),
        Act::Pick => cart::choose(wish, scene, saying),
        Act::Swap => swap::swap(wish, scene, saying),
        Act::Set | Act::Remove => cart::change(wish, act, scene, saying),
        Act::Cart => cart::view(scene, saying),
        Act::Checkout => cart::checkout(scene, saying),
        Act::Policy => look::unknown(wish, scene, saying).unwrap_or_else(|| {
            let topic = json!({ "topic": wish.topic });
            after(scene, "policy", topic, |saying, done| saying.policy(done), saying)
        }),
        Act::Human => after(
            scene,
            "hand_over",
            json!({ "why": "the customer asked for a person" }),
            |_, _| {},
            saying,
        ),
        Act::Greet => {
            said(saying, if scene.request.notes.first { "greet.first" } else { "greet.again" })
        }
        Act::Thanks => said(saying, "thanks"),
        Act::Bye => said(saying, "bye"),
        Act::Help => said(saying, "help"),
        Act::Bot => said(saying, "bot"),
        Act::Rude => said(saying, "rude"),
        Act::Ask => look::ask(wish, scene, saying),
        Act::OffTopic => said(saying, "off_topic"),
        Act::Nod | Act::Keep => said(saying, "nod"),
        Act::Lost => said(saying, "lost"),
    }
}

fn said(saying: &mut Saying<'_>, phrase: &str) -> Next {
    saying.phrase(phrase);
    Next::Say
}

/// Calls a tool once, then says what it brought.
fn after(
    scene: &Scene<'_>,
    tool: &str,
    arguments: Value,
    say: impl FnOnce(&mut Saying<'_>, &Done<'_>),
    saying: &mut Saying<'_>,
) -> Next {
    match scene.result(tool, &arguments) {
        None => call(tool, arguments),
        Some(done) if done.result.is_err() => {
            saying.failed(done);
            Next::Say
        }
        Some(done) => {
            say(saying, done);
            Next::Say
        }
    }
}
