use std::sync::Arc;
use std::time::Duration;

use super::diagnose::Files;
use super::limits::Limits;
use super::looks::Looks;
use super::{Dcv, Inner};
use crate::clock::Clock;
use crate::issue::{Style, Terms};
use crate::lookup::Observer;
use crate::name::{Naming, NamingError, PartyError, ProviderName};
use crate::policy::{Policy, PolicyError, Timing};
use crate::record::Formats;
use crate::store::{ChallengeStore, MemoryStore};
use crate::system::{RandomTokens, SharedSuffixes, SystemClock, Timer};
use crate::token::TokenGenerator;
use crate::verify::{DnsVerifier, DnsVerifierBuilder, Merged, Verifier};

/// Puts a [`Dcv`] together. Everything has a default but the provider's name.
///
/// | Part | Default |
/// |---|---|
/// | [`naming`](Self::naming) | `_<provider>-challenge`, with the scope in it unless that is `Host` |
/// | [`style`](Self::style) | `token=… expiry=…` |
/// | [`store`](Self::store) | in memory: forgotten when the process ends |
/// | [`tokens`](Self::tokens) | 200 random bits as 40 base32 characters |
/// | [`observer`](Self::observer) | three public resolvers of different operators, and the zone's own name servers (feature `resolver`) |
/// | [`policy`](Self::policy) | three of these four; two of three independent groups where observers are given |
/// | [`diagnose_through`](Self::diagnose_through) | a diagnosis asks through the observers of the checks |
/// | [`deadline`](Self::deadline) | a check takes 10 seconds at most, a diagnosis as long again |
/// | [`limits`](Self::limits) | 10 checks an account and domain at once, then one a minute; 60 an account at once, then one a second; 128 under way, of which 16 of one account |
/// | [`suffixes`](Self::suffixes) | the compiled-in list, strict |
///
/// # What the default protects against
///
/// Three public resolvers, of which two have to agree, protect against one of them lying or being
/// poisoned, and against off-path spoofing of our questions. Their caches can be primed by
/// someone who controls one of the zone's name servers: against that stands the authoritative
/// view, which asks all of them without a cache, and without which nothing is proven (S-2).
///
/// All are asked over plain UDP from here, so whoever sits on our uplink can answer for all of
/// them: against that help [DNSSEC](crate::manual) and resolvers elsewhere, over an authenticated
/// transport. The public resolvers learn the names that are verified.
///
/// The authoritative view needs a way out to port 53 of any address. Where that is closed nothing
/// is ever proven (`unconfirmed`): look through observers of your own choice then, such as
/// [`HickoryLookup::public_resolvers`](crate::lookup::HickoryLookup::public_resolvers) alone, and
/// live with what the view would have protected from.
#[derive(Debug, Clone)]
#[must_use]
pub struct DcvBuilder {
    naming: Naming,
    terms: Terms,
    suffixes: SharedSuffixes,
    clock: Arc<dyn Clock>,
    timer: Option<Arc<dyn Timer>>,
    tokens: Arc<dyn TokenGenerator>,
    store: Option<Arc<dyn ChallengeStore>>,
    policy: Option<Policy>,
    deadline: Option<Duration>,
    observers: Vec<Arc<dyn Observer>>,
    guides: Vec<Arc<dyn Observer>>,
    verifier: Option<Arc<dyn Verifier>>,
    limits: Limits,
}

/// Why the parts do not fit together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The provider's name cannot be used.
    #[error(transparent)]
    Provider(#[from] PartyError),
    /// No label can be made of the provider's name.
    #[error(transparent)]
    Naming(#[from] NamingError),
    /// The policy can never be met by the observers given.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// There is nothing to look with.
    #[error(
        "there is nothing to look with: give an observer (DcvBuilder::observer), or enable the \
         feature `resolver`"
    )]
    NoObserver,
    /// There is no timer for the deadline of a check.
    #[error(
        "there is no timer to keep a check's deadline: give one (DcvBuilder::timer), or enable \
         the feature `resolver`"
    )]
    NoTimer,
    /// A verifier has its observers, policy and deadline already.
    #[error(
        "a verifier was given as well as observers, a policy or a deadline: give those to the \
         verifier"
    )]
    VerifierAndObservers,
}

impl DcvBuilder {
    pub(super) fn new(provider: &str) -> Result<Self, BuildError> {
        Ok(Self {
            naming: Naming::new(ProviderName::new(provider)?)?,
            terms: Terms::new(),
            suffixes: SharedSuffixes::default(),
            clock: Arc::new(SystemClock::new()),
            timer: None,
            tokens: Arc::new(RandomTokens::new()),
            store: None,
            policy: None,
            deadline: None,
            observers: Vec::new(),
            guides: Vec::new(),
            verifier: None,
            limits: Limits::new(),
        })
    }

    /// Composes owner names in this way.
    pub fn naming(mut self, naming: Naming) -> Self {
        self.naming = naming;
        self
    }

    /// Writes records in this way.
    pub fn style(mut self, style: Style) -> Self {
        self.terms = self.terms.with_style(style);
        self
    }

