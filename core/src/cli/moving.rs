//! What moving in and out have in common: a house with all modules, and reports.

use super::failure::Failure;
use super::shown;
use crate::app::House;
use crate::logging::Logging;
use crate::moving::MovingError;
use crate::moving::report::{Line, Reason, Report};
use crate::settings::{Log, Settings};

/// A house with every module of the site, for as long as `work` lasts. One that does not start would leave its records
/// behind, so that nothing is begun without it.
pub(super) fn with_house<T>(
    settings: Settings,
    work: impl FnOnce(&House) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let _logging = Logging::start(&Log {
        level: "warn".to_owned(),
        ..settings.log.clone()
    });
    let house = House::open(settings, std::env::current_exe().ok()).map_err(Failure::refused)?;
    let failed = house.load_modules();
    let result = match failed.as_slice() {
        [] => work(&house),
        failed => Err(Failure::Refused(failed.join("\nloggia: "))),
    };
    house.close();
    result
}

/// A report for people.
pub(super) fn shown(report: &Report) -> String {
    let plain = |line: &Line| Line {
        reasons: Vec::new(),
        ..line.clone()
    };
    let numbers: Vec<Line> = report.tables.iter().map(plain).collect();
    let mut lines = vec![shown::rows_of(&numbers)];
    for line in &report.tables {
        let reasons = line.reasons.iter().map(|reason| told(&line.table, reason));
        lines.extend(reasons);
    }
    lines.extend(report.notes.iter().cloned());
    lines.join("\n")
}

fn told(table: &str, reason: &Reason) -> String {
    let mut ids: Vec<String> = reason.ids.iter().map(i64::to_string).collect();
    if u64::try_from(ids.len()).unwrap_or_default() < reason.records {
        ids.push("...".to_owned());
    }
    format!(
        "{table}: {} {} ({})",
        reason.records,
        reason.why,
        ids.join(", ")
    )
}

impl From<MovingError> for Failure {
    fn from(error: MovingError) -> Self {
        Self::Refused(error.to_string())
    }
}
