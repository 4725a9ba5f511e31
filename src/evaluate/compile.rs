//! Rules × one environment → nodes that can be asked.

use std::sync::Arc;

use jiff::civil::Date;

use crate::access::{PrivilegeState, Reach, Requirement};
use crate::rules::{Check, Field, FieldSource, Rule, Subject, Test, Version};
use crate::snapshot::Environment;
use crate::snapshot::manifest::Deployment;

use super::Attestation;
use super::attestations::attested;
use super::check::{Leaf, Node, Scene, YesOrNo, requirement};
use super::elsewhere::Index;
use super::field::{Cell, FieldReader};
use super::owned::DeviceCheck;
use super::tri::Tri;

/// What compiling needs beside the rule.
pub(super) struct Context<'c, 'a> {
    pub(super) environment: &'a Environment,
    pub(super) scene: &'c Scene<'a>,
    pub(super) attestations: &'c [Attestation],
    pub(super) today: Date,
    /// How many environments the audit holds, and which one this is.
    pub(super) environments: usize,
    pub(super) position: usize,
    /// Indexes of other environments' mailboxes, by the check that asks for them.
    pub(super) elsewhere: &'c [(&'a Check, Arc<Index>)],
}

/// A rule made ready for one environment.
#[derive(Debug)]
pub(super) struct Compiled<'a> {
    pub(super) when: Option<Node<'a>>,
    pub(super) check: Node<'a>,
    /// Records without which the rule has nothing to look at: not applicable where there is none.
    pub(super) records: Vec<Subject>,
    /// Set for a privilege that does not exist in the environment: applicable to nobody.
    pub(super) no_such_privilege: bool,
    /// What has to be, in words.
    pub(super) expected: String,
    /// Facts that are told with what was observed.
    pub(super) quotes: Vec<FieldReader<'a>>,
}

impl<'a> Compiled<'a> {
    pub(super) fn new(rule: &'a Rule, context: &Context<'_, 'a>) -> Compiled<'a> {
        Compiled {
            when: rule.when.as_ref().map(|when| node(when, context)),
            check: node(&rule.check, context),
            records: records(rule),
            expected: rule.check.describe(),
            quotes: rule
                .quote
                .iter()
                .filter(|field| matches!(field.source, FieldSource::Column { .. }))
                .filter_map(|field| reader(field, context))
                .collect(),
            no_such_privilege: match &rule.check {
                Check::Privilege(name, depth) => {
                    context.scene.access.privilege(name, *depth) == PrivilegeState::Absent
                }
                _ => false,
            },
        }
    }
}

/// The mailbox and the profile, where a rule reads a fact of them.
fn records(rule: &Rule) -> Vec<Subject> {
    let mut records = Vec::new();
    for check in rule.when.iter().chain([&rule.check]) {
        outer_fields(check, &mut |field| {
            if let FieldSource::Column {
                table: subject @ (Subject::Mailbox | Subject::Profile),
                ..
            } = &field.source
                && !records.contains(subject)
            {
                records.push(*subject);
            }
        });
    }
    records
}

/// The fields that a check reads of the user; not those that it reads of other environments'
/// mailboxes.
fn outer_fields<'c>(check: &'c Check, f: &mut impl FnMut(&'c Field)) {
    match check {
        Check::All(parts) | Check::Any(parts) => parts.iter().for_each(|part| outer_fields(part, f)),
        Check::Not(part) => outer_fields(part, f),
        other => other.fields().into_iter().for_each(f),
    }
}

fn node<'a>(check: &'a Check, context: &Context<'_, 'a>) -> Node<'a> {
    let nodes = |parts: &'a [Check]| parts.iter().map(|part| node(part, context)).collect();
    let leaf = match check {
        Check::All(parts) => return Node::All(nodes(parts)),
        Check::Any(parts) => return Node::Any(nodes(parts)),
        Check::Not(part) => return Node::Not(Box::new(node(part, context))),
        Check::Field(field, test) => field_leaf(field, test, context),
        Check::SameAs(left, right) => match (reader(left, context), reader(right, context)) {
            (Some(left), Some(right)) => Leaf::Same(left, right),
            _ => constant(
                Tri::Unknown,
                String::new(),
                Some("the two facts cannot be compared".to_owned()),
            ),
        },
        Check::Privilege(..) | Check::Role { .. } | Check::AppModuleShared(_) => access_leaf(check, context),
        Check::RoleExists(name) => role_exists(name, context),
        Check::AppModuleExists(name) => app_module_exists(name, context.environment),
        Check::Attested(id) => {
            let (value, observed, reason) =
                attested(context.attestations, id, context.environment, context.today);
            constant(value, observed, reason)
        }
        Check::EveryDevice(part) => devices_leaf(true, part, context),
        Check::SomeDevice(part) => devices_leaf(false, part, context),
        Check::Never => constant(Tri::False, "applies to this user".to_owned(), None),
        Check::NowhereElse { same, .. } => {
            let index = context
                .elsewhere
                .iter()
                .find(|(other, _)| std::ptr::eq(*other, check));
            match (reader(same, context), index) {
                (Some(reader), Some((_, index))) => {
                    Leaf::Elsewhere(reader, index.seen_from(context.position))
                }
                _ => constant(
                    Tri::Unknown,
                    String::new(),
                    Some("other environments were not read".to_owned()),
                ),
            }
        }
    };
    Node::Leaf(leaf)
}

