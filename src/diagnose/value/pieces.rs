//! Looking for pieces of tokens, in one pass over the octets.

/// Pieces of a few letters and digits each, to be found in data in any case, whatever else stands
/// between their characters: neither blanks nor quotes nor anything invisible hides one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces {
    /// Those of one length together, sorted: as numbers, the last character in the lowest octet.
    by_length: Vec<(usize, Vec<u64>)>,
    /// One of them is empty, and so in everything.
    in_all: bool,
}

impl Pieces {
    /// The most characters of a piece: as many as stand in a number.
    pub(crate) const MAX: usize = size_of::<u64>();

    /// Adds every piece of so many characters of a text, or of all that it has; of a longer piece
    /// the last [`MAX`](Self::MAX) count.
    pub(crate) fn add_all(&mut self, text: impl Iterator<Item = u8>, characters: usize) {
        let kept: Vec<u8> = text.filter_map(small).collect();
        let length = characters.min(kept.len());
        if length == 0 {
            self.in_all = true;
            return;
        }
        for piece in kept.windows(length) {
            let number = piece.iter().fold(0, |number, one| next(number, *one));
            let length = length.min(Self::MAX);
            let same = self.by_length.iter_mut().find(|same| same.0 == length);
            match same {
                Some((_, numbers)) => numbers.push(number),
                None => self.by_length.push((length, vec![number])),
            }
        }
        for (_, numbers) in &mut self.by_length {
            numbers.sort_unstable();
            numbers.dedup();
        }
    }

    /// Whether one of them is in the data. It takes time for each octet once, whatever the data.
    pub(crate) fn is_in(&self, data: &[u8]) -> bool {
        let has = |(length, numbers): &(usize, Vec<u64>)| {
            let mask = u64::MAX >> (8 * (Self::MAX - length));
            let first = numbers.first().copied().unwrap_or_default();
            let single = numbers.len() == 1;
            let filter = Filter::of(numbers);
            let mut number = 0;
            // What is not there yet are zeros, which are in no piece.
            kept(data).any(|octet| {
                number = next(number, octet);
                let last = number & mask;
                if single {
                    last == first
                } else {
                    filter.may_have(last) && numbers.binary_search(&last).is_ok()
                }
            })
        };
        self.in_all || self.by_length.iter().any(has)
    }
}

/// Says of most numbers, without a search, that they are not among some.
struct Filter([u64; 16]);

impl Filter {
    fn of(numbers: &[u64]) -> Self {
        let mut filter = Self([0; 16]);
        for number in numbers {
            let (word, bit) = Self::place(*number);
            if let Some(word) = filter.0.get_mut(word) {
                *word |= bit;
            }
        }
        filter
    }

    fn may_have(&self, number: u64) -> bool {
        let (word, bit) = Self::place(number);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// By the last characters of a piece.
    fn place(number: u64) -> (usize, u64) {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
        let word = usize::try_from(mixed >> 6).unwrap_or_default();
        (word, 1 << (mixed & 63))
    }
}

fn next(number: u64, octet: u8) -> u64 {
    number << 8 | u64::from(octet)
}

/// Letters and digits alone, in small letters.
fn kept(data: &[u8]) -> impl Iterator<Item = u8> {
    data.iter().filter_map(|octet| small(*octet))
}

/// A letter in small, or a digit.
fn small(octet: u8) -> Option<u8> {
    let letter = octet | 0x20;
    if letter.wrapping_sub(b'a') < 26 {
        Some(letter)
    } else {
        Some(octet).filter(|octet| octet.wrapping_sub(b'0') < 10)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(texts: &[&str], characters: usize) -> Pieces {
        let mut pieces = Pieces::default();
        for text in texts {
            pieces.add_all(text.bytes(), characters);
        }
        pieces
    }

    #[test]
    fn pieces_are_found_in_disguise() {
        let pieces = of(&["abcdefghij", "k-l"], 8);
        for text in [
            "abcdefgh",
            "x ABCD\"e\u{200b}f.g h",
            "bcdefghi",
            "cdefghij",
            "kl",
            "xK_Lx",
        ] {
            assert!(pieces.is_in(text.as_bytes()), "{text}");
        }
        for text in ["", "abcdefg", "abcdefxgh", "k", "lk", "hgfedcba"] {
            assert!(!pieces.is_in(text.as_bytes()), "{text}");
        }
        assert!(of(&["--"], 8).is_in(b""), "what has no piece is everywhere");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        // The same as looking at every window.
        #[test]
        fn the_pass_finds_what_windows_find(
            text in "[abAB1-]{0,12}",
            data in "[abAB1 \u{ad}]{0,24}",
            length in 1_usize..9,
        ) {
            let (token, octets): (Vec<u8>, Vec<u8>) =
                (kept(text.as_bytes()).collect(), kept(data.as_bytes()).collect());
            let length = length.min(token.len());
            let found = length == 0
                || token.windows(length).any(|piece| octets.windows(length).any(|one| one == piece));
            prop_assert_eq!(of(&[&text], length.max(1)).is_in(data.as_bytes()), found);
        }
    }
}
