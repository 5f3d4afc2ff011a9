//! Facts for people: members a line each, lists of objects as tables.

use serde::Serialize;
use serde_json::{Map, Value};

/// One object's members.
pub(super) fn members(object: &Map<String, Value>) -> String {
    let plain: Vec<_> = object
        .iter()
        .filter(|(_, value)| rows(value).is_none())
        .collect();
    let width = plain
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut parts: Vec<String> = Vec::new();
    if !plain.is_empty() {
        let line = |(name, value): &(&String, &Value)| {
            format!("{name:width$}  {}", cell(value))
                .trim_end()
                .to_owned()
        };
        parts.push(plain.iter().map(line).collect::<Vec<_>>().join("\n"));
    }
    for (name, value) in object {
        if let Some(rows) = rows(value) {
            parts.push(format!("{name}:\n{}", listed(&rows)));
        }
    }
    parts.join("\n\n")
}

/// Facts that are one object each, as a table.
pub(super) fn rows_of<T: Serialize>(facts: &[T]) -> String {
    let objects: Vec<_> = facts
        .iter()
        .filter_map(|one| serde_json::to_value(one).ok())
        .collect();
    listed(
        &objects
            .iter()
            .filter_map(Value::as_object)
            .collect::<Vec<_>>(),
    )
}

/// A list of objects as a table; the columns are all members that any of them has.
pub(super) fn listed(rows: &[&Map<String, Value>]) -> String {
    if rows.is_empty() {
        return "none".to_owned();
    }
    let mut columns: Vec<&String> = Vec::new();
    for name in rows.iter().flat_map(|row| row.keys()) {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    let headings = columns.iter().map(|name| name.to_uppercase()).collect();
    let cells = rows.iter().map(|row| {
        columns
            .iter()
            .map(|name| row.get(*name).map_or_else(String::new, cell))
            .collect()
    });
    aligned(std::iter::once(headings).chain(cells).collect())
}

/// Lines of cells, in columns as wide as their widest cell.
fn aligned(lines: Vec<Vec<String>>) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let line = |cells: &Vec<String>| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The objects of a list that holds nothing else.
fn rows(value: &Value) -> Option<Vec<&Map<String, Value>>> {
    let items = value.as_array().filter(|items| !items.is_empty())?;
    items.iter().map(Value::as_object).collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items)
            if items
                .iter()
                .all(|item| !item.is_object() && !item.is_array()) =>
        {
            items.iter().map(cell).collect::<Vec<_>>().join(" ")
        }
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_stand_in_lines_and_lists_of_objects_in_tables() {
        let facts = json!({
            "status": "ok", "total": 2, "note": null, "open": true, "groups": [1, 2],
            "items": [{"id": 1, "name": "a long one"}, {"id": 22, "name": "b", "more": {"x": 1}}],
            "empty": [],
        });
        insta::assert_snapshot!(members(facts.as_object().unwrap()));
    }
}
