//! Tokens that can be told before they are issued: zones are written before anybody looks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use dcv::token::{Token, TokenError, TokenGenerator, TokenRequest};
use sha2::{Digest as _, Sha256};

/// Gives the same account the same tokens for the same domain, in the same order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Foreseen(Arc<Mutex<HashMap<String, u32>>>);

impl TokenGenerator for Foreseen {
    fn generate(&self, request: &TokenRequest<'_>) -> Result<Token, TokenError> {
        let wish = format!("{}/{}", request.account().as_str(), request.domain());
        let mut counts = self.0.lock().unwrap();
        let count = counts.entry(wish.clone()).or_default();
        *count += 1;
        Token::new(&token(&wish, *count))
    }
}

fn token(wish: &str, count: u32) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut digest = Sha256::digest(format!("{wish}/{count}")).to_vec();
    digest.extend(Sha256::digest(&digest));
    let letters = digest.iter().map(|octet| usize::from(octet % 32));
    letters
        .filter_map(|index| ALPHABET.get(index))
        .take(40)
        .map(|octet| char::from(*octet))
        .collect()
}
