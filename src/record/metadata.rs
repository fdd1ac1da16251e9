use super::grammar::{
    MAX_ATTRIBUTES, TOKEN, is_key_octet, is_value_octet, starts_with_token, trim_spaces,
};
use super::{Notation, Reading, Record, RecordError, Syntax, Warning, Warnings};

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
    let rest = rdata.strip_prefix(b"token=")?;
    let (token, rest) = rest.split_at_checked(value_length(rest, b' '))?;
    let attributes = match rest {
        [] => rest,
        [b' ', attributes @ ..] => attributes,
        _ => return None,
    };
    let is_read = rest.is_empty()
        || attributes
            .strip_prefix(b"expiry=")
            .is_some_and(|expiry| !expiry.is_empty() && value_length(expiry, b' ') == expiry.len());
    (is_read && !token.is_empty()).then_some(Record {
        token,
        attributes,
        notation: Notation::KeyValue,
        syntax: Syntax::Space,
        warnings: Warnings::default(),
    })
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
    let bare = Record {
        token: body,
        attributes: &[],
        notation: Notation::Bare,
        syntax,
        warnings,
    };
    let pairs = Pairs {
        body,
        rest: body,
        start,
        syntax,
        reading,
        warnings,
    };
    match syntax {
        Syntax::Space if !starts_with_token(body) => Ok(bare),
        Syntax::Space => pairs.read(),
        // The token may be anywhere: only what has none at all is bare.
        Syntax::LegacyComma => match pairs.read() {
            Err(error) if has_token_pair(body, reading) => Err(error),
            Err(_) => Ok(bare),
            read => read,
        },
    }
}

/// Whether there is a `token=` between the commas.
fn has_token_pair(body: &[u8], reading: Reading) -> bool {
    body.split(|&octet| octet == b',')
        .any(|pair| match reading {
            Reading::Strict => starts_with_token(pair),
            Reading::Lenient => starts_with_token(trim_spaces(pair).0),
        })
}

/// The pairs of a record that has a `token=` somewhere, read from left to right.
struct Pairs<'a> {
    body: &'a [u8],
    /// What is left of `body`.
    rest: &'a [u8],
    /// The offset of `body` in the record data.
    start: usize,
    syntax: Syntax,
    reading: Reading,
    warnings: Warnings,
}

/// `key [ "=" value ]`, with its octets checked. An empty value is left to the caller.
struct Pair<'a> {
    key: &'a [u8],
    value: Option<&'a [u8]>,
}

