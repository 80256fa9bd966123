//! What was in force when a recorded turn opened, read back by the hashes of its opening.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::digest::{Digest, Named};
use crate::event::{Basis, Opening};
use crate::evidence::ToolSpec;
use crate::pack::{Content, Pack};
use crate::policy;
use crate::profile::ChannelProfile;
use crate::store::{Archive, StoreError, kept};
use crate::turn::InForce;

/// What a turn runs under.
#[derive(Clone, Debug)]
pub struct Force {
    /// The pack.
    pub pack: Arc<Pack>,
    /// The channel's profile.
    pub profile: Arc<Named<ChannelProfile>>,
    /// The specs of the tools.
    pub specs: Arc<Named<Vec<ToolSpec>>>,
}

impl Force {
    /// In force for the turn that opens so.
    #[must_use]
    pub fn open(self, opening: &Opening) -> InForce {
        let Self { pack, profile, specs } = self;
        InForce {
            profile,
            shown: policy::tools_shown(&specs, &pack),
            pack,
            specs,
            customer: opening.customer,
            turn: opening.turn,
            basis: opening.basis.clone(),
            opted_out: opening.opted_out,
            consent: opening.consent.clone(),
        }
    }
}

/// An archive, and what was read of it. Conversations of one shop share nearly everything.
#[derive(Debug)]
pub struct Forces {
    archive: Arc<dyn Archive>,
    held: BTreeMap<(Digest, Digest, Digest), Force>,
}

impl Forces {
    /// Over this archive.
    #[must_use]
    pub fn new(archive: Arc<dyn Archive>) -> Self {
        Self { archive, held: BTreeMap::new() }
    }

    /// What hashes name.
    ///
    /// # Errors
    /// When the archive lacks it or can't be read.
    pub async fn of(&mut self, basis: &Basis) -> Result<Force, StoreError> {
        let key = (basis.pack, basis.profile, basis.tools);
        if let Some(force) = self.held.get(&key) {
            return Ok(force.clone());
        }
        let content: Content = kept(&*self.archive, basis.pack).await?;
        let profile: ChannelProfile = kept(&*self.archive, basis.profile).await?;
        let specs: Vec<ToolSpec> = kept(&*self.archive, basis.tools).await?;
        // Packs of one content are one pack, whatever else was in force with them.
        let held = self.held.iter().find(|((pack, _, _), _)| *pack == basis.pack);
        let pack = held.map_or_else(|| Arc::new(Pack::new(content)), |(_, it)| it.pack.clone());
        let (profile, specs) = (Arc::new(Named::new(profile)), Arc::new(Named::new(specs)));
        let force = Force { pack, profile, specs };
        self.held.insert(key, force.clone());
        Ok(force)
    }
}
