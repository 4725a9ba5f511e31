//! The evaluation itself: outcomes of every rule, then verdicts.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::access::Access;
use crate::rules::nearest::nearest;
use crate::rules::{Check, Rule, RuleSet, Scope, Severity, Subject};
use crate::snapshot::Environment;

use super::assessment::{Assessment, EnvironmentAssessment};
use super::attestations::names_environment;
use super::called::Called;
use super::check::Scene;
use super::columns::Columns;
use super::compile::{Compiled, Context, requirements};
use super::elsewhere::Index;
use super::features::Needs;
use super::field::same_text;
use super::lines::Lines;
use super::outcome::{Outcome, Outcomes, Verdict};
use super::owned::Owned;
use super::people::{People, Population};
use super::tri::{Planes, Tri, combine};
use super::turned::Turned;
use super::{Attestation, Bits, Devices, Waiver};

/// Everything an evaluation depends on. The same inputs give the same assessment.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The rules to apply.
    pub rules: &'a RuleSet,
    /// The environments, in the order they are reported.
    pub environments: &'a [Environment],
    /// Signed-off statements.
    pub attestations: &'a [Attestation],
    /// Accepted failures.
    pub waivers: &'a [Waiver],
    /// What the users' devices are, where that is known.
    pub devices: Option<&'a Devices>,
    /// The moment that attestations and waivers are judged at.
    pub at: Timestamp,
    /// Judge disabled users as if they were in scope.
    pub include_disabled: bool,
    /// Apply superseded rules too.
    pub include_superseded: bool,
    /// Whom to report; everyone is evaluated all the same.
    pub reported: &'a Reported,
}

/// Whom the outputs list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reported {
    /// Everyone.
    #[default]
    All,
    /// Users by UPN, e-mail address or id.
    Users(Vec<String>),
    /// The users of the business unit of that name.
    BusinessUnit(String),
}

/// Why the inputs cannot be evaluated together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssessError {
    /// The same organization twice.
    #[error(
        "environment \"{name}\" (organization {id}) is given twice: {first} and {second}\n\
         hint: name one snapshot of each environment; `clearance diff` compares two of the same"
    )]
    SameEnvironment {
        /// Name of the environment.
        name: String,
        /// Organization id.
        id: String,
        /// Collected when, the first.
        first: String,
        /// Collected when, the second.
        second: String,
    },
    /// A user to report is in none of the environments.
    #[error(
        "no user `{0}` in the audited environments\n\
         hint: give a user's sign-in name (UPN), e-mail address or id as Dataverse stores it"
    )]
    NoSuchUser(String),
    /// A business unit to report is in none of the environments.
    #[error(
        "no business unit named \"{name}\" in the audited environments\n\
         hint: {}",
        match .meant {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => "give its whole name as Dataverse stores it".to_owned(),
        }
    )]
    NoSuchBusinessUnit {
        /// The name that was asked for.
        name: String,
        /// The name that was probably meant.
        meant: Option<String>,
    },
}

/// Applies the rules to the environments.
///
/// # Errors
/// If the same environment is given twice, or if someone to report does not exist.
pub fn assess<'a>(inputs: &Inputs<'a>) -> Result<Assessment<'a>, AssessError> {
    refuse_doubles(inputs.environments)?;
    let today = inputs.at.to_zoned(TimeZone::UTC).date();
    let elsewhere = indexes(inputs);
    let requirements = requirements(inputs.rules);
    let environments: Vec<EnvironmentAssessment<'a>> = inputs
        .environments
        .iter()
        .enumerate()
        .map(|(position, environment)| {
            let (people, access) = rayon::join(
                || People::new(environment),
                || Access::new(environment, requirements.clone()),
            );
            let scene = Scene {
                devices: inputs.devices.map(|devices| Owned::new(devices, &people)),
                people,
                access,
            };
            let context = Context {
                environment,
                scene: &scene,
                attestations: inputs.attestations,
                today,
                environments: inputs.environments.len(),
                position,
                elsewhere: &elsewhere,
            };
            let compiled = inputs
                .rules
                .rules
                .iter()
                .map(|rule| Compiled::new(rule, &context))
                .collect();
            judge(inputs, environment, scene, compiled, today)
        })
        .collect();
    refuse_strangers(inputs.reported, &environments)?;
    let notices = super::notices::of(inputs, &environments, today);
    Ok(Assessment {
        rules: inputs.rules,
        assessed_at: inputs.at,
        environments,
        notices,
    })
}

