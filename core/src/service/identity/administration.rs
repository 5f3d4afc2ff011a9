//! What the operator does with accounts, at the command line or by an import.

use diesel::result::QueryResult;
use loggia_sql::Connection;

use super::access::{By, load};
use super::rules::{self, Email, Username};
use super::{AccountView, Caller, Identity, IdentityFault, Outcome, Refusal};
use crate::store::accounts::{self, NewAccount};
use crate::store::groups::{self, Group};
use crate::store::{sessions, tokens};

/// An account that the operator makes.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The user name.
    pub username: String,
    /// The address.
    pub email: String,
    /// The person's name; the user name where it is empty.
    pub name: String,
    /// The password.
    pub password: NewUserPassword,
    /// The groups; the setting's default group where there is none.
    pub groups: Vec<i64>,
    /// Whether log-in is refused.
    pub blocked: bool,
}

/// The password of a [`NewUser`].
#[derive(Clone)]
pub enum NewUserPassword {
    /// To be hashed.
    Plain(String),
    /// A hash that another program has stored; it is replaced at the first log-in.
    Hash(String),
    /// None: nobody can log in until one is set.
    None,
}

impl std::fmt::Debug for NewUserPassword {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(secret)")
    }
}

impl Identity {
    /// Makes an account. The operator is not bound to the registration settings, only to the rules that keep
    /// accounts apart.
    pub fn create(&self, caller: &Caller<'_>, new: &NewUser) -> Outcome<AccountView> {
        let username = Username::new(&new.username)?;
        let email = Email::checked(&new.email)?;
        let name = match rules::name(&new.name)? {
            "" => username.shown.as_str(),
            name => name,
        };
        let row = NewAccount {
            username: &username.shown,
            username_key: &username.key,
            name,
            email: &email.shown,
            email_key: &email.key,
            password_hash: &self.initial_hash(&new.password)?,
            blocked: new.blocked,
            language: "*",
            created_ms: self.now_ms(),
        };
        let mut connection = caller.write()?;
        let added = connection.transaction(|connection| {
            if accounts::by_username_key(connection, row.username_key)?.is_some() {
                return Err(Refusal::new("USR_UAX").into());
            }
            if accounts::by_email_key(connection, row.email_key)?.is_some() {
                return Err(Refusal::new("USR_EAX").into());
            }
            let id = accounts::insert(connection, &row)?;
            self.put_into_groups(connection, id, &new.groups)?;
            Ok::<_, IdentityFault>(id)
        })?;
        let account = accounts::by_id(&mut connection, added)?.ok_or(IdentityFault::NotFound)?;
        Ok(self.view(&mut connection, account)?)
    }

    fn initial_hash(&self, password: &NewUserPassword) -> Outcome<String> {
        match password {
            NewUserPassword::Plain(plain) => {
                let min_length = self.settings.load().accounts.password_min_length;
                rules::new_password(plain, min_length)?;
                Ok(self.passwords.hash(plain)?)
            }
            NewUserPassword::Hash(hash) => Ok(hash.clone()),
            NewUserPassword::None => Ok(String::new()),
        }
    }

    fn put_into_groups(&self, connection: &mut Connection, id: i64, wanted: &[i64]) -> Outcome<()> {
        let known = groups::all(connection)?;
        let default = [self.settings.load().accounts.default_group];
        let wanted = if wanted.is_empty() { &default } else { wanted };
        for group in wanted {
            if !known.iter().any(|known| known.id == *group) {
                return Err(no_group(&group.to_string()).into());
            }
            groups::add_account(connection, id, *group)?;
        }
        Ok(())
    }

    /// The accounts whose user name, name or address contains a text, by id.
    pub fn list(
        &self,
        caller: &Caller<'_>,
        text: &str,
        limit: i64,
        offset: i64,
    ) -> Outcome<Vec<AccountView>> {
        let mut connection = caller.read()?;
        let found = accounts::search(&mut connection, text, limit, offset)?;
        let views = found
            .into_iter()
            .map(|account| self.view(&mut connection, account))
            .collect::<QueryResult<_>>()?;
        Ok(views)
    }

