//! Assertions by which an application proves itself: verified as the real services do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use webpki::EndEntityCert;

use super::reply::Reply;
use super::token::Kind;
use super::{Asked, Shared};

/// Clocks may differ by so much, in seconds.
const SKEW: i64 = 300;

/// Checks the assertion of a request.
pub(super) fn check(asked: &Asked<'_>, kind: Kind) -> Result<(), Reply> {
    let shared = asked.shared;
    let client = &shared.behaviour.client;
    if asked.field("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
        return Err(malformed("client_assertion_type is missing or unknown."));
    }
    let assertion = asked.field("client_assertion");
    if shared.behaviour.federated.iter().any(|known| known == assertion) {
        return Ok(());
    }
    let parts: Vec<&str> = assertion.split('.').collect();
    let (Some(header), Some(claims), [_, _, signature]) = (
        parts.first().and_then(|part| parsed(part)),
        parts.get(1).and_then(|part| parsed(part)),
        &parts[..],
    ) else {
        // Not a JWT that this service could have been given by the application itself.
        return Err(Reply::refusal(
            401,
            700_213,
            "invalid_client",
            "No matching federated identity record found for presented assertion subject 'system:serviceaccount:audit:clearance'.",
        ));
    };
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let (algorithm, thumbprint, hash) = match kind {
        Kind::Entra => ("PS256", "x5t#S256", &digest::SHA256),
        Kind::AdFs => ("RS256", "x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY),
    };
    if text(&header, "alg") != algorithm || text(&header, "typ") != "JWT" {
        return Err(malformed("The assertion's algorithm is not supported."));
    }
    let named = text(&header, thumbprint);
    let known = shared
        .behaviour
        .certificates
        .iter()
        .find(|der| URL_SAFE_NO_PAD.encode(digest::digest(hash, der)) == named);
    let Some(der) = known else {
        return Err(Reply::refusal(
            401,
            700_027,
            "invalid_client",
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '{named}']."
            ),
        ));
    };
    let signed = &assertion[..assertion.len() - signature.len() - 1];
    if !is_signed(der, kind, signed, signature) {
        return Err(Reply::refusal(
            401,
            700_027,
            "invalid_client",
            "Client assertion failed signature validation.",
        ));
    }
    let audience = audience(shared, asked.path);
    if text(&claims, "aud") != audience {
        return Err(malformed("The assertion's audience is not this endpoint."));
    }
    if text(&claims, "iss") != *client || text(&claims, "sub") != *client || text(&claims, "jti").len() < 16 {
        return Err(malformed("The assertion's issuer, subject or id is wrong."));
    }
    let now = shared.now().as_second();
    let second = |name: &str| claims[name].as_i64().unwrap_or(i64::MIN / 2);
    let (from, until) = (second("nbf"), second("exp"));
    if now < from - SKEW || now > until + SKEW || until - from > 3600 {
        if kind == Kind::AdFs {
            // Which words it has for this is not documented; these are made up.
            let body = json!({ "error": "invalid_client", "error_description": "The client assertion is not valid now." });
            return Err(Reply::json(400, &body));
        }
        return Err(Reply::refusal(
            401,
            700_024,
            "invalid_client",
            format!(
                "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, expiry time of assertion {until}."
            ),
        ));
    }
    Ok(())
}

fn audience(shared: &Shared, path: &str) -> String {
    format!("{}{path}", shared.url())
}

fn parsed(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn is_signed(der: &[u8], kind: Kind, signed: &str, signature: &str) -> bool {
    let algorithm = match kind {
        Kind::Entra => webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        Kind::AdFs => webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    };
    let der = CertificateDer::from(der);
    let (Ok(certificate), Ok(signature)) = (EndEntityCert::try_from(&der), URL_SAFE_NO_PAD.decode(signature))
    else {
        return false;
    };
    certificate
        .verify_signature(algorithm, signed.as_bytes(), &signature)
        .is_ok()
}

fn malformed(text: &str) -> Reply {
    Reply::refusal(
        400,
        50027,
        "invalid_request",
        format!("JWT token is invalid or malformed. {text}"),
    )
}
