//! The collector: a client that can only read, and the collection of one environment.
