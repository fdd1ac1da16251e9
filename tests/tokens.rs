//! Tokens: their form, their strength, how they are drawn and how they are compared.

use std::collections::HashSet;
use std::sync::Arc;

use dcv::name::{AccountId, DomainName, OwnerName, Scope};
use dcv::system::{RandomTokens, random_challenge_id};
use dcv::token::{
    ChallengeId, Encoding, LabelToken, Token, TokenError, TokenFingerprint, TokenGenerator,
    TokenPurpose, TokenRequest,
};
use proptest::prelude::*;
use time::UtcDateTime;

const TEXT: &str = "mzxw6ytboi4dsnzwgqzdgmrtgi";

/// The first word of an error's `Debug` form, `ok` for success.
fn outcome<T>(result: &Result<T, TokenError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let shown = format!("{error:?}");
            let end = shown.find(['(', ' ']).unwrap_or(shown.len());
            shown[..end].to_owned()
        }
    }
}

// T-01, T-06, T-11, T-12: what a token may be, as such and as a label (T-03, T-05, M-03).
const FORMS: &[(&str, &str, &str)] = &[
    // 128 bits in each alphabet, and one character less
    ("314159265358979323846264338327950288419", "ok", "ok"),
    ("31415926535897932384626433832795028841", "TooWeak", "ok"),
    ("9f86d081884c7d659a2feaa0c55ad015", "ok", "ok"),
    ("9F86D081884C7D659A2FEAA0C55AD015", "ok", "Character"),
    ("9f86d081884c7d659a2feaa0c55ad01", "TooWeak", "ok"),
    ("mzxw6ytboi4dsnzwgqzdgmrtgi", "ok", "ok"),
    ("MZXW6YTBOI4DSNZWGQZDGMRTGI", "ok", "Character"),
    ("mzxw6ytboi4dsnzwgqzdgmrtg", "TooWeak", "ok"),
    ("bm90LWZvci1hLWxhYmVs-A", "ok", "Character"),
    ("bm90LWZvci1hLWxhYmVs_A", "ok", "Character"),
    ("bm90LWZvci1hLWxhYmVs/A", "ok", "Character"),
    ("bm90LWZvci1hLWxhYmVs+A", "ok", "Character"),
    ("bm90LWZvci1hLWxhYmVsA", "TooWeak", "Character"),
    ("bm90!WZvci1hLWxhYmVs", "ok", "Character"),
    ("bm90!WZvci1hLWxhYmV", "TooWeak", "Character"),
    // padding is text like any other, and carries nothing (K-04)
    ("bm90LWZvci1hLWxhYmVsAg==", "ok", "Character"),
    ("bm90LWZvci1hLWxhYmVsA===", "TooWeak", "Character"),
    ("ZXhhbXBsZS5jb20uCg==", "TooWeak", "Character"),
    // a URI of the provider's own may be a token (T-08)
    (
        "https://github.com/publicsuffix/list/pull/100",
        "ok",
        "Character",
    ),
    ("example-saas=mzxw6ytboi4dsnzwgqzdgmrtgi", "ok", "Character"),
    // long enough, and not random
    ("aaaaaaaaaaaaaaaaaaaaaaaa", "TooWeak", "Repetitive"),
    (
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "Repetitive",
        "Repetitive",
    ),
    ("abcdeabcdeabcdeabcdeabcdeabcdeabcde", "Repetitive", "ok"),
    ("abcdefabcdefabcdefabcdefabcdefabcdef", "ok", "ok"),
    ("abcabcabcabcabcabcabc", "TooWeak", "Repetitive"),
    // guessable
    ("letmein", "TooWeak", "LabelTooShort"),
    ("a", "TooWeak", "LabelTooShort"),
    // what the grammar has no place for
    ("", "Empty", "LabelTooShort"),
    ("mzxw6ytboi4ds nzwgqzdgmrtgi", "Character", "Character"),
    ("mzxw6ytboi4ds\tnzwgqzdgmrtgi", "Character", "Character"),
    ("mzxw6ytboi4ds\"nzwgqzdgmrtgi", "Character", "Character"),
    ("mzxw6ytboi4ds\\nzwgqzdgmrtgi", "Character", "Character"),
    ("mzxw6ytboi4ds\u{7f}nzwgqzdgmrtgi", "Character", "Character"),
    ("mzxw6ytboi4ds\u{e9}nzwgqzdgmrtgi", "Character", "Character"),
    (
        "_mzxw6ytboi4dsnzwgqzdgmrtgi",
        "LeadingUnderscore",
        "Character",
    ),
    (
        "token=mzxw6ytboi4dsnzwgqzdgmrtgi",
        "ReadsAsPair",
        "Character",
    ),
    (
        "ToKeN=mzxw6ytboi4dsnzwgqzdgmrtgi",
        "ReadsAsPair",
        "Character",
    ),
    ("tokens=mzxw6ytboi4dsnzwgqzdgmrtgi", "ok", "Character"),
    // labels: 80 bits in each alphabet
    ("ujmmovf2vn55tgye", "TooWeak", "ok"),
    ("ujmmovf2vn55tgy", "TooWeak", "LabelTooShort"),
    ("9f86d081884c7d659a2f", "TooWeak", "ok"),
    ("9f86d081884c7d659a2", "TooWeak", "LabelTooShort"),
    // hexadecimal digits that base32 has too count as base32
    ("abcdef234567abcd", "TooWeak", "ok"),
    // what could have another meaning
    ("ujmmovf2vn55-challenge", "ok", "Character"),
    // base32 and base16 mixed
    ("zxw6ytboi4dsnz09", "TooWeak", "Character"),
];

