//! The bounds of a diagnosis, whatever is planned (S-16).

use std::collections::BTreeSet;

use crate::diagnose::{MAX_PER_SERVER, MAX_QUESTIONS, MAX_SERVERS, MAX_TOKENS, Probe};
use crate::name::OwnerName;

/// Of the probes that are planned, those that are new, in their order, as far as there is room
/// beside those that were sent.
pub(super) fn admit(planned: Vec<Probe>, asked: &[Probe]) -> Vec<Probe> {
    let mut all = asked.to_vec();
    for probe in planned {
        if !all.contains(&probe) && has_room(&all, &probe) {
            all.push(probe);
        }
    }
    all.split_off(asked.len())
}

fn has_room(asked: &[Probe], probe: &Probe) -> bool {
    let count = |same: fn(&Probe) -> bool| asked.iter().filter(|one| same(one)).count();
    match probe {
        Probe::Resolver(_) | Probe::Unchecked(_) => {
            let through = |one: &Probe| matches!(one, Probe::Resolver(_) | Probe::Unchecked(_));
            count(through) < MAX_QUESTIONS
        }
        Probe::Delegated(_) => {
            let delegated = |one: &Probe| matches!(one, Probe::Delegated(_));
            count(delegated) < MAX_PER_SERVER && at_servers(asked, MAX_SERVERS)
        }
        Probe::Servers { servers, .. } => {
            let named = |server: &OwnerName| {
                let asked = asked.iter().filter(
                    |one| matches!(one, Probe::Servers { servers, .. } if servers.contains(server)),
                );
                asked.count()
            };
            let known = asked.iter().flat_map(|one| match one {
                Probe::Servers { servers, .. } => servers.as_slice(),
                _ => &[],
            });
            let all: BTreeSet<&OwnerName> = known.chain(servers).collect();
            !servers.is_empty()
                && all.len() <= MAX_SERVERS
                && servers.iter().all(|server| named(server) < MAX_PER_SERVER)
                && at_servers(asked, servers.len())
        }
        Probe::Token(_) => count(|one| matches!(one, Probe::Token(_))) < MAX_TOKENS,
    }
}

/// Whether so many servers can be asked one more question: all together there are no more than
/// [`MAX_PER_SERVER`] at each of [`MAX_SERVERS`], whichever these are.
fn at_servers(asked: &[Probe], more: usize) -> bool {
    let servers = asked.iter().map(|one| match one {
        Probe::Delegated(_) => MAX_SERVERS,
        Probe::Servers { servers, .. } => servers.len(),
        _ => 0,
    });
    let so_far: usize = servers.sum();
    so_far.saturating_add(more) <= MAX_SERVERS * MAX_PER_SERVER
}
