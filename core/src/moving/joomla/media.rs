//! The files of the site's folder, for the module media.

use std::path::Path;

use super::feed::Feed;
use super::files::{KIND, MODULE};
use super::folder::Folder;
use super::references;
use super::site::Site;
use crate::moving::Outcome;

/// The files, which are in no table. Nothing that they name can come behind them.
pub const FEED: Feed = Feed::new(MODULE, KIND, "files", |site, after| {
    Ok(site.attached.batch(after))
})
.once();

/// Looks for what the rows of a site refer to.
pub fn collect(site: &mut Site, folder: &Path) -> Outcome<()> {
    let folder = Folder::open(folder)?;
    let wanted = references::all(site)?;
    site.attached.look_in(folder, wanted);
    Ok(())
}
