//! Signing in: where the bearer token of a request comes from.
//!
//! A token is a secret from the moment it is read: it lives in a type that cannot be printed and
//! goes into one place, the `Authorization` header of a request to the environment.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use secrecy::{ExposeSecret, SecretString};

/// The environment variable that a ready token is taken from.
pub const TOKEN_VARIABLE: &str = "CLEARANCE_TOKEN";

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No way of signing in was chosen, and none offers itself.
    #[error(
        "not signed in: the environment variable {TOKEN_VARIABLE} is not set\nhint: {}",
        get_a_token(.0)
    )]
    NoToken(String),
    /// The token cannot be one.
    #[error("{TOKEN_VARIABLE} holds no access token: {what}\nhint: {}", get_a_token(.url))]
    Malformed {
        /// Address of the environment.
        url: String,
        /// What is wrong; never the token.
        what: &'static str,
    },
}

/// How to get a token, in one line.
pub(super) fn get_a_token(url: &str) -> String {
    format!(
        "get a token with the Azure CLI: export {TOKEN_VARIABLE}=$(az account get-access-token --resource {url} --query accessToken -o tsv)"
    )
}

/// The future of a token.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<SecretString, AuthError>> + Send + 'a>>;

/// Something that gives tokens for one environment.
pub trait TokenSource: Send + Sync + fmt::Debug {
    /// A token that is valid now.
    fn token(&self) -> TokenFuture<'_>;
}

/// A token that somebody else got.
#[derive(Debug)]
pub struct GivenToken(SecretString);

impl GivenToken {
    /// Takes a token, with or without the word `Bearer` in front.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn new(token: &SecretString, url: &str) -> Result<GivenToken, AuthError> {
        let malformed = |what| AuthError::Malformed {
            url: url.to_owned(),
            what,
        };
        let text = token.expose_secret().trim();
        let text = match text.split_at_checked(7) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer ") => rest.trim(),
            _ => text,
        };
        if text.is_empty() {
            return Err(malformed("it is empty"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(malformed("a token has no blanks, line breaks or accents"));
        }
        Ok(GivenToken(SecretString::from(text.to_owned())))
    }

    /// Takes the token from [`TOKEN_VARIABLE`].
    ///
    /// # Errors
    /// If the variable is not set or holds no token.
    pub fn from_environment(url: &str) -> Result<GivenToken, AuthError> {
        match std::env::var(TOKEN_VARIABLE) {
            Ok(text) => GivenToken::new(&SecretString::from(text), url),
            Err(std::env::VarError::NotPresent) => Err(AuthError::NoToken(url.to_owned())),
            Err(std::env::VarError::NotUnicode(_)) => Err(AuthError::Malformed {
                url: url.to_owned(),
                what: "it is no text",
            }),
        }
    }
}

impl TokenSource for GivenToken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_trimmed_and_never_shown() {
        let url = "https://contoso.crm4.dynamics.com";
        let token = GivenToken::new(&SecretString::from("  Bearer abc.def\n"), url).expect("a token");
        assert_eq!(token.0.expose_secret(), "abc.def");
        assert!(!format!("{token:?}").contains("abc"));

        let error = GivenToken::new(&SecretString::from("abc def"), url).expect_err("blank");
        assert_eq!(
            error.to_string(),
            "CLEARANCE_TOKEN holds no access token: a token has no blanks, line breaks or accents\n\
             hint: get a token with the Azure CLI: export CLEARANCE_TOKEN=$(az account get-access-token \
             --resource https://contoso.crm4.dynamics.com --query accessToken -o tsv)"
        );
    }
}
