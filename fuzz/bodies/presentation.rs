//! Zone-file text to character-strings and back.

use dcv::record::presentation::{character_strings, parse, quoted};

/// The most octets of the data of one record, with the length octets of its strings.
const MAX_DATA: usize = 65_535;

/// Takes `data` as record data to be written, and as text to be read.
pub(crate) fn run(data: &[u8]) {
    write(data);
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
}

fn write(data: &[u8]) {
    let strings: Vec<&[u8]> = character_strings(data).collect();
    assert_eq!(strings.concat(), data);
    assert!(!strings.is_empty() && strings.iter().all(|string| string.len() <= 255));
    let text = quoted(data).to_string();
    assert!(text.bytes().all(|octet| matches!(octet, 0x20..=0x7e)));
    if data.len() + strings.len() <= MAX_DATA {
        let again = parse(&text).expect("what was written");
        assert_eq!(again.joined(), data);
        assert!(again.strings().eq(strings));
    }
}

fn read(text: &str) {
    match parse(text) {
        Ok(data) => {
            assert!(data.strings().all(|string| string.len() <= 255));
            assert_eq!(data.strings().collect::<Vec<_>>().concat(), data.joined());
            assert!(data.joined().len() + data.strings().count() <= MAX_DATA);
            assert_eq!(parse(&data.to_string()), Ok(data));
        }
        Err(error) => {
            assert!(error.position().is_none_or(|at| at <= text.len()));
            assert!(error.to_string().len() < 200, "no echo of the text");
        }
    }
}
