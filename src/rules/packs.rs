//! The packs that are embedded in the program.
