//! What every form needs: what can be seen, and what is a link.

use super::Document;
use crate::record::escaped;

/// Text whose every character can be seen: any white space as one space, and what is invisible,
/// turns the direction of writing or has no meaning of its own as `\u{…}`.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !shown.ends_with(' ') {
                shown.push(' ');
            }
        } else if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The same for what is copied character by character: only a plain space stays as it is.
pub(super) fn literal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c != ' ' && (c.is_whitespace() || is_hidden(c)) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Code: lines of literals.
pub(super) fn code(text: &str) -> Vec<String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n').map(literal).collect()
}

/// Octets from the DNS: cut, then escaped (S-18). Without any, two quotation marks, which no
/// escaped octet shows as.
pub(super) fn data(octets: &[u8]) -> String {
    if octets.is_empty() {
        "\"\"".into()
    } else {
        escaped(octets, Document::MAX_DATA).to_string()
    }
}

/// Characters without a picture of their own, and those that change how others are read.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{10ffff}'
        )
}

/// Whether an address may become a link: `https`, and every character as a URL has it, so that
/// none can end the place where it stands.
pub(super) fn is_link(url: &str) -> bool {
    let rest = url.strip_prefix("https://");
    rest.is_some_and(|rest| !rest.is_empty())
        && url.bytes().all(|octet| {
            octet.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&()*+,;=%".contains(&octet)
        })
}
