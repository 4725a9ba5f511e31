//! Applications with a certificate.

use dataverse_simulator::SignInBehaviour;

use super::office::{Office, certificate};

const NEEDED: &str = "the file holds the certificate and its private key, both in PEM, without a password";

#[test]
fn a_certificate_signs_in_whatever_else_is_in_its_file() {
    let office = Office::new(SignInBehaviour::default());
    for name in ["registered.pem", "registered-with-chain.pem"] {
        let path = certificate(name);
        office.good(
            "--auth client-certificate",
            &[
                ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
                ("AZURE_CLIENT_ID", office.client()),
            ],
            "",
        );
    }
    // The service has verified the signatures; here is what else must hold.
    let asked = office.asked();
    assert_eq!(asked.len(), 2);
    for request in &asked {
        assert_eq!(request.status, 200);
        assert!(!request.fields.contains_key("client_secret"));
        assert_eq!(request.fields["grant_type"], "client_credentials");
    }
    assert_ne!(
        asked[0].fields["client_assertion"], asked[1].fields["client_assertion"],
        "each has an id of its own"
    );
}

#[test]
fn a_clock_that_is_wrong_is_corrected_by_that_of_the_service() {
    for clock in [-7200, 7200] {
        let office = Office::new(SignInBehaviour {
            clock,
            ..SignInBehaviour::default()
        });
        let path = certificate("registered.pem");
        office.good(
            "--auth client-certificate",
            &[
                ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
                ("AZURE_CLIENT_ID", office.client()),
            ],
            "",
        );
        let statuses: Vec<u16> = office.asked().iter().map(|request| request.status).collect();
        assert_eq!(statuses, [401, 200]);
    }
}

#[test]
fn a_certificate_that_is_not_registered_is_named_by_its_thumbprint() {
    let office = Office::new(SignInBehaviour::default());
    let path = certificate("unregistered.pem");
    let variables = [
        ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
        ("AZURE_CLIENT_ID", office.client()),
    ];
    let ran = office.collect("--auth client-certificate", &variables);
    let lines: Vec<&str> = ran.err.lines().collect();
    // As `openssl x509 -in unregistered.pem -noout -fingerprint -sha1` says.
    assert_eq!(
        lines[0],
        format!(
            "error: cannot sign in: the certificate with the thumbprint 4BFA58163AAB9F47E91505BBA700B631A74A99BF is not registered for the application {}",
            office.client()
        )
    );
    assert!(
        lines[1].starts_with("in its words: AADSTS700027: The certificate with identifier used"),
        "{}",
        lines[1]
    );
    assert_eq!(
        lines[2..],
        [
            "hint: upload the certificate, without its key, in the Microsoft Entra admin center, App registrations, Certificates & secrets, Certificates"
        ]
    );
    assert_eq!(ran.code, 3);
}

#[test]
fn files_that_cannot_sign_in() {
    let office = Office::new(SignInBehaviour::default());
    std::fs::write(
        office.path("laid-app.pfx"),
        [0x30, 0x82, 0x0A, 0x21, 0x02, 0x01, 0x03],
    )
    .unwrap();
    std::fs::write(office.path("laid-notes.pem"), "nothing in here").unwrap();
    let cases = [
        (
            certificate("with-password.pem"),
            "its private key has a password",
            "take it off: openssl pkey -in app.pem -out key.pem, and put certificate and key into one file",
        ),
        (
            certificate("without-key.pem"),
            "there is no private key in it",
            NEEDED,
        ),
        (
            office.path("laid-notes.pem"),
            "there is no private key in it",
            NEEDED,
        ),
        (
            certificate("mismatched.pem"),
            "certificate and private key do not belong together",
            NEEDED,
        ),
        (
            certificate("elliptic.pem"),
            "its key is no RSA key",
            "Microsoft Entra and AD FS take RSA keys only; make a certificate with one",
        ),
        #[cfg(not(feature = "pfx"))]
        (
            certificate("registered.pfx"),
            "it is a PFX file or in DER, not PEM",
            "make a PEM file of a PFX: openssl pkcs12 -in app.pfx -nodes -out app.pem; or build clearance with `--features pfx`",
        ),
        #[cfg(feature = "pfx")]
        (
            certificate("registered.pfx"),
            "it cannot be opened as a PFX file",
            "put its password into CLEARANCE_CERTIFICATE_PASSWORD; none is needed if it has none",
        ),
    ];
    for (path, what, hint) in cases {
        let path = path.to_str().unwrap();
        let variables = [
            ("CLEARANCE_CERTIFICATE", path),
            ("AZURE_CLIENT_ID", office.client()),
        ];
        let said = format!("cannot sign in: CLEARANCE_CERTIFICATE names `{path}`: {what}\nhint: {hint}");
        office.bad("--auth client-certificate", &variables, 3, &said);
    }
    let missing = std::fs::read(office.path("missing.pem")).unwrap_err();
    office.bad(
        "--auth client-certificate",
        &[("CLEARANCE_CERTIFICATE", "missing.pem"), ("AZURE_CLIENT_ID", office.client())],
        3,
        &format!(
            "cannot sign in: CLEARANCE_CERTIFICATE names `missing.pem`: {missing}\nhint: CLEARANCE_CERTIFICATE is the path of a file; {NEEDED}"
        ),
    );
    assert!(office.asked().is_empty());
}

#[cfg(feature = "pfx")]
#[test]
fn a_pfx_file_signs_in_too() {
    let office = Office::new(SignInBehaviour::default());
    // As OpenSSL writes it today, and as Azure Key Vault does: old ciphers, and an empty password.
    for (name, password) in [
        ("registered.pfx", "open-sesame-4711"),
        ("registered-legacy.pfx", ""),
    ] {
        let path = certificate(name);
        let variables = [
            ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
            ("CLEARANCE_CERTIFICATE_PASSWORD", password),
            ("AZURE_CLIENT_ID", office.client()),
        ];
        office.good("--auth client-certificate", &variables, "");
    }
    let path = certificate("registered.pfx");
    let ran = office.collect(
        "--auth client-certificate",
        &[
            ("CLEARANCE_CERTIFICATE", path.to_str().unwrap()),
            ("CLEARANCE_CERTIFICATE_PASSWORD", "wrong-password-4711"),
            ("AZURE_CLIENT_ID", office.client()),
        ],
    );
    assert!(
        ran.err.contains("it cannot be opened as a PFX file"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("wrong-password"));
}