fn constant<'a>(value: Tri, observed: String, reason: Option<String>) -> Leaf<'a> {
    Leaf::Constant {
        value,
        observed,
        reason,
    }
}

/// Without an inventory the same for everyone, so that nobody is asked.
fn devices_leaf<'a>(every: bool, check: &'a Check, context: &Context<'_, 'a>) -> Leaf<'a> {
    if context.scene.devices.is_some() {
        return Leaf::Devices(DeviceCheck::new(every, check));
    }
    let reason = "no device inventory was given".to_owned();
    constant(Tri::Unknown, String::new(), Some(reason))
}

/// Reads a fact to compare it with another; none for what is worked out for each user.
fn reader<'a>(field: &'a Field, context: &Context<'_, 'a>) -> Option<FieldReader<'a>> {
    if let FieldSource::Column { table, column, .. } = &field.source {
        return Some(FieldReader::new(field, *table, column, context.environment));
    }
    fixed(field, context).map(|cell| FieldReader::fixed(field, cell))
}

/// A fact that is the same for everyone in the environment; none for any other.
fn fixed<'a>(field: &Field, context: &Context<'_, 'a>) -> Option<Cell<'a>> {
    let info = &context.environment.manifest.environment;
    let text = |text: &'a Option<String>| text.as_deref().map_or(Cell::Null, Cell::Text);
    Some(match field.source {
        FieldSource::Deployment => Cell::Integer(match info.deployment {
            Deployment::Online => 0,
            Deployment::OnPremises => 1,
        }),
        FieldSource::Build => text(&info.build),
        FieldSource::Region => text(&info.region),
        FieldSource::AuditedEnvironments => {
            Cell::Integer(i32::try_from(context.environments).unwrap_or(i32::MAX))
        }
        FieldSource::DevicesGiven => Cell::Boolean(context.scene.devices.is_some()),
        _ => return None,
    })
}

fn access_leaf<'a>(check: &'a Check, context: &Context<'_, 'a>) -> Leaf<'a> {
    let asked = requirement(check);
    let position = asked
        .as_ref()
        .and_then(|asked| context.scene.access.position(asked));
    match (asked, position) {
        (Some(asked), Some(position)) => Leaf::Access(position, asked),
        _ => constant(
            Tri::Unknown,
            String::new(),
            Some("access was not computed".to_owned()),
        ),
    }
}

fn field_leaf<'a>(field: &'a Field, test: &'a Test, context: &Context<'_, 'a>) -> Leaf<'a> {
    let the_same_for_everyone = |null_reason: &str| {
        let cell = fixed(field, context).unwrap_or(Cell::Null);
        let reason = (cell == Cell::Null).then(|| null_reason.to_owned());
        let mut observed = format!("`{}` is ", field.name);
        cell.put(&field.kind, &mut observed);
        constant(cell.test(test), observed, reason)
    };
    match &field.source {
        FieldSource::Column { table, column, .. } => {
            Leaf::Field(FieldReader::new(field, *table, column, context.environment), test)
        }
        FieldSource::MailboxExists => Leaf::MailboxExists(YesOrNo::new(test)),
        FieldSource::AccessVerified => Leaf::Verified(YesOrNo::new(test)),
        FieldSource::AccessModelAgrees => Leaf::ModelAgrees(YesOrNo::new(test)),
        FieldSource::MembershipSeen => Leaf::MembershipSeen(YesOrNo::new(test)),
        FieldSource::Build => build(
            field,
            test,
            context.environment.manifest.environment.build.as_deref(),
        ),
        FieldSource::Region => the_same_for_everyone("the environment's address does not tell its region"),
        FieldSource::Deployment | FieldSource::AuditedEnvironments | FieldSource::DevicesGiven => {
            the_same_for_everyone("")
        }
        FieldSource::Device(_) => constant(
            Tri::Unknown,
            String::new(),
            Some("a user may have several devices".to_owned()),
        ),
    }
}

