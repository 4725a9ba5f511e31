//! `clearance.toml`: settings of a folder, so that an audit that is repeated needs no long command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::rules::nearest::nearest;
use crate::rules::{RuleSet, Severity};

use super::audit::FailOn;
use super::failure::Failure;
use super::input;

/// Name of the file, looked for in the current folder and nowhere else: an audit must not depend
/// on a file that nobody sees.
pub(super) const FILE: &str = "clearance.toml";

/// What the file may say. Options of the command line and of the environment win.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Settings {
    /// As `--pack`.
    pub(super) packs: Vec<String>,
    /// As `--rules`.
    pub(super) rules: Vec<PathBuf>,
    /// As `--attestations`.
    pub(super) attestations: Option<PathBuf>,
    /// As `--waivers`.
    pub(super) waivers: Option<PathBuf>,
    /// As `--devices`.
    pub(super) devices: Option<PathBuf>,
    /// As `--include-disabled`.
    pub(super) include_disabled: bool,
    /// As `--include-superseded`.
    pub(super) include_superseded: bool,
    /// As `--fail-on`.
    pub(super) fail_on: Option<FailOn>,
    /// Rules, by their ids, that count otherwise than their packs say.
    severity: BTreeMap<Spanned<String>, Word>,
    /// The text, to say where something stands; none if there is no file.
    #[serde(skip)]
    text: Option<String>,
}

/// The words for severities.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Blocks,
    Limits,
    Advises,
}

impl Settings {
    /// The settings of the current folder; none of them if it has no `clearance.toml`.
    ///
    /// # Errors
    /// If the file cannot be read, or says something that is no setting.
    pub(super) fn here() -> Result<Settings, Failure> {
        let path = Path::new(FILE);
        if !path.exists() {
            return Ok(Settings::default());
        }
        let text = input::read(path, "settings")?;
        let settings: Settings = toml::from_str(&text).map_err(|error| input::in_file(path, &error))?;
        Ok(Settings {
            text: Some(text),
            ..settings
        })
    }

    /// Whether there is a file.
    pub(super) fn are_given(&self) -> bool {
        self.text.is_some()
    }

    /// Changes the severities of the rules that the settings name.
    ///
    /// # Errors
    /// If there is no rule of such an id.
    pub(super) fn change_severities(&self, rules: &mut RuleSet) -> Result<(), Failure> {
        let mut faults = Vec::new();
        let mut named: Vec<_> = self.severity.iter().collect();
        named.sort_by_key(|(id, _)| id.span().start);
        for (id, word) in named {
            let severity = match word {
                Word::Blocks => Severity::Blocks,
                Word::Limits => Severity::Limits,
                Word::Advises => Severity::Advises,
            };
            if !rules.set_severity(id.get_ref(), severity) {
                faults.push(self.no_such_rule(id, rules));
            }
        }
        match faults.is_empty() {
            true => Ok(()),
            false => Err(Failure::usage(faults.join("\n"))),
        }
    }

    fn no_such_rule(&self, id: &Spanned<String>, rules: &RuleSet) -> String {
        let before = self.text.as_deref().and_then(|text| text.get(..id.span().start));
        let line = 1 + before.unwrap_or_default().matches('\n').count();
        let id = id.get_ref();
        let hint = match nearest(id, rules.rules.iter().map(|rule| rule.id.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`clearance rules list` names all rules".to_owned(),
        };
        format!("`{FILE}`: there is no rule `{id}` (line {line})\nhint: {hint}")
    }
}
