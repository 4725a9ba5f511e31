//! The assessment: summaries, rows and findings, as data. Every report reads from here and
//! none computes anything of its own.

use std::borrow::Cow;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::rules::{Check, FieldSource, Rule, RuleIndex, RuleSet, Scope, Severity};
use crate::snapshot::{Environment, Guid};

use super::assess::Standing;
use super::check::Scene;
use super::compile::Compiled;
use super::features::Needs;
use super::lines::Lines;
use super::outcome::{Deployment, Outcome, Outcomes, Verdict};
use super::people::OutOfScope;
use super::turned::Turned;
use super::{Bits, Waiver};

/// The result of an audit: all environments, in the order they were given.
#[derive(Debug)]
pub struct Assessment<'a> {
    /// The rules that ran (superseded ones only where they were asked for).
    pub rules: &'a RuleSet,
    /// The moment that attestations and waivers were judged at.
    pub assessed_at: Timestamp,
    /// One entry per environment.
    pub environments: Vec<EnvironmentAssessment<'a>>,
    /// Things the reader must know: expired or unused waivers, expired attestations, gaps that
    /// leave something unknown. One sentence each.
    pub notices: Vec<String>,
}

/// Counts of verdicts. `users` counts users in scope: ready + limited + blocked + unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Users in scope.
    pub users: usize,
    /// Ready.
    pub ready: usize,
    /// Limited.
    pub limited: usize,
    /// Blocked.
    pub blocked: usize,
    /// Unknown.
    pub unknown: usize,
    /// Users out of scope, not counted in `users`.
    pub out_of_scope: usize,
}

/// Outcomes of one rule over the users in scope; an environment rule's counts for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// Passes.
    pub pass: usize,
    /// Failures.
    pub fail: usize,
    /// Unknowns.
    pub unknown: usize,
    /// Not applicable.
    pub not_applicable: usize,
    /// Accepted failures.
    pub waived: usize,
}

/// One user's line: what every per-user output begins with.
#[derive(Clone, Debug)]
pub struct UserRow<'a> {
    /// `systemuserid`.
    pub id: Guid,
    /// Full name; empty when null.
    pub name: &'a str,
    /// Primary e-mail address; empty when null.
    pub email: &'a str,
    /// Name of the business unit; its id if the name was not read; empty when null.
    pub business_unit: Cow<'a, str>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why the user is out of scope.
    pub reason: Option<&'static str>,
    /// State of the app in the user's Outlook.
    pub deployment: Deployment,
    /// Blocking rules of the user's own that fail; 0, like the other counts, out of scope.
    pub blocking: u32,
    /// Limiting rules of the user's own that fail.
    pub limiting: u32,
    /// Rules of the user's own that are unknown, whatever their severity.
    pub unknown: u32,
    /// Accepted failures of the user's own.
    pub waived: u32,
}

/// An outcome other than pass, explained.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// Which rule: position in [`RuleSet::rules`].
    pub index: RuleIndex,
    /// The rule.
    pub rule: &'a Rule,
    /// Its outcome.
    pub outcome: Outcome,
    /// What had to be, in words and with the names of the columns.
    pub expected: String,
    /// What was read, and where.
    pub observed: String,
    /// The same, fact by fact.
    pub facts: Vec<String>,
    /// What is wrong, or why it is not known, in one sentence.
    pub cause: String,
    /// How access reaches the user: one path per line. Empty where no access is involved.
    pub path: Vec<String>,
    /// For missing access: the nearest paths and what stops each.
    pub nearest: Vec<String>,
    /// What to do.
    pub remedy: String,
}

/// What explains a user's verdict, without its evidence.
#[derive(Clone, Debug)]
pub struct TopCause<'a> {
    /// Which rule: position in [`RuleSet::rules`].
    pub index: RuleIndex,
    /// Its outcome.
    pub outcome: Outcome,
    /// What is wrong, or why it is not known, in one sentence; as in the [`Finding`].
    pub cause: &'a str,
    /// What to do.
    pub remedy: &'a str,
}

/// How many users a failing rule holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseCount {
    /// Which rule: position in [`RuleSet::rules`].
    pub index: RuleIndex,
    /// Users in scope for whom it fails.
    pub users: usize,
    /// Users for whom it is the cause named first.
    pub deciding: usize,
}

