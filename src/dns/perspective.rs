use std::fmt;
use std::sync::Arc;

/// A configured place to look from.
///
/// Who runs it and how far it is trusted is configuration: nothing that comes over the network
/// changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Perspective {
    id: PerspectiveId,
    group: Group,
    region: Option<PerspectiveId>,
    transport: Transport,
    trust: Trust,
    view: View,
}

impl Perspective {
    /// A plain-UDP, untrusted, recursive perspective whose operator is unknown.
    #[must_use]
    pub fn new(id: PerspectiveId) -> Self {
        Self {
            id,
            group: Group::Unknown,
            region: None,
            transport: Transport::Plain,
            trust: Trust::Untrusted,
            view: View::Recursive,
        }
    }

    /// Declares who operates it: corroboration counts groups, not perspectives (S-3).
    #[must_use]
    pub fn with_group(mut self, group: Group) -> Self {
        self.group = group;
        self
    }

    /// Declares the region it stands in, such as `RIPE NCC` or `eu-west-1`.
    #[must_use]
    pub fn with_region(mut self, region: PerspectiveId) -> Self {
        self.region = Some(region);
        self
    }

    /// Declares how it is reached.
    #[must_use]
    pub fn with_transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Declares whether its DNSSEC verdict is trusted (S-11). Trust is a statement of whoever
    /// configures it: that it validates, and that the way to it is authenticated.
    #[must_use]
    pub fn with_trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Declares which view of the DNS it has.
    #[must_use]
    pub fn with_view(mut self, view: View) -> Self {
        self.view = view;
        self
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &PerspectiveId {
        &self.id
    }

    /// Who operates it.
    #[must_use]
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// Where it stands.
    #[must_use]
    pub fn region(&self) -> Option<&PerspectiveId> {
        self.region.as_ref()
    }

    /// How it is reached.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Whether its DNSSEC verdict is trusted.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Which view of the DNS it has.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// The octets of its names, each of which JSON may write with a backslash.
    pub(crate) fn octets(&self) -> usize {
        let region = self
            .region
            .as_ref()
            .map_or(0, |region| region.as_str().len());
        let group = match &self.group {
            Group::Unknown => 0,
            Group::Operator(name) => name.as_str().len(),
        };
        2 * (self.id.as_str().len() + group + region)
    }
}

/// The name of a perspective, a group or a region: 1 to 64 printable ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct PerspectiveId(Arc<str>);

impl PerspectiveId {
    /// Takes a name as it is.
    ///
    /// # Errors
    ///
    /// [`PerspectiveError::Id`] when it is empty, longer than 64 octets, or holds anything but
    /// printable ASCII.
    pub fn new(id: &str) -> Result<Self, PerspectiveError> {
        let printable = id.bytes().all(|octet| matches!(octet, 0x20..=0x7e));
        if id.is_empty() || id.len() > 64 || !printable {
            return Err(PerspectiveError::Id { octets: id.len() });
        }
        Ok(Self(id.into()))
    }

    /// For the names that this crate itself gives: anything that [`new`](Self::new) would
    /// refuse is dropped from it.
    pub(crate) fn own(id: &str) -> Self {
        let kept = id.chars().filter(|c| matches!(c, ' '..='~')).take(64);
        Self(kept.collect::<String>().into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PerspectiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl fmt::Display for PerspectiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::str::FromStr for PerspectiveId {
    type Err = PerspectiveError;

    fn from_str(id: &str) -> Result<Self, PerspectiveError> {
        Self::new(id)
    }
}

impl TryFrom<String> for PerspectiveId {
    type Error = PerspectiveError;

    fn try_from(id: String) -> Result<Self, PerspectiveError> {
        Self::new(&id)
    }
}

impl From<PerspectiveId> for String {
    fn from(id: PerspectiveId) -> Self {
        id.as_str().to_owned()
    }
}

/// A perspective that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PerspectiveError {
    /// The name of a perspective, group or region is not usable.
    #[error(
        "a perspective's name is 1 to 64 printable ASCII characters; this one has {octets} octets or holds other characters"
    )]
    Id {
        /// How long the refused name is.
        octets: usize,
    },
}

/// Who operates a perspective. Two addresses of one operator are one opinion (S-3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Group {
    /// Nobody said: the system's resolver, for example. All of these are one group together,
    /// and it corroborates nobody else.
    Unknown,
    /// The operator.
    Operator(PerspectiveId),
}

/// How a perspective is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Transport {
    /// Plain UDP and TCP: whoever stands on the path can change what is seen.
    Plain,
    /// Within the machine, over loopback.
    Loopback,
    /// Encrypted, and the server authenticated by its certificate.
    Authenticated,
}

/// Whether a perspective's DNSSEC verdict is believed (S-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Trust {
    /// What it says about security counts for nothing.
    Untrusted,
    /// It validates, and nobody stands between it and us.
    Validating,
}

/// Which view of the DNS a perspective has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum View {
    /// Through a resolver, with its cache.
    Recursive,
    /// From the zone's own name servers. What they deny, no cache can prove (S-2).
    Authoritative,
}
