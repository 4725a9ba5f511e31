//! From cases and candidates to the plan: what has to be met, what meets it, and what is chosen.

use crate::evaluate::{Bits, EnvironmentAssessment, Inputs, Summary, Verdict};
use crate::rules::{RuleIndex, Severity};
use crate::what_if::{Change, Holder};

use super::action::Kind;
use super::cases::{self, Cases};
use super::cover::{self, Cost, Instance};
use super::left;
use super::order::order;
use super::over_grant::{Counter, OverGrant};
use super::roles::{self, Candidate};
use super::sample::{Open, Sample, State};
use super::settings::{self, Tried};
use super::{Action, Options, Plan, PlanError, count, holders, title};

/// Everything that is worked out before anything is chosen.
pub(super) struct Chooser<'c> {
    inputs: &'c Inputs<'c>,
    assessed: &'c EnvironmentAssessment<'c>,
    access_rules: Vec<RuleIndex>,
    cases: Cases,
    holders: Vec<Holder>,
    sample: Sample<'c>,
    now: State,
    /// By case: nothing is done for it, as something is not known.
    closed: Vec<bool>,
}

/// An action on access, tried out.
struct Tested {
    candidate: Candidate,
    cost: Cost,
    /// By case: the open rules that it closes, ascending.
    closes: Vec<Vec<RuleIndex>>,
}

/// Which choices meet what a case needs.
struct Need {
    case: usize,
    /// Positions of choices: settings first, then access.
    by: Vec<usize>,
}

