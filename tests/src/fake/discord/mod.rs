//! Discord on loopback: its REST and its gateway. It refuses what Discord would refuse, and notes it; its time is
//! the test's.
#![expect(clippy::indexing_slicing, reason = "what is not in a JSON value is null there")]

mod check;
mod gateway;
mod rest;
mod state;

use std::sync::Arc;

use agent_core::time::Clock;
use serde_json::{Value, json};

pub use state::{APPLICATION, Fault, GUILD, Said, TOKEN};
use state::{Interaction, State};

use super::loopback::{Served, Shared};

/// A running Discord. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeDiscord {
    server: Arc<Server>,
    served: Served,
}

type Server = Shared<State>;

impl FakeDiscord {
    /// Serves one bot.
    ///
    /// # Errors
    /// When loopback has no port left.
    pub async fn start(clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let bound = Served::bind().await?;
        let state = State { address: bound.1.clone(), ..State::default() };
        let server = Shared::new(clock, state);
        let routes = rest::routes().merge(gateway::routes()).with_state(server.clone());
        Ok(Self { server, served: Served::on(bound, routes) })
    }

    /// What a client is pointed to.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.served.url
    }

    /// Returns when `done` answers with something. Every change of the server's is looked at.
    pub async fn until<T>(&self, mut done: impl FnMut(&Self) -> Option<T>) -> T {
        self.server.until(|| done(self)).await
    }

    /// The next requests whose method and path begin so fail in this way, one after the other.
    pub fn fail(&self, request: &str, faults: impl IntoIterator<Item = Fault>) {
        let faults = faults.into_iter().map(|fault| (request.to_owned(), fault));
        self.server.state().faults.extend(faults);
    }

    /// What was asked that Discord would not have been asked.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.server.state().complaints.clone()
    }

    /// How often a request with this method and path was asked.
    #[must_use]
    pub fn asked(&self, request: &str) -> usize {
        self.server.state().asked.iter().filter(|asked| asked.starts_with(request)).count()
    }

    /// A customer writes to the bot alone; the gateway tells so.
    pub fn write(&self, user: u64, text: &str) -> u64 {
        let channel = self.server.state().direct(user);
        self.say(user, (None, channel), text, &json!({}))
    }

    /// A customer writes in a channel of the guild.
    pub fn write_in(&self, channel: u64, user: u64, text: &str) -> u64 {
        self.say(user, (Some(GUILD), channel), text, &json!({}))
    }

    /// A customer writes with further fields, which go before those made here.
    pub fn say(&self, user: u64, place: (Option<u64>, u64), text: &str, more: &Value) -> u64 {
        let now = self.server.clock.now();
        let mut state = self.server.state();
        let id = state.fresh(now);
        let message = state.message(id, user, place, text, more);
        state.messages.push(message.clone());
        state.dispatch("MESSAGE_CREATE", &message);
        drop(state);
        self.server.changed();
        id
    }

    /// A message that the gateway does not tell: it was said while nobody listened, and is only there to be fetched.
    pub fn write_unheard(&self, user: u64, text: &str) -> u64 {
        let now = self.server.clock.now();
        let mut state = self.server.state();
        let channel = state.direct(user);
        let id = state.fresh(now);
        let message = state.message(id, user, (None, channel), text, &json!({}));
        state.messages.push(message);
        id
    }

    /// The gateway tells this, whatever it is.
    pub fn tell(&self, kind: &str, value: &Value) {
        self.server.state().dispatch(kind, value);
    }

    /// A message as it was told.
    #[must_use]
    pub fn message(&self, id: u64) -> Value {
        let (state, id) = (self.server.state(), id.to_string());
        let found = state.messages.iter().find(|message| message["id"] == id);
        found.cloned().unwrap_or_default()
    }

    /// Who wrote a message.
    #[must_use]
    pub fn writer(&self, id: u64) -> u64 {
        let message = self.message(id);
        message["author"]["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default()
    }

    /// An interaction a customer begins in a place, as Discord writes it. `kind` is 2 for a command and 3 for
    /// something tapped.
    pub fn interaction(
        &self,
        user: u64,
        place: (Option<u64>, u64),
        (kind, data): (u8, Value),
    ) -> Value {
        let now = self.server.clock.now();
        let mut state = self.server.state();
        if place.0.is_none() {
            state.direct(user);
        }
        let id = state.fresh(now);
        let token = format!("token/{id}_{}", "t".repeat(120)).replace('/', "-");
        let interaction = Interaction::new(id, user, place);
        state.interactions.insert(token.clone(), interaction);
        state.interaction(id, &token, (user, place), (kind, &data))
    }

    /// A customer uses a slash command; the gateway tells so.
    pub fn command(&self, user: u64, place: (Option<u64>, u64), name: &str, words: &str) -> Value {
        let options = if words.is_empty() {
            json!([])
        } else {
            json!([{"name": "query", "type": 3, "value": words}])
        };
        let data = json!({"id": "9", "name": name, "type": 1, "options": options});
        let interaction = self.interaction(user, place, (2, data));
        self.tell("INTERACTION_CREATE", &interaction);
        interaction
    }

    /// A customer taps what carries this label, in the newest message that shows it to them; the gateway tells so.
    ///
    /// # Panics
    /// When nothing shows it.
    pub fn tap(&self, user: u64, label: &str) -> Value {
        let interaction = self.tapped(user, label);
        self.tell("INTERACTION_CREATE", &interaction);
        interaction
    }

    /// The same, without telling anybody.
    ///
    /// # Panics
    /// When nothing shows it.
    pub fn tapped(&self, user: u64, label: &str) -> Value {
        let found = self.server.state().find(user, label);
        assert!(found.is_some(), "nothing shows `{label}`: {:#?}", self.said(user));
        let (place, data) = found.unwrap_or_default();
        self.interaction(user, place, (3, data))
    }

    /// The gateway's connections break. Sessions can be resumed.
    pub fn drop_gateway(&self) {
        self.server.state().connections.clear();
    }

    /// The gateway's connections break, and the sessions are forgotten.
    pub fn forget_sessions(&self) {
        let mut state = self.server.state();
        state.sessions.clear();
        state.connections.clear();
    }

    /// What the bot showed a customer, and what they wrote, in the order of its beginning.
    #[must_use]
    pub fn said(&self, user: u64) -> Vec<Said> {
        self.server.state().said(user)
    }

    /// How many sessions were begun, and how many resumed.
    #[must_use]
    pub fn sessions(&self) -> (usize, usize) {
        let state = self.server.state();
        (state.begun, state.resumed)
    }

    /// The commands that are registered.
    #[must_use]
    pub fn commands(&self) -> Value {
        self.server.state().commands.clone()
    }

    /// Changes how the application is set up at Discord: fields of its object.
    pub fn set_up(&self, field: &str, value: Value) {
        self.server.state().application.insert(field.to_owned(), value);
    }

    /// Customers take no direct messages of the bot.
    pub fn close_direct_messages(&self) {
        self.server.state().closed = true;
    }

    /// An interaction that was given over HTTP was answered so.
    pub fn answered(&self, interaction: &Value, response: &Value) {
        let token = interaction["token"].as_str().unwrap_or_default();
        self.server.state().respond(token, response);
        self.server.changed();
    }
}
