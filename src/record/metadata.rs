use super::grammar::{
    MAX_ATTRIBUTES, TOKEN, is_key_octet, is_value_octet, starts_with_token, trim_spaces,
};
use super::{Attribute, Form, Reading, Record, RecordError, Syntax, Warning, Warnings};

/// Reads the data of one TXT record: its character-strings joined without a separator (X-02).
///
/// In the space syntax (revisions -05 to -13) data that starts with `token=` holds a token and
/// attributes; any other data is a bare token as a whole, whatever it is made of (draft-13 §6.1.2,
/// K-04). The prefix is looked for before anything is split, so that a bare token may end in `==`
/// or contain `=` and spaces. In the legacy comma syntax (revision -04) the data holds attributes
/// when one of them is `token=`, in any place (K-03), and is a bare token otherwise.
///
/// Keys compare without ASCII case, values and bare tokens are what they are (K-05). A bare token
/// that belongs to somebody else is not an error: it differs from the one that is looked for.
/// Nothing is allocated.
///
/// # Errors
///
/// [`RecordError`] when the data is empty, or has a token and breaks the grammar under the
/// [`Reading`].
///
/// ```
/// use dcv::record::{parse, Reading, RecordError, Syntax, Warning};
///
/// let rdata = b"token=abc  expiry=never";
/// let error = parse(rdata, Syntax::Space, Reading::Strict).unwrap_err();
/// assert_eq!(error, RecordError::StraySpace { position: 10 });
///
/// let record = parse(rdata, Syntax::Space, Reading::Lenient)?;
/// assert_eq!(record.token(), b"abc");
/// assert!(record.warnings().contains(Warning::StraySpace));
/// # Ok::<(), RecordError>(())
/// ```
pub fn parse(rdata: &[u8], syntax: Syntax, reading: Reading) -> Result<Record<'_>, RecordError> {
    if syntax == Syntax::Space
        && let Some(record) = canonical(rdata)
    {
        return Ok(record);
    }
    general(rdata, syntax, reading)
}

/// The layout this crate writes, `token=<T>` and `token=<T> expiry=<E>`, read in one pass.
/// Anything else is left to [`general`], which agrees on what is read here.
fn canonical(rdata: &[u8]) -> Option<Record<'_>> {
    let (token, attributes) = split_value(rdata.strip_prefix(b"token=")?);
    if token.is_empty() {
        return None;
    }
    if !attributes.is_empty() {
        let (expiry, rest) = split_value(attributes.strip_prefix(b" expiry=")?);
        if expiry.is_empty() || !rest.is_empty() {
            return None;
        }
    }
    Some(Record {
        token,
        attributes,
        form: Form::KeyValue,
        syntax: Syntax::Space,
        warnings: Warnings::default(),
    })
}

/// Splits where the octets of a value end.
fn split_value(octets: &[u8]) -> (&[u8], &[u8]) {
    let end = octets
        .iter()
        .position(|&octet| !is_value_octet(octet))
        .unwrap_or(octets.len());
    octets.split_at_checked(end).unwrap_or((octets, &[]))
}

fn general(rdata: &[u8], syntax: Syntax, reading: Reading) -> Result<Record<'_>, RecordError> {
    let mut warnings = Warnings::default();
    let (body, start) = match reading {
        Reading::Strict => (rdata, 0),
        Reading::Lenient => {
            let (body, before, after) = trim_spaces(rdata);
            if before > 0 {
                warnings.insert(Warning::LeadingSpace);
            }
            if after > 0 {
                warnings.insert(Warning::TrailingSpace);
            }
            (body, before)
        }
    };
    if body.is_empty() {
        return Err(RecordError::Empty);
    }
    let has_token = match syntax {
        Syntax::Space => starts_with_token(body),
        Syntax::LegacyComma => body
            .split(|&octet| octet == b',')
            .any(|pair| match reading {
                Reading::Strict => starts_with_token(pair),
                Reading::Lenient => starts_with_token(trim_spaces(pair).0),
            }),
    };
    if has_token {
        Pairs {
            body,
            start,
            syntax,
            reading,
            warnings,
        }
        .read()
    } else {
        Ok(Record {
            token: body,
            attributes: &[],
            form: Form::Bare,
            syntax,
            warnings,
        })
    }
}

/// The pairs of a record that has a `token=` somewhere.
struct Pairs<'a> {
    body: &'a [u8],
    /// The offset of `body` in the record data.
    start: usize,
    syntax: Syntax,
    reading: Reading,
    warnings: Warnings,
}