fn refuse_doubles(environments: &[Environment]) -> Result<(), AssessError> {
    for (position, second) in environments.iter().enumerate() {
        let id = &second.manifest.environment.organization_id;
        let same = |first: &&Environment| {
            first
                .manifest
                .environment
                .organization_id
                .eq_ignore_ascii_case(id)
        };
        if let Some(first) = environments[..position].iter().find(same) {
            return Err(AssessError::SameEnvironment {
                name: second.manifest.environment.name.clone(),
                id: id.clone(),
                first: format!("collected {}", first.manifest.collected.finished),
                second: format!("collected {}", second.manifest.collected.finished),
            });
        }
    }
    Ok(())
}

fn refuse_strangers(
    reported: &Reported,
    environments: &[EnvironmentAssessment<'_>],
) -> Result<(), AssessError> {
    match reported {
        Reported::All => Ok(()),
        Reported::Users(words) => {
            let called = Called::new(words.iter().map(String::as_str));
            let mut known = vec![false; words.len()];
            for assessed in environments {
                called
                    .find(&assessed.scene.people)
                    .for_each(|(_, word)| known[word] = true);
            }
            match words.iter().zip(known).find(|(_, known)| !known) {
                Some((word, _)) => Err(AssessError::NoSuchUser(word.clone())),
                None => Ok(()),
            }
        }
        Reported::BusinessUnit(name) => {
            let tables = environments
                .iter()
                .filter_map(|e| e.environment.table("businessunit"));
            let own: Vec<&str> = tables
                .filter_map(|table| table.text("name"))
                .flat_map(|names| names.iter().flatten())
                .collect();
            if own.iter().any(|own| same_text(own, name)) {
                return Ok(());
            }
            Err(AssessError::NoSuchBusinessUnit {
                name: name.clone(),
                meant: nearest(name, own).map(str::to_owned),
            })
        }
    }
}

/// One index of all mailboxes for every check that looks into other environments.
fn indexes<'a>(inputs: &Inputs<'a>) -> Vec<(&'a Check, Arc<Index>)> {
    fn collect<'a>(check: &'a Check, found: &mut Vec<&'a Check>) {
        match check {
            Check::All(parts) | Check::Any(parts) => parts.iter().for_each(|part| collect(part, found)),
            Check::Not(part) => collect(part, found),
            Check::NowhereElse { .. } => found.push(check),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for rule in &inputs.rules.rules {
        rule.when
            .iter()
            .chain([&rule.check])
            .for_each(|check| collect(check, &mut found));
    }
    found
        .into_iter()
        .filter_map(|check| match check {
            Check::NowhereElse { same, condition } => {
                Some((check, Arc::new(Index::new(inputs.environments, same, condition))))
            }
            _ => None,
        })
        .collect()
}

fn judge<'a>(
    inputs: &Inputs<'a>,
    environment: &'a Environment,
    scene: Scene<'a>,
    compiled: Vec<Compiled<'a>>,
    today: Date,
) -> EnvironmentAssessment<'a> {
    let rules = inputs.rules;
    let len = scene.people.len();
    let is_on = |rule: &Rule| rule.superseded.is_none() || inputs.include_superseded;
    let waivers: Vec<(&'a Waiver, Bits)> = inputs
        .waivers
        .iter()
        .filter(|waiver| waiver.is_in_force(today))
        .map(|waiver| (waiver, waived_users(waiver, &scene.people)))
        .collect();
    let own = rules.rules.iter().zip(&compiled);
    let own = own.filter(|(rule, _)| rule.scope == Scope::User && is_on(rule));
    let columns = Columns::new(own.map(|(_, compiled)| compiled), &scene);
    let outcomes: Vec<Outcomes> = rules
        .rules
        .par_iter()
        .zip(&compiled)
        .map(|(rule, compiled)| match (rule.scope, is_on(rule)) {
            (Scope::Environment, _) => Outcomes::default(),
            (Scope::User, false) => Outcomes {
                not_applicable: Bits::ones(len),
                ..Outcomes::passing(len)
            },
            (Scope::User, true) => user_outcomes(rule, compiled, &scene, &columns, &waivers),
        })
        .collect();
    let environment_outcomes: Vec<Outcome> = rules
        .rules
        .iter()
        .zip(&compiled)
        .map(|(rule, compiled)| match (rule.scope, is_on(rule)) {
            (Scope::User, _) => Outcome::Pass,
            (Scope::Environment, false) => Outcome::NotApplicable,
            (Scope::Environment, true) => environment_outcome(rule, compiled, &scene, &waivers, environment),
        })
        .collect();
    let standing = Standing::new(rules, &outcomes, &environment_outcomes, len);
    let ranked = super::assessment::ranked(rules);
    let lines = Lines::new(
        &scene.people,
        rules,
        &ranked,
        &outcomes,
        &environment_outcomes,
        &standing,
    );
    let population = Population::new(environment, inputs.include_disabled);
    let users = (0..len).into_par_iter();
    let reasons: Vec<_> = users.map(|user| population.reason(user)).collect();
    let reported = reported(&scene.people, inputs.reported);
    let mut counted = reported.clone();
    for (users, reasons) in counted.words_mut().iter_mut().zip(reasons.chunks(64)) {
        let out = reasons.iter().rev().map(|reason| u64::from(reason.is_some()));
        *users &= !out.fold(0, |all, one| all << 1 | one);
    }
    EnvironmentAssessment {
        environment,
        rules,
        feature_needs: Needs::new(rules, &scene.access),
        ranked,
        lines,
        scene,
        compiled,
        turned: Turned::new(rules, &outcomes, len),
        outcomes,
        environment_outcomes,
        standing,
        reasons,
        reported,
        counted,
        waivers,
        unseen: super::notices::unseen(environment, rules, inputs.include_superseded),
    }
}

