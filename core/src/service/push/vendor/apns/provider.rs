//! The provider token: signed once, used for most of an hour, renewed when Apple says that it is out of date.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use parking_lot::Mutex;
use serde_json::json;

use super::super::jwt::SigningKey;

/// Apple takes a token for an hour, and wants a new one no more often than every twenty minutes.
const LIFE: Duration = Duration::from_mins(50);
const LEAST_LIFE: Duration = Duration::from_mins(20);

/// Signs for one team.
#[derive(Debug)]
pub(super) struct Provider {
    key: SigningKey,
    key_id: String,
    team_id: String,
    present: Mutex<Option<Present>>,
    /// When Apple last made us renew before time.
    forced: Mutex<Option<Instant>>,
}

/// A token that is in use, and its number.
#[derive(Debug, Clone)]
struct Present {
    header: HeaderValue,
    signed: Instant,
    number: u64,
}

impl Provider {
    pub(super) fn new(key: SigningKey, key_id: String, team_id: String) -> Self {
        Self {
            key,
            key_id,
            team_id,
            present: Mutex::new(None),
            forced: Mutex::new(None),
        }
    }

    /// The header with the present token, and the token's number.
    pub(super) fn header(&self) -> Option<(HeaderValue, u64)> {
        let mut present = self.present.lock();
        if let Some(token) = present.as_ref()
            && token.signed.elapsed() < LIFE
        {
            return Some((token.header.clone(), token.number));
        }
        let number = present.as_ref().map_or(1, |token| token.number + 1);
        let token = self.sign(number)?;
        let answer = (token.header.clone(), number);
        *present = Some(token);
        Some(answer)
    }

    /// Says that the token of this number was called out of date. True where another one is there to try with:
    /// the first who says so makes a new one, unless that was done a moment ago and did not help.
    pub(super) fn renew(&self, number: u64) -> bool {
        let mut present = self.present.lock();
        if present.as_ref().is_none_or(|token| token.number != number) {
            return true;
        }
        let mut forced = self.forced.lock();
        if forced.is_some_and(|last| last.elapsed() < LEAST_LIFE) {
            return false;
        }
        *forced = Some(Instant::now());
        *present = self.sign(number + 1);
        present.is_some()
    }

    fn sign(&self, number: u64) -> Option<Present> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        let token = self.key.sign(
            &json!({"alg": "ES256", "kid": self.key_id}),
            &json!({"iss": self.team_id, "iat": now.as_secs()}),
        )?;
        let mut header = HeaderValue::try_from(format!("bearer {token}")).ok()?;
        header.set_sensitive(true);
        Some(Present {
            header,
            signed: Instant::now(),
            number,
        })
    }
}
