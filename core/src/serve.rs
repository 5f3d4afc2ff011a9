//! Serving: from opened house to drained server.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use actix_web::web::Data;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::{AppError, House};
use crate::endpoint::access::{Access, Options, StartError};
use crate::http::server;
use crate::module::resident;
use crate::node::Membership;
use crate::settings::{Settings, SettingsErrors};
use crate::store::nodes::Command;
use crate::watch::watch;

/// Why the server did not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The house could not be opened.
    #[error(transparent)]
    App(#[from] AppError),
    /// What the settings name is not there, or refuses them.
    #[error("{0}")]
    Settings(#[from] SettingsErrors),
    /// The node or its keys could not be entered in the database.
    #[error("the database failed at the start: {0}")]
    Database(#[from] diesel::result::Error),
    /// Keys cannot be served.
    #[error(transparent)]
    Access(#[from] StartError),
    /// What was to be done before serving failed.
    #[error("{0}")]
    Prepare(String),
    /// The address could not be listened at, or the web server failed.
    #[error("cannot serve at {address}: {error}")]
    Server {
        /// Where.
        address: SocketAddr,
        /// How it failed.
        error: io::Error,
    },
}

/// Serves until SIGTERM or SIGINT: calls `prepare` once the modules are loaded, and `started` with the
/// address once requests are answered.
pub fn serve(
    settings: Settings,
    prober: Option<PathBuf>,
    prepare: impl FnOnce(&House) -> Result<(), String>,
    started: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let listen = settings.server.listen;
    let failed = |error| ServeError::Server {
        address: listen,
        error,
    };
    let house = Data::new(House::open(settings, prober)?);
    house.check_files()?;
    house.watch_crashes()?;
    let name = house
        .settings
        .load()
        .server
        .node
        .clone()
        .unwrap_or_else(|| format!("node-{}", std::process::id()));
    let access = Access::start(&house.pool, Options::new(&house.settings.load(), &name))?;
    let mut membership = Membership::join(&house.pool, &name)?;
    house.load_modules();
    for reason in house.settle_searchables().map_err(ServeError::Prepare)? {
        tracing::error!("{reason}");
    }
    house.warn_of_withheld();
    house.begin_mail(&name)?;
    house.search.begin();
    house
        .channels
        .begin(membership.id)
        .map_err(ServeError::Prepare)?;
    let failed_push = |error: io::Error| ServeError::Prepare(error.to_string());
    house
        .push
        .begin(membership.id, membership.pulse())
        .map_err(failed_push)?;
    house
        .begin_hearing()
        .map_err(|error| ServeError::Prepare(error.to_string()))?;
    prepare(&house).map_err(ServeError::Prepare)?;
    access.refresh()?;
    house.dispatcher.admission.open(access);
    let run = actix_web::rt::System::new().block_on(async {
        let listening = server::listen(house.clone())?;
        let signals = signals()?;
        let followed = house.clone();
        let reported = house.clone();
        membership.begin(
            move |command| follow(&followed, command),
            move || reported.module_states(),
        )?;
        if house.settings.load().modules.reload_on_change {
            actix_web::rt::spawn(watch(house.clone().into_inner()));
        }
        started(listening.address);
        actix_web::rt::task::spawn_blocking(resident::release_code);
        listening
            .run(house.clone(), until_end(signals, house.clone()))
            .await
    });
    run.map_err(failed)?;
    drop(membership);
    if let Some(access) = house.dispatcher.admission.access() {
        access.stop();
    }
    house.close();
    Ok(())
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

fn signals() -> io::Result<Signals> {
    Ok(Signals {
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
        hang_up: signal(SignalKind::hangup())?,
    })
}

/// Waits for the end; a SIGHUP on the way reads the settings again.
async fn until_end(mut signals: Signals, house: Data<House>) {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
            _ = signals.hang_up.recv() => {
                if let Err(errors) = reload(&house) {
                    tracing::error!("the settings were not changed:\n{errors}");
                }
            }
        }
    }
}

/// Does what all nodes are told to do; the error is shown to the one who told them.
fn follow(house: &House, command: &Command) -> Result<(), String> {
    match command {
        Command::ReloadSettings => reload(house),
        Command::ReloadModule(name) => house.reload_module(name).map(drop),
    }
}

/// Reads the settings' file again; a bad file changes nothing and says why.
fn reload(house: &House) -> Result<(), String> {
    let path = house.settings.load().path.clone();
    let settings = Settings::load(&path).map_err(|errors| errors.to_string())?;
    house.change(settings)?;
    house.warn_of_withheld();
    tracing::info!("the settings were read again");
    Ok(())
}
