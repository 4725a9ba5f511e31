//! Rule files → rule set, or every fault in them drawn at its line.
//!
//! Files are read together: several files may belong to one pack, one of them describing it in
//! full. Entries keep the order of the files and, within a file, of their lines.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::declare;
use super::digest;
use super::entry::{self, Setting, dated};
use super::facts::Facts;
use super::faults::{Fault, Faults, Place, RuleErrors};
use super::keys;
use super::model::{Pack, RuleSet, Version};
use super::privilege;
use super::syntax;
use super::tree::{At, Entry, kind};

/// The text of one rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSource {
    /// How the file is named in messages: its path as given, or `(built in) deployment-guide.toml`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Parses and checks the files together.
///
/// # Errors
/// All faults of all files, when there is any.
pub fn load(sources: &[RuleSource]) -> Result<RuleSet, RuleErrors> {
    let mut faults = Faults::default();
    let parsed: Vec<Spanned<DeTable<'_>>> = sources
        .iter()
        .enumerate()
        .map(|(file, source)| parse(file, source, &mut faults))
        .collect();
    let syntax_is_good = faults.is_empty();
    let files: Vec<Entry<'_>> = parsed
        .iter()
        .enumerate()
        .map(|(file, table)| Entry {
            table: table.get_ref(),
            place: Place { file, span: 0..0 },
            what: "a rule file",
        })
        .collect();

    let mut packs = Packs::default();
    for file in &files {
        file.only_names(|| keys::SECTIONS.iter().map(|section| section.name), &mut faults);
        packs.read(file, &mut faults);
    }
    // A file that could not be read may be the one that describes the pack.
    if syntax_is_good {
        packs.report_undescribed(&mut faults);
    }

    let mut facts = Facts::built_in();
    for file in &files {
        for (_, entry) in entries(file, &["fact"], &mut faults) {
            match declare::fact(&entry, &facts, &mut faults) {
                Some(field) => facts.insert(field),
                None => {
                    let name = entry.get("name").and_then(|name| name.value.as_str());
                    facts.note_faulty(name.unwrap_or_default().to_owned());
                }
            }
        }
    }

    let mut set = RuleSet::default();
    let mut ids = Ids::default();
    for file in &files {
        let setting = packs.setting(file, &mut faults);
        for (section, entry) in entries(file, &["rule", "privilege", "feature"], &mut faults) {
            match section {
                "rule" => {
                    if let Some((id, rule)) = entry::rule(&entry, &facts, &setting, &mut faults) {
                        ids.rule(&id, &mut faults);
                        set.rules.push(rule);
                    }
                }
                "privilege" => {
                    if let Some((id, rule)) = privilege::privilege(&entry, &setting, &mut faults) {
                        ids.rule(&id, &mut faults);
                        set.rules.push(rule);
                    }
                }
                _ => {
                    if let Some((id, feature)) = declare::feature(&entry, &setting, &mut faults) {
                        ids.feature(&id, &mut faults);
                        set.features.push(feature);
                    }
                }
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults.into_errors(sources));
    }
    set.packs = packs.finish(sources);
    // Files of one pack need not follow one another; its rules do.
    set.rules.sort_by_key(|rule| rule.pack);
    set.features.sort_by_key(|feature| feature.pack);
    Ok(set)
}

/// The tree of a file; of one with faults in its syntax an empty one, so that nothing is said
/// about what was merely not understood.
fn parse<'a>(file: usize, source: &'a RuleSource, faults: &mut Faults) -> Spanned<DeTable<'a>> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        return table;
    }
    for fault in syntax::faults(file, &source.text, &errors) {
        faults.add(fault);
    }
    Spanned::new(0..0, DeTable::new())
}

/// The entries of those sections in the order of their lines.
fn entries<'a>(
    file: &Entry<'a>,
    sections: &[&'static str],
    faults: &mut Faults,
) -> Vec<(&'static str, Entry<'a>)> {
    let mut found = Vec::new();
    for section in sections {
        let Some(At { value, place }) = file.get(section) else {
            continue;
        };
        let what = match *section {
            "rule" => "a rule",
            "privilege" => "a privilege",
            "feature" => "a feature",
            _ => "a fact",
        };
        let DeValue::Array(items) = value else {
            faults.add(
                Fault::new(
                    place,
                    format!("`{section}` must be a list of tables"),
                    format!("this is {}", kind(value)),
                )
                .help(format!("write `[[{section}]]` with two brackets")),
            );
            continue;
        };
        found.extend(
            items
                .iter()
                .filter_map(|item| Some((*section, Entry::of(item, file.place.file, what, faults)?))),
        );
    }
    found.sort_by_key(|(_, entry)| entry.place.span.start);
    found
}

/// The packs that the files belong to.
#[derive(Default)]
struct Packs {
    packs: Vec<Described>,
    /// Position of the pack by file.
    of_file: HashMap<usize, usize>,
}

/// A pack, and where it is named and described.
struct Described {
    pack: Pack,
    named: Place,
    described: Option<Place>,
}

