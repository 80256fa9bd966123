//! When each message was told, asked for and answered.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_core::time::Micros;
use tokio::sync::oneshot;

/// What every mark begins with: no word begins so.
const PREFIX: &str = "zq";
/// The digits of marks: they make no word and no number.
const DIGITS: &[u8] = b"bcdfghjkmnprstvw";

/// What is known of one message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) customer: u64,
    /// When its webhook was due.
    pub(crate) told: Option<Micros>,
    /// When the model was asked about it, and answered.
    pub(crate) model: Option<(Micros, Micros)>,
    /// Each answer to it: when it was taken, and the how-manieth of all that was.
    pub(crate) answers: Vec<(Micros, usize)>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    records: Vec<Record>,
    waiting: HashMap<usize, oneshot::Sender<()>>,
    /// Answers that were taken.
    taken: usize,
}

impl Ledger {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message that is to be told; its number, and what tells that it was answered.
    pub(crate) fn told(&self, customer: u64, at: Micros) -> (usize, oneshot::Receiver<()>) {
        let (waits, answered) = oneshot::channel();
        let mut held = self.held();
        let number = held.records.len();
        held.records.push(Record { customer, told: Some(at), ..Record::default() });
        held.waiting.insert(number, waits);
        (number, answered)
    }

    /// The model was asked about these, and answers.
    pub(crate) fn thought(&self, numbers: &[usize], asked: Micros, answered: Micros) {
        let mut held = self.held();
        for number in numbers {
            if let Some(record) = held.records.get_mut(*number) {
                record.model = Some((asked, answered));
            }
        }
    }

    /// An answer to these was taken.
    pub(crate) fn answered(&self, numbers: &[usize], at: Micros) {
        let mut held = self.held();
        let nth = held.taken;
        held.taken += 1;
        for number in numbers {
            if let Some(record) = held.records.get_mut(*number) {
                record.answers.push((at, nth));
            }
            if let Some(waits) = held.waiting.remove(number) {
                let _gone = waits.send(());
            }
        }
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.held().records.clone()
    }

    /// Answers that were taken.
    pub(crate) fn taken(&self) -> usize {
        self.held().taken
    }
}

/// The mark of a message: what its words carry, and so does its answer.
pub(crate) fn mark(number: usize) -> String {
    let digits = format!("{number:x}");
    let letter = |digit: char| {
        let place = digit.to_digit(16).unwrap_or_default() as usize;
        char::from(DIGITS.get(place).copied().unwrap_or(b'b'))
    };
    PREFIX.chars().chain(digits.chars().map(letter)).collect()
}

/// The numbers of all marks in a text, in its order.
pub(crate) fn marks(text: &str) -> Vec<usize> {
    let number = |word: &str| {
        let letters = word.strip_prefix(PREFIX).filter(|letters| !letters.is_empty())?;
        letters.bytes().try_fold(0, |number, letter| {
            Some(number * 16 + DIGITS.iter().position(|digit| *digit == letter)?)
        })
    };
    text.split(|c: char| !c.is_ascii_lowercase()).filter_map(number).collect()
}
