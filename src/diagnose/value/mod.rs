//! How like what is expected the data of one TXT record is.

mod characters;
mod mend;

use time::UtcDateTime;

use crate::challenge::{Challenge, Expectation, Form};
use crate::evaluate::{Case, compare_data};
use crate::record::{self, Notation, Reading};
use crate::token::{Token, TokenFingerprint};

use characters::{invisible, is_blank, is_invisible, is_quote, text};
use mend::{LEAST, Unseen, beginning, bones, mended};

/// What one record's data is, as seen from a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Likeness {
    /// What is expected.
    Proves,
    /// A token of the challenge that does not count any more.
    Retired {
        /// When it was issued.
        issued_at: UtcDateTime,
    },
    /// What is expected, but for these disturbances.
    Disturbed(Disturbed),
    /// Somebody's token, or what looks like one. Its fingerprints, the likeliest first; none when
    /// it cannot be anybody's.
    Token(Vec<TokenFingerprint>),
    /// Somebody else's record.
    Foreign,
}

/// What happened to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disturbed {
    pub(super) by: Disturbances,
    /// Where the invisible characters are.
    pub(super) characters: Option<String>,
    /// How many characters of the token are there, and of how many.
    pub(super) length: Option<(usize, usize)>,
}

/// A set of disturbances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Disturbances(u8);

impl Disturbances {
    pub(super) const QUOTES: Self = Self(1);
    pub(super) const WHITESPACE: Self = Self(1 << 1);
    pub(super) const INVISIBLE: Self = Self(1 << 2);
    pub(super) const CASE: Self = Self(1 << 3);
    pub(super) const SPLIT: Self = Self(1 << 4);
    pub(super) const TRUNCATED: Self = Self(1 << 5);
    pub(super) const EXTRA: Self = Self(1 << 6);

    /// Those that a mending undoes.
    const MENDABLE: u8 = 0b1_1111;

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Every set of mendable disturbances within `all`, the smallest first.
    fn within(all: Self) -> impl Iterator<Item = Self> {
        (0..=Self::MENDABLE.count_ones()).flat_map(move |size| {
            let sets = 0..=Self::MENDABLE;
            sets.filter(move |set| set.count_ones() == size && set & !all.0 == 0)
                .map(Self)
        })
    }
}

/// The most octets of a record that are looked at: several times as many as any token has.
const MAX_LOOKED_AT: usize = 768;

/// How many records of one inquiry are looked at closely: each takes its time, and a zone may be
/// full of those that are made to take it. People have one or two that are nearly right.
pub(super) const MAX_CLOSE_LOOKS: usize = 32;

/// What the data is, as seen from the challenge. Total, and its work is bounded: what may be the
/// value with mistakes in it takes one of the close looks that are left, and is a stranger's where
/// none is.
pub(super) fn likeness(case: &Case<'_>, data: &[u8], close_looks: &mut usize) -> Likeness {
    let expectations = case.challenge.expectations();
    let mut met = expectations.iter().filter(|one| proves(case, one, data));
    if let Some(first) = met.next() {
        let live = counts(case, first) || met.any(|one| counts(case, one));
        let issued_at = first.issued_at();
        return if live {
            Likeness::Proves
        } else {
            Likeness::Retired { issued_at }
        };
    }
    let text = looked_at(data);
    let live = || expectations.iter().filter(|one| counts(case, one));
    if has_a_head(case, &text) {
        let Some(left) = close_looks.checked_sub(1) else {
            return Likeness::Foreign;
        };
        *close_looks = left;
        if let Some(disturbed) = live().find_map(|one| disturbed(case, one, &text)) {
            return Likeness::Disturbed(disturbed);
        }
    }
    match live().find_map(|one| somebodys(case, one, &text)) {
        Some(fingerprints) => Likeness::Token(fingerprints),
        None => Likeness::Foreign,
    }
}

/// Whether the data of a TXT record is nothing to any finding.
#[cfg(feature = "serde")]
pub(crate) fn is_foreign(case: &Case<'_>, data: &[u8]) -> bool {
    // What takes a close look is kept without one.
    !has_a_head(case, &looked_at(data)) && likeness(case, data, &mut 0) == Likeness::Foreign
}

fn looked_at(data: &[u8]) -> String {
    text(data.get(..MAX_LOOKED_AT).unwrap_or(data))
}

/// Whether the beginning of a live token is in the text, in whatever disguise.
fn has_a_head(case: &Case<'_>, text: &str) -> bool {
    let text = bones(text);
    let expectations = case.challenge.expectations().iter();
    let mut live = expectations.filter(|one| counts(case, one));
    live.any(|expectation| {
        let token = bones(expectation.token().as_str());
        let head = token.get(..LEAST).unwrap_or(&token);
        !head.is_empty() && text.contains(head)
    })
}

/// Whether an expectation was not replaced by now. What a challenge's end means is said of the
/// challenge, not of its values.
fn counts(case: &Case<'_>, expectation: &Expectation) -> bool {
    expectation.retire_at().is_none_or(|end| case.now < end)
}

/// Whether the data meets an expectation, whatever the time.
fn proves(case: &Case<'_>, expectation: &Expectation, data: &[u8]) -> bool {
    let (reading, formats) = (case.rules.policy().reading(), case.rules.formats());
    compare_data(data, expectation, reading, formats).is_ok()
}

