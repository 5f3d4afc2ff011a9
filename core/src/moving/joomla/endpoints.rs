//! jBackend's menu items as endpoints: a text that could stand in `endpoints.toml`, for an operator to look through.

use super::object::{object, text_of};
use super::site::Site;
use crate::moving::Outcome;
use crate::moving::record::Record;
use crate::moving::source::Row;

/// The endpoints; none where there is no menu item for any.
pub fn proposal(site: &mut Site) -> Outcome<Option<String>> {
    if !site.has("menu")? {
        return Ok(None);
    }
    let sql = format!(
        "SELECT \"id\", \"path\", \"alias\", \"title\", \"params\", \"published\" FROM {} \
         WHERE \"link\" LIKE '%option=com_jbackend%' AND \"client_id\" = 0 AND \"published\" >= 0 ORDER BY \"id\"",
        site.table("menu")
    );
    let rows = site.rows(&sql)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut text = String::from(
        "# Proposed by `loggia import joomla` from jBackend's menu items. Look through it, and put it into endpoints.toml.\n",
    );
    for row in rows {
        let part = endpoint(&row);
        if row.number("published") == 1 {
            text += &part;
        } else {
            let lines = part.lines().map(|line| match line {
                "" => "\n".to_owned(),
                line => format!("# {}\n", line.trim_start_matches("# ")),
            });
            text.extend(lines);
        }
    }
    Ok(Some(text))
}

/// The endpoint of a menu item.
fn endpoint(row: &Row) -> String {
    let options = object(row, "params");
    let alias = row.text("alias");
    let name = plain(&alias).unwrap_or_else(|| format!("endpoint-{}", row.number("id")));
    let mut part = format!(
        "\n# {}, menu item {}\n[[endpoint]]\nname = {}\npath = {}\naccess = \"{}\"\nmodules = {}\n",
        one_line(&row.text("title")),
        row.number("id"),
        toml_text(&name),
        toml_text(&format!("/{}", row.text("path").trim_matches('/'))),
        access(&options),
        modules(&options),
    );
    for (option, key) in [
        ("enable_trace", "trace"),
        ("enable_cors", "cors"),
        ("force_ssl", "force_ssl"),
    ] {
        if text_of(&options, option) == "1" {
            part += key;
            part += " = true\n";
        }
    }
    part
}

fn access(options: &Record) -> &'static str {
    match text_of(options, "access_type").as_str() {
        "free" | "0" => "free",
        "user" | "1" => "user",
        _ => "key",
    }
}

/// `"all"`, or the selected ones.
fn modules(options: &Record) -> String {
    let selected = options
        .get("selected_modules")
        .and_then(|list| list.as_array());
    match selected {
        Some(list) if text_of(options, "enabled_modules") == "0" => {
            let names = list.iter().filter_map(|name| name.as_str());
            let names: Vec<String> = names.map(toml_text).collect();
            format!("[{}]", names.join(", "))
        }
        _ => "\"all\"".to_owned(),
    }
}

/// A name as endpoints have it.
fn plain(alias: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (!alias.is_empty() && alias.bytes().all(plain)).then(|| alias.to_owned())
}

fn toml_text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
