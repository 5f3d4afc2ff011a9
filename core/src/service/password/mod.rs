//! Password hashes: Argon2id for every new one; what Joomla stored is read and replaced at the next log-in.

mod legacy;
mod places;

use std::sync::OnceLock;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use places::Places;

/// The longest password that is looked at. A longer one is wrong, at the price of any other wrong one.
pub const MAX_PASSWORD_BYTES: usize = 4096;

/// How long a call waits for its turn to hash.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// Hashes and checks passwords. Each hash takes about 19 MiB and some hundredths of a second, so only a few
/// run at once; a caller beyond waits for his turn. Never to be called from an async worker.
pub struct Passwords {
    hasher: Argon2<'static>,
    places: Places,
    stand_in: OnceLock<String>,
}

/// What a check came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is not the right one, or there is none.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right, and this hash of it is to replace the stored one, which is of an older kind.
    RightWithNewHash(String),
}

/// Whether a stored hash is of a kind that a password can be checked against.
pub fn is_known(stored: &str) -> bool {
    if stored.starts_with("$argon2") {
        return PasswordHash::new(stored).is_ok();
    }
    legacy::is_known(stored)
}

/// Why a password was neither right nor wrong.
#[derive(Debug, thiserror::Error)]
pub enum PasswordFault {
    /// Too many others hash at present.
    #[error("no turn to hash a password came in time")]
    Busy,
    /// The hash function failed, for want of memory or of randomness.
    #[error("a password could not be hashed")]
    Failed,
}

impl Passwords {
    /// With the cost recommended for servers: 19 MiB, two passes, one lane.
    pub fn new() -> Self {
        Self::with_parameters(Params::default())
    }

    /// With a cost that only tests may want.
    #[cfg(test)]
    pub(crate) fn quick() -> Self {
        Self::with_parameters(Params::new(Params::MIN_M_COST, 1, 1, None).unwrap())
    }

