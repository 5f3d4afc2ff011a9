//! Tokens out of a file: CSV with a line of names, or an object a line.

use std::io::{BufRead, BufReader};

use loggia_push::{Application, Platform};
use loggia_sdk::prelude::*;
use serde_json::{Map, Value};

use super::batch::{Given, enter};
use crate::{Push, named};

/// So many devices are entered with one transaction.
const BATCH: usize = 1000;
/// So many lines that were refused are named.
const MOST_NAMED: usize = 100;

/// What some programs write before a text in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Parameters of `post/import`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Import {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// The file: CSV whose first line names `token`, `platform` and perhaps `user_id`, `user`, `language`, `time_zone`,
    /// `app_version`, `topics` (separated by blanks); or a JSON object with these members in each line.
    file: Upload,
    /// The platform of lines that do not name one.
    platform: Option<Platform>,
}

/// What became of the lines.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Imported {
    /// So many devices were registered.
    registered: usize,
    /// So many lines were not taken.
    refused: usize,
    /// The first hundred of those.
    errors: Vec<LineError>,
}

/// A line that was not taken.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LineError {
    /// The number of the line, from 1.
    line: u64,
    /// The rule that it broke.
    error: String,
}

/// Registers the devices of a file. Lines that are good are taken whatever the others are.
pub(crate) fn post(_push: &Push, call: &Call<'_>, given: Import) -> Result<Imported, Fault> {
    let file = call.host().files()?.open(&given.file.0)?;
    let application = named::application(&mut call.database()?, &given.app)?;
    let mut intake = Intake {
        call,
        application,
        platform: given.platform,
        batch: Vec::new(),
        imported: Imported::default(),
    };
    let mut reader = BufReader::new(file);
    // Some programs write a mark before UTF-8. It is no text.
    if reader
        .fill_buf()
        .map_err(Fault::internal)?
        .starts_with(MARK)
    {
        reader.consume(MARK.len());
    }
    let is_csv = reader
        .fill_buf()
        .map_err(Fault::internal)?
        .trim_ascii_start()
        .first()
        != Some(&b'{');
    if is_csv {
        intake.csv(reader)?;
    } else {
        intake.lines(reader)?;
    }
    intake.flush()?;
    Ok(intake.imported)
}

struct Intake<'c> {
    call: &'c Call<'c>,
    application: Application,
    platform: Option<Platform>,
    batch: Vec<(Given, Platform)>,
    imported: Imported,
}

impl Intake<'_> {
    fn lines(&mut self, reader: impl BufRead) -> Result<(), Fault> {
        for (line, number) in reader.split(b'\n').zip(1..) {
            let line = line.map_err(Fault::internal)?;
            let Ok(line) = std::str::from_utf8(&line) else {
                self.refuse(number, "must be UTF-8".to_owned());
                continue;
            };
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str(line) {
                Ok(members) => self.take(number, members)?,
                Err(_) => self.refuse(number, "must be a JSON object".to_owned()),
            }
        }
        Ok(())
    }

    fn csv(&mut self, reader: impl BufRead) -> Result<(), Fault> {
        let mut table = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(reader);
        let unreadable =
            |_| Fault::parameter("file", "must be CSV in UTF-8, or a JSON object a line");
        let names: Vec<String> = table
            .headers()
            .map_err(unreadable)?
            .iter()
            .map(str::to_lowercase)
            .collect();
        if names.iter().all(|name| name != "token") {
            return Err(Fault::parameter(
                "file",
                "the first line must name a column token, with commas between the names",
            ));
        }
        let mut row = csv::ByteRecord::new();
        while table.read_byte_record(&mut row).map_err(unreadable)? {
            let line = row.position().map_or(0, csv::Position::line);
            match cells(&names, &row) {
                Ok(members) => self.take(line, members)?,
                Err(rule) => self.refuse(line, rule.to_owned()),
            }
        }
        Ok(())
    }

    fn take(&mut self, line: u64, mut members: Map<String, Value>) -> Result<(), Fault> {
        if let Some(platform) = self.platform {
            members
                .entry("platform")
                .or_insert_with(|| platform.word().into());
        }
        match Given::read(Value::Object(members)).and_then(Given::checked) {
            Ok(one) => self.batch.push(one),
            Err(rule) => self.refuse(line, rule),
        }
        if self.batch.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn refuse(&mut self, line: u64, error: String) {
        self.imported.refused += 1;
        if self.imported.errors.len() < MOST_NAMED {
            self.imported.errors.push(LineError { line, error });
        }
    }

    /// Enters what has been read. The connection goes back between batches, so that others write too.
    fn flush(&mut self) -> Result<(), Fault> {
        let now_ms = self.call.host().clock().now_ms();
        let connection = &mut self.call.database_for_writing()?;
        let (application, batch) = (&self.application, &self.batch);
        connection.transaction(|connection| enter(connection, application, batch, now_ms))?;
        self.imported.registered += self.batch.len();
        self.batch.clear();
        Ok(())
    }
}

/// The cells of a line that are not empty, as members.
fn cells(names: &[String], row: &csv::ByteRecord) -> Result<Map<String, Value>, &'static str> {
    let mut members = Map::new();
    for (at, cell) in row.iter().enumerate() {
        let cell = std::str::from_utf8(cell).map_err(|_| "must be UTF-8")?;
        if cell.is_empty() {
            continue;
        }
        let name = names.get(at);
        let name = name.ok_or("has more cells than the first line has names")?;
        members.insert(name.clone(), member(name, cell));
    }
    Ok(members)
}

/// A cell as the member that it is.
fn member(name: &str, cell: &str) -> Value {
    match name {
        "user_id" => cell
            .parse::<i64>()
            .map_or_else(|_| cell.into(), Value::from),
        "topics" => cell.split_whitespace().map(Value::from).collect(),
        _ => cell.into(),
    }
}
