//! `all`, `any`, `not` and `when` over true, false and unknown: every table, by real rules.
//!
//! Everywhere that checks are put together: of a user, of the environment, of a device, and of a mailbox in
//! another environment.

use std::collections::BTreeMap;

use clearance::evaluate::{Inputs, Outcome, Reported, assess, parse_devices};
use clearance::rules::{RuleSource, load};

use crate::oracle::tables::{Row, Snapshot, Table, Value};
use crate::world::environment;

/// In the order of strength: `all` is the least of its parts, `any` the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    False,
    Unknown,
    True,
}
use Truth::{False, True, Unknown};

/// One kind of thing that checks are about.
struct Place {
    scope: &'static str,
    /// Checks that are false, unknown and true there.
    leaves: [&'static str; 3],
    /// What a check of it stands in, around a `#`.
    around: &'static str,
    /// Whether that turns true into false.
    negated: bool,
}

const PLACES: [Place; 4] = [
    Place {
        scope: "user",
        leaves: [
            r#"{ field = "systemuser.islicensed", is = false }"#,
            r#"{ field = "systemuser.fullname", is = "Anna" }"#,
            r#"{ field = "systemuser.islicensed", is = true }"#,
        ],
        around: "#",
        negated: false,
    },
    Place {
        scope: "environment",
        leaves: [
            r#"{ field = "organization.requireapprovalforuseremail", is = false }"#,
            r#"{ field = "organization.name", is = "Anna" }"#,
            r#"{ field = "organization.requireapprovalforuseremail", is = true }"#,
        ],
        around: "#",
        negated: false,
    },
    Place {
        scope: "user",
        leaves: [
            r#"{ field = "device.operating-system", is = "macos" }"#,
            r#"{ field = "device.browser", is = "edge" }"#,
            r#"{ field = "device.operating-system", is = "windows" }"#,
        ],
        around: "{ every_device = # }",
        negated: false,
    },
    // True of the other mailbox is a clash.
    Place {
        scope: "user",
        leaves: [
            r#"{ field = "mailbox.isforwardmailbox", is = false }"#,
            r#"{ field = "mailbox.statecode", is = "active" }"#,
            r#"{ field = "mailbox.isforwardmailbox", is = true }"#,
        ],
        around: r#"{ nowhere_else = { same = "mailbox.emailaddress", meets = # } }"#,
        negated: true,
    },
];

/// Every list of so many truth values.
fn lists(length: usize) -> Vec<Vec<Truth>> {
    if length == 0 {
        return vec![Vec::new()];
    }
    let shorter = lists(length - 1);
    let longer = |first: Truth| {
        shorter.iter().map(move |rest| {
            let mut list = vec![first];
            list.extend(rest);
            list
        })
    };
    [False, Unknown, True].into_iter().flat_map(longer).collect()
}

fn opposite(truth: Truth) -> Truth {
    match truth {
        False => True,
        Unknown => Unknown,
        True => False,
    }
}

/// What must come out of a rule whose check is that, where it applies.
fn outcome(truth: Truth) -> Outcome {
    match truth {
        False => Outcome::Fail,
        Unknown => Outcome::Unknown,
        True => Outcome::Pass,
    }
}

/// Rules of a file, and what each must come to.
#[derive(Default)]
struct Rules {
    file: String,
    expected: Vec<(String, Outcome)>,
}

impl Rules {
    fn add(&mut self, place: &Place, when: Option<&str>, check: &str, expected: Outcome) {
        let check = place.around.replace('#', check);
        let when = when.map_or_else(String::new, |when| format!("when = {when}\n"));
        self.file += &format!(
            "[[rule]]\nid = \"rule-{}\"\ntitle = \"So it is\"\nscope = \"{}\"\nseverity = \"advises\"\n{when}check = {check}\n\
             remedy = \"Make it so.\"\n",
            self.expected.len(),
            place.scope,
        );
        self.expected.push((format!("{when}{check}"), expected));
    }
}

fn every_table() -> Rules {
    let mut rules = Rules {
        file:
            "[pack]\nid = \"tables\"\ntitle = \"Tables\"\nversion = \"1\"\nsource = \"https://example.com\"\n"
                .to_owned(),
        expected: Vec::new(),
    };
    for place in &PLACES {
        let leaf = |truth: &Truth| place.leaves[*truth as usize];
        let told = |truth| outcome(if place.negated { opposite(truth) } else { truth });
        for parts in (1..=4).flat_map(lists) {
            let list = parts.iter().map(leaf).collect::<Vec<_>>().join(", ");
            let (least, greatest) = (parts.iter().min().unwrap(), parts.iter().max().unwrap());
            rules.add(place, None, &format!("{{ all = [{list}] }}"), told(*least));
            rules.add(place, None, &format!("{{ any = [{list}] }}"), told(*greatest));
            let not_all = format!("{{ not = {{ all = [{list}] }} }}");
            rules.add(place, None, &not_all, told(opposite(*least)));
        }
        for truth in [False, Unknown, True] {
            rules.add(place, None, leaf(&truth), told(truth));
            rules.add(
                place,
                None,
                &format!("{{ not = {} }}", leaf(&truth)),
                told(opposite(truth)),
            );
        }
    }
    // A condition that is false: not applicable. Else a check that holds: pass, whatever the condition.
    for place in &PLACES[..2] {
        for pair in lists(2) {
            let expected = match pair[..] {
                [False, _] => Outcome::NotApplicable,
                [_, True] => Outcome::Pass,
                [True, False] => Outcome::Fail,
                _ => Outcome::Unknown,
            };
            let [when, check] = [pair[0], pair[1]].map(|truth| place.leaves[truth as usize]);
            rules.add(place, Some(when), check, expected);
        }
    }
    rules
}

/// An environment with a user whose mailbox is shared with the others.
pub fn snapshot(number: u8) -> Snapshot {
    let text = |text: &str| Value::Text(text.to_owned());
    let id = |kind: u8| text(&format!("000000{kind:02}-0000-4000-8000-{number:012}"));
    let table = |cells: Vec<(&str, Value)>| Table {
        complete: true,
        columns: cells.iter().map(|(column, _)| (*column).to_owned()).collect(),
        rows: vec![
            cells
                .into_iter()
                .map(|(column, value)| (column.to_owned(), value))
                .collect::<Row>(),
        ],
    };
    let user = vec![
        ("systemuserid", id(1)),
        ("domainname", text("anna@x.example")),
        ("fullname", Value::Null),
        ("islicensed", Value::Bool(true)),
        ("defaultmailbox", id(2)),
    ];
    let mailbox = vec![
        ("mailboxid", id(2)),
        ("emailaddress", text("anna@x.example")),
        ("regardingobjectid", id(1)),
        ("statecode", Value::Null),
        ("isforwardmailbox", Value::Bool(true)),
    ];
    let organization = vec![
        ("organizationid", id(3)),
        ("name", Value::Null),
        ("requireapprovalforuseremail", Value::Bool(true)),
    ];
    let tables = [
        ("systemuser", user),
        ("mailbox", mailbox),
        ("organization", organization),
    ];
    Snapshot {
        name: format!("environment-{number}"),
        organization_id: format!("00000003-0000-4000-8000-{number:012}"),
        online: true,
        tables: tables.map(|(name, cells)| (name.to_owned(), table(cells))).into(),
        depths: BTreeMap::from([("prvReadMailbox".to_owned(), "global".to_owned())]),
        ..Snapshot::default()
    }
}

#[test]
fn every_truth_table_comes_out_of_real_rules() {
    let rules = every_table();
    // 3 + 9 + 27 + 81 lists, thrice, in four places, and the single ones; nine conditions, twice.
    assert_eq!(rules.expected.len(), 4 * (120 * 3 + 6) + 18);
    let source = RuleSource {
        name: "tables.toml".to_owned(),
        text: rules.file,
    };
    let set = load(&[source]).unwrap_or_else(|refused| panic!("{refused}"));
    let environments = [1, 2].map(|number| environment(&snapshot(number)));
    let devices = parse_devices("user,os,browser\nanna@x.example,Windows,\n").unwrap();
    let inputs = Inputs {
        rules: &set,
        environments: &environments,
        attestations: &[],
        waivers: &[],
        devices: Some(&devices),
        at: "2026-11-23T09:00:00Z".parse().unwrap(),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    };
    let assessment = assess(&inputs).unwrap();
    for assessed in &assessment.environments {
        for (index, (rule, expected)) in rules.expected.iter().enumerate() {
            assert_eq!(assessed.outcome(index, 0), *expected, "{rule}");
        }
    }
}
