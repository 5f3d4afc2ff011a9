//! What an account may do and see: its groups, their ancestors, and the view levels of those.

use std::sync::Arc;

use diesel::result::QueryResult;
use loggia_sql::Connection;
use serde::Serialize;

use super::{Caller, Connections, Identity, IdentityFault, Outcome};
use crate::store::accounts::{self, Account};
use crate::store::groups::{self, Directory};

/// Somebody with his rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The account; 0 is a guest.
    pub user: i64,
    /// The user name; empty for a guest.
    pub username: String,
    /// The groups with their ancestors, ascending.
    pub groups: Arc<[i64]>,
    /// The view levels, ascending.
    pub view_levels: Arc<[i64]>,
}

/// An account as modules and commands see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountView {
    /// The id.
    pub id: i64,
    /// The user name.
    pub username: String,
    /// The person's name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Whether log-in is refused.
    pub blocked: bool,
    /// The groups with their ancestors.
    pub groups: Vec<i64>,
    /// The view levels.
    pub view_levels: Vec<i64>,
    /// A language tag, or `*`.
    pub language: String,
    /// When it was made.
    pub created_ms: i64,
    /// When its owner last logged in.
    pub last_visit_ms: Option<i64>,
}

/// How an account is found.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// By its id.
    Id(i64),
    /// By its user name, ignoring case.
    Username(&'a str),
    /// By its address, ignoring case.
    Email(&'a str),
}

impl Identity {
    /// Finds an account.
    pub fn find(&self, caller: &Caller<'_>, by: By<'_>) -> Outcome<AccountView> {
        let mut connection = caller.read()?;
        let account = load(&mut connection, by)?.ok_or(IdentityFault::NotFound)?;
        Ok(self.view(&mut connection, account)?)
    }

    /// Who an account is and what it may; `None` where it is gone or blocked. For keys that are bound to an
    /// account; the answer is at most [`CACHE_MS`](super::CACHE_MS) old.
    pub fn principal(&self, user: i64) -> QueryResult<Option<Arc<Principal>>> {
        let now_ms = self.now_ms();
        if let Some(known) = self.caches.principal(user, now_ms) {
            return Ok(Some(known));
        }
        let mut connection = Connections::read(&self.pool)?;
        let account = accounts::by_id(&mut connection, user)?;
        let Some(account) = account.filter(|account| !account.blocked) else {
            return Ok(None);
        };
        let rights = self.rights(&mut connection, account.id)?;
        let principal = Arc::new(Principal::new(account.id, account.username, rights));
        self.caches.keep_principal(Arc::clone(&principal), now_ms);
        Ok(Some(principal))
    }

    /// Who is not logged in, where it was read a moment ago.
    pub fn remembered_guest(&self) -> Option<Arc<Principal>> {
        self.caches.principal(0, self.now_ms())
    }

    /// Who is not logged in.
    pub fn guest(&self) -> QueryResult<Arc<Principal>> {
        let now_ms = self.now_ms();
        if let Some(known) = self.caches.principal(0, now_ms) {
            return Ok(known);
        }
        let mut connection = Connections::read(&self.pool)?;
        let directory = self.directory(&mut connection)?;
        let rights = Rights::new(&directory, &[groups::PUBLIC, groups::GUEST]);
        let guest = Arc::new(Principal::new(0, String::new(), rights));
        self.caches.keep_principal(Arc::clone(&guest), now_ms);
        Ok(guest)
    }

    /// The groups and levels of an account.
    pub(super) fn rights(&self, connection: &mut Connection, user: i64) -> QueryResult<Rights> {
        let own = groups::of_account(connection, user)?;
        Ok(Rights::new(&*self.directory(connection)?, &own))
    }

    pub(super) fn view(
        &self,
        connection: &mut Connection,
        account: Account,
    ) -> QueryResult<AccountView> {
        let rights = self.rights(connection, account.id)?;
        Ok(AccountView {
            id: account.id,
            username: account.username,
            name: account.name,
            email: account.email,
            blocked: account.blocked,
            groups: rights.groups,
            view_levels: rights.view_levels,
            language: account.language,
            created_ms: account.created_ms,
            last_visit_ms: account.last_visit_ms,
        })
    }

    fn directory(&self, connection: &mut Connection) -> QueryResult<Arc<Directory>> {
        let now_ms = self.now_ms();
        if let Some(known) = self.caches.directory(now_ms) {
            return Ok(known);
        }
        let read = Arc::new(Directory::load(connection)?);
        self.caches.keep_directory(Arc::clone(&read), now_ms);
        Ok(read)
    }
}

/// Groups with their ancestors, and what they may see.
pub(super) struct Rights {
    pub(super) groups: Vec<i64>,
    pub(super) view_levels: Vec<i64>,
}

impl Rights {
    fn new(directory: &Directory, own: &[i64]) -> Self {
        let groups = directory.with_ancestors(own);
        let view_levels = directory.view_levels(&groups);
        Self {
            groups,
            view_levels,
        }
    }
}

impl Principal {
    pub(super) fn new(user: i64, username: String, rights: Rights) -> Self {
        Self {
            user,
            username,
            groups: rights.groups.into(),
            view_levels: rights.view_levels.into(),
        }
    }
}

pub(super) fn load(connection: &mut Connection, by: By<'_>) -> QueryResult<Option<Account>> {
    match by {
        By::Id(id) => accounts::by_id(connection, id),
        By::Username(text) => {
            accounts::by_username_key(connection, &super::rules::username_key(text))
        }
        By::Email(text) => match super::rules::Email::new(text) {
            Some(email) => accounts::by_email_key(connection, &email.key),
            None => Ok(None),
        },
    }
}
