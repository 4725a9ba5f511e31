//! Files of certificates and keys: PEM, and PFX if the program was built with the feature `pfx`.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;

/// What a file must hold.
pub(super) const CONTENT: &str =
    "the file holds the certificate and its private key, both in PEM, without a password";

/// What a file holds.
pub(super) struct Found {
    pub(super) key: PrivateKeyDer<'static>,
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

/// What is wrong, and what would be right.
type Fault = (&'static str, &'static str);

/// Takes a file apart.
///
/// # Errors
/// If key or certificate cannot be read.
pub(super) fn open(bytes: &[u8], password: Option<&SecretString>) -> Result<Found, Fault> {
    // PEM begins with dashes or remarks, PFX with an ASN.1 sequence.
    if bytes.first() == Some(&0x30) {
        return pfx(bytes, password);
    }
    if holds(bytes, b"ENCRYPTED PRIVATE") || holds(bytes, b"Proc-Type: 4,E") {
        return Err((
            "its private key has a password",
            "take it off: openssl pkey -in app.pem -out key.pem, and put certificate and key into one file",
        ));
    }
    let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|_| ("there is no private key in it", CONTENT))?;
    let certificates = CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|_| ("a certificate in it is damaged", CONTENT))?;
    Ok(Found { key, certificates })
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|part| part == words)
}

#[cfg(not(feature = "pfx"))]
fn pfx(_: &[u8], _: Option<&SecretString>) -> Result<Found, Fault> {
    Err((
        "it is a PFX file or in DER, not PEM",
        "make a PEM file of a PFX: openssl pkcs12 -in app.pfx -nodes -out app.pem; or build clearance with `--features pfx`",
    ))
}

#[cfg(feature = "pfx")]
fn pfx(bytes: &[u8], password: Option<&SecretString>) -> Result<Found, Fault> {
    use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use secrecy::ExposeSecret;

    let password = password.map_or("", |password| password.expose_secret());
    // Relaxed: Azure Key Vault and Windows leave out what ties key and certificate together.
    let store = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|_| {
        (
            "it cannot be opened as a PFX file",
            "put its password into CLEARANCE_CERTIFICATE_PASSWORD; none is needed if it has none",
        )
    })?;
    let (_, chain) = store
        .private_key_chain()
        .ok_or(("there is no private key in it", "export it with its private key"))?;
    Ok(Found {
        key: PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec()).into(),
        certificates: chain
            .certs()
            .iter()
            .map(|certificate| CertificateDer::from(certificate.as_der().to_vec()))
            .collect(),
    })
}
