//! What the module keeps of one person: the items he has written and changed.

use loggia_sdk::prelude::*;
use loggia_site::{clock, once};
use serde_json::{Map, Value};

use super::saved::document;
use super::snapshot::Snapshot;
use crate::store::{item, revision, vote};
use crate::{Catalog, searchable};

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// The items it wrote, oldest first.
    items: Vec<KeptItem>,
    /// The versions of items that it saved, oldest first.
    revisions: Vec<KeptRevision>,
    /// Its votes, oldest first.
    votes: Vec<KeptVote>,
}

/// A vote of a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptVote {
    /// The id of the item.
    item: String,
    /// The rating.
    element: String,
    /// The stars.
    value: i64,
    /// When, in UTC.
    voted: String,
}

/// An item of a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptItem {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// When it was made, in UTC.
    created: String,
    /// The name shown as the author's.
    author: String,
    /// The data of its elements.
    elements: Map<String, Value>,
}

/// A version that a person saved.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptRevision {
    /// The id of the item.
    item: String,
    /// What was done.
    act: String,
    /// When, in UTC.
    saved: String,
    /// What the item was like then.
    content: Snapshot,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many items have no author any more; they are the site's and stay.
    items: usize,
    /// So many revisions no longer say who saved them.
    revisions: usize,
    /// So many votes no longer say whose they are; they count as before.
    votes: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_catalog: &Catalog, call: &Call<'_>, person: Person) -> Result<Kept, Fault> {
    let mut connection = call.database()?;
    let items = item::of_person(&mut connection, person.user)?;
    let items = items.into_iter().map(|row| {
        Ok(KeptItem {
            id: row.id.to_string(),
            name: row.facts.name,
            created: clock::written(row.facts.created_ms),
            author: row.facts.created_by_alias,
            elements: document(&row.facts.elements)?,
        })
    });
    let items = items.collect::<Result<_, Fault>>()?;
    let revisions = revision::of_person(&mut connection, person.user)?;
    let revisions = revisions.into_iter().map(|row| {
        Ok(KeptRevision {
            item: row.facts.item_id.to_string(),
            act: row.facts.act,
            saved: clock::written(row.facts.saved_ms),
            content: document(&row.facts.snapshot)?,
        })
    });
    let revisions = revisions.collect::<Result<_, Fault>>()?;
    let votes = vote::of_person(&mut connection, person.user)?;
    let votes = votes.into_iter().map(|row| KeptVote {
        item: row.facts.item_id.to_string(),
        element: row.facts.element,
        value: row.facts.stars,
        voted: clock::written(row.facts.voted_ms),
    });
    let votes = votes.collect();
    Ok(Kept {
        items,
        revisions,
        votes,
    })
}

/// Takes an account's id and names from its items, and its id from its votes.
pub(crate) fn erase(catalog: &Catalog, call: &Call<'_>, person: Person) -> Result<Erased, Fault> {
    catalog.memory.write(call, |connection| {
        once::forget_person(connection, "catalog_once", person.user)?;
        let ids = item::ids_of_person(connection, person.user)?;
        let items = item::forget_person(connection, person.user)?;
        searchable::items_changed(call, connection, &ids)?;
        Ok(Erased {
            items,
            revisions: revision::forget_person(connection, person.user)?,
            votes: vote::forget_person(connection, person.user)?,
        })
    })
}
