//! No secret is written anywhere, however much the program is told to tell.

use std::fs;

use dataverse_simulator::{Poll, SignInBehaviour};

use super::office::{Office, certificate};

pub(super) const FEDERATED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2IifQ.signed-by-the-platform";

/// Every way, each with its variables.
pub(super) fn ways(office: &Office) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let behaviour = office.service.behaviour();
    let url = office.service.url();
    let path = certificate("registered.pem").to_str().unwrap().to_owned();
    let file = office.path("laid-token");
    fs::write(&file, FEDERATED).unwrap();
    vec![
        (
            "token",
            vec![("CLEARANCE_TOKEN", "given-by-hand-4711".to_owned())],
        ),
        ("device-code", vec![]),
        (
            "client-secret",
            vec![("CLEARANCE_CLIENT_SECRET", behaviour.secret.clone())],
        ),
        ("client-certificate", vec![("CLEARANCE_CERTIFICATE", path)]),
        (
            "managed-identity",
            vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", url.clone())],
        ),
        (
            "managed-identity",
            vec![
                ("IDENTITY_ENDPOINT", format!("{url}/msi/token")),
                ("IDENTITY_HEADER", behaviour.identity_header.clone()),
            ],
        ),
        (
            "workload-identity",
            vec![("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap().to_owned())],
        ),
        (
            "workload-identity",
            vec![
                (
                    "ACTIONS_ID_TOKEN_REQUEST_URL",
                    format!("{url}/github/token?api-version=2.0"),
                ),
                (
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                    behaviour.github.clone().unwrap(),
                ),
            ],
        ),
    ]
}

/// Runs every way with everything said that can be; all that was written.
fn all(office: &Office) -> String {
    let address = office.environment.url();
    let mut written = String::new();
    for (way, variables) in ways(office) {
        for log in ["", "trace"] {
            let line = ["collect", &address, "-o", "snapshot", "-vv", "--auth", way];
            let mut command = office.command(&line);
            if way != "managed-identity" && way != "device-code" {
                command.env("AZURE_CLIENT_ID", office.client());
            }
            if !log.is_empty() {
                command.env("CLEARANCE_LOG", log);
            }
            let ran = office.ran(command.envs(variables.clone()));
            assert!(
                ran.err.contains("GET") || ran.err.contains("POST"),
                "{way} told nothing of its requests: {}",
                ran.err
            );
            written += &ran.out;
            written += &ran.err;
        }
    }
    written
}

#[test]
fn nothing_secret_is_written_when_it_goes_well() {
    let office = Office::new(SignInBehaviour {
        federated: vec![FEDERATED.to_owned()],
        device: vec![Poll::Pending, Poll::Approved],
        uses: Some(14),
        ..SignInBehaviour::default()
    });
    let written = all(&office);
    let secrets = office.service.secrets();
    // What was looked for in every run: tokens, refresh tokens, device codes, assertions.
    for kind in [
        "refresh-",
        "device-",
        "eyJ",
        "s3cr3t~",
        "github-request-token",
        "-identity-header-",
    ] {
        assert!(secrets.iter().any(|secret| secret.contains(kind)), "{kind}");
    }
    assert!(!written.contains("4711"));
    let pem = fs::read_to_string(certificate("registered.pem")).unwrap();
    let key = pem.split("-----BEGIN PRIVATE KEY-----").nth(1).expect("a key");
    for line in key.lines().filter(|line| line.len() == 64) {
        assert!(!written.contains(line));
    }
}

#[test]
fn nothing_secret_is_written_when_it_goes_badly() {
    for behaviour in [
        SignInBehaviour {
            worthless: true,
            federated: vec![FEDERATED.to_owned()],
            ..SignInBehaviour::default()
        },
        SignInBehaviour {
            refusal: Some((50000, "server_error", "It was {sent}.".to_owned())),
            federated: vec![FEDERATED.to_owned()],
            system_identity: false,
            ..SignInBehaviour::default()
        },
    ] {
        let written = all(&Office::new(behaviour));
        assert!(!written.contains("4711"));
    }
}