impl<'c> Chooser<'c> {
    pub(super) fn new(
        inputs: &'c Inputs<'c>,
        assessed: &'c EnvironmentAssessment<'c>,
        options: Options,
    ) -> Result<Chooser<'c>, PlanError> {
        let access_rules = roles::access_rules(assessed, inputs.rules);
        let assignable = roles::assignable(inputs, assessed, &access_rules)?;
        let cases = cases::group(
            assessed,
            inputs.rules,
            &access_rules,
            assignable,
            options.most_cases,
        );
        let users: Vec<usize> = cases.representatives.iter().map(|(user, _)| *user).collect();
        let sample = Sample::new(inputs, assessed, &users, &cases::roots(&cases.roles));
        let now = sample.after(&[])?;
        let mut chooser = Chooser {
            inputs,
            assessed,
            holders: holders(assessed, users.iter().copied()),
            sample,
            closed: Vec::new(),
            now,
            access_rules,
            cases,
        };
        chooser.closed = (0..chooser.holders.len())
            .map(|case| chooser.is_closed(case))
            .collect();
        Ok(chooser)
    }

    /// Whether something that could block is not known, or nothing is to be done. What is not known
    /// of access counts only for somebody who lacks access for certain as well: then what is missing
    /// is given.
    fn is_closed(&self, case: usize) -> bool {
        let open = &self.now.open[case];
        let is_access = |open: &&Open| self.access_rules.contains(&open.rule);
        let lacks_access = open.iter().filter(is_access).any(|open| !open.unknown);
        self.now.verdicts[case] == Verdict::Ready
            || open
                .iter()
                .any(|one| one.unknown && !(is_access(&one) && lacks_access))
    }

    fn as_seen_by_settings(&self) -> settings::Cases<'_> {
        settings::Cases {
            assessed: self.assessed,
            rules: self.inputs.rules,
            sample: &self.sample,
            representatives: &self.cases.representatives,
            holders: &self.holders,
            closed: &self.closed,
        }
    }

    pub(super) fn plan(self, before: Summary, options: Options) -> Result<Plan, PlanError> {
        let seen = self.as_seen_by_settings();
        let now = State {
            open: self.now.open.clone(),
            verdicts: self.now.verdicts.clone(),
        };
        let tried = seen.try_settings(now)?;
        let setting_changes = seen.changes(&tried.settings, &tried.needed);
        let tested = self.test_candidates(&tried, &setting_changes)?;
        let needs = self.needs(&tried, &tested);
        let settings = tried.settings.len();
        let mut costs: Vec<Cost> = vec![(0, 0); settings];
        costs.extend(tested.iter().map(|one| one.cost));
        let instance = Instance::new(needs.iter().map(|need| need.by.as_slice()), &costs);
        let exact = Some(options.most_nodes).filter(|most| *most > 0);
        let exact = exact.and_then(|most| cover::fewest(&instance, most));
        let optimal = exact.is_some() || instance.elements == 0;
        let chosen = exact.unwrap_or_else(|| cover::greedy(&instance));
        let uses = self.uses(&needs, &chosen, &costs);
        let steps: Vec<Step<'_>> = chosen
            .iter()
            .map(|choice| match choice.checked_sub(settings) {
                None => Step::Setting(&tried.settings[*choice]),
                Some(access) => Step::Access(&tested[access].candidate),
            })
            .collect();
        // Positions in `chosen` from here on.
        let stages: Vec<Kind> = steps.iter().map(Step::kind).collect();
        let ordered = order(&stages, &self.grouped(&uses));
        self.tell(&steps, &ordered, &uses, before, |actions, left, after, ready| {
            Plan {
                actions,
                left_users: after.users - after.ready,
                left,
                optimal,
                bound: if optimal { 1.0 } else { instance.bound() },
                considered: settings + tested.len(),
                problem: instance,
                // Also told apart are ready users about whom the server was asked.
                cases: self
                    .now
                    .verdicts
                    .iter()
                    .filter(|verdict| **verdict != Verdict::Ready)
                    .count(),
                considers_held_roles: self.cases.by_roles,
                before,
                after,
                ready,
            }
        })
    }

    /// Tries every candidate on top of the settings.
    fn test_candidates(&self, tried: &Tried, settings: &[Change]) -> Result<Vec<Tested>, PlanError> {
        let open = &tried.state.open;
        let mut candidates = roles::assignments(&self.cases.roles);
        if self.cases.by_roles {
            candidates.extend(roles::held(
                self.assessed,
                self.inputs.rules,
                &self.cases.representatives,
                open,
                &self.closed,
            ));
        }
        let counter = Counter::new(self.assessed, self.inputs.rules, &self.access_rules);
        let mut tested = Vec::new();
        for candidate in candidates {
            let for_whom: Vec<usize> = self.could_use(&candidate, open).collect();
            if for_whom.is_empty() {
                continue;
            }
            let holders: Vec<Holder> = for_whom.iter().map(|case| self.holders[*case].clone()).collect();
            let mut changes = settings.to_vec();
            changes.extend(candidate.deeds.iter().map(|deed| deed.change(&holders)));
            let after = self.sample.after(&changes)?;
            let mut closes = vec![Vec::new(); open.len()];
            for &case in &for_whom {
                closes[case] = closed_rules(&open[case], &after.open[case]);
            }
            if closes.iter().all(Vec::is_empty) {
                continue;
            }
            let helped = for_whom.iter().filter(|case| !closes[**case].is_empty());
            let of = helped.map(|case| self.cases.representatives[*case]);
            let extra = counter.count(&candidate, of);
            tested.push(Tested {
                cost: (u64::from(candidate.wide), extra.pairs),
                candidate,
                closes,
            });
        }
        Ok(tested)
    }

    /// The cases that a candidate could help.
    fn could_use<'s>(
        &'s self,
        candidate: &'s Candidate,
        open: &'s [Vec<Open>],
    ) -> impl Iterator<Item = usize> + 's {
        (0..open.len()).filter(move |case| {
            let has_copy = candidate
                .assignable
                .is_none_or(|position| self.cases.copies[*case] >> position & 1 == 1);
            let lacks = || {
                open[*case]
                    .iter()
                    .any(|open| self.access_rules.contains(&open.rule))
            };
            !self.closed[*case] && has_copy && lacks()
        })
    }

    /// What the cases need that can be helped: every open rule is one need, and every setting that a
    /// case cannot do without.
    fn needs(&self, tried: &Tried, tested: &[Tested]) -> Vec<Need> {
        let rules = &self.inputs.rules.rules;
        let mut needs = Vec::new();
        for (case, open) in tried
            .state
            .open
            .iter()
            .enumerate()
            .filter(|(case, _)| !self.closed[*case])
        {
            let by = |rule: RuleIndex| -> Vec<usize> {
                let closes = |at: &usize| tested[*at].closes[case].binary_search(&rule).is_ok();
                (0..tested.len())
                    .filter(closes)
                    .map(|at| tried.settings.len() + at)
                    .collect()
            };
            let of_access: Vec<(Severity, Vec<usize>)> = open
                .iter()
                .map(|open| (rules[open.rule].severity, by(open.rule)))
                .collect();
            let helpless = |severity| {
                of_access
                    .iter()
                    .any(|(one, by)| *one == severity && by.is_empty())
            };
            let was_blocked = self.now.verdicts[case] == Verdict::Blocked;
            let only_blocking = helpless(Severity::Limits);
            // Who stays limited gains something only if something blocks now.
            if helpless(Severity::Blocks) || (only_blocking && !was_blocked) {
                continue;
            }
            let wanted = of_access.into_iter();
            let wanted = wanted.filter(|(severity, _)| !only_blocking || *severity == Severity::Blocks);
            needs.extend(wanted.map(|(_, by)| Need { case, by }));
            let settings = (0..tried.settings.len()).filter(|setting| tried.needed[*setting][case]);
            needs.extend(settings.map(|setting| Need {
                case,
                by: vec![setting],
            }));
        }
        needs
    }

    /// By case: positions in `chosen` of what it uses. Of several chosen actions that meet a need, one
    /// that it uses anyway, else the cheapest.
    fn uses(&self, needs: &[Need], chosen: &[usize], costs: &[Cost]) -> Vec<Vec<usize>> {
        let mut uses: Vec<Vec<usize>> = vec![Vec::new(); self.holders.len()];
        let mut needs: Vec<&Need> = needs.iter().collect();
        // Those without a choice first.
        needs.sort_by_key(|need| (need.case, need.by.iter().filter(|by| chosen.contains(by)).count()));
        for need in needs {
            let of_case = &mut uses[need.case];
            let can = (0..chosen.len()).filter(|at| need.by.contains(&chosen[*at]));
            let best = can.min_by_key(|at| (!of_case.contains(at), costs[chosen[*at]], *at));
            if let Some(best) = best.filter(|best| !of_case.contains(best)) {
                of_case.push(best);
            }
        }
        uses.iter_mut().for_each(|actions| actions.sort_unstable());
        uses
    }

    /// Users by what they need.
    fn grouped(&self, uses: &[Vec<usize>]) -> Vec<(usize, Vec<usize>)> {
        let mut groups: std::collections::BTreeMap<&[usize], usize> = std::collections::BTreeMap::new();
        for (actions, (_, users)) in uses.iter().zip(&self.cases.representatives) {
            if !actions.is_empty() {
                *groups.entry(actions).or_default() += users;
            }
        }
        groups
            .into_iter()
            .map(|(actions, users)| (users, actions.to_vec()))
            .collect()
    }

    /// Tries the actions one after the other, and says what becomes of it.
    fn tell(
        &self,
        steps: &[Step<'_>],
        ordered: &[usize],
        uses: &[Vec<usize>],
        before: Summary,
        make: impl FnOnce(Vec<Action>, Vec<left::Left>, Summary, Bits) -> Plan,
    ) -> Result<Plan, PlanError> {
        let counter = Counter::new(self.assessed, self.inputs.rules, &self.access_rules);
        let is_counted = |case: &usize| self.now.verdicts[*case] != Verdict::OutOfScope;
        let ready_of = |state: &State| -> usize {
            let cases = (0..state.verdicts.len()).filter(is_counted);
            let ready = cases.filter(|case| state.verdicts[*case] == Verdict::Ready);
            ready.map(|case| self.cases.representatives[case].1).sum()
        };
        // Ready, and no part of any case.
        let others = before.ready - ready_of(&self.now);
        let mut changes: Vec<Change> = Vec::new();
        let mut actions: Vec<Action> = Vec::new();
        let mut state = State {
            open: self.now.open.clone(),
            verdicts: self.now.verdicts.clone(),
        };
        let users_of = self.users_by_step(steps.len(), uses);
        for &at in ordered {
            let step = &steps[at];
            let cases: Vec<usize> = (0..uses.len()).filter(|case| uses[*case].contains(&at)).collect();
            let holders: Vec<Holder> = cases.iter().map(|case| self.holders[*case].clone()).collect();
            changes.extend(step.deeds().iter().map(|deed| deed.change(&holders)));
            let after = self.sample.after(&changes)?;
            let cumulative_ready = others + ready_of(&after);
            let users = users_of[at].clone();
            let over_grant = match step {
                Step::Access(candidate) => counter.count(candidate, users.iter().map(|user| (*user, 1))),
                Step::Setting(_) => OverGrant::default(),
            };
            let fixes = self.fixed_rules(&cases, &state, &after);
            actions.push(Action {
                key: step.key(),
                title: title::title(step, users.len()),
                kind: step.kind(),
                clicks: title::clicks(step, &fixes, self.inputs.rules),
                role: match step {
                    Step::Access(candidate) => Some((candidate.role_name.clone(), candidate.role)),
                    Step::Setting(_) => None,
                },
                deeds: step.deeds().to_vec(),
                newly_ready: cumulative_ready.saturating_sub(others + ready_of(&state)),
                cumulative_ready,
                expected_if: step.kind().expected_if(),
                over_grant,
                users,
            });
            state = after;
        }
        let (after, ready) = self.outcome(before, &state);
        let left = left::left(
            self.assessed,
            self.inputs.rules,
            &self.cases.representatives,
            &self.now,
            &state,
        );
        Ok(make(actions, left, after, ready))
    }

    /// By step: the users of the cases that use it.
    fn users_by_step(&self, steps: usize, uses: &[Vec<usize>]) -> Vec<Vec<usize>> {
        let mut users = vec![Vec::new(); steps];
        let alike = &self.cases.alike;
        for (class, user) in alike.class.iter().zip(&alike.users) {
            for step in &uses[*class as usize] {
                users[*step].push(*user);
            }
        }
        users
    }

    /// The rules that somebody of these cases has closed now, most users first.
    fn fixed_rules(&self, cases: &[usize], before: &State, after: &State) -> Vec<RuleIndex> {
        let mut users: std::collections::BTreeMap<RuleIndex, usize> = std::collections::BTreeMap::new();
        for &case in cases {
            let still = |one: &&Open| !after.open[case].iter().any(|other| other.rule == one.rule);
            for one in before.open[case].iter().filter(still) {
                *users.entry(one.rule).or_default() += self.cases.representatives[case].1;
            }
        }
        let mut rules: Vec<(RuleIndex, usize)> = users.into_iter().collect();
        rules.sort_by_key(|(rule, users)| (std::cmp::Reverse(*users), *rule));
        rules.into_iter().map(|(rule, _)| rule).collect()
    }

    /// Verdicts in the end, and who is ready.
    fn outcome(&self, before: Summary, state: &State) -> (Summary, Bits) {
        let mut after = before;
        let mut ready = Bits::new(self.assessed.users());
        for user in (0..self.assessed.users()).filter(|user| self.assessed.verdict(*user) == Verdict::Ready) {
            ready.set(user);
        }
        let mut gone = Summary::default();
        for (case, (_, users)) in self.cases.representatives.iter().enumerate() {
            count(&mut gone, self.now.verdicts[case], *users);
            count(&mut after, state.verdicts[case], *users);
        }
        after.ready -= gone.ready;
        after.limited -= gone.limited;
        after.blocked -= gone.blocked;
        after.unknown -= gone.unknown;
        after.users -= gone.users;
        let alike = &self.cases.alike;
        for (class, user) in alike.class.iter().zip(&alike.users) {
            if state.verdicts[*class as usize] == Verdict::Ready {
                ready.set(*user);
            } else {
                ready.unset(*user);
            }
        }
        (after, ready)
    }
}

