//! The program's CSV files against the oracle's assessment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Outcome;
use super::verdict::Assessment;

/// Differences shown in full; the rest are only counted.
const SHOWN: usize = 25;

type Record = BTreeMap<String, String>;

/// Differences between program and oracle.
#[derive(Debug, Default)]
pub struct Differences {
    /// By rule, or by column of the verdict CSV: how many.
    counts: BTreeMap<String, usize>,
    lines: Vec<String>,
}

impl Differences {
    fn add(&mut self, what: &str, line: String) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
        self.lines.push(line);
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The counts and the first differences, for a person to read.
    pub fn report(&self) -> String {
        let mut report = format!("{} differences:\n", self.lines.len());
        for (what, count) in &self.counts {
            let _ = writeln!(report, "  {count:>6} × {what}");
        }
        for line in self.lines.iter().take(SHOWN) {
            let _ = writeln!(report, "  {line}");
        }
        if self.lines.len() > SHOWN {
            let _ = writeln!(report, "  … and {} more", self.lines.len() - SHOWN);
        }
        report
    }
}

/// The records of a CSV file, each by column.
fn records(csv: &[u8]) -> Vec<Record> {
    let csv = csv.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(csv);
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader
        .headers()
        .cloned()
        .unwrap_or_else(|error| panic!("no header: {error}"));
    reader
        .records()
        .map(|record| {
            let record = record.unwrap_or_else(|error| panic!("no CSV: {error}"));
            header
                .iter()
                .zip(record.iter())
                .map(|(column, cell)| (column.to_owned(), cell.to_owned()))
                .collect()
        })
        .collect()
}

fn cell<'a>(record: &'a Record, column: &str) -> &'a str {
    record
        .get(column)
        .unwrap_or_else(|| panic!("the CSV has no column `{column}`"))
}

/// Compares the verdict CSV with the oracle: the same users, and the same words and counts for each.
pub fn verdicts(assessment: &Assessment, csv: &[u8], differences: &mut Differences) {
    let mut reported: BTreeMap<(String, String), Record> = BTreeMap::new();
    for record in records(csv) {
        let key = (
            cell(&record, "environment").to_owned(),
            cell(&record, "user_id").to_owned(),
        );
        if reported.contains_key(&key) {
            differences.add(
                "a user twice",
                format!("{}/{}: twice in the verdict CSV", key.0, key.1),
            );
        }
        reported.insert(key, record);
    }
    for (key, expected) in &assessment.users {
        let user = format!("{}/{}", key.0, key.1);
        let Some(record) = reported.remove(key) else {
            differences.add("a user missing", format!("{user}: not in the verdict CSV"));
            continue;
        };
        for (column, expected) in [
            ("verdict", expected.verdict.to_owned()),
            ("blocking", expected.blocking.to_string()),
            ("limiting", expected.limiting.to_string()),
            ("unknown", expected.unknown.to_string()),
            ("waived", expected.waived.to_string()),
            ("deployment", expected.deployment.to_owned()),
        ] {
            let got = cell(&record, column);
            if got != expected {
                let line = format!("{user}: {column}: the oracle says {expected}, the program {got}");
                differences.add(&format!("column {column}"), line);
            }
        }
    }
    for (environment, user) in reported.keys() {
        differences.add(
            "a user too many",
            format!("{environment}/{user}: only in the verdict CSV"),
        );
    }
}

