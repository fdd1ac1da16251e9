//! The name of a domain whose control is to be proven.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::error::{NameError, Place, UrlPart};
use super::excerpt::excerpt;
use super::{MAX_LABEL, MAX_NAME};

/// Octets of input that can still shrink to a name: four labels of 59 characters outside the
/// basic plane need 947 octets of UTF-8. What is longer is not looked at (S-18).
const MAX_INPUT: usize = 1024;

/// The dots of UTS-46: full stop, ideographic, full-width and half-width ideographic.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The name of a domain or host, in lower-cased A-labels and without the final dot (N-06).
///
/// Accepted are ASCII and Unicode, the latter as UTS-46 (non-transitional) maps it, with or
/// without one final dot. Refused, each with an error of its own that says where, are wildcards
/// (see [`Scope::split`](super::Scope::split)), IP addresses, URLs and everything that is not a
/// host name. Whether the name is a public suffix is not asked here but by
/// [`SuffixGuard`](crate::suffix::SuffixGuard); `com` and `localhost` are names.
///
/// Cloning is cheap. The order is that of the text.
///
/// ```
/// use dcv::name::{DomainName, NameError};
///
/// let domain = DomainName::parse("WWW.Bücher.example.")?;
/// assert_eq!(domain.as_str(), "www.xn--bcher-kva.example");
/// assert_eq!(domain.to_unicode(), "www.bücher.example");
///
/// let error = DomainName::parse("https://example.com/").unwrap_err();
/// assert!(matches!(error, NameError::Url(..)));
/// # Ok::<(), NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(Arc<str>);

impl DomainName {
    /// Reads a domain name that a person or a program gave.
    ///
    /// # Errors
    ///
    /// A [`NameError`] that says what is wrong, where, and what to do.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        Self::parse_at(input, Place::new(1, 0))
    }

    /// Reads a name that begins at `start` of what was given.
    pub(super) fn parse_at(input: &str, start: Place) -> Result<Self, NameError> {
        if input.len() > MAX_INPUT {
            return Err(NameError::NameTooLong(input.len()));
        }
        check_shape(input, start)?;
        let name = input.strip_suffix(DOTS).unwrap_or(input);
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        check_labels(name, start)?;
        // Lengths are checked below, to say which label is too long.
        let ascii = Uts46::new()
            .to_ascii(
                name.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            )
            .map_err(|_| idn_fault(name, start))?;
        check_ascii(&ascii, name, start)?;
        Ok(Self(Arc::from(ascii)))
    }

    /// The name in lower-cased A-labels, without a final dot: the form for the DNS, for logs and
    /// for comparison.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in its own script, for a person to read. Equal to [`as_str`](Self::as_str) for an
    /// ASCII name.
    ///
    /// Different names can look alike in this form. Where a decision is made on it, show
    /// [`both_forms`](Self::both_forms).
    #[must_use]
    pub fn to_unicode(&self) -> String {
        let (unicode, outcome) = Uts46::new().to_unicode(
            self.0.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
        );
        match outcome {
            Ok(()) => unicode.into_owned(),
            Err(_) => self.0.to_string(),
        }
    }

    /// Both forms where they differ, else the one.
    ///
    /// ```
    /// # use dcv::name::DomainName;
    /// let domain = DomainName::parse("bücher.example")?;
    /// assert_eq!(domain.both_forms(), "bücher.example (xn--bcher-kva.example)");
    /// assert_eq!(DomainName::parse("example.com")?.both_forms(), "example.com");
    /// # Ok::<(), dcv::name::NameError>(())
    /// ```
    #[must_use]
    pub fn both_forms(&self) -> String {
        let unicode = self.to_unicode();
        if unicode == self.as_str() {
            unicode
        } else {
            format!("{unicode} ({self})")
        }
    }

    /// The labels, from the left. There is at least one.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The name without its first label; `None` for a name of one label.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0
            .split_once('.')
            .map(|(_, rest)| Self(Arc::from(rest)))
    }

    /// Whether this name is `ancestor` or below it.
    ///
    /// ```
    /// # use dcv::name::DomainName;
    /// let host = DomainName::parse("www.example.com")?;
    /// assert!(host.is_within(&DomainName::parse("example.com")?));
    /// assert!(!host.is_within(&DomainName::parse("ample.com")?));
    /// # Ok::<(), dcv::name::NameError>(())
    /// ```
    #[must_use]
    pub fn is_within(&self, ancestor: &Self) -> bool {
        self.relative_to(ancestor).is_some()
    }

    /// What stands left of `ancestor`, without the dot between; `""` for the ancestor itself.
    pub(super) fn relative_to(&self, ancestor: &Self) -> Option<&str> {
        let left = self.0.strip_suffix(ancestor.as_str())?;
        if left.is_empty() {
            Some(left)
        } else {
            left.strip_suffix('.')
        }
    }
}

impl FromStr for DomainName {
    type Err = NameError;

    fn from_str(input: &str) -> Result<Self, NameError> {
        Self::parse(input)
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainName({})", self.0)
    }
}

