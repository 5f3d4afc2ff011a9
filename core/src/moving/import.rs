//! Moves a whole Joomla site in, kind by kind.

use std::time::Instant;

use super::joomla::{Feed, Site, feeds, files, media, notes};
use super::keeper::{CORE, Keeper};
use super::keepers::keepers;
use super::merge::{Merge, PATIENCE, Run};
use super::report::{Line, Report};
use super::{MovingError, Outcome};
use crate::app::House;
use crate::store::imported;

/// How far the import is.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The table at work.
    pub table: &'a str,
    /// Rows of it that are done now.
    pub done: u64,
    /// About how many rows there are in all tables.
    pub total: u64,
}

/// Moves everything that the site has and somebody here keeps. The modules must have been loaded.
pub fn import(
    house: &House,
    site: &mut Site,
    is_dry: bool,
    step: &mut dyn FnMut(Step<'_>),
) -> Outcome<Report> {
    let mut keepers = keepers(house);
    // What refers to files must know which ones were taken.
    keepers.sort_by_key(|keeper| match keeper.name() {
        CORE => 0,
        files::MODULE => 1,
        _ => 2,
    });
    let mut feeds = feeds(site)?;
    let mut report = Report {
        notes: notes(site)?,
        ..Report::default()
    };
    if let Some(folder) = site.files.clone() {
        media::collect(site, &folder)?;
        feeds.push(media::FEED);
    }
    let counts: Vec<u64> = feeds
        .iter()
        .map(|feed| feed.count(site))
        .collect::<Outcome<_>>()?;
    let total = counts.iter().sum();
    report.notes.extend(homeless(&keepers, &feeds, &counts)?);
    for keeper in &keepers {
        let keeper = keeper.as_ref();
        let mine = feeds_of(keeper, &feeds)?;
        let mut step = |table: &str, done| step(Step { table, done, total });
        let lines = import_into(house, keeper, site, &mine, is_dry, &mut step)?;
        report.tables.extend(lines);
        if keeper.name() == files::MODULE {
            site.attached.take(taken_before(house)?);
            if is_dry {
                let promising = site.attached.promising();
                site.attached.take(promising);
            }
        }
    }
    Ok(report)
}

/// The files that were taken, in this run or before.
fn taken_before(house: &House) -> Outcome<Vec<i64>> {
    let refused = MovingError::of("the database");
    let until = Instant::now() + PATIENCE;
    let mut connection = house.pool.read(until).map_err(refused)?;
    let place = (files::MODULE, files::KIND);
    imported::ids(&mut connection, place).map_err(MovingError::of("the database"))
}

/// What is said of rows that nobody here keeps.
fn homeless(
    keepers: &[Box<dyn Keeper + '_>],
    feeds: &[Feed],
    counts: &[u64],
) -> Outcome<Vec<String>> {
    let mut notes = Vec::new();
    for (feed, count) in feeds.iter().zip(counts) {
        if !has_kind(keepers, feed)? {
            notes.push(format!(
                "{}: {count} rows stay behind: no module keeps them here ({} {})",
                feed.table, feed.module, feed.kind
            ));
        }
    }
    notes.dedup();
    Ok(notes)
}

/// The feeds of a keeper, in the order of its kinds.
fn feeds_of(keeper: &dyn Keeper, feeds: &[Feed]) -> Outcome<Vec<Feed>> {
    let kinds = keeper.kinds()?;
    let of_kind = |name: &str| {
        let mine = |feed: &&Feed| feed.module == keeper.name() && feed.kind == name;
        feeds.iter().find(mine).copied()
    };
    let mine = kinds.iter().filter_map(|kind| of_kind(&kind.name));
    Ok(mine.collect())
}

fn has_kind(keepers: &[Box<dyn Keeper + '_>], feed: &Feed) -> Outcome<bool> {
    let Some(keeper) = keepers.iter().find(|keeper| keeper.name() == feed.module) else {
        return Ok(false);
    };
    Ok(keeper.kinds()?.iter().any(|kind| kind.name == feed.kind))
}

/// All kinds of one keeper: what is gone there is deleted behind the last, in the other direction.
fn import_into(
    house: &House,
    keeper: &dyn Keeper,
    site: &mut Site,
    feeds: &[Feed],
    is_dry: bool,
    step: &mut dyn FnMut(&str, u64),
) -> Outcome<Vec<Line>> {
    let owner = house.settings.load().import.owner_of(keeper.name());
    let merges: Vec<Merge<'_>> = feeds
        .iter()
        .map(|feed| Merge {
            keeper,
            kind: feed.kind,
            table: feed.table,
            owner,
            tries_again: feed.tries_again,
            is_dry,
            pool: &house.pool,
        })
        .collect();
    let mut runs = Vec::new();
    for (feed, merge) in feeds.iter().zip(&merges) {
        let read = |after| feed.read(site, after);
        let mut run = merge.run(read, |done| step(feed.table, done))?;
        if feed.module == files::MODULE {
            site.attached.refuse(run.take_refused());
        }
        runs.push(run);
    }
    for run in runs.iter_mut().rev() {
        run.delete()?;
    }
    runs.into_iter().map(Run::settle).collect()
}
