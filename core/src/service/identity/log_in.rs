//! Checking a user name and password.

use diesel::result::QueryResult;

use super::access::{By, load};
use super::counters::Deed;
use super::rules::username_key;
use super::throttle::{Subject, clear_guesses};
use super::{AccountView, Caller, Identity, Outcome, Refusal};
use crate::service::password::Verdict;
use crate::store::accounts::{self, Account};

impl Identity {
    /// Gives the account of a user name if the password is right.
    ///
    /// A wrong password and an unknown name are told apart by nothing: not by the answer, and not by the
    /// time, as long as the stored hash is of the current kind. `USR_UNE` is for who knows the password of
    /// an account that is blocked. No connection is held while the password is hashed.
    pub fn authenticate(
        &self,
        caller: &Caller<'_>,
        username: &str,
        password: &str,
    ) -> Outcome<AccountView> {
        self.charge_address(caller, Deed::LogIn)?;
        let subject = Subject::log_in(&username_key(username));
        self.charge_guess(caller, &subject)?;
        let account = self.check_password(caller, By::Username(username), password)?;
        let mut connection = caller.write()?;
        clear_guesses(&mut connection, &subject)?;
        self.refund_address(caller, Deed::LogIn);
        if account.blocked {
            return Err(Refusal::new("USR_UNE").into());
        }
        Ok(self.view(&mut connection, account)?)
    }

    /// The account, if the password is its own; a hash of an older kind is replaced.
    pub(super) fn check_password(
        &self,
        caller: &Caller<'_>,
        by: By<'_>,
        password: &str,
    ) -> Outcome<Account> {
        let account = load(&mut caller.read()?, by)?;
        let stored = account
            .as_ref()
            .map(|account| account.password_hash.as_str());
        match (self.passwords.verify(password, stored)?, account) {
            (Verdict::Right, Some(account)) => Ok(account),
            (Verdict::RightWithNewHash(hash), Some(account)) => {
                replace_hash(caller, &account, &hash)?;
                Ok(account)
            }
            _ => Err(Refusal::new("USR_LIF").into()),
        }
    }
}

fn replace_hash(caller: &Caller<'_>, account: &Account, hash: &str) -> QueryResult<()> {
    let mut connection = caller.write()?;
    let old = &account.password_hash;
    if accounts::replace_password_hash(&mut connection, account.id, old, hash)? {
        tracing::info!(account = account.id, "an older password hash was replaced");
    }
    Ok(())
}