/// `design.md` §6: condition false → not applicable; else check true → pass; else both known →
/// fail; else unknown.
fn user_outcomes(
    rule: &Rule,
    compiled: &Compiled<'_>,
    scene: &Scene<'_>,
    columns: &Columns<'_, '_>,
    waivers: &[(&Waiver, Bits)],
) -> Outcomes {
    let len = scene.people.len();
    if compiled.no_such_privilege {
        return Outcomes {
            not_applicable: Bits::ones(len),
            ..Outcomes::passing(len)
        };
    }
    let condition = condition(compiled, scene, columns);
    if condition.fails.count() == len {
        return Outcomes {
            not_applicable: condition.fails,
            ..Outcomes::passing(len)
        };
    }
    let check = compiled.check.planes(scene, columns);
    let mut fail = condition.holds;
    combine(&mut fail, &check.fails, |a, b| a & b);
    let mut unknown = Bits::ones(len);
    combine(&mut unknown, &fail, |a, b| a & !b);
    combine(&mut unknown, &check.holds, |a, b| a & !b);
    combine(&mut unknown, &condition.fails, |a, b| a & !b);
    let mut waived = Bits::new(len);
    for (_, users) in waivers
        .iter()
        .filter(|(waiver, _)| waiver.rules.contains(&rule.id))
    {
        combine(&mut waived, users, |a, b| a | b);
    }
    if !waivers.is_empty() {
        combine(&mut waived, &fail, |a, b| a & b);
        combine(&mut fail, &waived, |a, b| a & !b);
    }
    Outcomes {
        fail,
        unknown,
        not_applicable: condition.fails,
        waived,
    }
}

/// The rule's own condition, and that the records it reads exist.
fn condition(compiled: &Compiled<'_>, scene: &Scene<'_>, columns: &Columns<'_, '_>) -> Planes {
    let len = scene.people.len();
    let mut planes = match &compiled.when {
        Some(when) => when.planes(scene, columns),
        None => Planes::all(len, Tri::True),
    };
    for subject in &compiled.records {
        planes = planes.and(&scene.people.exists(*subject));
    }
    planes
}

/// Whether a record exists for a user.
pub(super) fn record(subject: Subject, scene: &Scene<'_>, user: usize) -> Tri {
    scene.people.place(subject, user).exists()
}

