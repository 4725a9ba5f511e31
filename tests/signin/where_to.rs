//! Whom to ask: the tenant and the authority, said or found out. And applications with a secret.

use std::io::{Read, Write};
use std::net::TcpListener;

use dataverse_simulator::SignInBehaviour;

use super::office::Office;

#[test]
fn the_environment_tells_its_tenant() {
    let office = Office::new(SignInBehaviour::default());
    office.good(
        &format!("--auth client-secret --client-id {}", office.client()),
        &[("CLEARANCE_CLIENT_SECRET", office.secret())],
        "",
    );
    let [asked] = &office.asked()[..] else {
        panic!("one token is enough: {:?}", office.asked())
    };
    let tenant = &office.service.behaviour().tenant;
    assert_eq!(asked.path, format!("/{tenant}/oauth2/v2.0/token"));
    let fields: Vec<(&str, &str)> = asked
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let scope = format!("{}/.default", office.environment.url());
    assert_eq!(
        fields,
        [
            ("client_id", office.client()),
            ("client_secret", office.secret()),
            ("grant_type", "client_credentials"),
            ("scope", scope.as_str()),
        ]
    );
    // One question to the environment was without a token.
    assert_eq!(office.environment.stats().by_status.get(&401), Some(&1));
}

#[test]
fn what_is_said_need_not_be_found_out() {
    let office = Office::new(SignInBehaviour::default());
    let service = office.service.url();
    let behaviour = office.service.behaviour();
    let secret = ("CLEARANCE_CLIENT_SECRET", office.secret());
    let client = ("AZURE_CLIENT_ID", office.client());
    let domain = behaviour.domain.as_str();
    // By options, by the platform's variables, by our own, and all in one address.
    office.good(
        &format!("--auth client-secret --tenant {domain} --authority {service}"),
        &[secret, client],
        "",
    );
    office.good(
        &format!("--auth client-secret --authority {service}/"),
        &[secret, client, ("AZURE_TENANT_ID", domain)],
        "",
    );
    office.good(
        "",
        &[
            secret,
            ("CLEARANCE_AUTH", "client-secret"),
            ("CLEARANCE_CLIENT_ID", office.client()),
            ("CLEARANCE_TENANT", domain),
            ("CLEARANCE_AUTHORITY", &service),
        ],
        "",
    );
    office.good(
        &format!("--auth client-secret --authority {service}/{domain}/oauth2/authorize"),
        &[secret, client],
        "",
    );
    // Empty is as good as not said.
    office.good(
        &format!("--auth client-secret --tenant {domain} --authority {service}"),
        &[secret, client, ("CLEARANCE_CLIENT_ID", "")],
        "",
    );
    // An option wins over a variable.
    office.good(
        &format!("--auth client-secret --tenant {domain} --authority {service}"),
        &[secret, client, ("AZURE_TENANT_ID", "fabrikam.example")],
        "",
    );
    assert_eq!(office.environment.stats().by_status.get(&401), None);
    for asked in office.asked() {
        assert_eq!(asked.path, format!("/{domain}/oauth2/v2.0/token"));
    }
}

#[test]
fn audit_and_explain_sign_in_alike() {
    let office = Office::new(SignInBehaviour::default());
    let url = office.environment.url();
    let name = office.environment.tenant().users[3]
        .domainname
        .clone()
        .expect("a name");
    for line in [
        vec!["audit", &url, "--csv", "verdicts.csv", "--quiet"],
        vec!["explain", &url, "--user", &name, "--json", "--include-disabled"],
    ] {
        let ran = office.ran(
            office
                .command(&line)
                .args(["--auth", "client-secret", "--client-id", office.client()])
                .env("CLEARANCE_CLIENT_SECRET", office.secret()),
        );
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{line:?}");
    }
    assert_eq!(office.service.given(), 2);
}

