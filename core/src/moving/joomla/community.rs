//! Community Builder: the definitions of its fields, and what people have put into them.

use serde_json::{Value, json};

use super::feed::Feed;
use super::levels::NOBODY;
use super::made::{Made, batch, noted};
use super::object::record;
use super::site::{Site, keys};
use crate::moving::Outcome;
use crate::moving::merge::Batch;
use crate::moving::record::Record;
use crate::moving::source::Row;

const MODULE: &str = "profiles";

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 2] = [
    Feed::new(MODULE, "field", "comprofiler_fields", fields),
    Feed::new(MODULE, "profile", "comprofiler", profiles),
];

/// The types of fields that there are here too.
const KINDS: [&str; 16] = [
    "text",
    "textarea",
    "editorta",
    "hidden",
    "integer",
    "number",
    "checkbox",
    "date",
    "datetime",
    "emailaddress",
    "webaddress",
    "select",
    "radio",
    "multiselect",
    "multicheckbox",
    IMAGE,
];
/// Of these the column has the name of a file, and another one whether somebody has looked at it.
const IMAGE: &str = "image";
/// Where such files lie.
const IMAGES: &str = "images/comprofiler";
/// Those whose values are chosen among some.
const CHOICES: [&str; 4] = ["select", "radio", "multiselect", "multicheckbox"];

/// The fields of the component's own table; those of Joomla's accounts come with the accounts.
const OWN: &str = "t.\"table\" = '#__comprofiler'";

fn fields(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("comprofiler_fields", "fieldid", after, OWN)?;
    let ids = keys(&rows, "fieldid");
    let values = site.beside("comprofiler_field_values", "fieldid", &ids, "1 = 1")?;
    let columns = site.columns_of("comprofiler")?.cloned().unwrap_or_default();
    batch(rows, "fieldid", |row| {
        let id = row.number("fieldid");
        if let Some(why) = misfit(row, &columns) {
            return Ok(Made::Skipped(why));
        }
        let kind = row.text("type");
        let mut options = values.get(&id).cloned().unwrap_or_default();
        options.sort_by_key(|row| (row.number("ordering"), row.number("fieldvalueid")));
        let is_choice = CHOICES.contains(&kind.as_str());
        let options: Vec<String> = options
            .iter()
            .map(|row| row.text("fieldtitle"))
            .filter(|option| is_choice && !option.is_empty())
            .collect();
        let default = row.text("default");
        let fits = ["text", "textarea"].contains(&kind.as_str()) || options.contains(&default);
        Ok(Made::Record(record(json!({
            "id": id,
            "name": row.text("name"),
            "title": row.text("title"),
            "description": row.text("description"),
            "kind": kind,
            "options": options,
            "default_value": if fits { default } else { String::new() },
            "max_length": row.number("maxlength").max(0),
            "required": row.number("required") != 0,
            "readonly": row.number("readonly") != 0,
            "published": row.number("published") != 0,
            "position": row.number("ordering"),
        }))))
    })
}

/// Why a field has no place here.
fn misfit(row: &Row, columns: &[String]) -> Option<String> {
    let (name, kind) = (row.text("name"), row.text("type"));
    if !KINDS.contains(&kind.as_str()) {
        return Some(format!("there are no fields of the type {kind} here"));
    }
    (!columns.contains(&name)).then(|| "it has no column of its own name".to_owned())
}

fn profiles(site: &mut Site, after: i64) -> Outcome<Batch> {
    let columns = site.columns_of("comprofiler")?.cloned().unwrap_or_default();
    let sql = format!(
        "SELECT t.* FROM {} t WHERE {OWN}",
        site.table("comprofiler_fields")
    );
    let fields: Vec<(String, String)> = site
        .rows(&sql)?
        .iter()
        .filter(|row| misfit(row, &columns).is_none())
        .map(|row| (row.text("name"), row.text("type")))
        .collect();
    let rows = site.page("comprofiler", "user_id", after, "1 = 1")?;
    batch(rows, "user_id", |row| {
        let (mut values, mut notes) = (Record::new(), Vec::new());
        for (name, kind) in &fields {
            let value = if kind == IMAGE {
                let path = path_of(row, name);
                path.and_then(|path| site.attached.find(name, &path, &mut notes))
                    .map(Value::from)
            } else {
                value(row, name, kind)
            };
            values.extend(value.map(|value| (name.clone(), value)));
        }
        if values.is_empty() {
            return Ok(if notes.is_empty() {
                Made::Nothing
            } else {
                Made::Skipped(notes.join("; "))
            });
        }
        let made = record(json!({ "id": row.number("user_id"), "values": values }));
        Ok(noted(made, &notes))
    })
}

/// A field with images of people.
pub(super) struct Image {
    pub(super) name: String,
    /// The view levels that one must have to see it.
    pub(super) levels: Vec<i64>,
}

/// The fields with images; none where there is no such component.
pub(super) fn images(site: &mut Site) -> Outcome<Vec<Image>> {
    if !site.has("comprofiler")? || !site.has("comprofiler_fields")? {
        return Ok(Vec::new());
    }
    let columns = site.columns_of("comprofiler")?.cloned().unwrap_or_default();
    let sql = format!(
        "SELECT t.* FROM {} t WHERE {OWN} AND t.\"type\" = '{IMAGE}'",
        site.table("comprofiler_fields")
    );
    let rows = site.rows(&sql)?;
    let tabs = site.beside("comprofiler_tabs", "tabid", &keys(&rows, "tabid"), "1 = 1")?;
    // Old versions have no levels of their own.
    let level = |row: &Row| {
        row.get("viewaccesslevel")
            .map(|_| row.number("viewaccesslevel"))
    };
    let image = |row: &Row| {
        let tab = tabs.get(&row.number("tabid")).and_then(|rows| rows.first());
        let is_published = |row: &Row, column: &str| row.get(column).is_none_or(|text| text != "0");
        let is_shown =
            is_published(row, "published") && tab.is_none_or(|tab| is_published(tab, "enabled"));
        let levels = [
            level(row),
            tab.and_then(level),
            (!is_shown).then_some(NOBODY),
        ];
        Image {
            name: row.text("name"),
            levels: levels.into_iter().flatten().collect(),
        }
    };
    let rows = rows.iter().filter(|row| misfit(row, &columns).is_none());
    Ok(rows.map(image).collect())
}

/// Where somebody's image lies, if it may be shown.
pub(super) fn path_of(row: &Row, field: &str) -> Option<String> {
    let file = row.get(field).filter(|file| !file.is_empty())?;
    let is_approved = row.number(&format!("{field}approved")) == 1;
    is_approved.then(|| format!("{IMAGES}/{file}"))
}

/// Whether the component shows somebody: who is not confirmed, not approved, or banned has no profile.
pub(super) fn is_shown(row: &Row) -> bool {
    let has = |column: &str, wanted: i64| row.get(column).is_none() || row.number(column) == wanted;
    has("approved", 1) && has("confirmed", 1) && has("banned", 0)
}

/// What somebody has put into a field; none where there is nothing in it.
fn value(row: &Row, name: &str, kind: &str) -> Option<Value> {
    let text = row.get(name).filter(|text| !text.is_empty())?;
    let is_time = ["date", "datetime"].contains(&kind);
    // Zeros are no time.
    if is_time && row.time_ms(name).is_none() {
        return None;
    }
    let day = text.get(..10).filter(|_| kind == "date");
    Some(day.unwrap_or(text).into())
}
