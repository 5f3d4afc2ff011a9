//! Registration, and the ways an account that was registered is enabled.

use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use super::counters::Deed;
use super::letters::{Addressee, link};
use super::rules::{self, Email, Username};
use super::{Caller, Configuration, Identity, IdentityFault, Outcome, Refusal};
use crate::service::mail::texts::{Template, Templates};
use crate::service::{mail, secret};
use crate::settings::Activation;
use crate::store::accounts::{self, Account, NewAccount};
use crate::store::groups;
use crate::store::tokens::{self, NewToken, Purpose};

/// What somebody registers with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Registration {
    /// The user name he wants.
    pub username: String,
    /// The password he wants.
    pub password: String,
    /// His address.
    pub email: String,
    /// His name.
    pub name: String,
}

/// What became of an account by a registration or by the token of an activation mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It can be used.
    Enabled,
    /// Its owner has been sent a token.
    AwaitsOwner,
    /// An administrator has been sent a token.
    AwaitsAdministrator,
}

/// The checked members of a registration.
struct Checked<'a> {
    username: Username,
    email: Email,
    name: &'a str,
    password: &'a str,
}

impl Identity {
    /// Registers an account and sends the mail that goes with it.
    pub fn register(&self, caller: &Caller<'_>, wanted: &Registration) -> Outcome<Standing> {
        let configuration = self.settings.load_full();
        let accounts = &configuration.accounts;
        if !accounts.registration {
            return Err(Refusal::new("USR_RNA").into());
        }
        let checked = check(wanted, accounts.password_min_length)?;
        self.charge_address(caller, Deed::Register)?;
        refuse_taken(&mut caller.read()?, &checked)?;
        let password_hash = self.passwords.hash(checked.password)?;
        let new = NewAccount {
            username: &checked.username.shown,
            username_key: &checked.username.key,
            name: checked.name,
            email: &checked.email.shown,
            email_key: &checked.email.key,
            password_hash: &password_hash,
            blocked: accounts.activation != Activation::None,
            language: "*",
            created_ms: self.now_ms(),
        };
        let mut connection = caller.write()?;
        let added = connection
            .transaction(|connection| self.add_registered(connection, &configuration, &new));
        match added {
            Err(IdentityFault::Database(error)) if loggia_sql::is_unique(&error) => {
                refuse_taken(&mut connection, &checked)?;
                Err(error.into())
            }
            other => other,
        }
    }

