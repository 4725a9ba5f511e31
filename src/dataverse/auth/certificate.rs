//! An application that signs with the key of its certificate.
//!
//! The assertion is a JWT: `PS256` with the certificate's SHA-256 thumbprint for Microsoft Entra
//! (vendor's page on certificate credentials, read 2026-11-23), `RS256` with the SHA-1 thumbprint
//! for AD FS, which knows nothing newer (MSAL does the same). Both take RSA keys only.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::digest;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{SignatureAlgorithm, SignatureScheme};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::answer::{Fresh, Refusal};
use super::authority::{Authority, Endpoint};
use super::certificate_file::{CONTENT, Found, open};
use super::client_secret::{Proof, ask, token};
use super::explain::{About, clocks};
use super::kept::Grant;
use super::named::Kind;
use super::{AuthError, Later};

/// The environment variable that names the file.
pub(super) const CERTIFICATE_VARIABLE: &str = "CLEARANCE_CERTIFICATE";

/// The environment variable that holds the password of a PFX file.
pub(super) const PASSWORD_VARIABLE: &str = "CLEARANCE_CERTIFICATE_PASSWORD";

/// OAuth's name for assertions that are JWTs.
pub(super) const ASSERTION_TYPE: (&str, &str) = (
    "client_assertion_type",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
);

/// Entra's number for an assertion from another time.
const NOT_NOW: u64 = 700_024;

/// Seconds by which clocks may differ; services allow five minutes.
const TOLERATED: i64 = 300;

/// A certificate and its key.
pub(super) struct Certificate {
    der: CertificateDer<'static>,
    key: Arc<dyn SigningKey>,
}

impl Certificate {
    /// Reads a file with a certificate and its private key.
    ///
    /// # Errors
    /// If it cannot be used; the text says how to make it usable, and holds nothing of the key.
    pub(super) fn read(path: &Path, password: Option<&SecretString>) -> Result<Certificate, AuthError> {
        let fault = |(what, hint): (String, String)| {
            AuthError::setup(
                format!("{CERTIFICATE_VARIABLE} names `{}`: {what}", path.display()),
                hint,
            )
        };
        let bytes = std::fs::read(path).map_err(|error| {
            fault((
                error.to_string(),
                format!("{CERTIFICATE_VARIABLE} is the path of a file; {CONTENT}"),
            ))
        })?;
        let fault = |what: &str, hint: &str| fault((what.to_owned(), hint.to_owned()));
        let Found { key, certificates } = open(&bytes, password).map_err(|(what, hint)| fault(what, hint))?;
        let key = rustls::crypto::ring::sign::any_supported_type(&key).map_err(|_| {
            fault(
                "its private key cannot be used",
                "it must be an RSA key of 2048 bits or more",
            )
        })?;
        if key.algorithm() != SignatureAlgorithm::RSA {
            return Err(fault(
                "its key is no RSA key",
                "Microsoft Entra and AD FS take RSA keys only; make a certificate with one",
            ));
        }
        if certificates.is_empty() {
            return Err(fault("there is no certificate in it", CONTENT));
        }
        // A chain may be in there, in any order.
        let own = certificates.into_iter().find(|der| {
            CertifiedKey::new(vec![der.clone()], Arc::clone(&key))
                .keys_match()
                .is_ok()
        });
        let der = own.ok_or_else(|| fault("certificate and private key do not belong together", CONTENT))?;
        Ok(Certificate { der, key })
    }

    /// The thumbprint as portals show it.
    fn thumbprint(&self) -> String {
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der);
        digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// What proves that the application has the key.
    fn assertion(&self, client: &str, endpoint: &Endpoint, now: i64) -> Result<SecretString, AuthError> {
        let (algorithm, thumbprint, scheme, hash) = match endpoint.kind {
            Kind::Entra => (
                "PS256",
                "x5t#S256",
                SignatureScheme::RSA_PSS_SHA256,
                &digest::SHA256,
            ),
            Kind::AdFs => (
                "RS256",
                "x5t",
                SignatureScheme::RSA_PKCS1_SHA256,
                &digest::SHA1_FOR_LEGACY_USE_ONLY,
            ),
        };
        let fault = |what: &str| {
            AuthError::setup(
                format!("the assertion cannot be signed: {what}"),
                "use another key",
            )
        };
        let mut id = [0; 16];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut id)
            .map_err(|_| fault("there is no randomness"))?;
        let header = json!({
            "alg": algorithm,
            "typ": "JWT",
            thumbprint: URL_SAFE_NO_PAD.encode(digest::digest(hash, &self.der)),
        });
        let claims = json!({
            "aud": endpoint.token_url()?.as_str(),
            "iss": client,
            "sub": client,
            "jti": uuid::Builder::from_random_bytes(id).into_uuid(),
            // Clocks differ by a little.
            "nbf": now - 120,
            "iat": now,
            "exp": now + 600,
        });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signer = self
            .key
            .choose_scheme(&[scheme])
            .ok_or_else(|| fault("the key does not fit"))?;
        let signature = signer
            .sign(signed.as_bytes())
            .map_err(|error| fault(&error.to_string()))?;
        Ok(SecretString::from(format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(signature)
        )))
    }
}

/// An application and its certificate.
pub(super) struct ClientCertificate {
    authority: Authority,
    client: String,
    certificate: Certificate,
    /// Seconds by which this machine's clock is ahead of the service's.
    ahead: AtomicI64,
}

impl ClientCertificate {
    pub(super) fn new(authority: Authority, client: String, certificate: Certificate) -> ClientCertificate {
        ClientCertificate {
            authority,
            client,
            certificate,
            ahead: AtomicI64::new(0),
        }
    }

    async fn get(&self) -> Result<Fresh, AuthError> {
        let endpoint = self.authority.endpoint().await?;
        let thumbprint = self.certificate.thumbprint();
        let mut about = About::new(&self.client, endpoint);
        about.certificate = &thumbprint;
        let mut corrected = false;
        loop {
            let now = Timestamp::now().as_second();
            let ahead = self.ahead.load(Ordering::Relaxed);
            let assertion = self.certificate.assertion(&self.client, endpoint, now - ahead)?;
            let proof = Proof {
                open: &[ASSERTION_TYPE],
                secret: ("client_assertion", &assertion),
            };
            let answer = ask(&self.authority, endpoint, &self.client, &proof).await?;
            if !answer.is_success()
                && !corrected
                && let Some(theirs) = answer.date()
            {
                let apart = now - theirs.as_second();
                let refusal = Refusal::read(answer.status, answer.body.expose_secret(), &[&assertion]);
                // AD FS has no number for it; there, the clocks themselves tell.
                let by_clocks = endpoint.kind == Kind::AdFs && (apart - ahead).abs() > TOLERATED;
                if refusal.code == Some(NOT_NOW) || by_clocks {
                    // The service has just told its own time, and that counts.
                    tracing::warn!(
                        seconds = apart,
                        "{}; its clock is used instead",
                        clocks(Some(apart))
                            .unwrap_or_else(|| "the assertion is from another time".to_owned())
                    );
                    self.ahead.store(apart, Ordering::Relaxed);
                    corrected = true;
                    continue;
                }
            }
            return token(&answer, &[&assertion], &about);
        }
    }
}

impl Grant for ClientCertificate {
    fn fetch(&self) -> Later<'_, Fresh> {
        Box::pin(self.get())
    }

    fn giver(&self) -> &'static str {
        "the sign-in service"
    }
}
