//! issue
