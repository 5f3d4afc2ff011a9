//! The thread that brings what was taken to the disk, takes larger amounts, and builds the index anew.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tantivy::{IndexWriter, TantivyDocument};

use super::disk::{Disk, Home, Mark, commit};
use super::index::{FIELDS, Row};
use super::intake::{CategoryChanges, EngineFault, Intake, MOST_ROWS, read_categories, soon};
use super::view::View;
use crate::store::search_entry::{self, Place};

/// How many rows are read at once.
const PAGE: i64 = 2000;

/// The memory of a thread that writes a little now and then: the least that there is.
const SMALL_BYTES: usize = 15_000_000;

/// The memory of a thread that writes everything.
const LARGE_BYTES: usize = 60_000_000;

/// How many threads write everything.
const LARGE_THREADS: usize = 2;

/// How long the index stays open for writing when there is nothing to write.
const IDLE: Duration = Duration::from_secs(5);

/// How long the thread rests after a failure.
const REST: Duration = Duration::from_secs(2);

type Writer = IndexWriter<TantivyDocument>;

/// The thread's own.
pub(super) struct Indexer {
    intake: Arc<Intake>,
    home: Home,
    disk: Disk,
    /// Open for writing only while there is something to write: it holds some 15 megabytes.
    writer: Option<Writer>,
    last_used: Instant,
}

impl Indexer {
    pub(super) fn new(intake: Arc<Intake>, home: Home, disk: Disk) -> Self {
        Indexer {
            intake,
            home,
            disk,
            writer: None,
            last_used: Instant::now(),
        }
    }

    /// Works until it is over.
    pub(super) fn run(mut self) {
        while self.intake.wait_for_work() {
            if let Err(fault) = self.turn() {
                tracing::warn!(
                    "the search index could not be written, and is tried again: {fault}"
                );
                self.writer = None;
                self.intake.rest(REST);
            }
        }
        if self.intake.view().pending() > 0
            && let Err(fault) = self.flush()
        {
            tracing::warn!(
                "the search index could not be written; it will take the rest at the next start: {fault}"
            );
        }
        self.close_writer();
    }

    fn turn(&mut self) -> Result<(), EngineFault> {
        let generation = search_entry::generation(&mut self.intake.pool.read(soon())?)?;
        if generation != self.intake.view().generation {
            self.rebuild(generation)?;
        }
        self.follow()?;
        if self.intake.view().pending() > 0 {
            self.flush()?;
        } else if self.writer.is_some() && self.last_used.elapsed() > IDLE {
            self.close_writer();
            self.show(0)?;
        }
        Ok(())
    }

    /// Shows searches what is now on the disk, in place of the oldest pieces, which are in it.
    fn show(&self, pieces: usize) -> Result<(), EngineFault> {
        self.disk.reader.reload()?;
        let searcher = self.disk.reader.searcher();
        let shown = self
            .intake
            .change(|view| view.set_main(searcher.segment_readers(), pieces));
        Ok(shown?)
    }

    /// Takes what was written since.
    fn follow(&mut self) -> Result<(), EngineFault> {
        let view = self.intake.view();
        let horizon = search_entry::present_horizon(&mut self.intake.pool.read(soon())?)?;
        let Some(waiting) = self.intake.waiting(&view, soon())? else {
            if !view.taken.is_empty() {
                // Everything before the horizon is in the view, and need not be asked for again.
                self.intake.change(|view| {
                    view.advance(horizon, []);
                    Ok(())
                })?;
            }
            return Ok(());
        };
        if waiting.rows.len() <= MOST_ROWS {
            self.intake.take(view.generation, &waiting, soon())?;
            return Ok(());
        }
        if self.take_much(&view)? == 0 {
            // A transaction that has run for long holds the horizon back: what others have committed since is taken
            // in pieces.
            self.intake.keep_up(soon())?;
        }
        Ok(())
    }

