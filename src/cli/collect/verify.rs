//! `--verify-access`: whom to ask the server about, and what is said of its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::OnceLock;

use crate::dataverse::{Comparing, Verifier};
use crate::evaluate::{Agreement, Comparison, Verification};
use crate::rules::RuleSet;
use crate::snapshot::manifest::Verified;
use crate::snapshot::{Environment, Guid, Table};

/// How many users, when nothing is said. Two batches, a few seconds; most environments have fewer
/// combinations of roles and teams than that, and a sample takes one user of each; and where 200
/// users agree, fewer than 1.5 in 100 of all disagree (with 95 % confidence, by the rule of three).
pub(super) const DEFAULT: &str = "200";

/// Users who differ that the terminal names; the audit's reports name them all.
const MOST_NAMED: usize = 10;

/// How many users to ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Amount {
    /// Everybody in scope.
    All,
    /// That many of them.
    Most(usize),
}

/// The amount that a word stands for.
pub(super) fn amount(word: &str) -> Result<Amount, String> {
    match word {
        "all" => Ok(Amount::All),
        number => match number.parse() {
            Ok(most) if most > 0 => Ok(Amount::Most(most)),
            _ => Err("say `all`, or how many users: a whole number from 1 on".to_owned()),
        },
    }
}

/// What the rules ask about access, compared with what the server answers.
#[derive(Debug)]
pub(super) struct AccessVerifier {
    verification: Verification,
    agreement: OnceLock<Agreement>,
}

impl AccessVerifier {
    pub(super) fn new(rules: &RuleSet, amount: Amount) -> AccessVerifier {
        let most = match amount {
            Amount::All => None,
            Amount::Most(most) => Some(most),
        };
        AccessVerifier {
            verification: Verification::new(rules, most),
            agreement: OnceLock::new(),
        }
    }

    /// What came of it, once the server has answered.
    pub(super) fn agreement(&self) -> Option<Agreement> {
        self.agreement.get().cloned()
    }
}

impl Verifier for AccessVerifier {
    fn needs(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.verification.needs()
    }

    fn whom(&self, collected: &Environment) -> Vec<Guid> {
        self.verification.whom(collected)
    }

    fn compare<'e>(&'e self, collected: &'e Environment) -> Box<dyn Comparing + 'e> {
        Box::new(Compared {
            verifier: self,
            comparison: self.verification.comparison(collected, MOST_NAMED),
        })
    }
}

/// A comparison whose end the verifier keeps.
struct Compared<'e> {
    verifier: &'e AccessVerifier,
    comparison: Comparison<'e>,
}

impl Comparing for Compared<'_> {
    fn add(&mut self, answers: &Table) {
        self.comparison.add(answers);
    }

    fn finish(self: Box<Self>) -> Verified {
        let agreement = self.comparison.finish();
        let agreement = self.verifier.agreement.get_or_init(|| agreement);
        Verified {
            users: agreement.users as u64,
            agree: agreement.agree as u64,
        }
    }
}

/// Tells whether the server agrees; if not, about whom and what.
pub(super) fn report(agreement: &Agreement, out: &mut dyn Write) -> io::Result<()> {
    if agreement.users == 0 {
        return writeln!(
            out,
            "Access verified with the server: there is nobody in scope to ask about"
        );
    }
    writeln!(out, "Access verified with the server: {}", agreement.words())?;
    for one in &agreement.differing {
        let name = super::printable(&one.who());
        writeln!(out, "differs: {name} ({}): {}", one.id, one.words())?;
    }
    match agreement.users - agreement.agree - agreement.differing.len() {
        0 => Ok(()),
        more => writeln!(
            out,
            "differs: {more} more; `clearance audit` names them all under access-model-disagrees"
        ),
    }
}
