//! Anything short of proven makes absence unknown, and is named at the top of every report; and what an
//! old server of one's own lacks is a gap and no more.

use clearance::snapshot::tables::TABLES;
use dataverse_simulator::{
    Behaviour, Deployment, Depth, Fault, ScriptedFault, Simulator, Tenant, TenantOptions, Trigger, generate,
};
use serde_json::{Value, json};

use super::desk::{Desk, Ran, table, valid};

/// People who all have a mailbox and all else that they need.
fn healthy(deployment: Deployment) -> TenantOptions {
    TenantOptions {
        users: 20,
        defects: false,
        deployment,
        ..TenantOptions::default()
    }
}

fn collect(desk: &Desk, tenant: Tenant, behaviour: Behaviour, more: &[&str]) -> (Ran, Simulator) {
    let simulator = Simulator::start_blocking(tenant, behaviour).expect("a simulator");
    let mut command = desk.command(["collect", &simulator.url(), "-o", "a.snapshot"]);
    let command = command.args(more).env("CLEARANCE_TOKEN", simulator.token());
    (Ran::from(command.output().unwrap()), simulator)
}

fn of_mailboxes(fault: Fault) -> Behaviour {
    Behaviour {
        page_size_limit: 7,
        faults: vec![ScriptedFault {
            when: Trigger::Target("mailboxes".to_owned(), 1),
            times: u64::MAX,
            what: fault,
        }],
        ..Behaviour::default()
    }
}

/// Text as it flows, whatever the width of the screen.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A web page without its tags.
fn told(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, told)| told));
    }
    flat(&text.replace("&#x2f;", "/").replace("&#x27;", "'"))
}

/// Fails unless every report of the snapshot on the desk names it before it names any cause.
fn names_at_its_top(desk: &Desk, what: &str) -> Value {
    let ran = desk.good(["audit", "a.snapshot", "--html", "a.html", "--json", "a.json"]);
    let screen = flat(&ran.err);
    let top = screen.split("Causes by number of users").next().unwrap();
    assert!(top.contains(what), "{what}\n{}", ran.err);
    let page = desk.read("a.html");
    let (before, section) = page
        .split_once("<section id=\"not-seen\"")
        .expect("a section of its own");
    let parts: Vec<&str> = before
        .split("<section ")
        .skip(1)
        .filter_map(|part| part.split('"').nth(1))
        .collect();
    assert_eq!(
        parts,
        ["cover", "summary"],
        "only a print's cover and the verdicts come before"
    );
    let section = told(section.split("</section>").next().unwrap());
    assert!(section.contains(what), "{what}\n{section}");
    let report = valid("assessment-1.schema.json", &desk.read("a.json"));
    let names = |notices: &Value| {
        let notices = notices.as_array().expect("notices").iter();
        notices
            .filter(|notice| notice.as_str().unwrap().contains(what))
            .count()
    };
    assert_eq!(names(&report["notices"]), 1, "{what}\n{}", report["notices"]);

    let user = report["users"][0]["id"].as_str().unwrap();
    let screen = flat(&desk.good(["explain", "a.snapshot", "--user", user]).out);
    let top = screen.split("stands in the way").next().unwrap();
    assert!(top.contains(what), "{what}\n{screen}");
    let explained = desk.good(["explain", "a.snapshot", "--user", user, "--json"]).out;
    let explained = valid("explanation-1.schema.json", &explained);
    assert_eq!(
        names(&explained["notices"]),
        1,
        "{what}\n{}",
        explained["notices"]
    );
    report
}