// T-01, T-03, T-05, T-06, T-08, T-11, T-12, M-03
#[test]
fn a_token_has_its_form_and_its_strength() {
    for (text, token, label) in FORMS {
        assert_eq!(outcome(&Token::new(text)), *token, "{text:?} as a token");
        assert_eq!(
            outcome(&LabelToken::new(text)),
            *label,
            "{text:?} as a label"
        );
    }
}

// T-01, T-10: the opt-out forgives weakness and nothing else.
#[test]
fn a_weak_token_must_be_asked_for_by_name() {
    for (text, token, _) in FORMS {
        let expected = match *token {
            "TooWeak" | "Repetitive" => "ok",
            other => other,
        };
        assert_eq!(
            outcome(&Token::danger_fewer_than_128_bits(text)),
            expected,
            "{text:?}"
        );
    }
}

// T-05: 256 bits fit a label in base32 and not in hexadecimal; a value may fill one string.
#[test]
fn lengths_end_where_a_label_and_a_string_end() {
    let text: String = TEXT.chars().cycle().take(256).collect();
    assert_eq!(outcome(&Token::new(&text[..255])), "ok");
    assert!(matches!(
        Token::new(&text),
        Err(TokenError::TooLong { len: 256 })
    ));
    assert_eq!(outcome(&LabelToken::new(&text[..62])), "ok");
    let error = LabelToken::new(&text[..63]).unwrap_err();
    assert!(matches!(error, TokenError::LabelTooLong { len: 63 }));

    let random: Vec<u8> = (0..32).collect();
    let base32 = Token::new(&Encoding::Base32.encode(&random)).unwrap();
    assert_eq!(
        LabelToken::try_from(&base32).unwrap().as_str(),
        base32.as_str()
    );
    let base16 = Token::new(&Encoding::Base16.encode(&random)).unwrap();
    assert_eq!(
        LabelToken::try_from(&base16).unwrap_err().to_string(),
        "the token has 64 characters: a label takes 62 behind its underscore, so use base32, or \
         at most 31 bytes in hexadecimal",
    );
}

