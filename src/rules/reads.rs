//! What a rule makes the collector read, and what the collecting account needs for it.

use std::collections::BTreeSet;

use super::model::{Check, Feature, FieldSource, Rule, Scope, Subject};
use crate::snapshot::tables::{ACCESS_TABLES, TABLES, TableDef};

/// A privilege that the collecting account needs, at Organization depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its name.
    pub privilege: &'static str,
    /// The tables that it opens, in the order of the snapshot's tables.
    pub tables: Vec<&'static str>,
    /// Those of the tables of which this is only remembered (see [`tables::ReadBy`]).
    ///
    /// [`tables::ReadBy`]: crate::snapshot::tables::ReadBy
    pub recalled: Vec<&'static str>,
}

impl Rule {
    /// The tables that have to be read to judge it, in the order of the snapshot's tables: those
    /// of its facts, and those by which a user comes to a mailbox, a role or a privilege.
    #[must_use]
    pub fn tables(&self) -> Vec<&'static TableDef> {
        let mut names = BTreeSet::new();
        if self.scope == Scope::User {
            names.insert("systemuser");
        }
        for check in self.when.iter().chain([&self.check]) {
            check.visit(&mut |part| of_check(part, &mut names));
        }
        for field in self.fields() {
            of_field(&field.source, &mut names);
        }
        in_order(&names)
    }

    /// The privileges that the collecting account needs to read [`Rule::tables`].
    #[must_use]
    pub fn needed(&self) -> Vec<Needed> {
        needed(&self.tables())
    }
}

impl Feature {
    /// The tables that have to be read to tell whether a user has it.
    #[must_use]
    pub fn tables(&self) -> Vec<&'static TableDef> {
        let mut names = BTreeSet::from(["systemuser"]);
        names.extend(ACCESS_TABLES);
        in_order(&names)
    }

    /// The privileges that the collecting account needs to read [`Feature::tables`].
    #[must_use]
    pub fn needed(&self) -> Vec<Needed> {
        needed(&self.tables())
    }
}

/// The privileges that open those tables: each once, in the order of the first table.
#[must_use]
pub fn needed(tables: &[&'static TableDef]) -> Vec<Needed> {
    let mut list: Vec<Needed> = Vec::new();
    for table in tables {
        for privilege in table.read_by.privileges {
            let position = list
                .iter()
                .position(|needed| needed.privilege == *privilege)
                .unwrap_or_else(|| {
                    list.push(Needed {
                        privilege,
                        tables: Vec::new(),
                        recalled: Vec::new(),
                    });
                    list.len() - 1
                });
            list[position].tables.push(table.name);
            if table.read_by.recalled {
                list[position].recalled.push(table.name);
            }
        }
    }
    list
}

fn in_order(names: &BTreeSet<&str>) -> Vec<&'static TableDef> {
    TABLES.iter().filter(|table| names.contains(table.name)).collect()
}

fn of_check(check: &Check, names: &mut BTreeSet<&'static str>) {
    match check {
        // A role or privilege that is missed is only proved missing by all of these.
        Check::Privilege(..) | Check::Role { .. } => names.extend(ACCESS_TABLES),
        Check::RoleExists(_) => {
            names.insert("role");
        }
        Check::AppModuleExists(_) => {
            names.insert("appmodule");
        }
        Check::AppModuleShared(_) => {
            names.extend(["appmodule", "appmoduleroles"]);
            names.extend(ACCESS_TABLES);
        }
        Check::NowhereElse { .. } => {
            names.insert("mailbox");
        }
        // Their fields are added one by one; the rest looks at no table.
        Check::All(_)
        | Check::Any(_)
        | Check::Not(_)
        | Check::Field(..)
        | Check::SameAs(..)
        | Check::Attested(_)
        | Check::EveryDevice(_)
        | Check::SomeDevice(_)
        | Check::Never => {}
    }
}

fn of_field(source: &FieldSource, names: &mut BTreeSet<&'static str>) {
    match source {
        // The profile is that of the user's mailbox.
        FieldSource::Column {
            table: Subject::Profile,
            ..
        } => names.extend(["mailbox", Subject::Profile.table()]),
        FieldSource::Column { table, .. } => {
            names.insert(table.table());
        }
        FieldSource::MailboxExists => {
            names.insert("mailbox");
        }
        FieldSource::AccessModelAgrees | FieldSource::MembershipSeen => names.extend(ACCESS_TABLES),
        FieldSource::Deployment
        | FieldSource::Build
        | FieldSource::Region
        | FieldSource::AuditedEnvironments
        | FieldSource::AccessVerified
        | FieldSource::DevicesGiven
        | FieldSource::Device(_) => {}
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says so")]
mod tests {
    use super::super::{load, packs};

    fn tables_of(id: &str) -> Vec<&'static str> {
        let set = load(&packs::embedded()).expect("the shipped packs");
        let (_, rule) = set.find(id).expect(id);
        rule.tables().iter().map(|table| table.name).collect()
    }

    #[test]
    fn the_way_to_a_fact_is_read_too() {
        assert_eq!(
            tables_of("mailbox-profile-is-exchange"),
            ["systemuser", "mailbox", "emailserverprofile"]
        );
        assert_eq!(tables_of("server-side-sync-processes-email"), ["organization"]);
        assert_eq!(tables_of("app-role-exists"), ["role"]);
        // What is attested, or told by the manifest, is in no table.
        assert_eq!(tables_of("internet-facing-deployment"), [""; 0]);
        let access = [
            "systemuser",
            "role",
            "privilege",
            "roleprivileges",
            "systemuserroles",
            "team",
            "teamroles",
            "teammembership",
        ];
        assert_eq!(tables_of("prvReadContact"), access);
        assert_eq!(
            tables_of("app-module-shared-with-role"),
            [&access[..], &["appmodule", "appmoduleroles"]].concat()
        );
    }

    #[test]
    fn what_is_needed_names_the_tables_it_opens() {
        let set = load(&packs::embedded()).expect("the shipped packs");
        let (_, rule) = set.find("prvReadContact").expect("a rule");
        let needed: Vec<_> = rule.needed();
        let roles = needed
            .iter()
            .find(|needed| needed.privilege == "prvReadRole")
            .expect("roles are read");
        assert_eq!(
            roles.tables,
            [
                "role",
                "privilege",
                "roleprivileges",
                "systemuserroles",
                "teamroles"
            ]
        );
        assert_eq!(
            roles.recalled,
            ["privilege", "roleprivileges", "systemuserroles", "teamroles"]
        );
    }
}
