//! x
#![allow(unreachable_pub, missing_docs)]
mod oracle;
