//! What an account's owner sees and changes of it.

use std::collections::BTreeMap;

use loggia_sql::Connection;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::By;
use super::counters::Deed;
use super::rules::{self, Email, username_key};
use super::throttle::{Subject, clear_guesses};
use super::{AccountView, Caller, Identity, IdentityFault, Outcome, Refusal};
use crate::store::accounts::{self, Account, Change};
use crate::store::fields::{self, Field};

/// What an owner changes; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileChange {
    /// The person's name.
    pub name: Option<String>,
    /// The address; it needs the password too, because whoever has the address has the account.
    pub email: Option<String>,
    /// A language tag, or `*`.
    pub language: Option<String>,
    /// The password as it is, for a new address.
    pub password: Option<String>,
    /// Custom fields by name; `null` removes a value.
    pub fields: BTreeMap<String, Option<String>>,
}

/// The longest value of a custom field, in bytes.
const MAX_VALUE_BYTES: usize = 64 * 1024;

impl Identity {
    /// The custom fields an account sees of itself, as `get/user/profile` shows them.
    pub fn fields(&self, caller: &Caller<'_>, user: i64) -> Outcome<Vec<Value>> {
        let mut connection = caller.read()?;
        let account = accounts::by_id(&mut connection, user)?.ok_or(IdentityFault::NotFound)?;
        let levels = self.rights(&mut connection, account.id)?.view_levels;
        let values: BTreeMap<i64, String> = fields::values_of(&mut connection, user)?
            .into_iter()
            .collect();
        let all = fields::all(&mut connection)?;
        let seen = all
            .into_iter()
            .filter(|(field, _)| levels.contains(&field.view_level_id));
        Ok(seen
            .map(|(field, group)| shown(&field, group.as_deref(), values.get(&field.id)))
            .collect())
    }

    /// Changes a password for its owner, who must know the old one, and ends all his sessions. Wrong old
    /// passwords are guesses, counted with those of the log-in.
    pub fn change_password(
        &self,
        caller: &Caller<'_>,
        user: i64,
        old: &str,
        new: &str,
    ) -> Outcome<()> {
        let min_length = self.settings.load().accounts.password_min_length;
        rules::new_password(new, min_length)?;
        self.confirm_owner(caller, user, old)?;
        let hash = self.passwords.hash(new)?;
        let mut connection = caller.write()?;
        connection.transaction(|connection| self.set_password(connection, user, &hash))?;
        self.caches.drop_account(user);
        Ok(())
    }

    /// Changes an account for its owner.
    pub fn change_profile(
        &self,
        caller: &Caller<'_>,
        user: i64,
        change: &ProfileChange,
    ) -> Outcome<AccountView> {
        let name = change.name.as_deref().map(checked_name).transpose()?;
        let email = change.email.as_deref().map(Email::checked).transpose()?;
        let language = change
            .language
            .as_deref()
            .map(rules::language)
            .transpose()?;
        if email.is_some() {
            let password = change.password.as_deref().unwrap_or_default();
            self.confirm_owner(caller, user, password)?;
        }
        let row = Change {
            name,
            email: email.as_ref().map(|email| email.shown.as_str()),
            email_key: email.as_ref().map(|email| email.key.as_str()),
            language,
            ..Change::default()
        };
        let mut connection = caller.write()?;
        let account = connection
            .transaction(|connection| self.write_profile(connection, user, &row, &change.fields))?;
        self.caches.drop_account(user);
        Ok(self.view(&mut connection, account)?)
    }

    fn write_profile(
        &self,
        connection: &mut Connection,
        user: i64,
        row: &Change<'_>,
        values: &BTreeMap<String, Option<String>>,
    ) -> Outcome<Account> {
        let changed = accounts::change(connection, user, row).map_err(|error| {
            if loggia_sql::is_unique(&error) {
                Refusal::new("USR_EAX").into()
            } else {
                IdentityFault::from(error)
            }
        })?;
        if !changed {
            return Err(IdentityFault::NotFound);
        }
        self.write_fields(connection, user, values)?;
        accounts::by_id(connection, user)?.ok_or(IdentityFault::NotFound)
    }

    fn write_fields(
        &self,
        connection: &mut Connection,
        user: i64,
        values: &BTreeMap<String, Option<String>>,
    ) -> Outcome<()> {
        if values.is_empty() {
            return Ok(());
        }
        let levels = self.rights(connection, user)?.view_levels;
        let all = fields::all(connection)?;
        for (name, value) in values {
            let open = |field: &&Field| {
                field.name == *name && field.editable && levels.contains(&field.view_level_id)
            };
            let Some(field) = all.iter().map(|(field, _)| field).find(open) else {
                return Err(refused_field(name, "is not a field you may change").into());
            };
            write_field(connection, user, field, value.as_deref())?;
        }
        Ok(())
    }

    /// Refuses who does not know the account's password.
    fn confirm_owner(&self, caller: &Caller<'_>, user: i64, password: &str) -> Outcome<()> {
        let account = accounts::by_id(&mut caller.read()?, user)?.ok_or(IdentityFault::NotFound)?;
        let subject = Subject::log_in(&username_key(&account.username));
        self.charge_address(caller, Deed::LogIn)?;
        self.charge_guess(caller, &subject)?;
        self.check_password(caller, By::Id(user), password)?;
        clear_guesses(&mut caller.write()?, &subject)?;
        self.refund_address(caller, Deed::LogIn);
        Ok(())
    }
}

fn checked_name(text: &str) -> Result<&str, Refusal> {
    let name = rules::name(text)?;
    if name.is_empty() {
        return Err(Refusal::new("USR_NMR"));
    }
    Ok(name)
}

fn write_field(
    connection: &mut Connection,
    user: i64,
    field: &Field,
    value: Option<&str>,
) -> Outcome<()> {
    let is_empty = value.is_none_or(|value| value.trim().is_empty());
    if field.required && is_empty {
        return Err(refused_field(&field.name, "must not be empty").into());
    }
    match value {
        None => fields::clear_value(connection, user, field.id)?,
        Some(value) if value.len() > MAX_VALUE_BYTES => {
            return Err(refused_field(&field.name, "must have at most 65536 bytes").into());
        }
        Some(value) => fields::set_value(connection, user, field.id, value)?,
    }
    Ok(())
}

fn refused_field(name: &str, rule: &str) -> Refusal {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    Refusal::new("REQ_PNV").detail(format!("fields.{shown}: {rule}"))
}

/// Joomla gives what comes from the database as texts.
fn shown(field: &Field, group: Option<&str>, value: Option<&String>) -> Value {
    let value = value.unwrap_or(&field.default_value);
    json!({
        "id": field.id.to_string(),
        "title": field.title,
        "name": field.name,
        "language": field.language,
        "type": field.kind,
        "default_value": field.default_value,
        "context": "com_users.user",
        "group_id": field.group_id.unwrap_or(0).to_string(),
        "label": field.label,
        "description": field.description,
        "required": if field.required { "1" } else { "0" },
        "language_title": null,
        "language_image": null,
        "group_title": group,
        "value": value,
        "rawvalue": value,
    })
}