// T-12: whole, exact, case-sensitive, and never nothing.
#[test]
fn only_the_whole_token_matches() {
    let token = Token::new(TEXT).unwrap();
    assert!(token.matches(TEXT.as_bytes()));
    for other in [
        "",
        "m",
        "mzxw6ytboi4dsnzwgqzdgmrtg",
        "zxw6ytboi4dsnzwgqzdgmrtgi",
        "mzxw6ytboi4dsnzwgqzdgmrtgia",
        "amzxw6ytboi4dsnzwgqzdgmrtgi",
        "mzxw6ytboi4dsnzwgqzdgmrtgi=",
        " mzxw6ytboi4dsnzwgqzdgmrtgi",
        "mzxw6ytboi4dsnzwgqzdgmrtgi\0",
        "\"mzxw6ytboi4dsnzwgqzdgmrtgi\"",
        "MZXW6YTBOI4DSNZWGQZDGMRTGI",
        "mzxw6ytboi4dsnzwgqzdgmrtgj",
        "token=mzxw6ytboi4dsnzwgqzdgmrtgi",
    ] {
        assert!(!token.matches(other.as_bytes()), "{other:?}");
    }
    // Other text for the same bytes is another token.
    let stray = Token::new("mzxw6ytboi4dsnzwgqzdgmrtgj").unwrap();
    assert_ne!(token, stray);
    assert_eq!(token, token.clone());
}

// T-12, I-03, S-17: a token shows itself only where it is asked to.
#[test]
fn a_token_does_not_show_itself() {
    let token = Token::new(TEXT).unwrap();
    let label = LabelToken::new(TEXT).unwrap();
    assert_eq!(
        token.fingerprint().to_string(),
        "1b6896c6c1a16764da125402f861236e8876bf9a6cfb5c07074aa41bd32705c4",
    );
    assert_eq!(label.fingerprint(), token.fingerprint());
    assert_eq!(format!("{token:?}"), "Token(1b6896c6)");
    assert_eq!(format!("{label:?}"), "LabelToken(1b6896c6)");
    let error = Token::new(&format!("{TEXT} ")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TEXT));
    assert_eq!(
        error.to_string(),
        "character 27 of the token is U+0020: a token has printable ASCII characters other than \
         space, `\"` and `\\`",
    );
}

// T-02, T-04: RFC 4648 §10, lower-case and unpadded; the last rows are the matrix's own.
#[test]
fn encodings_are_lower_case_and_unpadded() {
    for (bytes, base32, base16, base64url) in [
        ("", "", "", ""),
        ("f", "my", "66", "Zg"),
        ("fo", "mzxq", "666f", "Zm8"),
        ("foo", "mzxw6", "666f6f", "Zm9v"),
        ("foob", "mzxw6yq", "666f6f62", "Zm9vYg"),
        ("fooba", "mzxw6ytb", "666f6f6261", "Zm9vYmE"),
        ("foobar", "mzxw6ytboi", "666f6f626172", "Zm9vYmFy"),
        (
            "example.com.\n",
            "mv4gc3lqnrss4y3pnuxau",
            "6578616d706c652e636f6d2e0a",
            "ZXhhbXBsZS5jb20uCg",
        ),
    ] {
        for (encoding, expected) in [
            (Encoding::Base32, base32),
            (Encoding::Base16, base16),
            (Encoding::Base64Url, base64url),
        ] {
            assert_eq!(encoding.encode(bytes.as_bytes()), expected);
            assert_eq!(encoding.encoded_len(bytes.len()), expected.len());
        }
    }
    // T-01: 16, 20 and 32 bytes.
    for (bytes, lengths) in [(16, [32, 26, 22]), (20, [40, 32, 27]), (32, [64, 52, 43])] {
        let encodings = [Encoding::Base16, Encoding::Base32, Encoding::Base64Url];
        assert_eq!(
            encodings.map(|encoding| encoding.encoded_len(bytes)),
            lengths
        );
    }
    assert!(Encoding::Base32.is_label_safe() && Encoding::Base16.is_label_safe());
    assert!(!Encoding::Base64Url.is_label_safe());
}

