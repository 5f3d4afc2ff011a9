//! Reminders of a user name, and new passwords for who has forgotten his.
//!
//! Neither says whether an address belongs to anybody: the answer is the same, and so is the work, one
//! transaction that counts the request and commits.

use loggia_sql::Connection;

use super::counters::Deed;
use super::fault::throttled;
use super::letters::{Addressee, link};
use super::rules::{self, Email, username_key};
use super::throttle::{Subject, clear_guesses};
use super::{Caller, Identity, IdentityFault, Outcome, Refusal};
use crate::service::secret;
use crate::store::accounts::{self, Account};
use crate::store::sessions;
use crate::store::tokens::{self, Purpose};

/// What a mail to an address is to say.
#[derive(Clone, Copy)]
enum Request {
    Reminder,
    Reset,
}

impl Identity {
    /// Mails the user name to an address, if an account has it.
    pub fn remind(&self, caller: &Caller<'_>, email: &str) -> Outcome<()> {
        self.mail_owner(caller, email, Request::Reminder)
    }

    /// Mails a token that sets a new password to an address, if an account has it.
    pub fn reset(&self, caller: &Caller<'_>, email: &str) -> Outcome<()> {
        self.mail_owner(caller, email, Request::Reset)
    }

    fn mail_owner(&self, caller: &Caller<'_>, email: &str, request: Request) -> Outcome<()> {
        let email = Email::new(email).ok_or_else(|| Refusal::new("USR_RRF"))?;
        self.charge_address(caller, Deed::Mail)?;
        match self.mail_owner_once(caller, &email, request) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(wait_s)) => Err(throttled(wait_s).into()),
            Err(fault) if fault.is_for_want_of_time_or_place() => Err(fault),
            Err(fault) => {
                tracing::error!("a reminder or reset could not be queued: {fault}");
                Err(Refusal::new("USR_RRE").into())
            }
        }
    }

    fn mail_owner_once(
        &self,
        caller: &Caller<'_>,
        email: &Email,
        request: Request,
    ) -> Outcome<Result<(), i64>> {
        let mut connection = caller.write()?;
        connection.transaction(|connection| {
            let charged = self.charge_mail(connection, &Subject::mail(&email.key))?;
            if charged.is_err() {
                return Ok(charged);
            }
            let account = accounts::by_email_key(connection, &email.key)?;
            if let Some(account) = account.filter(|account| !account.blocked) {
                self.write_to(connection, &account, request)?;
            }
            Ok(Ok(()))
        })
    }

    fn write_to(
        &self,
        connection: &mut Connection,
        account: &Account,
        request: Request,
    ) -> Outcome<()> {
        let configuration = self.settings.load_full();
        let to = Addressee {
            email: &account.email,
            account_id: account.id,
            username: &account.username,
        };
        match request {
            Request::Reminder => {
                self.send(connection, &configuration, |all| &all.reminder, &to, "")
            }
            Request::Reset => {
                let token = self.new_token(connection, account.id, Purpose::Reset)?;
                let link = link(configuration.accounts.reset_url.as_deref(), &token);
                self.send(connection, &configuration, |all| &all.reset, &to, &link)
            }
        }
    }

    /// Sets a new password by the token of a reset mail, which is used up by that, and ends all sessions.
    /// `USR_RRF` where the token is not good. A password that may not be set leaves the token as it is.
    pub fn confirm_reset(&self, caller: &Caller<'_>, token: &str, password: &str) -> Outcome<()> {
        let min_length = self.settings.load().accounts.password_min_length;
        rules::new_password(password, min_length)?;
        let token_hash = secret::digest(token);
        let not_good = || Refusal::new("USR_RRF").detail("token: is not good, or no longer");
        // Looked at first, so that nobody has passwords hashed without a token.
        let found = tokens::find(
            &mut caller.read()?,
            &token_hash,
            Purpose::Reset,
            self.now_ms(),
        )?;
        found.ok_or_else(not_good)?;
        let password_hash = self.passwords.hash(password)?;
        let mut connection = caller.write()?;
        let id = connection.transaction(|connection| {
            let taken = tokens::take(connection, &token_hash, &[Purpose::Reset], self.now_ms())?;
            let (id, _) = taken.ok_or_else(not_good)?;
            self.set_password(connection, id, &password_hash)?;
            Ok::<_, IdentityFault>(id)
        })?;
        self.caches.drop_account(id);
        Ok(())
    }

    /// Stores a password's hash, voids tokens, ends sessions, forgets failed log-ins, and tells the owner.
    /// The caches are the caller's to clear, after the commit.
    pub(super) fn set_password(
        &self,
        connection: &mut Connection,
        id: i64,
        password_hash: &str,
    ) -> Outcome<()> {
        let account = accounts::by_id(connection, id)?.ok_or(IdentityFault::NotFound)?;
        accounts::set_password_hash(connection, id, password_hash)?;
        tokens::delete_of_purpose(connection, id, Purpose::Reset)?;
        sessions::delete_of_account(connection, id)?;
        let subject = Subject::log_in(&username_key(&account.username));
        clear_guesses(connection, &subject)?;
        let to = Addressee {
            email: &account.email,
            account_id: id,
            username: &account.username,
        };
        let configuration = self.settings.load_full();
        self.send(
            connection,
            &configuration,
            |all| &all.password_changed,
            &to,
            "",
        )
    }
}
