//! Records as NDJSON: a JSON object a line, `{"module":"content","kind":"article","record":{...}}`, the same for the
//! host and all modules. Kinds stand behind those that they name, so that a file can be taken from top to bottom.

use std::io::{BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use super::keeper::{Keeper, Kind};
use super::merge::BATCH;
use super::record::{Record, id_of};
use super::report::{Line, Report, Tally};
use super::{MovingError, Outcome};

/// The longest line that is read.
const LONGEST_LINE_BYTES: u64 = 64 * 1024 * 1024;
/// What waits to be written is no longer than this and one line.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// The most records that wait for a second try.
const SECOND_TRIES: usize = 10_000;

/// Which records leave.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Only those of these modules; empty is all. The host is `core`.
    pub modules: Vec<String>,
    /// Hashes of passwords and keys too.
    pub with_secrets: bool,
}

#[derive(Serialize)]
struct Written<'a> {
    module: &'a str,
    kind: &'a str,
    record: &'a Record,
}

#[derive(Deserialize)]
struct Given {
    module: String,
    kind: String,
    record: Record,
}

/// Writes records as lines. `step` is told how many.
pub fn export(
    keepers: &[Box<dyn Keeper + '_>],
    chosen: &Chosen,
    out: &mut dyn Write,
    step: &mut dyn FnMut(&str, u64),
) -> Outcome<Report> {
    let mut report = Report::default();
    let names: Vec<&str> = keepers.iter().map(|keeper| keeper.name()).collect();
    if let Some(unknown) = chosen
        .modules
        .iter()
        .find(|name| !names.contains(&name.as_str()))
    {
        let known = names.join(", ");
        return Err(MovingError::new(format!(
            "nobody keeps records as `{unknown}`; there are {known}"
        )));
    }
    let wanted = |keeper: &dyn Keeper| {
        chosen.modules.is_empty() || chosen.modules.iter().any(|name| name == keeper.name())
    };
    for keeper in keepers.iter().filter(|keeper| wanted(keeper.as_ref())) {
        for kind in keeper.kinds()? {
            if kind.is_secret && !chosen.with_secrets {
                let text = format!(
                    "{} {} stay here without --with-secrets",
                    keeper.name(),
                    kind.name
                );
                report.notes.push(text);
                continue;
            }
            report
                .tables
                .push(export_kind(keeper.as_ref(), &kind, out, step)?);
        }
    }
    out.flush().map_err(MovingError::of("the lines"))?;
    Ok(report)
}

fn export_kind(
    keeper: &dyn Keeper,
    kind: &Kind,
    out: &mut dyn Write,
    step: &mut dyn FnMut(&str, u64),
) -> Outcome<Line> {
    let mut line = Tally::new(&kind.name, keeper.name(), &kind.name).finish();
    let mut after = Some(0);
    while let Some(place) = after {
        let page = keeper.page(&kind.name, place, BATCH)?;
        for record in &page.records {
            let written = Written {
                module: keeper.name(),
                kind: &kind.name,
                record,
            };
            serde_json::to_writer(&mut *out, &written).map_err(MovingError::of("the lines"))?;
            out.write_all(b"\n").map_err(MovingError::of("the lines"))?;
        }
        let count = u64::try_from(page.records.len()).unwrap_or_default();
        line.taken += count;
        step(&kind.name, count);
        after = page.next;
    }
    Ok(line)
}

/// Takes the records of lines. A line that cannot be read ends it; what came before it stays. `step` is told how many
/// bytes were read.
pub fn import(
    keepers: &[Box<dyn Keeper + '_>],
    input: &mut dyn BufRead,
    step: &mut dyn FnMut(&str, u64),
) -> Outcome<Report> {
    let mut taking = Taking {
        keepers,
        report: Report::default(),
        kind: None,
    };
    let (mut line, mut number) = (Vec::new(), 0_u64);
    loop {
        line.clear();
        let read = (&mut *input)
            .take(LONGEST_LINE_BYTES)
            .read_until(b'\n', &mut line);
        let read = read.map_err(MovingError::of("the lines"))?;
        if read == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let given: Given = serde_json::from_slice(&line).map_err(|error| {
            MovingError::new(format!("line {number} is none of this format: {error}"))
        })?;
        taking
            .take(given, read)
            .map_err(|error| MovingError::new(format!("line {number}: {error}")))?;
        step(taking.name(), u64::try_from(read).unwrap_or_default());
    }
    taking.end_kind()?;
    Ok(taking.report)
}

struct Taking<'k, 'h> {
    keepers: &'k [Box<dyn Keeper + 'h>],
    report: Report,
    kind: Option<Current<'k, 'h>>,
}

/// The kind whose lines come now.
struct Current<'k, 'h> {
    keeper: &'k (dyn Keeper + 'h),
    kind: String,
    waiting: Vec<Record>,
    bytes: usize,
    again: Vec<Record>,
    tally: Tally,
}

