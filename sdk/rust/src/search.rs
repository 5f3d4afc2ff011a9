//! The search over what all modules offer: handing in what may be found, and finding it.
//!
//! A module hands in a document in the transaction that writes it, behind its own statements:
//!
//! ```ignore
//! module.service(service::SEARCH);
//! ...
//! connection.transaction(|connection| {
//!     article::save(connection, &row)?;
//!     call.host().search()?.put(connection, &document(&row))
//! })
//! ```
//!
//! Who may find a document is decided when somebody searches: by the document's own view levels and time, and by
//! its category and all categories above as the module has handed them in. So a category that is hidden, or gets
//! another view level, is handed in once; its documents stay as they are.
//!
//! A module that hands in documents also has the operation [`RESOURCE`] with the scope [`SCOPE`], which pages through
//! everything it would hand in. `loggia search` compares, repairs and rebuilds by it.

mod plain_text;

use loggia_abi::{HostSearch, Str, code};
use loggia_sql::Connection;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::fault::Fault;
use crate::identity::Text;

pub use plain_text::plain_text;

/// The scope of `get/searchables`.
pub const SCOPE: &str = "search";

/// The resource of `get/searchables`.
pub const RESOURCE: &str = "searchables";

/// The most entries of one page of `get/searchables`.
pub const MOST: i64 = 1000;

/// What can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Document {
    /// The area it belongs to, as `areas[]` names it: the module's name, or a name that begins with it.
    pub area: String,
    /// Its id in the area.
    pub id: i64,
    /// Its category in the area. It is found only where that category and all above it are.
    pub category_id: Option<i64>,
    /// The title, plain text.
    pub title: String,
    /// The text, plain; [`plain_text`] makes it of HTML.
    pub text: String,
    /// What stands for the title in addresses.
    pub alias: String,
    /// The description for search engines; its words find the document too.
    pub metadesc: String,
    /// The key words for search engines; they find the document too.
    pub metakey: String,
    /// The language tag, such as `de-DE`, or `*`; it decides how words are stemmed.
    pub language: String,
    /// The author's name, for display.
    pub author: String,
    /// When it was made; `newest` and `oldest` are ordered by it.
    pub created_ms: i64,
    /// When it was last changed.
    pub modified_ms: i64,
    /// How often it was read, or what else makes it popular.
    pub popularity: i64,
    /// From when it is found; `None` for always.
    pub publish_up_ms: Option<i64>,
    /// Until when it is found; `None` for ever.
    pub publish_down_ms: Option<i64>,
    /// The view levels that one must have to find it, all of them; those of its categories are not needed here.
    pub view_levels: Vec<i64>,
    /// Whether only endpoints that ask for a key, or are marked private, find it.
    pub private: bool,
    /// Where it is read, below the endpoint: `get/content/articles/12`. An absolute address stays as it is.
    pub href: String,
}

/// A category of documents: it is never found itself, and hides what is in it from whom it is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Category {
    /// The area it belongs to.
    pub area: String,
    /// Its id in the area.
    pub id: i64,
    /// The category above.
    pub parent_id: Option<i64>,
    /// The title, which results show and the order `category` goes by.
    pub title: String,
    /// What stands for the title in addresses.
    pub alias: String,
    /// Whether it is published; it hides everything in it and below otherwise.
    pub is_published: bool,
    /// The view levels that one must have, all of them; those of the categories above are not needed here.
    pub view_levels: Vec<i64>,
}

/// Parameters of `get/searchables`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct GetSearchables {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many entries a page has, at most 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<i64>,
}

impl GetSearchables {
    /// How many entries the page may have.
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(MOST).clamp(1, MOST)
    }
}

/// A page of what a module would hand in.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Searchables {
    /// Documents and categories, in an order of the module's choice that does not change.
    pub entries: Vec<Searchable>,
    /// What `after` has to be for the next page; `null` at the end.
    pub next: Option<String>,
}

/// What a module hands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Searchable {
    /// What can be found.
    Document(Document),
    /// What documents lie in.
    Category(Category),
}

/// How the words of a question are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phrase {
    /// Any of them.
    Any,
    /// One behind the other, as they are written.
    Exact,
    /// All of them, anywhere.
    #[default]
    All,
}

/// What found documents are ordered by, behind whether they hold the words as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ordering {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// The most popular first.
    Popular,
    /// By title.
    Alpha,
    /// By the title of the category, then by title.
    Category,
}

