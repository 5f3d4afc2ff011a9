//! `loggia user`: the accounts of a site.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use super::secret_input::PasswordSource;
use super::shown;
use super::site::{Common, Site};
use super::time;
use crate::app::{House, libraries};
use crate::logging::Logging;
use crate::service::identity::{
    AccountView, Caller, Identity, IdentityFault, NewUser, NewUserPassword,
};
use crate::settings::Log;

/// Makes, shows, changes and erases accounts.
#[derive(Args)]
pub(super) struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(Create),
    List(List),
    Password(SetPassword),
    Groups(Groups),
    Block(Block),
    Delete(Delete),
    Export(Export),
}

/// Makes an account, whatever the registration settings say.
#[derive(Args)]
#[command(
    after_help = "Example: loggia user create ada --email ada@example.org --group Registered --json"
)]
struct Create {
    /// The user name.
    username: String,
    /// The address.
    #[arg(long)]
    email: String,
    /// The person's name [default: the user name].
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    /// A group, by id or title (may be given several times) [default: the site's default group].
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    #[command(flatten)]
    password: PasswordSource,
    /// A hash that another program stored, such as Joomla's; replaced at the first log-in.
    #[arg(long, value_name = "HASH", conflicts_with_all = ["password", "password_file", "password_stdin"])]
    password_hash: Option<String>,
    /// The account cannot log in yet.
    #[arg(long)]
    blocked: bool,
    #[command(flatten)]
    common: Common,
}

/// Lists accounts.
#[derive(Args)]
#[command(after_help = "Example: loggia user list example.org --limit 20")]
struct List {
    /// Only those with this text in user name, name or address.
    #[arg(default_value = "", hide_default_value = true)]
    text: String,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Leaves out so many at the beginning.
    #[arg(long, default_value_t = 0)]
    offset: u32,
    #[command(flatten)]
    common: Common,
}

/// Sets a new password and ends the account's sessions.
#[derive(Args)]
#[command(after_help = "Example: loggia user password ada --password-file new-password")]
struct SetPassword {
    /// The account, by id, user name or address.
    user: String,
    #[command(flatten)]
    password: PasswordSource,
    #[command(flatten)]
    common: Common,
}

/// Shows or changes the groups of an account; without an account, lists all groups.
#[derive(Args)]
#[command(after_help = "Example: loggia user groups ada --add Author --remove Registered")]
struct Groups {
    /// The account, by id, user name or address.
    user: Option<String>,
    /// Puts it into a group, by id or title (may be given several times).
    #[arg(long, value_name = "GROUP", requires = "user")]
    add: Vec<String>,
    /// Takes it out of a group (may be given several times).
    #[arg(long, value_name = "GROUP", requires = "user")]
    remove: Vec<String>,
    /// Makes a new group of this title.
    #[arg(long, value_name = "TITLE", conflicts_with = "user")]
    create: Option<String>,
    /// The group above the new one.
    #[arg(long, value_name = "GROUP", default_value = "1", requires = "create")]
    below: String,
    #[command(flatten)]
    common: Common,
}

/// Ends an account's sessions and lets it log in no more.
#[derive(Args)]
#[command(after_help = "Example: loggia user block ada")]
struct Block {
    /// The account, by id, user name or address.
    user: String,
    /// Lets it log in again.
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    common: Common,
}

/// Erases an account and all that is kept of the person.
#[derive(Args)]
#[command(after_help = "Example: loggia user delete ada")]
struct Delete {
    /// The account, by id, user name or address.
    user: String,
    #[command(flatten)]
    common: Common,
}

/// Prints all that is kept of a person, as JSON.
#[derive(Args)]
#[command(after_help = "Example: loggia user export ada > ada.json")]
struct Export {
    /// The account, by id, user name or address.
    user: String,
    #[command(flatten)]
    site: Site,
}

/// An account as a command prints it.
#[derive(Serialize)]
struct Facts {
    id: i64,
    username: String,
    name: String,
    email: String,
    blocked: bool,
    groups: Vec<i64>,
    created: String,
    last_visit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl User {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::Create(create) => create.run(output),
            Command::List(list) => list.run(output),
            Command::Password(password) => password.run(output),
            Command::Groups(groups) => groups.run(output),
            Command::Block(block) => block.run(output),
            Command::Delete(delete) => delete.run(output),
            Command::Export(export) => export.run(output),
        }
    }
}

impl Create {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let identity = self.common.site.identity()?;
        let caller = identity.operator();
        let group = |text: &String| Ok(identity.locate_group(&caller, text)?.id);
        let groups = self
            .groups
            .iter()
            .map(group)
            .collect::<Result<_, Failure>>()?;
        let (password, told) = if let Some(hash) = self.password_hash {
            (NewUserPassword::Hash(hash), None)
        } else {
            let password = self.password.fetch()?;
            let told = password.is_made_up.then(|| password.text.clone());
            (NewUserPassword::Plain(password.text), told)
        };
        let new = NewUser {
            username: self.username,
            email: self.email,
            name: self.name,
            password,
            groups,
            blocked: self.blocked,
        };
        let account = identity.create(&caller, &new)?;
        let facts = Facts {
            password: told,
            ..Facts::of(&identity, &caller, account)?
        };
        output.object(self.common.answer.json, &facts)
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let identity = self.common.site.identity()?;
        let caller = identity.operator();
        let (limit, offset) = (i64::from(self.limit), i64::from(self.offset));
        let found = identity.list(&caller, &self.text, limit, offset)?;
        let facts = found
            .into_iter()
            .map(|account| Facts::of(&identity, &caller, account));
        let facts = facts.collect::<Result<Vec<_>, Failure>>()?;
        output.facts(self.common.answer.json, &facts, |facts| {
            shown::rows_of(facts)
        })
    }
}

