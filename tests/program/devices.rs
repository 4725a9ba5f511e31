//! The device inventory: what it makes pass, fail and stay unknown, and what is told of it.

use std::sync::LazyLock;

use dataverse_simulator::{Tenant, TenantOptions, generate};
use serde_json::Value;

use super::desk::{Desk, Kept, Ran, list, text, valid};
use super::offices::person;

const RULES: [&str; 3] = [
    "client-system-requirements",
    "internet-explorer-11",
    "outlook-2016-or-later",
];

/// Three people whom nothing else keeps from the app.
fn tenant() -> Tenant {
    generate(&TenantOptions {
        users: 3,
        defects: false,
        group_team_roles: false,
        ..TenantOptions::default()
    })
}

static THREE: LazyLock<Kept> = LazyLock::new(|| Kept::collect(tenant()));

fn address(name: &str) -> String {
    let tenant = tenant();
    let id = person(&tenant, name);
    let mut users = tenant.users.into_iter();
    let user = users.find(|user| user.systemuserid == id).expect("the person");
    user.internalemailaddress.expect("an address")
}

/// One audit with an inventory; none without.
fn audit(inventory: Option<&str>, options: &[&str]) -> (Value, Ran) {
    let desk = Desk::with(&THREE, "contoso.snapshot");
    let mut arguments = vec!["audit", "contoso.snapshot", "--json", "-"];
    if let Some(inventory) = inventory {
        desk.write("devices.csv", inventory);
        arguments.extend(["--devices", "devices.csv"]);
    }
    arguments.extend(options);
    let ran = desk.good(arguments);
    (valid("assessment-1.schema.json", &ran.out), ran)
}

/// Adele's devices, each a line below the header.
fn of_adele(header: &str, lines: &[&str]) -> String {
    let adele = address("Adele Vance");
    let mut text = format!("user,{header}\n");
    for line in lines {
        text.push_str(&format!("{adele},{line}\n"));
    }
    text
}

fn user<'v>(json: &'v Value, name: &str) -> &'v Value {
    let mut users = list(json, "users").iter();
    users.find(|user| user["name"] == name).expect("the user")
}

fn finding<'v>(json: &'v Value, name: &str, rule: &str) -> Option<&'v Value> {
    let mut findings = list(user(json, name), "findings").iter();
    findings.find(|finding| finding["rule"] == rule)
}

/// Outcomes of a rule over the three: pass, fail, unknown, not applicable.
fn counts(json: &Value, rule: &str) -> [u64; 4] {
    let mut rules = list(json, "rules").iter();
    let rule = rules.find(|found| found["id"] == rule).expect("the rule");
    ["pass", "fail", "unknown", "not_applicable"].map(|outcome| rule[outcome].as_u64().unwrap())
}

/// The outcome of a rule for Adele, who has these devices.
fn outcome(rule: &str, header: &str, lines: &[&str]) -> String {
    let inventory = of_adele(header, lines);
    let (json, _) = audit(Some(&inventory), &["--include-superseded"]);
    match finding(&json, "Adele Vance", rule) {
        Some(finding) => text(finding, "outcome").to_owned(),
        // The other two have no device: what is left of the count is hers.
        None => match counts(&json, rule) {
            [1, ..] => "pass".to_owned(),
            [.., 1] => "not-applicable".to_owned(),
            other => panic!("{other:?}"),
        },
    }
}

#[test]
fn without_an_inventory_the_rules_apply_to_nobody() {
    let (json, ran) = audit(None, &["--include-superseded"]);
    for rule in RULES {
        assert_eq!(counts(&json, rule), [0, 0, 0, 3], "{rule}");
    }
    assert!(!ran.err.contains("device"), "{}", ran.err);
}

#[test]
fn a_user_without_a_device_is_unknown_and_stays_ready() {
    let inventory = of_adele(
        "os,os_version,outlook_version",
        &["Windows,10.0.22631,16.0.17328.20162"],
    );
    let (json, _) = audit(Some(&inventory), &[]);
    assert_eq!(counts(&json, "client-system-requirements"), [1, 0, 2, 0]);
    assert_eq!(counts(&json, "outlook-2016-or-later"), [1, 0, 2, 0]);
    let bruno = finding(&json, "Bruno Wilber", "client-system-requirements").expect("a finding");
    assert_eq!(
        text(bruno, "cause"),
        "Not known: the device inventory has no row for the user."
    );
    for name in ["Adele Vance", "Bruno Wilber"] {
        assert_eq!(user(&json, name)["verdict"], "ready", "{name}");
    }
}

