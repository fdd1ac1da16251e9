//! Why a name was refused.

use std::fmt;

/// Where in the input something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    label: usize,
    offset: usize,
}

impl Place {
    pub(crate) const fn new(label: usize, offset: usize) -> Self {
        Self { label, offset }
    }

    /// The label, counted from 1, from the left.
    #[must_use]
    pub const fn label(self) -> usize {
        self.label
    }

    /// Octets of the input, as it was given in UTF-8, that stand before the fault.
    #[must_use]
    pub const fn offset(self) -> usize {
        self.offset
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "label {}, after {} octets", self.label, self.offset)
    }
}

/// The part of a URL or mail address that shows a name to be more than a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UrlPart {
    /// `https://`
    Scheme,
    /// The `@` of a mail address or of credentials.
    At,
    /// `/` or `\`
    Path,
    /// `:` and what follows.
    Port,
    /// `?` and what follows.
    Query,
    /// `#` and what follows.
    Fragment,
}

impl fmt::Display for UrlPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a URL scheme (`://`)",
            Self::At => "an `@`",
            Self::Path => "a slash",
            Self::Port => "a colon",
            Self::Query => "a `?`",
            Self::Fragment => "a `#`",
        })
    }
}

/// Why a text is not a [`DomainName`](super::DomainName), an [`OwnerName`](super::OwnerName) or a
/// [`Scope`](super::Scope), where, and what to do.
///
/// Text of the input is shown cut and escaped: an error may be logged and shown to anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There is no name.
    #[error("the name is empty: enter a domain name such as example.com")]
    Empty,
    /// A wildcard name where one domain is meant. The text is the name.
    #[error(
        "`{0}` is a wildcard, not one domain name: read it with Scope::split, \
         or enter the name without `*.` and choose the wildcard scope"
    )]
    Wildcard(String),
    /// A `*` that is not the whole first label above a name.
    #[error("`*` in {0} has no meaning there: only the form *.example.com has one")]
    Asterisk(Place),
    /// An IP address, bare or in brackets. The text is the address.
    #[error("`{0}` is an IP address: enter the name of a domain")]
    IpLiteral(String),
    /// The last label is a number, which makes the whole an IPv4 address in one of its odd forms
    /// (`127.1`, `0x7f.1`, `1.2.3.400`). The text is the last label.
    #[error(
        "the last label `{1}` ({0}) is a number, so that the whole reads as an IPv4 address: \
         enter the name of a domain"
    )]
    NumericLastLabel(Place, String),
    /// Nothing between two dots, before the first or after more than one final dot.
    #[error("nothing stands in {0}: remove the dot that is too many")]
    EmptyLabel(Place),
    /// An underscore, which host names do not have.
    #[error(
        "`_` in {0} is not allowed in a host name: enter the domain itself, \
         without the label of a challenge or service"
    )]
    Underscore(Place),
    /// A hyphen at the start of a label.
    #[error("{0}: a label cannot begin with a hyphen")]
    LeadingHyphen(Place),
    /// A hyphen at the end of a label.
    #[error("{0}: a label cannot end with a hyphen")]
    TrailingHyphen(Place),
    /// A label of more than 63 octets; the number is its length (of an internationalised label,
    /// the length of its `xn--` form).
    #[error("{0}: the label has {1} octets, but 63 are the most a label can have")]
    LabelTooLong(Place, usize),
    /// A name of more than 253 octets; the number is its length.
    #[error("the name has {0} octets, but 253 are the most a name can have")]
    NameTooLong(usize),
    /// A space or another blank.
    #[error("a blank stands in {0}: enter only the host name, without spaces")]
    Space(Place),
    /// A control character such as a tab or a line feed; the number is its code point.
    #[error("the control character U+{1:04X} stands in {0}: enter only the host name, on one line")]
    ControlCharacter(Place, u32),
    /// A URL, a mail address or a name with a port.
    #[error("{0} at offset {1} belongs to a URL or an address: enter only the host name")]
    Url(UrlPart, usize),
    /// An ASCII character that host names do not have.
    #[error("`{1}` in {0} is not allowed in a host name: use letters, digits and hyphens")]
    ForbiddenCharacter(Place, char),
    /// A label outside ASCII that UTS-46 does not admit. The text is the label.
    #[error(
        "`{1}` ({0}) is not a valid internationalised label: \
         check it for mistyped or invisible characters"
    )]
    InvalidIdn(Place, String),
    /// An `xn--` label that is not the form of any valid internationalised label. The text is the
    /// label.
    #[error("`{1}` ({0}) is not valid Punycode: enter the name in its own script instead")]
    InvalidPunycode(Place, String),
    /// In an owner name: a backslash without a character or three decimal digits up to 255.
    #[error("{0}: a backslash is followed by one character or by three decimal digits up to 255")]
    BadEscape(Place),
    /// In an owner name: an octet that must be written as an escape.
    #[error("{0}: the octet {1} must be written as \\{1:03}")]
    Unescaped(Place, u8),
    /// Not the name of a scope. The text is what was found.
    #[error("`{0}` is not a scope: it is one of host, wildcard and domain")]
    UnknownScope(String),
}

impl NameError {
    /// Where the fault is, when it is at one place.
    #[must_use]
    pub const fn place(&self) -> Option<Place> {
        match self {
            Self::Asterisk(place)
            | Self::NumericLastLabel(place, _)
            | Self::EmptyLabel(place)
            | Self::Underscore(place)
            | Self::LeadingHyphen(place)
            | Self::TrailingHyphen(place)
            | Self::LabelTooLong(place, _)
            | Self::Space(place)
            | Self::ControlCharacter(place, _)
            | Self::ForbiddenCharacter(place, _)
            | Self::InvalidIdn(place, _)
            | Self::InvalidPunycode(place, _)
            | Self::BadEscape(place)
            | Self::Unescaped(place, _) => Some(*place),
            Self::Empty
            | Self::Wildcard(_)
            | Self::IpLiteral(_)
            | Self::NameTooLong(_)
            | Self::Url(..)
            | Self::UnknownScope(_) => None,
        }
    }
}