impl SetPassword {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let identity = self.common.site.identity()?;
        let caller = identity.operator();
        let account = identity.locate(&caller, &self.user)?;
        let password = self.password.fetch()?;
        identity.reset_password(&caller, account.id, &password.text)?;
        let told = password.is_made_up.then_some(password.text);
        let facts = Facts {
            password: told,
            ..Facts::of(&identity, &caller, account)?
        };
        output.object(self.common.answer.json, &facts)
    }
}

impl Groups {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let identity = self.common.site.identity()?;
        let caller = identity.operator();
        let json = self.common.answer.json;
        if let Some(title) = &self.create {
            let parent = identity.locate_group(&caller, &self.below)?;
            let id = identity.create_group(&caller, title, parent.id)?;
            return output.object(
                json,
                &json!({"id": id, "parent_id": parent.id, "title": title}),
            );
        }
        let Some(user) = &self.user else {
            return output.facts(json, &identity.groups(&caller)?, |groups| {
                shown::rows_of(groups)
            });
        };
        let account = identity.locate(&caller, user)?;
        for group in &self.add {
            identity.add_to_group(
                &caller,
                account.id,
                identity.locate_group(&caller, group)?.id,
            )?;
        }
        for group in &self.remove {
            identity.remove_from_group(
                &caller,
                account.id,
                identity.locate_group(&caller, group)?.id,
            )?;
        }
        output.object(json, &Facts::of(&identity, &caller, account)?)
    }
}

impl Block {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let identity = self.common.site.identity()?;
        let caller = identity.operator();
        let account = identity.locate(&caller, &self.user)?;
        if self.undo {
            identity.unblock(&caller, account.id)?;
        } else {
            identity.block(&caller, account.id)?;
        }
        let account = AccountView {
            blocked: !self.undo,
            ..account
        };
        output.object(
            self.common.answer.json,
            &Facts::of(&identity, &caller, account)?,
        )
    }
}

impl Delete {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (house, user) = house_of(&self.common.site, &self.user)?;
        let erased = house.erase_person(user);
        house.close();
        erased?;
        output.object(
            self.common.answer.json,
            &json!({"id": user, "deleted": true}),
        )
    }
}

impl Export {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (house, user) = house_of(&self.site, &self.user)?;
        let exported = house.export_person(user);
        house.close();
        let all = exported?;
        output.line(&serde_json::to_string_pretty(&all).map_err(Failure::refused)?)
    }
}

/// A house with every module in it, because each may keep something of the person.
fn house_of(site: &Site, user: &str) -> Result<(House, i64), Failure> {
    let settings = site.settings()?;
    let _logging = Logging::start(&Log {
        level: "warn".to_owned(),
        ..settings.log.clone()
    });
    let house = House::open(settings, std::env::current_exe().ok()).map_err(Failure::refused)?;
    let failed = house.load_modules();
    if let Some(reason) = failed.into_iter().next() {
        house.close();
        return Err(Failure::Refused(format!(
            "a module that may keep something of the person is not there: {reason}"
        )));
    }
    for name in disabled_modules(&house) {
        super::note(&format!(
            "module {name} is not enabled: what it may keep of the person is left out"
        ));
    }
    let found = house.identity.locate(&house.identity.operator(), user);
    match found {
        Ok(account) => Ok((house, account.id)),
        Err(fault) => {
            house.close();
            Err(fault.into())
        }
    }
}

fn disabled_modules(house: &House) -> Vec<String> {
    let settings = house.settings.load();
    libraries(&settings)
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| !settings.module(name).enabled)
        .collect()
}

impl Facts {
    /// With the groups that the account was put into, not those above them.
    fn of(identity: &Identity, caller: &Caller<'_>, account: AccountView) -> Result<Self, Failure> {
        Ok(Self {
            groups: identity.own_groups(caller, account.id)?,
            id: account.id,
            username: account.username,
            name: account.name,
            email: account.email,
            blocked: account.blocked,
            created: time::shown(account.created_ms),
            last_visit: account.last_visit_ms.map(time::shown),
            password: None,
        })
    }
}

impl From<IdentityFault> for Failure {
    fn from(fault: IdentityFault) -> Self {
        match fault {
            IdentityFault::Refused(refusal) => {
                let detail = match refusal.code {
                    "USR_UAX" => "the user name is taken",
                    "USR_EAX" => "the address is taken",
                    _ => &refusal.detail,
                };
                Self::Refused(
                    format!("{}: {detail}", refusal.code)
                        .trim_end_matches(": ")
                        .to_owned(),
                )
            }
            other => Self::refused(other),
        }
    }
}