#[test]
fn a_device_that_is_too_old_limits_and_is_named() {
    let inventory = of_adele(
        "device,os,os_version,outlook_version,outlook_channel",
        &[
            "PC-1,Windows,10.0.22631,16.0.17328.20162,Current Channel",
            "LAPTOP-7,Windows,10.0.19045,15.0.4420.1017,MSI",
        ],
    );
    let (json, _) = audit(Some(&inventory), &[]);
    assert_eq!(user(&json, "Adele Vance")["verdict"], "limited");
    let found = finding(&json, "Adele Vance", "client-system-requirements").expect("a finding");
    assert_eq!(found["outcome"], "fail");
    assert_eq!(
        text(found, "observed"),
        "device LAPTOP-7: operating system Windows, Outlook 15.0.4420.1017"
    );
    let found = finding(&json, "Adele Vance", "outlook-2016-or-later").expect("a finding");
    assert!(
        text(found, "observed").contains("device LAPTOP-7: ")
            && text(found, "observed").contains("Outlook 15.0.4420.1017"),
        "{found}"
    );
}

#[test]
fn explain_names_the_device_too() {
    let desk = Desk::with(&THREE, "contoso.snapshot");
    desk.write(
        "devices.csv",
        of_adele("device,os,os_version", &["OLD-1,Windows,6.1.7601"]),
    );
    let ran = desk.good([
        "explain",
        "contoso.snapshot",
        "--user",
        "Adele Vance",
        "--devices",
        "devices.csv",
    ]);
    assert!(ran.out.contains("device OLD-1: "), "{}", ran.out);
    assert!(ran.out.contains("6.1.7601"), "{}", ran.out);
}

/// The vendor's table of 2021-04-20, by its rows.
#[test]
fn the_table_of_system_requirements() {
    let header = "os,os_version,outlook_version,outlook_channel,browser,browser_version";
    for (device, wanted) in [
        // Outlook 2016 by Click-to-Run, 2019, Microsoft 365.
        ("Windows,10.0.19045,16.0.9330.2073,Click-to-Run,,", "pass"),
        ("Windows,10.0.19045,16.0.9330.2072,Click-to-Run,,", "fail"),
        ("Windows,10.0.19045,16.0.10325.20082,,,", "pass"),
        ("Windows,10.0.19045,16.0.9330.2072,,,", "unknown"),
        // Outlook 2016 by MSI.
        ("Windows,8.1,16.0.4266.1001,MSI,,", "pass"),
        ("Windows,8.1,16.0.4229.1029,MSI,,", "fail"),
        // Outlook 2013 by MSI only.
        ("Windows,6.3.9600,15.0.5023.1000,MSI,,", "pass"),
        ("Windows,6.3.9600,15.0.5022.1000,MSI,,", "fail"),
        ("Windows,6.3.9600,15.0.5023.1000,Click-to-Run,,", "fail"),
        // Windows 8.1 or later.
        ("Windows,7,16.0.17328.20162,,,", "fail"),
        ("Windows 7 Professional,,16.0.17328.20162,,,", "fail"),
        ("Windows,,16.0.17328.20162,,,", "unknown"),
        // What the table does not name, or the inventory does not tell.
        ("Windows,10.0.22631,1.2024.619.100,New Outlook,,", "unknown"),
        ("Windows,10.0.22631,2402,,,", "unknown"),
        ("Windows,10.0.22631,,,,", "unknown"),
        ("BeOS,5,16.0.17328.20162,,,", "unknown"),
        // Outlook on the web.
        ("Windows,10.0.22631,,,Microsoft Edge,120", "pass"),
        ("Windows,10.0.22631,none,,Chrome,120", "pass"),
        ("Windows,10.0.22631,none,,Internet Explorer,11.0", "pass"),
        ("Windows,10.0.22631,none,,Internet Explorer,10.0", "fail"),
        ("Windows,10.0.22631,none,,Safari,5", "fail"),
        ("Windows,10.0.22631,15.0.4420.1017,MSI,Microsoft Edge,120", "fail"),
        ("macOS,14.1,,,Safari,17.1", "pass"),
        ("macOS,14.1,none,,Safari,8.0", "fail"),
        // Outlook for Mac, iOS and Android.
        ("macOS,14.1,16.78,,,", "pass"),
        ("macOS,14.1,,,,", "unknown"),
        ("iOS/iPadOS,17.1,,,,", "pass"),
        ("iOS,7.1.2,,,,", "fail"),
        ("Android (fully managed),13,,,,", "pass"),
        ("Android,4.3,,,,", "fail"),
        ("Linux,6.1,none,,Firefox,120", "fail"),
    ] {
        let found = outcome("client-system-requirements", header, &[device]);
        assert_eq!(found, wanted, "{device}");
    }
}

