//! The `clearance` program: parse, dispatch, exit code.

fn main() {}
