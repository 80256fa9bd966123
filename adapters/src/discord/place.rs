//! How places, moments and interactions of Discord are written in the core's words.

use agent_core::id::MessageId;
use agent_core::time::Micros;

/// The first moment of Discord's ids: 2015-01-01T00:00:00Z, in milliseconds of the Unix epoch.
/// <https://discord.com/developers/docs/reference#snowflakes>
const EPOCH_MS: i64 = 1_420_070_400_000;

/// When an id was made: every id of Discord tells it.
#[must_use]
pub(crate) fn moment(id: u64) -> Micros {
    let ms = i64::try_from(id >> 22).unwrap_or(i64::MAX).saturating_add(EPOCH_MS);
    Micros(ms.saturating_mul(1_000))
}

/// Where something is said.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In the direct messages with this user.
    Direct(u64),
    /// In a channel or thread of a guild, where others read along.
    Guild {
        /// The guild.
        guild: u64,
        /// The channel or thread.
        channel: u64,
    },
}

impl Place {
    /// As the thread of an address: the user's id, as everywhere with one person, or `guild/channel`.
    #[must_use]
    pub(crate) fn thread(self) -> String {
        match self {
            Self::Direct(user) => user.to_string(),
            Self::Guild { guild, channel } => format!("{guild}/{channel}"),
        }
    }

    /// The place of a thread.
    #[must_use]
    pub(crate) fn read(thread: &str) -> Option<Self> {
        let id = |text: &str| text.parse().ok().filter(|id| *id != 0);
        match thread.split_once('/') {
            Some((guild, channel)) => {
                Some(Self::Guild { guild: id(guild)?, channel: id(channel)? })
            }
            None => Some(Self::Direct(id(thread)?)),
        }
    }

    /// Whether others read along.
    #[must_use]
    pub(crate) fn is_shared(self) -> bool {
        matches!(self, Self::Guild { .. })
    }
}

/// What an interaction is answered with.
///
/// It stands in the message's id, so that a process that takes up after a crash still edits the answer it
/// may have given, instead of giving another. Discord honours it for 15 minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// The interaction.
    pub(crate) id: u64,
    /// What proves that we may answer it.
    pub(crate) token: String,
}

/// What stands before an interaction's id in a message's.
const INTERACTION: &str = "interaction";

impl Ticket {
    /// The id of the message that an interaction is to the core.
    #[must_use]
    pub(crate) fn message(&self) -> MessageId {
        MessageId(format!("{INTERACTION}/{}/{}", self.id, self.token))
    }

    /// The interaction of a message, if it was one.
    #[must_use]
    pub(crate) fn read(id: &MessageId) -> Option<Self> {
        let (kind, rest) = id.as_str().split_once('/')?;
        let (id, token) = rest.split_once('/')?;
        (kind == INTERACTION)
            .then(|| Some(Self { id: id.parse().ok()?, token: token.to_owned() }))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_made() {
        // The example of Discord's own page on ids.
        assert_eq!(moment(175_928_847_299_117_063).to_string(), "2016-04-30T11:18:25Z");
    }

    #[test]
    fn places_and_tickets_are_read_back() {
        for place in [Place::Direct(5), Place::Guild { guild: 7, channel: 5 }] {
            assert_eq!(Place::read(&place.thread()), Some(place));
        }
        for wrong in ["", "a/b", "0", "7/0", "7/5/3"] {
            assert_eq!(Place::read(wrong), None, "{wrong}");
        }
        let ticket = Ticket { id: 4, token: "a/b_c".to_owned() };
        assert_eq!(Ticket::read(&ticket.message()), Some(ticket));
        assert_eq!(Ticket::read(&"175928847299117063".into()), None);
    }
}
