//! Moves a whole Joomla site in, kind by kind.

use super::Outcome;
use super::joomla::{Feed, Site, feeds, notes};
use super::keeper::{Keeper, keepers};
use super::merge::{Merge, Run};
use super::report::{Line, Report};
use crate::app::House;

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
    let keepers = keepers(house);
    let feeds = feeds(site)?;
    let mut report = Report {
        notes: notes(site)?,
        ..Report::default()
    };
    let mut total = 0;
    for feed in &feeds {
        total += feed.count(site)?;
    }
    let mut homeless = Vec::new();
    for feed in &feeds {
        if !has_kind(&keepers, feed)? {
            homeless.push(format!(
                "{}: {} rows stay behind: no module keeps them here ({} {})",
                feed.table,
                feed.count(site)?,
                feed.module,
                feed.kind
            ));
        }
    }
    homeless.dedup();
    report.notes.extend(homeless);
    for keeper in &keepers {
        let kinds = keeper.kinds()?;
        let of_kind = |name: &str| {
            let mine = |feed: &&Feed| feed.module == keeper.name() && feed.kind == name;
            feeds.iter().find(mine).copied()
        };
        let mine: Vec<Feed> = kinds
            .iter()
            .filter_map(|kind| of_kind(&kind.name))
            .collect();
        let lines = import_into(
            house,
            keeper.as_ref(),
            site,
            &mine,
            is_dry,
            &mut |table, done| {
                step(Step { table, done, total });
            },
        )?;
        report.tables.extend(lines);
    }
    Ok(report)
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
            is_dry,
            pool: &house.pool,
        })
        .collect();
    let mut runs = Vec::new();
    for (feed, merge) in feeds.iter().zip(&merges) {
        let read = |after| feed.read(site, after);
        runs.push(merge.run(read, |done| step(feed.table, done))?);
    }
    for run in runs.iter_mut().rev() {
        run.delete()?;
    }
    runs.into_iter().map(Run::settle).collect()
}
