//! Processor time, as the system has counted it so far, in seconds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Result};
use crate::tree;

const TICKS_PER_SECOND: f64 = 100.0;

/// Of one process with all its threads.
pub(crate) fn of_process(process: u32) -> Result<f64> {
    Ok(Stat::read(&PathBuf::from(format!("/proc/{process}/stat")))?.seconds)
}

/// Of those threads of a process whose names begin so; of threads that have ended nobody knows.
pub(crate) fn of_threads(process: u32, names: &[&str]) -> Result<f64> {
    let threads = tree::entries(&PathBuf::from(format!("/proc/{process}/task")))?;
    let stats = threads
        .iter()
        .map(|thread| Stat::read(&thread.join("stat")));
    // One that ends meanwhile has nothing to read any more.
    let named = stats
        .filter_map(Result::ok)
        .filter(|stat| names.iter().any(|name| stat.name.starts_with(name)));
    Ok(named.map(|stat| stat.seconds).sum())
}

/// Of a process and all below it, those that have ended included.
pub(crate) fn of_tree(process: u32) -> Result<f64> {
    let own = Stat::read(&PathBuf::from(format!("/proc/{process}/stat")))?;
    let mut sum = own.seconds + own.seconds_of_ended;
    let folders = fs::read_dir("/proc").map_err(Fault::file(Path::new("/proc")))?;
    let others = folders.flatten().filter_map(|entry| {
        let process = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let stat = Stat::read(&entry.path().join("stat")).ok()?;
        Some((process, stat.parent))
    });
    for (child, parent) in others.collect::<Vec<_>>() {
        if parent == process {
            sum += of_tree(child).unwrap_or(0.0);
        }
    }
    Ok(sum)
}

/// What a file `stat` below `/proc` says.
struct Stat {
    name: String,
    parent: u32,
    seconds: f64,
    /// Of the children that have ended.
    seconds_of_ended: f64,
}

impl Stat {
    fn read(file: &Path) -> Result<Self> {
        let text = tree::read(file)?;
        // The name stands in brackets and may hold blanks and brackets. Behind it are the state, the parent and, from the
        // twelfth on, the times: user and system, and both of the children that have ended.
        let strange = || Fault::new(format!("{}: {text}", file.display()));
        let (front, rest) = text.rsplit_once(')').ok_or_else(strange)?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let parent = fields.get(1).and_then(|field| field.parse().ok());
        let seconds = |at: usize| -> f64 {
            let ticks = fields.iter().skip(at).take(2);
            let ticks = ticks.filter_map(|field| field.parse::<f64>().ok());
            ticks.sum::<f64>() / TICKS_PER_SECOND
        };
        Ok(Stat {
            name: front
                .split_once('(')
                .map_or("", |(_, name)| name)
                .to_owned(),
            parent: parent.ok_or_else(strange)?,
            seconds: seconds(11),
            seconds_of_ended: seconds(13),
        })
    }
}
