//! Undoing what panels, editors and web pages do to a value.

use super::Disturbances;
use super::characters::{is_blank, is_invisible, is_odd_space, is_quote};

/// How invisible characters are undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unseen {
    /// They came in addition.
    Dropped,
    /// They stand where a space belongs.
    Spaces,
}

/// The text without these disturbances. `needles` are what was to be there, the longest first.
pub(super) fn mended(
    text: &str,
    without: Disturbances,
    unseen: Unseen,
    needles: &[&str],
) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        // `\"` is how a zone file writes a quotation mark.
        let escape = character == '\\' && rest.peek().is_some_and(|next| is_quote(*next));
        if without.has(Disturbances::QUOTES) && (is_quote(character) || escape) {
            continue;
        }
        if without.has(Disturbances::INVISIBLE) && is_invisible(character) {
            if unseen == Unseen::Spaces && is_odd_space(character) {
                mended.push(' ');
            }
            continue;
        }
        mended.push(character);
    }
    if without.has(Disturbances::WHITESPACE) {
        let words = mended.split(is_blank).filter(|word| !word.is_empty());
        mended = words.collect::<Vec<_>>().join(" ");
    }
    let (case, split) = (
        without.has(Disturbances::CASE),
        without.has(Disturbances::SPLIT),
    );
    if case || split {
        let found = needles.iter().find_map(|needle| {
            let (start, end) = find(&mended, needle, case, split)?;
            let (before, after) = (mended.get(..start)?, mended.get(end..)?);
            Some(format!("{before}{needle}{after}"))
        });
        mended = found.unwrap_or(mended);
    }
    mended
}

/// Where the needle is in a text, perhaps in another case or with blanks in it.
fn find(text: &str, needle: &str, fold: bool, skip: bool) -> Option<(usize, usize)> {
    let is_same = |a: u8, b: u8| a == b || fold && a.eq_ignore_ascii_case(&b);
    let first = needle.bytes().next()?;
    let starts = text.bytes().enumerate();
    let mut starts = starts.filter(|(_, octet)| is_same(*octet, first));
    starts.find_map(|(start, _)| {
        let mut wanted = needle.bytes().peekable();
        for (offset, octet) in text.bytes().enumerate().skip(start) {
            match wanted.peek() {
                Some(next) if is_same(octet, *next) => {
                    wanted.next();
                }
                Some(_) if skip && is_blank(char::from(octet)) => {}
                Some(_) => return None,
                None => return Some((start, offset)),
            }
        }
        wanted.peek().is_none().then_some((start, text.len()))
    })
}

/// What stands where a panel shows a long value cut, and gets copied with it.
pub(super) const CUT: [char; 2] = ['.', '\u{2026}'];

/// The fewest characters that are taken for the beginning of a token.
pub(super) const LEAST: usize = 8;

/// How many characters of the token are there, when the text is a beginning of it and nothing
/// else.
pub(super) fn beginning(text: &str, key: &str, token: &str, undone: Disturbances) -> Option<usize> {
    let behind_key = match text.split_at_checked(key.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(key) => rest,
        _ => text,
    };
    let cut = behind_key.trim_end_matches(CUT);
    let there: String = if undone.has(Disturbances::SPLIT) {
        cut.chars()
            .filter(|character| !is_blank(*character))
            .collect()
    } else {
        cut.to_owned()
    };
    let head = token.get(..there.len())?;
    let is_head = if undone.has(Disturbances::CASE) {
        head.eq_ignore_ascii_case(&there)
    } else {
        head == there
    };
    (is_head && (LEAST..token.len()).contains(&there.len())).then_some(there.len())
}

/// The text in small letters, without anything that a mending could drop: where not even the
/// beginning of the token is in it, no mending leads there.
pub(super) fn bones(text: &str) -> impl Iterator<Item = char> {
    let kept = text.chars().filter(|&character| {
        !is_blank(character) && !is_quote(character) && !is_invisible(character)
    });
    kept.filter(|character| *character != '\\')
        .map(|character| character.to_ascii_lowercase())
}
