//! Names that would like to be code.

use std::collections::BTreeSet;

use arrow_array::StringArray;
use clearance::snapshot::{Column, Environment};
use clearance::what_if::{Change, Holder, Inheritance};
use proptest::prelude::*;

use crate::support::{Read, action, contoso, pac_of, powershell_of};

/// Texts that end strings, lines, comments and here-strings, or begin code.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(
            &[
                "'",
                "''",
                "\u{2018}",
                "\u{2019}",
                "\u{201a}",
                "\u{201b}",
                "\n'@\n",
                "'@",
                "\u{2019}@",
                "\n",
                "\r",
                "\r\n",
                "\u{85}",
                "\u{2028}",
                "|",
                " | step | 9.9 | x | DELETE | systemusers(0) | - | a | present",
                "#>",
                "<#",
                "#requires -RunAsAdministrator",
                "# SIG # Begin signature block",
                "; Remove-Item x;",
                "$(Get-Date)",
                "`",
                "\"",
                "@'",
                "{api}",
                "\0",
                "\u{1b}[2J",
                "\u{202e}",
                "--%",
                "& {",
                "}"
            ][..]
        )
        .prop_map(str::to_owned),
        "[A-Za-z ]{1,6}",
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// Everything in the sample that a script could show, called so.
fn called(name: &str) -> Environment {
    let mut environment = contoso();
    environment.manifest.environment.name = name.to_owned();
    for (table, column) in [
        ("systemuser", "fullname"),
        ("systemuser", "domainname"),
        ("role", "name"),
        ("businessunit", "name"),
        ("team", "name"),
        ("mailbox", "name"),
    ] {
        let table = environment.tables.get_mut(table).expect("a table");
        let names: StringArray = (0..table.rows).map(|_| Some(name)).collect();
        table.columns.insert(column.to_owned(), Column::Text(names));
    }
    environment
}

/// Changes of several kinds, by ids.
fn changes(environment: &Environment) -> Vec<Change> {
    let ids = |table: &str, column: &str| environment.table(table).unwrap().ids(column).unwrap().to_vec();
    let roles = environment.table("role").unwrap();
    let root = roles.ids("parentrootroleid").unwrap()[0].to_string();
    let units = roles.ids("businessunitid").unwrap();
    let users = ids("systemuser", "systemuserid");
    let homes = ids("systemuser", "businessunitid");
    let some: Vec<Holder> = users
        .iter()
        .zip(&homes)
        .filter(|(_, home)| units.contains(home))
        .take(20)
        .map(|(user, _)| Holder::User(user.to_string()))
        .collect();
    vec![
        Change::AssignRole {
            role: root.clone(),
            to: some,
        },
        Change::SetInheritance {
            role: root.clone(),
            inheritance: Inheritance::TeamOnly,
        },
        Change::SetInheritance {
            role: root,
            inheritance: Inheritance::DirectUser,
        },
        Change::SetField {
            field: "organization.requireapprovalforuseremail".to_owned(),
            value: "false".to_owned(),
            of: Vec::new(),
        },
    ]
}

/// A script without the texts that come from elsewhere: code, ids, methods, paths, bodies.
fn bones(script: &Read) -> (BTreeSet<(String, String)>, Vec<Vec<String>>) {
    let shape = |line: Vec<String>| match line[0].as_str() {
        "send" | "look" => line,
        _ => vec![line[0].clone(), line.len().to_string()],
    };
    (script.commands(), script.lines().into_iter().map(shape).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_are_never_code(name in hostile(), title in hostile()) {
        let harmless = called("Ann");
        let environment = called(&name);
        let changes = changes(&environment);
        let plain = Read::new(powershell_of(&harmless, &[action("key", "Title", &changes)]));
        let script = Read::new(powershell_of(&environment, &[action(&title, &title, &changes)]));
        prop_assert_eq!(bones(&script), bones(&plain));
        let tool = Read::new(pac_of(&environment, &[action(&title, &title, &changes)]));
        prop_assert_eq!(tool.commands(), Read::new(pac_of(&harmless, &[])).commands().into_iter()
            .chain([("Add-Action".to_owned(), String::new())]).collect::<BTreeSet<_>>());
    }

    #[test]
    fn an_address_is_never_code(address in hostile()) {
        let mut environment = contoso();
        environment.manifest.environment.url = address.clone();
        let script = Read::new(powershell_of(&environment, &[]));
        let plain = Read::new(powershell_of(&contoso(), &[]));
        prop_assert_eq!(script.commands(), plain.commands());
    }
}
