use std::fmt;
use std::str::FromStr;

use crate::dns::Perspective;

/// The region of a Regional Internet Registry: what the CA/Browser Forum counts regions by.
///
/// It is read from the region of a [`Perspective`], which is the registry's name, in any case:
///
/// ```
/// use dcv::dns::Perspective;
/// use dcv::policy::Rir;
///
/// let perspective = Perspective::new("frankfurt".parse()?).with_region("RIPE NCC".parse()?);
/// assert_eq!(Rir::of(&perspective), Some(Rir::RipeNcc));
/// let perspective = perspective.with_region("eu-west-1".parse()?);
/// assert_eq!(Rir::of(&perspective), None);
/// # Ok::<(), dcv::dns::PerspectiveError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rir {
    /// Africa.
    Afrinic,
    /// Asia and the Pacific.
    Apnic,
    /// Canada, the United States, and parts of the Caribbean.
    Arin,
    /// Latin America and the rest of the Caribbean.
    Lacnic,
    /// Europe, the Middle East, and parts of Central Asia.
    RipeNcc,
}

/// A text that is no [`Rir`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no Internet registry: give AFRINIC, APNIC, ARIN, LACNIC or RIPE NCC")]
#[non_exhaustive]
pub struct RirError;

impl Rir {
    /// The registry in whose region a perspective stands, as it was declared.
    #[must_use]
    pub fn of(perspective: &Perspective) -> Option<Self> {
        perspective.region()?.as_str().parse().ok()
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Afrinic => "AFRINIC",
            Self::Apnic => "APNIC",
            Self::Arin => "ARIN",
            Self::Lacnic => "LACNIC",
            Self::RipeNcc => "RIPE NCC",
        }
    }
}

impl FromStr for Rir {
    type Err = RirError;

    /// Reads a registry's name, in any case; `RIPE` is the RIPE NCC too.
    fn from_str(text: &str) -> Result<Self, RirError> {
        if text.eq_ignore_ascii_case("RIPE") {
            return Ok(Self::RipeNcc);
        }
        let all = [
            Self::Afrinic,
            Self::Apnic,
            Self::Arin,
            Self::Lacnic,
            Self::RipeNcc,
        ];
        let named = |rir: &Self| rir.name().eq_ignore_ascii_case(text);
        all.into_iter().find(named).ok_or(RirError)
    }
}

impl fmt::Display for Rir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
