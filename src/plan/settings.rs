//! Actions that put right what is stored of users, mailboxes and the organization.
//!
//! Owns the list of bulk actions that an administrator has for that, each with the columns that it
//! sets. Which of them somebody needs is tried out and not looked up: an action is tried where an
//! open rule looks at one of its columns, tried again for what comes to light when the first ones are
//! done (a mailbox that is switched to server-side synchronization has a test to pass), and dropped
//! again wherever the outcome is the same without it.

use arrow_array::Array;
use rustc_hash::FxHashMap;

use crate::evaluate::{EnvironmentAssessment, Verdict};
use crate::rules::{Check, FieldSource, RuleIndex, RuleSet, Severity, Subject};
use crate::snapshot::{Environment, Guid};
use crate::what_if::{Change, Holder};

use super::PlanError;
use super::action::{Deed, Kind};
use super::sample::{Open, Sample, State};

/// What the administrator sets, and what the service then has to find out.
const SETTINGS: [(Kind, &[(&str, &str)]); 8] = [
    (
        Kind::UseServerSideSync,
        &[("organization.emailconnectionchannel", "server-side-sync")],
    ),
    (Kind::SetAccessMode, &[("systemuser.accessmode", "read-write")]),
    (Kind::ActivateMailboxes, &[("mailbox.statecode", "active")]),
    // The profile is found in the environment.
    (Kind::ChooseServerProfile, &[("mailbox.emailserverprofile", "")]),
    (
        Kind::SetProcessingMethod,
        &[
            ("mailbox.incomingemaildeliverymethod", "server-side-sync"),
            ("mailbox.outgoingemaildeliverymethod", "server-side-sync"),
            ("mailbox.actdeliverymethod", "server-side-sync"),
        ],
    ),
    (
        Kind::ApproveAddresses,
        &[
            ("mailbox.emailrouteraccessapproval", "approved"),
            ("mailbox.isemailaddressapprovedbyo365admin", "true"),
        ],
    ),
    (
        Kind::TestAndEnable,
        &[
            ("mailbox.incomingemailstatus", "success"),
            ("mailbox.outgoingemailstatus", "success"),
            ("mailbox.actstatus", "success"),
            ("mailbox.enabledforincomingemail", "true"),
            ("mailbox.enabledforoutgoingemail", "true"),
            ("mailbox.enabledforact", "true"),
        ],
    ),
    (
        Kind::AddAppToOutlook,
        &[("mailbox.officeappsdeploymentstatus", "installed")],
    ),
];

/// Profiles that are tried.
const MOST_PROFILES: usize = 3;

/// An action of this kind, possible in this environment.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) kind: Kind,
    pub(super) deeds: Vec<Deed>,
    /// What it is about, for the key and the title: the name and id of a server profile.
    pub(super) object: Option<(String, Guid)>,
    subject: Subject,
}

/// Which settings which cases need, and how the cases stand with them.
pub(super) struct Tried {
    pub(super) settings: Vec<Setting>,
    /// By setting, then case.
    pub(super) needed: Vec<Vec<bool>>,
    pub(super) state: State,
}

impl Setting {
    /// The changes, for the users of some cases.
    pub(super) fn changes(&self, holders: &[Holder]) -> Vec<Change> {
        self.deeds.iter().map(|deed| deed.change(holders)).collect()
    }

    /// Whether a rule looks at a column that this sets.
    fn touches(&self, rules: &RuleSet, rule: RuleIndex) -> bool {
        let mut found = false;
        rules.rules[rule].check.visit(&mut |check: &Check| {
            for field in check.fields() {
                let sets = |deed: &Deed| matches!(deed, Deed::Set { field: set, .. } if *set == field.name);
                let profile = matches!(
                    field.source,
                    FieldSource::Column {
                        table: Subject::Profile,
                        ..
                    }
                );
                found |= self.deeds.iter().any(sets) || (profile && self.kind == Kind::ChooseServerProfile);
            }
        });
        found
    }
}

/// The cases as settings see them.
pub(super) struct Cases<'c> {
    pub(super) assessed: &'c EnvironmentAssessment<'c>,
    pub(super) rules: &'c RuleSet,
    pub(super) sample: &'c Sample<'c>,
    /// By case: somebody of it, who it is about, and how many there are.
    pub(super) representatives: &'c [(usize, usize)],
    pub(super) holders: &'c [Holder],
    /// Cases that nothing is done for.
    pub(super) closed: &'c [bool],
}

