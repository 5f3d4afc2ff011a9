//! Moving in and out: a Joomla site on a real MariaDB, and another Loggia.

mod database;
mod decisions;
mod extensions;
mod files;
mod fixture;
mod lines;
mod moved;
mod orphans;
mod push;
mod replay;
mod site;
mod sources;
