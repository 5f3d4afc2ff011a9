//! The applications: their codes, statuses, and what they prove themselves with.

use loggia_push::application::{self, Change as Changes, NewApplication, status};
use loggia_push::device;
use loggia_sdk::prelude::*;
use loggia_site::page::last_of_full;

use crate::shown::App;
use crate::{Push, named};

/// The most applications of one page.
const MOST: i64 = 200;

/// Parameters of `get/apps`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetApps {
    /// Only the one with this code or id.
    #[schemars(length(max = 255))]
    app: Option<String>,
    /// Behind which number the page begins.
    after: Option<i64>,
    /// How many a page has, at most 200.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<i64>,
}

/// A page of applications.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Apps {
    /// The applications, by their numbers.
    apps: Vec<App>,
    /// Behind which number the next page begins; `null` at the end.
    next: Option<i64>,
}

/// Lists applications, or shows one.
pub(crate) fn get(_push: &Push, call: &Call<'_>, given: GetApps) -> Result<Apps, Fault> {
    let connection = &mut call.database()?;
    if let Some(name) = given.app {
        let found = named::application(connection, &name)?;
        return Ok(Apps {
            apps: vec![found.into()],
            next: None,
        });
    }
    let limit = given.limit.unwrap_or(MOST);
    let rows = application::list(connection, given.after.unwrap_or(0), limit)?;
    Ok(Apps {
        next: last_of_full(&rows, limit).map(|row| row.id),
        apps: rows.into_iter().map(App::from).collect(),
    })
}

/// Parameters of `put/apps`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutApp {
    /// The code; one that is known is changed.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// Another code for it.
    #[schemars(length(min = 1, max = 255))]
    code: Option<String>,
    /// Its name.
    #[schemars(length(max = 255))]
    name: Option<String>,
    /// What it is.
    #[schemars(length(max = 4000))]
    description: Option<String>,
    /// `sandbox` and `production` send, `disabled` does not.
    state: Option<State>,
}

/// Whether and where an application sends.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// To the vendors' servers for development.
    Sandbox,
    /// To their servers for production.
    Production,
    /// It does not send.
    Disabled,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Sandbox => status::SANDBOX,
            State::Production => status::PRODUCTION,
            State::Disabled => status::DISABLED,
        }
    }
}

/// An application that was added or changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SavedApp {
    /// As it is now.
    app: App,
}

/// Adds an application, or changes one.
pub(crate) fn put(
    _push: &Push,
    call: &Call<'_>,
    given: PutApp,
) -> Result<Versioned<SavedApp>, Fault> {
    let now_ms = call.host().clock().now_ms();
    let code = given.app.trim().to_lowercase();
    if code.is_empty() {
        return Err(Fault::new("PSH_ANS"));
    }
    let renamed = given.code.as_deref().map(str::trim);
    if renamed.is_some_and(str::is_empty) {
        return Err(Fault::parameter("code", "must have 1 to 255 characters"));
    }
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let saved = if let Some(known) = application::by_code(connection, &code)? {
            call.if_match(known.version)?;
            let change = Changes {
                code: renamed.map(str::to_owned),
                name: given.name,
                description: given.description,
                status: given.state.map(|state| state.word().to_owned()),
                ..Changes::default()
            };
            application::change(connection, known.id, &change, now_ms)
                .map_err(taken)?
                .ok_or_else(|| Fault::new("PSH_AUN"))?
        } else {
            let new = NewApplication {
                code: renamed.unwrap_or(&code),
                name: given.name.as_deref().unwrap_or(&code),
                description: given.description.as_deref().unwrap_or_default(),
                status: given.state.map(State::word),
                ..NewApplication::default()
            };
            application::create(connection, &new, now_ms).map_err(taken)?
        };
        Ok(Versioned {
            version: Some(saved.version),
            members: SavedApp { app: saved.into() },
        })
    })
}

fn taken(error: diesel::result::Error) -> Fault {
    if loggia_sql::is_unique(&error) {
        Fault::new("PSH_AAX")
    } else {
        error.into()
    }
}

/// Parameters of `delete/apps`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct DeleteApp {
    /// The code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// Whether its devices and notifications are deleted with it; without it one that has some stays.
    #[serde(default)]
    with_devices: bool,
}

/// What was deleted.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DeletedApp {
    /// The number that it had.
    id: i64,
    /// So many devices went with it.
    devices: usize,
}

/// Deletes an application.
pub(crate) fn delete(_push: &Push, call: &Call<'_>, given: DeleteApp) -> Result<DeletedApp, Fault> {
    /// So many devices are deleted with one statement.
    const BATCH: i64 = 500;
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let found = named::application(connection, &given.app)?;
        let mut devices = 0;
        loop {
            let ids = device::ids_of_application(connection, found.id, BATCH)?;
            if ids.is_empty() {
                break;
            }
            if !given.with_devices {
                return Err(
                    Fault::new("PSH_ANE").detail("with_devices: must be set to delete them too")
                );
            }
            devices += device::delete(connection, &ids)?;
        }
        application::delete(connection, found.id)?;
        Ok(DeletedApp {
            id: found.id,
            devices,
        })
    })
}
