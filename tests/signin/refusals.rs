//! What people read when they are refused, or have not said enough.

use dataverse_simulator::SignInBehaviour;

use super::office::{Office, certificate};

#[test]
fn nothing_was_said() {
    let office = Office::new(SignInBehaviour::default());
    office.bad(
        "",
        &[],
        3,
        "not signed in: no way of signing in was chosen, and CLEARANCE_TOKEN is not set\n\
         hint: choose one:\n  \
           --auth device-code          you, with a browser on any device (what a terminal gets without --auth)\n  \
           --auth azure-cli            whoever `az login` has signed in\n  \
           --auth client-secret        an application, with its secret in CLEARANCE_CLIENT_SECRET\n  \
           --auth client-certificate   an application, with a PEM file of certificate and key named in CLEARANCE_CERTIFICATE\n  \
           --auth managed-identity     the identity of this Azure machine or service\n  \
           --auth workload-identity    the federated identity of this Kubernetes pod or GitHub job\n  \
           --auth token                an access token in CLEARANCE_TOKEN\n  \
           --token-command PROGRAM     anything else: a program that prints an access token",
    );
    office.bad(
        "--auth token",
        &[],
        3,
        "not signed in: the environment variable CLEARANCE_TOKEN is not set\n\
         hint: get a token with the Azure CLI: export CLEARANCE_TOKEN=$(az account get-access-token --resource URL --query accessToken -o tsv)",
    );
    assert_eq!(office.environment.stats().total, 0);
}

#[test]
fn not_enough_was_said() {
    let office = Office::new(SignInBehaviour::default());
    let client = ("AZURE_CLIENT_ID", office.client());
    for way in ["client-secret", "client-certificate"] {
        office.bad(
            &format!("--auth {way}"),
            &[("CLEARANCE_CLIENT_SECRET", "x"), ("CLEARANCE_CERTIFICATE", "x")],
            3,
            &format!(
                "cannot sign in: --auth {way} needs the application's id, and neither --client-id nor AZURE_CLIENT_ID says it\n\
                 hint: it is the application (client) id of the app registration, a GUID"
            ),
        );
    }
    // Empty is as good as not set.
    for variables in [&[client][..], &[client, ("CLEARANCE_CLIENT_SECRET", "")]] {
        office.bad(
            "--auth client-secret",
            variables,
            3,
            "cannot sign in: --auth client-secret takes the secret from CLEARANCE_CLIENT_SECRET, which is not set\n\
             hint: set it to the secret's value; a secret is never taken from an argument, which other users of the machine can see",
        );
    }
    office.bad(
        "--auth client-certificate",
        &[client],
        3,
        "cannot sign in: --auth client-certificate takes the path of the certificate from CLEARANCE_CERTIFICATE, which is not set\n\
         hint: set it to the path of a PEM file that holds the certificate and its private key",
    );
    assert_eq!(office.environment.stats().total, 0);
}