impl Packs {
    /// The `[pack]` of a file.
    fn read(&mut self, file: &Entry<'_>, faults: &mut Faults) {
        let Some(value) = file.table.get("pack") else {
            // A file with nothing in it at all is one whose syntax was at fault, or an empty one.
            if !file.table.is_empty() {
                faults.add(
                    Fault::new(
                        file.place.clone(),
                        "a rule file has no `[pack]`",
                        "the file begins here",
                    )
                    .help(
                        "begin with `[pack]` and its `id`, `title`, `version` and `source`; further files of \
                         the same pack give only its `id`",
                    ),
                );
            }
            return;
        };
        let Some(entry) = Entry::of(value, file.place.file, "`[pack]`", faults) else {
            return;
        };
        entry.only(&keys::PACK, faults);
        let Some(id) = entry.required("id", "give the pack a short name in kebab-case", faults) else {
            return;
        };
        if entry::kebab(&id, "the id of a pack", faults).is_none() {
            return;
        }
        let full = keys::names(&keys::PACK).any(|key| key != "id" && entry.table.contains_key(key));
        let position = self.position(&id);
        self.of_file.insert(file.place.file, position);
        if !full {
            return;
        }
        let title = entry.required("title", "say what the pack is", faults);
        let version = entry.required("version", "write dotted numbers, such as `2026.11.23`", faults);
        if let Some(version) = &version
            && Version::parse(&version.value).is_none()
        {
            faults.add(
                Fault::new(
                    version.place.clone(),
                    format!("`{}` is no version", version.value),
                    "not dotted numbers",
                )
                .help("write dotted numbers, such as `2026.11.23`"),
            );
        }
        let source = entry.text("source", faults);
        let read = entry.date("read", faults);
        let known = &mut self.packs[position];
        if let Some(first) = &known.described {
            entry::duplicate(&id, first, "the description of pack", faults);
            return;
        }
        known.described = Some(id.place);
        known.pack.read = read.map(|read| read.value);
        known.pack.title = title.map(|title| title.value).unwrap_or_default();
        known.pack.version = version.map(|version| version.value).unwrap_or_default();
        known.pack.source = source.map(|source| source.value).unwrap_or_default();
    }

    fn position(&mut self, id: &At<String>) -> usize {
        let known = self.packs.iter().position(|known| known.pack.id == id.value);
        known.unwrap_or_else(|| {
            self.packs.push(Described {
                pack: Pack {
                    id: id.value.clone(),
                    title: String::new(),
                    version: String::new(),
                    source: String::new(),
                    sha256: String::new(),
                    read: None,
                },
                named: id.place.clone(),
                described: None,
            });
            self.packs.len() - 1
        })
    }

    fn report_undescribed(&self, faults: &mut Faults) {
        for known in self.packs.iter().filter(|known| known.described.is_none()) {
            faults.add(
                Fault::new(
                    known.named.clone(),
                    format!("pack `{}` has no `title` and no `version`", known.pack.id),
                    "no file describes this pack",
                )
                .help(
                    "add `title`, `version` and `source` below this line, or in one other file of the pack",
                ),
            );
        }
    }

    /// What the entries of a file inherit.
    fn setting<'a>(&self, file: &Entry<'a>, faults: &mut Faults) -> Setting<'a> {
        let position = self.of_file.get(&file.place.file).copied();
        let known = position.map(|position| &self.packs[position]);
        let read = known.and_then(|known| known.pack.read.clone());
        let privileges = file
            .table
            .get("privileges")
            .and_then(|value| Entry::of(value, file.place.file, "`[privileges]`", faults));
        if let Some(privileges) = &privileges {
            privileges.only(&keys::PRIVILEGES, faults);
        }
        Setting {
            pack: position.unwrap_or_default(),
            source: match known {
                Some(known) if known.described.is_some() && known.pack.source.is_empty() => None,
                Some(known) => Some(dated(&known.pack.source, read.as_deref())),
                // There is a fault already, about the pack: none for each rule on top.
                None => Some(String::new()),
            },
            read,
            privileges,
        }
    }

    fn finish(self, sources: &[RuleSource]) -> Vec<Pack> {
        let of_file = self.of_file;
        let packs = self.packs.into_iter().enumerate();
        packs
            .map(|(position, known)| {
                let files = sources.iter().enumerate();
                let own = files.filter(|(file, _)| of_file.get(file) == Some(&position));
                Pack {
                    sha256: digest::of_files(own.map(|(_, source)| source)),
                    ..known.pack
                }
            })
            .collect()
    }
}

/// Ids that were used, and where.
#[derive(Default)]
struct Ids {
    rules: HashMap<String, Place>,
    features: HashMap<String, Place>,
}

impl Ids {
    fn rule(&mut self, id: &At<String>, faults: &mut Faults) {
        Ids::note(&mut self.rules, id, "rule", faults);
    }

    fn feature(&mut self, id: &At<String>, faults: &mut Faults) {
        Ids::note(&mut self.features, id, "feature", faults);
    }

    fn note(known: &mut HashMap<String, Place>, id: &At<String>, what: &str, faults: &mut Faults) {
        // Privileges are told apart ignoring case, by Dataverse and here.
        match known.get(&id.value.to_lowercase()) {
            Some(first) => entry::duplicate(id, first, what, faults),
            None => {
                known.insert(id.value.to_lowercase(), id.place.clone());
            }
        }
    }
}