fn build<'a>(field: &Field, test: &Test, build: Option<&str>) -> Leaf<'a> {
    let name = &field.name;
    let version = build.and_then(Version::parse);
    match (build, version) {
        (Some(text), Some(_)) => constant(Cell::Text(text).test(test), format!("`{name}` is {text}"), None),
        // It cannot be compared, but it is there.
        (Some(text), None) => constant(
            Cell::Text(text).test(test),
            format!("`{name}` is \"{text}\""),
            Some(format!("\"{text}\" is not a version that can be compared")),
        ),
        (None, _) => constant(
            Cell::Null.test(test),
            format!("`{name}` is not known"),
            Some("the environment did not tell its version".to_owned()),
        ),
    }
}

fn role_exists<'a>(name: &str, context: &Context<'_, 'a>) -> Leaf<'a> {
    let access = &context.scene.access;
    let absent = format!("table `role`: no role named \"{name}\"");
    match access.role_exists(name) {
        Reach::Pass => constant(Tri::True, format!("table `role`: a role named \"{name}\""), None),
        Reach::Fail => constant(Tri::False, absent, None),
        Reach::Unknown => {
            let reason = access.role_gap().unwrap_or("a role's name was not seen");
            constant(Tri::Unknown, absent, Some(reason.to_owned()))
        }
    }
}

fn app_module_exists<'a>(name: &str, environment: &Environment) -> Leaf<'a> {
    let names = environment
        .table("appmodule")
        .and_then(|table| table.text("uniquename"));
    let found = names.is_some_and(|names| {
        names
            .iter()
            .flatten()
            .any(|other| super::field::same_text(other, name))
    });
    if found {
        return constant(Tri::True, format!("table `appmodule`: `{name}` is there"), None);
    }
    let absent = format!("table `appmodule`: no app with the unique name `{name}`");
    let proof = crate::access::Proof::of(environment, &["appmodule"], &["prvReadAppModule"]);
    match (proof.gap(), names) {
        (None, Some(_)) => constant(Tri::False, absent, None),
        (None, None) => constant(
            Tri::Unknown,
            absent,
            Some("`appmodule.uniquename` was not collected".to_owned()),
        ),
        (Some(gap), _) => constant(Tri::Unknown, absent, Some(gap.to_owned())),
    }
}

/// The condition on another environment's mailbox, which sees that mailbox and nothing else.
pub(super) fn mailbox_node<'a>(check: &'a Check, environment: &'a Environment) -> Node<'a> {
    let nodes = |parts: &'a [Check]| parts.iter().map(|part| mailbox_node(part, environment)).collect();
    let reader = |field: &'a Field| match &field.source {
        FieldSource::Column {
            table: Subject::Mailbox,
            column,
            ..
        } => Some(FieldReader::new(field, Subject::Mailbox, column, environment)),
        _ => None,
    };
    let leaf = match check {
        Check::All(parts) => return Node::All(nodes(parts)),
        Check::Any(parts) => return Node::Any(nodes(parts)),
        Check::Not(part) => return Node::Not(Box::new(mailbox_node(part, environment))),
        Check::Field(field, test) => reader(field).map(|reader| Leaf::Field(reader, test)),
        Check::SameAs(left, right) => reader(left)
            .zip(reader(right))
            .map(|(left, right)| Leaf::Same(left, right)),
        _ => None,
    };
    let unreadable = "only facts of the mailbox can be read in another environment";
    Node::Leaf(leaf.unwrap_or_else(|| constant(Tri::Unknown, String::new(), Some(unreadable.to_owned()))))
}

/// Every question about access that the rules and features ask, each once.
pub(super) fn requirements(rules: &crate::rules::RuleSet) -> Vec<Requirement> {
    let mut requirements: Vec<Requirement> = Vec::new();
    let mut add = |requirement: Requirement| {
        if !requirements.contains(&requirement) {
            requirements.push(requirement);
        }
    };
    for rule in &rules.rules {
        for check in rule.when.iter().chain([&rule.check]) {
            check.visit(&mut |part| requirement(part).into_iter().for_each(&mut add));
        }
    }
    for feature in &rules.features {
        feature
            .needs
            .iter()
            .map(|name| super::check::feature_requirement(name))
            .for_each(&mut add);
    }
    requirements
}