#[test]
fn what_cannot_be_a_service_or_a_tenant() {
    let office = Office::new(SignInBehaviour::default());
    let form = "hint: it looks like https://login.microsoftonline.us or https://adfs.contoso.com/adfs";
    let tenant = "hint: give the directory id (a GUID) or a domain such as contoso.onmicrosoft.com";
    for (arguments, said) in [
        (
            "--authority http://login.microsoftonline.com",
            "the authority `http://login.microsoftonline.com` is not encrypted: secrets must not travel over it\n\
             hint: use https:// (http:// is allowed only towards this machine)"
                .to_owned(),
        ),
        (
            "--authority login.microsoftonline.com",
            format!("`login.microsoftonline.com` is not the address of a sign-in service\n{form}"),
        ),
        (
            "--authority https://login.example/a/b",
            format!("`https://login.example/a/b` is not the address of a sign-in service\n{form}"),
        ),
        ("--tenant ../x", format!("`../x` is no tenant\n{tenant}")),
        (
            "--tenant a.example --authority https://login.example/b.example",
            "--authority names the tenant `b.example`, and --tenant `a.example`\nhint: say the tenant once".to_owned(),
        ),
    ] {
        for way in ["client-secret --client-id x", "device-code", "azure-cli"] {
            let variables = [("CLEARANCE_CLIENT_SECRET", office.secret())];
            office.bad(&format!("--auth {way} {arguments}"), &variables, 2, &said);
        }
    }
    assert!(office.asked().is_empty());
    assert_eq!(office.environment.stats().total, 0);
}

/// Something on this machine that answers everybody with 401 and this header.
fn challenging(header: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer =
        format!("HTTP/1.1 401 Unauthorized\r\n{header}content-length: 0\r\nconnection: close\r\n\r\n");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn an_environment_cannot_send_secrets_anywhere_it_likes() {
    let office = Office::new(SignInBehaviour::default());
    for (header, said) in [
        (
            "www-authenticate: Bearer authorization_uri=https://evil.example/t/oauth2/authorize\r\n",
            "cannot sign in: URL names https://evil.example as its sign-in service, which is not one of Microsoft's; nothing was sent there\n\
             hint: if it is your organization's own, say so: --authority https://evil.example",
        ),
        (
            "www-authenticate: Bearer authorization_uri=https://login.microsoftonline.com.evil.example/t\r\n",
            "cannot sign in: URL names https://login.microsoftonline.com.evil.example as its sign-in service, which is not one of Microsoft's; nothing was sent there\n\
             hint: if it is your organization's own, say so: --authority https://login.microsoftonline.com.evil.example",
        ),
        (
            "www-authenticate: Bearer authorization_uri=https://sts.contoso.example/adfs/oauth2/authorize, resource_id=https://x/\r\n",
            "cannot sign in: URL names https://sts.contoso.example as its sign-in service, which is not one of Microsoft's; nothing was sent there\n\
             hint: if it is your organization's own, say so: --authority https://sts.contoso.example/adfs",
        ),
        (
            "www-authenticate: Bearer authorization_uri=ldap://evil.example/t\r\n",
            "cannot sign in: URL does not name its sign-in service\n\
             hint: say --tenant for Microsoft's cloud, or --authority https://HOST/adfs for your own AD FS",
        ),
        (
            "www-authenticate: Negotiate\r\n",
            "cannot sign in: URL does not name its sign-in service\n\
             hint: say --tenant for Microsoft's cloud, or --authority https://HOST/adfs for your own AD FS",
        ),
        (
            "www-authenticate: Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize\r\n",
            "cannot sign in: URL does not tell its tenant\n\
             hint: say --tenant with the directory id or a domain of your organization",
        ),
    ] {
        let url = challenging(header);
        let mut command = office.command(&["collect", &url, "-o", "snapshot", "--auth", "client-secret"]);
        let ran = office.ran(
            command
                .env("AZURE_CLIENT_ID", office.client())
                .env("CLEARANCE_CLIENT_SECRET", office.secret()),
        );
        assert_eq!(
            (ran.code, ran.err.replace(&url, "URL")),
            (3, format!("error: {said}\n"))
        );
    }
}

#[test]
fn an_address_that_is_no_environment_is_found_out_while_signing_in() {
    let office = Office::new(SignInBehaviour::default());
    // The sign-in service is no environment.
    let url = office.service.url();
    let mut command = office.command(&["collect", &url, "-o", "snapshot", "--auth", "client-secret"]);
    let ran = office.ran(
        command
            .env("AZURE_CLIENT_ID", office.client())
            .env("CLEARANCE_CLIENT_SECRET", office.secret()),
    );
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            3,
            "error: there is no environment at SERVICE: asked for its sign-in service, it answered 404 and named none\n\
             hint: use the address of the environment as its settings in the Power Platform admin center show it, such as https://contoso.crm4.dynamics.com\n"
        )
    );
}
