//! A feed: the rows of one table, and the records that they become.

use super::files;
use super::site::Site;
use crate::moving::Outcome;
use crate::moving::merge::Batch;

/// One kind of records, and the table that they come from.
#[derive(Clone, Copy)]
pub struct Feed {
    /// Who keeps them here.
    pub module: &'static str,
    /// As which kind.
    pub kind: &'static str,
    /// The table, without its prefix.
    pub table: &'static str,
    read: Read,
    /// Whether what is refused is tried again, for it may name what comes later.
    pub tries_again: bool,
}

type Read = fn(&mut Site, i64) -> Outcome<Batch>;

impl Feed {
    pub(super) const fn new(
        module: &'static str,
        kind: &'static str,
        table: &'static str,
        read: Read,
    ) -> Self {
        Self {
            module,
            kind,
            table,
            read,
            tries_again: true,
        }
    }

    /// One whose records name nothing.
    pub(super) const fn once(self) -> Self {
        Self {
            tries_again: false,
            ..self
        }
    }

    /// The records behind an id.
    pub fn read(&self, site: &mut Site, after: i64) -> Outcome<Batch> {
        (self.read)(site, after)
    }

    /// About how many there are, for a progress bar.
    pub fn count(&self, site: &mut Site) -> Outcome<u64> {
        if self.module == files::MODULE {
            return Ok(site.attached.count());
        }
        site.count(self.table, "1 = 1")
    }
}
