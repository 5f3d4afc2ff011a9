//! The search of this process: opened when it is first needed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use super::Offers;
use super::engine::Engine;
use super::find::{self, Found, Question};
use super::intake::EngineFault;
use crate::service::clock::now_ms;
use crate::store::Pool;

/// The search of this process.
pub struct Search {
    pub(super) pool: Pool,
    pub(super) folder: PathBuf,
    pub(super) language: String,
    engine: Mutex<Option<Arc<Engine>>>,
}

impl Search {
    /// Over a migrated database, with the folder of this node's index and the language of texts that name none.
    pub fn new(pool: Pool, folder: PathBuf, language: &str) -> Self {
        Search {
            pool,
            folder,
            language: language.to_owned(),
            engine: Mutex::default(),
        }
    }

    /// Opens the index and follows what is written from now on. Only a server does it before somebody searches.
    pub fn begin(&self) {
        if let Err(fault) = self.engine() {
            tracing::warn!("nothing can be searched at present: {fault}");
        }
    }

    /// Opens the index, takes everything, and closes it again.
    pub fn build(&self, deadline: Instant) -> Result<(), String> {
        let built = self
            .engine()
            .and_then(|engine| engine.intake().catch_up(deadline));
        self.close();
        built.map(drop).map_err(|fault| fault.to_string())
    }

    /// Brings what was taken to the disk and closes the index; to be called when nobody searches any more.
    pub fn close(&self) {
        drop(self.engine.lock().take());
    }

    pub(super) fn answer(
        &self,
        question: &Question,
        offers: Option<&Offers>,
        deadline: Option<Instant>,
    ) -> Result<Found, EngineFault> {
        find::answer(
            self.engine()?.intake(),
            question,
            offers,
            now_ms(),
            deadline,
        )
    }

    fn engine(&self) -> Result<Arc<Engine>, EngineFault> {
        let mut engine = self.engine.lock();
        if let Some(engine) = &*engine {
            return Ok(Arc::clone(engine));
        }
        let opened = Arc::new(Engine::open(&self.pool, &self.folder, &self.language)?);
        *engine = Some(Arc::clone(&opened));
        Ok(opened)
    }
}