impl<'k, 'h> Taking<'k, 'h> {
    fn name(&self) -> &str {
        self.kind.as_ref().map_or("", |current| &current.kind)
    }

    fn take(&mut self, given: Given, bytes: usize) -> Outcome<()> {
        let goes_on = self.kind.as_ref().is_some_and(|current| {
            current.kind == given.kind && current.keeper.name() == given.module
        });
        if !goes_on {
            self.end_kind()?;
            self.kind = Some(self.begin_kind(&given)?);
        }
        let Some(current) = &mut self.kind else {
            return Ok(());
        };
        current.waiting.push(given.record);
        current.bytes += bytes;
        if current.waiting.len() >= BATCH || current.bytes >= BATCH_BYTES {
            current.write(true)?;
        }
        Ok(())
    }

    fn begin_kind(&self, given: &Given) -> Outcome<Current<'k, 'h>> {
        let keeper = self
            .keepers
            .iter()
            .find(|keeper| keeper.name() == given.module);
        let keeper = keeper.ok_or_else(|| {
            MovingError::new(format!(
                "no module `{}` that takes records is here",
                given.module
            ))
        })?;
        let kinds = keeper.kinds()?;
        if !kinds.iter().any(|kind| kind.name == given.kind) {
            let names: Vec<String> = kinds.into_iter().map(|kind| kind.name).collect();
            let text = format!(
                "{} takes {}, not `{}`",
                given.module,
                names.join(", "),
                given.kind
            );
            return Err(MovingError::new(text));
        }
        Ok(Current {
            keeper: keeper.as_ref(),
            kind: given.kind.clone(),
            waiting: Vec::new(),
            bytes: 0,
            again: Vec::new(),
            tally: Tally::new(&given.kind, &given.module, &given.kind),
        })
    }

    fn end_kind(&mut self) -> Outcome<()> {
        let Some(mut current) = self.kind.take() else {
            return Ok(());
        };
        current.write(true)?;
        // What was refused may have named something that came later.
        let again = std::mem::take(&mut current.again);
        for some in again.chunks(BATCH) {
            current.waiting = some.to_vec();
            current.write(false)?;
        }
        self.report.tables.push(current.tally.finish());
        Ok(())
    }
}

