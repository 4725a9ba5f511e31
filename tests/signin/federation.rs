//! Kubernetes pods and GitHub jobs.

use std::fs;

use dataverse_simulator::SignInBehaviour;

use super::office::Office;

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwb2QifQ.signed-by-the-cluster";

fn office() -> Office {
    Office::new(SignInBehaviour {
        federated: vec![TOKEN.to_owned()],
        ..SignInBehaviour::default()
    })
}

#[test]
fn a_pod_shows_the_token_in_its_file() {
    let office = office();
    let file = office.path("laid-token");
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    // As the webhook of AKS sets them.
    office.good(
        "--auth workload-identity",
        &[
            ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
            ("AZURE_CLIENT_ID", office.client()),
            ("AZURE_TENANT_ID", &office.service.behaviour().tenant),
        ],
        "",
    );
    let [asked] = &office.asked()[..] else {
        panic!("one token is enough: {:?}", office.asked())
    };
    assert_eq!(asked.fields["client_assertion"], TOKEN);
    assert_eq!(
        asked.fields["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
}

#[test]
fn a_github_job_asks_github() {
    let office = office();
    let url = format!("{}/github/token?api-version=2.0", office.service.url());
    let request = office.service.behaviour().github.clone().unwrap();
    let variables = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", request.as_str()),
        ("AZURE_CLIENT_ID", office.client()),
    ];
    office.good("--auth workload-identity", &variables, "");
    assert_eq!(office.asked()[0].fields["audience"], "api://AzureADTokenExchange");

    let mut wrong = variables;
    wrong[1].1 = "another-token";
    let ran = office.collect("--auth workload-identity", &wrong);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            3,
            "error: cannot sign in: GitHub gave no identity token for this job: it answered 401\n\
             in its words: Bad credentials\n\
             hint: give the job the permission: `permissions: id-token: write`\n"
        )
    );
}

#[test]
fn an_identity_that_is_missing_or_not_trusted() {
    let office = office();
    let client = ("AZURE_CLIENT_ID", office.client());
    office.bad(
        "--auth workload-identity",
        &[client],
        3,
        "cannot sign in: --auth workload-identity finds no identity here: neither AZURE_FEDERATED_TOKEN_FILE nor ACTIONS_ID_TOKEN_REQUEST_URL is set\n\
         hint: in Kubernetes, label the pod azure.workload.identity/use: \"true\"; in GitHub Actions, give the job `permissions: id-token: write`",
    );
    office.bad(
        "--auth workload-identity",
        &[
            client,
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://10.0.0.7/token"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x"),
        ],
        3,
        "cannot sign in: ACTIONS_ID_TOKEN_REQUEST_URL is not encrypted: secrets must not travel over it\n\
         hint: GitHub sets it to an address with https://; unset it if you set it",
    );
    let file = office.path("laid-token");
    let path = file.to_str().unwrap();
    let variables = [client, ("AZURE_FEDERATED_TOKEN_FILE", path)];
    let platform = "hint: the platform makes this file; check that workload identity is on for this pod (its label azure.workload.identity/use)";
    let missing = fs::read(&file).unwrap_err();
    office.bad(
        "--auth workload-identity",
        &variables,
        3,
        &format!("cannot sign in: AZURE_FEDERATED_TOKEN_FILE names `{path}`: {missing}\n{platform}"),
    );
    fs::write(&file, "\n").unwrap();
    office.bad(
        "--auth workload-identity",
        &variables,
        3,
        &format!("cannot sign in: AZURE_FEDERATED_TOKEN_FILE names `{path}`: it is empty\n{platform}"),
    );
    fs::write(&file, "a-token-of-another-cluster").unwrap();
    office.bad(
        "--auth workload-identity",
        &variables,
        3,
        &format!(
            "cannot sign in: the application {} does not trust this identity\n\
             in its words: AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:audit:clearance'.\n\
             hint: add a federated credential with this issuer, subject and audience in the Microsoft Entra admin center, App registrations, Certificates & secrets, Federated credentials",
            office.client()
        ),
    );
}