    fn add_registered(
        &self,
        connection: &mut Connection,
        configuration: &Configuration,
        new: &NewAccount<'_>,
    ) -> Outcome<Standing> {
        let id = accounts::insert(connection, new)?;
        groups::add_account(connection, id, configuration.accounts.default_group)?;
        let to = Addressee {
            email: new.email,
            account_id: id,
            username: new.username,
        };
        let (purpose, template, standing): (_, fn(&'static Templates) -> &'static Template, _) =
            match configuration.accounts.activation {
                Activation::None => {
                    self.send(connection, configuration, |all| &all.welcome, &to, "")?;
                    return Ok(Standing::Enabled);
                }
                Activation::Own => (
                    Purpose::Activate,
                    |all| &all.activation,
                    Standing::AwaitsOwner,
                ),
                Activation::Admin => (
                    Purpose::Confirm,
                    |all| &all.confirmation,
                    Standing::AwaitsOwner,
                ),
            };
        let token = self.new_token(connection, id, purpose)?;
        let link = link(configuration.accounts.activation_url.as_deref(), &token);
        self.send(connection, configuration, template, &to, &link)?;
        Ok(standing)
    }

    /// Follows the token of an activation, confirmation or approval mail.
    pub fn activate(&self, caller: &Caller<'_>, token: &str) -> Outcome<Standing> {
        let configuration = self.settings.load_full();
        let now_ms = self.now_ms();
        let purposes = [Purpose::Activate, Purpose::Confirm, Purpose::Approve];
        let mut connection = caller.write()?;
        let (id, standing) = connection.transaction(|connection| {
            let taken = tokens::take(connection, &secret::digest(token), &purposes, now_ms)?;
            let account = match taken {
                Some((id, purpose)) => accounts::by_id(connection, id)?.map(|it| (it, purpose)),
                None => None,
            };
            let (account, purpose) = account.ok_or_else(|| {
                Refusal::new("USR_EDR").detail("token: is not good, or no longer")
            })?;
            let standing = self.follow(connection, &configuration, &account, purpose)?;
            Ok::<_, IdentityFault>((account.id, standing))
        })?;
        self.caches.drop_account(id);
        Ok(standing)
    }

    fn follow(
        &self,
        connection: &mut Connection,
        configuration: &Configuration,
        account: &Account,
        purpose: Purpose,
    ) -> Outcome<Standing> {
        if purpose == Purpose::Confirm {
            self.ask_administrators(connection, configuration, account)?;
            return Ok(Standing::AwaitsAdministrator);
        }
        accounts::set_blocked(connection, account.id, false)?;
        if purpose == Purpose::Approve {
            let to = Addressee {
                email: &account.email,
                account_id: account.id,
                username: &account.username,
            };
            self.send(connection, configuration, |all| &all.welcome, &to, "")?;
        }
        Ok(Standing::Enabled)
    }

    /// One token for all administrators: the first who uses it decides. Where there is none, the command
    /// line enables the account.
    fn ask_administrators(
        &self,
        connection: &mut Connection,
        configuration: &Configuration,
        account: &Account,
    ) -> Outcome<()> {
        let token = self.new_token(connection, account.id, Purpose::Approve)?;
        let link = link(configuration.accounts.activation_url.as_deref(), &token);
        for id in groups::accounts_in(connection, groups::SUPER_USERS)? {
            let reader = accounts::by_id(connection, id)?.filter(|reader| !reader.blocked);
            if let Some(reader) = reader {
                let to = Addressee {
                    email: &reader.email,
                    account_id: account.id,
                    username: &account.username,
                };
                self.send(connection, configuration, |all| &all.approval, &to, &link)?;
            }
        }
        Ok(())
    }

    /// Makes a token and stores its digest.
    pub(super) fn new_token(
        &self,
        connection: &mut Connection,
        account_id: i64,
        purpose: Purpose,
    ) -> Outcome<String> {
        let token = secret::random_token();
        let now_ms = self.now_ms();
        let lifetime_s = self.settings.load().accounts.token_lifetime_s;
        let lifetime_ms = i64::try_from(lifetime_s).unwrap_or(i64::MAX / 2000) * 1000;
        let new = NewToken {
            token_hash: &secret::digest(&token),
            account_id,
            purpose,
            created_ms: now_ms,
            expires_ms: now_ms + lifetime_ms,
        };
        tokens::insert(connection, &new)?;
        Ok(token)
    }

    /// Queues a mail in the connection's transaction.
    pub(super) fn send(
        &self,
        connection: &mut Connection,
        configuration: &Configuration,
        template: impl FnOnce(&'static Templates) -> &'static Template,
        to: &Addressee<'_>,
        link: &str,
    ) -> Outcome<()> {
        let draft = configuration
            .letter(template, to, link)
            .ok_or(IdentityFault::Failed(
                "the texts of the mails cannot be read",
            ))?;
        mail::queue(connection, &draft, self.now_ms())?;
        Ok(())
    }
}

fn check(wanted: &Registration, password_min_length: usize) -> Outcome<Checked<'_>> {
    let missing = [
        (wanted.username.trim(), "USR_UNR"),
        (&wanted.password, "USR_PWR"),
        (wanted.email.trim(), "USR_EMR"),
        (wanted.name.trim(), "USR_NMR"),
    ];
    if let Some((_, code)) = missing.into_iter().find(|(text, _)| text.is_empty()) {
        return Err(Refusal::new(code).into());
    }
    rules::new_password(&wanted.password, password_min_length)?;
    Ok(Checked {
        username: Username::new(&wanted.username)?,
        email: Email::checked(&wanted.email)?,
        name: rules::name(&wanted.name)?,
        password: &wanted.password,
    })
}

fn refuse_taken(connection: &mut Connection, checked: &Checked<'_>) -> Outcome<()> {
    if accounts::by_username_key(connection, &checked.username.key)?.is_some() {
        return Err(Refusal::new("USR_UAX").into());
    }
    if accounts::by_email_key(connection, &checked.email.key)?.is_some() {
        return Err(Refusal::new("USR_EAX").into());
    }
    Ok(())
}