impl AsRef<str> for DomainName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Each label of `name` and where it begins.
fn places(name: &str, start: Place) -> impl Iterator<Item = (Place, &str)> {
    let mut offset = start.offset();
    name.split_inclusive(DOTS)
        .chain(name.ends_with(DOTS).then_some(""))
        .enumerate()
        .map(move |(index, piece)| {
            let place = Place::new(start.label() + index, offset);
            offset += piece.len();
            (place, piece.strip_suffix(DOTS).unwrap_or(piece))
        })
}

/// Refuses what is not meant as one host name at all: addresses, URLs, wildcards.
fn check_shape(input: &str, start: Place) -> Result<(), NameError> {
    if input.starts_with('[') || is_ipv6(input) {
        return Err(NameError::IpLiteral(excerpt(input)));
    }
    let url = [
        (UrlPart::Scheme, input.find("://")),
        (UrlPart::At, input.find('@')),
        (UrlPart::Path, input.find(['/', '\\'])),
        (UrlPart::Query, input.find('?')),
        (UrlPart::Fragment, input.find('#')),
        (UrlPart::Port, input.find(':')),
    ];
    for (part, found) in url {
        if let Some(offset) = found {
            return Err(NameError::Url(part, start.offset() + offset));
        }
    }
    if input
        .strip_prefix('*')
        .is_some_and(|rest| rest.starts_with(DOTS))
    {
        return Err(if start.label() == 1 {
            NameError::Wildcard(excerpt(input))
        } else {
            NameError::Asterisk(start)
        });
    }
    Ok(())
}

/// Checks the labels as they were given, where every fault has its place.
fn check_labels(name: &str, start: Place) -> Result<(), NameError> {
    for (place, label) in places(name, start) {
        if label.is_empty() {
            return Err(NameError::EmptyLabel(place));
        }
        for (index, character) in label.char_indices() {
            let here = Place::new(place.label(), place.offset() + index);
            match character {
                '-' if index == 0 => return Err(NameError::LeadingHyphen(here)),
                '-' if index + 1 == label.len() => return Err(NameError::TrailingHyphen(here)),
                'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => {}
                '_' => return Err(NameError::Underscore(here)),
                '*' => return Err(NameError::Asterisk(here)),
                c if c.is_control() => {
                    return Err(NameError::ControlCharacter(here, u32::from(c)));
                }
                c if c.is_whitespace() => return Err(NameError::Space(here)),
                c if c.is_ascii() => return Err(NameError::ForbiddenCharacter(here, c)),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The label for which UTS-46 refused `name`.
fn idn_fault(name: &str, start: Place) -> NameError {
    let refused = |label: &str| {
        Uts46::new()
            .to_ascii(
                label.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            )
            .is_err()
    };
    // A label can be refused for its neighbours only (mixed directions): then the first label
    // that is not plain ASCII stands for the whole.
    let suspect = |label: &str| !label.is_ascii() || is_a_label(label);
    let (place, label) = places(name, start)
        .find(|(_, label)| refused(label))
        .or_else(|| places(name, start).find(|(_, label)| suspect(label)))
        .unwrap_or((start, name));
    if is_a_label(label) {
        NameError::InvalidPunycode(place, excerpt(label))
    } else {
        NameError::InvalidIdn(place, excerpt(label))
    }
}

fn is_a_label(label: &str) -> bool {
    label
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"))
}

/// Checks the result of UTS-46, whatever it was mapped from.
fn check_ascii(ascii: &str, input: &str, start: Place) -> Result<(), NameError> {
    // The mapping keeps the labels apart where they were, except that a character such as U+2024
    // becomes a dot of its own; then the place of the last known label is told.
    let place_of = |index: usize| {
        let mut known = start;
        for (place, _) in places(input, start).take(index + 1) {
            known = place;
        }
        known
    };
    for (index, label) in ascii.split('.').enumerate() {
        if label.is_empty() {
            return Err(NameError::EmptyLabel(place_of(index)));
        }
        if label.len() > MAX_LABEL {
            return Err(NameError::LabelTooLong(place_of(index), label.len()));
        }
    }
    if ascii.len() > MAX_NAME {
        return Err(NameError::NameTooLong(ascii.len()));
    }
    if is_ipv4(ascii) {
        return Err(NameError::IpLiteral(excerpt(ascii)));
    }
    let last = ascii.rsplit('.').next().unwrap_or(ascii);
    if is_number(last) {
        let index = ascii.split('.').count() - 1;
        return Err(NameError::NumericLastLabel(place_of(index), excerpt(last)));
    }
    Ok(())
}

/// Whether `text` is written as an IPv6 address, perhaps with a zone. Nothing with two colons is a
/// name, so that it need not be a correct one.
fn is_ipv6(text: &str) -> bool {
    let (address, _zone) = text.split_once('%').unwrap_or((text, ""));
    address.matches(':').count() >= 2
        && address
            .bytes()
            .all(|octet| octet.is_ascii_hexdigit() || matches!(octet, b':' | b'.'))
}

/// Whether `text` is four decimal octets.
fn is_ipv4(text: &str) -> bool {
    text.split('.').count() == 4 && text.split('.').all(|octet| octet.parse::<u8>().is_ok())
}

/// Whether a lower-cased label reads as a number, as the URL standard decides it for IPv4.
fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x") {
        Some(hex) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}
