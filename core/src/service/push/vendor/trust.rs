//! TLS towards vendors: the public roots and the operator's, and a client's certificate where one is used.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// Whom we believe to be who they say.
#[derive(Debug, Clone)]
pub(super) struct Trust(Arc<RootCertStore>);

/// Why there is no TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustFault {
    /// The operator's file.
    #[error("`root_certificates` is not a readable PEM file with certificates")]
    Roots,
    /// An application's certificate.
    #[error("`certificate` and `key` are not a PEM certificate and its private key")]
    Identity,
}

impl Trust {
    /// The public roots, and those in a PEM file.
    pub(super) fn load(extra: Option<&Path>) -> Result<Self, TrustFault> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(path) = extra {
            let text = std::fs::read(path).map_err(|_| TrustFault::Roots)?;
            let certificates = certificates(&text).ok_or(TrustFault::Roots)?;
            for certificate in certificates {
                roots.add(certificate).map_err(|_| TrustFault::Roots)?;
            }
        }
        Ok(Self(Arc::new(roots)))
    }

    /// A configuration without a certificate of ours.
    pub(super) fn anonymous(&self) -> Result<ClientConfig, TrustFault> {
        Ok(self.builder()?.with_no_client_auth())
    }

    /// A configuration that shows this certificate, both in PEM.
    pub(super) fn with_identity(&self, chain: &str, key: &str) -> Result<ClientConfig, TrustFault> {
        let chain = certificates(chain.as_bytes()).ok_or(TrustFault::Identity)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes());
        let key = key.map_err(|_| TrustFault::Identity)?;
        let with = self.builder()?.with_client_auth_cert(chain, key);
        with.map_err(|_| TrustFault::Identity)
    }

    fn builder(
        &self,
    ) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, TrustFault>
    {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        Ok(versions
            .map_err(|_| TrustFault::Roots)?
            .with_root_certificates(Arc::clone(&self.0)))
    }
}

/// All certificates of a PEM text; nothing if there are none or one is broken.
fn certificates(text: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    all.ok().filter(|all| !all.is_empty())
}
