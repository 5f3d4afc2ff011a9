//! What a caller may change, by the groups of the site.

use loggia_sdk::{Call, Fault};

use crate::Content;
use crate::sight::Sight;
use crate::store::article::ArticleRow;

/// What a caller may change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permission {
    user: Option<i64>,
    /// Whether he may add articles, and change his own.
    creates: bool,
    /// Whether he may change everybody's.
    edits: bool,
    /// Whether he may say what is published, when, and in which order.
    publishes: bool,
    /// Whether he may change categories and tags, and delete for ever.
    manages: bool,
}

impl Permission {
    /// By the settings' groups. Behind the command line and a key without an account stands the operator himself.
    pub(crate) fn of(content: &Content, call: &Call<'_>) -> Permission {
        let settings = &content.settings;
        let is_in = |groups: &[i64]| {
            call.is_unbound() || call.groups().iter().any(|group| groups.contains(group))
        };
        Permission {
            user: call.user(),
            creates: is_in(&settings.author_groups),
            edits: is_in(&settings.editor_groups),
            publishes: is_in(&settings.publisher_groups),
            manages: is_in(&settings.manager_groups),
        }
    }

    /// Who may add articles.
    pub(crate) fn create(self) -> Result<(), Fault> {
        allow(self.creates, "only authors add articles")
    }

    /// Who may change an article: its author, as long as he is one, and editors.
    pub(crate) fn edit(self, row: &ArticleRow) -> Result<(), Fault> {
        let is_own = self.creates && self.user == Some(row.created_by);
        allow(
            self.edits || is_own,
            "only its author and editors change an article",
        )
    }

    /// Whether he may know of an article that readers do not see.
    pub(crate) fn knows(self, row: &ArticleRow) -> bool {
        self.publishes || self.manages || self.edit(row).is_ok()
    }

    /// Who may publish.
    pub(crate) fn publish(self, what: &str) -> Result<(), Fault> {
        if self.publishes {
            return Ok(());
        }
        Err(refused(&format!("{what} is for publishers")))
    }

    /// Whether he may.
    pub(crate) fn publishes(self) -> bool {
        self.publishes
    }

    /// Whether his HTML is kept as he wrote it, scripts and all.
    pub(crate) fn writes_any_html(self) -> bool {
        self.manages
    }

    /// Who may change what articles are put into.
    pub(crate) fn manage(self) -> Result<(), Fault> {
        allow(self.manages, "this is for managers")
    }

    /// Where only articles that he may change are looked for: those of one author, or, with `None`, all.
    pub(crate) fn whose(self) -> Result<Option<i64>, Fault> {
        if self.edits {
            return Ok(None);
        }
        self.create()?;
        self.user
            .map(Some)
            .ok_or(refused("only authors and editors see drafts"))
    }
}

/// The view levels of what a writer may find; `None` where they are not looked at.
pub(crate) fn levels<'c>(call: &'c Call<'_>) -> Option<&'c [i64]> {
    (!call.is_unbound()).then(|| call.view_levels())
}

/// What a writer may find: of his view levels, whatever the state, the time and the language.
pub(crate) fn sight(call: &Call<'_>) -> Sight {
    Sight {
        levels: levels(call).map(<[i64]>::to_vec),
        state: None,
        now_ms: None,
        language: None,
    }
}

/// Whether a writer has a view level himself.
pub(crate) fn has_level(call: &Call<'_>, level: i64) -> bool {
    levels(call).is_none_or(|levels| levels.contains(&level))
}

/// Refuses a view level that the caller does not have himself.
pub(crate) fn check_view_level(call: &Call<'_>, level: Option<i64>) -> Result<(), Fault> {
    match level {
        Some(level) if !has_level(call, level) => Err(Fault::parameter(
            "access",
            "must be a view level of your own",
        )),
        _ => Ok(()),
    }
}

fn allow(is_allowed: bool, rule: &str) -> Result<(), Fault> {
    if is_allowed {
        Ok(())
    } else {
        Err(refused(rule))
    }
}

fn refused(rule: &str) -> Fault {
    Fault::new("CNT_ANA").detail(rule)
}
