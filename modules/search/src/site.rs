//! The one operation: a question and a page of results.

use loggia_sdk::prelude::*;
use loggia_sdk::search::{Hit, Ordering, Phrase, Question};
use loggia_site::{Page, clock};

use crate::Search;

/// Parameters of `get/site`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Site {
    /// The words that are looked for.
    #[schemars(extend("x-missing" = "SRH_WNS"))]
    searchword: String,
    /// Whether `any` of the words, `all` of them, or the `exact` phrase is looked for; `all` where nothing is said.
    #[schemars(extend("x-fallback" = true))]
    searchphrase: Option<Phrase>,
    /// The first result shown.
    limitstart: Option<i64>,
    /// How many results a page has; 20 where nothing, or 0, is said.
    limit: Option<i64>,
    /// What results are ordered by: `newest` where nothing is said, `oldest`, `popular`, `alpha`, or `category`.
    #[schemars(extend("x-fallback" = true))]
    ordering: Option<Ordering>,
    /// The areas that are searched, such as `content`; all where none is named.
    areas: Option<Vec<String>>,
    /// Only results in this language, or in all; `*` for any.
    #[schemars(length(max = 20))]
    language: Option<String>,
}

/// A page of what was found.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Listing {
    /// How many there are beside this page.
    total: i64,
    /// How many a page has.
    limit: i64,
    /// The first one shown.
    offset: i64,
    /// The number of the page.
    pages_current: i64,
    /// How many pages there are.
    pages_total: i64,
    /// The page.
    results: Vec<Listed>,
}

/// Something that was found.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// The title.
    title: String,
    /// The description for search engines.
    metadesc: String,
    /// The key words for search engines.
    metakey: String,
    /// The language tag, or `*`.
    language: String,
    /// The id of the category; empty where there is none.
    catid: String,
    /// The piece of the text that shows why it was found, plain.
    text: String,
    /// The title of the category.
    section: String,
    /// Id and alias.
    slug: String,
    /// Id and alias of the category.
    catslug: String,
    /// Where a browser opens it, in Joomla's words: `2`, in the same window.
    browsernav: String,
    /// Where it is read.
    href: String,
    /// Kept empty: Joomla's custom fields.
    jcfields: String,
    /// When it was made, in UTC.
    created: String,
}

/// Finds what the caller may see.
pub(crate) fn get(search: &Search, call: &Call<'_>, parameters: Site) -> Result<Listing, Fault> {
    check(search, &parameters.searchword)?;
    let asked = parameters.limit.filter(|&limit| limit > 0);
    let limit = asked
        .unwrap_or(search.settings.limit)
        .min(search.settings.most);
    let question = Question {
        words: parameters.searchword,
        phrase: parameters.searchphrase.unwrap_or_default(),
        ordering: parameters.ordering.unwrap_or_default(),
        areas: parameters.areas.unwrap_or_default(),
        language: parameters.language.filter(|language| !language.is_empty()),
        offset: parameters.limitstart.unwrap_or(0),
        limit,
        view_levels: call.view_levels().to_vec(),
        is_private: call.is_private() || call.is_operator(),
    };
    let found = call.host().search()?.find(call, &question)?;
    let page = Page::of(found.total, Some(limit), Some(found.offset));
    let result = |hit| one(call, hit);
    Ok(Listing {
        total: found.total,
        limit,
        offset: found.offset,
        pages_current: page.current.unwrap_or(1),
        pages_total: page.total.unwrap_or(0),
        results: found.hits.into_iter().map(result).collect(),
    })
}

/// Refuses what would find too much, or nothing. An ideograph says as much as a word.
fn check(search: &Search, words: &str) -> Result<(), Fault> {
    if words.trim().is_empty() {
        return Err(Fault::new("SRH_WNS"));
    }
    let counted = words.chars().filter(|one| one.is_alphanumeric());
    let is_ideograph = |one: char| matches!(one, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}');
    let weight = |one: char| {
        if is_ideograph(one) {
            search.settings.shortest
        } else {
            1
        }
    };
    if counted.map(weight).sum::<usize>() < search.settings.shortest {
        let least = search.settings.shortest;
        return Err(Fault::new("SRH_WTS").detail(format!("at least {least} letters or digits")));
    }
    Ok(())
}

fn one(call: &Call<'_>, hit: Hit) -> Listed {
    let document = hit.document;
    let category = document
        .category_id
        .map(|id| id.to_string())
        .unwrap_or_default();
    Listed {
        slug: slug(&document.id.to_string(), &document.alias),
        catslug: slug(&category, &hit.category_alias),
        href: address(call, &document.href),
        title: document.title,
        metadesc: document.metadesc,
        metakey: document.metakey,
        language: document.language,
        catid: category,
        text: document.text,
        section: hit.category_title,
        browsernav: "2".to_owned(),
        jcfields: String::new(),
        created: clock::written(document.created_ms),
    }
}

fn slug(id: &str, alias: &str) -> String {
    if id.is_empty() || alias.is_empty() {
        return id.to_owned();
    }
    format!("{id}:{alias}")
}

/// An address below the endpoint as an absolute one, where the endpoint's own is known.
fn address(call: &Call<'_>, href: &str) -> String {
    let is_below = !href.is_empty() && !href.contains("://") && !href.starts_with('/');
    if is_below && !call.base_url().is_empty() {
        format!("{}/{href}", call.base_url())
    } else {
        href.to_owned()
    }
}
