//! An environment, the sign-in service whose tokens it takes, and the program between them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use dataverse_simulator::{
    Behaviour, Deployment, SignInBehaviour, SignInRequest, SignInService, Simulator, Tenant, TenantOptions,
    generate,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// A token that the environment takes from nobody.
const NOT_IN_USE: &str = "the-simulators-own-token";

/// What a run gave. Addresses are replaced: `URL`, `SERVICE`.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub struct Office {
    pub environment: Simulator,
    pub service: SignInService,
    folder: tempfile::TempDir,
}

fn people(deployment: Deployment) -> Tenant {
    generate(&TenantOptions {
        users: 20,
        deployment,
        ..TenantOptions::default()
    })
}

/// A certificate's file.
pub fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/signin/certificates")
        .join(name)
}

/// What is registered for the application.
fn registered() -> Vec<u8> {
    CertificateDer::from_pem_file(certificate("registered.pem"))
        .expect("a certificate")
        .to_vec()
}

impl Office {
    pub fn new(service: SignInBehaviour) -> Office {
        Office::of(service, Behaviour::default(), Deployment::Online)
    }

    pub fn of(service: SignInBehaviour, environment: Behaviour, deployment: Deployment) -> Office {
        static PEOPLE: LazyLock<[Tenant; 2]> =
            LazyLock::new(|| [people(Deployment::Online), people(Deployment::OnPremises)]);
        let service = SignInService::start_blocking(SignInBehaviour {
            certificates: vec![registered()],
            ..service
        })
        .expect("a service");
        let behaviour = Behaviour {
            token: Some(NOT_IN_USE.to_owned()),
            sign_in: Some(service.clone()),
            ..environment
        };
        let tenant = PEOPLE[usize::from(deployment == Deployment::OnPremises)].clone();
        Office {
            environment: Simulator::start_blocking(tenant, behaviour).expect("an environment"),
            service,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn client(&self) -> &str {
        &self.service.behaviour().client
    }

    pub fn secret(&self) -> &str {
        &self.service.behaviour().secret
    }

    /// The program with nothing ambient that could sign it in.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
        let ambient = [
            "CLEARANCE_",
            "AZURE_",
            "IDENTITY_",
            "ACTIONS_",
            "MSI_",
            "RUST_",
            "IMDS_",
        ];
        for (name, _) in std::env::vars_os() {
            let known = name.to_string_lossy().to_uppercase();
            if known.ends_with("_PROXY") || ambient.iter().any(|prefix| known.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .args(arguments);
        command
    }

    /// Runs it, and looks for secrets in everything that it wrote.
    pub fn ran(&self, command: &mut Command) -> Ran {
        let output = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let (out, err) = (text(output.stdout), text(output.stderr));
        let mut written = vec![("standard output".to_owned(), out.clone().into_bytes())];
        written.push(("standard error".to_owned(), err.clone().into_bytes()));
        files(self.folder.path(), &mut written);
        let secrets = self.service.secrets();
        for (name, bytes) in &written {
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                // What the test itself laid there begins so.
                let laid = name.contains("laid-");
                assert!(!found || laid, "a secret is in {name}: {secret}\n{err}");
            }
        }
        let plain = |text: String| {
            text.replace(&self.environment.url(), "URL")
                .replace(&self.service.url(), "SERVICE")
        };
        Ran {
            code: output.status.code().expect("the program ended by itself"),
            out: plain(out),
            err: plain(err),
        }
    }

    /// `clearance collect` with these arguments, separated by blanks, and variables.
    pub fn collect(&self, arguments: &str, variables: &[(&str, &str)]) -> Ran {
        let url = self.environment.url();
        let mut line = vec!["collect", &url, "-o", "snapshot", "--quiet"];
        line.extend(arguments.split_whitespace());
        self.ran(self.command(&line).envs(variables.iter().copied()))
    }

    /// A collection that must succeed, and says only this.
    pub fn good(&self, arguments: &str, variables: &[(&str, &str)], said: &str) {
        let ran = self.collect(arguments, variables);
        assert_eq!((ran.code, ran.err.as_str()), (0, said), "{arguments}");
        assert!(self.path("snapshot/systemuser.parquet").is_file());
        for request in self.environment.requests() {
            assert_eq!(
                (request.method.as_str(), &request.violations[..]),
                ("GET", &[][..])
            );
        }
    }

    /// A collection that must fail with this code and text, and leaves no snapshot. At which request a
    /// token is refused half way, and how many tables were finished by then and are kept for another
    /// try, is a matter of timing.
    pub fn bad(&self, arguments: &str, variables: &[(&str, &str)], code: i32, said: &str) {
        let ran = self.collect(arguments, variables);
        let kept = |line: &&str| !line.ends_with(" kept; go on with `--resume`");
        let lines: Vec<&str> = ran.err.lines().filter(kept).collect();
        let mut text = lines.join("\n");
        if let Some((before, rest)) = text.split_once(" refused the access token at GET /api/data/")
            && let Some((_, after)) = rest.split_once(": ")
        {
            text = format!("{before} refused the access token: {after}");
        }
        assert_eq!(text, format!("error: {said}"), "{arguments}");
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{arguments}");
        assert!(!self.path("snapshot").exists(), "{arguments}");
    }

    /// The requests for tokens.
    pub fn asked(&self) -> Vec<SignInRequest> {
        self.service.requests()
    }
}

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
}
