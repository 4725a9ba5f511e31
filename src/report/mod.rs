//! Assessment → terminal, CSV, JSON, HTML, XLSX, Parquet. Formats never compute; they only draw.
//!
//! Every writer takes a [`Report`]: the assessment together with the numbers that more than one
//! format shows ([`summary`]), so that no two outputs can disagree. Nothing here knows where the
//! data came from or where the text goes; writers write to a `&mut dyn Write`.

pub mod csv;
pub mod explain;
pub mod handbook;
pub mod html;
pub mod json;
pub mod parquet;
pub mod permissions;
pub mod plan;
pub mod role;
pub mod rule;
pub mod script;
pub mod summary;
pub mod terminal;
pub mod what_if;
pub mod xlsx;

mod chunks;
mod group;
mod rows;
#[cfg(test)]
mod tests;
pub(crate) mod text;

pub use explain::ExplanationView;
pub use summary::Report;
pub use what_if::WhatIfView;
