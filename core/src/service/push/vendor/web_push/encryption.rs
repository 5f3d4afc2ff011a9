//! RFC 8291: what only one browser can read.
//!
//! The primitives are ring's, as in TLS: a crate of the whole scheme in portable arithmetic takes five times as
//! long for a message, and with a million subscriptions that is the whole cost.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::{SecureRandom, SystemRandom};

/// Push services take a body of 4096 bytes; the head, the padding's mark and the tag are part of it.
pub(super) const MOST_TEXT: usize = 4096 - HEAD - 1 - 16;

const HEAD: usize = 16 + 4 + 1 + POINT;
const POINT: usize = 65;
const RECORD: u32 = 4096;

/// Whom a message is for.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Reader {
    /// The browser's public key, an uncompressed point.
    pub(super) public_key: [u8; POINT],
    /// The secret that the browser gave with it.
    pub(super) secret: [u8; 16],
}

/// Seals a text; nothing where the key is no point of the curve, or the text too long.
pub(super) fn seal(text: &[u8], reader: &Reader) -> Option<Vec<u8>> {
    if text.len() > MOST_TEXT {
        return None;
    }
    let random = SystemRandom::new();
    let key = EphemeralPrivateKey::generate(&ECDH_P256, &random).ok()?;
    let mut salt = [0; 16];
    random.fill(&mut salt).ok()?;
    let own = key.compute_public_key().ok()?;
    let own = own.as_ref();
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &reader.public_key);
    let agreed = agree_ephemeral(key, &theirs, |shared| {
        let keys = Salt::new(HKDF_SHA256, &reader.secret).extract(shared);
        let info = [b"WebPush: info\0".as_slice(), &reader.public_key, own];
        expand::<32>(&keys, &info)
    });
    let keys = Salt::new(HKDF_SHA256, &salt).extract(&agreed.ok()??);
    let content_key: [u8; 16] = expand(&keys, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = expand(&keys, &[b"Content-Encoding: nonce\0"])?;

    let mut body = Vec::with_capacity(HEAD + text.len() + 17);
    body.extend_from_slice(&salt);
    body.extend_from_slice(&RECORD.to_be_bytes());
    body.push(u8::try_from(own.len()).ok()?);
    body.extend_from_slice(own);
    body.extend_from_slice(text);
    // The mark of the last record.
    body.push(2);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = cipher.seal_in_place_separate_tag(nonce, Aad::empty(), &mut body[HEAD..]);
    body.extend_from_slice(tag.ok()?.as_ref());
    Some(body)
}

fn expand<const LENGTH: usize>(keys: &Prk, info: &[&[u8]]) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    keys.expand(info, Length(LENGTH))
        .ok()?
        .fill(&mut bytes)
        .ok()?;
    Some(bytes)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn reader() -> Reader {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        Reader {
            public_key: decode(point).try_into().unwrap(),
            secret: decode("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap(),
        }
    }

    #[test]
    fn the_head_is_as_rfc_8188_has_it_and_no_two_bodies_are_alike() {
        let text = b"When I grow up, I want to be a watermelon";
        let (first, second) = (
            seal(text, &reader()).unwrap(),
            seal(text, &reader()).unwrap(),
        );
        assert_eq!(first.len(), HEAD + text.len() + 17);
        assert_eq!(&first[16..22], [0, 0, 16, 0, 65, 4]);
        assert_ne!(first[..16], second[..16]);
        assert_ne!(first[21..HEAD], second[21..HEAD]);
    }

    #[test]
    fn what_is_too_long_or_for_nobody_is_not_sealed() {
        assert_eq!(seal(&[0; MOST_TEXT], &reader()).unwrap().len(), 4096);
        assert_eq!(seal(&[0; MOST_TEXT + 1], &reader()), None);
        let nobody = Reader {
            public_key: [4; POINT],
            ..reader()
        };
        assert_eq!(seal(b"a", &nobody), None);
    }
}
