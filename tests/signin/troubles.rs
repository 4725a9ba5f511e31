//! What can go wrong in more ways of signing in than one: tokens that end on the way, clocks that are
//! wrong, environments of another tenant. Slow people are in `devices`; what only one way knows is with it.

use std::fs;
use std::net::TcpListener;
use std::sync::Arc;

use dataverse_simulator::{Behaviour, Deployment, SignInBehaviour};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::office::{Office, certificate};
use super::programs::{script, token, with_az};
use super::secrets::{FEDERATED, ways};

/// Fewer than a collection has requests.
const USES: u64 = 14;

/// Tokens that end after some requests, and a clock that is a day behind that of the service, so that
/// by it they would last a day longer.
fn ending() -> SignInBehaviour {
    SignInBehaviour {
        uses: Some(USES),
        clock: 86_400,
        federated: vec![FEDERATED.to_owned()],
        ..SignInBehaviour::default()
    }
}

/// Whether more than one token was used, and as few as possible.
fn was_renewed(office: &Office, way: &str) {
    let taken = office.environment.stats().by_status[&200];
    let needed = taken.div_ceil(USES as usize);
    assert!(needed > 1, "{way}: one was enough for {taken} requests");
    assert_eq!(office.service.given(), needed, "{way}");
}

#[test]
fn a_token_that_ends_is_renewed_in_every_way_whatever_the_clock() {
    let names: Vec<&str> = ways(&Office::new(ending())).iter().map(|(way, _)| *way).collect();
    for (place, way) in names.into_iter().enumerate().filter(|(_, way)| *way != "token") {
        let office = Office::new(ending());
        let (_, variables) = ways(&office).swap_remove(place);
        let mut variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let mut said = "";
        match way {
            "managed-identity" => {}
            "device-code" => {
                said = "To sign in, open https://microsoft.example/devicelogin in a browser and enter the code CODE1\n\
                        The code holds for 15 minutes.\n";
            }
            _ => variables.push(("AZURE_CLIENT_ID", office.client())),
        }
        office.good(&format!("--auth {way} --concurrency 4"), &variables, said);
        was_renewed(&office, way);
    }
}

#[test]
fn programs_are_asked_again_whatever_the_clock() {
    // Each time the next of the tokens that were laid there.
    let next = |office: &Office| {
        let tokens: Vec<String> = (0..6).map(|_| token(office)).collect();
        fs::write(office.path("laid-tokens"), tokens.join("\n")).unwrap();
        "TOKEN=$(head -n 1 laid-tokens); sed -i 1d laid-tokens"
    };
    let one_after_the_other = |office: &Office, way: &str| {
        let left = fs::read_to_string(office.path("laid-tokens")).unwrap();
        let taken = office.environment.stats().by_status[&200];
        let used = 6 - left.lines().count();
        assert_eq!(used, taken.div_ceil(USES as usize), "{way}");
        assert!(used > 1, "{way}");
    };
    let office = Office::new(ending());
    let text = format!(
        "{}\necho \"{{\\\"accessToken\\\": \\\"$TOKEN\\\", \\\"expires_on\\\": $(($(date +%s) + 90000))}}\"",
        next(&office)
    );
    let path = with_az(&office, &text);
    office.good("--auth azure-cli", &[("PATH", &path)], "");
    one_after_the_other(&office, "azure-cli");

    let office = Office::new(ending());
    let program = script(
        &office,
        "laid-program",
        &format!("{}\necho \"$TOKEN\"", next(&office)),
    );
    office.good(&format!("--token-command {program}"), &[], "");
    one_after_the_other(&office, "token-command");
}

#[test]
fn an_ad_fs_is_asked_again_whatever_the_clock() {
    let path = certificate("registered.pem");
    for way in ["client-secret", "client-certificate"] {
        let office = Office::of(ending(), Behaviour::default(), Deployment::OnPremises);
        let adfs = format!("{}/adfs", office.service.url());
        office.good(
            &format!(
                "--deployment on-premises --authority {adfs} --auth {way} --client-id {} --concurrency 4",
                office.client()
            ),
            &[
                ("CLEARANCE_CLIENT_SECRET", office.secret()),
                ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
            ],
            "",
        );
        was_renewed(&office, way);
        let refused = office.asked().iter().filter(|asked| asked.status != 200).count();
        // By its own clock the certificate's first assertion was from another day; no later one was.
        assert_eq!(refused, usize::from(way == "client-certificate"), "{way}");
    }
}

/// A service that goes on refusing what proves an identity as from another time.
fn never_now(clock: i64) -> Office {
    Office::new(SignInBehaviour {
        clock,
        refusal: Some((
            700_024,
            "invalid_client",
            "Client assertion is not within its valid time range.".to_owned(),
        )),
        ..SignInBehaviour::default()
    })
}

#[test]
fn by_how_much_a_clock_is_wrong_is_said() {
    let words = "in its words: AADSTS700024: Client assertion is not within its valid time range.";
    let own = "what proves the application's identity has expired, or is not valid yet";
    let vouching = "the token that vouches for this workload has expired, or is not valid yet";
    let renew = "in Kubernetes, see that the file in AZURE_FEDERATED_TOKEN_FILE is renewed, and restart the pod if it is not; in GitHub Actions, run the job again";
    let ahead = "this machine's clock is 2 hours ahead of that of the sign-in service";
    let behind = "this machine's clock is 2 hours behind that of the sign-in service";
    let set = "set this machine's clock";
    for (clock, of_certificate, hint, of_workload) in [
        (-7200, ahead.to_owned(), set, format!("{vouching}; {ahead}")),
        (7200, behind.to_owned(), set, format!("{vouching}; {behind}")),
        (
            0,
            own.to_owned(),
            "check this machine's clock, and run the command again",
            vouching.to_owned(),
        ),
    ] {
        let office = never_now(clock);
        let path = certificate("registered.pem");
        office.bad(
            "--auth client-certificate",
            &[
                ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
                ("AZURE_CLIENT_ID", office.client()),
            ],
            3,
            &format!("cannot sign in: {of_certificate}\n{words}\nhint: {hint}"),
        );
        let file = office.path("laid-token");
        fs::write(&file, FEDERATED).unwrap();
        office.bad(
            "--auth workload-identity",
            &[
                ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
                ("AZURE_CLIENT_ID", office.client()),
            ],
            3,
            &format!("cannot sign in: {of_workload}\n{words}\nhint: {renew}"),
        );
    }
}

