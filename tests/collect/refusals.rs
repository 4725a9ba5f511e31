//! Where nothing can be collected: one clear error, and nothing left behind.

use std::io::{Read, Write};
use std::net::TcpListener;

use dataverse_simulator::{Behaviour, Fault, ScriptedFault, Simulator, Trigger};
use uuid::Uuid;

use super::support::*;

const ADDRESS_HINT: &str = "hint: use the address of the environment as its settings in the Power Platform admin center show it, such as https://contoso.crm4.dynamics.com";
const TOKEN_HINT: &str = "hint: get a token with the Azure CLI: export CLEARANCE_TOKEN=$(az account get-access-token --resource URL --query accessToken -o tsv)";

#[test]
fn an_expired_token_is_said_to_be_one() {
    let behaviour = Behaviour {
        expired_tokens: vec!["stale-4711".to_owned()],
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let error = collect_with(&simulator.url(), "stale-4711", plan(), policy())
        .err()
        .unwrap();
    let text = error.to_string().replace(&simulator.url(), "URL");
    assert_eq!(
        text,
        format!(
            "URL refused the access token: The access token has expired.\nit has expired, or it is for another environment\n{TOKEN_HINT}"
        )
    );
    assert!(!format!("{error:?}").contains("stale-4711"));
    assert_eq!(simulator.stats().total, 1);
}

#[test]
fn a_token_that_expires_half_way_ends_the_collection() {
    let behaviour = Behaviour {
        expiring_token: Some(("short-4711".to_owned(), 9)),
        ..Behaviour::default()
    };
    let simulator = start(tenant(), behaviour);
    let error = collect_with(&simulator.url(), "short-4711", plan(), policy())
        .err()
        .unwrap();
    let text = error.to_string();
    let (before, after) = text.split_once(": The access token has expired.\n").expect(&text);
    // At which request is a matter of timing, and is said.
    assert!(
        before.contains(" refused the access token at GET /api/data/v9.2/"),
        "{text}"
    );
    assert!(
        after.starts_with("it has expired, or it is for another environment\nhint: "),
        "{text}"
    );
}

#[test]
fn a_caller_who_is_no_user_is_told_so() {
    let mut tenant = tenant();
    tenant.caller = Uuid::from_u128(0xDEAD);
    assert_eq!(
        refusal(&start(tenant, Behaviour::default())),
        "the signed-in account is not a user of URL: The user is not a member of the organization.\n\
         hint: add it as a user, or as an application user with a security role, in the Power Platform admin center"
    );
}

#[test]
fn without_users_there_is_nothing_to_say() {
    let mut tenant = tenant();
    tenant.restrict_caller(&all_but(&["prvReadUser"]));
    assert_eq!(
        refusal(&start(tenant, Behaviour::default())),
        "the users of URL cannot be read: access is denied (prvReadUser)\n\
         hint: the signed-in account needs a security role with read access to users for the whole organization, such as Service Reader"
    );
}

#[test]
fn a_server_that_fails_from_the_start_is_named() {
    let behaviour = Behaviour {
        faults: vec![ScriptedFault {
            when: Trigger::Request(1),
            times: u64::MAX,
            what: Fault::Status(500),
        }],
        ..Behaviour::default()
    };
    let simulator: Simulator = start(tenant(), behaviour);
    let text = refusal(&simulator);
    assert!(
        text.starts_with("cannot collect URL: GET /api/data/v9.2/WhoAmI: the server answered 500"),
        "{text}"
    );
    assert_eq!(simulator.stats().total, 1 + policy().attempts);
}

/// The error about a server that answers everything with this.
fn other_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let error = collect_with(&url, "secret-4711", plan(), policy()).err().unwrap();
    error.to_string().replace(&url, "URL")
}

#[test]
fn what_is_no_environment_is_said_to_be_none() {
    let cases = [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>",
            "it answered with a web page",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello",
            "it answered with something that is no JSON",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
            "it answered, but not as an environment does",
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nconnection: close\r\n\r\nnot found",
            "it answered 404 Not Found",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: https://login.example/?x=1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "it answered with a redirection to login.example",
        ),
    ];
    for (answer, what) in cases {
        assert_eq!(
            other_server(answer),
            format!("there is no environment at URL: {what}\n{ADDRESS_HINT}")
        );
    }
}

#[test]
fn nobody_there_is_said_at_once() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}");
    let error = collect_with(&url, "secret-4711", plan(), policy()).err().unwrap();
    let text = error.to_string().replace(&url, "URL");
    assert!(text.starts_with("there is no environment at URL: "), "{text}");
    assert!(text.contains("refused"), "{text}");
    assert!(text.ends_with(ADDRESS_HINT), "{text}");
}