#[test]
fn whatever_was_not_proven_is_told_first_and_nobody_is_blocked_for_it() {
    let people = || generate(&healthy(Deployment::Online));
    let rows = people().mailboxes.len();
    let mut near_sighted = people();
    let mut held: Vec<(&str, Depth)> = TABLES
        .iter()
        .flat_map(|table| table.read_by.privileges)
        .filter(|name| **name != "prvReadMailbox")
        .map(|name| (*name, Depth::Global))
        .collect();
    held.push(("prvReadMailbox", Depth::Basic));
    near_sighted.restrict_caller(&held);
    let evil = Fault::NextLink("https://evil.example/api/data/v9.2/x".to_owned());
    let no_id = Fault::Field {
        record: 0,
        name: "mailboxid".to_owned(),
        value: Some(Value::Null),
    };
    for (tenant, behaviour, what) in [
        // A table that broke off.
        (
            people(),
            of_mailboxes(evil),
            "the link to the next page leads to another server, evil.example".to_owned(),
        ),
        // One that may not be read.
        (
            people(),
            Behaviour {
                forbidden_tables: vec!["mailbox".to_owned()],
                ..Behaviour::default()
            },
            "the collecting account may not read it".to_owned(),
        ),
        // One of which only the caller's own rows are seen.
        (
            near_sighted,
            Behaviour::default(),
            "not proven to see every row (prvReadMailbox at global depth)".to_owned(),
        ),
        // Records that cannot be told apart.
        (
            people(),
            Behaviour {
                page_size_limit: 5000,
                ..of_mailboxes(no_id)
            },
            "1 record could not be read: record 1 of its page".to_owned(),
        ),
        // Rows that nobody misses but who counts.
        (
            people(),
            Behaviour {
                page_size_limit: 5000,
                ..of_mailboxes(Fault::RowsLeftOut(1))
            },
            format!("the server counts {rows} rows, {} came", rows - 1),
        ),
    ] {
        let desk = Desk::new();
        let (ran, _) = collect(&desk, tenant, behaviour, &[]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        // Already when it is collected, in words of its own where the account may not see.
        let said = [
            "gap: mailbox: ",
            "note: the account is not proven to see every row (prvReadMailbox",
        ];
        assert!(
            said.iter().any(|said| ran.err.contains(said)),
            "{what}\n{}",
            ran.err
        );
        let report = names_at_its_top(&desk, &what);
        assert_eq!(report["summary"]["blocked"], 0, "{what}");
        assert_ne!(report["summary"]["unknown"], 0, "{what}");
    }
}

#[test]
fn a_total_far_above_what_came_is_told_and_proves_nothing() {
    let desk = Desk::new();
    let tenant = generate(&healthy(Deployment::Online));
    let rows = tenant.mailboxes.len();
    let behaviour = Behaviour {
        stale_totals: vec![("mailbox".to_owned(), 5000)],
        ..Behaviour::default()
    };
    let (ran, _) = collect(&desk, tenant, behaviour, &[]);
    let what = format!(
        "has {rows} rows here, and by the server's own total, which may be a day old, {}; if the others were not \
         deleted since, the account cannot see them",
        rows + 5000
    );
    assert!(
        ran.err.contains(&format!("note: table `mailbox` {what}")),
        "{}",
        ran.err
    );
    let report = names_at_its_top(&desk, &what);
    assert_eq!(
        (&report["summary"]["blocked"], &report["summary"]["unknown"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(report["environments"][0]["gaps"], json!([]));
}

#[test]
fn the_summary_says_whether_the_rows_were_counted() {
    let whole = |behaviour| {
        let desk = Desk::new();
        let (ran, simulator) = collect(&desk, generate(&healthy(Deployment::Online)), behaviour, &[]);
        let start = format!("\n{} requests, ", simulator.requests().len());
        assert!(ran.err.contains(&start), "{}", ran.err);
        assert!(
            ran.err.contains(" s; nothing was repeated; no gaps\n"),
            "{}",
            ran.err
        );
        ran.err
    };
    let said = whole(Behaviour::default());
    assert!(
        said.ends_with("All 15 tables have the rows that the server counts.\n"),
        "{said}"
    );
    let said = whole(Behaviour {
        counts_nothing: true,
        ..Behaviour::default()
    });
    assert!(
        said.ends_with(
            "The server counted none of the tables: that they are whole rests on its pages alone.\n"
        ),
        "{said}"
    );
    let desk = Desk::new();
    let behaviour = Behaviour {
        uncountable_tables: vec!["team".to_owned()],
        ..Behaviour::default()
    };
    let (ran, _) = collect(&desk, generate(&healthy(Deployment::Online)), behaviour, &[]);
    assert!(
        ran.err.ends_with(
            "14 of 15 tables have the rows that the server counts; not counted to their end: team.\n"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn own_servers_lack_columns_and_functions_and_are_audited_all_the_same() {
    for (build, version) in [("9.0.2.3034", "v9.0"), ("9.1.18.22", "v9.1")] {
        let desk = Desk::new();
        let tenant = generate(&TenantOptions {
            version: Some(build.to_owned()),
            ..healthy(Deployment::OnPremises)
        });
        let lacking = [
            ("systemuser", "azureactivedirectoryobjectid"),
            ("mailbox", "isemailaddressapprovedbyo365admin"),
        ];
        let behaviour = Behaviour {
            omit_columns: lacking
                .map(|(table, column)| (table.to_owned(), column.to_owned()))
                .to_vec(),
            counts_nothing: true,
            faults: vec![ScriptedFault {
                when: Trigger::Target("RetrieveVersion".to_owned(), 1),
                times: u64::MAX,
                what: Fault::Status(404),
            }],
            ..Behaviour::default()
        };
        let (ran, simulator) = collect(&desk, tenant, behaviour, &["--deployment", "on-premises"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let organization = simulator.url().rsplit_once('/').unwrap().1.to_owned();
        let base = format!("/{organization}/api/data/{version}/");
        let answered = simulator
            .requests()
            .into_iter()
            .filter(|request| request.status == 200);
        for request in answered {
            assert!(request.path.starts_with(&base), "{}", request.path);
        }
        let manifest = desk.json("a.snapshot/manifest.json");
        let environment = &manifest["environment"];
        assert_eq!(environment["deployment"], "on-premises");
        assert_eq!(environment["deployment_from"], "flag");
        assert_eq!(environment["build"], Value::Null);
        let gaps: Vec<(&str, &str, &str)> = manifest["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|gap| {
                ["table", "column", "reason"]
                    .map(|name| gap[name].as_str().unwrap())
                    .into()
            })
            .collect();
        assert_eq!(gaps, lacking.map(|(table, column)| (table, column, "not-found")));
        // Its own roles tell how far the account may read.
        assert_eq!(manifest["selfcheck"]["depths"]["prvReadMailbox"], "global");
        for (name, table) in manifest["tables"].as_object().unwrap() {
            assert_eq!(table["complete"], true, "{name}");
            let nothing = json!({"query": null, "more": false, "total": null});
            assert_eq!(table["counted"], nothing, "{name}");
        }
        let verdicts = desk.good(["audit", "a.snapshot", "--csv", "-", "--quiet"]).out;
        let verdicts = table(&verdicts);
        assert!(verdicts.iter().any(|row| row["verdict"] != "out-of-scope"));
        for row in verdicts {
            assert_ne!(row["verdict"], "blocked", "{row:?}");
        }
    }
}
