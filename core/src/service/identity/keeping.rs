//! What whoever keeps the accounts of a site does to them: a module whose callers the operator has entitled.

use diesel::result::QueryResult;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use super::rules::{self, Email, Username};
use super::{AccountView, Caller, Identity, IdentityFault, Outcome, Refusal};
use crate::store::accounts::{self, Account, Change};

/// Which accounts are listed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listing {
    /// How many; all where it is absent.
    pub limit: Option<i64>,
    /// How many are passed over.
    pub offset: i64,
    /// Whether blocked accounts are among them.
    pub blocked: bool,
}

/// A page of the accounts.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// How many there are on all pages.
    pub total: i64,
    /// Those of the page, by id.
    pub accounts: Vec<ListedAccount>,
}

/// An account in a list.
#[derive(Clone, Debug, Serialize)]
pub struct ListedAccount {
    id: i64,
    username: String,
    name: String,
    email: String,
    blocked: bool,
    language: String,
    created_ms: i64,
    last_visit_ms: Option<i64>,
}

impl From<Account> for ListedAccount {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            username: account.username,
            name: account.name,
            email: account.email,
            blocked: account.blocked,
            language: account.language,
            created_ms: account.created_ms,
            last_visit_ms: account.last_visit_ms,
        }
    }
}

/// What is changed of an account; what is absent stays.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountChange {
    /// The user name.
    pub username: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// A language tag, or `*`.
    pub language: Option<String>,
    /// The hash of another password, as [`Identity::hash_password`] gives it.
    pub password_hash: Option<String>,
}

/// The same, checked.
struct Checked<'a> {
    username: Option<Username>,
    name: Option<&'a str>,
    email: Option<Email>,
    language: Option<&'a str>,
}

impl Identity {
    /// A page of the accounts, and how many there are.
    pub fn page(&self, caller: &Caller<'_>, listing: Listing) -> Outcome<Listed> {
        let mut connection = caller.read()?;
        let total = accounts::count(&mut connection, listing.blocked)?;
        let page = accounts::page(
            &mut connection,
            listing.blocked,
            listing.limit,
            listing.offset,
        )?;
        Ok(Listed {
            total,
            accounts: page.into_iter().map(ListedAccount::from).collect(),
        })
    }

    /// The hash of a new password that obeys the site's rules.
    pub fn hash_password(&self, password: &str) -> Outcome<String> {
        let min_length = self.settings.load().accounts.password_min_length;
        rules::new_password(password, min_length)?;
        Ok(self.passwords.hash(password)?)
    }

    /// Changes an account, whoever its owner is.
    pub fn change_account(
        &self,
        caller: &Caller<'_>,
        user: i64,
        change: &AccountChange,
    ) -> Outcome<AccountView> {
        let checked = change.checked()?;
        let mut connection = caller.write()?;
        let account = connection.transaction(|connection| {
            checked.refuse_taken(connection, user)?;
            // First, so that the note of it goes to the address that the account had.
            if let Some(hash) = &change.password_hash {
                self.set_password(connection, user, hash)?;
            }
            let written = connection
                .transaction(|connection| accounts::change(connection, user, &checked.row()));
            match written {
                Ok(true) => accounts::by_id(connection, user)?.ok_or(IdentityFault::NotFound),
                Ok(false) => Err(IdentityFault::NotFound),
                Err(error) => {
                    if loggia_sql::is_unique(&error) {
                        checked.refuse_taken(connection, user)?;
                    }
                    Err(error.into())
                }
            }
        })?;
        self.caches.drop_account(user);
        Ok(self.view(&mut connection, account)?)
    }
}

impl AccountChange {
    fn checked(&self) -> Outcome<Checked<'_>> {
        let name = self.name.as_deref().map(rules::name).transpose()?;
        if name.is_some_and(str::is_empty) {
            return Err(Refusal::new("USR_NMR").into());
        }
        Ok(Checked {
            username: self.username.as_deref().map(Username::new).transpose()?,
            name,
            email: self.email.as_deref().map(Email::checked).transpose()?,
            language: self.language.as_deref().map(rules::language).transpose()?,
        })
    }
}

impl Checked<'_> {
    fn row(&self) -> Change<'_> {
        Change {
            username: self.username.as_ref().map(|name| name.shown.as_str()),
            username_key: self.username.as_ref().map(|name| name.key.as_str()),
            name: self.name,
            email: self.email.as_ref().map(|email| email.shown.as_str()),
            email_key: self.email.as_ref().map(|email| email.key.as_str()),
            language: self.language,
        }
    }

    /// Refuses what another account has.
    fn refuse_taken(&self, connection: &mut Connection, user: i64) -> Outcome<()> {
        let of_other = |found: QueryResult<Option<Account>>| {
            found.map(|found| found.is_some_and(|account| account.id != user))
        };
        if let Some(username) = &self.username
            && of_other(accounts::by_username_key(connection, &username.key))?
        {
            return Err(Refusal::new("USR_UAX").into());
        }
        if let Some(email) = &self.email
            && of_other(accounts::by_email_key(connection, &email.key))?
        {
            return Err(Refusal::new("USR_EAX").into());
        }
        Ok(())
    }
}
