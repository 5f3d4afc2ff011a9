//! A record of the site, and why some do not see it.

use super::callers::Who;
use super::marks::mark;

/// Why some callers do not see a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Everybody sees it.
    Open,
    /// It is for those who have an account.
    Registered,
    /// It is for the view level of the insiders.
    Restricted,
    Unpublished,
    Trashed,
    Archived,
    /// Its time has not come.
    Scheduled,
    /// Its time has passed.
    Expired,
    /// It is published itself, but what lies above what it lies in is not.
    BelowUnpublished,
    /// It is for everybody itself, but what lies above what it lies in is for insiders.
    BelowRestricted,
    /// It is in a category for the user group of the insiders.
    OfGroup,
    /// It is in an application for insiders.
    InRestricted,
    /// It is in an application that is not published.
    InUnpublished,
    /// It awaits approval.
    Held,
    /// It was deleted, and can be restored.
    Deleted,
}

/// Who wrote a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Author,
    Another,
}

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// What it is, such as `content article`.
    pub(super) what: &'static str,
    pub(super) kind: Kind,
    pub(super) owner: Owner,
    pub(super) id: i64,
    /// The word that stands in all its texts, and nowhere else.
    pub(super) mark: String,
}

impl Record {
    pub(super) fn new(what: &'static str, kind: Kind, owner: Owner, id: i64) -> Record {
        Record {
            what,
            kind,
            owner,
            id,
            mark: mark(&format!("{what} {kind:?} {owner:?}")),
        }
    }

    /// Whether the caller wrote it.
    pub(super) fn is_of(&self, who: Who) -> bool {
        who.is_author() && self.owner == Owner::Author
    }
}

impl Kind {
    /// Whether its view level, and those of what it lies in, are the caller's.
    pub(super) fn is_of_level(self, who: Who) -> bool {
        match self {
            Kind::Registered => who.has_account(),
            Kind::Restricted | Kind::BelowRestricted | Kind::OfGroup | Kind::InRestricted => {
                who == Who::Insider
            }
            _ => true,
        }
    }

    /// Whether nothing but view levels hides it from some.
    pub(super) fn is_published(self) -> bool {
        use Kind::{BelowRestricted, InRestricted, OfGroup, Open, Registered, Restricted};
        matches!(
            self,
            Open | Registered | Restricted | BelowRestricted | OfGroup | InRestricted
        )
    }

    /// Whether it is outside its time.
    pub(super) fn is_out_of_time(self) -> bool {
        matches!(self, Kind::Scheduled | Kind::Expired)
    }

    /// The state of a row of this kind.
    pub(super) fn state(self) -> i64 {
        match self {
            Kind::Unpublished => 0,
            Kind::Trashed => -2,
            Kind::Archived => 2,
            _ => 1,
        }
    }

    /// When a row of this kind appears, and when it disappears, in milliseconds.
    pub(super) fn times_ms(self) -> (Option<i64>, Option<i64>) {
        match self {
            Kind::Scheduled => (Some(4_000_000_000_000), None),
            Kind::Expired => (Some(1_000_000_000_000), Some(1_100_000_000_000)),
            _ => (None, None),
        }
    }

    /// The view level of a row of this kind.
    pub(super) fn level(self) -> i64 {
        match self {
            Kind::Registered => 2,
            Kind::Restricted => super::callers::INSIDERS,
            _ => 1,
        }
    }
}
