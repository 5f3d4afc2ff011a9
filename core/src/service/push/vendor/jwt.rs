//! Signed tokens as the vendors want them: ES256 for Apple and for browsers, RS256 for Google.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;

/// A key that signs.
pub(super) enum SigningKey {
    /// On the curve P-256.
    Elliptic(EcdsaKeyPair),
    /// RSA.
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// A `.p8` text: PKCS#8 in PEM, on P-256.
    pub(super) fn elliptic_from_pem(pem: &str) -> Option<Self> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
        let random = SystemRandom::new();
        let key = key.secret_pkcs8_der();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &random);
        pair.ok().map(Self::Elliptic)
    }

    /// An RSA key in PEM, PKCS#8 or PKCS#1.
    pub(super) fn rsa_from_pem(pem: &str) -> Option<Self> {
        let pair = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return None,
        };
        pair.ok().map(Self::Rsa)
    }

    /// The public half of a key on P-256, an uncompressed point.
    pub(super) fn public_point(&self) -> Option<&[u8]> {
        match self {
            Self::Elliptic(pair) => Some(pair.public_key().as_ref()),
            Self::Rsa(_) => None,
        }
    }

    /// A token of this header and these claims; nothing only where the system gives no random numbers.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> Option<String> {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        let mut token = format!("{header}.{claims}");
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Some(token)
    }

    fn signature(&self, text: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Elliptic(pair) => Some(pair.sign(&random, text).ok()?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature)
                    .ok()?;
                Some(signature)
            }
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey")
    }
}
