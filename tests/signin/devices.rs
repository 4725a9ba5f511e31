//! A person with a browser.

use dataverse_simulator::{Poll, SignInBehaviour};

use super::office::Office;

const PROMPT: &str = "To sign in, open https://microsoft.example/devicelogin in a browser and enter the code CODE1\n\
                      The code holds for 15 minutes.\n";

fn office(device: &[Poll]) -> Office {
    Office::new(SignInBehaviour {
        device: device.to_vec(),
        ..SignInBehaviour::default()
    })
}

#[test]
fn the_program_waits_for_a_slow_person() {
    let office = office(&[Poll::Pending, Poll::SlowDown, Poll::Approved]);
    office.good("--auth device-code", &[], PROMPT);
    assert_eq!(office.service.hurried(), 0, "it slowed down when told to");
    let paths: Vec<String> = office.asked().into_iter().map(|asked| asked.path).collect();
    let tenant = &office.service.behaviour().tenant;
    let poll = format!("/{tenant}/oauth2/v2.0/token");
    assert_eq!(
        paths,
        [
            format!("/{tenant}/oauth2/v2.0/devicecode"),
            poll.clone(),
            poll.clone(),
            poll
        ]
    );
    let first = &office.asked()[0].fields;
    // The application that Microsoft offers to everybody; as little as can be asked for.
    assert_eq!(first["client_id"], "51f81489-12ee-4a9e-aaae-a2591f45987d");
    assert_eq!(
        first["scope"],
        format!("{}/user_impersonation offline_access", office.environment.url())
    );
}

#[test]
fn an_application_of_ones_own_can_ask() {
    let office = office(&[Poll::Approved]);
    office.good(
        &format!("--auth device-code --client-id {}", office.client()),
        &[],
        PROMPT,
    );
    assert!(
        office
            .asked()
            .iter()
            .all(|asked| asked.fields["client_id"] == office.client())
    );
}

#[test]
fn a_sign_in_that_comes_to_nothing() {
    let late = "cannot sign in: nobody entered the code in time\n\
                hint: run the command again, and enter the new code in a browser; where nobody is there to do it, \
                let an application sign in, such as with --auth client-certificate";
    for (device, said) in [
        (
            Poll::Declined,
            "cannot sign in: the sign-in was declined in the browser\n\
             hint: run the command again to sign in; no snapshot was written",
        ),
        (Poll::Expired, late),
        (
            Poll::Refused(50076),
            "cannot sign in: a second factor is asked for, which cannot be given here\n\
             in its words: AADSTS50076: The sign-in was refused.\n\
             hint: sign in with --auth device-code; for the Azure CLI, run `az login` again",
        ),
        (
            Poll::Refused(53003),
            "cannot sign in: a Conditional Access policy forbids this sign-in\n\
             in its words: AADSTS53003: The sign-in was refused.\n\
             hint: the sign-in log in the Microsoft Entra admin center names the policy; ask for an exception, or sign \
             in another way, such as an application with --auth client-certificate",
        ),
    ] {
        let office = office(&[device]);
        let ran = office.collect("--auth device-code", &[]);
        assert_eq!((ran.code, ran.err), (3, format!("{PROMPT}error: {said}\n")));
        assert!(!office.path("snapshot").exists());
    }
    let office = Office::new(SignInBehaviour {
        device: vec![Poll::Pending],
        device_lifetime: 2,
        ..SignInBehaviour::default()
    });
    let ran = office.collect("--auth device-code", &[]);
    let prompt = PROMPT.replace("15 minutes", "1 minute");
    assert_eq!((ran.code, ran.err), (3, format!("{prompt}error: {late}\n")));
}
