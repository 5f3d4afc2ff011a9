//! The search of one node: what it takes in of the table, and the thread that brings it to the disk.

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::disk::{Home, Mark};
use super::indexer::Indexer;
use super::intake::{EngineFault, Intake, read_categories, soon};
use super::view::View;
use crate::store::Pool;
use crate::store::search_entry;

/// The search of one node; dropping it ends its thread.
pub(super) struct Engine {
    intake: Arc<Intake>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Opens this node's index in a folder.
    pub(super) fn open(pool: &Pool, folder: &Path, language: &str) -> Result<Self, EngineFault> {
        let home = Home::take(folder)?;
        if !search_entry::is_prepared(&mut pool.read(soon())?)? {
            search_entry::prepare(&mut pool.write(soon())?)?;
        }
        let mut connection = pool.read(soon())?;
        let generation = search_entry::generation(&mut connection)?;
        let rules = Mark::new(language, generation);
        let (mut disk, mut mark) = home.open(&rules)?;
        if mark.epoch > search_entry::present_horizon(&mut connection)? {
            // It was made of another database.
            disk = home.create()?;
            home.enforce(&disk)?;
            mark = rules;
        }
        let categories = read_categories(search_entry::categories(&mut connection)?);
        drop(connection);
        let searcher = disk.reader.searcher();
        let view = View::new(
            generation,
            mark.epoch,
            categories,
            searcher.segment_readers(),
        )?;
        let intake = Arc::new(Intake::new(pool.clone(), language, view));
        let indexer = Indexer::new(Arc::clone(&intake), home, disk);
        let thread = thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || indexer.run())?;
        Ok(Engine {
            intake,
            thread: Some(thread),
        })
    }

    pub(super) fn intake(&self) -> &Intake {
        &self.intake
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.intake.end();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told by its hook.
            let _ = thread.join();
        }
    }
}
