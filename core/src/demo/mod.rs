//! The demo site: a whole site in one folder, with accounts, keys and a product, for a first look and for
//! tools. The same folder gives the same facts again.

mod catalog;
mod content;
mod facts;
mod file;
mod forum;
mod media;
mod menu;
mod operate;
mod package;
mod profiles;
mod push;
mod pushback;
mod seed;
mod site;

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::app::House;
use crate::serve::{ServeError, serve};
use crate::settings::{Settings, SettingsErrors};
pub use facts::{DemoFacts, DemoUser};

/// What `loggia demo` is told.
#[derive(Clone, Debug)]
pub struct DemoOrder {
    /// The site's folder.
    pub folder: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database of a new site; SQLite in the folder where none is named.
    pub database: Option<String>,
}

/// Why there is no demo site.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or folder.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// How it failed.
        error: io::Error,
    },
    /// The site's own settings.
    #[error(transparent)]
    Settings(#[from] SettingsErrors),
    /// The folder holds another site.
    #[error("{0}")]
    OtherSite(String),
    /// The server.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// The settings of the folder's site, which is made where there is none; it listens where it is told.
pub fn settings(order: &DemoOrder) -> Result<Settings, DemoError> {
    let file = |path: &Path, error| DemoError::File {
        path: path.to_owned(),
        error,
    };
    fs::create_dir_all(&order.folder).map_err(|error| file(&order.folder, error))?;
    let folder = order
        .folder
        .canonicalize()
        .map_err(|error| file(&order.folder, error))?;
    let path = folder.join(site::FILE);
    if path.exists() {
        site::check_database(&path, order.database.as_deref())?;
    } else {
        site::write(&path, order.database.as_deref()).map_err(|error| file(&path, error))?;
    }
    let mut settings = Settings::load(&path)?;
    settings.server.listen = order.listen;
    Ok(settings)
}

/// Serves the site and calls `started` once it serves.
pub fn demo(
    settings: Settings,
    prober: Option<PathBuf>,
    started: impl FnOnce(SocketAddr, &DemoFacts),
) -> Result<(), DemoError> {
    let folder = settings.folder().to_owned();
    let facts = std::cell::OnceCell::new();
    let prepare = |house: &House| {
        let seeded = seed::seeded(house, &folder)?;
        // The cell is empty: a house is prepared once.
        let _ = facts.set(seeded);
        Ok(())
    };
    serve(settings, prober, prepare, |address| {
        if let Some(facts) = facts.get() {
            started(address, facts);
        }
    })?;
    Ok(())
}