impl Cases<'_> {
    /// Finds out who needs which settings.
    pub(super) fn try_settings(&self, before: State) -> Result<Tried, PlanError> {
        let environment = self.assessed.environment;
        let profiles = profiles(self.assessed);
        let mut best: Option<(usize, Tried)> = None;
        for profile in 0..profiles.len().max(1) {
            let settings = available(environment, profiles.get(profile));
            let tried = self.fire(settings, &before)?;
            let uses_profile = tried.is_used(Kind::ChooseServerProfile);
            let open = |(case, open): (usize, &Vec<Open>)| match open
                .iter()
                .any(|open| !self.is_access(open.rule))
            {
                true => 0,
                false => self.representatives[case].1,
            };
            let done: usize = tried.state.open.iter().enumerate().map(open).sum();
            if best.as_ref().is_none_or(|(most, _)| done > *most) {
                best = Some((done, tried));
            }
            if !uses_profile {
                break;
            }
        }
        let Some((_, tried)) = best else {
            return Ok(Tried {
                settings: Vec::new(),
                needed: Vec::new(),
                state: before,
            });
        };
        self.drop_superfluous(tried)
    }

    /// Tries, for every case, each setting that an open rule looks at, until nothing new is open.
    fn fire(&self, settings: Vec<Setting>, before: &State) -> Result<Tried, PlanError> {
        let touched: Vec<Vec<bool>> = settings
            .iter()
            .map(|setting| {
                let rules = 0..self.rules.rules.len();
                rules.map(|rule| setting.touches(self.rules, rule)).collect()
            })
            .collect();
        let mut needed = vec![vec![false; self.holders.len()]; settings.len()];
        let mut state = State {
            open: before.open.clone(),
            verdicts: before.verdicts.clone(),
        };
        loop {
            let mut is_new = false;
            for (setting, touched) in touched.iter().enumerate() {
                for (case, open) in state.open.iter().enumerate() {
                    let wanted = !needed[setting][case]
                        && !self.closed[case]
                        && open.iter().any(|open| touched[open.rule])
                        && self.has_record(settings[setting].subject, case);
                    needed[setting][case] |= wanted;
                    is_new |= wanted;
                }
            }
            if !is_new {
                return Ok(Tried {
                    settings,
                    needed,
                    state,
                });
            }
            state = self.sample.after(&self.changes(&settings, &needed))?;
        }
    }

    /// Drops settings, one after the other, from cases for which they change nothing.
    fn drop_superfluous(&self, mut tried: Tried) -> Result<Tried, PlanError> {
        // What changes most is dropped first, where something else does as well.
        let order = [
            Kind::ChooseServerProfile,
            Kind::AddAppToOutlook,
            Kind::SetProcessingMethod,
            Kind::TestAndEnable,
            Kind::ActivateMailboxes,
            Kind::ApproveAddresses,
            Kind::SetAccessMode,
            Kind::UseServerSideSync,
        ];
        for kind in order {
            let Some(setting) = tried.settings.iter().position(|one| one.kind == kind) else {
                continue;
            };
            if !tried.is_used(kind) {
                continue;
            }
            let kept = std::mem::replace(&mut tried.needed[setting], vec![false; self.holders.len()]);
            let without = self.sample.after(&self.changes(&tried.settings, &tried.needed))?;
            let matters = |case: usize| {
                let with = &tried.state.open[case];
                let only_blocking = self.stays_limited(with);
                self.goal(&without.open[case], only_blocking) != self.goal(with, only_blocking)
            };
            let still: Vec<bool> = (0..kept.len()).map(|case| kept[case] && matters(case)).collect();
            // The organization has one setting for all.
            let all = kind == Kind::UseServerSideSync && still.contains(&true);
            tried.needed[setting] = if all { kept } else { still };
        }
        tried.state = self.sample.after(&self.changes(&tried.settings, &tried.needed))?;
        Ok(tried)
    }

    /// Whether something that limits stays open whatever is set.
    fn stays_limited(&self, open: &[Open]) -> bool {
        open.iter()
            .any(|one| self.limits(one) && !self.is_access(one.rule))
    }

    /// What counts of what is open: everything, or where more cannot be had only what blocks.
    fn goal(&self, open: &[Open], only_blocking: bool) -> Vec<Open> {
        open.iter()
            .filter(|one| !only_blocking || !self.limits(one))
            .copied()
            .collect()
    }

    fn limits(&self, open: &Open) -> bool {
        self.rules.rules[open.rule].severity == Severity::Limits
    }

    /// The changes of settings, each for the cases that need it.
    pub(super) fn changes(&self, settings: &[Setting], needed: &[Vec<bool>]) -> Vec<Change> {
        let mut changes = Vec::new();
        for (setting, needed) in settings.iter().zip(needed) {
            let cases = (0..needed.len()).filter(|case| needed[*case]);
            let holders: Vec<Holder> = cases.map(|case| self.holders[case].clone()).collect();
            if !holders.is_empty() {
                changes.extend(setting.changes(&holders));
            }
        }
        changes
    }

    pub(super) fn is_access(&self, rule: RuleIndex) -> bool {
        self.assessed.looks_at_access(rule)
    }

    fn has_record(&self, subject: Subject, case: usize) -> bool {
        let user = self.representatives[case].0;
        subject != Subject::Mailbox || self.assessed.mailbox_row(user).is_some()
    }
}

