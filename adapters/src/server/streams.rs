//! The streams that are open: each holds a connection for as long as somebody reads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Problem;

/// The seats of all streams of a process: as many as leave connections for everybody else.
#[derive(Clone, Debug)]
pub struct Streams {
    seats: Arc<Semaphore>,
    /// How many each holder has.
    held: Arc<Mutex<HashMap<String, usize>>>,
}

/// A stream's seat, for others when it is dropped.
#[derive(Debug)]
pub struct Seat {
    _seat: OwnedSemaphorePermit,
    held: Arc<Mutex<HashMap<String, usize>>>,
    holders: Vec<String>,
}

impl Streams {
    /// So many at once.
    #[must_use]
    pub fn new(seats: usize) -> Self {
        let seats = seats.min(Semaphore::MAX_PERMITS);
        Self { seats: Arc::new(Semaphore::new(seats)), held: Arc::default() }
    }

    /// A seat, which counts as one of each of its holders, who have so many at most.
    ///
    /// # Errors
    /// When there is none left: what who asks is told.
    pub fn take(&self, holders: Vec<(String, usize)>) -> Result<Seat, Problem> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |(name, most): &(String, usize)| held.get(name).is_some_and(|has| has >= most);
        if holders.iter().any(full) {
            let detail = "as many streams are open as you may have; close one";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).retry(30));
        }
        let seat = self.seats.clone().try_acquire_owned().map_err(|_| {
            let detail = "as many streams are open as may be";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry(5)
        })?;
        let holders: Vec<String> = holders.into_iter().map(|(name, _)| name).collect();
        for name in &holders {
            *held.entry(name.clone()).or_default() += 1;
        }
        Ok(Seat { _seat: seat, held: self.held.clone(), holders })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &self.holders {
            let left = held.get(name).map_or(0, |has| has.saturating_sub(1));
            if left == 0 {
                held.remove(name);
            } else {
                held.insert(name.clone(), left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_more_than_their_share_and_all_no_more_than_there_are() {
        let streams = Streams::new(4);
        let of = |name: &str| vec![(name.to_owned(), 2), ("network".to_owned(), 3)];
        let status = |taken: Result<Seat, Problem>| taken.map(drop).map_err(|it| it.status);
        let ada = [streams.take(of("ada")), streams.take(of("ada"))];
        assert!(ada.iter().all(Result::is_ok));
        assert_eq!(status(streams.take(of("ada"))), Err(429));
        let bob = streams.take(of("bob")).unwrap();
        assert_eq!(status(streams.take(of("bob"))), Err(429));
        let api = streams.take(Vec::new()).unwrap();
        assert_eq!(status(streams.take(Vec::new())), Err(503));
        drop((ada, bob, api));
        assert!(streams.held.lock().unwrap().is_empty());
        assert_eq!(streams.seats.available_permits(), 4);
    }
}
