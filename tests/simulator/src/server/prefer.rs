//! The `Prefer` header.

use crate::query::split_outside;

/// What a client prefers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    /// `odata.maxpagesize`.
    pub(super) max_page_size: Option<usize>,
    /// `odata.include-annotations`, as sent; empty for none.
    pub(super) annotations: String,
    /// `odata.continue-on-error`.
    pub(super) continue_on_error: bool,
}

impl Preferences {
    /// Reads a `Prefer` header; what it does not know it passes over, as the standard asks.
    pub(super) fn parse(header: &str) -> Self {
        let mut preferences = Self::default();
        for part in split_outside(header, ',', '"')
            .into_iter()
            .flat_map(|part| split_outside(part, ';', '"'))
        {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "odata.maxpagesize" => {
                    preferences.max_page_size = value.parse().ok().filter(|size| *size > 0);
                }
                "odata.include-annotations" => value.clone_into(&mut preferences.annotations),
                "odata.continue-on-error" => preferences.continue_on_error = value != "false",
                _ => {}
            }
        }
        preferences
    }

    /// Whether an annotation is asked for: `*`, a name, or a beginning with `*`; a minus sign takes away.
    pub(super) fn wants(&self, annotation: &str) -> bool {
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(beginning) => annotation.starts_with(beginning),
            None => annotation == pattern,
        };
        let mut wanted = false;
        for pattern in self.annotations.split(',').map(str::trim) {
            match pattern.strip_prefix('-') {
                Some(pattern) if fits(pattern) => return false,
                None if fits(pattern) => wanted = true,
                _ => {}
            }
        }
        wanted
    }

    /// The `Preference-Applied` header.
    pub(super) fn applied(&self) -> Option<String> {
        let size = self.max_page_size.map(|size| format!("odata.maxpagesize={size}"));
        let annotations = (!self.annotations.is_empty())
            .then(|| format!("odata.include-annotations=\"{}\"", self.annotations));
        let parts: Vec<String> = size.into_iter().chain(annotations).collect();
        (!parts.is_empty()).then(|| parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_within_quotes_belong_to_the_annotations() {
        let header =
            "odata.maxpagesize=7, odata.include-annotations=\"Microsoft.Dynamics.CRM.look*,Display.*\"";
        let preferences = Preferences::parse(header);
        assert_eq!(preferences.max_page_size, Some(7));
        assert!(preferences.wants("Microsoft.Dynamics.CRM.lookuplogicalname"));
        assert!(preferences.wants("Display.V1.FormattedValue"));
        assert!(!preferences.wants("Microsoft.Dynamics.CRM.associatednavigationproperty"));
    }

    #[test]
    fn a_minus_sign_takes_an_annotation_away() {
        let preferences = Preferences::parse("odata.include-annotations=\"*,-Display.*\"");
        assert!(preferences.wants("Microsoft.Dynamics.CRM.lookuplogicalname"));
        assert!(!preferences.wants("Display.V1.FormattedValue"));
    }
}
