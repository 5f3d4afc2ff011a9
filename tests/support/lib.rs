//! What the suites share: compiling C, running the built product, asking it over HTTP.

pub mod cc;
pub mod client;
pub mod events;
pub mod evidence;
pub mod nats;
pub mod png;
pub mod product;
pub mod server;
pub mod site;
pub mod wait;

use std::path::{Path, PathBuf};

/// The top of the source tree.
pub fn source_tree() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

/// How many rounds a test that goes in rounds makes: `short` ones in an ordinary run; in a soak, where
/// `LOGGIA_ROUNDS` is `long`, the number the product is held to; or the number that the variable says.
pub fn rounds(short: u32, long: u32) -> u32 {
    match std::env::var("LOGGIA_ROUNDS").as_deref() {
        Ok("long") => long,
        Ok(number) => number.parse().unwrap_or(short),
        Err(_) => short,
    }
}
