//! The Azure CLI, and programs that print a token. Shell scripts stand in for them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use dataverse_simulator::SignInBehaviour;

use super::office::Office;

/// Lays a script on the office's desk; its path.
pub(super) fn script(office: &Office, name: &str, text: &str) -> String {
    let path = office.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A token that the service has given to somebody, who then prints it.
pub(super) fn token(office: &Office) -> String {
    use std::io::{Read, Write};
    let url = office.service.url();
    let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let resource = office.environment.url().replace(':', "%3A").replace('/', "%2F");
    write!(
        stream,
        "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource={resource} HTTP/1.1\r\nhost: x\r\nmetadata: true\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body: serde_json::Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// A folder of programs with `az` in it.
pub(super) fn with_az(office: &Office, text: &str) -> String {
    script(office, "laid-bin/az", text);
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", office.path("laid-bin").display())
}

#[test]
fn whoever_the_azure_cli_has_signed_in() {
    let office = Office::new(SignInBehaviour::default());
    let token = token(&office);
    let path = with_az(
        &office,
        &format!(
            r#"echo "$@" >> laid-arguments
[ -z "$CLEARANCE_CLIENT_SECRET" ] || exit 9
echo '{{"accessToken": "{token}", "expiresOn": "2026-11-23 09:00:00.000000", "expires_on": 4102444800, "tokenType": "Bearer"}}'
echo 'WARNING: a new version is available' >&2"#
        ),
    );
    let secret = ("CLEARANCE_CLIENT_SECRET", "not for the Azure CLI");
    office.good("--auth azure-cli", &[("PATH", &path), secret], "");
    office.good(
        "--auth azure-cli --tenant contoso.example",
        &[("PATH", &path)],
        "",
    );
    let resource = format!(
        "account get-access-token --output json --resource {}",
        office.environment.url()
    );
    assert_eq!(
        fs::read_to_string(office.path("laid-arguments")).unwrap(),
        format!("{resource}\n{resource} --tenant contoso.example\n")
    );
}

#[test]
fn an_azure_cli_that_gives_none() {
    let office = Office::new(SignInBehaviour::default());
    let path = with_az(
        &office,
        "echo half-a-token\necho \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1",
    );
    office.bad(
        "--auth azure-cli --tenant contoso.example",
        &[("PATH", &path)],
        3,
        "cannot sign in: the Azure CLI gave no token: it ended with exit code 1\n\
         it said: ERROR: Please run 'az login' to setup account.\n\
         hint: sign in with an account of the environment's tenant: az login --tenant contoso.example",
    );
    // What it says of a tenant that is not there, or of a sign-in that has ended, it says itself.
    for words in [
        "ERROR: AADSTS90002: Tenant 'fabrikam.example' not found.",
        "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
    ] {
        let path = with_az(&office, &format!("echo \"{words}\" >&2; exit 1"));
        office.bad(
            "--auth azure-cli --tenant fabrikam.example",
            &[("PATH", &path)],
            3,
            &format!(
                "cannot sign in: the Azure CLI gave no token: it ended with exit code 1\n\
                 it said: {words}\n\
                 hint: sign in with an account of the environment's tenant: az login --tenant fabrikam.example"
            ),
        );
    }
    let path = with_az(&office, "echo '{\"token\": \"0ther-form\"}'");
    office.bad(
        "--auth azure-cli",
        &[("PATH", &path)],
        3,
        "cannot sign in: the Azure CLI printed no token: the answer holds no access token\n\
         hint: bring it up to date: az upgrade",
    );
    fs::create_dir(office.path("empty")).unwrap();
    let empty = office.path("empty");
    office.bad(
        "--auth azure-cli",
        &[("PATH", empty.to_str().unwrap())],
        3,
        "cannot sign in: the Azure CLI, `az`, is not installed or not on the PATH\n\
         hint: install it (https://aka.ms/azure-cli) and run `az login`, or choose another --auth",
    );
}

#[test]
fn any_program_that_prints_a_token() {
    let office = Office::new(SignInBehaviour::default());
    let token = token(&office);
    let resource = office.environment.url();
    for text in [
        format!("[ \"$CLEARANCE_RESOURCE\" = {resource} ] && [ $# = 0 ] && echo {token}"),
        format!("printf '{{\"access_token\":\"{token}\",\"expires_in\":3600}}'"),
    ] {
        let program = script(&office, "laid-program", &text);
        office.good(&format!("--token-command {program}"), &[], "");
        // Said explicitly, it wins over a token that happens to be there.
        office.good(
            &format!("--token-command {program}"),
            &[("CLEARANCE_TOKEN", "another")],
            "",
        );
    }
    // No shell: neither arguments nor variables mean anything.
    let program = script(&office, "laid-$HOME", &format!("echo {token}"));
    office.good(&format!("--token-command {program}"), &[], "");
}

#[test]
fn programs_that_print_none() {
    let office = Office::new(SignInBehaviour::default());
    let must =
        "it must print an access token, and nothing else, to standard output, and end with exit code 0";
    let form = "it must print an access token, or JSON with a member access_token or accessToken, and nothing else, to standard output";
    let cases = [
        (
            "echo half-a-secret; echo 'the vault is locked' >&2; exit 7",
            "the program `P` gave no token: it ended with exit code 7\nit said: the vault is locked",
            must,
        ),
        (
            "echo half-a-secret; exit 1",
            "the program `P` gave no token: it ended with exit code 1 and said nothing",
            must,
        ),
        (
            "kill -9 $$",
            "the program `P` gave no token: it ended with a signal and said nothing",
            must,
        ),
        (
            "true",
            "what the program `P` printed is no access token: it is empty",
            form,
        ),
        (
            "echo half-a-secret and more",
            "what the program `P` printed is no access token: a token has no blanks, line breaks or accents",
            form,
        ),
        (
            "echo '{\"half-a-secret\":1}'",
            "what the program `P` printed is no access token: the answer holds no access token",
            form,
        ),
    ];
    for (text, what, hint) in cases {
        let program = script(&office, "laid-program", text);
        let said = format!("cannot sign in: {what}\nhint: {hint}").replace("`P`", &format!("`{program}`"));
        office.bad(&format!("--token-command {program}"), &[], 3, &said);
    }
    office.bad(
        "--token-command no-such-program",
        &[],
        3,
        "cannot sign in: the program `no-such-program` gave no token: there is no such program\n\
         hint: --token-command takes the name or path of one program, without arguments; put arguments into a script",
    );
    fs::write(office.path("laid-data"), "no program").unwrap();
    let data = office.path("laid-data").display().to_string();
    let ran = office.collect(&format!("--token-command {data}"), &[]);
    assert!(ran.err.contains("it cannot be started: "), "{}", ran.err);
    assert_eq!(ran.code, 3);
}

#[test]
fn a_way_and_a_program_are_one_too_many() {
    let office = Office::new(SignInBehaviour::default());
    for (arguments, variables) in [
        ("--token-command x --auth token", &[][..]),
        ("--token-command x", &[("CLEARANCE_AUTH", "azure-cli")][..]),
    ] {
        let ran = office.collect(arguments, variables);
        assert_eq!(ran.code, 2);
        assert!(
            ran.err.starts_with(
                "error: the argument '--token-command <PROGRAM>' cannot be used with '--auth <WAY>'\n"
            ),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_program_that_only_repeats_itself_cannot_renew() {
    let office = Office::new(SignInBehaviour {
        uses: Some(9),
        ..SignInBehaviour::default()
    });
    let token = token(&office);
    let program = script(
        &office,
        "laid-program",
        &format!("echo once >> laid-calls; echo {token}"),
    );
    office.bad(
        &format!("--token-command {program}"),
        &[],
        3,
        "URL refused the access token: The access token has expired.\n\
         it came from the program of --token-command, which when asked again gave no better one: it is for another environment or tenant, or access was revoked\n\
         hint: check the address of the environment, and --tenant if it is given",
    );
    assert_eq!(
        fs::read_to_string(office.path("laid-calls")).unwrap(),
        "once\nonce\n"
    );
}