impl<'a> Pairs<'a> {
    fn read(mut self) -> Result<Record<'a>, RecordError> {
        let separator = self.syntax.separator();
        let mut token = None;
        let mut keys = Keys::default();
        let mut next = self.start;
        for segment in self.body.split(|&octet| octet == separator) {
            let position = next;
            next = next.saturating_add(segment.len()).saturating_add(1);
            let Some((segment, position)) = self.without_spaces(segment, position)? else {
                continue;
            };
            let pair = Pair::read(segment, position)?;
            if pair.key.eq_ignore_ascii_case(TOKEN.as_bytes()) {
                if token.is_some() {
                    return Err(RecordError::DuplicateToken { position });
                }
                match pair.value {
                    Some(value) if !value.is_empty() => token = Some(value),
                    _ => {
                        return Err(RecordError::EmptyToken {
                            position: pair.value_position,
                        });
                    }
                }
                continue;
            }
            if pair.value.is_some_and(<[u8]>::is_empty) {
                match self.reading {
                    Reading::Strict => {
                        return Err(RecordError::EmptyValue {
                            position: pair.value_position,
                        });
                    }
                    Reading::Lenient => self.warnings.insert(Warning::EmptyAttributeValue),
                }
            }
            if !keys.insert(pair.key, position)? {
                match self.reading {
                    Reading::Strict => return Err(RecordError::DuplicateKey { position }),
                    Reading::Lenient => self.warnings.insert(Warning::DuplicateAttribute),
                }
            }
        }
        let token = token.ok_or(RecordError::EmptyToken {
            position: self.start,
        })?;
        Ok(Record {
            token,
            attributes: match self.syntax {
                Syntax::Space => after_token(self.body, token),
                Syntax::LegacyComma => self.body,
            },
            form: Form::KeyValue,
            syntax: self.syntax,
            warnings: self.warnings,
        })
    }

    /// The segment without what the reading forgives; nothing for a segment that is forgiven as a
    /// whole.
    fn without_spaces(
        &mut self,
        segment: &'a [u8],
        position: usize,
    ) -> Result<Option<(&'a [u8], usize)>, RecordError> {
        // At the end of the record there is no octet to point at but the separator before it.
        let last = self.start.saturating_add(self.body.len()).saturating_sub(1);
        match (self.syntax, self.reading) {
            (Syntax::Space, Reading::Strict) if segment.is_empty() => {
                Err(RecordError::StraySpace {
                    position: position.min(last),
                })
            }
            (Syntax::Space, Reading::Lenient) if segment.is_empty() => {
                self.warnings.insert(Warning::StraySpace);
                Ok(None)
            }
            (Syntax::Space, _) => Ok(Some((segment, position))),
            (Syntax::LegacyComma, reading) => {
                let (trimmed, before, after) = trim_spaces(segment);
                let position = position.saturating_add(before);
                if trimmed.is_empty() {
                    return Err(RecordError::EmptyPair {
                        position: position.min(last),
                    });
                }
                if before == 0 && after == 0 {
                    return Ok(Some((segment, position)));
                }
                if reading == Reading::Strict {
                    let position = match before {
                        0 => position.saturating_add(trimmed.len()),
                        _ => position.saturating_sub(before),
                    };
                    return Err(RecordError::StraySpace { position });
                }
                self.warnings.insert(Warning::StraySpace);
                Ok(Some((trimmed, position)))
            }
        }
    }
}

/// `key [ "=" value ]`, with its octets checked. An empty value is left to the caller.
struct Pair<'a> {
    key: &'a [u8],
    value: Option<&'a [u8]>,
    value_position: usize,
}

impl<'a> Pair<'a> {
    fn read(segment: &'a [u8], position: usize) -> Result<Self, RecordError> {
        let Attribute { key, value } = Attribute::split(segment);
        if key.is_empty() {
            return Err(RecordError::EmptyKey { position });
        }
        if let Some((offset, octet)) = find(key, |octet| !is_key_octet(octet)) {
            return Err(RecordError::KeyOctet {
                octet,
                position: position.saturating_add(offset),
            });
        }
        let value_position = position.saturating_add(key.len()).saturating_add(1);
        if let Some((offset, octet)) = find(value.unwrap_or_default(), |o| !is_value_octet(o)) {
            let position = value_position.saturating_add(offset);
            return Err(RecordError::ValueOctet { octet, position });
        }
        Ok(Self {
            key,
            value,
            value_position,
        })
    }
}

/// The keys seen so far. The bound keeps a hostile record from costing quadratic work.
#[derive(Default)]
struct Keys<'a> {
    seen: [&'a [u8]; MAX_ATTRIBUTES],
    count: usize,
}

impl<'a> Keys<'a> {
    /// Whether the key is new.
    fn insert(&mut self, key: &'a [u8], position: usize) -> Result<bool, RecordError> {
        if self
            .seen
            .iter()
            .take(self.count)
            .any(|seen| seen.eq_ignore_ascii_case(key))
        {
            return Ok(false);
        }
        let place = self
            .seen
            .get_mut(self.count)
            .ok_or(RecordError::TooManyAttributes { position })?;
        *place = key;
        self.count = self.count.saturating_add(1);
        Ok(true)
    }
}

fn find(octets: &[u8], wanted: impl Fn(u8) -> bool) -> Option<(usize, u8)> {
    octets
        .iter()
        .copied()
        .enumerate()
        .find(|&(_, octet)| wanted(octet))
}

/// What follows `token=<token>` in a body of the space syntax.
fn after_token<'a>(body: &'a [u8], token: &[u8]) -> &'a [u8] {
    let length = TOKEN.len().saturating_add(1).saturating_add(token.len());
    body.get(length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        // K-04, K-09: the fast path reads nothing that the general one reads otherwise
        #[test]
        fn canonical_and_general_agree(
            rdata in "(token=|TOKEN=)[!-~]{0,12}( |  |\t|,)?(expiry=|a=|)[ -~\u{e4}]{0,9}",
        ) {
            let rdata = rdata.as_bytes();
            if let Some(record) = canonical(rdata) {
                for reading in [Reading::Strict, Reading::Lenient] {
                    prop_assert_eq!(general(rdata, Syntax::Space, reading), Ok(record));
                }
            }
        }

        // K-04: the fast path reads what this crate writes
        #[test]
        fn canonical_reads_the_common_layout(
            token in "[a-z2-7]{1,52}",
            expiry in prop::option::of("never|20[0-9]{2}-01-31T12:00:00Z"),
        ) {
            let expiry = expiry.map(|expiry| format!(" expiry={expiry}")).unwrap_or_default();
            let rdata = format!("token={token}{expiry}");
            let record = canonical(rdata.as_bytes());
            prop_assert_eq!(record.map(|record| record.token), Some(token.as_bytes()));
        }
    }
}
