//! The identities of Azure's machines and services.

use std::net::{TcpListener, TcpStream};

use dataverse_simulator::SignInBehaviour;

use super::office::Office;

const IMDS: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

#[test]
fn a_machine_has_an_identity_of_its_own() {
    let office = Office::new(SignInBehaviour::default());
    office.good("--auth managed-identity", &[(IMDS, &office.service.url())], "");
    let [asked] = &office.asked()[..] else {
        panic!("one token is enough: {:?}", office.asked())
    };
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("GET", "/metadata/identity/oauth2/token")
    );
    assert_eq!(asked.fields["resource"], office.environment.url());
    assert!(!asked.fields.contains_key("client_id"));
    // Nobody had to be asked for the tenant.
    assert_eq!(office.environment.stats().by_status.get(&401), None);
}

#[test]
fn a_machine_has_further_identities() {
    let office = Office::new(SignInBehaviour {
        system_identity: false,
        user_identities: vec!["1d-of-the-user-assigned".to_owned()],
        ..SignInBehaviour::default()
    });
    let url = office.service.url();
    office.good(
        "--auth managed-identity --client-id 1d-of-the-user-assigned",
        &[(IMDS, &url)],
        "",
    );
    office.good(
        "--auth managed-identity",
        &[(IMDS, &url), ("AZURE_CLIENT_ID", "1d-of-the-user-assigned")],
        "",
    );
}

#[test]
fn app_service_has_an_endpoint_with_a_header() {
    let office = Office::new(SignInBehaviour::default());
    let endpoint = format!("{}/msi/token/", office.service.url());
    let header = office.service.behaviour().identity_header.as_str();
    office.good(
        "--auth managed-identity",
        &[
            ("IDENTITY_ENDPOINT", &endpoint),
            ("IDENTITY_HEADER", header),
            // The endpoint is what counts there.
            (IMDS, "http://127.0.0.1:9"),
        ],
        "",
    );
    assert_eq!(office.asked()[0].fields["api-version"], "2019-08-01");
    let ran = office.collect(
        "--auth managed-identity",
        &[
            ("IDENTITY_ENDPOINT", &endpoint),
            ("IDENTITY_HEADER", "wrong-header"),
        ],
    );
    assert_eq!(
        ran.err,
        "error: cannot sign in: the managed identity service gives no token\n\
         in its words: Unauthorized: the identity header is missing or wrong\n\
         hint: turn on the system-assigned identity of this machine or service; if it has user-assigned ones, say which with --client-id\n"
    );
}

#[test]
fn a_metadata_service_that_is_being_updated_is_waited_for() {
    let office = Office::new(SignInBehaviour {
        faults: vec![410, 404],
        ..SignInBehaviour::default()
    });
    office.good("--auth managed-identity", &[(IMDS, &office.service.url())], "");
    assert_eq!(office.asked().len(), 3);
}

#[test]
fn no_identity_is_there() {
    let office = Office::new(SignInBehaviour {
        system_identity: false,
        ..SignInBehaviour::default()
    });
    let url = office.service.url();
    office.bad(
        "--auth managed-identity",
        &[(IMDS, &url)],
        3,
        "cannot sign in: the managed identity service gives no token\n\
         in its words: Identity not found\n\
         hint: turn on the system-assigned identity of this machine or service; if it has user-assigned ones, say which with --client-id",
    );
    office.bad(
        "--auth managed-identity --client-id nobody",
        &[(IMDS, &url)],
        3,
        "cannot sign in: there is no managed identity with the client id nobody here\n\
         in its words: Identity not found\n\
         hint: assign the user-assigned identity to this machine or service, or leave out --client-id (and AZURE_CLIENT_ID) to use its own",
    );
    office.bad(
        "--auth managed-identity",
        &[("IDENTITY_ENDPOINT", &format!("{url}/msi/token"))],
        3,
        "cannot sign in: IDENTITY_ENDPOINT is set, and IDENTITY_HEADER is not\n\
         hint: App Service, Functions and Container Apps set both; on an Azure Arc machine use --auth azure-cli or --token-command",
    );
    office.bad(
        "--auth managed-identity",
        &[
            ("IDENTITY_ENDPOINT", "http://collector.example/msi/token"),
            ("IDENTITY_HEADER", "x"),
        ],
        3,
        "cannot sign in: http://collector.example is not encrypted: secrets must not travel over it\n\
         hint: use https://",
    );
    office.bad(
        "--auth managed-identity",
        &[(IMDS, "https://collector.example")],
        3,
        "cannot sign in: AZURE_POD_IDENTITY_AUTHORITY_HOST names another machine as the metadata service\n\
         hint: unset it; only a service on this machine may stand in for the one of Azure",
    );
}

#[test]
fn outside_of_azure_there_are_none() {
    let office = Office::new(SignInBehaviour::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = TcpStream::connect(address).unwrap_err();
    office.bad(
        "--auth managed-identity",
        &[(IMDS, &format!("http://{address}"))],
        3,
        &format!(
            "cannot sign in: no answer from 127.0.0.1: tcp connect error: {refused}\n\
             hint: a managed identity exists only in Azure: on a virtual machine, App Service, Functions, Container Apps and the like; elsewhere choose another --auth"
        ),
    );
}