/// The outcomes for one environment.
#[derive(Debug)]
pub struct EnvironmentAssessment<'a> {
    /// What was collected.
    pub environment: &'a Environment,
    pub(super) rules: &'a RuleSet,
    /// Rules in the order in which causes are named.
    pub(super) ranked: Vec<RuleIndex>,
    pub(super) feature_needs: Needs,
    pub(super) lines: Lines<'a>,
    pub(super) scene: Scene<'a>,
    pub(super) compiled: Vec<Compiled<'a>>,
    /// By rule; empty planes for environment rules.
    pub(super) outcomes: Vec<Outcomes>,
    /// What is told, by user.
    pub(super) turned: Turned,
    /// By rule; pass for user rules.
    pub(super) environment_outcomes: Vec<Outcome>,
    /// As if everyone were in scope.
    pub(super) standing: Standing,
    /// Why a user is out of scope.
    pub(super) reasons: Vec<Option<OutOfScope>>,
    /// Users that outputs list.
    pub(super) reported: Bits,
    /// Users that summaries count: reported and in scope.
    pub(super) counted: Bits,
    pub(super) waivers: Vec<(&'a Waiver, Bits)>,
    /// What was not seen, and what that leaves unknown: one sentence each.
    pub unseen: Vec<String>,
}

/// The order in which causes are named: what blocks before what limits, then by area (an account
/// problem before a missing role, a missing role before missing privileges), within an area whether
/// there is a mailbox before what it is like, then as the packs have them.
pub(super) fn ranked(rules: &RuleSet) -> Vec<RuleIndex> {
    let key = |index: &RuleIndex| {
        let rule = &rules.rules[*index];
        (rule.severity, rule.area, !asks_for_mailbox(rule), *index)
    };
    let mut order: Vec<RuleIndex> = (0..rules.rules.len()).collect();
    order.sort_by_key(key);
    order
}

/// Where it is not known whether there is a mailbox, all that is asked of it is unknown too.
fn asks_for_mailbox(rule: &Rule) -> bool {
    matches!(&rule.check, Check::Field(field, _) if field.source == FieldSource::MailboxExists)
}

impl Assessment<'_> {
    /// Verdict counts over the users that are reported, of all environments.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for environment in &self.environments {
            let (standing, counted) = (&environment.standing, &environment.counted);
            let held = [&standing.limited, &standing.blocked, &standing.unknown];
            let [limited, blocked, unknown] = held.map(|plane| plane.count_in(counted));
            let users = counted.count();
            summary.users += users;
            summary.ready += users - limited - blocked - unknown;
            summary.limited += limited;
            summary.blocked += blocked;
            summary.unknown += unknown;
            summary.out_of_scope += environment.reported.count() - users;
        }
        summary
    }

    /// Outcomes of every rule, by [`RuleIndex`], over the users in scope. An environment rule's
    /// outcome counts for every one of them.
    #[must_use]
    pub fn rule_counts(&self) -> Vec<RuleCount> {
        let mut counts = vec![RuleCount::default(); self.rules.rules.len()];
        for environment in &self.environments {
            let users = environment.counted.count();
            counts.par_iter_mut().enumerate().for_each(|(index, count)| {
                if self.rules.rules[index].scope == Scope::Environment {
                    *count.of(environment.environment_outcomes[index]) += users;
                    return;
                }
                let planes = &environment.outcomes[index];
                let of = |plane: &Bits| plane.count_in(&environment.counted);
                let (fail, unknown) = (of(&planes.fail), of(&planes.unknown));
                let (not_applicable, waived) = (of(&planes.not_applicable), of(&planes.waived));
                count.fail += fail;
                count.unknown += unknown;
                count.not_applicable += not_applicable;
                count.waived += waived;
                count.pass += users - fail - unknown - not_applicable - waived;
            });
        }
        counts
    }

    /// The failing rules that hold users back, by the [counts](Self::rule_counts) of all rules: what
    /// blocks before what limits, most users first.
    #[must_use]
    pub fn top_causes(&self, counts: &[RuleCount]) -> Vec<CauseCount> {
        let mut causes: Vec<CauseCount> = (0..counts.len())
            .filter(|index| counts[*index].fail > 0 && self.rules.rules[*index].severity != Severity::Advises)
            .map(|index| CauseCount {
                index,
                users: counts[index].fail,
                deciding: 0,
            })
            .collect();
        for deciding in self.environments.iter().map(|e| e.deciding_counts()) {
            for cause in &mut causes {
                cause.deciding += deciding[cause.index];
            }
        }
        causes.sort_by_key(|cause| {
            let rule = &self.rules.rules[cause.index];
            (
                rule.severity,
                std::cmp::Reverse((cause.deciding, cause.users)),
                rule.area,
                cause.index,
            )
        });
        causes
    }
}

