//! Modules reach the database through the host: two copies of SQLite in one process would corrupt its files.

use std::path::Path;
use std::process::Command;

use crate::dist;
use crate::fault::{Fault, Result};
use crate::step::output;
use crate::tree;

/// What the names of SQLite's and libpq's functions begin with.
const FORBIDDEN: [&str; 3] = ["sqlite3_", "PQconnect", "PQexec"];

/// Looks into every module of a release tree, at what it defines and at what it wants from elsewhere.
pub(crate) fn check(tree: &Path) -> Result<()> {
    for library in dist::libraries(tree)? {
        let mut symbols = output(Command::new("nm").arg(&library))?;
        symbols += &output(Command::new("nm").arg("--dynamic").arg(&library))?;
        let found = symbols
            .split_whitespace()
            .find(|symbol| FORBIDDEN.iter().any(|start| symbol.starts_with(start)));
        if let Some(symbol) = found {
            let library = library.display();
            return Err(Fault::new(format!(
                "{library} has {symbol}: a module links no database"
            )));
        }
        println!("    {}: clean", tree::name(&library));
    }
    Ok(())
}
