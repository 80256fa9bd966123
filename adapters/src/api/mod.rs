//! The HTTP API: for shops that bring their own front end, or their own back office.
//!
//! A front end posts what a customer says and reads the answers: to the core that is a platform like any
//! other, of the kind [`KIND`]. A back office reads conversations of all platforms, takes them over, writes in
//! them and settles what nobody knows. Everything it tells is one reading of a journal, so the list and
//! the stream say the same, and a stream that was cut goes on where it ended.
//!
//! The document at `/v1/openapi.json` is made from the code of the routes.

mod channel;
mod content;
mod control;
mod desk;
mod document;
mod key;
mod live;
mod orders;
mod post;
mod read;
mod reading;
mod show;
mod stream;
mod template;
mod word;

pub use channel::{ACCOUNT, Api, KIND, address};
pub use desk::{Front, router};
pub use key::{Key, Keys, Scope};
pub use live::{Overheard, Typing};
