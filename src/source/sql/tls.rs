//! TLS towards a database, in the words of libpq's `sslmode`.

use std::{path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};

use super::database::{Trouble, TroubleKind};
use crate::config::DatabaseTls;

/// What the system trusts, and what is in `more`.
pub(super) fn roots(more: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, Trouble> {
    // Some of the system's may be unreadable, as long as others can be read.
    let mut roots = rustls_native_certs::load_native_certs().certs;
    if let Some(path) = more {
        let failed = |what: String| {
            let text = format!("tls_ca: {} {what}", path.display());
            Trouble::new(TroubleKind::Other, text)
        };
        let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| failed(format!("cannot be read: {error}")));
        let found = found?;
        if found.is_empty() {
            return Err(failed("holds no certificate; write PEM".to_owned()));
        }
        roots.extend(found);
    }
    Ok(roots)
}

/// What to connect with.
pub(super) fn client(tls: DatabaseTls, more: Option<&Path>) -> Result<ClientConfig, Trouble> {
    let failed = |error: &dyn std::fmt::Display| {
        Trouble::new(TroubleKind::Other, format!("cannot use TLS: {error}"))
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut store = RootCertStore::empty();
    let strict = match tls {
        DatabaseTls::Disable | DatabaseTls::Require => None,
        DatabaseTls::VerifyCa | DatabaseTls::VerifyFull => {
            store.add_parsable_certificates(roots(more)?);
            let roots = Arc::new(store.clone());
            let verifier =
                WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
            Some(verifier.map_err(|error| failed(&error))?)
        }
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?;
    if tls == DatabaseTls::VerifyFull {
        return Ok(builder.with_root_certificates(store).with_no_client_auth());
    }
    let lenient = Arc::new(Lenient { strict, provider });
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(lenient)
        .with_no_client_auth())
}

/// Takes any certificate, or any of a trusted authority whatever name it is for. That the
/// server holds its key is seen to in either case.
#[derive(Debug)]
struct Lenient {
    strict: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(strict) = &self.strict else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified =
            strict.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The name is looked at last.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
