use std::time::Duration;

/// How long things last.
///
/// | What | Default |
/// |---|---|
/// | an unproven challenge | 7 days |
/// | a proof | 90 days |
/// | the record's TTL | 300 seconds |
/// | between two checks that users ask for | at least 5 seconds |
/// | until the next check that we suggest | 1 minute, doubling up to 1 hour |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    pub(crate) challenge: Duration,
    pub(crate) proof: Duration,
    pub(crate) record_ttl: u32,
    pub(crate) min_interval: Duration,
    pub(crate) first_interval: Duration,
    pub(crate) max_interval: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            challenge: Duration::from_secs(7 * 86_400),
            proof: Duration::from_secs(90 * 86_400),
            record_ttl: 300,
            min_interval: Duration::from_secs(5),
            first_interval: Duration::from_secs(60),
            max_interval: Duration::from_secs(3600),
        }
    }
}

impl Timing {
    /// How long a challenge waits for its proof (E-01); at least a second.
    #[must_use]
    pub fn with_challenge_lifetime(mut self, lifetime: Duration) -> Self {
        self.challenge = lifetime.max(Duration::from_secs(1));
        self
    }

    /// How long a one-off validation counts as proof.
    #[must_use]
    pub fn with_proof_lifetime(mut self, lifetime: Duration) -> Self {
        self.proof = lifetime;
        self
    }

    /// The TTL that users are told to give the record, in seconds (L-01).
    #[must_use]
    pub fn with_record_ttl(mut self, seconds: u32) -> Self {
        self.record_ttl = seconds;
        self
    }

    /// How long after a check the next one is refused as too soon.
    #[must_use]
    pub fn with_min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// When to look again by ourselves: after `first`, doubling up to `max`.
    #[must_use]
    pub fn with_backoff(mut self, first: Duration, max: Duration) -> Self {
        self.first_interval = first;
        self.max_interval = max.max(first);
        self
    }

    /// How long a challenge waits for its proof.
    #[must_use]
    pub fn challenge_lifetime(&self) -> Duration {
        self.challenge
    }

    /// How long a one-off validation counts as proof.
    #[must_use]
    pub fn proof_lifetime(&self) -> Duration {
        self.proof
    }

    /// The TTL that users are told to give the record, in seconds.
    #[must_use]
    pub fn record_ttl(&self) -> u32 {
        self.record_ttl
    }

    /// How long after a check the next one is refused as too soon.
    #[must_use]
    pub fn min_interval(&self) -> Duration {
        self.min_interval
    }

    /// How long to wait after so many checks before the next one, by ourselves.
    #[must_use]
    pub fn backoff(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        self.first_interval
            .saturating_mul(1 << doublings)
            .min(self.max_interval)
    }
}