    /// How long things last.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.terms = self.terms.with_timing(timing);
        self
    }

    /// Knows these record formats of the application's own.
    pub fn formats(mut self, formats: Formats) -> Self {
        self.terms = self.terms.with_formats(formats);
        self
    }

    /// Decides by this suffix list and policy.
    pub fn suffixes(mut self, suffixes: SharedSuffixes) -> Self {
        self.suffixes = suffixes;
        self
    }

    /// Reads the time from this clock.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Keeps deadlines by this timer.
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.timer = Some(Arc::new(timer));
        self
    }

    /// Makes tokens with this generator.
    pub fn tokens(mut self, tokens: impl TokenGenerator + 'static) -> Self {
        self.tokens = Arc::new(tokens);
        self
    }

    /// Keeps challenges in this store.
    pub fn store(mut self, store: impl ChallengeStore + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Decides by this policy.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// How long a check may take in all, and a diagnosis as long again; [`DnsVerifier::DEADLINE`]
    /// unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often checks may be asked for, and how many may be under way (S-16): by default, for one
    /// account, 60 at once and then one a second over all its domains, and 16 at the same time.
    ///
    /// A service that checks all its domains for one and the same account has to raise these two,
    /// with [`with_per_account_in_all`](Limits::with_per_account_in_all) and
    /// [`with_under_way`](Limits::with_under_way); of the latter an account that has one under way
    /// leaves half of the room to others. Of one registrable domain's rate an account has a quarter
    /// ([`with_per_registrable`](Limits::with_per_registrable)).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Looks through this observer too. The first one given takes the place of the default.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Looks through these observers too, as [`observer`](Self::observer) does through one.
    pub fn observers<O: Observer + 'static>(self, observers: impl IntoIterator<Item = O>) -> Self {
        observers.into_iter().fold(self, Self::observer)
    }

    /// Has the probes of a diagnosis asked through this observer, and no check: as
    /// [`DnsVerifierBuilder::diagnose_through`](crate::verify::DnsVerifierBuilder::diagnose_through).
    pub fn diagnose_through(mut self, observer: impl Observer + 'static) -> Self {
        self.guides.push(Arc::new(observer));
        self
    }

    /// Checks with this verifier, in place of one made of observers and a policy. Give it the
    /// same [suffixes](Self::suffixes) and [formats](Self::formats).
    pub fn verifier(mut self, verifier: impl Verifier + 'static) -> Self {
        self.verifier = Some(Arc::new(verifier));
        self
    }

    /// Puts it together.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the parts do not fit, saying what to do.
    pub fn build(mut self) -> Result<Dcv, BuildError> {
        let deadline = self.deadline.unwrap_or(DnsVerifier::DEADLINE);
        let verifier = match self.verifier.take() {
            Some(_)
                if self.policy.is_some()
                    || self.deadline.is_some()
                    || !self.observers.is_empty()
                    || !self.guides.is_empty() =>
            {
                return Err(BuildError::VerifierAndObservers);
            }
            Some(verifier) => verifier,
            None => Arc::new(Merged::new(self.dns_verifier()?)),
        };
        let store = self.store.unwrap_or_else(|| Arc::new(MemoryStore::new()));
        let inner = Inner {
            naming: self.naming,
            terms: self.terms,
            suffixes: self.suffixes,
            clock: self.clock,
            tokens: self.tokens,
            store,
            verifier,
            looks: Looks::new(&self.limits, deadline),
            files: Files::default(),
            deadline,
        };
        Ok(Dcv {
            inner: Arc::new(inner),
        })
    }

    fn dns_verifier(&mut self) -> Result<DnsVerifier, BuildError> {
        let timer = self
            .timer
            .take()
            .or_else(default_timer)
            .ok_or(BuildError::NoTimer)?;
        let (mut observers, mut policy) = (std::mem::take(&mut self.observers), Policy::default());
        if observers.is_empty() {
            observers = default_observers();
            policy = Policy::k_of_n(3, 4)?;
        }
        if observers.is_empty() {
            return Err(BuildError::NoObserver);
        }
        let builder = DnsVerifier::builder(self.clock.clone(), timer)
            .policy(self.policy.take().unwrap_or(policy))
            .deadline(self.deadline.unwrap_or(DnsVerifier::DEADLINE))
            .formats(self.terms.formats().clone())
            .suffixes(self.suffixes.clone())
            .observers(observers);
        let guides = std::mem::take(&mut self.guides).into_iter();
        let builder = guides.fold(builder, DnsVerifierBuilder::diagnose_through);
        Ok(builder.build()?)
    }
}

#[cfg(feature = "resolver")]
fn default_timer() -> Option<Arc<dyn Timer>> {
    Some(Arc::new(crate::system::TokioTimer::new()))
}

#[cfg(not(feature = "resolver"))]
fn default_timer() -> Option<Arc<dyn Timer>> {
    None
}

#[cfg(feature = "resolver")]
fn default_observers() -> Vec<Arc<dyn Observer>> {
    use crate::lookup::{AuthoritativeLookup, HickoryLookup};
    let resolvers = HickoryLookup::public_resolvers().into_iter();
    let resolvers = resolvers.map(|observer| Arc::new(observer) as Arc<dyn Observer>);
    let zone = Arc::new(AuthoritativeLookup::from_root()) as Arc<dyn Observer>;
    resolvers.chain([zone]).collect()
}

#[cfg(not(feature = "resolver"))]
fn default_observers() -> Vec<Arc<dyn Observer>> {
    Vec::new()
}
