//! Addresses that are no environment, sign-ins that fail, places where no snapshot may go.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use dataverse_simulator::{Behaviour, Simulator};
use uuid::Uuid;

use super::desk::Desk;
use super::offices::{DOZEN, dozen};
use super::refusals::{Refusal, all_are_refused, refusal};

const ADDRESS: &str = "hint: use the address of the environment as its settings in the Power Platform admin center show it, \
                       such as https://contoso.crm4.dynamics.com\n";

fn get_a_token(url: &str) -> String {
    format!(
        "hint: get a token with the Azure CLI: export CLEARANCE_TOKEN=$(az account get-access-token --resource {url} \
         --query accessToken -o tsv)\n"
    )
}

/// The three commands that collect, each refused alike.
fn all_commands(url: &str, code: i32, said: &str, token: Option<&str>) {
    let lines = [
        format!("collect {url} -o new.snapshot"),
        format!("audit {url} --csv v.csv --html r.html"),
        format!("explain {url} --user X --json"),
    ];
    let cases = lines.iter().map(|line| Refusal {
        variables: token
            .map(|token| ("CLEARANCE_TOKEN", token))
            .into_iter()
            .collect(),
        ..refusal(line, code, said)
    });
    all_are_refused(&Desk::new(), cases);
}

/// Something on this machine that gives the same answer to everyone.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn what_is_no_environment() {
    let url = answering(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 22\r\nconnection: close\r\n\r\n<h1>It works!</h1>\r\n\r\n",
    );
    all_commands(
        &url,
        3,
        &format!("error: there is no environment at {url}: it answered with a web page\n{ADDRESS}"),
        Some("t"),
    );
    let url = answering("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    all_commands(
        &url,
        3,
        &format!("error: there is no environment at {url}: it answered 404 Not Found\n{ADDRESS}"),
        Some("t"),
    );
    let url = answering(
        "HTTP/1.1 302 Found\r\nlocation: https://login.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    all_commands(
        &url,
        3,
        &format!(
            "error: there is no environment at {url}: it answered with a redirection to login.example\n{ADDRESS}"
        ),
        Some("t"),
    );
    let url = answering(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    );
    all_commands(
        &url,
        3,
        &format!(
            "error: there is no environment at {url}: it answered, but not as an environment does\n{ADDRESS}"
        ),
        Some("t"),
    );
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}");
    let refused = TcpStream::connect(address).unwrap_err();
    all_commands(
        &url,
        3,
        &format!("error: there is no environment at {url}: tcp connect error: {refused}\n{ADDRESS}"),
        Some("t"),
    );
}

#[test]
fn addresses_that_cannot_be_one() {
    for (url, said) in [
        (
            "http://contoso.crm4.dynamics.com",
            "`http://contoso.crm4.dynamics.com` is not encrypted: an access token must not travel over it\nhint: use https:// (http:// is allowed only towards this machine)\n",
        ),
        (
            "ftp://contoso.example",
            "`ftp://contoso.example` is no address of an environment\nhint: it looks like https://contoso.crm4.dynamics.com\n",
        ),
        (
            "https://user:secret@contoso.crm4.dynamics.com",
            "the address of an environment must not hold a user name or password\n",
        ),
        (
            "https://contoso.crm4.dynamics.com/main.aspx?appid=1",
            "`https://contoso.crm4.dynamics.com/main.aspx?appid=1` is a page of an environment, not its address\nhint: did you mean https://contoso.crm4.dynamics.com ?\n",
        ),
        (
            "https://",
            "`https:` is no address of an environment\nhint: it looks like https://contoso.crm4.dynamics.com\n",
        ),
    ] {
        all_commands(url, 2, &format!("error: {said}"), Some("t"));
    }
    all_are_refused(
        &Desk::new(),
        [
            refusal(
                "collect contoso.crm4.dynamics.com -o new.snapshot",
                2,
                "error: `contoso.crm4.dynamics.com` lacks https:// in front\nhint: did you mean https://contoso.crm4.dynamics.com ?\n",
            ),
            refusal(
                "collect contoso -o new.snapshot",
                2,
                "error: `contoso` is no address of an environment\nhint: it looks like https://contoso.crm4.dynamics.com\n",
            ),
        ],
    );
}

