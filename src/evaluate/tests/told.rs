//! What is said beside outcomes: reasons, notices, lines.

use super::*;
use crate::evaluate::Words;
use crate::evaluate::outcome::Deployment;
use crate::snapshot::manifest::{Gap, GapReason};
use Outcome::{Fail, Pass, Unknown};

const FACTS: &str = "[[fact]]\nname = \"systemuser.nickname\"\ntype = \"text\"\n\n\
                     [[fact]]\nname = \"systemuser.title\"\ntype = \"text\"\n";

#[test]
fn only_what_decides_is_told() {
    let nickname = "{ field = \"systemuser.nickname\", is = \"ada\" }";
    let title = "{ field = \"systemuser.title\", is = \"élan\" }";
    let set = rules(
        FACTS,
        &[
            ("all", &format!("check = {{ all = [{nickname}, {title}] }}")),
            ("any", &format!("check = {{ any = [{nickname}, {title}] }}")),
            (
                "when",
                &format!("when = {nickname}\ncheck = {title}\nquote = [\"systemuser.nickname\"]"),
            ),
            (
                "same",
                "check = { field = \"systemuser.nickname\", same_as = \"systemuser.title\" }",
            ),
        ],
    );
    let environments = [people::<5>(vec![
        (
            "nickname",
            texts([Some("Ada"), Some("Bob"), None, Some("Ada"), None]),
        ),
        (
            "title",
            texts([Some("x"), Some("ÉLAN"), Some("Élan"), None, None]),
        ),
    ])];
    let assessment = judged(&set, &environments);
    let told = |id, user| {
        let found = finding(&assessment, id, user);
        (found.outcome, found.observed, found.cause)
    };
    let fails = |id: &str| format!("This does not hold: {id}");
    let owned = |outcome, observed: &str, cause: &str| (outcome, observed.to_owned(), cause.to_owned());

    // Of an `all` that fails every part that fails, of one that is unknown every part that is.
    assert_eq!(
        told("all", 0),
        owned(Fail, "`systemuser.title` is \"x\"", &fails("all"))
    );
    assert_eq!(
        told("all", 1),
        owned(Fail, "`systemuser.nickname` is \"Bob\"", &fails("all"))
    );
    let null = |name: &str| format!("`systemuser.{name}` is null in the environment");
    assert_eq!(
        told("all", 2),
        owned(
            Unknown,
            "`systemuser.nickname` is null",
            &format!("Not known: {}.", null("nickname"))
        )
    );
    assert_eq!(
        told("all", 4),
        owned(
            Unknown,
            "`systemuser.nickname` is null; `systemuser.title` is null",
            &format!("Not known: {}; {}.", null("nickname"), null("title"))
        )
    );
    assert_eq!(
        told("any", 1),
        owned(Pass, "`systemuser.title` is \"ÉLAN\"", &fails("any"))
    );

    // A condition is told of where it is not known, and what a rule quotes where it is there.
    assert_eq!(
        told("when", 0),
        owned(
            Fail,
            "`systemuser.title` is \"x\"; `systemuser.nickname` is \"Ada\"",
            &fails("when")
        )
    );
    assert_eq!(
        told("when", 3),
        owned(
            Unknown,
            "`systemuser.title` is null; `systemuser.nickname` is \"Ada\"",
            &format!("Not known: {}.", null("title"))
        )
    );
    assert_eq!(
        told("when", 4),
        owned(
            Unknown,
            "`systemuser.title` is null",
            &format!("Not known: {}; {}.", null("nickname"), null("title"))
        )
    );

    assert_eq!(
        told("same", 3),
        owned(
            Unknown,
            "`systemuser.nickname` is \"Ada\"; `systemuser.title` is null",
            &format!("Not known: {}.", null("title"))
        )
    );
    assert_eq!(
        told("same", 4).2,
        format!("Not known: {}; {}.", null("nickname"), null("title"))
    );
}

#[test]
fn a_version_that_cannot_be_compared_says_so() {
    let set = rules(
        "",
        &[(
            "region",
            "check = { field = \"environment.region\", is = \"crm4\" }",
        )],
    );
    for (region, outcome, cause) in [
        (Some("crm4"), Pass, "This does not hold: region"),
        (Some("crm"), Fail, "This does not hold: region"),
        (
            None,
            Unknown,
            "Not known: the environment's address does not tell its region.",
        ),
    ] {
        let mut environments = [people::<1>(Vec::new())];
        environments[0].manifest.environment.region = region.map(str::to_owned);
        let assessment = judged(&set, &environments);
        let found = finding(&assessment, "region", 0);
        assert_eq!((found.outcome, found.cause.as_str()), (outcome, cause));
    }
}

