//! Tokens and ids as text for `serde`; reading goes through the constructors (S-4).

use super::{ChallengeId, LabelToken, Token, TokenFingerprint};

crate::serial::as_text! {
    // Whether a token is strong enough is for the challenge that expects it to say.
    Token: "a token", |token| token.as_str(), Token::danger_fewer_than_128_bits;
    LabelToken: "a token for a label", |token| token.as_str(), LabelToken::new;
    ChallengeId: "a challenge id", |id| id, str::parse;
    TokenFingerprint: "the digest of a token", |digest| digest, str::parse;
}
