//! A table of jBackend's keys as text: CSV with a heading, or one key a line.

use std::collections::HashMap;

use crate::cli::time;

/// One key of the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Its line, from 1.
    pub(super) line: usize,
    pub(super) key: String,
    /// The account, by id, user name or address; empty or 0 is nobody.
    pub(super) user: String,
    pub(super) daily_requests: i64,
    pub(super) expires_ms: Option<i64>,
    pub(super) comment: String,
    /// As jBackend numbers it; published where the table does not say.
    pub(super) published: i16,
}

/// jBackend's "never".
const NEVER: &str = "0000-00-00";

/// Reads a table. Its first line names columns as jBackend does (`key`, `user_id`, `daily_requests`,
/// `expiration_date`, `comment`, `published`; others are passed over); without such a line each line is a key.
pub(super) fn read(text: &str) -> Result<Vec<Row>, String> {
    let records = records(text)?;
    let is_heading = |cells: &[String]| cells.iter().any(|cell| cell.eq_ignore_ascii_case("key"));
    match records.split_first() {
        Some(((_, heading), rest)) if is_heading(heading) => rest
            .iter()
            .map(|(line, cells)| row(*line, heading, cells))
            .collect(),
        _ => Ok(records
            .into_iter()
            .map(|(line, cells)| bare(line, cells.join(",")))
            .collect()),
    }
}

fn bare(line: usize, key: String) -> Row {
    Row {
        line,
        key,
        published: 1,
        ..Row::default()
    }
}

fn row(line: usize, heading: &[String], cells: &[String]) -> Result<Row, String> {
    let names = heading.iter().map(|name| name.trim().to_lowercase());
    let cells: HashMap<String, &str> = names.zip(cells.iter().map(String::as_str)).collect();
    let cell = |name: &str| cells.get(name).copied().unwrap_or_default().trim();
    let number = |name: &str| match cell(name) {
        "" => Ok(None),
        text => text
            .parse::<i64>()
            .map(Some)
            .map_err(|_| format!("line {line}: `{name}` is no number")),
    };
    let user = ["username", "user_id"]
        .into_iter()
        .map(cell)
        .find(|user| !user.is_empty());
    let published = number("published")?.map_or(Ok(1), i16::try_from);
    Ok(Row {
        line,
        key: cells.get("key").copied().unwrap_or_default().to_owned(),
        user: user
            .filter(|user| *user != "0")
            .unwrap_or_default()
            .to_owned(),
        daily_requests: number("daily_requests")?.unwrap_or(0),
        expires_ms: expiry(cell("expiration_date"))
            .map_err(|text| format!("line {line}: {text}"))?,
        comment: cell("comment").to_owned(),
        published: published.map_err(|_| format!("line {line}: `published` is out of range"))?,
    })
}

/// jBackend's times are UTC and have a space between date and time.
fn expiry(text: &str) -> Result<Option<i64>, String> {
    if text.is_empty() || text == "NULL" || text.starts_with(NEVER) {
        return Ok(None);
    }
    let instant = match text.split_once(' ') {
        Some((date, clock)) => format!("{date}T{clock}Z"),
        None => text.to_owned(),
    };
    time::point_ms(&instant)
        .map(Some)
        .map_err(|_| "`expiration_date` is no date".to_owned())
}

/// The records of a CSV text (RFC 4180) with the lines they begin on; empty lines are none.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let (mut records, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut begin, mut quoted) = (1, 1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                records.push((begin, std::mem::take(&mut cells)));
                begin = line;
            }
            other => cell.push(other),
        }
    }
    if quoted {
        return Err(format!("line {begin}: a quotation mark is not closed"));
    }
    cells.push(cell);
    records.push((begin, cells));
    records.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_jbackend_is_read_by_its_heading() {
        let text = "id,key,user_id,daily_requests,expiration_date,comment,published\r\n\
                    1,AB12,0,100,2027-01-31 00:00:00,\"a \"\"b\"\", c\",1\r\n2,CD34,7,0,0000-00-00 00:00:00,,-2\r\n";
        let rows = read(text).unwrap();
        let first = Row {
            line: 2,
            key: "AB12".to_owned(),
            daily_requests: 100,
            expires_ms: Some(1_801_353_600_000),
            comment: "a \"b\", c".to_owned(),
            published: 1,
            ..Row::default()
        };
        assert_eq!(rows[0], first);
        assert_eq!(
            (rows[1].user.as_str(), rows[1].expires_ms, rows[1].published),
            ("7", None, -2)
        );
    }

    #[test]
    fn without_a_heading_each_line_is_a_key() {
        let rows = read("AB12\n\n  \nCD,34\n").unwrap();
        let keys: Vec<_> = rows
            .iter()
            .map(|row| (row.line, row.key.as_str()))
            .collect();
        assert_eq!(keys, [(1, "AB12"), (4, "CD,34")]);
    }

    #[test]
    fn a_wrong_cell_is_told_with_its_line_and_without_the_key() {
        assert_eq!(
            read("key,daily_requests\nAB12,many\n").unwrap_err(),
            "line 2: `daily_requests` is no number"
        );
        assert_eq!(
            read("key,expiration_date\nAB12,soon\n").unwrap_err(),
            "line 2: `expiration_date` is no date"
        );
        assert_eq!(
            read("key,comment\nAB12,\"open\n").unwrap_err(),
            "line 2: a quotation mark is not closed"
        );
    }
}
