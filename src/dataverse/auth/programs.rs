//! Programs that print a token: the Azure CLI, or any other.
//!
//! They run without a shell and without input, for a bounded time. What they print on standard
//! output is a secret and is shown nowhere; what they print on standard error is shown when they fail.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::dataverse::words::shorten;

use super::answer::Fresh;
use super::certificate::PASSWORD_VARIABLE;
use super::client_secret::SECRET_VARIABLE;
use super::given::TOKEN_VARIABLE;
use super::kept::Grant;
use super::{AuthError, Later};

/// Long enough for a program that opens a browser.
const LONGEST: Duration = Duration::from_secs(180);
/// More than any token, and any message worth reading.
const MOST_BYTES: u64 = 1 << 18;
/// The variable that tells a program what the token is for.
const RESOURCE_VARIABLE: &str = "CLEARANCE_RESOURCE";

/// The Azure CLI.
pub(super) struct AzureCli {
    pub(super) resource: String,
    pub(super) tenant: Option<String>,
}

impl Grant for AzureCli {
    fn fetch(&self) -> Later<'_, Fresh> {
        Box::pin(async {
            // A batch file on Windows, which starts nothing but the CLI.
            let mut command = Command::new(if cfg!(windows) { "az.cmd" } else { "az" });
            command
                .args(["account", "get-access-token", "--output", "json", "--resource"])
                .arg(&self.resource)
                // It has no use for them.
                .env_remove(SECRET_VARIABLE)
                .env_remove(PASSWORD_VARIABLE)
                .env_remove(TOKEN_VARIABLE);
            let mut login = "az login".to_owned();
            if let Some(tenant) = &self.tenant {
                command.args(["--tenant", tenant]);
                login = format!("az login --tenant {tenant}");
            }
            let hint = match run(command, LONGEST).await {
                Ok(output) => {
                    return Fresh::from_json(output.expose_secret()).map_err(|what| {
                        AuthError::setup(
                            format!("the Azure CLI printed no token: {what}"),
                            "bring it up to date: az upgrade",
                        )
                    });
                }
                Err(Failed::NotFound) => {
                    return Err(AuthError::setup(
                        "the Azure CLI, `az`, is not installed or not on the PATH",
                        "install it (https://aka.ms/azure-cli) and run `az login`, or choose another --auth",
                    ));
                }
                Err(failed) => (failed, login),
            };
            let (failed, login) = hint;
            Err(AuthError::setup(
                format!("the Azure CLI gave no token: {}", failed.what()),
                format!("sign in with an account of the environment's tenant: {login}"),
            ))
        })
    }

    fn giver(&self) -> &'static str {
        "the Azure CLI"
    }
}

/// Any program.
pub(super) struct TokenCommand {
    pub(super) program: OsString,
    pub(super) resource: String,
}

impl Grant for TokenCommand {
    fn fetch(&self) -> Later<'_, Fresh> {
        Box::pin(async {
            let name = self.program.to_string_lossy();
            let mut command = Command::new(&self.program);
            command.env(RESOURCE_VARIABLE, &self.resource);
            let output = run(command, LONGEST).await.map_err(|failed| {
                let hint = match failed {
                    Failed::NotFound => {
                        "--token-command takes the name or path of one program, without arguments; put arguments into a script"
                    }
                    _ => "it must print an access token, and nothing else, to standard output, and end with exit code 0",
                };
                AuthError::setup(format!("the program `{name}` gave no token: {}", failed.what()), hint)
            })?;
            let text = output.expose_secret().trim();
            let fresh = if text.starts_with('{') {
                Fresh::from_json(text)
            } else {
                Fresh::bare(text)
            };
            fresh.map_err(|what| {
                AuthError::setup(
                    format!("what the program `{name}` printed is no access token: {what}"),
                    "it must print an access token, or JSON with a member access_token or accessToken, and nothing else, to standard output",
                )
            })
        })
    }

    fn giver(&self) -> &'static str {
        "the program of --token-command"
    }
}

/// How a program fails.
#[derive(Debug)]
enum Failed {
    NotFound,
    NotStarted(String),
    TooLong(Duration),
    /// How it ended, and what it said on standard error.
    Ended(String, String),
}

impl Failed {
    fn what(&self) -> String {
        match self {
            Failed::NotFound => "there is no such program".to_owned(),
            Failed::NotStarted(what) => format!("it cannot be started: {what}"),
            Failed::TooLong(limit) => format!("it took more than {} seconds and was ended", limit.as_secs()),
            Failed::Ended(how, said) if said.is_empty() => format!("it ended with {how} and said nothing"),
            Failed::Ended(how, said) => format!("it ended with {how}\nit said: {said}"),
        }
    }
}

/// Runs a program to its end; what it prints on standard output.
async fn run(mut command: Command, limit: Duration) -> Result<SecretString, Failed> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    tracing::debug!(program, "asking a program for a token");
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failed::NotFound,
        _ => Failed::NotStarted(error.to_string()),
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let all = async {
        let (out, err) = tokio::join!(read(stdout), read(stderr));
        (child.wait().await, out, err)
    };
    let (status, out, err) = tokio::time::timeout(limit, all)
        .await
        .map_err(|_| Failed::TooLong(limit))?;
    let status = status.map_err(|error| Failed::NotStarted(error.to_string()))?;
    if status.success() {
        return Ok(SecretString::from(out));
    }
    let how = match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "a signal".to_owned(),
    };
    Err(Failed::Ended(how, shorten(err.trim(), 600)))
}

async fn read(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What broke off is no token, and is found out by whoever reads it.
        let _ = stream.take(MOST_BYTES).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(all(test, unix))]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_does_not_end_is_ended() {
        let mut command = Command::new("sleep");
        command.arg("600");
        let failed = run(command, Duration::from_millis(50))
            .await
            .expect_err("too long");
        assert!(matches!(failed, Failed::TooLong(_)));
        let failed = Failed::TooLong(LONGEST);
        assert_eq!(failed.what(), "it took more than 180 seconds and was ended");
    }

    #[tokio::test]
    async fn a_program_that_prints_without_end_is_cut_off() {
        let output = run(Command::new("yes"), Duration::from_secs(60)).await;
        // It is ended by the closed pipe.
        assert!(matches!(output, Err(Failed::Ended(..))), "{output:?}");
    }
}
