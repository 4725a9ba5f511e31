//! What is said of a device inventory.

use super::*;
use crate::evaluate::parse_devices;
use Outcome::{Fail, Unknown};

#[test]
fn devices_of_nobody_are_noted_with_a_few_names() {
    let set = rules(
        "",
        &[("given", "check = { field = \"devices.given\", is = true }")],
    );
    let environments = [people::<2>(vec![(
        "domainname",
        texts([Some("ada"), Some("bob")]),
    )])];
    let notices = |inventory: &str| {
        let devices: Devices = parse_devices(inventory).unwrap();
        let inputs = Inputs {
            devices: Some(&devices),
            ..inputs(&set, &environments)
        };
        assess(&inputs).unwrap().notices
    };
    let none: [&str; 0] = [];
    assert_eq!(notices("user,os\nada,Windows\nBOB,macOS\nada,Windows\n"), none);
    assert_eq!(notices("user,os\n"), ["The device inventory has no rows."]);
    assert_eq!(
        notices("user,os\ncyd,Windows\n,Windows\n"),
        [
            "The device inventory matches nobody: none of its 2 rows names a sign-in name or e-mail address of the \
             audited environments."
        ]
    );
    assert_eq!(
        notices("user,os\nada,Windows\ncyd,Windows\n"),
        ["1 of 2 device rows match no user: cyd."]
    );
    assert_eq!(
        notices("user,os\nada,BeOS\ncyd,\nfay,\neve,\ncyd,\ndan,\n,Windows\n ,macOS\n"),
        [
            "5 of 8 device rows match no user: cyd; dan; eve; and 1 more.",
            "2 of 8 device rows name no user: line 8; line 9.",
            "The device inventory has values that cannot be compared: line 2, operating system \"BeOS\".",
        ]
    );
}

#[test]
fn no_more_than_five_devices_are_shown() {
    let set = rules(
        "",
        &[(
            "edge",
            "check = { every_device = { field = \"device.browser\", is = \"edge\" } }",
        )],
    );
    let environments = [people::<1>(vec![("domainname", texts([Some("ada")]))])];
    let told = |browser: &str, count: usize| {
        let rows: Vec<String> = (1..=count)
            .map(|number| format!("ada,PC-{number},{browser}\n"))
            .collect();
        let devices = parse_devices(&format!("user,device,browser\n{}", rows.concat())).unwrap();
        let inputs = Inputs {
            devices: Some(&devices),
            ..inputs(&set, &environments)
        };
        let found = finding(&assess(&inputs).unwrap(), "edge", 0);
        (found.outcome, found.observed, found.cause)
    };
    let each = |count: usize, words: &str| {
        let all: Vec<String> = (1..=count)
            .map(|number| format!("device PC-{number}: {words}"))
            .collect();
        all.join("; ")
    };

    assert_eq!(
        told("Safari", 5),
        (
            Fail,
            each(5, "browser Safari"),
            "This does not hold: edge".to_owned()
        )
    );
    assert_eq!(told("Safari", 7).1, each(5, "browser Safari") + "; and 2 more");

    let nothing = "the inventory does not tell its browser";
    assert_eq!(
        told("", 5),
        (
            Unknown,
            each(5, "browser not told"),
            format!("Not known: {}.", each(5, nothing))
        )
    );
    assert_eq!(
        told("", 6).2,
        format!("Not known: {}; and 1 more.", each(5, nothing))
    );
    assert_eq!(
        told("Mosaic", 1).2,
        "Not known: device PC-1: its browser \"Mosaic\" is not a name that is known here."
    );
    // Of several devices only those that are not known are the reason.
    let devices = parse_devices("user,device,browser\nada,PC-1,Edge\nada,PC-2,\n").unwrap();
    let inputs = Inputs {
        devices: Some(&devices),
        ..inputs(&set, &environments)
    };
    assert_eq!(
        finding(&assess(&inputs).unwrap(), "edge", 0).cause,
        format!("Not known: device PC-2: {nothing}.")
    );
}

#[test]
fn devices_that_leave_it_open_say_why() {
    let check = |what: &str| format!("check = {{ some_device = {what} }}");
    let set = rules(
        "",
        &[
            (
                "same",
                &check("{ field = \"device.browser-version\", same_as = \"device.internet-explorer\" }"),
            ),
            (
                "browser",
                &check("{ field = \"device.browser-version\", at_least = \"100\" }"),
            ),
        ],
    );
    let environments = [people::<2>(vec![(
        "domainname",
        texts([Some("ada"), Some("bob")]),
    )])];
    let devices = parse_devices("user,device,browser_version,internet_explorer\nada,PC-1,11,none\n").unwrap();
    let inputs = Inputs {
        devices: Some(&devices),
        ..inputs(&set, &environments)
    };
    let assessment = assess(&inputs).unwrap();
    let told = |id, user| {
        let found = finding(&assessment, id, user);
        (found.outcome, found.cause)
    };
    assert_eq!(
        told("same", 0),
        (
            Unknown,
            "Not known: device PC-1: without Internet Explorer there is nothing to compare.".to_owned()
        )
    );
    assert_eq!(
        told("browser", 1),
        (
            Unknown,
            "Not known: the device inventory has no row for the user.".to_owned()
        )
    );
    assert_eq!(told("browser", 0).0, Fail);
}