#[test]
fn a_fact_that_was_not_collected_says_why() {
    let set = rules(
        "[[fact]]\nname = \"mailbox.hostid\"\ntype = \"text\"\n",
        &[
            (
                "title",
                "check = { field = \"systemuser.fullname\", present = true }",
            ),
            ("host", "check = { field = \"mailbox.hostid\", present = true }"),
        ],
    );
    let gap = |table: &str, column: Option<&str>, detail: &str| Gap {
        table: table.to_owned(),
        column: column.map(str::to_owned),
        reason: GapReason::Forbidden,
        detail: detail.to_owned(),
    };
    let why = |gaps: Vec<Gap>, mailboxes: Option<Columns>| {
        let users = vec![("systemuserid", ids([1])), ("defaultmailbox", ids([11]))];
        let mut house = environment(1, [("systemuser", users)].into_iter().chain(mailboxes).collect());
        house.manifest.gaps = gaps;
        let environments = [house];
        let assessment = judged(&set, &environments);
        ["title", "host"].map(|id| {
            let found = finding(&assessment, id, 0);
            assert_eq!(found.outcome, Unknown, "{id}");
            found.cause
        })
    };
    let boxes = || {
        let columns = vec![("mailboxid", ids([11])), ("regardingobjectid", ids([1]))];
        Some(("mailbox", columns))
    };
    let reason = GapReason::Forbidden.words();
    // No gap is noted.
    let [title, host] = why(Vec::new(), boxes());
    assert_eq!(
        title,
        "Not known: `systemuser.fullname` was not collected: the snapshot's table `systemuser` has no such column."
    );
    assert_eq!(
        host,
        "Not known: `mailbox.hostid` was not collected: the snapshot's table `mailbox` has no such column."
    );
    let [_, host] = why(Vec::new(), None);
    assert!(
        host.ends_with("`mailbox.hostid` was not collected: the snapshot has no table `mailbox`."),
        "{host}"
    );
    // The gap of the column itself, before that of its table, and of no other.
    let gaps = vec![
        gap("systemuser", Some("hostid"), "other"),
        gap("mailbox", Some("name"), "other"),
        gap("mailbox", None, "whole"),
        gap("mailbox", Some("hostid"), "own"),
    ];
    let [title, host] = why(gaps.clone(), boxes());
    assert!(
        title.ends_with("the snapshot's table `systemuser` has no such column."),
        "{title}"
    );
    assert_eq!(
        host,
        format!("Not known: `mailbox.hostid` was not collected: {reason} (own).")
    );
    let [_, host] = why(gaps[..3].to_vec(), boxes());
    assert_eq!(
        host,
        format!("Not known: `mailbox.hostid` was not collected: {reason} (whole).")
    );
    let [_, host] = why(gaps[..2].to_vec(), boxes());
    assert!(host.ends_with("has no such column."), "{host}");
}

/// A rule that reads a record is not known where it is not known whether there is one, also when the
/// rest of it fails.
#[test]
fn a_record_that_was_not_found_says_why() {
    let name = "{ field = \"systemuser.fullname\", present = true }";
    let both =
        |field: &str| format!("check = {{ all = [{name}, {{ field = \"{field}\", present = true }}] }}");
    let set = rules(
        "",
        &[
            ("box", &both("mailbox.name")),
            ("profile", &both("emailserverprofile.name")),
            ("unit", "check = { field = \"businessunit.name\", is = \"West\" }"),
            (
                "office",
                "check = { field = \"organization.name\", is = \"West\" }",
            ),
        ],
    );
    let users = vec![
        ("systemuserid", ids([1, 2, 3])),
        ("defaultmailbox", ids([11, 12, 13])),
        ("businessunitid", ids([31, 31, 31])),
        ("fullname", texts([None; 3])),
    ];
    // The mailbox of user 1 has a profile that is not there, that of user 2 has none; user 3 has no
    // mailbox that was seen.
    let mailboxes = vec![
        ("mailboxid", ids([11, 12])),
        ("regardingobjectid", ids([1, 2])),
        ("name", texts([Some("one"), Some("two")])),
        ("emailserverprofile", ids([21, 0])),
    ];
    let name = || ("name", texts([]));
    let mut house = environment(
        1,
        vec![
            ("systemuser", users),
            ("mailbox", mailboxes),
            (
                "emailserverprofile",
                vec![("emailserverprofileid", ids([])), name()],
            ),
            ("businessunit", vec![("businessunitid", ids([])), name()]),
            ("organization", vec![("organizationid", ids([])), name()]),
        ],
    );
    house.manifest.tables.get_mut("mailbox").unwrap().complete = false;
    let environments = [house];
    let assessment = judged(&set, &environments);
    let told = |id, user| {
        let found = finding(&assessment, id, user);
        (found.outcome, found.cause)
    };
    let not_known = |words: &str| (Unknown, format!("Not known: {words}."));
    let no_box = "no mailbox of the user was found, and that does not prove there is none: table `mailbox` was not read \
                  completely";
    assert_eq!(told("box", 0).0, Fail);
    assert_eq!(told("box", 2), not_known(no_box));
    assert_eq!(
        told("profile", 0),
        not_known("the mailbox's email server profile could not be read")
    );
    assert_eq!(told("profile", 1).0, Outcome::NotApplicable);
    assert_eq!(told("profile", 2), not_known(no_box));
    assert_eq!(
        told("unit", 0),
        not_known("the user's business unit could not be read")
    );
    assert_eq!(
        told("office", 0),
        not_known("the organization's settings could not be read")
    );
}