impl RuleCount {
    fn of(&mut self, outcome: Outcome) -> &mut usize {
        match outcome {
            Outcome::Pass => &mut self.pass,
            Outcome::Fail => &mut self.fail,
            Outcome::Unknown => &mut self.unknown,
            Outcome::NotApplicable => &mut self.not_applicable,
            Outcome::Waived => &mut self.waived,
        }
    }
}

impl<'a> EnvironmentAssessment<'a> {
    /// Number of users collected, in and out of scope. They are in order of their ids.
    #[must_use]
    pub fn users(&self) -> usize {
        self.scene.people.len()
    }

    /// Whether outputs list the user.
    #[must_use]
    pub fn is_reported(&self, user: usize) -> bool {
        self.reported.get(user)
    }

    /// Whether summaries count the user: reported, and in scope.
    #[must_use]
    pub fn is_counted(&self, user: usize) -> bool {
        self.counted.get(user)
    }

    /// The user's verdict.
    #[must_use]
    pub fn verdict(&self, user: usize) -> Verdict {
        if self.reasons[user].is_some() {
            Verdict::OutOfScope
        } else {
            self.would_be(user)
        }
    }

    /// The verdict that someone out of scope would have otherwise.
    #[must_use]
    pub fn would_be(&self, user: usize) -> Verdict {
        self.standing.verdict(user)
    }

    /// The outcome of a rule for a user; of an environment rule, the same for everyone.
    #[must_use]
    pub fn outcome(&self, rule: RuleIndex, user: usize) -> Outcome {
        match self.rules.rules[rule].scope {
            Scope::User => self.outcomes[rule].of(user),
            Scope::Environment => self.environment_outcomes[rule],
        }
    }

    /// What is not pass or not-applicable among the user's own rules, in the order of the packs;
    /// nothing for someone out of scope.
    #[must_use]
    pub fn findings(&self, user: usize) -> Vec<Finding<'a>> {
        self.told_rules(user)
            .map(|index| self.finding(index, user))
            .collect()
    }

    /// The rules that [`findings`](Self::findings) tells of, to be told one by one
    /// ([`tell`](Self::tell)).
    pub fn told_rules(&self, user: usize) -> impl Iterator<Item = RuleIndex> {
        let in_scope = self.reasons[user].is_none();
        in_scope.then(|| self.turned.of(user)).into_iter().flatten()
    }

    /// Everything that stands in the user's way, the environment's rules too, the deciding cause
    /// first.
    #[must_use]
    pub fn causes(&self, user: usize) -> Vec<Finding<'a>> {
        let mut told: Vec<(Severity, u8, RuleIndex)> = self
            .ranked
            .iter()
            .map(|index| {
                (
                    self.rules.rules[*index].severity,
                    rank(self.outcome(*index, user)),
                    *index,
                )
            })
            .filter(|(_, rank, _)| *rank < 3)
            .map(|(severity, rank, index)| {
                if rank == 2 {
                    (Severity::Advises, 2, index)
                } else {
                    (severity, rank, index)
                }
            })
            .collect();
        // Stable: within a severity and outcome the ranking stays.
        told.sort_by_key(|(severity, rank, _)| (*severity, *rank));
        told.into_iter()
            .map(|(_, _, index)| self.finding(index, user))
            .collect()
    }

    /// What is to be said of the environment: its own rules that are not pass or not-applicable,
    /// and required privileges that do not exist.
    #[must_use]
    pub fn environment_findings(&self) -> Vec<Finding<'a>> {
        self.told_rules_of_environment()
            .map(|index| self.finding(index, 0))
            .collect()
    }

    /// The rules that [`environment_findings`](Self::environment_findings) tells of; any user will do.
    pub fn told_rules_of_environment(&self) -> impl Iterator<Item = RuleIndex> {
        let rules = self.rules.rules.iter().enumerate();
        rules
            .filter(|(index, rule)| match rule.scope {
                Scope::Environment => is_told(self.environment_outcomes[*index]),
                Scope::User => self.compiled[*index].no_such_privilege,
            })
            .map(|(index, _)| index)
    }
}

pub(super) fn is_told(outcome: Outcome) -> bool {
    rank(outcome) < 3
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fail => 0,
        Outcome::Unknown => 1,
        Outcome::Waived => 2,
        Outcome::Pass | Outcome::NotApplicable => 3,
    }
}
