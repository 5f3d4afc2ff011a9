//! A certificate authority of the fakes' own: for their addresses, and for the certificates of clients.

use std::sync::Arc;

use pkcs8::pkcs5::pbes2::Parameters;
use pkcs8::{LineEnding, PrivateKeyInfoRef};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The authority.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A client's certificate and its key, both in PEM.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
    /// The same, encrypted with its password.
    pub protected_key: String,
}

/// What opens the key of an application's certificate that has a password.
pub(crate) const PASSWORD: &str = "a password with blanks";

impl Authority {
    pub(crate) fn new() -> Result<Self, Fault> {
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters
            .distinguished_name
            .push(DnType::CommonName, "fake vendors");
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        Ok(Self { issuer })
    }

    /// Its own certificate in PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn client(&self) -> Result<ClientCertificate, Fault> {
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters
            .distinguished_name
            .push(DnType::CommonName, "an application");
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(ClientCertificate {
            certificate: certificate.pem(),
            protected_key: protected(&key.serialize_der())?,
            key: key.serialize_pem(),
        })
    }

    /// A server's side that speaks these protocols and takes a client's certificate where one is shown.
    pub(crate) fn server(&self, protocols: &[&str]) -> Result<Arc<ServerConfig>, Fault> {
        let key = KeyPair::generate()?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names)?.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone())?;
        let clients =
            WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
        let clients = clients.allow_unauthenticated().build()?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        Ok(Arc::new(config))
    }
}

/// The key with a password, as OpenSSL encrypts it.
fn protected(key: &[u8]) -> Result<String, Fault> {
    let (salt, iv): ([u8; 8], [u8; 16]) = (rand::random(), rand::random());
    let way = Parameters::generate_pbkdf2_sha256_aes256cbc(2048, &salt, iv)?;
    let sealed = PrivateKeyInfoRef::try_from(key)?.encrypt_with_params(way, PASSWORD)?;
    let text = sealed.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF)?;
    Ok(text.to_string())
}
