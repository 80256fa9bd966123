//! The wish that everything ends, told to everybody at once.

use tokio::sync::watch;

/// Asks everybody to end.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Waits to be asked to end. A stream that lives as long as its connection must end then, or it holds up
/// the whole server until its time is over.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Nobody is asked yet.
    #[must_use]
    pub fn new() -> (Stopper, Self) {
        let (stopper, stop) = watch::channel(false);
        (Stopper(stopper), Self(stop))
    }

    /// Returns once everybody was asked to end.
    pub async fn asked(mut self) {
        // An error means that nobody can ask any more, which is the end too.
        let _asked = self.0.wait_for(|asked| *asked).await;
    }
}

impl Stopper {
    /// Asks everybody to end.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}
