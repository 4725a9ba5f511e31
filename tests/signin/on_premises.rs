//! An on-premises environment that faces the internet, and its AD FS.

use dataverse_simulator::{Behaviour, Deployment, Poll, SignInBehaviour};

use super::office::{Office, certificate};

fn office() -> Office {
    let service = SignInBehaviour {
        device: vec![Poll::Pending, Poll::Approved],
        ..SignInBehaviour::default()
    };
    Office::of(service, Behaviour::default(), Deployment::OnPremises)
}

#[test]
fn an_ad_fs_gives_tokens_for_the_resource_that_the_environment_names() {
    let office = office();
    let adfs = format!("{}/adfs", office.service.url());
    let common = format!(
        "--deployment on-premises --authority {adfs} --client-id {}",
        office.client()
    );
    let path = certificate("registered.pem");
    office.good(
        &format!("{common} --auth client-secret"),
        &[("CLEARANCE_CLIENT_SECRET", office.secret())],
        "",
    );
    // Signed with RS256, as AD FS wants it: the service has verified that.
    office.good(
        &format!("{common} --auth client-certificate"),
        &[("CLEARANCE_CERTIFICATE", path.to_str().unwrap())],
        "",
    );
    office.good(
        &format!("{common} --auth device-code"),
        &[],
        "To sign in, open https://microsoft.example/devicelogin in a browser and enter the code CODE1\n\
         The code holds for 15 minutes.\n",
    );
    // On this machine the challenge itself is believed.
    office.good(
        &format!(
            "--deployment on-premises --auth client-secret --client-id {}",
            office.client()
        ),
        &[("CLEARANCE_CLIENT_SECRET", office.secret())],
        "",
    );
    assert_eq!(office.service.given(), 4);
    let host = office.environment.url().replace("/contoso", "/");
    for asked in office.asked() {
        assert!(asked.path.starts_with("/adfs/oauth2/"), "{}", asked.path);
        assert_eq!(asked.fields["resource"], host);
        assert!(!asked.fields.contains_key("scope"));
    }
}

#[test]
fn an_ad_fs_has_no_application_for_everybody() {
    let office = office();
    let adfs = format!("{}/adfs", office.service.url());
    office.bad(
        &format!("--deployment on-premises --authority {adfs} --auth device-code"),
        &[],
        3,
        "cannot sign in: --auth device-code at an AD FS needs --client-id\n\
         hint: it is the identifier of a native application that is registered there",
    );
}

#[test]
fn an_ad_fs_refuses_in_its_own_way() {
    let service = SignInBehaviour {
        refusal: Some((0, "invalid_grant", "MSIS9659: Invalid 'resource'.".to_owned())),
        ..SignInBehaviour::default()
    };
    let office = Office::of(service, Behaviour::default(), Deployment::OnPremises);
    let adfs = format!("{}/adfs", office.service.url());
    office.bad(
        &format!(
            "--deployment on-premises --authority {adfs} --auth client-secret --client-id {}",
            office.client()
        ),
        &[("CLEARANCE_CLIENT_SECRET", office.secret())],
        3,
        "cannot sign in: the sign-in service said no (invalid_grant)\n\
         in its words: AADSTS0: MSIS9659: Invalid 'resource'.\n\
         hint: check --client-id and --authority; the event log of AD FS tells more",
    );
}

#[test]
fn an_ad_fs_that_says_no_or_waits_in_vain() {
    let office = |service: SignInBehaviour| Office::of(service, Behaviour::default(), Deployment::OnPremises);
    for (poll, what, hint) in [
        (
            Poll::Declined,
            "the sign-in was declined in the browser",
            "run the command again to sign in; no snapshot was written",
        ),
        (
            Poll::Expired,
            "nobody entered the code in time",
            "run the command again, and enter the new code in a browser; where nobody is there to do it, let an application sign in, such as with --auth client-certificate",
        ),
    ] {
        let office = office(SignInBehaviour {
            device: vec![Poll::Pending, poll],
            ..SignInBehaviour::default()
        });
        let adfs = format!("{}/adfs", office.service.url());
        let line = format!(
            "--deployment on-premises --authority {adfs} --auth device-code --client-id {}",
            office.client()
        );
        let ran = office.collect(&line, &[]);
        assert_eq!(
            (ran.code, ran.err),
            (
                3,
                format!(
                    "To sign in, open https://microsoft.example/devicelogin in a browser and enter the code CODE1\n\
                     The code holds for 15 minutes.\nerror: cannot sign in: {what}\nhint: {hint}\n"
                )
            )
        );
    }
}
