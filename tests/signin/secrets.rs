//! No secret is written anywhere, however much the program is told to tell.

use std::fs;
use std::time::Duration;

use dataverse_simulator::{Behaviour, Deployment, Fault, Poll, ScriptedFault, SignInBehaviour, Trigger};

use super::office::{Office, certificate};

pub(super) const FEDERATED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2IifQ.signed-by-the-platform";

/// The token that a person sets. Longer than anything that a port or a time could happen to spell.
const GIVEN: &str = "given-by-hand-and-never-to-be-seen";

/// Every way, each with its variables.
pub(super) fn ways(office: &Office) -> Vec<(&'static str, Variables)> {
    let behaviour = office.service.behaviour();
    let url = office.service.url();
    let path = certificate("registered.pem").to_str().unwrap().to_owned();
    let file = office.path("laid-token");
    fs::write(&file, FEDERATED).unwrap();
    vec![
        ("token", vec![("CLEARANCE_TOKEN", GIVEN.to_owned())]),
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

/// Names and values of variables.
type Variables = Vec<(&'static str, String)>;

/// Arguments and variables of every way, also those whose programs print the token.
fn lines(office: &Office, deployment: Deployment) -> Vec<(Vec<String>, Variables)> {
    let on_premises = deployment == Deployment::OnPremises;
    let adfs = ["device-code", "client-secret", "client-certificate"];
    let mut lines = Vec::new();
    for (way, mut variables) in ways(office) {
        let mut arguments = vec!["--auth".to_owned(), way.to_owned()];
        if on_premises {
            if !adfs.contains(&way) {
                continue;
            }
            let authority = format!("{}/adfs", office.service.url());
            let more = [
                "--deployment",
                "on-premises",
                "--authority",
                &authority,
                "--client-id",
            ];
            arguments.extend(more.map(str::to_owned));
            arguments.push(office.client().to_owned());
        } else if way != "managed-identity" && way != "device-code" {
            variables.push(("AZURE_CLIENT_ID", office.client().to_owned()));
        }
        lines.push((arguments, variables));
    }
    #[cfg(unix)]
    if !on_premises {
        use super::programs::{script, token, with_az};
        let given = match office.service.behaviour().refusal {
            Some(_) => GIVEN.to_owned(),
            None => token(office),
        };
        let json = format!("echo '{{\"accessToken\":\"{given}\"}}'\necho half-way: {given} >&2");
        let path = with_az(office, &json);
        lines.push((
            ["--auth", "azure-cli"].map(str::to_owned).into(),
            vec![("PATH", path)],
        ));
        let program = script(
            office,
            "laid-program",
            &format!("echo {given}\necho said {given} >&2"),
        );
        lines.push((vec!["--token-command".to_owned(), program], Vec::new()));
    }
    lines
}

/// Runs every way with everything said that can be, for people and for machines; all that was written.
fn all(office: &Office, deployment: Deployment) -> String {
    let address = office.environment.url();
    let mut written = String::new();
    for (arguments, variables) in lines(office, deployment) {
        for format in ["text", "json"] {
            let line = [
                "collect",
                &address,
                "-o",
                "snapshot",
                "-vv",
                "--log-format",
                format,
            ];
            let mut command = office.command(&line);
            let command = command.args(&arguments).env("CLEARANCE_LOG", "trace");
            let ran = office.ran(command.envs(variables.clone()));
            assert!(
                ran.err.contains("GET") || ran.err.contains("POST"),
                "{arguments:?} told nothing of its requests: {}",
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
    let written = all(&office, Deployment::Online);
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
    assert!(!written.contains(GIVEN));
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
        let written = all(&Office::new(behaviour), Deployment::Online);
        assert!(!written.contains(GIVEN));
    }
}

#[test]
fn nothing_secret_is_written_at_an_ad_fs() {
    for refusal in [
        None,
        Some((0, "invalid_grant", "MSIS9659: It was {sent}.".to_owned())),
    ] {
        let service = SignInBehaviour {
            refusal,
            uses: Some(14),
            ..SignInBehaviour::default()
        };
        let office = Office::of(service, Behaviour::default(), Deployment::OnPremises);
        all(&office, Deployment::OnPremises);
    }
}

/// No token is good for the mailboxes: every way ends there, and what was finished is kept.
#[test]
fn nothing_secret_is_kept_of_a_collection_that_ends_half_way() {
    let at = || Trigger::Target("mailboxes".to_owned(), 1);
    let late = Fault::Delay(Duration::from_millis(400));
    let fault = |what| ScriptedFault {
        when: at(),
        times: u64::MAX,
        what,
    };
    let environment = Behaviour {
        faults: vec![fault(late), fault(Fault::TokenExpired)],
        ..Behaviour::default()
    };
    let service = SignInBehaviour {
        federated: vec![FEDERATED.to_owned()],
        ..SignInBehaviour::default()
    };
    let office = Office::of(service, environment, Deployment::Online);
    let address = office.environment.url();
    for (arguments, variables) in lines(&office, Deployment::Online) {
        let line = ["collect", &address, "-o", "snapshot", "-vv"];
        let mut command = office.command(&line);
        // It looks into every file that is left.
        let ran = office.ran(command.args(&arguments).envs(variables));
        assert_eq!(ran.code, 3, "{arguments:?}: {}", ran.err);
        // A token that somebody else gave is not one of this service's.
        if arguments.last().is_none_or(|way| way != "token") {
            assert!(
                office.path(".snapshot.unfinished/journal.json").is_file(),
                "{arguments:?}: nothing was kept: {}",
                ran.err
            );
        }
        assert!(!office.path("snapshot").exists());
    }
}