#[test]
fn outlook_is_2016_or_later() {
    let header = "os,outlook_version,outlook_channel";
    for (devices, wanted) in [
        (&["Windows,16.0.4266.1001,MSI"][..], "pass"),
        (&["Windows,15.0.5589.1001,MSI"], "fail"),
        (&["Windows,16.0.4266.1001,", "Windows,14.0.7268.5000,"], "fail"),
        (&["Windows,16.0.4266.1001,", "Windows,,"], "unknown"),
        (&["Windows,1.2024.619.100,"], "unknown"),
        (&["Windows,none,"], "pass"),
        // Phones number theirs otherwise.
        (&["iOS,4.2410.1,"], "pass"),
    ] {
        let found = outcome("outlook-2016-or-later", header, devices);
        assert_eq!(found, wanted, "{devices:?}");
    }
}

#[test]
fn internet_explorer_is_asked_about_only_when_superseded_rules_are() {
    let inventory = of_adele("os,internet_explorer", &["Windows,no"]);
    let (json, _) = audit(Some(&inventory), &[]);
    assert_eq!(counts(&json, "internet-explorer-11"), [0, 0, 0, 3]);
    let (json, _) = audit(Some(&inventory), &["--include-superseded"]);
    assert_eq!(counts(&json, "internet-explorer-11"), [0, 1, 2, 0]);
    let found = finding(&json, "Adele Vance", "internet-explorer-11").expect("a finding");
    assert_eq!(
        text(found, "observed"),
        "device in line 2: operating system Windows, Internet Explorer none"
    );

    let header = "os,internet_explorer";
    for (devices, wanted) in [
        (&["Windows,yes"][..], "pass"),
        (&["Windows,11.0.19041.1"], "pass"),
        (&["Windows,9.0.8112"], "fail"),
        (&["Windows,"], "unknown"),
        (&["macOS,"], "not-applicable"),
        (&["macOS,", "Windows,yes"], "pass"),
    ] {
        let found = outcome("internet-explorer-11", header, devices);
        assert_eq!(found, wanted, "{devices:?}");
    }
}

#[test]
fn a_superseded_rule_stays_visible() {
    let desk = Desk::with(&THREE, "contoso.snapshot");
    let listed = desk.good(["rules", "list"]).out;
    let line = listed
        .lines()
        .find(|line| line.contains("internet-explorer-11"))
        .expect("the rule");
    assert!(line.ends_with("(superseded)"), "{line}");
    let shown = desk.good(["rules", "show", "internet-explorer-11"]).out;
    // Wherever its lines are broken.
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("superseded: on 2025-11-06 by "), "{shown}");
    assert!(shown.contains("the device inventory (`--devices`)"), "{shown}");
    desk.good(["audit", "contoso.snapshot", "--html", "report.html"]);
    let page = desk.read("report.html");
    assert!(page.contains("internet-explorer-11"), "the rule is in the list");
    assert!(page.contains("2025-11-06"), "with its date");
}

#[test]
fn rows_of_nobody_are_told() {
    let adele = address("Adele Vance").to_uppercase();
    let inventory = format!(
        "Device name,Primary user UPN,OS,OS version\nPC-1,{adele},Windows,soon\nPC-2,nobody@contoso.example,Windows,10.0\n\
         KIOSK-1,,Windows,10.0\n"
    );
    let (_, ran) = audit(Some(&inventory), &[]);
    for notice in [
        "1 of 3 device rows match no user: nobody@contoso.example.",
        "1 of 3 device rows name no user: line 4.",
        "The device inventory has values that cannot be compared: line 2, operating system version \"soon\".",
    ] {
        // Lines are wrapped to the screen.
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(notice), "{notice}\n{}", ran.err);
    }
    let (_, ran) = audit(Some("user,os\nnobody@contoso.example,Windows\n"), &[]);
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("The device inventory matches nobody: none of its 1 row names"),
        "{}",
        ran.err
    );
    let (_, ran) = audit(Some("user,os\n"), &[]);
    assert!(
        ran.err.contains("The device inventory has no rows."),
        "{}",
        ran.err
    );
}

#[test]
fn inventories_that_cannot_be_used_are_refused_before_anything_is_written() {
    for (inventory, words) in [
        (
            "Device name,OS\nPC-1,Windows\n",
            "`devices.csv`: the device inventory has no column that names the user; its columns are `Device name`, `OS`",
        ),
        ("", "`devices.csv`: the device inventory is empty"),
        (
            "user,os\nadele\nbruno,Windows,11\n",
            "do not have the 2 fields of its first line: line 2 has 1, line 3 has 3",
        ),
    ] {
        let desk = Desk::with(&THREE, "contoso.snapshot");
        desk.write("devices.csv", inventory);
        let ran = desk.run([
            "audit",
            "contoso.snapshot",
            "--devices",
            "devices.csv",
            "--csv",
            "v.csv",
        ]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words}");
        assert!(ran.err.contains(words), "{words}\n{}", ran.err);
        assert!(!desk.path("v.csv").exists());
    }
    let desk = Desk::with(&THREE, "contoso.snapshot");
    let ran = desk.run(["audit", "contoso.snapshot", "--devices", "none.csv"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("cannot read the devices file `none.csv`"),
        "{}",
        ran.err
    );
}
