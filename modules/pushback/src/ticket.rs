//! Tickets: a site's back end says by its signature that a page may listen as a user, until some time.
//!
//! `EXPIRES.SIGNATURE`: the time in seconds since 1970, and the HMAC-SHA256 of `USER` + line feed + `EXPIRES` in
//! hexadecimal digits. Its key is the SHA-256 of the application's token in hexadecimal digits, which the back end can
//! make and the pages cannot.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Whether a ticket lets somebody listen as a user now. `key` is the digest of the application's token.
pub(crate) fn is_good(ticket: &str, user: &str, key: &str, now_s: i64) -> bool {
    let Some((expires, signature)) = ticket.split_once('.') else {
        return false;
    };
    let Ok(signature) = hex::decode(signature) else {
        return false;
    };
    let is_in_time = expires.parse().is_ok_and(|expires: i64| now_s < expires);
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return false;
    };
    mac.update(format!("{user}\n{expires}").as_bytes());
    is_in_time && mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(user: &str, expires_s: i64, key: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(format!("{user}\n{expires_s}").as_bytes());
        format!("{expires_s}.{}", hex::encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn a_ticket_is_good_for_its_user_its_application_and_its_time() {
        let good = ticket("7", 1_000, "key");
        assert!(is_good(&good, "7", "key", 999));
        assert!(!is_good(&good, "7", "key", 1_000));
        assert!(!is_good(&good, "8", "key", 999));
        assert!(!is_good(&good, "7", "other", 999));
        assert!(!is_good(&good.replace("1000.", "2000."), "7", "key", 999));
        for nonsense in ["", ".", "1000.", "1000.xy", "x.00"] {
            assert!(!is_good(nonsense, "7", "key", 0), "{nonsense}");
        }
    }
}
