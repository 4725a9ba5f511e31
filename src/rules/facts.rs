//! The fact catalogue: every field that a rule may name, with its type and where it is read.