#[test]
fn sign_ins_that_fail() {
    let behaviour = Behaviour {
        expired_tokens: vec!["old".to_owned()],
        ..Behaviour::default()
    };
    let simulator = Simulator::start_blocking(dozen(), behaviour).unwrap();
    let url = simulator.url();
    let hint = get_a_token(&url);
    all_commands(
        &url,
        3,
        "error: not signed in: no way of signing in was chosen, and CLEARANCE_TOKEN is not set\n\
         hint: choose one:\n  \
           --auth device-code          you, with a browser on any device (what a terminal gets without --auth)\n  \
           --auth azure-cli            whoever `az login` has signed in\n  \
           --auth client-secret        an application, with its secret in CLEARANCE_CLIENT_SECRET\n  \
           --auth client-certificate   an application, with a PEM file of certificate and key named in CLEARANCE_CERTIFICATE\n  \
           --auth managed-identity     the identity of this Azure machine or service\n  \
           --auth workload-identity    the federated identity of this Kubernetes pod or GitHub job\n  \
           --auth token                an access token in CLEARANCE_TOKEN\n  \
           --token-command PROGRAM     anything else: a program that prints an access token\n",
        None,
    );
    all_commands(
        &url,
        3,
        &format!("error: CLEARANCE_TOKEN holds no access token: it is empty\n{hint}"),
        Some(" "),
    );
    all_commands(
        &url,
        3,
        &format!(
            "error: CLEARANCE_TOKEN holds no access token: a token has no blanks, line breaks or accents\n{hint}"
        ),
        Some("a b"),
    );
    assert_eq!(simulator.stats().total, 0, "nothing is asked without a token");
    all_commands(
        &url,
        3,
        &format!(
            "error: {url} refused the access token: The access token has expired.\nit has expired, or it is for another environment\n{hint}"
        ),
        Some("old"),
    );
    all_commands(
        &url,
        3,
        &format!(
            "error: {url} refused the access token: The access token is not valid.\nit has expired, or it is for another environment\n{hint}"
        ),
        Some("wrong"),
    );
}

#[test]
fn accounts_that_may_not_read() {
    let mut tenant = dozen();
    tenant.caller = Uuid::from_u128(7);
    let simulator = Simulator::start_blocking(tenant, Behaviour::default()).unwrap();
    let url = simulator.url();
    all_commands(
        &url,
        3,
        &format!(
            "error: the signed-in account is not a user of {url}: The user is not a member of the organization.\nhint: add it as a user, or as an application user with a security role, in the Power Platform admin center\n"
        ),
        Some(simulator.token()),
    );

    let behaviour = Behaviour {
        forbidden_tables: vec!["systemuser".to_owned()],
        ..Behaviour::default()
    };
    let simulator = Simulator::start_blocking(dozen(), behaviour).unwrap();
    let url = simulator.url();
    all_commands(
        &url,
        3,
        &format!(
            "error: the users of {url} cannot be read: access is denied (prvReadUser)\nhint: the signed-in account needs a security role with read access to users for the whole organization, such as Service Reader\n"
        ),
        Some(simulator.token()),
    );
}

#[test]
fn places_where_no_snapshot_may_go() {
    let simulator = Simulator::start_blocking(dozen(), Behaviour::default()).unwrap();
    let desk = Desk::with(&DOZEN, "annotated.snapshot");
    desk.write("annotated.snapshot/notes.txt", "why Karl is blocked");
    desk.write("file", "a file");
    fs::create_dir(desk.path("photos")).unwrap();
    desk.write("photos/one.jpg", "JFIF");
    let url = simulator.url();
    let hint = "hint: name a new folder, or an older snapshot, which is then replaced\n";
    for (target, said) in [
        ("file", format!("`file` exists and is no folder\n{hint}")),
        ("photos", format!("`photos` exists and is no snapshot: it holds other files\n{hint}")),
        ("annotated.snapshot", format!("`annotated.snapshot` exists and holds `notes.txt`, which is no part of a snapshot\n{hint}")),
        ("none/new.snapshot", "cannot write the snapshot `none/new.snapshot`: the folder `none` does not exist\nhint: create it first\n".to_owned()),
    ] {
        let line = format!("collect {url} -o {target}");
        all_are_refused(&desk, [refusal(&line, 2, format!("error: {said}")).with("CLEARANCE_TOKEN", simulator.token())]);
    }
    assert_eq!(
        simulator.stats().total,
        0,
        "the target is looked at before anything is collected"
    );
}

#[test]
fn what_was_collected_for_nothing_is_not_left_behind() {
    let simulator = Simulator::start_blocking(dozen(), Behaviour::default()).unwrap();
    let url = simulator.url();
    let audit = format!("audit {url} nowhere.snapshot --csv v.csv");
    let explain = format!("explain {url} --user Nobody");
    let cases = [
        refusal(
            &audit,
            2,
            "error: there is no snapshot at `nowhere.snapshot`: it does not exist\nhint: name a folder that `clearance \
             collect` wrote, or the address of an environment\n",
        ),
        refusal(
            &explain,
            2,
            "error: no user `Nobody` in \"contoso\"\nhint: give a sign-in name (UPN), e-mail address, id or full name as \
             Dataverse stores it\n",
        ),
    ];
    let token = simulator.token();
    all_are_refused(
        &Desk::new(),
        cases.map(|case| case.with("CLEARANCE_TOKEN", token)),
    );
    assert!(simulator.stats().total > 0);
}
