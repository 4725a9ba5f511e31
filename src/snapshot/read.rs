//! Reading a snapshot: integrity first, then only the columns that are needed.