impl Tried {
    fn is_used(&self, kind: Kind) -> bool {
        let mut both = self.settings.iter().zip(&self.needed);
        both.any(|(setting, needed)| setting.kind == kind && needed.contains(&true))
    }
}

/// The settings whose columns were collected.
fn available(environment: &Environment, profile: Option<&(Guid, String)>) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (kind, columns) in SETTINGS {
        let object = match kind {
            Kind::ChooseServerProfile => match profile {
                Some((id, name)) => Some((name.clone(), *id)),
                None => continue,
            },
            _ => None,
        };
        let mut deeds = Vec::new();
        for (field, value) in columns {
            let Some((table, column)) = field.split_once('.') else {
                continue;
            };
            let info = environment.manifest.tables.get(table);
            if info.is_some_and(|info| info.columns.iter().any(|known| known == column)) {
                deeds.push(Deed::Set {
                    field: (*field).to_owned(),
                    value: object
                        .as_ref()
                        .map_or_else(|| (*value).to_owned(), |(_, id)| id.to_string()),
                    everybody: table == "organization",
                });
            }
        }
        if !deeds.is_empty() {
            settings.push(Setting {
                kind,
                deeds,
                object,
                subject: match kind {
                    Kind::UseServerSideSync => Subject::Organization,
                    Kind::SetAccessMode => Subject::User,
                    _ => Subject::Mailbox,
                },
            });
        }
    }
    settings
}

/// The profiles to try: those by which most users are ready, then the environment's own default,
/// then those that most mailboxes use.
fn profiles(assessed: &EnvironmentAssessment<'_>) -> Vec<(Guid, String)> {
    let environment = assessed.environment;
    let ids_of = |table: &str, column: &str| environment.table(table).and_then(|table| table.ids(column));
    let (Some(ids), Some(chosen)) = (
        ids_of("emailserverprofile", "emailserverprofileid"),
        ids_of("mailbox", "emailserverprofile"),
    ) else {
        return Vec::new();
    };
    let default = ids_of("organization", "defaultemailserverprofileid").and_then(|ids| ids.first());
    let mut uses: FxHashMap<Guid, (usize, usize)> = FxHashMap::default();
    for user in 0..assessed.users() {
        if let Some(row) = assessed.mailbox_row(user) {
            let (ready, all) = uses.entry(chosen[row]).or_default();
            *ready += usize::from(assessed.verdict(user) == Verdict::Ready);
            *all += 1;
        }
    }
    let names = environment
        .table("emailserverprofile")
        .and_then(|table| table.text("name"));
    let mut known: Vec<(usize, Guid)> = ids.iter().copied().enumerate().collect();
    known.sort_by_key(|(_, id)| {
        let (ready, all) = uses.get(id).copied().unwrap_or_default();
        (std::cmp::Reverse((ready, default == Some(id), all)), *id)
    });
    known.truncate(MOST_PROFILES);
    let name = |row: usize| {
        names
            .filter(|names| names.is_valid(row))
            .map_or("", |names| names.value(row))
    };
    known
        .into_iter()
        .map(|(row, id)| (id, name(row).to_owned()))
        .collect()
}