#[test]
fn what_was_said_is_wrong() {
    let office = Office::new(SignInBehaviour::default());
    let client = office.client();
    // The fake service repeats the secret, and the program leaves it out.
    office.bad(
        &format!("--auth client-secret --client-id {client}"),
        &[("CLEARANCE_CLIENT_SECRET", "the-id-of-the-secret")],
        3,
        &format!(
            "cannot sign in: the client secret is not one of the application {client}\n\
             in its words: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'. It was (secret).\n\
             hint: CLEARANCE_CLIENT_SECRET takes the secret's value, not its id; if the value is lost, make a new secret in the Microsoft Entra admin center, App registrations, Certificates & secrets"
        ),
    );
    let tenant = &office.service.behaviour().tenant;
    let secret = [("CLEARANCE_CLIENT_SECRET", office.secret())];
    office.bad(
        "--auth client-secret --client-id nobody",
        &secret,
        3,
        &format!(
            "cannot sign in: there is no application nobody in the tenant {tenant}\n\
             in its words: AADSTS700016: Application with identifier 'nobody' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.\n\
             hint: --client-id takes the application (client) id of an app registration, and --tenant the tenant that it is in"
        ),
    );
    let file = office.path("laid-token");
    std::fs::write(&file, "a-token-of-the-cluster").unwrap();
    let pem = certificate("registered.pem");
    for (way, variables) in [
        ("client-secret", &secret[..]),
        ("device-code", &[]),
        (
            "client-certificate",
            &[("CLEARANCE_CERTIFICATE", pem.to_str().unwrap())],
        ),
        (
            "workload-identity",
            &[("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap())],
        ),
    ] {
        office.bad(
            &format!("--auth {way} --client-id {client} --tenant fabrikam.example"),
            variables,
            3,
            "cannot sign in: there is no tenant fabrikam.example\n\
             in its words: AADSTS90002: Tenant 'fabrikam.example' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.\n\
             hint: --tenant takes the directory id (a GUID) or a domain such as contoso.onmicrosoft.com; without it the environment is asked for its tenant",
        );
    }
}

/// What is said for a number of the service.
fn said(code: u64, what: &str, hint: &str) {
    let office = Office::new(SignInBehaviour {
        refusal: Some((code, "invalid_client", "So it is.".to_owned())),
        ..SignInBehaviour::default()
    });
    let tenant = &office.service.behaviour().tenant;
    office.bad(
        &format!("--auth client-secret --client-id {}", office.client()),
        &[("CLEARANCE_CLIENT_SECRET", office.secret())],
        3,
        &format!("cannot sign in: {what}\nin its words: AADSTS{code}: So it is.\nhint: {hint}")
            .replace("TENANT", tenant)
            .replace("CLIENT", office.client())
            .replace(&format!("{}_", office.client()), "CLIENT_"),
    );
}

#[test]
fn numbers_are_explained() {
    said(
        7_000_222,
        "the client secret of the application CLIENT has expired",
        "make a new one in the Microsoft Entra admin center, App registrations, Certificates & secrets, and put its value into CLEARANCE_CLIENT_SECRET",
    );
    said(
        65001,
        "nobody has agreed yet that the application CLIENT may act for you",
        "let an administrator grant it consent to Dynamics CRM, user_impersonation; or use an application of your own with --client-id",
    );
    said(
        53003,
        "a Conditional Access policy forbids this sign-in",
        "the sign-in log in the Microsoft Entra admin center names the policy; ask for an exception, or sign in another way, such as an application with --auth client-certificate",
    );
    said(
        7_000_112,
        "the application CLIENT is disabled in the tenant TENANT",
        "ask an administrator of the tenant to enable it",
    );
    said(
        7_000_218,
        "the application CLIENT may not sign people in with a device code",
        "In the Microsoft Entra admin center, App registrations, Authentication, allow public client flows; or sign in with --auth client-secret",
    );
    said(
        500_011,
        "the tenant TENANT does not know the environment",
        "check its address, and --tenant: it must be the tenant that the environment belongs to",
    );
    said(
        50020,
        "the account is not known in the tenant TENANT",
        "sign in with an account of the environment's tenant",
    );
    said(50057, "the account is disabled", "sign in with another account");
    said(
        50105,
        "the account is not assigned to the application CLIENT",
        "let an administrator assign it under Enterprise applications, Users and groups",
    );
    said(
        999_999,
        "the sign-in service said no (invalid_client)",
        "check --client-id and --tenant; https://login.microsoftonline.com/error explains the number",
    );
}

#[test]
fn a_web_server_that_is_no_sign_in_service() {
    let office = Office::new(SignInBehaviour::default());
    // The environment answers POST, too, with an error of the Web API.
    let ran = office.collect(
        &format!(
            "--auth client-secret --client-id x --tenant t --authority {}",
            office.environment.url()
        ),
        &[("CLEARANCE_CLIENT_SECRET", office.secret())],
    );
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            3,
            "error: cannot sign in: what answered 404 is no sign-in service\n\
             hint: check --authority, and what is between here and there, such as a proxy\n"
        )
    );
}
