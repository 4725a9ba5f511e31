//! Writing a snapshot: whole, or not at all.
