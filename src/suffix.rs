//! Suffixes.
