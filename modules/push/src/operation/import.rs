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
        for (line, number) in reader.lines().zip(1..) {
            let line = line.map_err(|_| Fault::parameter("file", "must be UTF-8"))?;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str(&line) {
                Ok(members) => self.take(number, members)?,
                Err(error) => self.refuse(number, error.to_string()),
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
        let names = table.headers().map_err(unreadable)?.clone();
        if names.iter().all(|name| name != "token") {
            return Err(Fault::parameter(
                "file",
                "the first line must name a column token",
            ));
        }
        let mut row = csv::StringRecord::new();
        while table.read_record(&mut row).map_err(unreadable)? {
            let line = row.position().map_or(0, csv::Position::line);
            let cells = names.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
            let members = cells.map(|(name, cell)| (name.to_owned(), member(name, cell)));
            self.take(line, members.collect())?;
        }
        Ok(())
    }

    fn take(&mut self, line: u64, mut members: Map<String, Value>) -> Result<(), Fault> {
        if let Some(platform) = self.platform {
            members
                .entry("platform")
                .or_insert_with(|| platform.word().into());
        }
        let read = serde_json::from_value::<Given>(Value::Object(members));
        match read
            .map_err(|error| error.to_string())
            .and_then(Given::checked)
        {
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
