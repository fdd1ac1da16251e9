use std::fmt;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::ResolveHosts;
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;

use super::SetupError;
use crate::dns::{Answer, LookupFailure, Outcome, Question, Soa};
use crate::lookup::exchange::{Reply, failure, hickory_name, owner_name};
use crate::lookup::follow::Walk;
use crate::lookup::{LookupError, TxtLookup};
use crate::name::OwnerName;

/// Looks through a hickory resolver that the application has already: the lesser view.
///
/// Compared with [`HickoryLookup`](super::HickoryLookup), the resolver
///
/// * drops extended errors (RFC 8914), so that a stale or filtered answer looks like any other;
/// * loses the aliases before a negative answer: what stands behind an alias can be seen, but not
///   that it is missing, which is reported as a broken chain;
/// * reports an alias loop, and a chain over eight, as a name without records: again a broken
///   chain here;
/// * sends as many queries as it likes. It is no [`DnsLookup`](crate::lookup::DnsLookup), because
///   it could not keep to a budget.
///
/// Whether the resolver validates is not seen: answers are
/// [`Unvalidated`](crate::dns::Security::Unvalidated). What it calls bogus is
/// [`LookupFailure::Bogus`].
#[derive(Clone)]
pub struct ResolverLookup {
    resolver: TokioResolver,
}

impl ResolverLookup {
    /// Looks through `resolver`.
    ///
    /// # Errors
    ///
    /// [`SetupError::ResolverCaches`], [`SetupError::ResolverReadsHosts`] or
    /// [`SetupError::ResolverHidesAliases`] when it is set up so: from its cache a resolver
    /// answers with other aliases than it walked.
    pub fn new(resolver: TokioResolver) -> Result<Self, SetupError> {
        let options = resolver.options();
        if options.cache_size != 0 {
            return Err(SetupError::ResolverCaches {
                entries: options.cache_size,
            });
        }
        if options.use_hosts_file != ResolveHosts::Never {
            return Err(SetupError::ResolverReadsHosts);
        }
        if !options.preserve_intermediates {
            return Err(SetupError::ResolverHidesAliases);
        }
        Ok(Self { resolver })
    }
}

impl fmt::Debug for ResolverLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.resolver.options();
        f.debug_struct("ResolverLookup")
            .field("options", options)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TxtLookup for ResolverLookup {
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
        match self
            .resolver
            .lookup(hickory_name(name)?, RecordType::TXT)
            .await
        {
            Ok(lookup) => {
                let mut walk = Walk::new(Question::txt(name.clone()));
                let reply = Reply::read(lookup.message(), name)?;
                match walk.take(reply)? {
                    Some(outcome) => Ok(walk.into_answer(outcome)),
                    None => Err(broken(walk.question().name().clone())),
                }
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(negative))) => absent(name, &negative),
            Err(NetError::Dns(DnsError::ResponseCode(code))) => {
                Err(LookupFailure::server(code.into()).into())
            }
            Err(error @ NetError::Dns(DnsError::DnssecBogus)) => Err(LookupError::new(
                LookupFailure::Bogus {
                    extended: Vec::new(),
                },
                error,
            )),
            Err(error) => Err(LookupError::new(failure(&error), error)),
        }
    }
}

/// A negative answer counts when it is about the asked name itself: whatever led to another one
/// is lost.
fn absent(asked: &OwnerName, negative: &NoRecords) -> Result<Answer, LookupError> {
    let about = owner_name(&negative.query.name)?;
    let soa = match &negative.soa {
        Some(soa) => {
            let owner = owner_name(&soa.name)?;
            Some(Soa::new(owner, soa.data.serial, soa.ttl, soa.data.minimum))
        }
        None => None,
    };
    let outcome = match negative.response_code {
        _ if about != *asked => return Err(broken(about)),
        ResponseCode::NXDomain => Outcome::nx_domain(soa),
        // So do an alias loop and a chain that is too long look.
        _ if soa.is_none() => return Err(broken(about)),
        _ => Outcome::no_data(soa),
    };
    Ok(Answer::new(outcome))
}

fn broken(at: OwnerName) -> LookupError {
    LookupFailure::BrokenChain { at }.into()
}
