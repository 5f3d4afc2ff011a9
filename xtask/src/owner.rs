//! Whose the database servers of a run are: a server refuses to run as root.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::fault::{Fault, Result};
use crate::step::output;
use crate::tree;

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The account that root lends a server.
pub(crate) struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    /// The account, where one is needed.
    pub(crate) fn needed() -> Result<Option<Self>> {
        is_root().then(Self::find).transpose()
    }

    fn find() -> Result<Self> {
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| {
                Some(Owner {
                    user: id("-u", name)?,
                    group: id("-g", name)?,
                })
            })
            .ok_or_else(|| Fault::new("no unprivileged account for a database server"))
    }
}

fn id(what: &str, name: &str) -> Option<u32> {
    let printed = output(Command::new("id").args([what, name])).ok()?;
    printed.trim().parse().ok()
}

/// A shell, run as the owner where there is one.
pub(crate) fn shell(owner: Option<&Owner>) -> Command {
    let mut command = Command::new("sh");
    command.current_dir("/");
    if let Some(owner) = owner {
        command.uid(owner.user).gid(owner.group);
    }
    command
}

/// A folder for a server: below `target/` where its owner can reach that, else where temporary files go.
pub(crate) fn place(server: &str, owner: Option<&Owner>) -> Result<PathBuf> {
    let own = format!("loggia-{server}-{}", std::process::id());
    let folders = [tree::target(), std::env::temp_dir()];
    folders
        .into_iter()
        .map(|folder| folder.join(&own))
        .find(|folder| {
            let mut attempt = shell(owner);
            attempt
                .args(["-c", r#"mkdir -m 700 "$1""#, "sh"])
                .arg(folder);
            output(&mut attempt).is_ok()
        })
        .ok_or_else(|| Fault::new("no folder in which the server's account may write"))
}
