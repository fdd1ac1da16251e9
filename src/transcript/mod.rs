//! Everything that a check and its diagnosis saw, to keep and to replay.