#[test]
fn a_line_says_what_is_known_of_the_app_and_the_business_unit() {
    let set = rules(
        "",
        &[(
            "name",
            "check = { field = \"systemuser.fullname\", present = false }",
        )],
    );
    let users = vec![
        ("systemuserid", ids([1, 2, 3, 4, 5, 6, 7, 8])),
        ("defaultmailbox", ids([11, 12, 13, 14, 15, 16, 17, 0])),
        ("businessunitid", ids([31, 32, 0, 31, 31, 31, 31, 31])),
        ("fullname", texts([None; 8])),
    ];
    let mailboxes = vec![
        ("mailboxid", ids([11, 12, 13, 14, 15, 16, 17])),
        ("regardingobjectid", ids([0; 7])),
        (
            "officeappsdeploymentscheduled",
            booleans([Some(true), Some(false), None, None, None, None, None]),
        ),
        (
            "officeappsdeploymentstatus",
            integers([Some(1), Some(0), Some(1), Some(2), Some(3), Some(4), None]),
        ),
    ];
    let units = vec![("businessunitid", ids([31])), ("name", texts([Some("West")]))];
    let tables = vec![
        ("systemuser", users),
        ("mailbox", mailboxes),
        ("businessunit", units),
    ];
    let environments = [environment(1, tables)];
    let assessment = judged(&set, &environments);
    let row = |user| assessment.environments[0].row(user);
    assert_eq!(
        [0, 1, 2, 3, 4, 5, 6, 7].map(|user| row(user).deployment),
        [
            Deployment::Pending,
            Deployment::NotAdded,
            Deployment::Added,
            Deployment::InstallFailed,
            Deployment::UninstallFailed,
            Deployment::UpgradeRequired,
            Deployment::Unknown,
            Deployment::Unknown,
        ]
    );
    // By name, else by id, else not at all.
    let id = Guid(32).to_string();
    assert_eq!(
        [0, 1, 2].map(|user| row(user).business_unit),
        ["West", id.as_str(), ""]
    );
}

#[test]
fn the_first_cause_may_be_the_environments() {
    let text = "[[rule]]\nid = \"sync\"\ntitle = \"Sync\"\nscope = \"environment\"\nseverity = \"limits\"\n\
                check = { field = \"environment.region\", is = \"crm4\" }\nremedy = \"Move.\"\n";
    let set = rules(
        text,
        &[(
            "name",
            "check = { field = \"systemuser.fullname\", present = true }",
        )],
    );
    let mut environments = [people::<1>(vec![("fullname", texts([None]))])];
    environments[0].manifest.environment.region = Some("crm".to_owned());
    let top = |environments: &[Environment]| {
        let assessment = judged(&set, environments);
        assessment.environments[0]
            .top_cause(0, &mut Words::default())
            .map(|top| top.remedy.to_owned())
    };
    assert_eq!(top(&environments).as_deref(), Some("Move."));
    environments[0].manifest.environment.region = Some("crm4".to_owned());
    assert_eq!(top(&environments).as_deref(), Some("Do it."));
}

#[test]
fn tables_not_read_to_their_end_are_noted_once() {
    let set = rules(
        "",
        &[(
            "name",
            "check = { field = \"systemuser.fullname\", present = true }",
        )],
    );
    let mut house = people::<1>(vec![("fullname", texts([None]))]);
    let info = house.manifest.tables["systemuser"].clone();
    for (table, complete) in [
        ("team", false),
        ("role", true),
        ("tracelog", false),
        ("mailbox", false),
    ] {
        let info = crate::snapshot::manifest::TableInfo {
            complete,
            ..info.clone()
        };
        house.manifest.tables.insert(table.to_owned(), info);
    }
    house.manifest.gaps = [("tracelog", None), ("mailbox", Some("hostid"))]
        .map(|(table, column): (&str, Option<&str>)| Gap {
            table: table.to_owned(),
            column: column.map(str::to_owned),
            reason: GapReason::Forbidden,
            detail: "prv".to_owned(),
        })
        .into();
    let environments = [house];
    let reason = GapReason::Forbidden.words();
    assert_eq!(
        judged(&set, &environments).notices,
        [
            format!("office 1: table `tracelog` could not be read: {reason} (prv)."),
            "office 1: table `mailbox` was not read to its end.".to_owned(),
            "office 1: table `team` was not read to its end.".to_owned(),
            format!("office 1: column `mailbox.hostid` could not be read: {reason} (prv)."),
        ]
    );
}

#[test]
fn an_account_not_proven_to_see_all_is_noted() {
    let set = rules(
        "",
        &[(
            "name",
            "check = { field = \"systemuser.fullname\", present = true }",
        )],
    );
    let mut environments = [people::<1>(vec![("fullname", texts([None]))])];
    let depths = &mut environments[0].manifest.selfcheck.depths;
    depths.remove("prvReadTeam");
    depths.insert("prvReadRole".to_owned(), DepthName::Deep);
    assert_eq!(
        judged(&set, &environments).notices,
        [
            "office 1: the collecting account is not proven to see every row (prvReadRole, prvReadTeam at global depth), \
             so what was not found there counts as unknown, not as missing."
        ]
    );
}
