//! The revisions of an item: listed, shown with what has changed, and made the present again.

use std::time::Duration;

use loggia_sdk::prelude::*;
use loggia_site::clock;
use loggia_sql::Connection;
use serde_json::Value;
use similar::TextDiff;

use super::insight::Insight;
use super::saved::{Saved, document, written};
use super::snapshot::Snapshot;
use super::state::{TRASHED, UNPUBLISHED};
use super::{place, saving};
use crate::Catalog;
use crate::permission::Permission;
use crate::store::item::{ItemFacts, ItemRow};
use crate::store::membership;
use crate::store::revision::{self, RevisionRow};

/// How long two texts are compared before a coarser answer is given.
const COMPARING: Duration = Duration::from_millis(500);

/// Parameters of `get/revisions`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revisions {
    /// The item.
    id: i64,
}

/// The revisions of an item.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many are kept.
    total: usize,
    /// The revisions, newest first.
    revisions: Vec<Facts>,
}

/// A revision.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Facts {
    /// The id.
    id: String,
    /// The item's.
    item_id: String,
    /// The version of the item.
    version: i64,
    /// What was done: `create`, `change`, `publish`, `unpublish`, `archive`, `trash`, `restore`; `earlier` is what
    /// the item was like before its first change here.
    act: String,
    /// The id of the account that did it, or 0.
    user: String,
    /// When, in UTC.
    created: String,
}

/// Parameters of `get/revision`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revision {
    /// The revision.
    id: i64,
    /// The revision of the same item that it is compared with; without it, the one before.
    against: Option<i64>,
}

/// A revision, and what has changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// What lists show too.
    #[serde(flatten)]
    facts: Facts,
    /// What the item was like.
    content: Snapshot,
    /// The id of the revision that it is compared with; `null` where there is none before.
    against: Option<String>,
    /// The members that differ.
    changes: Vec<Difference>,
}

/// A member that differs.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// The member; of an element `elements.` and its identifier.
    member: String,
    /// Its lines before and after, as a unified diff.
    diff: String,
}

/// Parameters of `post/restore`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Restore {
    /// The revision.
    id: i64,
}

/// Lists the revisions of an item, for who may change it.
pub(crate) fn list(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: Revisions,
) -> Result<List, Fault> {
    let mut connection = call.database()?;
    item(catalog, call, &mut connection, parameters.id)?;
    let rows = revision::of_item(&mut connection, parameters.id)?;
    let revisions: Vec<Facts> = rows.iter().map(facts).collect();
    Ok(List {
        total: revisions.len(),
        revisions,
    })
}

/// Shows a revision beside another one.
pub(crate) fn show(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: Revision,
) -> Result<Shown, Fault> {
    let mut connection = call.database()?;
    let (row, item) = find(catalog, call, &mut connection, parameters.id)?;
    let sight = Permission::of(catalog, call).sight(catalog, call);
    let insight = Insight::of(&mut connection, sight, &item.facts)?;
    let other = match parameters.against {
        Some(id) => {
            let other = revision::by_id(&mut connection, id)?;
            let other = other.filter(|other| other.facts.item_id == row.facts.item_id);
            Some(other.ok_or(Fault::new("ZOO_RNF"))?)
        }
        None => revision::before(&mut connection, row.facts.item_id, row.facts.version)?,
    };
    let mut seen = |row: &RevisionRow| {
        let mut snapshot: Snapshot = document(&row.facts.snapshot)?;
        insight.narrow(&mut connection, &mut snapshot)?;
        Ok::<_, Fault>(snapshot)
    };
    let before = other.as_ref().map(&mut seen).transpose()?;
    let content = seen(&row)?;
    let value = |snapshot: &Snapshot| serde_json::to_value(snapshot).map_err(Fault::internal);
    let before = before.as_ref().map(value).transpose()?;
    Ok(Shown {
        facts: facts(&row),
        against: other.map(|other| other.id.to_string()),
        changes: changes(before.as_ref().unwrap_or(&Value::Null), &value(&content)?),
        content,
    })
}

/// Makes an item what it was at a revision. What only publishers set stays as it is where the caller is none, but that
/// it leaves the trash; so do categories that are gone, and what he does not see.
pub(crate) fn restore(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: Restore,
) -> Result<Versioned<Saved>, Fault> {
    catalog.memory.write(call, |connection| {
        let (row, seen) = find(catalog, call, connection, parameters.id)?;
        let permission = Permission::of(catalog, call);
        let sight = permission.sight(catalog, call);
        let now = place::item_to_change(connection, call, permission, &sight, None, seen.id)?;
        let then: Snapshot = document(&row.facts.snapshot)?;
        let app = now.facts.application_id;
        let present = membership::of_item(connection, now.id)?;
        let insight = Insight::of(connection, sight.clone(), &now.facts)?;
        let categories = insight.categories(connection, &then.categories)?;
        let categories = place::with_unseen(connection, &sight, app, categories, &present)?;
        let mut after = restored(permission, &now, then, &categories)?;
        let elements = insight.merged(document(&after.elements)?, document(&now.facts.elements)?);
        after.elements = written(&elements)?;
        if !permission.has_level(call, after.view_level_id) {
            after.view_level_id = now.facts.view_level_id;
        }
        saving::change(
            catalog,
            call,
            connection,
            now,
            after,
            Some(categories),
            "restore",
        )
    })
}

