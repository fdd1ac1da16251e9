//! What is stored with a challenge.

use dcv::record::{Reading, RecordError, Syntax, Warning};

use super::{READINGS, SYNTAXES};

// K-01: the words that are stored with a challenge
#[test]
fn words_go_both_ways() {
    for syntax in SYNTAXES {
        assert_eq!(syntax.to_string().parse(), Ok(syntax));
    }
    for reading in READINGS {
        assert_eq!(reading.to_string().parse(), Ok(reading));
    }
    assert_eq!(
        (Syntax::default(), Reading::default()),
        (Syntax::Space, Reading::Lenient)
    );
    assert_eq!("comma".parse::<Syntax>(), Err(RecordError::UnknownSyntax));
    assert_eq!(
        "Strict".parse::<Reading>(),
        Err(RecordError::UnknownReading)
    );
    assert_eq!("other".parse::<Warning>(), Err(RecordError::UnknownWarning));
}

// K-01, S-4: what a constructor refuses does not come in through a file
#[cfg(feature = "serde")]
#[test]
fn words_serialise_as_strings_and_are_checked_on_the_way_in() {
    use std::fmt::Debug;

    use dcv::record::{Expiry, FormatId, Warnings};

    fn both_ways<T>(value: &T, json: &str)
    where
        T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug,
    {
        assert_eq!(serde_json::to_string(value).unwrap(), json);
        assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
    }
    both_ways(&Syntax::LegacyComma, r#""legacy-comma""#);
    both_ways(&Reading::Strict, r#""strict""#);
    both_ways(&Expiry::Never, r#""never""#);
    both_ways(&"2023-02-08".parse::<Expiry>().unwrap(), r#""2023-02-08""#);
    both_ways(&FormatId::new("svc.v1").unwrap(), r#""svc.v1""#);
    let warnings: Warnings = [Warning::StraySpace, Warning::LeadingSpace]
        .into_iter()
        .collect();
    both_ways(&warnings, r#"["leading-space","stray-space"]"#);
    assert!(serde_json::from_str::<Syntax>(r#""comma""#).is_err());
    assert!(serde_json::from_str::<FormatId>(r#""a b""#).is_err());
    assert!(serde_json::from_str::<Expiry>(r#""2023-02-30""#).is_err());
}
