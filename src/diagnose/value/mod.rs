//! How like what is expected the data of one TXT record is.

mod characters;
mod mend;
mod pieces;
mod shape;

use std::collections::HashMap;

use time::UtcDateTime;

use crate::challenge::{Challenge, Expectation, Form};
use crate::evaluate::{Case, compare_data};
use crate::record::{self, Notation, Reading};
use crate::token::{Token, TokenFingerprint};

use characters::{invisible, is_blank, is_invisible, is_quote, text};
use mend::{CUT, LEAST, Unseen, beginning, bones, mended};
pub(crate) use pieces::Pieces;
use shape::Shape;

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
const MAX_CLOSE_LOOKS: usize = 32;

/// The most octets of all of these together.
const MAX_CLOSE_OCTETS: usize = 8 * 1024;

/// How many records of one inquiry are read as tokens of somebody's: several times as many as the
/// store is asked about, and as a diagnosis tells.
const MAX_TOKENS_READ: usize = 64;

/// Judges the values of one inquiry. What it does for each of them takes a few nanoseconds an
/// octet; what takes more is counted over all of them together (S-16).
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    case: Case<'a>,
    /// The beginnings of all tokens, whether they count or not.
    all_heads: Pieces,
    /// Of those that count; the same where nothing is said.
    live_heads: Option<Pieces>,
    known: HashMap<&'a [u8], Likeness>,
    close_looks: usize,
    close_octets: usize,
    tokens: usize,
}

/// What an expectation wants, in the forms in which it is looked for.
#[derive(Debug)]
struct Wanted<'a> {
    token: &'a str,
    key: &'a str,
    /// The key and the token.
    whole: String,
    token_bones: String,
    key_bones: String,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(case: Case<'a>) -> Self {
        let expectations = case.challenge.expectations();
        let all_count = expectations.iter().all(|one| counts(&case, one));
        Self {
            case,
            all_heads: heads(expectations.iter()),
            live_heads: (!all_count).then(|| heads(live(&case))),
            known: HashMap::new(),
            close_looks: MAX_CLOSE_LOOKS,
            close_octets: MAX_CLOSE_OCTETS,
            tokens: MAX_TOKENS_READ,
        }
    }

    /// What the data is, as seen from the challenge. The same data is judged once.
    pub(super) fn known(&mut self, data: &'a [u8]) -> Likeness {
        // Of one observation each record is another.
        if self.case.seen.len() == 1 {
            return self.like(data);
        }
        if let Some(known) = self.known.get(data) {
            return known.clone();
        }
        let like = self.like(data);
        self.known.insert(data, like.clone());
        like
    }

    /// The same of data that may be gone soon. Total: what may be the value with mistakes in it
    /// takes one of the close looks that are left, and is a stranger's where none is.
    pub(super) fn like(&mut self, data: &[u8]) -> Likeness {
        // Where there is no beginning of a token, there is none.
        let has_head = self.all_heads.is_in(data);
        if has_head && let Some(exact) = self.exact(data) {
            return exact;
        }
        let beginning = beginning_of(data);
        if has_head && self.has_head(beginning) {
            let looks = self.close_looks.checked_sub(1);
            let octets = self.close_octets.checked_sub(beginning.len());
            let (Some(looks), Some(octets)) = (looks, octets) else {
                return Likeness::Foreign;
            };
            (self.close_looks, self.close_octets) = (looks, octets);
            let text = text(beginning);
            let mut live = live(&self.case);
            if let Some(disturbed) = live.find_map(|one| disturbed(&self.case, one, &text)) {
                return Likeness::Disturbed(disturbed);
            }
        }
        let Some(left) = self.tokens.checked_sub(1) else {
            return Likeness::Foreign;
        };
        match self.somebodys(beginning) {
            Some(fingerprints) => {
                self.tokens = left;
                Likeness::Token(fingerprints)
            }
            None => Likeness::Foreign,
        }
    }

    /// Whether the data of a TXT record is nothing to any finding, however many more there are:
    /// neither what would take a close look, nor anybody's token.
    #[cfg(feature = "serde")]
    pub(crate) fn is_foreign(&self, data: &[u8]) -> bool {
        let beginning = beginning_of(data);
        let is_ours =
            self.all_heads.is_in(data) && (self.has_head(beginning) || self.exact(data).is_some());
        !is_ours && self.somebodys(beginning).is_none()
    }

    /// Whether the beginning of a token that counts is in the data, in whatever disguise.
    fn has_head(&self, data: &[u8]) -> bool {
        let heads = self.live_heads.as_ref().unwrap_or(&self.all_heads);
        heads.is_in(data)
    }

    /// A token of the challenge, as it has to be.
    fn exact(&self, data: &[u8]) -> Option<Likeness> {
        let case = &self.case;
        let expectations = case.challenge.expectations().iter();
        let mut met = expectations.filter(|one| proves(case, one, data));
        let first = met.next()?;
        let live = counts(case, first) || met.any(|one| counts(case, one));
        let issued_at = first.issued_at();
        Some(if live {
            Likeness::Proves
        } else {
            Likeness::Retired { issued_at }
        })
    }

    /// The fingerprints that a token of somebody's has, if the data is one.
    fn somebodys(&self, data: &[u8]) -> Option<Vec<TokenFingerprint>> {
        let shape = Shape::of(data);
        let live = live(&self.case);
        let mut live = live.filter(|one| shape.may_be(one)).peekable();
        live.peek()?;
        let clean = Disturbances::QUOTES
            .with(Disturbances::WHITESPACE)
            .with(Disturbances::INVISIBLE);
        let text = mended(&text(data), clean, Unseen::Dropped, &[]);
        live.find_map(|one| somebodys(&self.case, one, &text))
    }
}

