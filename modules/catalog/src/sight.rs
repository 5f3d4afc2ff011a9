//! What a caller may see of items and categories.

use loggia_sdk::Call;

use crate::Catalog;

/// The state of what is published.
pub(crate) const PUBLISHED: i64 = 1;

/// The rules a caller's items are chosen by.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    /// The view levels of the caller; `None` where they are not looked at.
    pub(crate) levels: Option<Vec<i64>>,
    /// The present, in the publish window of what is shown; `None` for editors, who see beyond it.
    pub(crate) now_ms: Option<i64>,
    /// Whether only what is published is shown.
    pub(crate) only_published: bool,
    /// The account whose own items are shown whatever else hides them.
    pub(crate) author: Option<i64>,
    /// Whether applications that are not published are no hindrance.
    pub(crate) sees_all: bool,
}

impl Sight {
    /// Whatever there is.
    pub(crate) const EVERYTHING: Sight = Sight {
        levels: None,
        now_ms: None,
        only_published: false,
        author: None,
        sees_all: true,
    };

    /// What readers see.
    pub(crate) fn of(catalog: &Catalog, call: &Call<'_>) -> Sight {
        let is_editor = catalog.settings.is_editor(call);
        Sight {
            levels: Some(call.view_levels().to_vec()),
            now_ms: (!is_editor).then(|| call.host().clock().now_ms()),
            only_published: true,
            author: None,
            sees_all: false,
        }
    }

    /// The same at any time, for who tells one sight from another.
    pub(crate) fn timeless(&self) -> Sight {
        Sight {
            now_ms: self.now_ms.map(|_| 0),
            ..self.clone()
        }
    }

    /// The same, whatever the view levels.
    pub(crate) fn without_levels(&self) -> Sight {
        Sight {
            levels: None,
            ..self.clone()
        }
    }
}