impl Current<'_, '_> {
    fn write(&mut self, again: bool) -> Outcome<()> {
        let records = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if records.is_empty() {
            return Ok(());
        }
        let outcome = self.keeper.put(&self.kind, &records)?;
        self.tally.line.taken += outcome.taken;
        for refused in outcome.refused {
            let id = refused.id.as_i64();
            let record = records
                .iter()
                .find(|record| id.is_some() && id_of(record) == id);
            match record.filter(|_| again && self.again.len() < SECOND_TRIES) {
                Some(record) => self.again.push(record.clone()),
                None => self.tally.skip(id.unwrap_or(0), &refused.why),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::json;

    use super::*;
    use crate::moving::keeper::{Page, Put, Refused};

    /// Keeps shelves, each of which stands on another that must be there.
    #[derive(Default)]
    struct Shelves(RefCell<Vec<Record>>);

    impl Keeper for Shelves {
        fn name(&self) -> &'static str {
            "shelves"
        }

        fn kinds(&self) -> Outcome<Vec<Kind>> {
            let kind = |name: &str, is_secret| Kind {
                name: name.to_owned(),
                is_secret,
            };
            Ok(vec![kind("shelf", false), kind("lock", true)])
        }

        fn page(&self, kind: &str, after: i64, limit: usize) -> Outcome<Page> {
            let mut records = self.0.borrow().clone();
            records.retain(|record| id_of(record).unwrap() > after);
            records.truncate(limit.min(2));
            if kind == "lock" {
                records.retain(|record| id_of(record) == Some(1));
            }
            Ok(Page {
                next: records.last().and_then(id_of),
                records,
            })
        }

        fn put(&self, _kind: &str, records: &[Record]) -> Outcome<Put> {
            let mut put = Put::default();
            for record in records {
                let on = record["on"].as_i64().unwrap();
                let stands = on == 0 || self.0.borrow().iter().any(|one| id_of(one) == Some(on));
                if stands {
                    self.0.borrow_mut().push(record.clone());
                    put.taken += 1;
                } else {
                    let id = record["id"].clone();
                    let why = "it stands on nothing".to_owned();
                    put.refused.push(Refused { id, why });
                }
            }
            Ok(put)
        }

        fn delete(&self, _kind: &str, _ids: &[i64]) -> Outcome<Option<u64>> {
            Ok(None)
        }
    }

    fn taken(text: &str) -> Outcome<(Report, Vec<Box<dyn Keeper>>)> {
        let keepers: Vec<Box<dyn Keeper>> = vec![Box::<Shelves>::default()];
        let report = import(&keepers, &mut text.as_bytes(), &mut |_, _| {})?;
        Ok((report, keepers))
    }

    fn given(keepers: &[Box<dyn Keeper + '_>], with_secrets: bool) -> String {
        let (mut out, modules) = (Vec::new(), Vec::new());
        let chosen = Chosen {
            modules,
            with_secrets,
        };
        export(keepers, &chosen, &mut out, &mut |_, _| {}).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn line(id: i64, on: i64) -> String {
        json!({ "module": "shelves", "kind": "shelf", "record": { "id": id, "on": on } })
            .to_string()
    }

    #[test]
    fn what_leaves_can_come_in_again_and_secrets_stay_unless_they_are_asked_for() {
        let lines = [line(1, 0), line(2, 1), line(3, 2)].join("\n") + "\n";
        let (report, keepers) = taken(&lines).unwrap();
        assert_eq!(report.tables[0].taken, 3);
        assert_eq!(given(&keepers, false), lines);
        assert!(given(&keepers, true).contains("\"lock\""));
    }

    #[test]
    fn a_record_that_names_a_later_one_is_tried_again() {
        let (report, _) = taken(&[line(1, 2), line(2, 0), line(3, 9)].join("\n")).unwrap();
        assert_eq!((report.tables[0].taken, report.tables[0].skipped), (2, 1));
        assert_eq!(report.tables[0].reasons[0].ids, [3]);
    }

    #[test]
    fn a_line_that_cannot_be_taken_is_told_with_its_number() {
        let error = |text: &str| taken(text).err().unwrap().to_string();
        let text = format!("{}\n\n{{}}\n", line(1, 0));
        assert!(error(&text).starts_with("line 3 is none of this format"));
        let other = line(1, 0).replace("\"shelves\"", "\"menus\"");
        assert_eq!(
            error(&other),
            "line 1: no module `menus` that takes records is here"
        );
        let other = line(1, 0).replace("\"shelf\"", "\"door\"");
        assert_eq!(
            error(&other),
            "line 1: shelves takes shelf, lock, not `door`"
        );
    }
}
