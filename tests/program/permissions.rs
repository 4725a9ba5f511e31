//! `clearance permissions`: what the collecting account needs, and a role that has just that.

use std::collections::BTreeMap;

use roxmltree::Document;
use serde_json::json;

use super::desk::Desk;
use super::refusals::{all_are_refused, refusal};

const BY_NEED: [&str; 8] = [
    "prvReadUser",
    "prvReadBusinessUnit",
    "prvReadRole",
    "prvReadTeam",
    "prvReadMailbox",
    "prvReadEmailServerProfile",
    "prvReadOrganization",
    "prvReadAppModule",
];

/// A pack of three rules, about a user, the user's mailbox and the organization.
const THREE: &str = r#"
[pack]
id = "three"
title = "Three rules"
version = "1"
source = "https://example.org/three"

[[rule]]
id = "has-a-name"
title = "A name"
scope = "user"
severity = "advises"
check = { field = "systemuser.fullname", present = true }
remedy = "Give a name."
section = "1"

[[rule]]
id = "mailbox-is-active"
title = "An active mailbox"
scope = "user"
severity = "advises"
check = { field = "mailbox.statecode", is = "active" }
remedy = "Activate it."
section = "2"

[[rule]]
id = "router-is-off"
title = "No Email Router"
scope = "environment"
severity = "advises"
check = { field = "organization.emailconnectionchannel", is = "server-side-sync" }
remedy = "Switch."
section = "3"
"#;

#[test]
fn what_three_rules_need_is_told_in_full() {
    let desk = Desk::new();
    desk.write("three.toml", THREE);
    let ran = desk.good(["permissions", "--rules", "three.toml", "--pack", "three"]);
    assert_eq!(ran.err, "");
    assert_eq!(
        ran.out,
        "The collecting account needs these privileges, each at Organization depth (Global in the Web API).\n\
         With less, rows vanish from answers without a word, and what was not found is unknown. The number is\n\
         how many of the 3 rules are unknown without it.\n\
         \n\
         \x20 privilege                   rules  opens\n\
         \x20 prvReadUser                     2  systemuser\n\
         \x20 prvReadBusinessUnit             0  businessunit\n\
         \x20 prvReadMailbox                  1  mailbox\n\
         \x20 prvReadOrganization             1  organization\n\
         \n\
         \x20 No rule asks for prvReadBusinessUnit, but reports name what it opens.\n\
         \n\
         Welcome, but needed by no rule:\n\
         \n\
         \x20 privilege                   rules  opens\n\
         \x20 prvReadRole                     0  role, privilege*, roleprivileges*, systemuserroles*,\n\
         \x20                                    teamroles*, appmoduleroles*\n\
         \x20 prvReadTeam                     0  team, teamroles*, teammembership*\n\
         \x20 prvReadEmailServerProfile       0  emailserverprofile\n\
         \x20 prvReadAppModule                0  appmodule, appmoduleroles*\n\
         \x20 prvReadTraceLog                 0  tracelog*\n\
         \n\
         * that the privilege opens this table is remembered, and was found in no source\n\
         \n\
         Built-in roles:\n\
         \n\
         \x20 Service Reader     suffices\n\
         \x20 System Customizer  does not: prvReadMailbox only at basic depth (the account's own rows)\n\
         \x20 Basic User         does not: prvReadMailbox only at basic depth (the account's own rows)\n\
         \n\
         This was read off a public dump of the roles of one environment (December 2025), not off a page of\n\
         the vendor. `clearance permissions --role FOLDER` writes a role that has just what is needed.\n"
    );
}