fn restored(
    permission: Permission,
    now: &ItemRow,
    then: Snapshot,
    categories: &[i64],
) -> Result<ItemFacts, Fault> {
    let now = now.facts.clone();
    let first = Some(then.primary_category).filter(|id| categories.contains(id));
    let mut after = ItemFacts {
        name: then.name,
        alias: then.alias,
        searchable: then.searchable,
        comments_enabled: then.enable_comments,
        primary_category_id: first.or(categories.first().copied()).unwrap_or(0),
        elements: written(&then.elements)?,
        metadata: written(&then.metadata)?,
        ..now
    };
    if permission.publishes() {
        after.state = then.state;
        after.view_level_id = then.access;
        after.publish_up_ms = then.publish_up_ms;
        after.publish_down_ms = then.publish_down_ms;
        after.priority = then.priority;
    } else if after.state == TRASHED {
        after.state = UNPUBLISHED;
    }
    Ok(after)
}

/// A revision, and its item as it is now.
fn find(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    id: i64,
) -> Result<(RevisionRow, ItemRow), Fault> {
    let row = revision::by_id(connection, id)?.ok_or(Fault::new("ZOO_RNF"))?;
    let now = item(catalog, call, connection, row.facts.item_id);
    let now = now.map_err(|fault| match fault.code() {
        // Whoever does not see the item does not see that it has revisions.
        "ZOO_INF" => Fault::new("ZOO_RNF"),
        _ => fault,
    })?;
    Ok((row, now))
}

/// An item that the caller may change.
fn item(
    catalog: &Catalog,
    call: &Call<'_>,
    connection: &mut Connection,
    id: i64,
) -> Result<ItemRow, Fault> {
    let permission = Permission::of(catalog, call);
    let row = place::item(connection, &permission.sight(catalog, call), None, id)?;
    permission.edit(row.facts.created_by)?;
    Ok(row)
}

fn facts(row: &RevisionRow) -> Facts {
    Facts {
        id: row.id.to_string(),
        item_id: row.facts.item_id.to_string(),
        version: row.facts.version,
        act: row.facts.act.clone(),
        user: row.facts.saved_by.to_string(),
        created: clock::written(row.facts.saved_ms),
    }
}

/// The members by which two snapshots differ; elements one by one.
fn changes(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    for (name, new) in after.as_object().into_iter().flatten() {
        let old = &before[name];
        if name == "elements" {
            found.extend(changed_elements(old, new));
        } else if old != new {
            found.push(difference(name.clone(), old, new));
        }
    }
    found
}

fn changed_elements(before: &Value, after: &Value) -> Vec<Difference> {
    let names = |elements: &Value| -> Vec<String> {
        let members = elements.as_object();
        members.map_or_else(Vec::new, |members| members.keys().cloned().collect())
    };
    let mut all = names(before);
    all.extend(names(after));
    all.sort();
    all.dedup();
    all.into_iter()
        .filter(|name| before[name] != after[name])
        .map(|name| {
            let (old, new) = (&before[&name], &after[&name]);
            difference(format!("elements.{name}"), old, new)
        })
        .collect()
}

fn difference(member: String, old: &Value, new: &Value) -> Difference {
    let diff = TextDiff::configure()
        .timeout(COMPARING)
        .diff_lines(&lines(old), &lines(new))
        .unified_diff()
        .context_radius(2)
        .to_string();
    Difference { member, diff }
}

/// A value as lines, each of its texts beginning one.
fn lines(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => format!("{text}\n"),
        Value::Array(list) => list.iter().map(lines).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match value {
                Value::Object(_) | Value::Array(_) => lines(value),
                _ => format!("{name}: {}", lines(value)),
            })
            .collect(),
        other => format!("{other}\n"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_elements_that_changed_are_named_one_by_one() {
        let element = |text: &str| json!({ "0": { "value": text } });
        let before = json!({ "name": "a", "elements": { "x": element("1"), "y": element("2") } });
        let after = json!({ "name": "a", "elements": { "y": element("3"), "z": element("4") } });
        let changed = changes(&before, &after);
        let members: Vec<&str> = changed.iter().map(|one| one.member.as_str()).collect();
        assert_eq!(members, ["elements.x", "elements.y", "elements.z"]);
        assert!(
            changed[1].diff.contains("-value: 2\n+value: 3\n"),
            "{}",
            changed[1].diff
        );
    }
}
