//! `loggia module new`: a crate that builds, passes its test and can be loaded at once.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::site::Answer;

/// The files of a new crate; `@NAME@`, `@TYPE@` and `@SDK@` are filled in.
const TEMPLATE: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("template/Cargo.toml.template")),
    ("src/lib.rs", include_str!("template/lib.rs.template")),
    ("tests/calls.rs", include_str!("template/calls.rs.template")),
    ("README.md", include_str!("template/README.md.template")),
    (".gitignore", "/target\n"),
];

/// Names that mean something else in requests or to the compiler.
const RESERVED: [&str; 4] = ["get", "post", "put", "delete"];

/// Makes the crate of a new module.
#[derive(Args)]
#[command(after_help = "Example: loggia module new shop && cd shop && cargo test")]
pub(super) struct New {
    /// The module's name, as requests will say it.
    name: String,
    /// The folder of the crate [default: ./NAME].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The sources of the SDK [default: those of this installation].
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
    #[command(flatten)]
    answer: Answer,
}

#[derive(Serialize)]
struct Facts {
    name: String,
    folder: PathBuf,
    files: Vec<PathBuf>,
    library: PathBuf,
}

impl New {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        check_name(&self.name)?;
        let sdk = match self.sdk {
            Some(folder) => sources_in(&folder),
            None => installed_sources(),
        };
        let sdk = sdk.ok_or_else(|| {
            let text = "the sources of the SDK are not here; name their folder by --sdk DIR";
            Failure::Refused(text.to_owned())
        })?;
        let folder = self.folder.unwrap_or_else(|| PathBuf::from(&self.name));
        let files = write(&self.name, &folder, &sdk)?;
        let library = folder.join(format!("target/debug/libloggia_module_{}.so", self.name));
        let facts = Facts {
            name: self.name,
            folder,
            files,
            library,
        };
        output.facts(self.answer.json, &facts, |facts| {
            let (name, folder, library) = (&facts.name, facts.folder.display(), facts.library.display());
            format!(
                "The module {name} is in {folder}. Next:\n  cd {folder} && cargo test && cargo build; cd -\n  \
                 loggia module check {library}\n  cp {library} MODULES/{name}.so   # a folder of [modules] folders\n  \
                 loggia reload --config endpoints.toml"
            )
        })
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let starts = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    if starts && name.bytes().all(plain) && name.len() <= 30 && !RESERVED.contains(&name) {
        return Ok(());
    }
    let rule = "a letter, then lower-case letters, digits and _, at most 30, none of get, post, put, delete";
    Err(Failure::Usage(format!(
        "no module can have the name `{name}`: {rule}"
    )))
}

/// The sources that came with this program: of an installation, or of the tree it was built in.
fn installed_sources() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.canonicalize().ok()?;
    let mut above = program.ancestors().skip(1);
    above.find_map(|folder| {
        sources_in(&folder.join("share/loggia/sdk")).or_else(|| sources_in(folder))
    })
}

/// The folder, if the SDK's sources are in it.
fn sources_in(folder: &Path) -> Option<PathBuf> {
    let there = ["sdk/rust", "sdk/testkit"]
        .iter()
        .all(|part| folder.join(part).join("Cargo.toml").exists());
    there.then(|| folder.canonicalize().ok()).flatten()
}

/// Writes the crate into a folder that is not there yet. The lock file of the SDK comes along, so that the
/// crate builds with the versions the SDK was tested with, and offline where those are at hand.
fn write(name: &str, folder: &Path, sdk: &Path) -> Result<Vec<PathBuf>, Failure> {
    if folder.exists() {
        return Err(Failure::Refused(format!(
            "{} is there already",
            folder.display()
        )));
    }
    for part in ["src", "tests"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let mut files = Vec::new();
    for (file, template) in TEMPLATE {
        let text = template
            .replace("@NAME@", name)
            .replace("@TYPE@", &type_name(name))
            .replace("@SDK@", &sdk.display().to_string());
        fs::write(folder.join(file), text)?;
        files.push(folder.join(file));
    }
    let lock = sdk.join("Cargo.lock");
    if lock.exists() {
        fs::copy(lock, folder.join("Cargo.lock"))?;
        files.push(folder.join("Cargo.lock"));
    }
    Ok(files)
}

/// `web_shop` as `WebShop`.
fn type_name(name: &str) -> String {
    let capital = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_uppercase() + rest
    };
    name.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_request_could_say_is_refused() {
        for name in [
            "",
            "get",
            "Shop",
            "9lives",
            "a-b",
            "a234567890123456789012345678901",
        ] {
            assert!(matches!(check_name(name), Err(Failure::Usage(_))), "@NAME@");
        }
        assert!(check_name("web_shop2").is_ok());
        assert_eq!(type_name("web_shop2"), "WebShop2");
    }

    #[test]
    fn a_folder_that_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write("shop", folder.path(), Path::new("/nowhere")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
