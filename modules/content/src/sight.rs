//! What a caller may see of articles and categories.

use loggia_sdk::{Call, Fault};

use crate::Content;

/// The state of what is published.
pub(crate) const PUBLISHED: i64 = 1;

/// The rules a caller's articles are chosen by.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    /// The view levels of the caller; `None` where the site does not look at them.
    pub(crate) levels: Option<Vec<i64>>,
    /// The one state shown; `None` for all.
    pub(crate) state: Option<i64>,
    /// The present, in the publish window of what is shown; `None` for editors, who see beyond it.
    pub(crate) now_ms: Option<i64>,
    /// The one language shown beside `*`; `None` for all.
    pub(crate) language: Option<String>,
}

impl Sight {
    /// By the site's settings.
    pub(crate) fn of(content: &Content, call: &Call<'_>) -> Result<Sight, Fault> {
        let settings = &content.settings;
        let language = if settings.filter_language {
            Some(language(content, call)?)
        } else {
            None
        };
        Ok(Sight {
            levels: settings.filter_access.then(|| call.view_levels().to_vec()),
            state: settings.filter_state.state().map_err(Fault::internal)?,
            now_ms: (!is_editor(content, call)).then(|| call.host().clock().now_ms()),
            language,
        })
    }

    /// The same, whatever the view levels.
    pub(crate) fn without_levels(&self) -> Sight {
        Sight {
            levels: None,
            ..self.clone()
        }
    }

    /// The same at any time, for who tells one sight from another.
    pub(crate) fn timeless(&self) -> Sight {
        Sight {
            now_ms: self.now_ms.map(|_| 0),
            ..self.clone()
        }
    }

    /// For lists by tag: what is published, in all languages.
    pub(crate) fn published(self) -> Sight {
        Sight {
            state: Some(PUBLISHED),
            language: None,
            ..self
        }
    }
}

fn is_editor(content: &Content, call: &Call<'_>) -> bool {
    let editors = &content.settings.editor_groups;
    call.groups().iter().any(|group| editors.contains(group))
}

fn language(content: &Content, call: &Call<'_>) -> Result<String, Fault> {
    let account = match call.user() {
        Some(user) => call.host().identity()?.by_id(call, user)?,
        None => None,
    };
    Ok(account
        .map(|account| account.language)
        .filter(|language| !language.is_empty() && language != "*")
        .unwrap_or_else(|| content.settings.language.clone()))
}
