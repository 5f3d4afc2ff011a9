//! Keeping an application's webhook: its address checked, its secret sealed and shown once.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use loggia_push::Application;
use loggia_push::event::Kind;
use loggia_push::hook::{self, Hook, NewHook};
use loggia_sql::Connection;
use serde::Deserialize;
use serde_json::Value;

use super::depot::Depot;
use super::refusal::CredentialsFault;
use super::seal::{Seal, SealFault};
use crate::service::clock::now_ms;

/// How a secret begins, as Standard Webhooks has it.
const PREFIX: &str = "whsec_";
/// How long a secret may be, in bytes.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// The longest address.
const LONGEST: usize = 2_000;

/// A webhook as it is to be; what is absent stays, or is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    url: Option<String>,
    events: Option<BTreeSet<Kind>>,
    /// One of the receiver's own.
    secret: Option<String>,
    /// Another one is made.
    #[serde(default)]
    new_secret: bool,
}

fn refused(member: &str, rule: &str) -> CredentialsFault {
    CredentialsFault::Refused(format!("{member}: {rule}"))
}

/// Whose a sealed secret is.
fn owner(application: &Application) -> String {
    format!("{}/webhook", application.public_id)
}

/// The key in a secret; nothing where it is none.
fn key(secret: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    BYTES.contains(&bytes.len()).then_some(bytes)
}

/// The key by which calls of a webhook are signed.
pub(super) fn open(
    seal: &Seal,
    application: &Application,
    hook: &Hook,
) -> Result<Vec<u8>, SealFault> {
    let secret = seal.open(&owner(application), &hook.secret)?;
    key(&secret).ok_or(SealFault::Sealed)
}

impl Depot {
    /// Keeps an application's webhook in the transaction of the connection, or takes it away where the value is null.
    /// Gives the secret where one was made.
    pub(super) fn set_webhook(
        &self,
        connection: &mut Connection,
        application: &Application,
        value: &Value,
    ) -> Result<Option<String>, CredentialsFault> {
        if value.is_null() {
            hook::delete(connection, application.id, now_ms())?;
            return Ok(None);
        }
        let wanted =
            Wanted::deserialize(value).map_err(|fault| refused("webhook", &fault.to_string()))?;
        let known = hook::of(connection, application.id)?;
        let url = wanted
            .url
            .as_deref()
            .or(known.as_ref().map(|one| &*one.url));
        let url = url.ok_or_else(|| refused("url", "must be given"))?;
        if url.len() > LONGEST {
            return Err(refused("url", "must have at most 2000 bytes"));
        }
        let messenger = self.carriers.messenger();
        let messenger = messenger.ok_or_else(|| refused("webhook", "nobody calls any"))?;
        messenger.check(url).map_err(|rule| refused("url", &rule))?;
        let kinds = wanted.events.or(known.as_ref().map(Hook::kinds));
        let kinds = kinds.unwrap_or_else(|| Kind::ALL.into());
        if wanted
            .secret
            .as_deref()
            .is_some_and(|secret| key(secret).is_none())
        {
            let rule = "must be `whsec_` and 24 to 64 bytes in base64";
            return Err(refused("secret", rule));
        }
        let seal = |secret: &str| self.seal.close(&owner(application), secret);
        let (sealed, made) = match (wanted.secret, &known) {
            (Some(secret), _) => (seal(&secret)?, None),
            (None, Some(known)) if !wanted.new_secret => (known.secret.clone(), None),
            (None, _) => {
                let secret = format!("{PREFIX}{}", STANDARD.encode(rand::random::<[u8; 32]>()));
                (seal(&secret)?, Some(secret))
            }
        };
        let new = NewHook {
            url,
            secret: &sealed,
            kinds: &kinds,
        };
        hook::put(connection, application.id, &new, now_ms())?;
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_prefix_and_enough_bytes() {
        assert_eq!(
            key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap().len(),
            24
        );
        assert_eq!(key("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), None);
        assert_eq!(key("whsec_c2hvcnQ="), None);
        assert_eq!(key("whsec_!"), None);
    }
}
