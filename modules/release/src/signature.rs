//! Licence files: signed statements that a program believes without asking this server.
//!
//! What is signed is the statement's *canonical text*: its members as one JSON object, sorted by name, without
//! white space, in UTF-8. Values are texts without control characters, whole numbers and null only, so that
//! every language writes the same bytes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What stands before the 32 bytes of an Ed25519 key in its usual wrapping (RFC 8410).
const PUBLIC_KEY_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The members of a licence file, by name.
#[derive(Clone, Debug, Default)]
pub struct Statement(BTreeMap<&'static str, Value>);

impl Statement {
    /// Adds a text, without what languages write differently: control characters and line separators.
    pub fn text(&mut self, name: &'static str, text: &str) {
        let is_plain = |c: &char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
        let plain: String = text.chars().filter(is_plain).collect();
        self.0.insert(name, plain.into());
    }

    /// Adds a text that may be missing.
    pub fn optional(&mut self, name: &'static str, text: Option<&str>) {
        match text {
            Some(text) => self.text(name, text),
            None => drop(self.0.insert(name, Value::Null)),
        }
    }

    /// Adds a whole number.
    pub fn number(&mut self, name: &'static str, number: i64) {
        self.0.insert(name, number.into());
    }

    /// The text that is signed.
    pub fn canonical(&self) -> String {
        // A map with texts for keys can always be written.
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// The key that signs licence files.
pub struct Signer(SigningKey);

impl Signer {
    /// A key by its 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Signer(SigningKey::from_bytes(secret))
    }

    /// A key by its secret bytes in hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut secret = [0; 32];
        hex::decode_to_slice(text, &mut secret).ok()?;
        Some(Self::new(&secret))
    }

    /// The key that others check signatures with: its 32 bytes in Base64.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.0.verifying_key().to_bytes())
    }

    /// The same, as most programs read it.
    pub fn pem(&self) -> String {
        let bytes = [&PUBLIC_KEY_HEAD[..], &self.0.verifying_key().to_bytes()].concat();
        let text = STANDARD.encode(bytes);
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    }

    /// A short name of the key, by which a program sees that it knows another one.
    pub fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.0.verifying_key().to_bytes())[..8])
    }

    /// The file that states this.
    pub fn file(&self, mut statement: Statement) -> String {
        #[derive(Serialize)]
        struct File<'a> {
            licence: &'a BTreeMap<&'static str, Value>,
            signature: String,
        }
        statement.text("key_id", &self.id());
        let signature = self.0.sign(statement.canonical().as_bytes());
        let file = File {
            licence: &statement.0,
            signature: STANDARD.encode(signature.to_bytes()),
        };
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, VerifyingKey};

    use super::*;

    /// The first test vector of RFC 8032.
    const SECRET: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn statement() -> Statement {
        let mut statement = Statement::default();
        statement.text("holder", "Jane \"J\" \\ Döe\u{7}\u{7f}\u{2028}/");
        statement.number("licence", 17);
        statement.optional("site", None);
        statement.optional("email", Some("jane@example.org"));
        statement
    }

    fn is_valid(file: &str) -> bool {
        let file: Value = serde_json::from_str(file).unwrap();
        let members: BTreeMap<String, Value> =
            serde_json::from_value(file["licence"].clone()).unwrap();
        let text = serde_json::to_string(&members).unwrap();
        let signature = STANDARD.decode(file["signature"].as_str().unwrap());
        let signature = signature
            .ok()
            .and_then(|bytes| Signature::from_slice(&bytes).ok());
        let key = hex::decode(PUBLIC).unwrap().try_into().unwrap();
        let key = VerifyingKey::from_bytes(&key).unwrap();
        signature.is_some_and(|signature| key.verify_strict(text.as_bytes(), &signature).is_ok())
    }

    #[test]
    fn the_canonical_text_is_sorted_bare_and_the_same_everywhere() {
        assert_eq!(
            statement().canonical(),
            r#"{"email":"jane@example.org","holder":"Jane \"J\" \\ Döe/","licence":17,"site":null}"#
        );
    }

    #[test]
    fn a_file_holds_until_anything_in_it_is_changed() {
        let file = Signer::parse(SECRET).unwrap().file(statement());
        assert!(is_valid(&file));
        for (from, to) in [
            ("17", "18"),
            ("jane@", "june@"),
            ("null", "\"example.org\""),
            ("\"signature\": \"", "\"signature\": \"A"),
        ] {
            assert!(file.contains(from), "{file}");
            assert!(!is_valid(&file.replacen(from, to, 1)), "{from}");
        }
        let spaced = file.replace('\n', "").replace(": ", ":   ");
        assert!(is_valid(&spaced), "white space is not signed");
    }

    #[test]
    fn the_public_key_is_the_one_of_the_standard() {
        let signer = Signer::parse(SECRET).unwrap();
        assert_eq!(
            hex::encode(STANDARD.decode(signer.public_key()).unwrap()),
            PUBLIC
        );
        assert_eq!(
            signer.pem(),
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
             -----END PUBLIC KEY-----\n"
        );
        assert_eq!(signer.id().len(), 16);
        for wrong in ["", "9d61", &SECRET[1..], &SECRET.replace('9', "x")] {
            assert!(Signer::parse(wrong).is_none());
        }
    }
}