impl<'a> Pairs<'a> {
    fn read(mut self) -> Result<Record<'a>, RecordError> {
        let mut token = None;
        let mut attributes: &[u8] = &[];
        // Compared with each key behind them: values may be long, and are passed over once.
        let mut keys: [&[u8]; MAX_ATTRIBUTES] = [&[]; MAX_ATTRIBUTES];
        let mut count = 0_usize;
        loop {
            self.begin_pair()?;
            let position = self.position();
            let before = self.rest;
            let pair = self.pair()?;
            let value_position = position.saturating_add(pair.key.len()).saturating_add(1);
            if pair.key.eq_ignore_ascii_case(TOKEN.as_bytes()) {
                match pair.value {
                    _ if token.is_some() => return Err(RecordError::DuplicateToken { position }),
                    Some(value) if !value.is_empty() => token = Some(value),
                    _ => {
                        return Err(RecordError::EmptyToken {
                            position: value_position,
                        });
                    }
                }
            } else {
                match count {
                    0 => attributes = before,
                    MAX_ATTRIBUTES => return Err(RecordError::TooManyAttributes { position }),
                    _ if keys
                        .iter()
                        .take(count)
                        .any(|known| known.eq_ignore_ascii_case(pair.key)) =>
                    {
                        let error = RecordError::DuplicateKey { position };
                        self.forgive(Warning::DuplicateAttribute, error)?;
                    }
                    _ => {}
                }
                if let Some(place) = keys.get_mut(count) {
                    *place = pair.key;
                }
                count = count.saturating_add(1);
                if pair.value.is_some_and(<[u8]>::is_empty) {
                    let error = RecordError::EmptyValue {
                        position: value_position,
                    };
                    self.forgive(Warning::EmptyAttributeValue, error)?;
                }
            }
            if !self.end_pair()? {
                break;
            }
        }
        // Without a token the caller makes the record a bare one.
        let token = token.ok_or(RecordError::EmptyToken {
            position: self.start,
        })?;
        let (notation, syntax, warnings) = (Notation::KeyValue, self.syntax, self.warnings);
        Ok(Record {
            token,
            attributes,
            notation,
            syntax,
            warnings,
        })
    }

    /// Where the reader stands in the record data.
    fn position(&self) -> usize {
        let read = self.body.len().saturating_sub(self.rest.len());
        self.start.saturating_add(read)
    }

    /// Goes to the first octet of a pair. There has to be one: this is the start of the record, or
    /// behind a separator.
    fn begin_pair(&mut self) -> Result<(), RecordError> {
        self.skip_spaces()?;
        let position = self.position();
        match (self.syntax, self.rest.first()) {
            (Syntax::Space, None) => Err(RecordError::StraySpace {
                position: position.saturating_sub(1),
            }),
            (Syntax::LegacyComma, None) => Err(RecordError::EmptyPair {
                position: position.saturating_sub(1),
            }),
            (Syntax::LegacyComma, Some(b',')) => Err(RecordError::EmptyPair { position }),
            _ => Ok(()),
        }
    }

    /// Goes behind the separator after a pair; false at the end of the record.
    fn end_pair(&mut self) -> Result<bool, RecordError> {
        if self.syntax == Syntax::LegacyComma {
            self.skip_spaces()?;
        }
        match self.rest.split_first() {
            Some((_, rest)) => {
                self.rest = rest;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Reads a pair that ends where it should.
    fn pair(&mut self) -> Result<Pair<'a>, RecordError> {
        let key = self.take(
            self.rest
                .iter()
                .take_while(|&&octet| is_key_octet(octet))
                .count(),
        );
        let value = match self.rest.split_first() {
            Some((b'=', rest)) if !key.is_empty() => {
                self.rest = rest;
                Some(self.take(value_length(rest, self.syntax.separator())))
            }
            _ => None,
        };
        let after = match self.syntax {
            Syntax::Space => self.rest,
            Syntax::LegacyComma => trim_spaces(self.rest).0,
        };
        if after
            .first()
            .is_none_or(|&octet| octet == self.syntax.separator())
        {
            return Ok(Pair { key, value });
        }
        let position = self.position();
        Err(match (value, self.rest.first()) {
            (Some(_), Some(&octet)) => RecordError::ValueOctet { octet, position },
            (None, Some(&octet)) if octet != b'=' => RecordError::KeyOctet { octet, position },
            _ => RecordError::EmptyKey { position },
        })
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// Skips spaces where the grammar has none.
    fn skip_spaces(&mut self) -> Result<(), RecordError> {
        let position = self.position();
        let count = self.rest.iter().take_while(|&&octet| octet == b' ').count();
        if count > 0 {
            self.forgive(Warning::StraySpace, RecordError::StraySpace { position })?;
            self.take(count);
        }
        Ok(())
    }

    /// A warning under the lenient reading, an error under the strict one.
    const fn forgive(&mut self, warning: Warning, error: RecordError) -> Result<(), RecordError> {
        match self.reading {
            Reading::Strict => Err(error),
            Reading::Lenient => {
                self.warnings.insert(warning);
                Ok(())
            }
        }
    }
}

/// How many octets from the start can be in a value, and are not the separator.
fn value_length(octets: &[u8], separator: u8) -> usize {
    let is_inside = |octet: u8| is_value_octet(octet) & (octet != separator);
    // Whole blocks first, without a branch for every octet.
    let (blocks, _) = octets.as_chunks::<16>();
    let whole = blocks
        .iter()
        .take_while(|block| {
            block
                .iter()
                .fold(true, |all, &octet| all & is_inside(octet))
        })
        .count();
    let length = whole.saturating_mul(16);
    let rest = octets.get(length..).unwrap_or_default();
    length.saturating_add(rest.iter().take_while(|&&octet| is_inside(octet)).count())
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
