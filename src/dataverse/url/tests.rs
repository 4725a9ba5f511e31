use super::*;
use Deployment::{OnPremises, Online};
use DeploymentFrom::{Build, Flag, Host};

#[test]
fn deployment_and_region_by_host_flag_and_build() {
    let cases = [
        (
            "https://contoso.crm4.dynamics.com",
            None,
            None,
            Some((Online, Host)),
            Some("crm4"),
        ),
        (
            "https://contoso.crm.dynamics.com",
            None,
            None,
            Some((Online, Host)),
            Some("crm"),
        ),
        (
            "https://contoso.api.crm11.dynamics.com",
            None,
            None,
            Some((Online, Host)),
            Some("crm11"),
        ),
        (
            "https://contoso.crm.microsoftdynamics.us",
            None,
            None,
            Some((Online, Host)),
            Some("gcc-high"),
        ),
        (
            "https://contoso.crm.appsplatform.us",
            None,
            None,
            Some((Online, Host)),
            Some("dod"),
        ),
        (
            "https://contoso.crm.dynamics.cn",
            None,
            None,
            Some((Online, Host)),
            Some("china"),
        ),
        (
            "https://CONTOSO.CRM4.Dynamics.com",
            None,
            None,
            Some((Online, Host)),
            Some("crm4"),
        ),
        // The end of a name is not a subdomain.
        (
            "https://contoso.notdynamics.com",
            None,
            Some("9.1.4.2"),
            Some((OnPremises, Build)),
            None,
        ),
        (
            "https://crm.contoso.com/org",
            None,
            Some("9.1.0.14134"),
            Some((OnPremises, Build)),
            None,
        ),
        (
            "https://crm.contoso.com/org",
            None,
            Some("9.2.24091.195"),
            Some((Online, Build)),
            None,
        ),
        (
            "https://crm.contoso.com/org",
            None,
            Some("10.0"),
            Some((Online, Build)),
            None,
        ),
        ("https://crm.contoso.com/org", None, None, None, None),
        ("https://crm.contoso.com/org", None, Some("unknown"), None, None),
        (
            "https://crm.contoso.com/org",
            Some(OnPremises),
            Some("9.2"),
            Some((OnPremises, Flag)),
            None,
        ),
        (
            "http://127.0.0.1:8080",
            Some(Online),
            Some("9.1"),
            Some((Online, Flag)),
            None,
        ),
    ];
    for (text, flag, build, deployment, region) in cases {
        let url = EnvironmentUrl::parse(text, flag).expect(text);
        assert_eq!(url.deployment(build), deployment, "{text} {flag:?} {build:?}");
        assert_eq!(url.region().as_deref(), region, "{text}");
    }
}

#[test]
fn base_path_by_deployment() {
    let base = |text, flag| EnvironmentUrl::parse(text, flag).expect(text).api_bases();
    assert_eq!(
        base("https://contoso.crm4.dynamics.com/", None),
        ["https://contoso.crm4.dynamics.com/api/data/v9.2/"]
    );
    assert_eq!(
        base("https://crm.contoso.com/org", Some(OnPremises)),
        [
            "https://crm.contoso.com/org/api/data/v9.1/",
            "https://crm.contoso.com/org/api/data/v9.0/"
        ]
    );
    assert_eq!(
        base("http://localhost:8080", None),
        [
            "http://localhost:8080/api/data/v9.2/",
            "http://localhost:8080/api/data/v9.1/",
            "http://localhost:8080/api/data/v9.0/"
        ]
    );
}

#[test]
fn what_is_no_address_is_refused_with_what_would_be_right() {
    let cases = [
        (
            "",
            "`` is no address of an environment\nhint: it looks like https://contoso.crm4.dynamics.com",
        ),
        (
            "contoso",
            "`contoso` is no address of an environment\nhint: it looks like https://contoso.crm4.dynamics.com",
        ),
        (
            "contoso.crm4.dynamics.com",
            "`contoso.crm4.dynamics.com` lacks https:// in front\nhint: did you mean https://contoso.crm4.dynamics.com ?",
        ),
        (
            "http://contoso.crm4.dynamics.com",
            "`http://contoso.crm4.dynamics.com` is not encrypted: an access token must not travel over it\nhint: use https:// (http:// is allowed only towards this machine)",
        ),
        (
            "http://127.0.0.1.example.com",
            "`http://127.0.0.1.example.com` is not encrypted: an access token must not travel over it\nhint: use https:// (http:// is allowed only towards this machine)",
        ),
        (
            "ftp://contoso.com",
            "`ftp://contoso.com` is no address of an environment\nhint: it looks like https://contoso.crm4.dynamics.com",
        ),
        (
            "https://me:hunter2@contoso.crm4.dynamics.com",
            "the address of an environment must not hold a user name or password",
        ),
        (
            "https://contoso.crm4.dynamics.com/main.aspx?appid=1",
            "`https://contoso.crm4.dynamics.com/main.aspx?appid=1` is a page of an environment, not its address\nhint: did you mean https://contoso.crm4.dynamics.com ?",
        ),
        (
            "https://crm.contoso.com/org/api/data/v9.1",
            "`https://crm.contoso.com/org/api/data/v9.1` is a page of an environment, not its address\nhint: did you mean https://crm.contoso.com/org ?",
        ),
    ];
    for (text, message) in cases {
        let error = EnvironmentUrl::parse(text, None).expect_err(text);
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn loopback_may_be_unencrypted() {
    for text in [
        "http://127.0.0.1:1234",
        "http://localhost",
        "http://[::1]:80",
        "http://127.8.8.8/",
    ] {
        assert!(
            EnvironmentUrl::parse(text, None).expect(text).is_loopback(),
            "{text}"
        );
    }
}
