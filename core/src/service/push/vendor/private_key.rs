//! A private key in PEM that has a password: it is opened when it is handed over, and the password is kept nowhere.

use pkcs8::der::Decode as _;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, SecretDocument};

/// How a key begins that PKCS#8 has encrypted, and how it ends.
const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// What OpenSSL once wrote into the key's own text.
const TRADITIONAL: &str = "Proc-Type: 4,ENCRYPTED";
/// How long a password may be chewed: what programs choose, several times over.
const MOST_ROUNDS: u32 = 2_000_000;
/// The same for scrypt, in bytes times lanes.
const MOST_SCRYPT_BYTES: u64 = 128 * 1024 * 1024;

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyFault {
    /// The way in which old programs encrypt.
    #[error(
        "`apns.key` is encrypted in a way that is not taken; \
         `openssl pkcs8 -topk8 -v2 aes256 -in OLD.pem -out NEW.pem` makes one that is"
    )]
    OldWay,
    /// It is encrypted, and nobody says with what.
    #[error("`apns.key` is encrypted, and `apns.password` is missing")]
    NoPassword,
    /// Another password, or another thing behind it.
    #[error("`apns.password` does not open `apns.key`")]
    WrongPassword,
    /// To open it would take too long.
    #[error("`apns.key` is encrypted with more rounds than are taken")]
    TooSlow,
    /// It is cut off or damaged.
    #[error("`apns.key` is not a PEM text of a private key")]
    Broken,
}

/// The key as it is without a password. One that has none is handed back as it came.
pub(crate) fn opened(pem: &str, password: &str) -> Result<String, KeyFault> {
    if pem.contains(TRADITIONAL) {
        return Err(KeyFault::OldWay);
    }
    let Some(from) = pem.find(BEGIN) else {
        return Ok(pem.to_owned());
    };
    if password.is_empty() {
        return Err(KeyFault::NoPassword);
    }
    let text = &pem[from..];
    let to = text.find(END).ok_or(KeyFault::Broken)? + END.len();
    let (_, sealed) = SecretDocument::from_pem(&text[..to]).map_err(|_| KeyFault::Broken)?;
    let sealed = EncryptedPrivateKeyInfoRef::from_der(sealed.as_bytes());
    let sealed = sealed.map_err(|_| KeyFault::OldWay)?;
    affordable(&sealed.encryption_algorithm)?;
    let open = sealed.decrypt(password);
    let open = open.map_err(|_| KeyFault::WrongPassword)?;
    let plain = open.to_pem("PRIVATE KEY", LineEnding::LF);
    plain
        .map(|text| text.to_string())
        .map_err(|_| KeyFault::Broken)
}

/// Whether it can be opened in a moment: how much work that is, says the key itself.
fn affordable(scheme: &EncryptionScheme) -> Result<(), KeyFault> {
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err(KeyFault::OldWay);
    };
    let is_quick = match &parameters.kdf {
        Kdf::Pbkdf2(one) => one.iteration_count <= MOST_ROUNDS,
        Kdf::Scrypt(one) => {
            let blocks = u64::from(one.block_size) * u64::from(one.parallelization);
            let bytes = blocks
                .saturating_mul(128)
                .saturating_mul(one.cost_parameter);
            bytes <= MOST_SCRYPT_BYTES
        }
        _ => return Err(KeyFault::OldWay),
    };
    is_quick.then_some(()).ok_or(KeyFault::TooSlow)
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    const PLAIN: &str = include_str!("tests/keys/plain.pem");
    const PBKDF2: &str = include_str!("tests/keys/pbkdf2.pem");

    fn bytes(pem: &str) -> Vec<u8> {
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
        key.secret_der().to_vec()
    }

    #[test]
    fn a_key_that_openssl_has_encrypted_opens_with_its_password() {
        for sealed in [
            PBKDF2,
            include_str!("tests/keys/triple_des.pem"),
            include_str!("tests/keys/scrypt.pem"),
        ] {
            let open = opened(sealed, "open sesame").unwrap();
            assert_eq!(bytes(&open), bytes(PLAIN));
            assert_eq!(opened(sealed, "open"), Err(KeyFault::WrongPassword));
            assert_eq!(opened(sealed, ""), Err(KeyFault::NoPassword));
        }
    }

    #[test]
    fn a_key_is_found_among_what_else_stands_in_its_file() {
        let bag = PBKDF2.replace('\n', "\r\n");
        let file = format!(
            "Bag Attributes\r\n    localKeyID: 01\r\nKey Attributes: <No Attributes>\r\n{bag}"
        );
        let open = opened(&file, "open sesame").unwrap();
        assert_eq!(bytes(&open), bytes(PLAIN));
    }

    #[test]
    fn a_key_without_a_password_stays_as_it_is() {
        assert_eq!(opened(PLAIN, "").as_deref(), Ok(PLAIN));
        assert_eq!(opened(PLAIN, "needless").as_deref(), Ok(PLAIN));
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let half = &PBKDF2[..PBKDF2.len() / 2];
        let cut = format!("{half}\n{END}\n");
        for (pem, fault) in [
            (include_str!("tests/keys/traditional.pem"), KeyFault::OldWay),
            (include_str!("tests/keys/pkcs12.pem"), KeyFault::OldWay),
            (include_str!("tests/keys/slow.pem"), KeyFault::TooSlow),
            (half, KeyFault::Broken),
            (&cut, KeyFault::Broken),
        ] {
            assert_eq!(opened(pem, "open sesame"), Err(fault), "{pem}");
        }
    }
}
