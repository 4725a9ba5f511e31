//! Waivers and attestations, and which cause is named first.

use super::*;
use crate::evaluate::day::Day;
use crate::evaluate::{Attestation, Words};
use Outcome::{Fail, NotApplicable, Pass, Unknown, Waived};

fn day(text: &str) -> Day {
    Day(text.parse().unwrap())
}

/// A waiver of those rules by that person, in force on the day of the tests.
fn waiver(rules: &[&str], by: &str) -> Waiver {
    Waiver {
        rules: rules.iter().map(|id| (*id).to_owned()).collect(),
        users: Vec::new(),
        business_units: Vec::new(),
        environments: Vec::new(),
        reason: format!("{by} knows."),
        approved_by: by.to_owned(),
        on: day("2026-01-01"),
        until: day("2026-12-31"),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Three users, the last two of business unit West; none has a nickname or a title.
fn three() -> Environment {
    let users = vec![
        ("systemuserid", ids([1, 2, 3])),
        ("domainname", texts([Some("ada"), Some("bob"), Some("cyd")])),
        ("businessunitid", ids([8, 9, 9])),
        ("nickname", texts([None, None, None])),
        ("title", texts([None, None, None])),
        ("mobilephone", texts([Some("1"), Some("2"), Some("3")])),
    ];
    let units = vec![("businessunitid", ids([9])), ("name", texts([Some("West")]))];
    environment(1, vec![("systemuser", users), ("businessunit", units)])
}

fn three_rules() -> RuleSet {
    let fact = |name| format!("[[fact]]\nname = \"systemuser.{name}\"\ntype = \"text\"\n");
    let declared = ["nickname", "title", "mobilephone"].map(fact).concat();
    let present = |name| format!("check = {{ field = \"systemuser.{name}\", present = true }}");
    rules(
        &declared,
        &[
            ("nickname", &present("nickname")),
            ("title", &present("title")),
            ("phone", &present("mobilephone")),
        ],
    )
}

fn with_waivers(waivers: &[Waiver], test: impl FnOnce(&Assessment<'_>)) {
    let (set, environments) = (three_rules(), [three()]);
    let inputs = Inputs {
        waivers,
        ..inputs(&set, &environments)
    };
    test(&assess(&inputs).unwrap());
}

#[test]
fn all_scopes_of_a_waiver_must_fit() {
    let scoped = |users: &[&str], units: &[&str], environments: &[&str]| Waiver {
        users: names(users),
        business_units: names(units),
        environments: names(environments),
        ..waiver(&["nickname"], "Dana")
    };
    for (waiver, expected) in [
        (scoped(&["ada", "BOB"], &[], &[]), [Waived, Waived, Fail]),
        (scoped(&[], &["west"], &[]), [Fail, Waived, Waived]),
        (scoped(&["ada", "bob"], &["West"], &[]), [Fail, Waived, Fail]),
        (scoped(&["ada"], &[], &["office 1"]), [Waived, Fail, Fail]),
        (scoped(&["ada"], &[], &["office 2"]), [Fail, Fail, Fail]),
        (
            scoped(&[], &[], &["office 2", "OFFICE 1"]),
            [Waived, Waived, Waived],
        ),
    ] {
        with_waivers(std::slice::from_ref(&waiver), |assessment| {
            let found = [0, 1, 2].map(|user| finding(assessment, "nickname", user).outcome);
            assert_eq!(found, expected, "{waiver:?}");
            assert_eq!(finding(assessment, "title", 0).outcome, Fail);
            assert_eq!(finding(assessment, "phone", 0).outcome, Pass, "nothing to accept");
        });
    }
}

#[test]
fn a_failure_accepted_twice_is_accepted_once_and_names_who_did() {
    let of = |rules: &[&str], users: &[&str], by| Waiver {
        users: names(users),
        ..waiver(rules, by)
    };
    let waivers = [
        of(&["title"], &["ada", "bob", "cyd"], "Dana"),
        of(&["nickname"], &["bob"], "Eve"),
        of(&["nickname"], &["ada", "bob"], "Finn"),
    ];
    with_waivers(&waivers, |assessment| {
        let found = [0, 1, 2].map(|user| finding(assessment, "nickname", user).outcome);
        assert_eq!(found, [Waived, Waived, Fail]);
        for (user, by) in [(0, "Finn"), (1, "Eve")] {
            assert_eq!(
                finding(assessment, "nickname", user).cause,
                format!("This does not hold: nickname Accepted by {by} until 2026-12-31: {by} knows.")
            );
        }
        assert!(assessment.notices.is_empty(), "{:?}", assessment.notices);
    });
}

#[test]
fn first_and_last_day_count_and_a_waiver_not_used_is_told() {
    let on = |from: &str, until: &str, rule: &str| Waiver {
        on: day(from),
        until: day(until),
        environments: names(&["office 1"]),
        ..waiver(&[rule], "Dana")
    };
    let told = "Waiver 1 (\"Dana knows.\", approved by Dana)";
    for (waiver, outcome, expected) in [
        (on("2026-11-23", "2026-11-23", "nickname"), Waived, None),
        (
            on("2026-11-01", "2026-11-22", "nickname"),
            Fail,
            Some("expired on 2026-11-22."),
        ),
        (
            on("2026-11-24", "2026-11-30", "nickname"),
            Fail,
            Some("counts only from 2026-11-24."),
        ),
        (
            on("2026-11-23", "2026-11-23", "phone"),
            Fail,
            Some("is not used: nothing that it accepts has failed."),
        ),
        (
            on("2026-11-23", "2026-11-23", "phones"),
            Fail,
            Some("names rule `phones`, which is not loaded."),
        ),
    ] {
        with_waivers(std::slice::from_ref(&waiver), |assessment| {
            assert_eq!(finding(assessment, "nickname", 0).outcome, outcome, "{waiver:?}");
            let first = assessment.notices.first().map(String::as_str);
            let expected = expected.map(|words| format!("{told} {words}"));
            assert_eq!(first, expected.as_deref());
        });
    }
}

#[test]
fn an_attestation_that_is_not_in_force_says_why() {
    let set = rules("", &[("signed", "check = { attested = \"thing\" }")]);
    let environments = [three()];
    for (on, until, words) in [
        ("2026-11-01", "2026-11-22", "expired on 2026-11-22"),
        ("2026-11-24", "2026-11-30", "counts only from 2026-11-24"),
        // It ends before it begins: on its last day it has not expired.
        ("2026-11-24", "2026-11-23", "counts only from 2026-11-24"),
    ] {
        let attestations = [Attestation {
            id: "thing".to_owned(),
            holds: true,
            by: "Dana".to_owned(),
            on: day(on),
            until: day(until),
            statement: "So it is.".to_owned(),
            document: None,
            environment: None,
        }];
        let inputs = Inputs {
            attestations: &attestations,
            ..inputs(&set, &environments)
        };
        let assessment = assess(&inputs).unwrap();
        assert_eq!(
            finding(&assessment, "signed", 0).cause,
            format!("Not known: attestation `thing` by Dana {words}.")
        );
        assert_eq!(
            assessment.notices,
            [format!("Attestation `thing` by Dana {words}.")]
        );
    }
}

/// What blocks comes before what limits, then the order of the pack; what is accepted comes last.
#[test]
fn causes_are_ranked() {
    let text = |id: &str, severity: &str, check: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\ntitle = \"{id}\"\nscope = \"user\"\nseverity = \"{severity}\"\n\
             remedy = \"Do {id}.\"\ncheck = {check}\n"
        )
    };
    let name = "{ field = \"systemuser.fullname\", present = true }";
    let declared = [
        text("limits", "limits", name),
        text("advises", "advises", name),
        text("accepted", "blocks", name),
        text("first", "blocks", name),
        text("second", "blocks", name),
        text(
            "holds",
            "blocks",
            "{ field = \"systemuser.domainname\", present = true }",
        ),
    ];
    let set = rules(&declared.concat(), &[]);
    let users = vec![
        ("systemuserid", ids([1, 2])),
        ("domainname", texts([Some("ada"), Some("bob")])),
        ("fullname", texts([None, Some("Bob")])),
    ];
    let environments = [environment(1, vec![("systemuser", users)])];
    let waivers = [Waiver {
        users: names(&["ada"]),
        ..waiver(&["accepted"], "Dana")
    }];
    let inputs = Inputs {
        waivers: &waivers,
        ..inputs(&set, &environments)
    };
    let assessment = assess(&inputs).unwrap();
    let [office] = &assessment.environments[..] else {
        panic!("one environment")
    };
    let causes: Vec<&str> = office.causes(0).iter().map(|cause| &*cause.rule.id).collect();
    assert_eq!(causes, ["first", "second", "limits", "advises", "accepted"]);
    let mut words = Words::default();
    let top = office.top_cause(0, &mut words).unwrap();
    assert_eq!(
        (set.rules[top.index].id.as_str(), top.remedy),
        ("first", "Do first.")
    );
    assert!(office.top_rule(1).is_none());
    let told: Vec<(&str, usize, usize)> = assessment
        .top_causes(&assessment.rule_counts())
        .iter()
        .map(|cause| (&*set.rules[cause.index].id, cause.users, cause.deciding))
        .collect();
    assert_eq!(told, [("first", 1, 1), ("second", 1, 0), ("limits", 1, 0)]);
    assert_eq!(finding(&assessment, "accepted", 0).outcome, Waived);
    assert_eq!(finding(&assessment, "holds", 0).outcome, Pass);
}

/// What cannot be said of a mailbox that was not seen only follows from that.
#[test]
fn an_unseen_mailbox_is_named_before_what_is_asked_of_it() {
    let text = |id: &str, check: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\ntitle = \"{id}\"\nscope = \"user\"\nseverity = \"blocks\"\narea = \"mailbox\"\n\
             remedy = \"Do {id}.\"\ncheck = {check}\n"
        )
    };
    let declared = [
        text("active", "{ field = \"mailbox.statecode\", is = \"active\" }"),
        text("exists", "{ field = \"mailbox.exists\", is = true }"),
    ];
    let set = rules(&declared.concat(), &[]);
    let users = vec![("systemuserid", ids([1])), ("defaultmailbox", ids([7]))];
    let environments = [environment(1, vec![("systemuser", users)])];
    let assessment = assess(&inputs(&set, &environments)).unwrap();
    let causes = assessment.environments[0].causes(0);
    let named: Vec<_> = causes
        .iter()
        .map(|cause| (&*cause.rule.id, cause.outcome))
        .collect();
    assert_eq!(named, [("exists", Unknown), ("active", Unknown)]);
}

#[test]
fn a_privilege_that_does_not_exist_applies_to_nobody() {
    let set = rules(
        "[[privilege]]\nname = \"prvNone\"\ntab = \"Core Records\"\ndepth = \"basic\"\nseverity = \"blocks\"\n",
        &[],
    );
    let mut office = three();
    let privileges = super::table(0, vec![("privilegeid", ids([])), ("name", texts([]))]);
    office.tables.insert("privilege".to_owned(), privileges);
    let info = office.manifest.tables["systemuser"].clone();
    office.manifest.tables.insert("privilege".to_owned(), info);
    office.manifest.wanted_privileges = names(&["prvNone"]);
    let environments = [office];
    let assessment = judged(&set, &environments);
    let found = [0, 1, 2].map(|user| finding(&assessment, "prvNone", user).outcome);
    assert_eq!(found, [NotApplicable; 3]);
    let [counts] = assessment.rule_counts()[..] else {
        panic!("one rule")
    };
    assert_eq!((counts.not_applicable, counts.pass), (3, 0));
    let told = assessment.environments[0].environment_findings();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].rule.id, "prvNone");
}
