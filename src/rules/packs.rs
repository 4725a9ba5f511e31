//! The packs that are embedded in the program, choosing among packs, and changing severities.

use toml::de::DeTable;

use super::load::RuleSource;
use super::model::{RuleSet, Severity};
use super::nearest::{choice, nearest};

/// Every file under `rules/`: its path there, and its text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// The pack without which nobody can say that the app will work.
pub const GUIDE: &str = "deployment-guide";

/// The order in which the shipped packs are evaluated and shown.
const ORDER: [&str; 4] = [GUIDE, "support-articles", "platform-changes", "self-check"];

/// The texts of the shipped packs, in the order of the packs.
#[must_use]
pub fn embedded() -> Vec<RuleSource> {
    let place = |path: &str| {
        let pack = path.split(['/', '.']).next().unwrap_or_default();
        ORDER
            .iter()
            .position(|known| *known == pack)
            .unwrap_or(ORDER.len())
    };
    let mut files = FILES.to_vec();
    files.sort_by_key(|(path, _)| place(path));
    files
        .into_iter()
        .map(|(path, text)| RuleSource {
            name: format!("(built in) {path}"),
            text: text.to_owned(),
        })
        .collect()
}

/// The id of the pack that a file belongs to; none if it cannot be told.
#[must_use]
pub fn pack_of(source: &RuleSource) -> Option<String> {
    let (file, _) = DeTable::parse_recoverable(&source.text);
    let id = file.get_ref().get("pack")?.get_ref().get("id")?;
    id.get_ref().as_str().map(str::to_owned)
}

/// The id of the pack that a file describes in full, and not only adds to.
#[must_use]
pub fn described_pack(source: &RuleSource) -> Option<String> {
    let (file, _) = DeTable::parse_recoverable(&source.text);
    let pack = file.get_ref().get("pack")?.get_ref().as_table()?;
    pack.contains_key("title").then(|| pack_of(source)).flatten()
}

/// A pack was asked for that is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnknownPack {
    message: String,
}

impl RuleSet {
    /// Only the packs of those ids, in the order in which they are loaded; all if none is named.
    ///
    /// # Errors
    /// If an id is not that of a loaded pack.
    pub fn select_packs(mut self, ids: &[String]) -> Result<RuleSet, UnknownPack> {
        if ids.is_empty() {
            return Ok(self);
        }
        let known = || self.packs.iter().map(|pack| pack.id.as_str());
        if let Some(id) = ids.iter().find(|id| !known().any(|known| known == id.as_str())) {
            let hint = match nearest(id, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("packs are {}", choice(known()).replace(" or ", " and ")),
            };
            return Err(UnknownPack {
                message: format!("there is no rule pack `{id}`\nhint: {hint}"),
            });
        }
        // Positions of the packs that stay, by their old positions.
        let mut new = Vec::new();
        let mut packs = Vec::new();
        for pack in std::mem::take(&mut self.packs) {
            let stays = ids.contains(&pack.id);
            new.push(stays.then_some(packs.len()));
            if stays {
                packs.push(pack);
            }
        }
        self.packs = packs;
        self.rules.retain_mut(|rule| match new[rule.pack] {
            Some(pack) => {
                rule.pack = pack;
                true
            }
            None => false,
        });
        self.features.retain_mut(|feature| match new[feature.pack] {
            Some(pack) => {
                feature.pack = pack;
                true
            }
            None => false,
        });
        Ok(self)
    }

    /// Gives the rule of that id another severity than its pack does; false if there is no such
    /// rule. What the pack says is kept beside it, for reports to tell.
    pub fn set_severity(&mut self, id: &str, severity: Severity) -> bool {
        let Some((index, _)) = self.find(id) else {
            return false;
        };
        let rule = &mut self.rules[index];
        let shipped = rule.shipped_severity.unwrap_or(rule.severity);
        rule.severity = severity;
        rule.shipped_severity = (shipped != severity).then_some(shipped);
        true
    }
}