/// What somebody searches.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Question {
    /// The words, as they were typed.
    pub words: String,
    /// How they are meant.
    pub phrase: Phrase,
    /// What the results are ordered by.
    pub ordering: Ordering,
    /// The areas searched; empty for all.
    pub areas: Vec<String>,
    /// Only documents in this language, or in all.
    pub language: Option<String>,
    /// The first result shown; where it lies beyond the end, the last page is shown.
    pub offset: i64,
    /// How many results a page has.
    pub limit: i64,
    /// The view levels of whoever searches.
    pub view_levels: Vec<i64>,
    /// Whether the endpoint asks for a key or is marked private.
    pub is_private: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Found {
    /// How many there are beside this page.
    pub total: i64,
    /// The first one shown.
    pub offset: i64,
    /// The page.
    pub hits: Vec<Hit>,
}

/// A document that was found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Hit {
    /// The document; its text is an excerpt with the words that were found.
    pub document: Document,
    /// The title of its category.
    pub category_title: String,
    /// The alias of its category.
    pub category_alias: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Change<'a> {
    Document(&'a Document),
    Category(&'a Category),
    WithdrawDocument { area: &'a str, id: i64 },
    WithdrawCategory { area: &'a str, id: i64 },
}

/// The search over what all modules offer.
#[derive(Clone, Copy)]
pub struct Search(pub(crate) &'static HostSearch);

impl Search {
    /// Hands in a document, or what has become of it, in the connection's transaction.
    pub fn put(self, connection: &mut Connection, document: &Document) -> Result<(), Fault> {
        self.change(connection, &[Change::Document(document)])
    }

    /// Hands in many documents at once.
    pub fn put_all(self, connection: &mut Connection, documents: &[Document]) -> Result<(), Fault> {
        let changes: Vec<_> = documents.iter().map(Change::Document).collect();
        self.change(connection, &changes)
    }

    /// Takes a document back: it is gone, or nobody is to find it at present. It is no fault if there is none.
    pub fn withdraw(self, connection: &mut Connection, area: &str, id: i64) -> Result<(), Fault> {
        self.change(connection, &[Change::WithdrawDocument { area, id }])
    }

    /// Takes many documents of an area back.
    pub fn withdraw_all(
        self,
        connection: &mut Connection,
        area: &str,
        ids: &[i64],
    ) -> Result<(), Fault> {
        let changes = ids.iter().map(|&id| Change::WithdrawDocument { area, id });
        self.change(connection, &changes.collect::<Vec<_>>())
    }

    /// Hands in a category, or what has become of it.
    pub fn put_category(
        self,
        connection: &mut Connection,
        category: &Category,
    ) -> Result<(), Fault> {
        self.change(connection, &[Change::Category(category)])
    }

    /// Hands in many categories at once.
    pub fn put_categories(
        self,
        connection: &mut Connection,
        categories: &[Category],
    ) -> Result<(), Fault> {
        let changes: Vec<_> = categories.iter().map(Change::Category).collect();
        self.change(connection, &changes)
    }

    /// Takes a category back; nobody finds what is still in it. It is no fault if there is none.
    pub fn withdraw_category(
        self,
        connection: &mut Connection,
        area: &str,
        id: i64,
    ) -> Result<(), Fault> {
        self.change(connection, &[Change::WithdrawCategory { area, id }])
    }

    /// Takes many categories of an area back.
    pub fn withdraw_categories(
        self,
        connection: &mut Connection,
        area: &str,
        ids: &[i64],
    ) -> Result<(), Fault> {
        let changes = ids.iter().map(|&id| Change::WithdrawCategory { area, id });
        self.change(connection, &changes.collect::<Vec<_>>())
    }

    fn change(self, connection: &mut Connection, changes: &[Change<'_>]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let json = serde_json::to_string(changes).map_err(Fault::internal)?;
        // SAFETY: the connection is the host's own and lives during the call; the text is copied.
        fault_of(unsafe { (self.0.change)(self.0.context, connection.as_raw(), Str::new(&json)) })
    }

    /// Searches.
    pub fn find(self, call: &Call<'_>, question: &Question) -> Result<Found, Fault> {
        let json = serde_json::to_string(question).map_err(Fault::internal)?;
        let mut answer = Text::default();
        let mut sink = answer.sink();
        // SAFETY: the handle is the host's own and lives during the call; the sink lives on this stack until then.
        fault_of(unsafe {
            (self.0.find)(self.0.context, call.raw(), Str::new(&json), &raw mut sink)
        })?;
        serde_json::from_str(answer.text()).map_err(Fault::internal)
    }
}

fn fault_of(result: i32) -> Result<(), Fault> {
    match result {
        code::OK => Ok(()),
        code::DEADLINE => Err(Fault::new("REQ_TMO")),
        code::BUSY => Err(Fault::new("REQ_OVL")),
        other => Err(Fault::internal(format_args!(
            "the search service failed ({other})"
        ))),
    }
}
