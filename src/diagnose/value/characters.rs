//! Characters that nobody means when they enter a value.

/// Octets as text. What is no UTF-8 is taken octet by octet: two invisible characters of Latin-1
/// as what they are, everything else as U+FFFD, which is like nothing that is expected.
pub(super) fn text(data: &[u8]) -> String {
    let mut text = String::with_capacity(data.len());
    for chunk in data.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|octet| match octet {
            0xa0 => '\u{a0}',
            0xad => '\u{ad}',
            _ => char::REPLACEMENT_CHARACTER,
        }));
    }
    text
}

/// White space that a keyboard or a line end makes.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// Quotation marks: straight, typographic and of the full width.
pub(super) fn is_quote(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | '`' | '\u{ab}' | '\u{bb}' | '\u{2018}'
            ..='\u{201f}'
                | '\u{2032}' | '\u{2033}' | '\u{2039}' | '\u{203a}' | '\u{300c}'
            ..='\u{300f}' | '\u{301d}'..='\u{301f}' | '\u{ff02}' | '\u{ff07}'
    )
}

/// A space that is none of the keyboard's: it may stand where a space belongs.
pub(super) fn is_odd_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// A character that is not seen: odd spaces, controls, and those that only format (Unicode's Cf
/// and Zs without the space, variation selectors and fillers).
pub(super) fn is_invisible(character: char) -> bool {
    let formats = matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}'
            | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    formats || is_odd_space(character) || character.is_control() && !is_blank(character)
}

/// Where the invisible characters are, for a person: `U+200B at position 5`, the first character
/// being number 1; at most four of them, and how many more.
pub(super) fn invisible(text: &str) -> Option<String> {
    const TOLD: usize = 4;
    let all = || {
        let numbered = text.chars().zip(1_usize..);
        numbered.filter(|(character, _)| is_invisible(*character))
    };
    let told = all().take(TOLD).map(|(character, position)| {
        format!("U+{:04X} at position {position}", u32::from(character))
    });
    let mut told = told.collect::<Vec<_>>().join(", ");
    let more = all().count().saturating_sub(TOLD);
    if more > 0 {
        told.push_str(&format!(" and {more} more"));
    }
    (!told.is_empty()).then_some(told)
}