// M-02: the label of dns-account-01.
#[test]
fn an_account_becomes_a_label() {
    for (account, label) in [
        (
            "https://example.com/acme/acct/ExampleAccount",
            "ujmmovf2vn55tgye",
        ),
        ("http://localhost:4000/acme/acct/1", "vkbgbqfhr6yv2asd"),
        (
            "https://acme-v02.api.letsencrypt.org/acme/acct/12345",
            "lvrajhh53e27yh7f",
        ),
        (
            "https://acme-staging-v02.api.letsencrypt.org/acme/acct/67890",
            "2slyxozq54jc5ljm",
        ),
    ] {
        let token = LabelToken::from_account_hash(account);
        assert_eq!(token.as_str(), label);
        assert_eq!(LabelToken::from_account_hash(account.as_bytes()), token);
        assert_eq!(LabelToken::new(label).unwrap(), token);
    }
}

// S-17: one id has one text.
#[test]
fn an_id_has_one_text() {
    let id = ChallengeId::from_bytes([0xab; 16]);
    let text = "vov2xk5lvov2xk5lvov2xk5lvm";
    assert_eq!(id.to_string(), text);
    assert_eq!(format!("{id:?}"), format!("ChallengeId({text})"));
    assert_eq!(text.parse::<ChallengeId>().unwrap(), id);
    for other in [
        "",
        "vov2xk5lvov2xk5lvov2xk5lv",
        "vov2xk5lvov2xk5lvov2xk5lvmm",
        "VOV2XK5LVOV2XK5LVOV2XK5LVM",
        "vov2xk5lvov2xk5lvov2xk5lvn",
        "vov2xk5lvov2xk5lvov2xk5lvm=",
        "vov2xk5lvov2xk5lvov2xk5lv1",
        " vov2xk5lvov2xk5lvov2xk5lv",
        "vov2xk5lvov2xk5lvov2xk5l\u{e9}",
    ] {
        let error = other.parse::<ChallengeId>().unwrap_err();
        assert!(matches!(error, TokenError::ChallengeId), "{other:?}");
    }
    let fingerprint = TokenFingerprint::from_bytes([0x5a; 32]);
    assert_eq!(fingerprint.to_string(), "5a".repeat(32));
    for other in [
        String::new(),
        "5A".repeat(32),
        "5a".repeat(31),
        "5a".repeat(33),
    ] {
        let error = other.parse::<TokenFingerprint>().unwrap_err();
        assert!(matches!(error, TokenError::Fingerprint), "{other:?}");
    }
}

// T-01, T-03, T-05: lengths of drawn tokens, as values and as labels.
#[test]
fn drawn_tokens_fit_their_place() {
    for (bytes, encoding, value, label) in [
        (16, Encoding::Base32, 26, 26),
        (25, Encoding::Base32, 40, 40),
        (32, Encoding::Base32, 52, 52),
        (64, Encoding::Base32, 103, 61),
        (16, Encoding::Base16, 32, 32),
        (31, Encoding::Base16, 62, 62),
        (32, Encoding::Base16, 64, 52),
        (64, Encoding::Base16, 128, 61),
        (16, Encoding::Base64Url, 22, 26),
        (32, Encoding::Base64Url, 43, 52),
    ] {
        let tokens = RandomTokens::new()
            .with_bytes(bytes)
            .unwrap()
            .with_encoding(encoding);
        let drawn = tokens.draw(TokenPurpose::Value).unwrap();
        assert_eq!(drawn.as_str().len(), value);
        assert_eq!(Token::new(drawn.as_str()).unwrap(), drawn);
        let drawn = tokens.draw(TokenPurpose::Label).unwrap();
        assert_eq!(drawn.as_str().len(), label);
        assert_eq!(
            LabelToken::try_from(&drawn).unwrap().as_str(),
            drawn.as_str()
        );
    }
    let default = RandomTokens::default().draw(TokenPurpose::Value).unwrap();
    assert_eq!(default.as_str().len(), 40);
    assert!(LabelToken::try_from(&default).is_ok());
}

