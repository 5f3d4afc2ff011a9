//! Sessions: opened by a log-in, found by the id that the client holds, ended by log-out, by time, or by
//! what happens to the account.

use std::sync::Arc;

use diesel::result::QueryResult;
use loggia_sql::Connection;

use super::access::Principal;
use super::{Caller, Connections, Identity, IdentityFault, Outcome, Refusal};
use crate::service::secret;
use crate::service::session_slot::{SessionChange, SessionSlot};
use crate::store::accounts;
use crate::store::sessions::{self, StoredSession};
use crate::store::{throttle, tokens};

/// The name of the cookie that holds a session's id.
pub const COOKIE: &str = "loggia_session";

/// A session in use is written down at most this often.
const TOUCH_EVERY_MS: i64 = 60_000;
/// What has ended is removed this often.
const PRUNE_EVERY_MS: i64 = 600_000;
/// What a session's id is turned into for the proof that a write comes from a page of ours.
const WRITES: &str = "loggia write token";

/// A live session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The digest of its id.
    pub(super) id_hash: [u8; 32],
    /// When it ends unless it is used before.
    pub expires_ms: i64,
    /// Whose it is, with his rights.
    pub principal: Arc<Principal>,
}

impl Identity {
    /// The session of an id from the memory of this node, without waiting; `None` where it must be read.
    pub fn remembered(&self, id: &str) -> Option<Arc<Session>> {
        self.remembered_by_hash(&secret::digest(id))
    }

    fn remembered_by_hash(&self, id_hash: &[u8; 32]) -> Option<Arc<Session>> {
        let now_ms = self.now_ms();
        self.caches
            .session(id_hash, now_ms)
            .filter(|session| session.expires_ms > now_ms)
    }

    /// The session of an id; `None` where there is none or it has ended. It may wait for the database, so it
    /// is not for an async worker; [`Identity::remembered`] is.
    pub fn resolve(&self, id: &str) -> QueryResult<Option<Arc<Session>>> {
        let id_hash = secret::digest(id);
        if let Some(known) = self.remembered_by_hash(&id_hash) {
            return Ok(Some(known));
        }
        let now_ms = self.now_ms();
        let Some((stored, session)) = self.read_session(&id_hash, now_ms)? else {
            return Ok(None);
        };
        let session = Arc::new(self.put_off_end(&stored, session, now_ms)?);
        self.caches.keep_session(Arc::clone(&session), now_ms);
        Ok(Some(session))
    }

    fn read_session(
        &self,
        id_hash: &[u8; 32],
        now_ms: i64,
    ) -> QueryResult<Option<(StoredSession, Session)>> {
        let mut connection = Connections::read(&self.pool)?;
        let Some(stored) = sessions::find(&mut connection, id_hash, now_ms)? else {
            return Ok(None);
        };
        let account = accounts::by_id(&mut connection, stored.account_id)?;
        let Some(account) = account.filter(|account| !account.blocked) else {
            return Ok(None);
        };
        let rights = self.rights(&mut connection, account.id)?;
        let session = Session {
            id_hash: *id_hash,
            expires_ms: stored.expires_ms,
            principal: Arc::new(Principal::new(account.id, account.username, rights)),
        };
        Ok(Some((stored, session)))
    }

    /// Writes down, now and then, that the session is in use. A session that ended in this very moment stays
    /// ended: the row is changed, never made.
    fn put_off_end(
        &self,
        stored: &StoredSession,
        session: Session,
        now_ms: i64,
    ) -> QueryResult<Session> {
        let lifetime_ms = self.session_lifetime_ms();
        if now_ms - stored.last_seen_ms < TOUCH_EVERY_MS.min(lifetime_ms / 4) {
            return Ok(session);
        }
        let expires_ms = now_ms + lifetime_ms;
        let mut connection = Connections::write(&self.pool)?;
        sessions::touch(&mut connection, &stored.id_hash, now_ms, expires_ms)?;
        Ok(Session {
            expires_ms,
            ..session
        })
    }

