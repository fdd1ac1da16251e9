use std::error::Error;

use crate::dns::LookupFailure;

/// A lookup that brought no answer: what is known of the failure, and its cause.
///
/// Only the [`LookupFailure`] goes into observations; the source is for the operator's logs.
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub struct LookupError {
    failure: LookupFailure,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl LookupError {
    /// A failure with the error that caused it.
    #[must_use]
    pub fn new(failure: LookupFailure, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            failure,
            source: Some(source.into()),
        }
    }

    /// What failed.
    #[must_use]
    pub fn failure(&self) -> &LookupFailure {
        &self.failure
    }

    /// What failed, without the cause.
    #[must_use]
    pub fn into_failure(self) -> LookupFailure {
        self.failure
    }
}

impl From<LookupFailure> for LookupError {
    fn from(failure: LookupFailure) -> Self {
        Self {
            failure,
            source: None,
        }
    }
}
