//! Who looks on: the open streams of each visitor. In memory alone; whatever counts is in the journal, and a
//! stream that hears nothing reads it all the same.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_core::id::Made;
use tokio::sync::broadcast;

/// What a stream may fall behind before it is told to read the journal instead.
const BEHIND: usize = 32;
/// Parts remembered for streams that open between a delivery and its mark in the journal.
const RECENT: usize = 1_024;

/// What the open streams of a visitor are told.
#[derive(Clone, Debug)]
pub(super) enum Sound {
    /// There is more to read.
    More,
    /// This part may be seen.
    Delivered(Made, u8),
    /// What is being written; none: nothing is any more.
    Writing(Option<String>),
    /// Words of the visitor that no turn has taken yet: their id, and when.
    Said(String, String, i64),
}

/// The open streams.
#[derive(Debug, Default)]
pub(super) struct Hub(Mutex<Threads>);

#[derive(Debug, Default)]
struct Threads {
    open: HashMap<String, broadcast::Sender<Sound>>,
    writing: HashMap<String, String>,
    recent: VecDeque<(String, Made, u8)>,
}

/// One open stream.
#[derive(Debug)]
pub(super) struct Ear {
    hub: Arc<Hub>,
    thread: String,
    sounds: broadcast::Receiver<Sound>,
}

impl Hub {
    /// A stream opens; with what it missed: what is being written, and what may be seen already.
    pub(super) fn listen(self: &Arc<Self>, thread: &str) -> (Ear, Option<String>, Vec<(Made, u8)>) {
        let mut threads = self.threads();
        let open = threads.open.entry(thread.to_owned());
        let sounds = open.or_insert_with(|| broadcast::channel(BEHIND).0).subscribe();
        let recent = threads.recent.iter().filter(|(of, _, _)| of == thread);
        let recent = recent.map(|(_, made, part)| (*made, *part)).collect();
        let writing = threads.writing.get(thread).cloned();
        (Ear { hub: self.clone(), thread: thread.to_owned(), sounds }, writing, recent)
    }

    /// Tells the open streams of a visitor.
    pub(super) fn tell(&self, thread: &str, sound: Sound) {
        self.threads().tell(thread, sound);
    }

    /// A part may be seen.
    pub(super) fn delivered(&self, thread: &str, made: Made, part: u8) {
        let mut threads = self.threads();
        if threads.recent.len() >= RECENT {
            threads.recent.pop_front();
        }
        threads.recent.push_back((thread.to_owned(), made, part));
        threads.tell(thread, Sound::Delivered(made, part));
    }

    /// Something is being written, or nothing is any more.
    pub(super) fn writes(&self, thread: &str, text: Option<String>) {
        let mut threads = self.threads();
        match &text {
            Some(text) => _ = threads.writing.insert(thread.to_owned(), text.clone()),
            None => _ = threads.writing.remove(thread),
        }
        threads.tell(thread, Sound::Writing(text));
    }

    fn threads(&self) -> MutexGuard<'_, Threads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Threads {
    fn tell(&self, thread: &str, sound: Sound) {
        if let Some(open) = self.open.get(thread) {
            // An error means that the last one has just closed.
            let _nobody = open.send(sound);
        }
    }
}

impl Ear {
    /// The next thing that is told; who fell behind reads the journal.
    pub(super) async fn hear(&mut self) -> Sound {
        match self.sounds.recv().await {
            Ok(sound) => sound,
            // The sender lives as long as a stream is open.
            Err(_) => Sound::More,
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let mut threads = self.hub.threads();
        // This one still counts.
        if threads.open.get(&self.thread).is_some_and(|open| open.receiver_count() <= 1) {
            threads.open.remove(&self.thread);
        }
    }
}

#[cfg(test)]
mod tests {
    use agent_core::id::TurnId;

    use super::*;

    #[tokio::test]
    async fn every_open_stream_hears_and_a_closed_one_costs_nothing() {
        let hub = Arc::new(Hub::default());
        let part = (Made { turn: TurnId(1), n: 2 }, 0);
        hub.writes("a", Some("Hel".to_owned()));
        hub.delivered("a", part.0, part.1);
        let (mut one, writing, recent) = hub.listen("a");
        assert_eq!((writing.as_deref(), recent), (Some("Hel"), vec![part]));
        let (mut two, _, _) = hub.listen("a");
        let (other, writing, recent) = hub.listen("b");
        assert_eq!((writing, recent.len()), (None, 0));
        hub.writes("a", None);
        for ear in [&mut one, &mut two] {
            assert!(matches!(ear.hear().await, Sound::Writing(None)));
        }
        drop((one, two, other));
        assert!(hub.threads().open.is_empty() && hub.threads().writing.is_empty());
    }
}
