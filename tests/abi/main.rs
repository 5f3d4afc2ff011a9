//! The boundary between host and module, seen from C.

mod check;
mod contained;
mod example;
mod header;
mod layout;
mod migrations;
mod swap;
