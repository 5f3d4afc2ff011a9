//! What a caller may see of menu items.

use loggia_sdk::Call;

use crate::Menu;

/// The state of what is published.
pub(crate) const PUBLISHED: i64 = 1;

/// The rules a caller's items are chosen by.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    /// The view levels of the caller.
    pub(crate) levels: Vec<i64>,
    /// The present, in the publish window of what is shown; `None` for editors, who see beyond it.
    pub(crate) now_ms: Option<i64>,
}

impl Sight {
    /// By the site's settings.
    pub(crate) fn of(menu: &Menu, call: &Call<'_>) -> Sight {
        Sight {
            levels: call.view_levels().to_vec(),
            now_ms: (!is_editor(menu, call)).then(|| call.host().clock().now_ms()),
        }
    }
}

/// Whether the caller may edit, and so know of what is not published.
pub(crate) fn is_editor(menu: &Menu, call: &Call<'_>) -> bool {
    let editors = &menu.settings.editor_groups;
    call.is_operator() || call.groups().iter().any(|group| editors.contains(group))
}
