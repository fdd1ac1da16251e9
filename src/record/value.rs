use std::fmt;

use super::grammar::{
    EXPIRY, MAX_ATTRIBUTES, MAX_RDATA, TOKEN, is_key_octet, is_value_octet, starts_with_token,
};
use super::{Expiry, RecordError, Syntax};

/// The data of a validation record to publish: a token, when it may be removed, and attributes.
///
/// Every part is checked when it is added, so that none can carry another pair into the record
/// (K-06, K-09, K-11). A record has one token; several tokens need several records (X-06).
///
/// ```
/// use dcv::record::{RecordError, RecordValue, Syntax};
///
/// let value = RecordValue::new("abc")?;
/// let injected = value.clone().attribute("note", Some("x token=def")).unwrap_err();
/// assert_eq!(injected, RecordError::ValueOctet { octet: b' ', position: 1 });
///
/// let value = value.expiry("2030-01-31".parse()?)?.attribute("Flag", None)?;
/// assert_eq!(value.to_rdata(Syntax::Space)?, "token=abc expiry=2030-01-31 flag");
/// assert_eq!(value.to_rdata(Syntax::LegacyComma)?, "token=abc,expiry=2030-01-31,flag");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RecordValue {
    token: String,
    expiry: Option<Expiry>,
    attributes: Vec<(String, Option<String>)>,
}

impl RecordValue {
    /// A record for this token.
    ///
    /// # Errors
    ///
    /// [`RecordError::EmptyToken`], and [`RecordError::ValueOctet`] for anything but printable
    /// ASCII without space, `"` and `\`.
    pub fn new(token: &str) -> Result<Self, RecordError> {
        if token.is_empty() {
            return Err(RecordError::EmptyToken { position: 0 });
        }
        check_value(token)?;
        Ok(Self {
            token: token.to_owned(),
            expiry: None,
            attributes: Vec::new(),
        })
    }

    /// Says when the record may be removed (E-02).
    ///
    /// # Errors
    ///
    /// [`RecordError::DuplicateKey`] when that is said already, [`RecordError::ExpiryRange`] for
    /// years that RFC 3339 cannot write, [`RecordError::TooManyAttributes`].
    pub fn expiry(mut self, expiry: Expiry) -> Result<Self, RecordError> {
        if self.expiry.is_some() {
            return Err(RecordError::DuplicateKey { position: 0 });
        }
        if !expiry.is_writable() {
            return Err(RecordError::ExpiryRange);
        }
        self.check_room()?;
        self.expiry = Some(expiry);
        Ok(self)
    }

    /// Adds an attribute, with a value or without. The key is written in lower case (K-05).
    ///
    /// # Errors
    ///
    /// For a key that is empty, reserved, there already, or has other octets than ASCII letters,
    /// digits, `-` and `_`; for a value that is empty or has other octets than printable ASCII
    /// without space, `"` and `\`; and for more than [`MAX_ATTRIBUTES`] attributes.
    pub fn attribute(mut self, key: &str, value: Option<&str>) -> Result<Self, RecordError> {
        if key.is_empty() {
            return Err(RecordError::EmptyKey { position: 0 });
        }
        if let Some((position, octet)) = find(key, |octet| !is_key_octet(octet)) {
            return Err(RecordError::KeyOctet { octet, position });
        }
        let key = key.to_ascii_lowercase();
        if key == TOKEN || key == EXPIRY {
            return Err(RecordError::ReservedKey);
        }
        if self.attributes.iter().any(|(known, _)| *known == key) {
            return Err(RecordError::DuplicateKey { position: 0 });
        }
        if let Some(value) = value {
            if value.is_empty() {
                return Err(RecordError::EmptyValue { position: 0 });
            }
            check_value(value)?;
        }
        self.check_room()?;
        self.attributes.push((key, value.map(str::to_owned)));
        Ok(self)
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The record data with its `token` key: the token first, then the expiry, then the attributes
    /// in the order they were added (K-03).
    ///
    /// # Errors
    ///
    /// [`RecordError::Comma`] when a part holds a comma and the syntax is
    /// [`Syntax::LegacyComma`] (K-14), [`RecordError::TooLong`] past [`MAX_RDATA`] octets.
    pub fn to_rdata(&self, syntax: Syntax) -> Result<String, RecordError> {
        let mut rdata = String::new();
        push_pair(&mut rdata, TOKEN, Some(&self.token), syntax)?;
        if let Some(expiry) = self.expiry {
            push_pair(&mut rdata, EXPIRY, Some(&expiry.to_string()), syntax)?;
        }
        for (key, value) in &self.attributes {
            push_pair(&mut rdata, key, value.as_deref(), syntax)?;
        }
        check_length(&rdata)?;
        Ok(rdata)
    }

    /// The record data as the bare token, without a key (X-05).
    ///
    /// # Errors
    ///
    /// [`RecordError::BareWithAttributes`] when there is more than the token,
    /// [`RecordError::BareReadsAsPair`] for a token that starts with `token=` in any case (K-04),
    /// and those of [`to_rdata`](Self::to_rdata).
    pub fn to_bare(&self, syntax: Syntax) -> Result<String, RecordError> {
        if self.expiry.is_some() || !self.attributes.is_empty() {
            return Err(RecordError::BareWithAttributes);
        }
        if starts_with_token(self.token.as_bytes()) {
            return Err(RecordError::BareReadsAsPair);
        }
        check_comma(&self.token, 0, syntax)?;
        check_length(&self.token)?;
        Ok(self.token.clone())
    }

    fn check_room(&self) -> Result<(), RecordError> {
        let count = self
            .attributes
            .len()
            .saturating_add(usize::from(self.expiry.is_some()));
        if count < MAX_ATTRIBUTES {
            Ok(())
        } else {
            Err(RecordError::TooManyAttributes { position: 0 })
        }
    }
}

/// Without the token, which is nobody else's before it is published.
impl fmt::Debug for RecordValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordValue")
            .field("expiry", &self.expiry)
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

fn push_pair(
    rdata: &mut String,
    key: &str,
    value: Option<&str>,
    syntax: Syntax,
) -> Result<(), RecordError> {
    if !rdata.is_empty() {
        rdata.push(char::from(syntax.separator()));
    }
    rdata.push_str(key);
    if let Some(value) = value {
        rdata.push('=');
        check_comma(value, rdata.len(), syntax)?;
        rdata.push_str(value);
    }
    Ok(())
}

fn check_value(value: &str) -> Result<(), RecordError> {
    match find(value, |octet| !is_value_octet(octet)) {
        Some((position, octet)) => Err(RecordError::ValueOctet { octet, position }),
        None => Ok(()),
    }
}

/// `start` is the offset of the value in the record data.
fn check_comma(value: &str, start: usize, syntax: Syntax) -> Result<(), RecordError> {
    match value.find(',') {
        Some(offset) if syntax == Syntax::LegacyComma => Err(RecordError::Comma {
            position: start.saturating_add(offset),
        }),
        _ => Ok(()),
    }
}

fn check_length(rdata: &str) -> Result<(), RecordError> {
    if rdata.len() <= MAX_RDATA {
        Ok(())
    } else {
        Err(RecordError::TooLong {
            length: rdata.len(),
        })
    }
}

fn find(text: &str, wanted: impl Fn(u8) -> bool) -> Option<(usize, u8)> {
    text.bytes().enumerate().find(|&(_, octet)| wanted(octet))
}