#[test]
fn a_clock_that_was_corrected_is_told_to_who_asks() {
    let office = Office::new(SignInBehaviour {
        clock: 7200,
        ..SignInBehaviour::default()
    });
    let path = certificate("registered.pem");
    let url = office.environment.url();
    let mut command = office.command(&[
        "collect",
        &url,
        "-o",
        "snapshot",
        "-v",
        "--auth",
        "client-certificate",
    ]);
    let ran = office.ran(
        command
            .env("CLEARANCE_CERTIFICATE", path)
            .env("AZURE_CLIENT_ID", office.client()),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said =
        "this machine's clock is 2 hours behind that of the sign-in service; its clock is used instead";
    assert!(ran.err.contains(said), "{}", ran.err);
}

#[test]
fn a_certificate_that_has_expired() {
    let words =
        "The certificate with identifier used to sign the client assertion is expired on application.";
    let office = Office::new(SignInBehaviour {
        refusal: Some((700_027, "invalid_client", words.to_owned())),
        ..SignInBehaviour::default()
    });
    let path = certificate("unregistered.pem");
    office.bad(
        "--auth client-certificate",
        &[
            ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
            ("AZURE_CLIENT_ID", office.client()),
        ],
        3,
        &format!(
            "cannot sign in: the certificate with the thumbprint 4BFA58163AAB9F47E91505BBA700B631A74A99BF has expired\n\
             in its words: AADSTS700027: {words}\n\
             hint: make a new one, upload it without its key in the Microsoft Entra admin center, App registrations, Certificates & secrets, Certificates, and name its file in CLEARANCE_CERTIFICATE"
        ),
    );
}

#[test]
fn a_managed_identity_is_of_one_tenant() {
    let words = "The resource principal was not found in the tenant named Fabrikam.";
    let office = Office::new(SignInBehaviour {
        refusal: Some((500_011, "invalid_resource", words.to_owned())),
        ..SignInBehaviour::default()
    });
    let url = office.service.url();
    let endpoint = format!("{url}/msi/token");
    let header = office.service.behaviour().identity_header.as_str();
    for variables in [
        &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", url.as_str())][..],
        &[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", header)],
    ] {
        office.bad(
            "--auth managed-identity",
            variables,
            3,
            &format!(
                "cannot sign in: the tenant of this managed identity does not know the environment\n\
                 in its words: AADSTS500011: {words}\n\
                 hint: check the address of the environment; if it belongs to another tenant, sign in as an application of that one, such as with --auth client-certificate"
            ),
        );
    }
}

/// A server on this machine whose certificate held in January 2020 alone; its address.
fn of_another_time() -> String {
    let pem = certificate("expired-server.pem");
    let certificates = vec![CertificateDer::from_pem_file(&pem).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&pem).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut server = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            // It comes to nothing: the other side breaks it off.
            while server.complete_io(&mut stream).is_ok_and(|(read, _)| read > 0) {}
        }
    });
    url
}

/// With encryption a wrong clock shows itself before anything is asked: certificates are not of its time.
#[test]
fn a_clock_that_is_wrong_is_suspected_when_a_certificate_is_not_of_its_time() {
    let office = Office::new(SignInBehaviour::default());
    let url = of_another_time();
    let host = url.trim_start_matches("https://");
    // Some authority must be known; it is never looked at.
    let roots = certificate("registered.pem");
    for (arguments, variable, said) in [
        (
            vec!["--auth", "client-secret", "--client-id", "x", "--tenant", "t", "--authority", &url],
            ("CLEARANCE_CLIENT_SECRET", "x"),
            "error: cannot sign in: no answer from 127.0.0.1: invalid peer certificate: certificate expired: ".to_owned(),
        ),
        (
            vec!["--auth", "token"],
            ("CLEARANCE_TOKEN", "x"),
            format!("error: no answer from https://{host}: invalid peer certificate: certificate expired: "),
        ),
        (
            vec!["--auth", "client-secret", "--client-id", "x"],
            ("CLEARANCE_CLIENT_SECRET", "x"),
            format!("error: no answer from https://{host}: invalid peer certificate: certificate expired: "),
        ),
    ] {
        let environment = match arguments.contains(&"--authority") {
            true => office.environment.url(),
            false => url.clone(),
        };
        let mut command = office.command(&["collect", &environment, "-o", "snapshot", "--quiet"]);
        let command = command.args(&arguments).env(variable.0, variable.1);
        let ran = office.ran(command.args(["--deployment", "online"]).env("SSL_CERT_FILE", &roots));
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.starts_with(&said), "{}", ran.err);
        let hint = ran.err.lines().last().unwrap_or_default();
        let rest = hint.strip_prefix("hint: this machine's clock says 20").unwrap_or_else(|| panic!("{}", ran.err));
        assert!(
            rest.ends_with(" UTC; set it if that is wrong; if it is right, it is the server's certificate that must be renewed"),
            "{hint}"
        );
    }
}
