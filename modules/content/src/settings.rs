//! The operator's settings, `[module.content]` in `endpoints.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

/// How the content module behaves; the first six are jBackend's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether only articles in the reader's language, or in all (`*`), are shown. It is the language of his
    /// account, else `language`.
    pub filter_language: bool,
    /// Which articles are shown: 1 published, 0 unpublished, 2 archived, -2 trashed, or `false` for all. An
    /// article in an unpublished category, or below one, counts as unpublished.
    pub filter_state: StateFilter,
    /// Whether only articles are shown whose view level, and those of all categories above, the caller has.
    pub filter_access: bool,
    /// Whether the images of an article are shown with absolute URLs.
    pub full_image_url: bool,
    /// Whether relative URLs of images inside the text become absolute ones.
    pub force_full_image_url_in_content: bool,
    /// Whether lists show the tags of each article.
    pub add_tags_in_article_list: bool,
    /// The language of callers whose account names none.
    pub language: String,
    /// The absolute URL that relative ones of images start from, where it is not the server's own.
    pub image_url: String,
    /// Ids of the user groups that may add articles, and change their own.
    pub author_groups: Vec<i64>,
    /// Ids of the user groups that may change everybody's articles: their members see them before and after their
    /// time.
    pub editor_groups: Vec<i64>,
    /// Ids of the user groups that may say what is published, when, and in which order.
    pub publisher_groups: Vec<i64>,
    /// Ids of the user groups that may change categories and tags, and delete for ever.
    pub manager_groups: Vec<i64>,
    /// How many revisions of each article are kept.
    pub revisions: u16,
    /// How many bytes of what was shown, and of the order of lists, are remembered until something changes.
    pub memory_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            filter_language: false,
            filter_state: StateFilter::Only(1),
            filter_access: true,
            full_image_url: true,
            force_full_image_url_in_content: false,
            add_tags_in_article_list: false,
            language: "en-GB".to_owned(),
            image_url: String::new(),
            author_groups: vec![3, 4, 5, 6, 7, 8],
            editor_groups: vec![4, 5, 6, 7, 8],
            publisher_groups: vec![5, 6, 7, 8],
            manager_groups: vec![6, 7, 8],
            revisions: 20,
            memory_bytes: 16 * 1024 * 1024,
        }
    }
}

/// One state, or `false` for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StateFilter {
    /// `false` is all of them; `true` means nothing and is refused at the start.
    Switch(bool),
    /// Only articles in this state.
    Only(i64),
}

impl StateFilter {
    /// The state, where there is one; `Err` where it is none that an article can have.
    pub(crate) fn state(self) -> Result<Option<i64>, &'static str> {
        match self {
            StateFilter::Switch(false) => Ok(None),
            StateFilter::Only(state) if (-2..=2).contains(&state) && state != -1 => Ok(Some(state)),
            _ => Err("the setting filter_state is 1, 0, 2, -2 or false"),
        }
    }
}