    fn with_parameters(parameters: Params) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            hasher: Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters),
            places: Places::new(processors.min(8)),
            stand_in: OnceLock::new(),
        }
    }

    /// Hashes a password that is to be stored.
    pub fn hash(&self, password: &str) -> Result<String, PasswordFault> {
        let _place = self.places.take(TURN_TIMEOUT).ok_or(PasswordFault::Busy)?;
        self.hash_now(password)
    }

    /// Checks a password against a stored hash. Without one, or with one that cannot be read, the answer is
    /// [`Verdict::Wrong`] after the time that a wrong password takes.
    pub fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict, PasswordFault> {
        let _place = self.places.take(TURN_TIMEOUT).ok_or(PasswordFault::Busy)?;
        let stand_in = self.stand_in()?;
        if password.len() > MAX_PASSWORD_BYTES {
            self.waste_time(stand_in);
            return Ok(Verdict::Wrong);
        }
        let stored = stored.unwrap_or_default();
        if stored.starts_with("$argon2") {
            return self.verify_argon2(password, stored);
        }
        match legacy::verify(password, stored) {
            Some(true) => Ok(Verdict::RightWithNewHash(self.hash_now(password)?)),
            Some(false) => Ok(Verdict::Wrong),
            None => {
                self.waste_time(stand_in);
                Ok(Verdict::Wrong)
            }
        }
    }

    fn hash_now(&self, password: &str) -> Result<String, PasswordFault> {
        self.hasher
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|_| PasswordFault::Failed)
    }

    fn verify_argon2(&self, password: &str, stored: &str) -> Result<Verdict, PasswordFault> {
        let Ok(hash) = PasswordHash::new(stored) else {
            return Ok(Verdict::Wrong);
        };
        if self
            .hasher
            .verify_password(password.as_bytes(), &hash)
            .is_err()
        {
            return Ok(Verdict::Wrong);
        }
        if self.is_current(&hash) {
            return Ok(Verdict::Right);
        }
        Ok(Verdict::RightWithNewHash(self.hash_now(password)?))
    }

    fn is_current(&self, hash: &PasswordHash) -> bool {
        let wanted = self.hasher.params();
        hash.algorithm == Algorithm::Argon2id.ident()
            && Params::try_from(hash).is_ok_and(|found| {
                (found.m_cost(), found.t_cost(), found.p_cost())
                    == (wanted.m_cost(), wanted.t_cost(), wanted.p_cost())
            })
    }

    /// The hash of a password that nobody has, made once, before the first verdict, so that the first unknown
    /// account takes no longer than the second.
    fn stand_in(&self) -> Result<&str, PasswordFault> {
        if let Some(stand_in) = self.stand_in.get() {
            return Ok(stand_in);
        }
        let made = self.hash_now(&crate::service::secret::random_token())?;
        Ok(self.stand_in.get_or_init(|| made))
    }

    fn waste_time(&self, stand_in: &str) {
        if let Ok(hash) = PasswordHash::new(stand_in) {
            // Nobody has this password, so the outcome is known; only its cost is wanted.
            std::hint::black_box(self.hasher.verify_password(b"", &hash).is_ok());
        }
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_against_its_own_hash_only() {
        let passwords = Passwords::quick();
        let stored = passwords.hash("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert_eq!(
            passwords.verify("correct horse", Some(&stored)).unwrap(),
            Verdict::Right
        );
        assert_eq!(
            passwords.verify("Correct horse", Some(&stored)).unwrap(),
            Verdict::Wrong
        );
    }

    #[test]
    fn tags_and_quotes_are_part_of_a_password() {
        let passwords = Passwords::quick();
        let stored = passwords.hash("<b>\"'&amp;</b> ü").unwrap();
        assert_eq!(
            passwords
                .verify("<b>\"'&amp;</b> ü", Some(&stored))
                .unwrap(),
            Verdict::Right
        );
        assert_eq!(
            passwords.verify("\"'& ü", Some(&stored)).unwrap(),
            Verdict::Wrong
        );
    }

    #[test]
    fn a_hash_of_an_older_kind_is_replaced_by_argon2id() {
        let passwords = Passwords::quick();
        let stored = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        let Verdict::RightWithNewHash(new_hash) = passwords.verify("U*U", Some(stored)).unwrap()
        else {
            panic!("the password is right and its hash is old");
        };
        assert_eq!(
            passwords.verify("U*U", Some(&new_hash)).unwrap(),
            Verdict::Right
        );
    }

    #[test]
    fn argon2_of_another_cost_is_replaced_too() {
        let cheap = Passwords::quick();
        let stored = cheap.hash("secret").unwrap();
        let dearer = Passwords::with_parameters(Params::new(64, 2, 1, None).unwrap());
        assert!(matches!(
            dearer.verify("secret", Some(&stored)).unwrap(),
            Verdict::RightWithNewHash(_)
        ));
        assert_eq!(
            dearer.verify("wrong", Some(&stored)).unwrap(),
            Verdict::Wrong
        );
    }

    #[test]
    fn nothing_matches_where_no_readable_hash_is_stored() {
        let passwords = Passwords::quick();
        for stored in [
            None,
            Some(""),
            Some("*"),
            Some("$argon2id$broken"),
            Some("$2y$99$x"),
        ] {
            assert_eq!(
                passwords.verify("", stored).unwrap(),
                Verdict::Wrong,
                "{stored:?}"
            );
            assert_eq!(
                passwords.verify("secret", stored).unwrap(),
                Verdict::Wrong,
                "{stored:?}"
            );
        }
    }

    #[test]
    fn a_password_beyond_all_measure_is_wrong() {
        let passwords = Passwords::quick();
        let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
        let stored = passwords.hash(&long).unwrap();
        assert_eq!(
            passwords.verify(&long, Some(&stored)).unwrap(),
            Verdict::Wrong
        );
    }
}
