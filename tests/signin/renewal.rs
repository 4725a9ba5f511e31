//! Tokens that end, are refused, or cannot be had at first.

use std::time::Duration;

use dataverse_simulator::{Behaviour, Deployment, SignInBehaviour};

use super::office::{Office, certificate};

const PROMPT: &str = "To sign in, open https://microsoft.example/devicelogin in a browser and enter the code CODE1\n\
                      The code holds for 15 minutes.\n";

#[test]
fn a_token_that_is_refused_half_way_is_replaced_once_for_all() {
    let office = Office::new(SignInBehaviour {
        uses: Some(12),
        ..SignInBehaviour::default()
    });
    office.good(
        "--auth client-secret --concurrency 4",
        &[
            ("CLEARANCE_CLIENT_SECRET", office.secret()),
            ("AZURE_CLIENT_ID", office.client()),
        ],
        "",
    );
    let taken = office.environment.stats().by_status[&200];
    assert!(taken > 12, "the first token cannot have been enough: {taken}");
    assert_eq!(
        office.service.given(),
        taken.div_ceil(12),
        "no token was thrown away while it was good"
    );
}

#[test]
fn a_replacement_that_is_refused_too_ends_it() {
    let office = Office::new(SignInBehaviour {
        worthless: true,
        ..SignInBehaviour::default()
    });
    let path = certificate("registered.pem");
    office.bad(
        "--auth client-certificate",
        &[
            ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
            ("AZURE_CLIENT_ID", office.client()),
        ],
        3,
        "URL refused the access token: The audience of the access token is not this environment.\n\
         it came from the sign-in service, which when asked again gave no better one: it is for another environment or tenant, or access was revoked\n\
         hint: check the address of the environment, and --tenant if it is given",
    );
    assert_eq!(office.service.given(), 2, "the first, and exactly one renewal");
    // One without a token, and one with each.
    assert_eq!(office.environment.stats().total, 3);
}

#[test]
fn a_person_is_not_asked_again() {
    let office = Office::new(SignInBehaviour {
        uses: Some(12),
        ..SignInBehaviour::default()
    });
    office.good("--auth device-code --concurrency 4", &[], PROMPT);
    let renewed = office
        .asked()
        .iter()
        .filter(|asked| {
            asked
                .fields
                .get("grant_type")
                .is_some_and(|grant| grant == "refresh_token")
        })
        .count();
    assert_eq!(renewed, office.service.given() - 1);
    assert!(renewed > 0);
}

#[test]
fn a_person_is_asked_again_if_nothing_else_helps() {
    let office = Office::new(SignInBehaviour {
        uses: Some(30),
        refreshable: false,
        ..SignInBehaviour::default()
    });
    let ran = office.collect("--auth device-code", &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let again = PROMPT.replace("CODE1", "CODE2");
    let taken = office.environment.stats().by_status[&200];
    let expected = if taken > 30 {
        format!("{PROMPT}{again}")
    } else {
        PROMPT.to_owned()
    };
    assert_eq!(ran.err, expected);
}

#[test]
fn a_token_of_a_short_life_is_renewed_on_the_way() {
    let service = SignInBehaviour {
        lifetime: 4,
        ..SignInBehaviour::default()
    };
    let slow = Behaviour {
        latency: Duration::from_millis(600),
        ..Behaviour::default()
    };
    let office = Office::of(service, slow, Deployment::Online);
    office.good(
        "--auth client-secret --concurrency 4",
        &[
            ("CLEARANCE_CLIENT_SECRET", office.secret()),
            ("AZURE_CLIENT_ID", office.client()),
        ],
        "",
    );
    assert!(office.service.given() > 1);
}

#[test]
fn a_wrong_clock_does_not_matter_to_the_life_of_a_token() {
    for clock in [-86_400, 86_400] {
        let office = Office::new(SignInBehaviour {
            clock,
            ..SignInBehaviour::default()
        });
        let endpoint = format!("{}/msi/token", office.service.url());
        let header = office.service.behaviour().identity_header.as_str();
        office.good(
            "--auth client-secret",
            &[
                ("CLEARANCE_CLIENT_SECRET", office.secret()),
                ("AZURE_CLIENT_ID", office.client()),
            ],
            "",
        );
        // This one tells only a moment, and in one of the two cases it has passed.
        office.good(
            "--auth managed-identity",
            &[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", header)],
            "",
        );
        assert_eq!(office.service.given(), 2);
    }
}

#[test]
fn a_service_that_fails_for_a_moment_is_asked_again() {
    let office = Office::new(SignInBehaviour {
        faults: vec![503, 429],
        ..SignInBehaviour::default()
    });
    office.good(
        "--auth client-secret",
        &[
            ("CLEARANCE_CLIENT_SECRET", office.secret()),
            ("AZURE_CLIENT_ID", office.client()),
        ],
        "",
    );
    let statuses: Vec<u16> = office.asked().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [503, 429, 200]);
}
