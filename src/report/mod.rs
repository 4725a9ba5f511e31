//! Assessment → terminal, CSV, JSON, HTML. Formats never compute; they only draw.
