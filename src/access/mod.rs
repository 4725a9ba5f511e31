//! Which roles reach a user, by which paths, and what they grant (`design.md` §5).