// T-01: fewer than 128 bits only by a name that says so.
#[test]
fn a_generator_refuses_to_be_weak() {
    for (bytes, expected) in [
        (0, "TooFewBytes"),
        (15, "TooFewBytes"),
        (16, "ok"),
        (64, "ok"),
        (65, "TooManyBytes"),
        (usize::MAX, "TooManyBytes"),
    ] {
        assert_eq!(
            outcome(&RandomTokens::new().with_bytes(bytes)),
            expected,
            "{bytes}"
        );
    }
    assert_eq!(
        RandomTokens::new().with_bytes(8).unwrap_err().to_string(),
        "8 random bytes are fewer than 128 bits: use at least 16",
    );
    let weak = |bytes| RandomTokens::new().danger_fewer_than_128_bits(bytes);
    assert_eq!(outcome(&weak(0)), "Empty");
    assert_eq!(outcome(&weak(65)), "TooManyBytes");
    let six = weak(6).unwrap();
    assert_eq!(six.draw(TokenPurpose::Value).unwrap().as_str().len(), 10);
    assert_eq!(outcome(&six.draw(TokenPurpose::Label)), "LabelTooShort");
    assert_eq!(outcome(&weak(10).unwrap().draw(TokenPurpose::Label)), "ok");
}

// T-06: no two alike; and none begins with an underscore, in any encoding.
#[test]
fn drawn_values_differ() {
    for encoding in [Encoding::Base32, Encoding::Base16, Encoding::Base64Url] {
        let tokens = RandomTokens::new().with_encoding(encoding);
        let drawn: HashSet<String> = (0..2_000)
            .map(|_| {
                tokens
                    .draw(TokenPurpose::Value)
                    .unwrap()
                    .as_str()
                    .to_owned()
            })
            .collect();
        assert_eq!(drawn.len(), 2_000);
        assert!(drawn.iter().all(|text| Token::new(text).is_ok()));
    }
    let ids: HashSet<ChallengeId> = (0..2_000).map(|_| random_challenge_id().unwrap()).collect();
    assert_eq!(ids.len(), 2_000);
}

/// An application's own generator, which uses everything a request has.
#[derive(Debug)]
struct Spelled;

impl TokenGenerator for Spelled {
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
        if request.purpose() == TokenPurpose::Label {
            return Err(TokenError::generator("no labels here"));
        }
        Token::new(&format!(
            "{}/{}/{}/{}/{}/{}",
            request.account().as_str(),
            request.domain(),
            request.scope(),
            request.owner(),
            request.challenge(),
            request.now().unix_timestamp(),
        ))
    }
}

// S-12, T-12: a request has all that binds a token; any generator can stand behind the seam.
#[test]
fn generators_are_objects_that_see_the_whole_request() {
    let account = AccountId::new("tenant-42").unwrap();
    let domain = DomainName::parse("example.com").unwrap();
    let owner = OwnerName::parse("_p-challenge.example.com").unwrap();
    let id = ChallengeId::from_bytes([0xab; 16]);
    let request = |purpose| {
        let now = UtcDateTime::UNIX_EPOCH;
        TokenRequest::new(&account, &domain, Scope::Host, &owner, purpose, id, now)
    };
    let generators: [Box<dyn TokenGenerator>; 3] = [
        Box::new(Spelled),
        Box::new(&Spelled),
        Box::new(Arc::new(Spelled) as Arc<dyn TokenGenerator>),
    ];
    for generator in &generators {
        assert_eq!(
            generator
                .generate(&request(TokenPurpose::Value))
                .unwrap()
                .as_str(),
            "tenant-42/example.com/host/_p-challenge.example.com./vov2xk5lvov2xk5lvov2xk5lvm/0",
        );
        let error = generator
            .generate(&request(TokenPurpose::Label))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the application's token generator failed: nothing was issued",
        );
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "no labels here");
    }
    // T-06: the same request gets a new token from the random generator.
    let random = RandomTokens::new();
    let draw = || random.generate(&request(TokenPurpose::Label)).unwrap();
    assert_ne!(draw(), draw());
}