fn environment_outcome(
    rule: &Rule,
    compiled: &Compiled<'_>,
    scene: &Scene<'_>,
    waivers: &[(&Waiver, Bits)],
    environment: &Environment,
) -> Outcome {
    let condition = compiled
        .when
        .as_ref()
        .map_or(Tri::True, |when| when.tri(scene, 0));
    let is_waived = || {
        waivers.iter().any(|(waiver, _)| {
            waiver.rules.contains(&rule.id)
                && waiver.users.is_empty()
                && waiver.business_units.is_empty()
                && waiver
                    .environments
                    .iter()
                    .any(|word| names_environment(word, environment))
        })
    };
    match (condition, compiled.check.tri(scene, 0)) {
        (Tri::False, _) => Outcome::NotApplicable,
        (_, Tri::True) => Outcome::Pass,
        (Tri::True, Tri::False) if is_waived() => Outcome::Waived,
        (Tri::True, Tri::False) => Outcome::Fail,
        _ => Outcome::Unknown,
    }
}

/// Who is held back by what, as if everyone were in scope; nobody is in two of them.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) blocked: Bits,
    pub(super) unknown: Bits,
    pub(super) limited: Bits,
}

impl Standing {
    fn new(rules: &RuleSet, outcomes: &[Outcomes], environment_outcomes: &[Outcome], len: usize) -> Standing {
        let (mut blocked, mut unknown, mut limited) = (Bits::new(len), Bits::new(len), Bits::new(len));
        for ((rule, users), environment) in rules.rules.iter().zip(outcomes).zip(environment_outcomes) {
            let (fails, unknowns) = match rule.severity {
                Severity::Blocks => (&mut blocked, Some(&mut unknown)),
                Severity::Limits => (&mut limited, None),
                Severity::Advises => continue,
            };
            match rule.scope {
                Scope::User => {
                    combine(fails, &users.fail, |a, b| a | b);
                    if let Some(unknowns) = unknowns {
                        combine(unknowns, &users.unknown, |a, b| a | b);
                    }
                }
                Scope::Environment => match (environment, unknowns) {
                    (Outcome::Fail, _) => *fails = Bits::ones(len),
                    (Outcome::Unknown, Some(unknowns)) => *unknowns = Bits::ones(len),
                    _ => {}
                },
            }
        }
        combine(&mut unknown, &blocked, |a, b| a & !b);
        combine(&mut limited, &blocked, |a, b| a & !b);
        combine(&mut limited, &unknown, |a, b| a & !b);
        Standing {
            blocked,
            unknown,
            limited,
        }
    }

    pub(super) fn verdict(&self, user: usize) -> Verdict {
        if self.blocked.get(user) {
            Verdict::Blocked
        } else if self.unknown.get(user) {
            Verdict::Unknown
        } else if self.limited.get(user) {
            Verdict::Limited
        } else {
            Verdict::Ready
        }
    }
}

/// The users that outputs list.
fn reported(people: &People<'_>, reported: &Reported) -> Bits {
    match reported {
        Reported::All => Bits::ones(people.len()),
        Reported::Users(words) => called(people, words),
        Reported::BusinessUnit(name) => of_units(people, std::slice::from_ref(name)),
    }
}

fn called(people: &People<'_>, words: &[String]) -> Bits {
    let mut users = Bits::new(people.len());
    let called = Called::new(words.iter().map(String::as_str));
    called.find(people).for_each(|(user, _)| users.set(user));
    users
}

fn of_units(people: &People<'_>, names: &[String]) -> Bits {
    let mut users = Bits::new(people.len());
    for user in 0..people.len() {
        if let Some(own) = people.business_unit(user)
            && names.iter().any(|name| same_text(own, name))
        {
            users.set(user);
        }
    }
    users
}

fn waived_users(waiver: &Waiver, people: &People<'_>) -> Bits {
    let environments = &waiver.environments;
    if !environments.is_empty()
        && !environments
            .iter()
            .any(|word| names_environment(word, people.environment))
    {
        return Bits::new(people.len());
    }
    let mut users = Bits::ones(people.len());
    if !waiver.users.is_empty() {
        users = called(people, &waiver.users);
    }
    if !waiver.business_units.is_empty() {
        combine(&mut users, &of_units(people, &waiver.business_units), |a, b| {
            a & b
        });
    }
    users
}
