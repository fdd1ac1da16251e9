/// TXT RDATA: its character-strings, joined without a separator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "TxtParts", into = "TxtParts"))]
pub struct Txt {
    joined: Box<[u8]>,
    // The length of every string; empty when there is just one, so that the common record costs
    // one allocation.
    lengths: Box<[u8]>,
}

impl Txt {
    /// RDATA whose division into character-strings is unknown or does not matter.
    #[must_use]
    pub fn joined(data: &[u8]) -> Self {
        Self {
            joined: data.into(),
            lengths: Box::default(),
        }
    }

    /// RDATA of these character-strings. Longer ones than 255 octets cannot come from the DNS;
    /// they are taken as they are, and the division is forgotten.
    #[must_use]
    pub fn from_strings<'a>(strings: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut joined = Vec::new();
        let mut lengths = Vec::new();
        let mut divided = true;
        for string in strings {
            joined.extend_from_slice(string);
            match u8::try_from(string.len()) {
                Ok(length) => lengths.push(length),
                Err(_) => divided = false,
            }
        }
        if !divided || lengths.len() < 2 {
            lengths.clear();
        }
        Self {
            joined: joined.into(),
            lengths: lengths.into(),
        }
    }

    /// The character-strings of RDATA as they are on the wire, up to the first that is cut off.
    pub(crate) fn from_rdata(mut rdata: &[u8]) -> Self {
        let strings = std::iter::from_fn(|| {
            let (length, rest) = rdata.split_first()?;
            let (string, rest) = rest.split_at_checked(usize::from(*length))?;
            rdata = rest;
            Some(string)
        });
        Self::from_strings(strings)
    }

    /// All octets, joined.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.joined
    }

    /// The character-strings as they came; one when the division is unknown.
    pub fn strings(&self) -> impl Iterator<Item = &[u8]> {
        let whole = self.lengths.is_empty().then_some(&*self.joined);
        let mut rest = &*self.joined;
        let parts = self.lengths.iter().map_while(move |&length| {
            let (part, tail) = rest.split_at_checked(length.into())?;
            rest = tail;
            Some(part)
        });
        whole.into_iter().chain(parts)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct TxtParts(
    #[serde(deserialize_with = "crate::serial::bounded::<{ super::MAX_RDATA }, _, _>")]
    Vec<TxtString>,
);

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct TxtString(
    #[serde(
        serialize_with = "crate::serial::write_octets",
        deserialize_with = "crate::serial::octets::<{ super::MAX_RDATA }, _>"
    )]
    Vec<u8>,
);

#[cfg(feature = "serde")]
impl From<Txt> for TxtParts {
    fn from(txt: Txt) -> Self {
        Self(txt.strings().map(|part| TxtString(part.to_vec())).collect())
    }
}

#[cfg(feature = "serde")]
impl TryFrom<TxtParts> for Txt {
    type Error = &'static str;

    fn try_from(parts: TxtParts) -> Result<Self, Self::Error> {
        let txt = Self::from_strings(parts.0.iter().map(|part| part.0.as_slice()));
        if txt.data().len() > super::MAX_RDATA {
            return Err("a TXT record over 64 KiB");
        }
        Ok(txt)
    }
}
