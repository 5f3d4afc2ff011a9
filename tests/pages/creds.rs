//! An operator of NATS: who hands out `.creds` files, and whom a server believes by signed words (JWT, version 2).

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loggia_tests::evidence;
use nkeys::KeyPair;
use serde_json::{Value, json};

/// An operator with one account.
pub(crate) struct Operator {
    operator: KeyPair,
    account: KeyPair,
}

impl Operator {
    pub(crate) fn new() -> Self {
        Operator {
            operator: KeyPair::new_operator(),
            account: KeyPair::new_account(),
        }
    }

    /// The settings of a server that believes it and has its account.
    pub(crate) fn settings(&self) -> String {
        let (operator, account) = (self.operator.public_key(), self.account.public_key());
        let own = signed(&self.operator, &operator, json!({ "type": "operator" }));
        let limits = json!({
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
            "leaf": -1,
        });
        let claim = json!({ "type": "account", "limits": limits });
        let of_account = signed(&self.operator, &account, claim);
        format!(
            "operator: \"{own}\"\nresolver: MEMORY\nresolver_preload: {{ {account}: \"{of_account}\" }}\n"
        )
    }

    /// What a new user of the account gets, who may publish and hear these subjects.
    pub(crate) fn credentials(&self, subjects: &[&str]) -> Credentials {
        let user = KeyPair::new_user();
        let claim = json!({
            "type": "user", "subs": -1, "data": -1, "payload": -1,
            "pub": { "allow": subjects }, "sub": { "allow": subjects },
        });
        Credentials {
            token: signed(&self.account, &user.public_key(), claim),
            seed: user.seed().expect("a seed"),
        }
    }
}

/// What proves a user.
pub(crate) struct Credentials {
    token: String,
    seed: String,
}

impl Credentials {
    /// The text of a `.creds` file.
    pub(crate) fn file(&self) -> String {
        let Credentials { token, seed } = self;
        evidence::credential(token);
        evidence::credential(seed);
        format!(
            "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        )
    }

    /// Whether a text tells one of its secrets.
    pub(crate) fn is_told_in(&self, text: &str) -> bool {
        text.contains(&self.seed) || text.contains(&self.token)
    }
}

/// A claim about a subject, signed by who vouches for it.
fn signed(issuer: &KeyPair, subject: &str, mut claim: Value) -> String {
    claim["version"] = json!(2);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let claims = json!({
        "jti": format!("about {subject}"),
        "iat": now.expect("a clock").as_secs(),
        "iss": issuer.public_key(),
        "sub": subject,
        "nats": claim,
    });
    let head = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let text = format!("{}.{}", encoded(&head), encoded(&claims));
    let signature = issuer.sign(text.as_bytes()).expect("a signature");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
