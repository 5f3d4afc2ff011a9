//! Modules: shared libraries that are loaded, called and replaced while the server serves.

pub mod binding;
pub mod descriptor;
mod elf;
pub mod instance;
pub mod journal;
pub mod lane;
pub mod library;
mod patience;
pub mod probe;
pub mod reaper;
pub mod registry;
pub mod reply;
pub mod resident;