    /// Takes everything before the present horizon, straight to the disk; how many rows that were.
    fn take_much(&mut self, view: &View) -> Result<usize, EngineFault> {
        let horizon = search_entry::present_horizon(&mut self.intake.pool.read(soon())?)?;
        if horizon <= view.epoch {
            return Ok(0);
        }
        let mark = self.mark(view.generation, horizon);
        let is_empty = self.disk.reader.searcher().num_docs() == 0;
        self.close_writer();
        let mut writer = self.disk.writer(LARGE_THREADS, LARGE_BYTES)?;
        for piece in &view.pieces {
            write(&mut writer, &piece.rows, &self.intake.language, true)?;
        }
        let with_deletes = !is_empty || !view.pieces.is_empty();
        let from = Place::before(view.epoch);
        let (count, categories) =
            self.write_all(&mut writer, from, horizon, with_deletes, || Ok(()))?;
        commit(&mut writer, &mark)?;
        self.disk.reader.reload()?;
        let searcher = self.disk.reader.searcher();
        self.intake.change(|view_now| {
            view_now.set_main(searcher.segment_readers(), view.pieces.len())?;
            view_now.advance(horizon, []);
            view_now.change_categories(categories);
            Ok(())
        })?;
        writer.wait_merging_threads()?;
        Ok(count)
    }

    /// Writes all rows behind a place and before an epoch; between two pages it does something else.
    fn write_all(
        &self,
        writer: &mut Writer,
        mut place: Place,
        horizon: i64,
        with_deletes: bool,
        between: impl Fn() -> Result<(), EngineFault>,
    ) -> Result<(usize, CategoryChanges), EngineFault> {
        let mut count = 0;
        let mut categories = Vec::new();
        loop {
            let page =
                search_entry::page(&mut self.intake.pool.read(soon())?, place, horizon, PAGE)?;
            let Some(last) = page.last() else {
                return Ok((count, categories));
            };
            place = Place {
                epoch: last.epoch,
                number: last.number,
            };
            let (rows, more) = self.intake.read(&page, soon())?;
            write(writer, &rows, &self.intake.language, with_deletes)?;
            count += rows.len();
            categories.extend(more);
            if self.intake.is_over() {
                return Err(EngineFault::Building);
            }
            between()?;
        }
    }

    /// Brings what was taken to the disk.
    fn flush(&mut self) -> Result<(), EngineFault> {
        let view = self.intake.view();
        let mark = self.mark(view.generation, view.epoch);
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.disk.writer(1, SMALL_BYTES)?,
        };
        for piece in &view.pieces {
            write(&mut writer, &piece.rows, &self.intake.language, true)?;
        }
        commit(&mut writer, &mark)?;
        self.writer = Some(writer);
        self.last_used = Instant::now();
        self.show(view.pieces.len())
    }

    /// Builds the index anew, while searches go on in the one there is.
    fn rebuild(&mut self, generation: i64) -> Result<(), EngineFault> {
        tracing::info!("the search index is built anew");
        let begun = Instant::now();
        self.close_writer();
        let disk = self.home.create()?;
        let horizon = search_entry::present_horizon(&mut self.intake.pool.read(soon())?)?;
        let mut writer = disk.writer(LARGE_THREADS, LARGE_BYTES)?;
        let keep_up = || self.intake.keep_up(soon());
        let from = Place::before(i64::MIN);
        let (count, _) = self.write_all(&mut writer, from, horizon, false, keep_up)?;
        commit(&mut writer, &self.mark(generation, horizon))?;
        writer.wait_merging_threads()?;
        disk.reader.reload()?;
        let mut connection = self.intake.pool.read(soon())?;
        let searcher = disk.reader.searcher();
        self.intake.change(|view| {
            let categories = search_entry::categories(&mut connection).map_err(|error| {
                tantivy::TantivyError::InternalError(format!(
                    "the categories cannot be read: {error}"
                ))
            })?;
            *view = View::new(
                generation,
                horizon,
                read_categories(categories),
                searcher.segment_readers(),
            )?;
            Ok(())
        })?;
        self.disk = disk;
        self.home.enforce(&self.disk)?;
        tracing::info!(
            "the search index was built anew of {count} entries in {} ms",
            begun.elapsed().as_millis()
        );
        Ok(())
    }

    fn mark(&self, generation: i64, epoch: i64) -> Mark {
        Mark::new(&self.intake.language, generation).at(epoch)
    }

    fn close_writer(&mut self) {
        if let Some(writer) = self.writer.take()
            && let Err(error) = writer.wait_merging_threads()
        {
            tracing::warn!("parts of the search index could not be merged: {error}");
        }
    }
}

fn write(
    writer: &mut Writer,
    rows: &[Row],
    language: &str,
    with_deletes: bool,
) -> tantivy::Result<()> {
    for row in rows {
        if with_deletes {
            writer.delete_term(FIELDS.number_term(row.number));
        }
        if let Some(document) = &row.document {
            writer.add_document(FIELDS.document(row, document, language))?;
        }
    }
    Ok(())
}
