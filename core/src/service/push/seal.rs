//! Credentials at rest: sealed with a key of this installation, which lies beside the configuration and not in the
//! database, so that neither a copy of the database nor a backup of it can send.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// The name of the key's file.
const FILE: &str = "push.key";
/// What a sealed text begins with: the way in which it is sealed.
const FORM: &str = "1:";

/// Why something could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealFault {
    /// The key's file.
    #[error("the file push.key beside the configuration: {0}")]
    File(#[from] io::Error),
    /// The file holds no key.
    #[error(
        "the file push.key beside the configuration does not hold a key of 64 hexadecimal digits"
    )]
    Key,
    /// It was sealed with another key, or damaged.
    #[error("the credentials were sealed with another push.key; every node needs the same")]
    Sealed,
}

/// The key, read or made when it is first needed.
pub(super) struct Seal {
    path: PathBuf,
    key: OnceLock<LessSafeKey>,
}

impl Seal {
    /// With the key in a folder.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            path: folder.join(FILE),
            key: OnceLock::new(),
        }
    }

    /// Seals a text for its owner: it opens for nobody else.
    pub(super) fn close(&self, owner: &str, text: &str) -> Result<String, SealFault> {
        let key = self.key(true)?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut bytes = text.as_bytes().to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(owner),
            &mut bytes,
        )
        .map_err(|_| SealFault::Sealed)?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut bytes);
        Ok(format!("{FORM}{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Opens what was sealed for an owner.
    pub(super) fn open(&self, owner: &str, sealed: &str) -> Result<String, SealFault> {
        let key = self.key(false)?;
        let coded = sealed.strip_prefix(FORM).ok_or(SealFault::Sealed)?;
        let mut bytes = URL_SAFE_NO_PAD
            .decode(coded)
            .map_err(|_| SealFault::Sealed)?;
        let (nonce, content) = bytes
            .split_at_mut_checked(NONCE_LEN)
            .ok_or(SealFault::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealFault::Sealed)?;
        let opened = key
            .open_in_place(nonce, Aad::from(owner), content)
            .map_err(|_| SealFault::Sealed)?;
        String::from_utf8(opened.to_vec()).map_err(|_| SealFault::Sealed)
    }

    fn key(&self, may_be_made: bool) -> Result<&LessSafeKey, SealFault> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let key = match self.read() {
            Err(SealFault::File(error))
                if error.kind() == io::ErrorKind::NotFound && may_be_made =>
            {
                self.make()?;
                self.read()?
            }
            other => other?,
        };
        Ok(self.key.get_or_init(|| key))
    }

    fn read(&self) -> Result<LessSafeKey, SealFault> {
        let mut text = String::new();
        OpenOptions::new()
            .read(true)
            .open(&self.path)?
            .read_to_string(&mut text)?;
        let bytes = hex::decode(text.trim()).map_err(|_| SealFault::Key)?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| SealFault::Key)?;
        Ok(LessSafeKey::new(key))
    }

    /// Makes the file, whole and for its owner alone. Where somebody else was quicker, theirs stays.
    fn make(&self) -> io::Result<()> {
        let unfinished = self
            .path
            .with_extension(format!("{}.part", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        let key: [u8; 32] = rand::random();
        writeln!(file, "{}", hex::encode(key))?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&unfinished, &self.path);
        std::fs::remove_file(&unfinished)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_sealed_text_opens_for_its_owner_with_the_same_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::new(folder.path().to_owned());
        let sealed = seal.close("shop", "secret").unwrap();
        assert!(!sealed.contains("secret"));
        assert_ne!(sealed, seal.close("shop", "secret").unwrap());
        let again = Seal::new(folder.path().to_owned());
        assert_eq!(again.open("shop", &sealed).unwrap(), "secret");
        assert!(matches!(
            again.open("other", &sealed),
            Err(SealFault::Sealed)
        ));
        assert!(matches!(
            again.open("shop", "1:abc"),
            Err(SealFault::Sealed)
        ));
        let mode = std::fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let elsewhere = tempfile::tempdir().unwrap();
        let other = Seal::new(elsewhere.path().to_owned());
        assert!(matches!(
            other.open("shop", &sealed),
            Err(SealFault::File(_))
        ));
        other.close("shop", "").unwrap();
        assert!(matches!(
            other.open("shop", &sealed),
            Err(SealFault::Sealed)
        ));
    }
}