#[test]
fn the_shipped_rules_need_what_the_self_check_asks_about() {
    let desk = Desk::new();
    let ran = desk.good(["permissions", "--json"]);
    let view: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let of = |list: &str| -> Vec<String> {
        let list = view[list].as_array().expect("a list");
        list.iter()
            .map(|one| one["privilege"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(of("needed"), BY_NEED);
    assert_eq!(of("welcome"), ["prvReadTraceLog"]);
    assert_eq!(view["needed"][0]["depth"], "global");
    assert_eq!(
        view["built_in_roles"],
        json!([
            { "name": "Service Reader", "suffices": true, "lacks": [] },
            { "name": "System Customizer", "suffices": false,
              "lacks": [{ "privilege": "prvReadMailbox", "held": "basic" }] },
            { "name": "Basic User", "suffices": false,
              "lacks": [{ "privilege": "prvReadMailbox", "held": "basic" },
                        { "privilege": "prvReadRole", "held": "local" }] },
        ])
    );
    // As many as say so of themselves, one by one.
    let listed: serde_json::Value =
        serde_json::from_str(&desk.good(["rules", "list", "--json"]).out).expect("JSON");
    let current: Vec<&str> = listed
        .as_array()
        .expect("rules")
        .iter()
        .filter(|rule| rule["superseded"].is_null())
        .map(|rule| rule["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(view["rules"], current.len());
    let with_profile = current.iter().filter(|id| {
        let shown = desk.good(["rules", "show", id, "--json"]).out;
        shown.contains("\"privilege\": \"prvReadEmailServerProfile\"")
    });
    assert_eq!(view["needed"][5]["rules"], with_profile.count());
}

/// The privileges of the role in a folder, with their levels.
fn role_in(desk: &Desk, folder: &str) -> (String, BTreeMap<String, String>) {
    let text = desk.read(&format!("{folder}/Roles/Clearance Reader.xml"));
    let document = Document::parse(&text).expect("XML");
    let role = document.root_element();
    assert_eq!(role.tag_name().name(), "Role");
    assert_eq!(role.attribute("name"), Some("Clearance Reader"));
    let privileges = role
        .descendants()
        .filter(|node| node.has_tag_name("RolePrivilege"));
    let privileges = privileges.map(|node| {
        let attribute = |name| node.attribute(name).expect("an attribute").to_owned();
        (attribute("name"), attribute("level"))
    });
    (
        role.attribute("id").expect("an id").to_owned(),
        privileges.collect(),
    )
}

#[test]
fn the_role_has_just_what_is_needed() {
    let desk = Desk::new();
    let ran = desk.good(["permissions", "--role", "reader"]);
    assert_eq!(
        ran.err,
        "\nThe role \"Clearance Reader\" is in reader. Pack it with `pac solution pack --zipfile clearance-reader.zip \
         --folder reader`, import that into the environment, and give the role to the collecting account.\n"
    );
    let (id, privileges) = role_in(&desk, "reader");
    let expected = BY_NEED.map(|name| (name.to_owned(), "Global".to_owned()));
    assert_eq!(privileges, BTreeMap::from(expected));

    let solution = desk.read("reader/Other/Solution.xml");
    let document = Document::parse(&solution).expect("XML");
    let components: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("RootComponent"))
        .map(|node| (node.attribute("type"), node.attribute("id")))
        .collect();
    assert_eq!(components, [(Some("20"), Some(id.as_str()))]);
    let manifest = document.descendants().find(|node| node.has_tag_name("Managed"));
    assert_eq!(manifest.and_then(|node| node.text()), Some("0"));
    let customizations = desk.read("reader/Other/Customizations.xml");
    let document = Document::parse(&customizations).expect("XML");
    assert!(
        document
            .root_element()
            .children()
            .any(|node| node.has_tag_name("Roles"))
    );

    // The same again, byte for byte: an import changes the role and makes no second one.
    desk.good(["permissions", "--role", "again", "--quiet"]);
    for file in [
        "Roles/Clearance Reader.xml",
        "Other/Solution.xml",
        "Other/Customizations.xml",
    ] {
        assert_eq!(
            desk.bytes(&format!("again/{file}")),
            desk.bytes(&format!("reader/{file}"))
        );
    }
    // The files and their folders, and nothing temporary.
    assert_eq!(desk.everything().len(), 2 * (1 + 2 + 3));
}

#[test]
fn fewer_rules_need_less() {
    let desk = Desk::new();
    desk.write("three.toml", THREE);
    std::fs::create_dir(desk.path("empty")).expect("a folder");
    desk.good([
        "permissions",
        "--rules",
        "three.toml",
        "--pack",
        "three",
        "--role",
        "empty",
    ]);
    let (_, privileges) = role_in(&desk, "empty");
    assert_eq!(
        privileges.into_keys().collect::<Vec<_>>(),
        [
            "prvReadBusinessUnit",
            "prvReadMailbox",
            "prvReadOrganization",
            "prvReadUser"
        ]
    );
}

#[test]
fn a_place_that_is_taken_or_missing_is_refused() {
    let desk = Desk::new();
    desk.write("notes.txt", "mine");
    std::fs::create_dir(desk.path("full")).expect("a folder");
    desk.write("full/notes.txt", "mine");
    let taken = |name: &str| {
        format!(
            "error: cannot write the role into `{name}`: something is there already\nhint: name a new folder\n"
        )
    };
    let cases = [
        refusal("permissions --role full", 2, taken("full")),
        refusal("permissions --role notes.txt", 2, taken("notes.txt")),
        refusal(
            "permissions --role nowhere/reader",
            2,
            "error: cannot write the role into `nowhere/reader`: the folder that it would be in does not exist\n\
             hint: name a new folder in one that exists and that you may write to\n",
        ),
    ];
    all_are_refused(&desk, cases);
}
