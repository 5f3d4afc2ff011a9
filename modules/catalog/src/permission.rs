//! What a caller may change, by the groups of the site.

use loggia_sdk::{Call, Fault};

use crate::Catalog;
use crate::sight::Sight;

/// What a caller may change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permission {
    /// The account, or 0.
    pub(crate) user: i64,
    is_unbound: bool,
    /// Whether he may add items, and change his own.
    creates: bool,
    /// Whether he may change everybody's.
    edits: bool,
    /// Whether he may say what is shown, when, and how high in lists.
    publishes: bool,
    /// Whether he may change categories, and delete for ever.
    manages: bool,
}

impl Permission {
    /// By the settings' groups. Behind the command line and a key without an account stands the operator himself.
    pub(crate) fn of(catalog: &Catalog, call: &Call<'_>) -> Permission {
        let settings = &catalog.settings;
        let is_unbound = call.is_unbound();
        let is_in =
            |groups: &[i64]| is_unbound || call.groups().iter().any(|group| groups.contains(group));
        Permission {
            user: call.user().unwrap_or(0),
            is_unbound,
            creates: is_in(&settings.author_groups),
            edits: is_in(&settings.editor_groups),
            publishes: is_in(&settings.publisher_groups),
            manages: is_in(&settings.manager_groups),
        }
    }

    /// The permission of a caller who asks for what only writers see. Any key may read, and what a key may write is not
    /// known here, so there must be an account.
    pub(crate) fn of_writer(catalog: &Catalog, call: &Call<'_>) -> Result<Permission, Fault> {
        if call.user().is_none() && !call.is_operator() {
            return Err(Fault::new("ZOO_ANA").detail("state is for accounts"));
        }
        Ok(Permission::of(catalog, call))
    }

    /// Who may add items.
    pub(crate) fn create(self) -> Result<(), Fault> {
        allow(self.creates, "only authors add items")
    }

    /// Who may change an item: its author, as long as he is one, and editors.
    pub(crate) fn edit(self, written_by: i64) -> Result<(), Fault> {
        let is_own = self.creates && self.user != 0 && self.user == written_by;
        allow(
            self.edits || is_own,
            "only its author and editors change an item",
        )
    }

    /// Who may say what is shown.
    pub(crate) fn publish(self, what: &str) -> Result<(), Fault> {
        allow(self.publishes, &format!("{what} is for publishers"))
    }

    /// Whether he may.
    pub(crate) fn publishes(self) -> bool {
        self.publishes
    }

    /// Who may change what items are put into.
    pub(crate) fn manage(self) -> Result<(), Fault> {
        allow(self.manages, "this is for managers")
    }

    /// Whether he may.
    pub(crate) fn manages(self) -> bool {
        self.manages
    }

    /// Whether he has a view level himself.
    pub(crate) fn has_level(self, call: &Call<'_>, level: i64) -> bool {
        self.is_unbound || call.view_levels().contains(&level)
    }

    /// Refuses a view level that he does not have himself.
    pub(crate) fn check_view_level(self, call: &Call<'_>, level: Option<i64>) -> Result<(), Fault> {
        match level {
            Some(level) if !self.has_level(call, level) => Err(Fault::parameter(
                "access",
                "must be a view level of your own",
            )),
            _ => Ok(()),
        }
    }

    /// Where only items that he may change are looked for: those of one author, or, with `None`, all.
    pub(crate) fn whose(self) -> Result<Option<i64>, Fault> {
        if self.edits {
            return Ok(None);
        }
        self.create()?;
        Ok(Some(self.user))
    }

    /// What a writer may find: editors whatever its state is, within their view levels, authors what is their own.
    pub(crate) fn sight(self, catalog: &Catalog, call: &Call<'_>) -> Sight {
        if self.is_unbound {
            return Sight::EVERYTHING;
        }
        Sight {
            only_published: !(self.edits || self.manages),
            author: call.user(),
            ..Sight::of(catalog, call)
        }
    }
}

fn allow(is_allowed: bool, rule: &str) -> Result<(), Fault> {
    if is_allowed {
        Ok(())
    } else {
        Err(Fault::new("ZOO_ANA").detail(rule))
    }
}