/// What stands before the token in a record of this expectation.
fn key<'a>(challenge: &'a Challenge, expectation: &Expectation) -> &'a str {
    match expectation.form() {
        Form::Draft(_) => "token=",
        Form::Exact => "",
        Form::Custom(_) => {
            let value = challenge.record().value();
            let parts = value.split_once(expectation.token().as_str());
            parts.map_or("", |(before, _)| before)
        }
    }
}

/// The fewest disturbances that make the text of what is expected.
fn disturbed(case: &Case<'_>, expectation: &Expectation, text: &str) -> Option<Disturbed> {
    let (token, key) = (
        expectation.token().as_str(),
        key(case.challenge, expectation),
    );
    let whole = format!("{key}{token}");
    let needles = [whole.as_str(), token];
    // Each mending is made once, and looked at in three ways.
    let mend = |set: Disturbances, unseen| mended(text, set, unseen, &needles);
    let mended: Vec<(Disturbances, String)> = Disturbances::within(possible(text))
        .map(|set| (set, mend(set, Unseen::Dropped)))
        .collect();
    let result = |by: Disturbances, length| Disturbed {
        by,
        characters: invisible(text).filter(|_| by.has(Disturbances::INVISIBLE)),
        length,
    };
    let right = mended.iter().find(|(set, dropped)| {
        let proves = |text: &str| proves(case, expectation, text.as_bytes());
        proves(dropped) || set.has(Disturbances::INVISIBLE) && proves(&mend(*set, Unseen::Spaces))
    });
    if let Some((set, _)) = right {
        return Some(result(*set, None));
    }
    // A piece of the token is mended by none of those that look for all of it.
    let cut = mended.iter().find_map(|(set, dropped)| {
        let length = beginning(dropped, key, token, *set)?;
        Some((*set, length))
    });
    if let Some((set, length)) = cut {
        let by = set.with(Disturbances::TRUNCATED);
        return Some(result(by, Some((length, token.len()))));
    }
    let (more, _) = mended.iter().find(|(_, dropped)| dropped.contains(token))?;
    Some(result(more.with(Disturbances::EXTRA), None))
}

/// What can have happened to a text, by the characters that it has.
fn possible(text: &str) -> Disturbances {
    let mut all = Disturbances::CASE;
    for (has, what) in [
        (text.contains(is_quote), Disturbances::QUOTES),
        (text.contains(is_invisible), Disturbances::INVISIBLE),
        (
            text.contains(is_blank) || text.contains(characters::is_odd_space),
            Disturbances::WHITESPACE.with(Disturbances::SPLIT),
        ),
    ] {
        if has {
            all = all.with(what);
        }
    }
    all
}

/// The fingerprints that a token of somebody's has, if the text is one.
fn somebodys(
    case: &Case<'_>,
    expectation: &Expectation,
    text: &str,
) -> Option<Vec<TokenFingerprint>> {
    let clean = Disturbances::QUOTES
        .with(Disturbances::WHITESPACE)
        .with(Disturbances::INVISIBLE);
    let text = mended(text, clean, Unseen::Dropped, &[]);
    let candidate = match expectation.form() {
        Form::Draft(syntax) => match record::parse(text.as_bytes(), *syntax, Reading::Lenient) {
            Ok(record) if record.notation() == Notation::KeyValue => Some(record.token()),
            Ok(record) => Some(record.token()).filter(|bare| is_alike(expectation, bare)),
            // It has the key, and so was to be a token.
            Err(record::RecordError::Empty) => None,
            Err(_) => return Some(Vec::new()),
        },
        Form::Exact => Some(text.as_bytes()).filter(|bare| is_alike(expectation, bare)),
        Form::Custom(id) => {
            let format = case.rules.formats().find(id.as_str())?;
            format.extract(text.as_bytes())
        }
    };
    let candidate = std::str::from_utf8(candidate?).ok()?;
    let fingerprint = |text: &str| {
        let token = Token::danger_fewer_than_128_bits(text).ok()?;
        Some(token.fingerprint())
    };
    let small = candidate.to_ascii_lowercase();
    let small = Some(small).filter(|small| small != candidate);
    let candidates = [
        fingerprint(candidate),
        small.and_then(|small| fingerprint(&small)),
    ];
    Some(candidates.into_iter().flatten().collect())
}

/// Whether a text without a key has the length and the alphabet of the expected token: other
/// people's records are seldom like that.
fn is_alike(expectation: &Expectation, bare: &[u8]) -> bool {
    let token = expectation.token().as_str().as_bytes();
    let is_small = !token.iter().any(u8::is_ascii_uppercase);
    let hex = |octet: &u8| matches!(octet, b'0'..=b'9' | b'a'..=b'f');
    let base32 = |octet: &u8| matches!(octet, b'a'..=b'z' | b'2'..=b'7');
    let url = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    let any = |octet: &u8| matches!(octet, 0x21..=0x7e);
    let alphabets: [fn(&u8) -> bool; 4] = [hex, base32, url, any];
    let Some(alphabet) = alphabets.iter().find(|holds| token.iter().all(holds)) else {
        return false;
    };
    let is_within = bare.iter().all(|octet| {
        let folded = if is_small {
            octet.to_ascii_lowercase()
        } else {
            *octet
        };
        alphabet(&folded)
    });
    let plain = std::str::from_utf8(bare).is_ok_and(|text| Token::new(text).is_ok());
    bare.len() == token.len() && is_within && plain
}