/// Compares the findings CSV with the oracle, rule by rule; environment findings have an empty user.
pub fn findings(assessment: &Assessment, csv: &[u8], differences: &mut Differences) {
    let mut reported: BTreeMap<(String, String, String), Record> = BTreeMap::new();
    for record in records(csv) {
        let [environment, user, rule] =
            ["environment", "user_id", "rule"].map(|column| cell(&record, column).to_owned());
        // A privilege that the environment lacks is named once among its findings. The findings CSV
        // leaves not-applicable out by its definition; naming it there too is taken as no difference.
        let absent = assessment.absent_privileges.get(&environment);
        let named_once = user.is_empty() && absent.is_some_and(|absent| absent.contains(&rule.as_str()));
        if named_once && cell(&record, "outcome") == Outcome::NotApplicable.word() {
            continue;
        }
        let key = (environment, user, rule);
        if reported.contains_key(&key) {
            let line = format!("{}/{} {}: twice in the findings CSV", key.0, key.1, key.2);
            differences.add("a finding twice", line);
        }
        reported.insert(key, record);
    }

    let of_users = assessment
        .users
        .iter()
        .flat_map(|((environment, user), verdict)| {
            verdict
                .outcomes
                .iter()
                .map(move |(rule, outcome)| (environment, user.as_str(), *rule, *outcome))
        });
    let of_environments = assessment
        .environments
        .iter()
        .flat_map(|(environment, outcomes)| {
            outcomes
                .iter()
                .map(move |(rule, outcome)| (environment, "", *rule, *outcome))
        });
    for (environment, user, rule, expected) in of_users.chain(of_environments) {
        let got = reported.remove(&(environment.clone(), user.to_owned(), rule.to_owned()));
        let same = match (&got, expected) {
            (None, Outcome::Pass | Outcome::NotApplicable) => true,
            (Some(record), _) => cell(record, "outcome") == expected.word(),
            (None, _) => false,
        };
        if !same {
            let got = got.map_or("pass or not-applicable".to_owned(), |record| {
                let [observed, cause] = ["observed", "cause"].map(|column| cell(&record, column).to_owned());
                format!(
                    "{} (observed: {observed}; cause: {cause})",
                    cell(&record, "outcome")
                )
            });
            let expected = expected.word();
            differences.add(
                rule,
                format!("{environment}/{user} {rule}: the oracle says {expected}, the program {got}"),
            );
        }
    }
    for ((environment, user, rule), record) in &reported {
        let outcome = cell(record, "outcome");
        differences.add(
            rule,
            format!(
                "{environment}/{user} {rule}: the program says {outcome}, the oracle knows no such finding"
            ),
        );
    }
}

/// Compares the counts per rule of the JSON with the oracle: here a pass and a not-applicable, which
/// the findings leave out, are told apart.
pub fn counts(assessment: &Assessment, json: &[u8], differences: &mut Differences) {
    let mut expected: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for ((environment, _), user) in &assessment.users {
        if user.verdict == "out-of-scope" {
            continue;
        }
        // An environment rule counts for every user in scope.
        for (rule, outcome) in user.outcomes.iter().chain(&assessment.environments[environment]) {
            *expected
                .entry(rule)
                .or_default()
                .entry(outcome.word())
                .or_default() += 1;
        }
    }
    let json: serde_json::Value =
        serde_json::from_slice(json).unwrap_or_else(|error| panic!("no JSON: {error}"));
    let rules = json["rules"]
        .as_array()
        .unwrap_or_else(|| panic!("no rules in the JSON"));
    for rule in rules {
        let id = rule["id"].as_str().unwrap_or_default();
        let expected = expected.get(id).cloned().unwrap_or_default();
        for (key, outcome) in [
            ("pass", "pass"),
            ("fail", "fail"),
            ("unknown", "unknown"),
            ("not_applicable", "not-applicable"),
        ] {
            let want = expected.get(outcome).copied().unwrap_or_default();
            let got = rule[key].as_u64().unwrap_or_default();
            if got != want {
                let line = format!("{id}: {outcome}: the oracle counts {want}, the program {got}");
                differences.add(&format!("count of {id}"), line);
            }
        }
    }
    for id in expected
        .keys()
        .filter(|id| !rules.iter().any(|rule| rule["id"] == **id))
    {
        differences.add("a rule missing", format!("{id}: not in the JSON"));
    }
}
