//! From words to wishes: a pack's language made ready, and the wishes of one message read with it.

mod act;
mod alike;
mod amount;
mod aside;
mod cue;
mod guess;
mod heard;
mod instead;
mod line;
mod listed;
mod misfit;
mod named;
mod need;
mod number;
mod outweigh;
mod pairs;
mod parts;
mod portion;
mod puts;
mod question;
mod reading;
mod refer;
mod shares;
mod shown;
mod slip;
mod sought;
mod suppose;
mod tale;
mod together;
mod tongue;
mod topic;
mod unique;
mod values;
mod version;
mod word;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::id::Name;

pub(crate) use self::number::{measures, parts_of};
pub(crate) use self::reading::{PRICE, telling};
pub(crate) use self::tongue::Tongue;
pub(crate) use self::words::{plain, same, says};

/// What is wished, by itself.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Said hello.
    Greet,
    /// Said thanks.
    Thanks,
    /// Said goodbye.
    Bye,
    /// Asked what can be done here.
    Help,
    /// Asked whether this is a machine.
    Bot,
    /// Was rude.
    Rude,
    /// Asked for a person.
    Human,
    /// Asked about the world.
    OffTopic,
    /// Asked about what may be goods, or the world.
    Ask,
    /// Asked about a rule of the shop.
    Policy,
    /// Looks for goods.
    Search,
    /// Changes the search before.
    Refine,
    /// Wants to see more of the same.
    More,
    /// Names one of what was shown, and how it is to be.
    Pick,
    /// Takes another version of what was just put into the cart.
    Swap,
    /// Wants to know more of a product.
    Details,
    /// Wants two products compared.
    Compare,
    /// Puts something into the cart.
    Add,
    /// Changes how many of something are in the cart.
    Set,
    /// Takes something out of the cart.
    Remove,
    /// Wants something in the cart to stay there.
    Keep,
    /// Looks at the cart.
    Cart,
    /// Wants to pay.
    Checkout,
    /// Declined, or agreed, to nothing in particular.
    Nod,
    /// Could not be read.
    Lost,
}

/// One wish, with what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wish {
    /// What is wished; none in a default wish.
    pub act: Option<Act>,
    /// What is searched, in the feed's words.
    pub words: String,
    /// The same in the customer's words, where they are others.
    pub said: String,
    /// The same, apart where things are named side by side.
    pub names: Vec<String>,
    /// Any of these will do, or one of them: `the first or the second`.
    pub either: bool,
    /// Those of its words that call one product and no other, of which something is asked.
    pub called: String,
    /// Filters, by name.
    pub filters: BTreeMap<Name, String>,
    /// Its size stands before what is named, and may only describe it: `a small backpack`.
    pub described: bool,
    /// Attributes that may be any: `the colour does not matter`.
    pub open: Vec<Name>,
    /// What is not wished, in the feed's words.
    pub without: Vec<String>,
    /// At least and at most this, in whole units.
    pub amount: (Option<String>, Option<String>),
    /// The amount is what something costs.
    pub costs: bool,
    /// How many.
    pub quantity: Option<u32>,
    /// One is spoken of at its beginning, which counts where it is told which: `one in pink, size S`.
    pub one: bool,
    /// It points at one thing: `the pink one in S`, `the locomotive in blue`.
    pub points: bool,
    /// It begins with an article that counts one in a list: `a cola and a pizza`.
    pub article: bool,
    /// It is counted by what it is listed beside.
    pub listed: bool,
    /// Measures that may be sizes, their numbers in digits: `45 litres`.
    pub measures: Vec<String>,
    /// The next size up (1) or down (-1) of what is spoken of.
    pub step: i8,
    /// What is named stays in the cart, the rest goes.
    pub rest: bool,
    /// All that it names lies in the cart.
    pub held: bool,
    /// Twice as many as there are.
    pub doubled: bool,
    /// Half as many as there are.
    pub halved: bool,
    /// It is wished beside what there is: `another`.
    pub more: bool,
    /// Places in what was shown, from 1; -1 is the last, 0 is all.
    pub places: Vec<i64>,
    /// What was spoken of last is meant.
    pub it: bool,
    /// Cheaper (-1) or dearer (1) than what was shown; the cheapest (-2), the dearest (2).
    pub price: i8,
    /// More of what there is: `another salad`.
    pub again: bool,
    /// It is for what was spoken of last, and is not that: `gas for it`.
    pub for_it: bool,
    /// Each version is meant: `one in each colour`.
    pub each: bool,
    /// What it is told to be as well: the blue of `in both colours, black and blue`.
    pub also: Vec<(Name, String)>,
    /// It is to be as what it stands for: `the same size`.
    pub same: bool,
    /// There are to be as many of it as of what is named before it.
    pub as_many: bool,
    /// It is asked for kindly, which orders what is told whole: `the Pocket T-Shirt in navy M please`.
    pub kindly: bool,
    /// It only tells what may come to be: `if it does not fit`.
    pub supposed: bool,
    /// It begins or ends as what is settled does: `the grey one then`.
    pub settled: bool,
    /// It takes back what was said before.
    pub instead: bool,
    /// The number stands before what it counts: `two tents`, and not `a tent for two`.
    pub ahead: bool,
    /// How the number was said.
    pub counted: String,
    /// It names what is sold.
    pub thing: bool,
    /// It has words beside what is sold: a name.
    pub own: bool,
    /// Words of a question for a rule that the pack does not know: one may be a product's name.
    pub unknown: String,
    /// Those of its words that are what is sold, without what tells one of them from another.
    pub kind: String,
    /// What it is called, without what tells one of them from another: the `laces` of `laces for boots`.
    pub head: String,
    /// It is a sentence, with more words than those that name something: `I carry it next to my laptop`.
    pub tale: bool,
    /// It may say more of what was named before: `something for kids`.
    pub refines: bool,
    /// It tells of a want, and no word says that anything is searched: `I have a job interview`.
    pub needed: bool,
    /// No word of that tells of what is sold.
    pub strange: bool,
    /// Shops of this trade may not have it.
    pub elsewhere: bool,
    /// It is a sentence nothing in which says what is wished: most of its words must be of goods.
    pub loose: bool,
    /// It was said beside another wish, and counts only where that came to nothing.
    pub aside: bool,
    /// It is a question.
    pub asks: bool,
    /// It asks which colours or sizes there are.
    pub versions: bool,
    /// It asks for something that is not known: `how much is it in small?`.
    pub open_question: bool,
    /// It is to be bought, where it is one thing.
    pub buys: bool,
    /// No word says that it is searched; of a rule, that one word alone tells of it.
    pub guess: bool,
    /// The topic asked about.
    pub topic: Option<Name>,
}
