//! Against guessing and flooding: by client address in memory, by account in the database.

use diesel::result::QueryResult;
use loggia_sql::Connection;
use sha2::{Digest as _, Sha256};

use super::counters::Deed;
use super::fault::throttled;
use super::{Caller, Identity, Outcome};
use crate::store::throttle;

/// Of reminders and resets, as many times more from one address than to one.
const MAILS_PER_ADDRESS_FACTOR: u32 = 10;

/// Whom a counter in the database is about; it stores no name.
pub(super) struct Subject([u8; 32]);

impl Subject {
    /// Log-ins by a user name, whether or not somebody has it.
    pub(super) fn log_in(username_key: &str) -> Self {
        Self(Sha256::digest(format!("log-in {username_key}")).into())
    }

    /// Mails to an address, whether or not somebody has it.
    pub(super) fn mail(email_key: &str) -> Self {
        Self(Sha256::digest(format!("mail {email_key}")).into())
    }
}

impl Identity {
    /// Counts something a client does, or refuses it. A limit of 0 is none.
    pub(super) fn charge_address(&self, caller: &Caller<'_>, deed: Deed) -> Outcome<()> {
        let Some(address) = caller.address else {
            return Ok(());
        };
        let settings = &self.settings.load().accounts.throttle;
        let limit = match deed {
            Deed::LogIn => settings.login_failures_per_address,
            Deed::Register => settings.registrations_per_address,
            Deed::Mail => settings
                .mails_per_email
                .saturating_mul(MAILS_PER_ADDRESS_FACTOR),
        };
        if limit == 0 {
            return Ok(());
        }
        self.counters
            .charge(deed, address, limit, self.now_ms(), self.window_ms())
            .map_err(|wait_s| throttled(wait_s).into())
    }

    /// Takes back what [`Identity::charge_address`] counted.
    pub(super) fn refund_address(&self, caller: &Caller<'_>, deed: Deed) {
        if let Some(address) = caller.address {
            self.counters.refund(deed, address);
        }
    }

    /// Counts a guess at an account before it is looked at, so that guesses made at the same time count one
    /// by one. Whoever is right clears the count.
    pub(super) fn charge_guess(&self, caller: &Caller<'_>, subject: &Subject) -> Outcome<()> {
        let limit = i64::from(
            self.settings
                .load()
                .accounts
                .throttle
                .login_failures_per_account,
        );
        if limit == 0 {
            return Ok(());
        }
        let now_ms = self.now_ms();
        let used_up = {
            let mut connection = caller.read()?;
            throttle::current(&mut connection, &subject.0, now_ms)?
        };
        if let Some((_, ends_ms)) = used_up.filter(|(charges, _)| *charges >= limit) {
            return Err(throttled(wait_s(ends_ms, now_ms)).into());
        }
        let mut connection = caller.write()?;
        let (charges, ends_ms) =
            throttle::charge(&mut connection, &subject.0, now_ms, self.window_ms())?;
        if charges > limit {
            return Err(throttled(wait_s(ends_ms, now_ms)).into());
        }
        Ok(())
    }

    /// Counts a mail to an address; the error, in seconds, comes without rolling the count back.
    pub(super) fn charge_mail(
        &self,
        connection: &mut Connection,
        subject: &Subject,
    ) -> QueryResult<Result<(), i64>> {
        let limit = i64::from(self.settings.load().accounts.throttle.mails_per_email);
        let now_ms = self.now_ms();
        let (charges, ends_ms) =
            throttle::charge(connection, &subject.0, now_ms, self.window_ms())?;
        if limit != 0 && charges > limit {
            return Ok(Err(wait_s(ends_ms, now_ms)));
        }
        Ok(Ok(()))
    }

    fn window_ms(&self) -> i64 {
        let seconds = self.settings.load().accounts.throttle.window_s;
        i64::try_from(seconds).unwrap_or(i64::MAX / 2000) * 1000
    }
}

/// Forgets the guesses at an account: somebody was right.
pub(super) fn clear_guesses(connection: &mut Connection, subject: &Subject) -> QueryResult<()> {
    throttle::clear(connection, &subject.0)
}

fn wait_s(ends_ms: i64, now_ms: i64) -> i64 {
    (ends_ms - now_ms) / 1000 + 1
}