impl<'a> Wanted<'a> {
    fn of(challenge: &'a Challenge, expectation: &'a Expectation) -> Self {
        let (token, key) = (expectation.token().as_str(), key(challenge, expectation));
        Self {
            token,
            key,
            whole: format!("{key}{token}"),
            token_bones: bones(token).collect(),
            key_bones: bones(key).collect(),
        }
    }

    /// Whether a text of these bones may be the token and more, and whether it may be a beginning
    /// of it: no mending makes of it what is not in its bones.
    fn may_be_in(&self, text: &str) -> (bool, bool) {
        let token = self.token_bones.as_str();
        let is_cut = |text: &str| token.starts_with(text.trim_end_matches(CUT));
        let behind = text.strip_prefix(self.key_bones.as_str());
        (
            text.contains(token),
            is_cut(text) || behind.is_some_and(is_cut),
        )
    }
}

/// The expectations that count.
fn live<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Expectation> {
    let case = *case;
    let expectations = case.challenge.expectations().iter();
    expectations.filter(move |one| counts(&case, one))
}

/// The beginnings of tokens.
fn heads<'a>(expectations: impl Iterator<Item = &'a Expectation>) -> Pieces {
    let mut heads = Pieces::default();
    for one in expectations {
        let head = bones(one.token().as_str()).take(LEAST);
        heads.add_all(head.filter_map(|one| u8::try_from(one).ok()), LEAST);
    }
    heads
}

fn beginning_of(data: &[u8]) -> &[u8] {
    data.get(..MAX_LOOKED_AT).unwrap_or(data)
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
    let wanted = Wanted::of(case.challenge, expectation);
    let (is_whole, is_cut) = wanted.may_be_in(&bones(text).collect::<String>());
    if !is_whole && !is_cut {
        return None;
    }
    let (token, key) = (wanted.token, wanted.key);
    let needles = [wanted.whole.as_str(), token];
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
    let right = mended.iter().filter(|_| is_whole).find(|(set, dropped)| {
        let proves = |text: &str| proves(case, expectation, text.as_bytes());
        proves(dropped) || set.has(Disturbances::INVISIBLE) && proves(&mend(*set, Unseen::Spaces))
    });
    if let Some((set, _)) = right {
        return Some(result(*set, None));
    }
    // A piece of the token is mended by none of those that look for all of it.
    let cut = mended.iter().filter(|_| is_cut).find_map(|(set, dropped)| {
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

/// The fingerprints that a token of somebody's has, if the text is one, cleaned of what panels
/// add.
fn somebodys(
    case: &Case<'_>,
    expectation: &Expectation,
    text: &str,
) -> Option<Vec<TokenFingerprint>> {
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
