//! One person's data: all of it together for himself, or gone.

use loggia_sql::Connection;
use serde_json::{Map, Value, json};

use super::rules::username_key;
use super::throttle::{Subject, clear_guesses};
use super::{Caller, Identity, IdentityFault, Outcome};
use crate::store::accounts::{self, Account};
use crate::store::{fields, groups, mail_queue, sessions, tokens};

/// Whom a keeper of personal data is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: i64,
    /// The user name.
    pub username: String,
    /// The address.
    pub email: String,
}

/// Somebody who keeps data of persons beside the account itself: the access log, the keys, a module.
///
/// Keepers are asked outside of any transaction and before the account's own rows go. So each works in a
/// transaction of its own, and an erasure that failed half-way is simply repeated: what is gone already is
/// no fault.
pub trait PersonalData {
    /// The name of the keeper's part in an export.
    fn name(&self) -> &str;
    /// Everything that is kept about the person.
    fn export(&self, person: &Person) -> Result<Value, String>;
    /// Removes it, or takes from it whatever points at the person.
    fn erase(&self, person: &Person) -> Result<(), String>;
}

impl Identity {
    /// Everything that is stored about a person, as one JSON object.
    pub fn export(
        &self,
        caller: &Caller<'_>,
        user: i64,
        keepers: &[Box<dyn PersonalData + '_>],
    ) -> Outcome<Value> {
        let (person, mut parts) = {
            let mut connection = caller.read()?;
            let account = accounts::by_id(&mut connection, user)?.ok_or(IdentityFault::NotFound)?;
            (person(&account), own_parts(&mut connection, &account)?)
        };
        for keeper in keepers {
            let part = keeper
                .export(&person)
                .map_err(|error| failed(keeper.name(), &error))?;
            parts.insert(keeper.name().to_owned(), part);
        }
        Ok(Value::Object(parts))
    }

    /// Erases a person: everything that keepers have, then the account with all that belongs to it.
    pub fn erase(
        &self,
        caller: &Caller<'_>,
        user: i64,
        keepers: &[Box<dyn PersonalData + '_>],
    ) -> Outcome<()> {
        let account = accounts::by_id(&mut caller.read()?, user)?.ok_or(IdentityFault::NotFound)?;
        let person = person(&account);
        for keeper in keepers {
            keeper
                .erase(&person)
                .map_err(|error| failed(keeper.name(), &error))?;
        }
        let mut connection = caller.write()?;
        connection.transaction(|connection| {
            sessions::delete_of_account(connection, user)?;
            tokens::delete_of_account(connection, user)?;
            fields::delete_of_account(connection, user)?;
            groups::remove_account_everywhere(connection, user)?;
            mail_queue::delete_of_account(connection, user, &account.email)?;
            let subject = Subject::log_in(&username_key(&account.username));
            clear_guesses(connection, &subject)?;
            accounts::delete(connection, user)
        })?;
        self.caches.drop_account(user);
        Ok(())
    }
}

fn person(account: &Account) -> Person {
    Person {
        id: account.id,
        username: account.username.clone(),
        email: account.email.clone(),
    }
}

fn failed(keeper: &str, error: &str) -> IdentityFault {
    tracing::error!("{keeper} could not handle a person's data: {error}");
    IdentityFault::Failed("a keeper of personal data failed; the log says which")
}

fn own_parts(connection: &mut Connection, account: &Account) -> Outcome<Map<String, Value>> {
    let sessions: Vec<Value> = sessions::of_account(connection, account.id)?
        .into_iter()
        .map(|session| {
            json!({
                "created_ms": session.created_ms,
                "last_seen_ms": session.last_seen_ms,
                "expires_ms": session.expires_ms,
            })
        })
        .collect();
    let tokens: Vec<Value> = tokens::of_account(connection, account.id)?
        .into_iter()
        .map(|(purpose, created_ms, expires_ms)| {
            json!({ "purpose": purpose, "created_ms": created_ms, "expires_ms": expires_ms })
        })
        .collect();
    let mut parts = Map::new();
    parts.insert("account".to_owned(), account_part(account));
    parts.insert(
        "groups".to_owned(),
        json!(groups_part(connection, account.id)?),
    );
    parts.insert(
        "fields".to_owned(),
        json!(fields_part(connection, account.id)?),
    );
    parts.insert("sessions".to_owned(), sessions.into());
    parts.insert("tokens".to_owned(), tokens.into());
    let mails = mail_queue::of_account(connection, account.id, &account.email)?;
    parts.insert("mails".to_owned(), json!(mails));
    Ok(parts)
}

fn account_part(account: &Account) -> Value {
    json!({
        "id": account.id,
        "username": account.username,
        "name": account.name,
        "email": account.email,
        "blocked": account.blocked,
        "language": account.language,
        "created_ms": account.created_ms,
        "last_visit_ms": account.last_visit_ms,
    })
}

fn groups_part(connection: &mut Connection, user: i64) -> Outcome<Vec<groups::Group>> {
    let own = groups::of_account(connection, user)?;
    let all = groups::all(connection)?;
    Ok(all
        .into_iter()
        .filter(|group| own.contains(&group.id))
        .collect())
}

fn fields_part(connection: &mut Connection, user: i64) -> Outcome<Map<String, Value>> {
    let all = fields::all(connection)?;
    let values = fields::values_of(connection, user)?;
    let named = values.into_iter().filter_map(|(id, value)| {
        let (field, _) = all.iter().find(|(field, _)| field.id == id)?;
        Some((field.name.clone(), Value::String(value)))
    });
    Ok(named.collect())
}
