//! No credential that the tests used is in anything that the product wrote while they ran.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Result};
use crate::tree;

/// Shorter ones are words that may stand in any log.
const SHORTEST: usize = 12;
/// So few mean that the tests left no evidence.
const FEWEST: usize = 50;

/// Credentials by how they begin.
type Credentials = HashMap<Vec<u8>, Vec<Vec<u8>>>;

/// An empty folder for the evidence.
pub(crate) fn folder() -> Result<PathBuf> {
    let folder = tree::target().join("evidence");
    tree::remove_folder(&folder)?;
    tree::make_folder(&folder)?;
    Ok(folder)
}

/// Looks for each credential in each log.
pub(crate) fn check(evidence: &Path) -> Result<()> {
    let (mut credentials, mut logs) = (HashSet::new(), Vec::new());
    for file in tree::entries(evidence)? {
        let bytes = std::fs::read(&file).map_err(Fault::file(&file))?;
        if tree::name(&file).starts_with("credentials") {
            let lines = bytes.split(|byte| *byte == b'\n');
            credentials.extend(
                lines
                    .filter(|one| one.len() >= SHORTEST)
                    .map(<[u8]>::to_vec),
            );
        } else {
            logs.push((file, bytes));
        }
    }
    let size_kb = logs.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() / 1024;
    let count = credentials.len();
    if count < FEWEST || size_kb == 0 {
        let text = format!("the tests left {count} credentials and {size_kb} kB of logs");
        return Err(Fault::new(text));
    }
    let credentials = by_beginning(credentials);
    for (file, bytes) in &logs {
        if let Some((credential, line)) = found(&credentials, bytes) {
            // The beginning says which it is; the rest is not said again.
            let begin = String::from_utf8_lossy(&credential[..SHORTEST / 2]);
            let file = file.display();
            let text = format!("{file}, line {line}, has the credential that begins {begin}");
            return Err(Fault::new(text));
        }
    }
    println!("    {count} credentials, none of them in {size_kb} kB of logs");
    Ok(())
}

fn by_beginning(credentials: HashSet<Vec<u8>>) -> Credentials {
    let mut sorted = Credentials::new();
    for credential in credentials {
        let begin = credential[..SHORTEST].to_vec();
        sorted.entry(begin).or_default().push(credential);
    }
    sorted
}

/// The first credential in a log, and its line.
fn found<'a>(credentials: &'a Credentials, log: &[u8]) -> Option<(&'a [u8], usize)> {
    let places = log.windows(SHORTEST).enumerate();
    places.into_iter().find_map(|(place, begin)| {
        let candidates = credentials.get(begin)?;
        let credential = candidates
            .iter()
            .find(|one| log[place..].starts_with(one))?;
        let line = log[..place].split(|byte| *byte == b'\n').count();
        Some((credential.as_slice(), line))
    })
}
