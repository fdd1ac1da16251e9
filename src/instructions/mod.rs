//! What the user has to do, exactly and completely.