    /// Opens a session for an account and has the cookie set; gives its id. `USR_ALI` where the caller has one
    /// that lives.
    pub fn open_session(&self, caller: &Caller<'_>, user: i64) -> Outcome<String> {
        let id = secret::random_token();
        let now_ms = self.now_ms();
        let new = StoredSession {
            id_hash: secret::digest(&id).to_vec(),
            account_id: user,
            created_ms: now_ms,
            last_seen_ms: now_ms,
            expires_ms: now_ms + self.session_lifetime_ms(),
        };
        let mut connection = caller.write()?;
        if let Some(given) = caller.session.and_then(SessionSlot::given)
            && sessions::find(&mut connection, &secret::digest(given), now_ms)?.is_some()
        {
            return Err(Refusal::new("USR_ALI").into());
        }
        let opened = connection.transaction(|connection| {
            let account = accounts::by_id(connection, user)?;
            if account.is_none_or(|account| account.blocked) {
                return Ok::<_, diesel::result::Error>(false);
            }
            sessions::insert(connection, &new)?;
            accounts::set_last_visit(connection, user, now_ms)?;
            self.prune_if_due(connection, now_ms)?;
            Ok(true)
        })?;
        if !opened {
            return Err(IdentityFault::NotFound);
        }
        if let Some(slot) = caller.session {
            let opened = SessionChange::Opened {
                id: id.clone(),
                user,
            };
            slot.note(opened);
        }
        Ok(id)
    }

    /// Ends the caller's session and has the cookie removed.
    pub fn close_session(&self, caller: &Caller<'_>) -> Outcome<()> {
        let slot = caller.session.ok_or(IdentityFault::NotFound)?;
        let id = slot.given().ok_or(IdentityFault::NotFound)?;
        let id_hash = secret::digest(id);
        let ended = sessions::delete(&mut caller.write()?, &id_hash)?;
        self.caches.drop_session(&id_hash);
        if !ended {
            return Err(IdentityFault::NotFound);
        }
        slot.note(SessionChange::Closed);
        Ok(())
    }

    fn session_lifetime_ms(&self) -> i64 {
        let seconds = self.settings.load().accounts.session_lifetime_s;
        i64::try_from(seconds).unwrap_or(i64::MAX / 2000) * 1000
    }

    /// Log-ins come often enough to have the rows removed that nothing uses any more.
    fn prune_if_due(&self, connection: &mut Connection, now_ms: i64) -> QueryResult<()> {
        if !self.caches.is_prune_due(now_ms, PRUNE_EVERY_MS) {
            return Ok(());
        }
        sessions::prune(connection, now_ms)?;
        tokens::prune(connection, now_ms)?;
        throttle::prune(connection, now_ms)?;
        Ok(())
    }
}

/// The proof of a write that is authorised by the cookie alone: only a page of the same origin can have it.
/// It is derived from the session's id, so that every node knows it and nothing is stored.
pub fn write_token(session_id: &str) -> String {
    secret::derived_token(session_id, WRITES)
}

/// Whether a text is the [`write_token`] of a session.
pub fn is_write_token(session_id: &str, token: &str) -> bool {
    secret::is_derived_token(session_id, WRITES, token)
}

/// The value of `Set-Cookie` for what a call did to its session.
pub fn set_cookie(change: &SessionChange, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    match change {
        SessionChange::Opened { id, .. } => {
            format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax{secure}")
        }
        SessionChange::Closed => {
            format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_out_of_reach_for_scripts_and_foreign_pages() {
        let opened = SessionChange::Opened {
            id: "abc".to_owned(),
            user: 1,
        };
        assert_eq!(
            set_cookie(&opened, true),
            "loggia_session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            set_cookie(&SessionChange::Closed, false),
            "loggia_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_write_token_is_good_for_its_session_only() {
        let token = write_token("one");
        assert!(is_write_token("one", &token));
        assert!(!is_write_token("two", &token));
        assert!(!is_write_token("one", "one"));
    }
}