    /// The account an operator means: by id, user name or address.
    pub fn locate(&self, caller: &Caller<'_>, text: &str) -> Outcome<AccountView> {
        let mut connection = caller.read()?;
        let id = text.parse().ok();
        let by_id = id.map(|id| load(&mut connection, By::Id(id))).transpose()?;
        let mut found = by_id.flatten();
        for by in [By::Username(text), By::Email(text)] {
            if found.is_none() {
                found = load(&mut connection, by)?;
            }
        }
        let account = found.ok_or(IdentityFault::NotFound)?;
        Ok(self.view(&mut connection, account)?)
    }

    /// Sets a password, ends the account's sessions, and tells its owner.
    pub fn reset_password(&self, caller: &Caller<'_>, user: i64, password: &str) -> Outcome<()> {
        let min_length = self.settings.load().accounts.password_min_length;
        rules::new_password(password, min_length)?;
        let hash = self.passwords.hash(password)?;
        let mut connection = caller.write()?;
        connection.transaction(|connection| self.set_password(connection, user, &hash))?;
        self.caches.drop_account(user);
        Ok(())
    }

    /// All groups.
    pub fn groups(&self, caller: &Caller<'_>) -> Outcome<Vec<Group>> {
        Ok(groups::all(&mut caller.read()?)?)
    }

    /// The groups an account was put into, without their ancestors.
    pub fn own_groups(&self, caller: &Caller<'_>, user: i64) -> Outcome<Vec<i64>> {
        Ok(groups::of_account(&mut caller.read()?, user)?)
    }

    /// The group an operator means: by id or title.
    pub fn locate_group(&self, caller: &Caller<'_>, text: &str) -> Outcome<Group> {
        let id: Option<i64> = text.parse().ok();
        let means = |group: &Group| {
            id == Some(group.id) || group.title.to_lowercase() == text.to_lowercase()
        };
        let found = self.groups(caller)?.into_iter().find(means);
        found.ok_or_else(|| no_group(text).into())
    }

    /// Adds a group below another.
    pub fn create_group(&self, caller: &Caller<'_>, title: &str, parent: i64) -> Outcome<i64> {
        Ok(groups::insert(&mut caller.write()?, title, parent)?)
    }

    /// Puts an account into a group.
    pub fn add_to_group(&self, caller: &Caller<'_>, user: i64, group: i64) -> Outcome<()> {
        let mut connection = caller.write()?;
        accounts::by_id(&mut connection, user)?.ok_or(IdentityFault::NotFound)?;
        groups::add_account(&mut connection, user, group)?;
        self.caches.drop_account(user);
        Ok(())
    }

    /// Takes an account out of a group.
    pub fn remove_from_group(&self, caller: &Caller<'_>, user: i64, group: i64) -> Outcome<()> {
        let removed = groups::remove_account(&mut caller.write()?, user, group)?;
        self.caches.drop_account(user);
        if removed {
            Ok(())
        } else {
            Err(IdentityFault::NotFound)
        }
    }

    /// Refuses log-in from now on: sessions end, tokens are void.
    pub fn block(&self, caller: &Caller<'_>, user: i64) -> Outcome<()> {
        let mut connection = caller.write()?;
        let found = connection.transaction(|connection| {
            sessions::delete_of_account(connection, user)?;
            tokens::delete_of_account(connection, user)?;
            accounts::set_blocked(connection, user, true)
        })?;
        self.caches.drop_account(user);
        if found {
            Ok(())
        } else {
            Err(IdentityFault::NotFound)
        }
    }

    /// Admits log-in again, also of an account that was never enabled.
    pub fn unblock(&self, caller: &Caller<'_>, user: i64) -> Outcome<()> {
        let found = accounts::set_blocked(&mut caller.write()?, user, false)?;
        self.caches.drop_account(user);
        if found {
            Ok(())
        } else {
            Err(IdentityFault::NotFound)
        }
    }
}

fn no_group(text: &str) -> Refusal {
    Refusal::new("REQ_PNV").detail(format!("group: there is no group {text}"))
}
