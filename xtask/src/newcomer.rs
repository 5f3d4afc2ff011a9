//! What an author of a module does first: `loggia module new`, its tests, and the library in a running site.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::site::Site;
use crate::step::{cargo, output, run};
use crate::tree;

/// A name that has to be spelled otherwise as a type.
const NAME: &str = "web_shop";

/// Makes a module with a release tree's binary, without any network, and has a demo site serve it.
pub(crate) fn check(tree: &Path) -> Result<()> {
    let place = tree::target().join("newcomer");
    tree::remove_folder(&place)?;
    tree::make_folder(&place)?;
    let module = place.join(NAME);
    let made = output(
        Command::new(tree.join("bin/loggia"))
            .args(["module", "new", NAME, "--json", "--folder"])
            .arg(&module),
    )?;
    println!("    {}", made.trim());
    // Kept from one run to the next: its dependencies are those of the lock file that came along.
    let built = tree::target().join("newcomer-target");
    for chore in ["test", "build"] {
        let mut command = cargo(&[chore, "--offline", "--quiet"]);
        run(command.current_dir(&module).env("CARGO_TARGET_DIR", &built))?;
    }
    let library = built.join(format!("debug/libloggia_module_{NAME}.so"));
    run(Command::new(tree.join("bin/loggia"))
        .args(["module", "check"])
        .arg(&library))?;
    serve(tree, &place, &library)?;
    tree::remove_folder(&place)
}

/// Puts the library beside Loggia's own modules and asks it, before and after a swap.
fn serve(tree: &Path, place: &Path, library: &Path) -> Result<()> {
    let folder = place.join("site");
    drop(Site::start(tree, &folder, None)?);
    let modules = folder.join("modules");
    tree::copy_folder(&tree.join("lib/loggia/modules"), &modules)?;
    tree::copy_file(library, &modules.join(format!("{NAME}.so")))?;
    let settings = folder.join("endpoints.toml");
    let text = tree::read(&settings)? + "\n[modules]\nfolders = [\"modules\"]\n";
    tree::write(&settings, text.as_bytes())?;
    let site = Site::start(tree, &folder, None)?;
    greets(&site)?;
    site.operator(&["module", "reload", NAME])?;
    greets(&site)
}

fn greets(site: &Site) -> Result<()> {
    let url = site.endpoint("free")? + &format!("/get/{NAME}/hello?name=Ada");
    let answer = Request::get(&url).once()?;
    let greeting: Value = serde_json::from_str(&answer).unwrap_or_default();
    if greeting["greeting"] == "Hello, Ada!" {
        return Ok(());
    }
    Err(Fault::new(format!("{url}: {answer}")))
}
