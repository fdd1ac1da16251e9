//! What one verification has learnt about delegations.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::lock;

use super::ask::Said;
use super::diagnose::Ways;
use super::zone::Zone;
use crate::dns::{LookupFailure, Purpose, Question, RecordType};
use crate::name::OwnerName;

/// The zones and addresses that were found for the questions of one verification. No other
/// verification sees them (S-10).
#[derive(Debug, Default)]
pub(super) struct Memo {
    zones: Mutex<Vec<Arc<Zone>>>,
    /// Zones that one server alone has named.
    hearsay: Mutex<Vec<Arc<Zone>>>,
    addresses: Mutex<HashMap<Wanted, Vec<IpAddr>>>,
    replies: Mutex<HashMap<Asked, Arc<lock::Mutex<Heard>>>>,
    silent: Mutex<HashSet<OwnerName>>,
    descents: Mutex<HashMap<Descent, Arc<lock::Mutex<()>>>>,
    ways: lock::Mutex<Ways>,
}

/// At which remove a way down from the top is looked for, and below which top-level domain.
type Descent = (u8, Option<Vec<u8>>);

/// The name of a server, the family of the addresses, and whether the resolver is to say them.
pub(super) type Wanted = (OwnerName, RecordType, bool);

/// An address, the zone that it was asked as a server of, the question, and why it is asked: a second
/// look is another one.
type Asked = (SocketAddr, OwnerName, Question, Purpose);

/// What one address said to one question.
#[derive(Debug, Default)]
pub(super) struct Heard {
    asked: u8,
    said: Option<Result<Said, LookupFailure>>,
}

impl Heard {
    /// How often an address is asked the same: again where it was silent.
    const MAX_ASKED: u8 = 2;

    /// What is known already, unless it is worth another query.
    pub(super) fn known(&self) -> Option<&Result<Said, LookupFailure>> {
        let silent = matches!(self.said, Some(Err(LookupFailure::Timeout)));
        self.said
            .as_ref()
            .filter(|_| !silent || self.asked >= Self::MAX_ASKED)
    }

    pub(super) fn learn(&mut self, said: Result<Said, LookupFailure>, in_full: bool) {
        self.asked = if in_full {
            Self::MAX_ASKED
        } else {
            self.asked.saturating_add(1)
        };
        self.said = Some(said);
    }
}

impl Memo {
    /// The deepest known zone around a name.
    pub(super) fn deepest(&self, name: &OwnerName) -> Option<Arc<Zone>> {
        deepest(&self.zones, name)
    }

    /// Held by whoever looks for the zone of a name from the top down, so that several name servers in
    /// one zone, which are all looked for at once, find the way once (S-16). What is looked for on the way
    /// is at a further remove, so that nobody waits for itself.
    pub(super) fn descent(&self, name: &OwnerName, depth: u8) -> Arc<lock::Mutex<()>> {
        let mut descents = self.descents.lock().unwrap_or_else(PoisonError::into_inner);
        let top = name.labels().next_back().map(<[u8]>::to_vec);
        descents.entry((depth, top)).or_default().clone()
    }

    /// Keeps a zone; of the same apex the first one is kept.
    pub(super) fn learn(&self, zone: Zone) -> Arc<Zone> {
        learn(&self.zones, zone)
    }

    /// The deepest zone around a name that one server alone has named. It helps to find an address;
    /// who speaks for a name is not for one server to say (S-2).
    pub(super) fn hearsay(&self, name: &OwnerName) -> Option<Arc<Zone>> {
        deepest(&self.hearsay, name)
    }

    /// Keeps a zone that one server alone has named.
    pub(super) fn learn_hearsay(&self, zone: Zone) -> Arc<Zone> {
        learn(&self.hearsay, zone)
    }

    /// The known addresses of a name server.
    pub(super) fn addresses(&self, wanted: &Wanted) -> Option<Vec<IpAddr>> {
        let known = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.get(wanted).cloned()
    }

    /// Keeps the addresses of a name server.
    pub(super) fn learn_addresses(&self, wanted: Wanted, found: Vec<IpAddr>) -> Vec<IpAddr> {
        let mut known = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.insert(wanted, found.clone());
        found
    }

    /// What an address said to a question, as a server of the zone `apex`. Held while the query is
    /// under way: a zone whose servers all have one address, which may be somebody else's, has it
    /// asked once, and not once for each (S-16).
    pub(super) fn heard(
        &self,
        address: SocketAddr,
        apex: &OwnerName,
        question: &Question,
        purpose: Purpose,
    ) -> Arc<lock::Mutex<Heard>> {
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (address, apex.clone(), question.clone(), purpose);
        replies.entry(key).or_default().clone()
    }

    /// What a diagnosis has found on its way to servers. Held while it searches: the next question
    /// finds the same way.
    pub(super) async fn ways(&self) -> lock::MutexGuard<'_, Ways> {
        self.ways.lock().await
    }

    /// Keeps in mind that nothing came back from a name server.
    pub(super) fn learn_silent(&self, server: &OwnerName) {
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.insert(server.clone());
    }

    /// Whether nothing came back from a name server.
    pub(super) fn is_silent(&self, server: &OwnerName) -> bool {
        let silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.contains(server)
    }
}

fn deepest(zones: &Mutex<Vec<Arc<Zone>>>, name: &OwnerName) -> Option<Arc<Zone>> {
    let zones = zones.lock().unwrap_or_else(PoisonError::into_inner);
    let around = zones.iter().filter(|zone| name.is_within(&zone.apex));
    around
        .max_by_key(|zone| zone.apex.labels().count())
        .cloned()
}

fn learn(zones: &Mutex<Vec<Arc<Zone>>>, zone: Zone) -> Arc<Zone> {
    let mut zones = zones.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = zones.iter().find(|known| known.apex == zone.apex) {
        return known.clone();
    }
    let zone = Arc::new(zone);
    zones.push(zone.clone());
    zone
}