/// The rules that were open and are not any more; none if another one is open instead, as that would
/// only trade one cause for another.
fn closed_rules(before: &[Open], after: &[Open]) -> Vec<RuleIndex> {
    let is_open = |rule: RuleIndex, open: &[Open]| open.iter().any(|one| one.rule == rule);
    if after.iter().any(|one| !is_open(one.rule, before)) {
        return Vec::new();
    }
    let closed = before.iter().filter(|one| !is_open(one.rule, after));
    closed.map(|one| one.rule).collect()
}

/// A chosen action.
pub(super) enum Step<'s> {
    Setting(&'s settings::Setting),
    Access(&'s Candidate),
}

impl Step<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Step::Setting(setting) => setting.kind,
            Step::Access(candidate) => candidate.kind,
        }
    }

    pub(super) fn deeds(&self) -> &[super::Deed] {
        match self {
            Step::Setting(setting) => &setting.deeds,
            Step::Access(candidate) => &candidate.deeds,
        }
    }

    fn key(&self) -> String {
        match self {
            Step::Setting(setting) => {
                let object = setting.object.as_ref().map(|(name, id)| (name.as_str(), *id));
                super::action::key(setting.kind, object, &[])
            }
            Step::Access(candidate) => candidate.key.clone(),
        }
    }
}
