//! A token that somebody else got.

use secrecy::{ExposeSecret, SecretString};

use super::answer::clean;
use super::{AccessToken, AuthError, Later, TokenSource};

/// The environment variable that a ready token is taken from.
pub const TOKEN_VARIABLE: &str = "CLEARANCE_TOKEN";

/// How to get a token, in one line.
pub(super) fn get_a_token(url: &str) -> String {
    format!(
        "get a token with the Azure CLI: export {TOKEN_VARIABLE}=$(az account get-access-token --resource {url} --query accessToken -o tsv)"
    )
}

/// A token that somebody else got. It cannot be renewed.
#[derive(Debug)]
pub struct GivenToken(AccessToken);

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
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer ") => rest,
            _ => text,
        };
        Ok(GivenToken(AccessToken::new(clean(text).map_err(malformed)?)))
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
    fn token(&self) -> Later<'_, AccessToken> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn renew<'a>(&'a self, _: &'a AccessToken) -> Later<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn when_refused(&self, url: &str) -> String {
        format!(
            "it has expired, or it is for another environment\nhint: {}",
            get_a_token(url)
        )
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
        assert_eq!(token.0.expose(), "abc.def");
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