// S-4: what is read back goes through the constructors; a weak token that was issued stays readable.
#[test]
fn strings_of_serde_are_checked() {
    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
        serde_json::from_value(serde_json::Value::from(text))
    }
    fn write(value: &impl serde::Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }
    let token = Token::new(TEXT).unwrap();
    assert_eq!(write(&token), format!("\"{TEXT}\""));
    assert_eq!(read::<Token>(TEXT).unwrap(), token);
    assert!(read::<Token>("weak").unwrap().matches(b"weak"));
    assert!(read::<Token>("").is_err());
    assert!(read::<Token>("two words").is_err());
    assert!(serde_json::from_str::<Token>("7").is_err());
    // An escape in the text makes the reader own its string.
    assert_eq!(
        serde_json::from_str::<Token>(r#""\u0061bc""#)
            .unwrap()
            .as_str(),
        "abc"
    );

    let label = LabelToken::new(TEXT).unwrap();
    assert_eq!(write(&label), format!("\"{TEXT}\""));
    assert_eq!(read::<LabelToken>(TEXT).unwrap(), label);
    assert!(read::<LabelToken>("weak").is_err());

    let id = ChallengeId::from_bytes([7; 16]);
    assert_eq!(read::<ChallengeId>(&id.to_string()).unwrap(), id);
    assert_eq!(write(&id), format!("\"{id}\""));
    assert!(read::<ChallengeId>("7").is_err());

    let fingerprint = token.fingerprint();
    assert_eq!(
        read::<TokenFingerprint>(&fingerprint.to_string()).unwrap(),
        fingerprint
    );
    assert_eq!(write(&fingerprint), format!("\"{fingerprint}\""));
    assert!(read::<TokenFingerprint>("7").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // T-12: no text panics; a token matches its own text alone.
    #[test]
    fn any_text_is_a_token_or_an_error(text in "\\PC{0,64}|[!-~]{0,300}|[a-z2-7]{0,70}") {
        let _ = Token::new(&text);
        if let Ok(token) = Token::danger_fewer_than_128_bits(&text) {
            prop_assert!(token.matches(text.as_bytes()));
            prop_assert!(!text.is_empty() && text.len() <= Token::MAX_LEN);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        if let Ok(label) = LabelToken::new(&text) {
            prop_assert_eq!(label.as_str(), text.as_str());
            prop_assert!(text.len() < 63 && !text.contains('-'));
        }
    }

    #[test]
    fn only_the_same_bytes_match(text in "[!#-Z^-~]{22,80}", at: usize, byte: u8) {
        if let Ok(token) = Token::danger_fewer_than_128_bits(&text) {
            let mut other = text.clone().into_bytes();
            let at = at % other.len();
            prop_assert!(!token.matches(&other[..at]));
            prop_assert!(!token.matches(&[&other[..], &[byte]].concat()));
            let same = other[at] == byte;
            other[at] = byte;
            prop_assert_eq!(token.matches(&other), same);
        }
    }

    // S-17: ids round trip, and no other text is read.
    #[test]
    fn ids_and_fingerprints_round_trip(id: [u8; 16], digest: [u8; 32], text in "[a-z2-7]{26}") {
        let id = ChallengeId::from_bytes(id);
        prop_assert_eq!(id.to_string().parse::<ChallengeId>().unwrap(), id);
        let fingerprint = TokenFingerprint::from_bytes(digest);
        prop_assert_eq!(fingerprint.to_string().parse::<TokenFingerprint>().unwrap(), fingerprint);
        if let Ok(id) = text.parse::<ChallengeId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    // T-01 to T-05: what 16 random bytes and more are written as is a token in every encoding.
    #[test]
    fn encoded_bytes_are_tokens(seed in prop::array::uniform16(any::<u8>()), more in 0usize..48) {
        let distinct: HashSet<u8> = seed.iter().copied().collect();
        prop_assume!(distinct.len() > 10);
        let bytes: Vec<u8> = seed.iter().copied().cycle().take(16 + more).collect();
        for encoding in [Encoding::Base32, Encoding::Base16, Encoding::Base64Url] {
            let text = encoding.encode(&bytes);
            prop_assert_eq!(text.len(), encoding.encoded_len(bytes.len()));
            prop_assert_eq!(Token::new(&text).is_ok(), !text.starts_with('_'), "{}", text);
        }
    }
}
